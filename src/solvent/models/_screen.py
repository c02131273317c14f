"""What a candidate says alone: its gain on held-out rows, its drift, a turning effect, doubles."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.metrics import psi
from solvent.models._coding import (
    CODES,
    MISSING,
    BoolArray,
    CodeArray,
    Coded,
    IntArray,
)
from solvent.models.technique import sample_rows

WIDTH: Final = CODES + 1
PRIOR_ROWS: Final = 20.0
TURNS: Final = 2.5
"""Standard errors from no effect, in either half, from which an effect counts as turned round."""
COMPARED_ROWS: Final = 10_000
AT_ONCE: Final = 512
NEARLY: Final = 0.7
"""Of doubles, one with at least this part of the best one's gain is kept where it is cheaper."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """What a candidate says alone.

    Args:
        gain: Log loss it takes off rows held out, nats per application; below 0 where it misleads.
        psi: How far it moved from the earlier half to the later; None without times.
        turns: True where a higher value is riskier in one half and safer in the other.
    """

    gain: float
    psi: float | None
    turns: bool


def judge_alone(coded: Coded, place: int) -> Alone:
    """Judge one candidate by tables of its codes."""
    gain = sum(
        _held_gain(coded.column(place, held), coded.bad, coded.fold == held)
        for held in range(coded.folds)
    ) / len(coded.bad)
    if coded.late is None:
        return Alone(gain=gain, psi=None, turns=False)
    codes = _slots(coded.codes[place])
    early = np.bincount(codes[~coded.late], minlength=WIDTH)
    late = np.bincount(codes[coded.late], minlength=WIDTH)
    turns = False
    if place not in coded.told:
        before, after = (
            _effect(codes[half], coded.bad[half]) for half in (~coded.late, coded.late)
        )
        turns = before * after < 0.0 and min(abs(before), abs(after)) >= TURNS
        early, late = _tenths(early, late)
    return Alone(gain=gain, psi=psi(early, late), turns=turns)


def _slots(codes: CodeArray) -> IntArray:
    """Return codes with missing last; labels beyond the last place share one."""
    return np.where(codes == MISSING, CODES, codes % CODES).astype(np.int64)


def _held_gain(codes: CodeArray, bad: BoolArray, out: BoolArray) -> float:
    """Log loss of held-out rows by the others' bad rate, less that by their bad rate per code."""
    slot = _slots(codes)
    learnt, held = ~out, out
    rows = np.bincount(slot[learnt], minlength=WIDTH)
    bads = np.bincount(slot[learnt & bad], minlength=WIDTH)
    rate = (bads.sum() + 0.5) / (rows.sum() + 1.0)
    pd = (bads + PRIOR_ROWS * rate) / (rows + PRIOR_ROWS)
    seen_bads = np.bincount(slot[held & bad], minlength=WIDTH)
    seen_goods = np.bincount(slot[held & ~bad], minlength=WIDTH)
    return float(
        (seen_bads * np.log(pd / rate) + seen_goods * np.log((1.0 - pd) / (1.0 - rate))).sum()
    )


def _effect(slot: IntArray, bad: BoolArray) -> float:
    """Standard errors by which bads rank above goods, missing values left out."""
    known = slot < CODES
    goods = np.bincount(slot[known & ~bad], minlength=CODES)
    bads = np.bincount(slot[known & bad], minlength=CODES)
    g, b = int(goods.sum()), int(bads.sum())
    if not g or not b:
        return 0.0
    wins = float((bads * (np.cumsum(goods) - goods / 2.0)).sum()) / (g * b)
    return float((wins - 0.5) / np.sqrt((1.0 / g + 1.0 / b) / 12.0))


def _tenths(early: IntArray, late: IntArray) -> tuple[IntArray, IntArray]:
    """Merge neighbouring codes to tenths of the earlier half: PSI grows with the number of bins."""
    place = np.cumsum(early[:CODES]) - early[:CODES]
    tenth = np.minimum(place * 10 // max(int(early[:CODES].sum()), 1), 9)
    index = np.append(tenth, 10)
    return (
        np.bincount(index, weights=early, minlength=11).astype(np.int64),
        np.bincount(index, weights=late, minlength=11).astype(np.int64),
    )


def find_doubles(
    coded: Coded, gains: Sequence[float], costs: Mapping[str, float], alike: float
) -> dict[int, int]:
    """Return, for each candidate that says what a better or cheaper one says, the place of that.

    Args:
        coded: The candidates.
        gains: What each gains alone, shape (k,).
        costs: What each costs to compute, by name; 0 where not told.
        alike: Absolute rank correlation in (0, 1] from which two say the same.
    """
    ranked = _ranked(coded)
    order = sorted(range(len(coded.names)), key=lambda place: (-gains[place], coded.names[place]))
    near = _near(ranked, alike)
    doubles: dict[int, int] = {}
    settled: set[int] = set()
    for leader in order:
        if leader in settled:
            continue
        group = [
            place
            for place in np.flatnonzero(near[leader]).tolist()
            if place not in settled and place != leader and _same_holes(coded, leader, place, alike)
        ]
        good = [leader, *(p for p in group if gains[p] >= NEARLY * gains[leader] > 0.0)]
        best = min(good, key=lambda p: (costs.get(coded.names[p], 0.0), -gains[p], coded.names[p]))
        members = {leader, *group}
        doubles |= {place: best for place in members if place != best}
        settled |= members
    return doubles


def _ranked(coded: Coded) -> NDArray[np.float32]:
    """Return each number's midranks, centred, of length 1; categories are all zero: (k, rows)."""
    some = sample_rows(len(coded.bad), COMPARED_ROWS)
    out = np.zeros((len(coded.names), len(some)), dtype=np.float32)
    for place in range(len(out)):
        if place in coded.told:
            continue
        slot = _slots(coded.codes[place][some])
        known = slot < CODES
        counts = np.bincount(slot[known], minlength=CODES)
        middle = np.append(np.cumsum(counts) - counts / 2.0, 0.0)
        ranks = np.where(known, middle[slot] - counts.sum() / 2.0, 0.0)
        length = float(np.sqrt(ranks @ ranks))
        if length > 0.0:
            out[place] = ranks / length
    return out


def _near(ranked: NDArray[np.float32], alike: float) -> BoolArray:
    """Return which pairs correlate at least so much, shape (k, k)."""
    near = np.zeros((len(ranked), len(ranked)), dtype=np.bool_)
    for start in range(0, len(ranked), AT_ONCE):
        found = np.abs(ranked[start : start + AT_ONCE] @ ranked.T)
        near[start : start + AT_ONCE] = np.round(found, 5) >= round(alike, 5)
    return near


def _same_holes(coded: Coded, left: int, right: int, alike: float) -> bool:
    """True where about the same rows lack a value: a hole says something of its own."""
    differ = (coded.codes[left] == MISSING) != (coded.codes[right] == MISSING)
    return bool(differ.mean() <= 1.0 - alike)
