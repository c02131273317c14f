"""Chance: the line that noise does not cross, and drivers do."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.binning import bin_counts, chance, iv
from solvent.errors import OneClassError, RangeError, ShapeError


def _noise(rng: np.random.Generator, n: int, columns: int) -> np.ndarray:
    return rng.integers(0, 8, (n, columns))


def test_the_ivs_are_those_of_the_columns_one_by_one() -> None:
    """Counting all columns at once gives what each gives by itself."""
    rng = np.random.default_rng(1)
    places, bad = _noise(rng, 500, 6), rng.random(500) < 0.3
    found = chance(places, bad, np.arange(500), seed=0, rounds=20)
    assert found.iv.tolist() == pytest.approx(
        [iv(*bin_counts(column, bad, 8)) for column in places.T]
    )


def test_noise_seldom_crosses_the_line_however_many_columns_there_are() -> None:
    """In about 5 % of the studies any of 40 noise columns stands out, not in most."""
    rng, crossed = np.random.default_rng(2), 0
    for number in range(40):
        places, bad = _noise(rng, 400, 40), rng.random(400) < 0.25
        crossed += bool(chance(places, bad, np.arange(400), seed=number, rounds=60).real.any())
    assert crossed <= 8


def test_a_driver_crosses_the_line_and_nothing_would_by_chance() -> None:
    """A planted driver among noise is real, and no column stands out as much by chance."""
    rng = np.random.default_rng(3)
    places = _noise(rng, 2000, 30)
    bad = rng.random(2000) < 0.05 + 0.05 * places[:, 7]
    found = chance(places, bad, np.arange(2000), seed=0, rounds=50)
    assert np.flatnonzero(found.real).tolist() == [7]
    assert found.as_strong[7] == 0.0
    assert np.median(found.as_strong) > 5


def test_a_customers_outcomes_stay_together() -> None:
    """A column that only names customers' groups is no driver, though rows alone would say so."""
    rng = np.random.default_rng(4)
    groups = np.repeat(np.arange(60), 20)
    places = rng.integers(0, 4, 60)[groups][:, None]
    bad = (rng.random(60) < 0.3)[groups]
    together = chance(places, bad, groups, seed=0, rounds=100)
    apart = chance(places, bad, np.arange(1200), seed=0, rounds=100)
    assert together.line[0] > 5 * apart.line[0]


def test_one_seed_gives_one_answer() -> None:
    """Same seed, same lines; another seed, others."""
    rng = np.random.default_rng(5)
    places, bad, who = _noise(rng, 300, 4), rng.random(300) < 0.3, np.arange(300)
    one, two, three = (chance(places, bad, who, seed=seed, rounds=20) for seed in (1, 1, 2))
    assert one.line.tolist() == two.line.tolist() != three.line.tolist()


def test_what_cannot_be_shuffled_is_refused() -> None:
    """One class, no column, unequal lengths and too few rounds raise."""
    places, bad, who = np.zeros((4, 1), int), np.array([True, False, True, False]), np.arange(4)
    with pytest.raises(OneClassError):
        chance(places, np.ones(4, bool), who, seed=0)
    with pytest.raises(ShapeError):
        chance(places[:3], bad, who, seed=0)
    with pytest.raises(ShapeError):
        chance(np.zeros((4, 0), int), bad, who, seed=0)
    with pytest.raises(RangeError):
        chance(places, bad, who, seed=0, rounds=5)
