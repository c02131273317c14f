"""What a product may say of its card, and what it may not."""

from __future__ import annotations

from typing import Any

import pytest

from solvent.binning import BinRules, Home, Trend
from solvent.errors import DeclarationError
from solvent.models import Card
from solvent.models._card_hands import require_consistent, require_levels


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


def test_a_misspelt_feature_is_told_what_it_was_meant_to_be() -> None:
    with pytest.raises(DeclarationError, match="'incme' matches no feature") as caught:
        Card(edges={"incme": (1.0,)}).require_known(["age", "income"])
    assert (caught.value.field, caught.value.hint) == ("card.edges", "did you mean 'income'?")


def test_edges_by_hand_take_the_place_of_rules_for_many_and_not_of_rules_for_the_same() -> None:
    """What is said of "*" yields; what is said of the feature itself contradicts them."""
    wide = BinRules(max_bins=3, min_share=0.1, missing=Home.NEUTRAL)
    found = Card(rules={"*": wide}, edges={"age": (30.0, 40.0)}).rules_for("age")
    assert (found.edges, found.max_bins, found.missing) == ((30.0, 40.0), 8, Home.NEUTRAL)
    for pattern in ("age", "a*"):
        with pytest.raises(DeclarationError, match="edges by hand take its place") as caught:
            Card(rules={pattern: BinRules(max_bins=3)}, edges={pattern: (30.0,)})
        assert caught.value.field == "card.max_bins"
        assert f"of {pattern}" in caught.value.message
    with pytest.raises(DeclarationError, match="edges"):
        Card(rules={"*": BinRules(edges=(1.0,))}, groups={"town": (("a",),)})


NUMBERS = {"age": True, "aim": False, "income": True, "town": False}


@pytest.mark.parametrize(
    ("card", "field", "words"),
    [
        (Card(keep=("a*", "income"), most=2), "card.keep", "keep 3 features where most allows 2"),
        (Card(keep=("a*",), drop=("*ge",)), "card.keep", "'age' is to be dropped as well"),
        (Card(edges={"town": (1.0,)}), "card.edges", "town is a category"),
        (Card(edges={"a*": (1.0,)}), "card.edges", "aim is a category"),
        (Card(groups={"age": (("a",),)}), "card.groups", "age is a number"),
        (Card(trends={"town": "peak"}), "card.trends", "town is a category"),
        (Card(merge={"town": ((1.0, 2.0),)}), "card.merge", "town is a category"),
        (Card(merge={"age": (("a", "b"),)}), "card.merge", "age is a number"),
        (Card(special={"town": (-999.0,)}), "card.special", "town is a category"),
        (Card(special={"age": ("refused",)}), "card.special", "age is a number"),
        (Card(rules={"town": BinRules(trend=Trend.PEAK)}), "card.rules", "town is a category"),
        (Card(rules={"age": BinRules(groups=(("a",),))}), "card.rules", "age is a number"),
    ],
)
def test_what_does_not_fit_the_kinds_of_features_is_refused(
    card: Card, field: str, words: str
) -> None:
    with pytest.raises(DeclarationError, match=words) as caught:
        require_consistent(card, NUMBERS)
    assert caught.value.field == field
    assert caught.value.hint


def test_a_pattern_of_both_kinds_is_for_those_it_can_be_meant_for() -> None:
    require_consistent(
        Card(
            special={"*": (-999.0,), "town": ("refused", -1.0)}, trends={"a*": "ascending"},
            merge={"*": ((1.0, 2.0), ("x", "y"))}, keep=("a*",), drop=("town",), most=2,
            rules={"*": BinRules(trend=Trend.NONE)},
        ),
        NUMBERS,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("card", "field", "hint"),
    [
        (Card(groups={"town": (("rome",), ("oslo", "pari"))}), "card.groups", "mean 'paris'"),
        (Card(groups={"town": (("tokyo",),)}), "card.groups", "as in the data"),
        (Card(merge={"town": (("rome", "olso"),)}), "card.merge", "mean 'oslo'"),
        (Card(special={"town": ("refusd",)}), "card.special", "mean 'refused'"),
        (Card(rules={"town": BinRules(merge=(("rome", "olso"),))}), "card.rules", "mean 'oslo'"),
    ],
)
def test_a_label_that_nobody_has_is_refused_and_hinted(card: Card, field: str, hint: str) -> None:
    levels = ("rome", "oslo", "paris", "refused")
    with pytest.raises(DeclarationError, match="as its town") as caught:
        require_levels(card, "town", levels, card.rules_for("town"))
    assert caught.value.field == field
    assert hint in caught.value.hint


def test_a_state_that_has_not_occurred_and_a_merge_for_many_are_taken() -> None:
    card = Card(special={"town": ("deceased",)}, merge={"*": (("red", "pink"),)})
    require_levels(card, "town", ("rome", "oslo"), card.rules_for("town"))
