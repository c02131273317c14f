"""Made-up applicants for tests."""

from __future__ import annotations

import numpy as np

from solvent.features import CategoryColumn, FeatureFrame, NumberColumn


def number(name: str, values: np.ndarray) -> NumberColumn:
    return NumberColumn(name=name, values=np.asarray(values, dtype=np.float64))


def labels(name: str, codes: np.ndarray, levels: tuple[str, ...]) -> CategoryColumn:
    return CategoryColumn(name=name, codes=np.asarray(codes, dtype=np.int32), levels=levels)


def applicants(rows: int, seed: int = 1, towns: int = 400) -> tuple[FeatureFrame, np.ndarray]:
    """Income and age that matter, a town that matters, a colour that does not, holes in age."""
    rng = np.random.default_rng(seed)
    income, age = rng.lognormal(8.0, 1.0, rows), rng.uniform(18.0, 80.0, rows)
    town, colour = rng.integers(0, towns, rows), rng.integers(0, 4, rows)
    effect = np.random.default_rng(99).normal(0.0, 0.7, towns)
    odds = -1.5 - 0.8 * (np.log(income) - 8.0) - 0.02 * (age - 45.0) + effect[town]
    bad = rng.random(rows) < 1.0 / (1.0 + np.exp(-odds))
    age[rng.random(rows) < 0.1] = np.nan
    frame = FeatureFrame(
        rows=rows,
        columns=(
            number("income", income),
            number("age", age),
            labels("town", town, tuple(f"town {place}" for place in range(towns))),
            labels("colour", colour, ("red", "green", "blue", "white")),
        ),
    )
    return frame, bad


def customers(rows: int) -> np.ndarray:
    return np.arange(rows, dtype=np.int64)
