"""Where missing values, special codes and rare levels go once the bins of known values stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.binning.levels import LevelBins
from solvent.binning.numbers import NumberBins
from solvent.binning.rules import FEWEST_ROWS, BinRules, Home
from solvent.binning.woe import FloatArray


@dataclass(frozen=True, slots=True, kw_only=True)
class Homes:
    """Which bins share one, and which count neither for nor against.

    Args:
        joins: The fitted bin of each bin.
        rows: Rows per fitted bin.
        goods, bads: Their weight, by kind.
        neutral: Fitted bins that count neither way.
    """

    joins: tuple[int, ...]
    rows: tuple[int, ...]
    goods: tuple[float, ...]
    bads: tuple[float, ...]
    neutral: tuple[int, ...]


def find_homes(bins: NumberBins | LevelBins, counts: FloatArray, rules: BinRules) -> Homes:
    """Return where every bin goes.

    Args:
        bins: Before any have joined.
        counts: Rows, goods and bads per bin, shape (3, bins.size).
        rules: The policies.
    """
    rows = counts[0]
    joins = list(range(bins.known))
    silent = [False] * bins.known
    for place in range(bins.ordered, bins.known):
        silent[place] = bool(rows[place] < FEWEST_ROWS)
    for place in range(bins.known, bins.size):
        policy = rules.missing if place == bins.size - 1 else rules.special_home
        told = rows[place] >= FEWEST_ROWS
        nearest = _nearest(counts, place, bins.known)
        if policy is Home.NEAREST and told and nearest >= 0:
            joins.append(nearest)
            continue
        joins.append(len(silent))
        silent.append(policy is Home.NEUTRAL or not told)
    whole = np.zeros((3, len(silent)))
    for place, home in enumerate(joins):
        whole[:, home] += counts[:, place]
    return Homes(
        joins=tuple(joins), rows=tuple(int(n) for n in whole[0]), goods=tuple(whole[1].tolist()),
        bads=tuple(whole[2].tolist()), neutral=tuple(np.flatnonzero(silent).tolist()),
    )  # fmt: skip


def _nearest(counts: FloatArray, place: int, known: int) -> int:
    """Return the known bin with the bad rate closest to another bin's, -1 where none holds rows."""
    weight = counts[1] + counts[2]
    held = np.flatnonzero(counts[0, :known] > 0)
    if not len(held) or weight[place] <= 0.0:
        return -1
    rate = counts[2, held] / weight[held]
    return int(held[np.argmin(np.abs(rate - counts[2, place] / weight[place]))])
