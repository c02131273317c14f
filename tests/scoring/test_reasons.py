"""Reasons: what the model weighed adds up, speaks plainly, and at most four speak against."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.domain import Effect, Source
from solvent.errors import NoRowsError, ShapeError
from solvent.models import TrainedModel, technique_names, train_model
from solvent.models.scorers.card import CardModel
from solvent.progress import Silent
from solvent.scoring import (
    MOST_REASONS,
    effects,
    just_approved,
    principal,
    reference_mean,
    text_of,
)
from solvent.scoring.reasons import CLOSEST_SHARE, FEWEST
from tests.models.frames import applicants, customers

ROWS = 400
WEIGHTS = st.lists(
    st.tuples(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0), st.sampled_from("AB")), max_size=6
)


@pytest.fixture(scope="module", params=technique_names())
def trained(request: pytest.FixtureRequest) -> TrainedModel:
    frame, bad = applicants(ROWS, towns=20)
    return train_model(
        frame, bad, groups=customers(ROWS), technique=request.param, seed=1, progress=Silent()
    )


def _weigh(weights: list[tuple[float, float, str]]) -> tuple[Effect, ...]:
    names = [f"f{place}" for place in range(len(weights))]
    own = np.array([*(w[0] for w in weights), 0.7])
    mean = np.array([*(w[1] for w in weights), 0.7])
    texts = {name: w[2] for name, w in zip(names, weights, strict=True)}
    return effects(own, mean, names, texts)


def test_effects_sum_to_the_applicants_margin_less_the_groups_mean(trained: TrainedModel) -> None:
    fresh, _ = applicants(60, seed=2, towns=20)
    told, margin = trained.contributions(fresh), trained.margin(fresh)
    group = just_approved(trained.pd(fresh), 0.2)
    reference = reference_mean(told[group])
    texts = {name: "Income or age" if name in {"income", "age"} else name for name in fresh.names}
    expected = margin - margin[group].mean()
    for place in range(60):
        found = effects(told[place], reference, trained.features, texts)
        assert sum(one.effect for one in found) == pytest.approx(expected[place], rel=0, abs=1e-12)
        assert {name for one in found for name in one.features} == set(trained.features)
        assert "Income or age" in {one.text for one in found}


@given(WEIGHTS)
def test_features_of_one_text_are_one_effect_and_keep_their_order(
    weights: list[tuple[float, float, str]],
) -> None:
    found = {one.text: one for one in _weigh(weights)}
    assert set(found) == {text for *_, text in weights}
    for text, one in found.items():
        mine = [place for place, weight in enumerate(weights) if weight[2] == text]
        assert one.features == tuple(f"f{place}" for place in mine)
        exact = math.fsum(weights[place][0] - weights[place][1] for place in mine)
        assert one.effect == pytest.approx(exact, rel=0, abs=1e-12)


@given(st.lists(st.floats(-3.0, 3.0), max_size=9))
def test_the_strongest_against_comes_first_and_principal_reasons_all_speak_against(
    values: list[float],
) -> None:
    texts = {f"f{place}": f"Reason {place}" for place in range(len(values))}
    found = effects(np.array([*values, 0.0]), np.zeros(len(values) + 1), list(texts), texts)
    assert [one.effect for one in found] == sorted(values, reverse=True)
    reasons = principal(found)
    against = [one for one in found if one.effect > 0.0][:MOST_REASONS]
    assert [one.text for one in reasons] == [one.text for one in against]
    assert len(reasons) <= MOST_REASONS == 4
    for reason in reasons:
        assert reason.effect > 0.0
        assert reason.source is Source.MODEL
        assert reason.code == ""
    assert principal(found, most=1) == reasons[:1]


def test_equal_effects_are_told_in_the_order_of_their_words() -> None:
    texts = {"a": "Zeal", "b": "Age", "c": "Income"}
    found = effects(np.array([0.5, 0.5, 0.5, 0.0]), np.zeros(4), list(texts), texts)
    assert [one.text for one in found] == ["Age", "Income", "Zeal"]


@pytest.mark.parametrize(("own", "mean", "names"), [(3, 3, 3), (4, 3, 3), (3, 4, 3), (4, 4, 2)])
def test_lengths_that_do_not_match_are_refused(own: int, mean: int, names: int) -> None:
    features = ["a", "b", "c"][:names]
    with pytest.raises(ShapeError):
        effects(np.zeros(own), np.zeros(mean), features, dict.fromkeys(features, "A"))


# ---- the reference group


@given(
    st.lists(st.floats(0.01, 0.99).map(lambda pd: round(pd, 2)), min_size=1, max_size=900),
    st.floats(0.0, 1.0),
)
def test_those_just_approved_are_the_nearest_below_the_cutoff(
    pds: list[float], cutoff: float
) -> None:
    found = just_approved(np.array(pds), cutoff).tolist()
    size = max(round(CLOSEST_SHARE * len(pds)), FEWEST)
    approved = sorted(
        (place for place, pd in enumerate(pds) if pd < cutoff), key=lambda p: (-pds[p], p)
    )
    assert len(set(found)) == len(found) == min(size, len(approved) or len(pds))
    if approved:
        assert found == approved[:size]
    else:
        assert [pds[place] for place in found] == sorted(pds)[:size]


def test_a_tenth_of_all_are_compared_with_and_a_pd_at_the_cutoff_is_not_among_them() -> None:
    pd = np.arange(1, 1001) / 1000
    assert just_approved(pd, 0.5).tolist() == list(range(498, 398, -1))
    assert just_approved(pd, 0.01).tolist() == list(range(8, -1, -1))


def test_an_empty_group_has_no_mean() -> None:
    with pytest.raises(NoRowsError):
        reference_mean(np.empty((0, 3)))
    assert reference_mean(np.array([[1.0, 2.0], [3.0, 6.0]])).tolist() == [2.0, 4.0]


# ---- texts


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("income", "Your income"), ("income_share", "Shares"), ("top_ups_count_7d", "Top-ups"),
        ("topups", None), ("Income", None), ("a1", "Digits"), ("ab", None), ("", None),
    ],
)  # fmt: skip
def test_the_first_pattern_that_matches_gives_the_text(name: str, text: str | None) -> None:
    patterns = {
        "income": "Your income", "*_share": "Shares", "income*": "Never reached by income_share",
        "top_ups_*": "Top-ups", "a[0-9]": "Digits",
    }  # fmt: skip
    assert text_of(name, patterns) == text
    assert text_of(name, {}) is None


def test_a_pattern_for_everything_at_the_end_is_a_last_resort() -> None:
    patterns = {"income": "Your income", "*": "Something else"}
    assert (text_of("income", patterns), text_of("age", patterns)) == (
        "Your income",
        "Something else",
    )


# ---- scorecards


def test_on_a_scorecard_a_reason_is_the_points_lost_against_the_group() -> None:
    """Points of each bin, row by row, against the group's mean points: the effect in points."""
    frame, bad = applicants(ROWS, towns=20)
    trained = train_model(
        frame, bad, groups=customers(ROWS), technique="scorecard", seed=1, progress=Silent()
    )
    card = trained.model
    assert isinstance(card, CardModel)
    per_point = card.scale.pdo / math.log(2.0)
    some = frame.take(np.arange(40))
    points = np.array(
        [
            [-per_point * one.of_one(some.take(np.array([row]))[one.name]) for row in range(40)]
            for one in card.characteristics
        ]
    ).T
    group = np.arange(0, 40, 3)
    lost = points[group].mean(axis=0) - points
    told = card.contributions(some)
    reference = reference_mean(told[group])
    texts = {name: name for name in card.features}
    assert np.abs(lost).max() > 5.0
    for row in range(40):
        found = {
            one.text: one.effect for one in effects(told[row], reference, card.features, texts)
        }
        for place, name in enumerate(card.features):
            assert per_point * found[name] == pytest.approx(lost[row, place], abs=1e-9)
