"""Declarations survive the way through JSON, and a file can name nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.errors import BundleError
from solvent.features import (
    Csv,
    Database,
    Events,
    Excel,
    Expression,
    Feature,
    behaviour,
    from_json,
    money,
    to_json,
)
from solvent.features.codec import Json
from solvent.features.expressions import Type
from tests.features.wishes import expressions, wishes
from tests.features.worlds import APPLICATIONS, FACTS, LOG, World, fast, worlds


def _through_json(value: object) -> object:
    return from_json(json.loads(json.dumps(to_json(value))))


@given(st.sampled_from(list(Type)).flatmap(lambda kind: expressions(LOG, kind)))
@settings(max_examples=60)
def test_an_expression_comes_back_the_same(expression: Expression) -> None:
    """Written and read, an expression is equal in every part."""
    assert repr(_through_json(expression)) == repr(expression)


@given(wishes())
@settings(max_examples=40)
def test_features_come_back_the_same(features: list[Feature]) -> None:
    """Written and read, features are equal in every part, titles included."""
    assert repr(_through_json(features)) == repr(tuple(features))


@given(worlds(most=4), wishes(most=5))
@settings(max_examples=15)
def test_features_read_back_give_the_same_values(world: World, features: list[Feature]) -> None:
    """A bundle's program is the program that was trained."""
    back = _through_json(features)
    assert isinstance(back, tuple)
    assert fast(world, back) == fast(world, features)


@pytest.mark.parametrize("table", [LOG, FACTS, APPLICATIONS], ids=lambda table: table.name)
def test_a_table_comes_back_the_same(table: object) -> None:
    """Tables with every kind of column are equal after the way."""
    assert repr(_through_json(table)) == repr(table)
    assert repr(_through_json(behaviour(table))) == repr(behaviour(table))  # type: ignore[arg-type]


def test_a_column_may_be_called_is() -> None:
    """The word that marks a class is free as a column's name."""
    table = Events(
        name="e", files=("a", "b"), key="k", at="at", columns={"is": money()}, csv=Csv(decimal=",")
    )
    assert repr(_through_json(table)) == repr(table)


@pytest.mark.parametrize(
    "told",
    [
        {"is": "Popen", "args": ["true"]},
        {"is": "Table"},
        {"is": ["Column"]},
        {"is": "Column", "table": "log"},
        {"is": "Column", "table": "log", "name": "a", "declared": None, "more": 1},
        {"is": "ColumnType"},
        {"is": "ColumnType", "kind": "banknote"},
        {"is": "Aggregate", "name": "a", "title": "", "table": "log", "op": "median"},
    ],
)
def test_what_is_no_declaration_is_refused(told: Json) -> None:
    """An unknown class, a field too few or too many: the bundle does not load."""
    with pytest.raises(BundleError) as caught:
        from_json(told)
    assert caught.value.hint == "train again"


def test_only_declarations_are_written() -> None:
    """Anything else is a fault of ours, said at once."""
    with pytest.raises(TypeError, match="complex is no part of a declaration"):
        to_json({"a": 1j})


def test_where_a_table_lies_comes_back_and_holds_no_address() -> None:
    """A database is kept as the name of a variable, a sheet by its name; old files read on."""
    for table in (
        Events(name="log", key="k", at="t", database=Database(url_from="URL", table="a.b")),
        Events(name="log", key="k", at="t", database=Database(url_from="URL", sql="SELECT 1")),
        Events(
            name="log", files="s3://b/x.xlsx", key="k", at="t", excel=Excel(sheet="S", header=3)
        ),
    ):
        assert _through_json(table) == table
    old = to_json(Events(name="log", files="a.csv", key="k", at="t"))
    assert isinstance(old, dict)
    older = {name: part for name, part in old.items() if name not in {"excel", "database"}}
    assert from_json(older) == Events(name="log", files="a.csv", key="k", at="t")
