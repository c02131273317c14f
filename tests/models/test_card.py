"""What a product may say of its card, and what it may not."""

from __future__ import annotations

from typing import Any

import pytest

from solvent.binning import BinRules, Trend
from solvent.errors import DeclarationError
from solvent.models import Card


def test_what_is_said_of_a_feature_comes_on_top_of_the_rules() -> None:
    card = Card(
        rules={"age": BinRules(max_bins=3), "*": BinRules(max_bins=5)},
        special={"*": (-999.0,)}, trends={"ag*": "descending"}, merge={"age": ((20.0, 30.0),)},
    )  # fmt: skip
    found = card.rules_for("age")
    assert (found.max_bins, found.trend) == (3, Trend.DESCENDING)
    assert (found.special, found.merge) == ((-999.0,), ((20.0, 30.0),))
    assert card.rules_for("income").max_bins == 5


def test_a_declared_direction_is_a_trend_unless_a_trend_is_given() -> None:
    assert Card().rules_for("age", -1).trend is Trend.DESCENDING
    assert Card().rules_for("age", 1).trend is Trend.ASCENDING
    assert Card(trends={"age": "ascending"}).rules_for("age", 1).trend is Trend.ASCENDING


@pytest.mark.parametrize(
    ("said", "field", "words"),
    [
        ({"pdo": 0.0}, "card.pdo", "must be a number"),
        ({"base_odds": -1.0}, "card.base_odds", "above 0"),
        ({"most": 0}, "card.most", "out of range: 0"),
        ({"significance": 0.0}, "card.significance", "out of range"),
        ({"least_iv": -0.1}, "card.least_iv", "out of range"),
        ({"most_alike": 1.5}, "card.most_alike", "out of range"),
        ({"most_inflated": 1.0}, "card.most_inflated", "out of range"),
        ({"drop": "age"}, "card.drop", "several are expected"),
        ({"trends": {"age": "upwards"}}, "card.trends", "no trend of 'age'"),
        ({"drop": ("age",), "keep": ("age",)}, "card.keep", "dropped as well"),
        ({"drop": ("a*",), "keep": ("age",)}, "card.keep", "dropped as well"),
        ({"keep": ("a", "b"), "most": 1}, "card.keep", "most allows 1"),
        ({"edges": {"age": (30.0, 20.0)}}, "card.edges", "rise"),
        ({"edges": {"age": (30.0,)}, "groups": {"age": (("a",),)}}, "card.groups", "edges as well"),
        (
            {"edges": {"age": (25.0,)}, "merge": {"age": ((20.0, 30.0),)}},
            "card.merge", "an edge by hand parts",
        ),
        (
            {"groups": {"town": (("a",), ("b",))}, "merge": {"town": (("a", "b"),)}},
            "card.merge", "groups by hand part",
        ),
    ],
)  # fmt: skip
def test_what_contradicts_itself_is_refused_by_name(
    said: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(DeclarationError, match=words) as caught:
        Card(**said)
    assert caught.value.field == field


def test_a_trend_against_the_declared_direction_is_refused() -> None:
    with pytest.raises(DeclarationError, match="age is to be ascending, directions say descending"):
        Card(trends={"age": "ascending"}).rules_for("age", -1)


def test_a_pattern_that_matches_no_feature_is_refused() -> None:
    with pytest.raises(DeclarationError, match="'agee' matches no feature") as caught:
        Card(drop=("agee",)).require_known(["age", "income"])
    assert caught.value.field == "card.drop"
