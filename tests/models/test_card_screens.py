"""What keeps a feature off a card: each screen on its own, on either side of its threshold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solvent.binning import BinRules, Trend
from solvent.errors import DataError
from solvent.features import FeatureFrame
from solvent.models import Card
from solvent.models._card_choice import Limits, Parabola, grow, least_z, unlike
from solvent.models._card_draft import Draft, all_rules
from solvent.models.technique import Training
from solvent.models.techniques import scorecard
from solvent.models.techniques.scorecard import Sketch, worthiest
from tests.models.cards import book
from tests.models.frames import number

EIGHTH = np.arange(4000) % 8


def _parabola(weights: list[float], alike: float = 0.0) -> Parabola:
    """Weights with a standard error of 0.1 each; the first two candidates are alike."""
    k = len(weights)
    precision = np.eye(k + 1) * 100.0
    correlations = np.eye(k)
    correlations[0, 1] = correlations[1, 0] = alike
    return Parabola(
        precision=precision, pull=precision @ np.array([-2.0, *weights]), alike=correlations
    )


def _training(seed: int = 1) -> Training:
    frame, bad = book(4000, seed)
    return Training(frame=frame, bad=bad, groups=np.arange(4000), fold=np.arange(4000) % 5, seed=1)


def _sketch(training: Training, card: Card, held: int | None = None) -> Sketch:
    draft = Draft.of(training, all_rules(training.frame, card, {}))
    return Sketch.of(draft, card, held)


def _on(sketch: Sketch) -> set[str]:
    return {one.name for one in sketch.candidates}


@pytest.mark.parametrize(("z", "found"), [(2.4, {0, 1}), (2.6, {0})])
def test_a_candidate_short_of_significance_does_not_join(z: float, found: set[int]) -> None:
    """Its weight is 2.5 standard errors."""
    steps = grow(_parabola([0.9, 0.25]), Limits(most=9, z=z, inflated=10.0))
    assert set(steps[-1]) == found


def test_a_candidate_of_the_wrong_sign_does_not_join() -> None:
    steps = grow(_parabola([0.9, -0.8]), Limits(most=9, z=0.0, inflated=10.0))
    assert steps == ((), (0,))


@pytest.mark.parametrize(("inflated", "found"), [(5.2, {0, 2}), (5.3, {0, 1, 2})])
def test_a_candidate_that_inflates_a_variance_does_not_join(
    inflated: float, found: set[int]
) -> None:
    """Two that correlate by 0.9 have a variance inflation factor of 1 / (1 - 0.81) = 5.26."""
    steps = grow(_parabola([0.9, 0.8, 0.7], 0.9), Limits(most=9, z=0.0, inflated=inflated))
    assert set(steps[-1]) == found


def test_of_those_that_may_join_the_one_that_says_most_does() -> None:
    steps = grow(_parabola([0.5, 0.9, 0.7]), Limits(most=2, z=0.0, inflated=10.0))
    assert steps == ((), (1,), (1, 2))


def test_what_is_kept_by_hand_is_there_from_the_start_whatever_it_says() -> None:
    limits = Limits(most=9, z=5.0, inflated=10.0, kept=(1,))
    assert grow(_parabola([0.9, 0.01]), limits) == ((1,), (1, 0))


@pytest.mark.parametrize(("most", "left"), [(0.59, [1, 2]), (0.61, [0, 1, 2])])
@pytest.mark.parametrize("sign", [-1.0, 1.0])
def test_of_two_that_are_alike_the_one_worth_less_goes(
    most: float, left: list[int], sign: float
) -> None:
    alike = np.eye(3)
    alike[0, 1] = alike[1, 0] = 0.6 * sign
    assert unlike(alike, np.array([0.1, 0.2, 0.05]), most, ()).tolist() == left


def test_of_two_that_are_alike_the_one_kept_by_hand_stays() -> None:
    alike = np.full((2, 2), 0.95)
    assert unlike(alike, np.array([0.1, 0.2]), 0.9, (0,)).tolist() == [0]
    assert unlike(alike, np.array([0.1, 0.2]), 0.9, (0, 1)).tolist() == [0, 1]


@pytest.mark.parametrize(("bads", "many"), [(10, 5), (29, 5), (30, 6), (49, 9), (10_000, 150)])
def test_as_many_candidates_are_looked_at_as_the_bads_can_tell_apart(bads: int, many: int) -> None:
    """One to five bads, five at least, 150 at most, those of highest IV."""
    worth = np.random.default_rng(1).permutation(200) / 200.0
    found = worthiest(np.arange(200), worth, (), bads)
    assert found.tolist() == sorted(np.argsort(-worth)[:many].tolist())


def test_candidates_kept_by_hand_are_looked_at_however_little_they_say() -> None:
    worth = np.arange(20) / 20.0
    assert worthiest(np.arange(20), worth, (0, 3), 10).tolist() == [0, 3, 17, 18, 19]
    assert worthiest(np.arange(20), worth, tuple(range(7)), 10).tolist() == list(range(7))


def test_a_feature_of_less_iv_than_asked_for_is_no_candidate() -> None:
    training = _training()
    loose = _sketch(training, Card(least_iv=0.0, most_alike=1.0))
    ivs = sorted((one.binning.iv, one.name) for one in loose.candidates)
    assert len(ivs) == 4
    (low, least), (high, _) = ivs[:2]
    assert low < high
    between = Card(least_iv=(low + high) / 2.0, most_alike=1.0)
    assert _on(_sketch(training, between)) == {name for _, name in ivs[1:]}
    kept = replace(between, keep=(least,))
    assert _on(_sketch(training, kept)) == {name for _, name in ivs}
    assert _on(_sketch(training, replace(between, least_iv=low))) == {name for _, name in ivs}


def test_a_feature_of_one_woe_is_no_candidate() -> None:
    training = _training()
    flat = number("flat", np.where(EIGHTH == 0, np.nan, 3.0))
    wide = FeatureFrame(rows=4000, columns=(*training.frame.columns, number("same", np.ones(4000))))
    card = Card(least_iv=0.0)
    assert "same" not in _on(_sketch(replace(training, frame=wide), card))
    wide = FeatureFrame(rows=4000, columns=(*training.frame.columns, flat))
    assert "flat" in _on(_sketch(replace(training, frame=wide), replace(card, keep=("flat",))))


def test_of_features_that_are_alike_one_is_a_candidate_and_a_factor_counts() -> None:
    """Income and a copy of it with a little noise."""
    training = _training()
    income = training.frame["income"].values  # type: ignore[union-attr]
    noise = np.random.default_rng(9).lognormal(0.0, 0.3, 4000)
    wide = FeatureFrame(
        rows=4000, columns=(*training.frame.columns, number("copy", income * noise))
    )
    training = replace(training, frame=wide)
    both = {"income", "copy"}
    assert both <= _on(_sketch(training, Card(most_alike=1.0)))
    assert len(both & _on(_sketch(training, Card(most_alike=0.5)))) == 1
    chosen = []
    for inflated in (1.5, 1000.0):
        card = Card(most_alike=1.0, most_inflated=inflated, significance=1.0)
        sketch = _sketch(training, card)
        chosen.append({sketch.candidates[place].name for place in sketch.steps[-1]})
    assert len(both & chosen[0]) == 1
    assert both <= chosen[1]


def test_the_last_fit_takes_off_what_is_short_of_significance_the_weakest_first() -> None:
    """Noise that no screen before has seen to."""
    training = _training()
    rng = np.random.default_rng(2)
    noise = [number(f"noise {place}", rng.normal(size=4000)) for place in range(4)]
    wide = FeatureFrame(rows=4000, columns=(*training.frame.columns, *noise))
    training = replace(training, frame=wide)
    loose, strict = Card(least_iv=0.0, significance=1.0), Card(least_iv=0.0, significance=1e-6)
    sketch = _sketch(training, loose)
    every = replace(sketch, steps=(tuple(range(len(sketch.candidates))),))
    assert len(_on(every)) == 8
    kept = every.card(99, strict)
    assert set(kept.features) <= set(training.frame.names[:4])
    assert len(kept.features) >= 3
    z = [one.coefficient / one.error for one in kept.characteristics]
    assert max(z) <= -least_z(1e-6)
    assert len(every.card(99, loose).features) > len(kept.features)


def test_a_card_longer_than_there_are_steps_is_the_longest_there_is() -> None:
    sketch = _sketch(_training(), Card())
    assert sketch.at(99) == sketch.steps[-1]
    assert sketch.at(0) == ()
    kept = replace(sketch, steps=((3,), (3, 1)))
    assert [kept.at(size) for size in range(4)] == [(3,), (3,), (3, 1), (3, 1)]


def test_where_nothing_is_on_the_card_of_a_fold_everybody_has_its_bad_rate() -> None:
    training = _training()
    sketch = _sketch(training, Card(least_iv=9.0), held=2)
    rate = float(training.bad[training.fold != 2].mean())
    found = sketch.margins(np.flatnonzero(training.fold == 2), 3)
    assert found == pytest.approx(np.full((800, 4), np.log(rate / (1.0 - rate))))
    assert sketch.card(3, Card()).margin(training.frame) == pytest.approx(found[0, 0])


def test_what_a_sketch_says_of_rows_not_seen_is_woe_times_weight_of_its_first_candidates() -> None:
    training = _training()
    sketch = _sketch(training, Card(), held=2)
    out = np.flatnonzero(training.fold == 2)
    found = sketch.margins(out, len(sketch.steps) - 1)
    assert sketch.parabola is not None
    for size, chosen in enumerate(sketch.steps):
        weights = sketch.parabola.weights(chosen)
        expected = np.full(len(out), weights[0])
        for place, weight in zip(chosen, weights[1:], strict=True):
            one = sketch.candidates[place]
            column = training.frame.take(training.fold == 2)[one.name]
            place_of = (
                one.binning.place(column.values)  # type: ignore[call-arg, arg-type, union-attr]
                if hasattr(column, "values")
                else one.binning.place(column.codes, column.levels)  # type: ignore[call-arg, arg-type]
            )
            expected -= weight * one.woe[place_of]
        assert found[:, size] == pytest.approx(expected)


def test_edges_by_hand_against_a_trend_are_refused_of_all_rows_and_joined_without_a_fold() -> None:
    training = _training()
    rules = {"income": BinRules(edges=(1000.0, 3000.0, 9000.0), trend=Trend.ASCENDING)}
    draft = Draft.of(training, rules)
    with pytest.raises(DataError, match="not ascending along the edges given by hand"):
        draft.candidates(None)
    found = draft.candidates(0)[0]
    assert found.binning.bins.known < 4


def test_the_best_length_is_the_longest_within_an_error_of_the_best() -> None:
    """The second characteristic does no harm; the third does, beyond chance."""
    training = _training()

    class Said:
        steps = ((), (0,), (0, 1), (0, 1, 2))

        def margins(self, out: np.ndarray, most: int) -> np.ndarray:
            good = np.where(training.bad[out], 1.0, -1.0)
            noise = np.random.default_rng(3).normal(0.0, 1.0, len(out))
            return np.column_stack([0.0 * good, good, good, good + 3.0 * noise])

    assert scorecard.choose_length([Said()] * 5, training) == 2  # type: ignore[list-item]
