"""Where missing values, special codes and rare levels go once the bins of known values stand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from solvent.binning.course import keeps_course
from solvent.binning.levels import LevelBins
from solvent.binning.numbers import NumberBins
from solvent.binning.rules import FEWEST_ROWS, BinRules, Home, Trend
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


def find_homes(
    bins: NumberBins | LevelBins, counts: FloatArray, rules: BinRules, trend: Trend
) -> Homes:
    """Return where every bin goes.

    Args:
        bins: Before any have joined.
        counts: Rows, goods and bads per bin, shape (3, bins.size).
        rules: The policies.
        trend: That the ordered bins follow, never `AUTO`, and go on following: what would join the
            nearest and break it joins the next, or stays alone.
    """
    rows, held = counts[0], counts[:, : bins.known].copy()
    joins = list(range(bins.known))
    silent = [False] * bins.known
    for place in range(bins.ordered, bins.known):
        silent[place] = bool(rows[place] < FEWEST_ROWS)
    for place in range(bins.known, bins.size):
        policy = rules.missing if place == bins.size - 1 else rules.special_home
        told = rows[place] >= FEWEST_ROWS
        nearest = _nearest(held, counts[:, place], bins.ordered, trend)
        if policy is Home.NEAREST and told and nearest >= 0:
            joins.append(nearest)
            held[:, nearest] += counts[:, place]
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


def _nearest(held: FloatArray, one: FloatArray, ordered: int, trend: Trend) -> int:
    """Return the bin with the closest bad rate that another may join, -1 where there is none.

    Args:
        held: Rows, goods and bads of the bins of known values, shape (3, known).
        one: The same of the bin that is to join, shape (3,).
        ordered: How many of the first stand in an order.
        trend: Of these.
    """
    some = np.flatnonzero(held[0] > 0)
    if not len(some) or one[1] + one[2] <= 0.0:
        return -1
    rate = held[2, some] / (held[1, some] + held[2, some])
    apart = np.abs(rate - one[2] / (one[1] + one[2]))
    for place in some[np.argsort(apart, kind="stable")].tolist():
        joined = held.copy()
        joined[:, place] += one
        if keeps_course(joined[1, :ordered], joined[2, :ordered], trend):
            return int(place)
    return -1
