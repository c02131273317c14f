"""A declared direction holds in every bin of every card, whatever chance did to the rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.binning import BinRules, Home, Trend
from solvent.features import FeatureFrame
from solvent.models import Card, Guidance, find_technique, start_training
from solvent.models._card_bins import falling
from solvent.models._card_draft import Draft
from solvent.models.scorers.card import CardModel
from solvent.models.technique import Training
from solvent.progress import Silent
from tests.models.frames import number

EDGES = (1.0, 2.0, 4.0, 5.0, 7.0, 30.0)
"""The last two bins are seldom seen, or never."""


def _rows(seed: int, n: int, rate: float, slope: float) -> tuple[FeatureFrame, np.ndarray]:
    """A number of ten values, few bads, so that bins are pure or empty; and another that tells."""
    rng = np.random.default_rng(seed)
    value = np.minimum(rng.geometric(rng.choice([0.1, 0.3]), n) - 1.0, 9.0)
    value, other = value if seed % 2 else 9.0 - value, rng.normal(size=n)
    value[rng.random(n) < 0.15] = np.nan
    odds = np.log(rate / (1.0 - rate)) + slope * (np.nan_to_num(value, nan=5.0) - 5.0) + other
    bad = rng.random(n) < 1.0 / (1.0 + np.exp(-odds))
    bad[:3] = True, False, True
    frame = FeatureFrame(rows=n, columns=(number("value", value), number("other", other)))
    return frame, bad


def _goes(values: np.ndarray, way: int) -> bool:
    return bool((way * np.diff(values) >= -1e-9).all())


@given(
    seed=st.integers(0, 10_000), n=st.sampled_from([200, 600, 2500]),
    rate=st.sampled_from([0.004, 0.02, 0.1, 0.98]), slope=st.sampled_from([0.0, 0.3, 1.0]),
    way=st.sampled_from([-1, 1]), edges=st.sampled_from([None, EDGES]),
    missing=st.sampled_from(list(Home)),
)  # fmt: skip
@settings(max_examples=150, deadline=None)
def test_a_declared_direction_holds_in_the_bins_of_any_part_of_the_rows(
    seed: int, n: int, rate: float, slope: float, way: int, edges: tuple[float, ...] | None,
    missing: Home,
) -> None:  # fmt: skip
    """Woe as a card uses it never goes against the direction, with edges by hand or without."""
    frame, bad = _rows(seed, n, rate, way * slope)
    rules = BinRules(
        trend=Trend.ASCENDING if way > 0 else Trend.DESCENDING, edges=edges, missing=missing
    )
    fold = np.arange(n) % 5
    training = Training(frame=frame, bad=bad, groups=np.arange(n), fold=fold, seed=1)
    draft = Draft.of(training, {"value": rules})
    found = [draft.numbers["value"].join(rules, strict=False).binning]
    for held in range(5):
        rest = bad[fold != held]
        if rest.any() and not rest.all():
            found.append(draft.candidates(held)[0].binning)  # type: ignore[arg-type]
    for binning in found:
        assert _goes(-binning.woe[: binning.bins.known], way)
        assert edges is None or set(binning.bins.edges) <= set(edges)


@given(
    seed=st.integers(0, 10_000), rate=st.sampled_from([0.03, 0.3]), way=st.sampled_from([-1, 1]),
    by_hand=st.booleans(),
)  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_a_declared_direction_holds_in_the_final_card_and_in_that_of_every_fold(
    seed: int, rate: float, way: int, by_hand: bool
) -> None:
    """Woe and what bins add both go the way declared, in all six cards."""
    frame, bad = _rows(seed, 1500, rate, 0.1 * way)
    card = Card(edges={"value": EDGES} if by_hand else {}, significance=1.0, least_iv=0.0)
    training = start_training(
        frame, bad, groups=np.arange(1500), seed=1,
        guidance=Guidance(card=card, directions={"value": way}),
    )  # fmt: skip
    learnt = find_technique("scorecard").fit(training, progress=Silent())
    for model in (learnt.model, *learnt.bag):
        assert isinstance(model, CardModel)
        for one in model.characteristics:
            if one.name == "value":
                known = one.binning.bins.known
                assert _goes(-one.woe[:known], way)
                assert _goes(one.log_odds[:known], way)


def test_bins_of_one_woe_have_one_effect() -> None:
    """Their order by woe is nobody's, so neither may be given more than the other."""
    woe = np.array([0.5, 0.1 + 0.2, 0.3, -1.0])
    found = falling(np.array([-0.4, 0.3, 0.1, 0.9]), woe, np.array([10.0, 30.0, 10.0, 10.0]))
    assert found.tolist() == pytest.approx([-0.4, 0.25, 0.25, 0.9])
    found = falling(np.array([-0.4, 0.1, 0.3, 0.9]), woe, np.array([10.0, 10.0, 30.0, 10.0]))
    assert found.tolist() == pytest.approx([-0.4, 0.25, 0.25, 0.9])
