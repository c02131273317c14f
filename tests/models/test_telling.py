"""How well a feature alone tells a group: laws and planted proxies."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.errors import OneClassError, TrainingError
from solvent.features import FeatureFrame
from solvent.metrics import auc
from solvent.models.telling import tell_alone
from tests.models.frames import customers, labels, number

ROWS = 6000


def _told(column: object, inside: np.ndarray, groups: np.ndarray | None = None) -> float:
    frame = FeatureFrame(rows=len(inside), columns=(column,))  # type: ignore[arg-type]
    groups = customers(len(inside)) if groups is None else groups
    (found,) = tell_alone(frame, inside, groups=groups, seed=1)
    return float(found)


def _inside() -> np.ndarray:
    return np.random.default_rng(1).random(ROWS) < 0.3


def test_a_feature_that_ranks_a_group_tells_it_as_well_as_its_own_auc() -> None:
    inside = _inside()
    values = np.random.default_rng(2).normal(size=ROWS) + inside
    assert _told(number("x", values), inside) == pytest.approx(
        auc(_squash(values), inside), abs=0.02
    )
    assert _told(number("x", -values), inside) == pytest.approx(_told(number("x", values), inside))


def test_a_feature_that_tells_by_its_middle_or_by_its_gaps_is_found_out() -> None:
    rng, inside = np.random.default_rng(2), _inside()
    spread = rng.normal(size=ROWS) * np.where(inside, 0.3, 1.5)
    assert abs(auc(_squash(spread), inside) - 0.5) < 0.03
    assert _told(number("x", spread), inside) > 0.7
    gaps = np.where(rng.random(ROWS) < np.where(inside, 0.6, 0.1), np.nan, rng.normal(size=ROWS))
    assert _told(number("x", gaps), inside) > 0.7


def test_noise_tells_nothing_however_many_levels_it_has() -> None:
    rng, inside = np.random.default_rng(2), _inside()
    streets = labels("street", rng.integers(-1, 2000, ROWS), tuple(map(str, range(2000))))
    assert _told(streets, inside) == pytest.approx(0.5, abs=0.03)
    assert _told(number("x", rng.normal(size=ROWS)), inside) == pytest.approx(0.5, abs=0.03)
    assert _told(number("x", np.full(ROWS, np.nan)), inside) == pytest.approx(0.5, abs=0.05)


def test_a_customers_other_applications_do_not_give_them_away() -> None:
    """Each customer applies five times with a number of their own: memory, no proxy."""
    rng = np.random.default_rng(2)
    inside, own = np.repeat(rng.random(1200) < 0.4, 5), np.repeat(np.arange(1200), 5)
    column = labels("own", own, tuple(map(str, range(1200))))
    assert _told(column, inside, own.astype(np.int64)) == pytest.approx(0.5, abs=0.04)


def test_what_cannot_be_told_is_refused() -> None:
    column = number("x", np.zeros(4))
    with pytest.raises(OneClassError):
        _told(column, np.ones(4, dtype=bool))
    with pytest.raises(TrainingError):
        _told(column, np.arange(4) == 0)


def _squash(values: np.ndarray) -> np.ndarray:
    squashed: np.ndarray = 1.0 / (1.0 + np.exp(-values))
    return squashed
