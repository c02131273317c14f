"""What is declared wrongly is refused at once, with the field and a hint."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import pytest

from solvent.errors import DataError, DeclarationError, ExpressionError
from solvent.features import (
    Applications,
    Attributes,
    Csv,
    Events,
    FeatureFrame,
    NumberColumn,
    Window,
    active_days,
    attribute,
    behaviour,
    category,
    count,
    days,
    distinct,
    hours,
    instant,
    last,
    maximum,
    mean,
    minimum,
    money,
    number,
    own,
    ratio,
    share,
    std,
    total,
)
from solvent.features.aggregates import Aggregate, Op
from solvent.features.expressions import Comparison, Literal
from solvent.features.program import compile_features, late_columns
from tests.features.worlds import APPLICATIONS, FACTS, LOG, SOURCES

AMOUNT, SCORE, CHANNEL, OK = LOG["amount"], LOG["score"], LOG["channel"], LOG["ok"]
CLOSED, DUE = LOG["closed"], LOG["due"]
MANY = Events(
    name="many", files="m.csv", key="k", at="at",
    columns={f"v{i}": number(known_at=f"t{i}") for i in range(4)}
    | {f"t{i}": instant() for i in range(4)},
)  # fmt: skip


def _events(**parts: object) -> Events:
    return Events(**({"name": "e", "files": "e.csv", "key": "k", "at": "at"} | parts))  # type: ignore[arg-type]


def _compile(*features: object) -> object:
    return compile_features(APPLICATIONS, SOURCES, features)  # type: ignore[arg-type]


def _sum_of_late(n: int) -> Aggregate:
    value = MANY["v0"]
    for i in range(1, n):
        value = value + MANY[f"v{i}"]
    return total(MANY, value)


DECLARED_WRONGLY: dict[str, tuple[Callable[[], object], str, str]] = {
    # what is wrong: (how it is declared, field, a word of the hint)
    "a scale of seven decimals": (lambda: money(scale=7), "scale", "0 to 6"),
    "a scale below nought": (lambda: money(scale=-1), "scale", "money(scale=2)"),
    "a window of nothing": (lambda: days(0), "over", "days(30)"),
    "a window after the application": (lambda: hours(-1), "over", "days(30)"),
    "a window of infinity": (lambda: days(math.inf), "over", "EVER"),
    "a window of NaN": (lambda: days(math.nan), "over", "EVER"),
    "a window before history": (lambda: Window(2**62), "over", "EVER"),
    "a number for a window": (lambda: count(LOG, over=30), "log.count", "days(30)"),  # type: ignore[arg-type]
    "a separator of two characters": (lambda: Csv(separator="::"), "separator", "\\t"),
    "no quote": (lambda: Csv(quote=""), "quote", ";"),
    "a decimal sign nobody uses": (lambda: Csv(decimal="'"), "decimal", '","'),
    "a table's name with a space": (lambda: _events(name="top ups"), "name", "underscores"),
    "a table's name that hides": (lambda: _events(name="_log"), "name", "letter"),
    "a table without a file": (lambda: _events(files=()), "e", "files="),
    "a table in no zone": (lambda: _events(zone="Mars/Base"), "zone", "Africa/Lagos"),
    "a column of no kind": (lambda: _events(columns={"a": "money"}), "e.a", "money()"),
    "known_at an undeclared column": (
        lambda: _events(columns={"a": money(known_at="b")}), "e.a", "instant()",
    ),
    "known_at a number": (
        lambda: _events(columns={"a": money(known_at="b"), "b": number()}), "e.a", "instant()",
    ),
    "known_at in a table of facts": (
        lambda: Attributes(name="f", files="f", key="k", columns={"a": money(known_at="b")}),
        "f.a", "instant()",
    ),
    "known_at in the applications": (
        lambda: Applications(
            name="p", files="p", key="k", id="i", columns={"a": money(known_at="b")}
        ),
        "p.a", "instant()",
    ),
    "relative weeks": (lambda: _events(relative="weeks"), "e", "days, months"),
    "an undeclared column": (lambda: LOG["amuont"], "log", "amount"),
    "a column of a table without any": (lambda: _events()["a"], "e", "none"),
    "a sum of a category": (lambda: total(LOG, CHANNEL), "log", "distinct()"),
    "a mean of a time": (lambda: mean(LOG, DUE), "log", "number"),
    "a spread of a category": (lambda: std(LOG, CHANNEL), "log", "last()"),
    "the smallest of a time": (lambda: minimum(LOG, DUE), "log", "number"),
    "the largest of a category": (lambda: maximum(LOG, CHANNEL), "log", "number"),
    "a sum of a name": (lambda: total(LOG, "amount"), "log", 'source["amount"]'),  # type: ignore[arg-type]
    "a sum of nothing": (lambda: total(LOG, None), "log.sum", 'source["amount"]'),  # type: ignore[arg-type]
    "a share of nothing": (lambda: share(LOG, None), "log.share", "source"),  # type: ignore[arg-type]
    "a condition that is a number": (lambda: count(LOG, where=AMOUNT), "log.count", "> 10"),
    "a condition that is True": (lambda: count(LOG, where=True), "log", "source"),  # type: ignore[arg-type]
    "a condition of another table": (
        lambda: count(LOG, where=FACTS["member"]), "log", "columns of 'log'",
    ),
    "a value of another table": (lambda: last(LOG, FACTS["city"]), "log", "columns of 'log'"),
    "a fact of another table": (lambda: attribute(FACTS, AMOUNT), "facts", "'facts'"),
    "an own value of another table": (
        lambda: own(APPLICATIONS, AMOUNT), "applications", "'applications'",
    ),
    "a count of facts": (lambda: count(FACTS), "source", "attribute()"),  # type: ignore[arg-type]
    "a fact of events": (lambda: attribute(LOG, AMOUNT), "source", "Attributes"),  # type: ignore[arg-type]
    "active days in no zone": (lambda: active_days(LOG, zone="Mars"), "zone", "UTC"),
    "a ratio of a category": (
        lambda: ratio(last(LOG, CHANNEL), count(LOG)), "ratio", "plain numbers",
    ),
    "a ratio of a ratio": (
        lambda: ratio(count(LOG), ratio(count(LOG), count(LOG))), "ratio", "plain numbers",
    ),
    "a feature's name with a space": (lambda: count(LOG).called("a b"), "name", "underscores"),
    "behaviour of a word": (lambda: behaviour("log"), "source", "behaviour("),  # type: ignore[arg-type]
    "behaviour of an undeclared column": (lambda: behaviour(LOG, only=["x"]), "log", "amount"),
    "behaviour over no days": (lambda: behaviour(LOG, over=(0,)), "over", "days(30)"),
    "one name twice": (
        lambda: _compile(count(LOG), count(LOG)), "features", "called(",
    ),
    "a ratio's part named like another feature": (
        lambda: _compile(
            count(LOG).called("x"), ratio(total(LOG, AMOUNT).called("x"), count(LOG))
        ),
        "features", "called(",
    ),
    "a feature of an undeclared source": (
        lambda: compile_features(APPLICATIONS, [FACTS], [count(LOG)]), "log", "facts",
    ),
    "a feature where no source is declared": (
        lambda: compile_features(APPLICATIONS, [], [count(LOG)]), "log", "none",
    ),
    "a source no feature reads": (
        lambda: compile_features(APPLICATIONS, SOURCES, []).source("log"), "log", "",
    ),
    "four late columns in one expression": (
        lambda: compile_features(APPLICATIONS, [MANY], [_sum_of_late(4)]), "many", "at most 3",
    ),
    "an aggregate without its value": (
        lambda: _compile(Aggregate(name="a", title="", table="log", op=Op.SUM)), "a", "",
    ),
}  # fmt: skip

MIXED: dict[str, tuple[Callable[[], object], str, str]] = {
    "and instead of &": (lambda: (AMOUNT > 1) and OK, "amount_above_1", "&"),
    "not instead of ~": (lambda: not OK, "ok", "~"),
    "a chain of comparisons": (lambda: 1 < SCORE < 2, "score_above_1", "&"),
    "a time and a number": (lambda: DUE > 5, "due", "a time with a time"),
    "a category and a number": (lambda: CHANNEL == 5, "channel", "a category with a level"),
    "a number and a word": (lambda: AMOUNT == "app", "amount", "a number with a number"),
    "an order of levels": (lambda: CHANNEL < "app", "channel", "is_in("),
    "two categories": (lambda: LOG["reason"] == CHANNEL, "reason", "is_in("),
    "a flag and a number": (lambda: OK == 1, "ok", "a number with a number"),
    "a sum of a category and a number": (lambda: CHANNEL + 1, "channel", "numbers"),
    "a sum of times": (lambda: DUE + CLOSED, "due", "subtracted"),
    "a product with a flag": (lambda: AMOUNT * OK, "amount", "numbers"),
    "a word less a number": (lambda: "app" - AMOUNT, "app", "numbers"),  # type: ignore[operator]
    "a number in a condition": (lambda: OK & AMOUNT, "amount", "parentheses"),
    "not of a number": (lambda: ~AMOUNT, "amount", "parentheses"),
    "a comparison without parentheses": (lambda: OK & CHANNEL == "app", "channel", "parentheses"),
    "is_in of a number": (lambda: AMOUNT.is_in("1"), "amount", "is_in("),
    "is_in of nothing": (CHANNEL.is_in, "channel", "is_in("),
    "is_in of numbers": (lambda: CHANNEL.is_in(1), "channel", "is_in("),  # type: ignore[arg-type]
    "None in a comparison": (lambda: AMOUNT == None, "expression", "is_missing()"),  # noqa: E711
    "a set in a sum": (lambda: AMOUNT + {1}, "expression", "a column"),  # type: ignore[operator]
    "the hour of a number": (lambda: AMOUNT.hour("UTC"), "amount", "of a time"),
    "the day in no zone": (lambda: DUE.day("Moon"), "zone", "UTC"),
    "a whole number beyond exactness": (lambda: AMOUNT > 2**41, "literal", "2**40"),
    "NaN": (lambda: SCORE * math.nan, "literal", "finite"),
    "infinity": (lambda: SCORE * math.inf, "literal", "finite"),
}


@pytest.mark.parametrize("what", DECLARED_WRONGLY)
def test_a_wrong_declaration_is_refused_where_it_stands(what: str) -> None:
    """The error names the field and says what to write instead."""
    declare, field, hint = DECLARED_WRONGLY[what]
    with pytest.raises(DeclarationError) as caught:
        declare()
    assert caught.value.field == field
    assert hint in caught.value.hint


@pytest.mark.parametrize("what", MIXED)
def test_an_expression_of_two_kinds_is_refused_where_it_stands(what: str) -> None:
    """The error names the part at fault and says what mixes."""
    declare, field, hint = MIXED[what]
    with pytest.raises(ExpressionError) as caught:
        declare()
    assert caught.value.field == field
    assert hint in caught.value.hint


def test_three_late_columns_in_one_expression_are_fine() -> None:
    """Three is the limit, and the limit is allowed."""
    feature = _sum_of_late(3)
    assert feature.value is not None
    assert late_columns(feature.value) == ("t0", "t1", "t2")
    assert compile_features(APPLICATIONS, [MANY], [feature]).source("many").late == late_columns(
        feature.value
    )


def test_one_feature_may_stand_in_a_ratio_and_on_its_own() -> None:
    """The same value under the same name is no clash."""
    both = (count(LOG), ratio(count(LOG), distinct(LOG, CHANNEL)))
    compiled = compile_features(APPLICATIONS, SOURCES, both)
    assert [each.name for each in compiled.source("log").features] == [
        "log_count", "log_channel_distinct",
    ]  # fmt: skip


def test_own_columns_bring_the_time_from_which_they_are_known() -> None:
    """A feeder that reads what the program names can hide what was not known."""
    features = (own(APPLICATIONS, APPLICATIONS["answer"]), own(APPLICATIONS, APPLICATIONS["age"]))
    compiled = compile_features(APPLICATIONS, (), features)
    assert compiled.own_columns == ("answer", "answered", "age")
    parts = ratio(own(APPLICATIONS, APPLICATIONS["amount"]), count(LOG))
    assert compile_features(APPLICATIONS, SOURCES, [parts]).own_columns == ("amount",)


def test_a_constant_of_a_type_never_compared_is_refused_by_the_class_too() -> None:
    """The rule lives in the expression, not in the operator."""
    with pytest.raises(ExpressionError, match="two different things"):
        Comparison(op="==", left=DUE, right=Literal(value=True))


def test_a_frame_refuses_what_it_does_not_hold() -> None:
    """Columns of one length, asked for by names that exist."""
    import numpy as np

    column = NumberColumn(name="a", values=np.arange(3.0))
    frame = FeatureFrame(rows=3, columns=(column, replace(column, name="b")))
    with pytest.raises(DataError, match="3 rows, not 2"):
        FeatureFrame(rows=2, columns=(column,))
    with pytest.raises(DataError, match="no such feature"):
        frame["c"]
    with pytest.raises(DataError, match="missing"):
        frame.select(["a", "c"])
    assert frame.select(["b"]).names == ("b",)
    assert len(frame.take(np.array([True, False, True]))) == 2
    assert [c.values.tolist() for c in frame.take(np.array([2, 0]))] == [[2, 0], [2, 0]]  # type: ignore[union-attr]
    assert category().kind.is_exact is False
