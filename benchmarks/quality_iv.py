"""Whether the IV of categories seen in training is the one new rows have."""

from __future__ import annotations

import numpy as np

from benchmarks.outcome import Row
from benchmarks.quality_sets import FOLDS, QualitySet, learnt_from
from solvent.binning import BinRules, BinTable, Outcomes, bin_levels
from solvent.features import CategoryColumn

WITHIN = 0.15
TELLING = 0.01


def iv_row(data: QualitySet) -> Row | None:
    """Return the IV of all categories in training and in the test folds; None without any."""
    columns = [column for column in data.frame if isinstance(column, CategoryColumn)]
    if not columns:
        return None
    found = np.array([_ivs(column, data, number) for column in columns for number in range(FOLDS)])
    trained, tested = found.sum(axis=0) / FOLDS
    if trained < TELLING:
        return Row.skipped(
            f"{data.name}: IV of categories", f"in training {trained:.4f}: they tell nothing"
        )
    return Row(
        promise=f"{data.name}: IV of {len(columns)} categories on new rows is that of training",
        bar=f"within {WITHIN:.0%}", value=f"{tested / trained - 1:+.0%}",
        met=bool(abs(tested / trained - 1) <= WITHIN),
        note=f"train {trained:.3f}, test {tested:.3f}: sums over the categories, means over folds, "
        "less what chance alone adds",
        figures={"train": float(trained), "test": float(tested)},
    )  # fmt: skip


def _ivs(column: CategoryColumn, data: QualitySet, number: int) -> tuple[float, float]:
    learnt, tested = learnt_from(data.fold, number, data.split), data.fold == number
    bad = data.bad[learnt]
    fitted = bin_levels(column.codes[learnt], column.levels, Outcomes(bad=bad), BinRules())
    placed = fitted.binning.place(column.codes[tested], column.levels)
    return (
        _less_chance(fitted.binning.table(fitted.places, bad)),
        _less_chance(fitted.binning.table(placed, data.bad[tested])),
    )


def _less_chance(table: BinTable) -> float:
    """IV less what bins of equal risk would be expected to show: (bins - 1)(1/goods + 1/bads)."""
    used = int((table.rows > 0).sum())
    chance = 1.0 / float(table.goods.sum()) + 1.0 / float(table.bads.sum())
    return table.total_iv - (used - 1) * chance
