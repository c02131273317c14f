"""How strong columns look by chance alone, where many are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.binning.woe import EMPTY_CELL, BoolArray, FloatArray, IntArray
from solvent.errors import OneClassError, RangeError, ShapeError
from solvent.progress import Progress, Silent

ROUNDS: Final = 200
LEVEL: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Chance:
    """What shuffled outcomes do to the IV of each of k columns.

    Attributes:
        iv: The column's own, shape (k,).
        mean: Mean IV over the shuffles, shape (k,).
        line: The IV that, with `level` confidence, no column of all k reaches by chance, shape
            (k,): each has its own line, since more bins look stronger by chance.
        as_strong: How many of the k columns would by chance stand out as much as this one, shape
            (k,); 0.0 where none ever did.
        rounds: Shuffles made.
        level: In (0, 1).
    """

    iv: FloatArray
    mean: FloatArray
    line: FloatArray
    as_strong: FloatArray
    rounds: int
    level: float

    @property
    def real(self) -> BoolArray:
        """True where a column is stronger than chance explains, all k considered; shape (k,)."""
        return np.asarray(self.iv > self.line)


def chance(
    places: NDArray[np.integer],
    bad: BoolArray,
    groups: IntArray,
    *,
    seed: int,
    rounds: int = ROUNDS,
    progress: Progress | None = None,
) -> Chance:
    """Shuffle outcomes between customers and see how strong the columns look then.

    Customers are put into a random order and their outcomes laid down in a row, so that a
    customer's own outcomes stay together. Each column is measured against its own shuffles, in
    standard deviations; the line is drawn where the most extreme column of a shuffle seldom goes.

    Args:
        places: Each row's bin of each column, shape (n, k).
        bad: True where the account met the bad definition, shape (n,).
        groups: The customer of each row, shape (n,).
        seed: Of the shuffles, >= 0.
        rounds: How many, >= 20.
        progress: Told of every shuffle.

    Raises:
        ShapeError: The lengths differ, or there is no column.
        OneClassError: `bad` is all true or all false.
        RangeError: Too few rounds.

    Source: Westfall and Young (1993), the single-step maximum over studentised columns.
    """
    n, k = places.shape if places.ndim == 2 else (0, 0)
    if not (n == len(bad) == len(groups)) or k == 0:
        raise ShapeError("give one row per account and at least one column", field="places")
    if bad.all() or not bad.any():
        raise OneClassError("every account is bad, or none is", field="bad")
    if rounds < 20:
        raise RangeError(f"must be at least 20, found {rounds}", field="rounds")
    size = int(places.max()) + 1
    flat = places.astype(np.int64) + size * np.arange(k)
    total = np.bincount(flat.ravel(), minlength=size * k).reshape(k, size)
    own = _ivs(flat, bad, total)
    rng = np.random.default_rng(seed)
    by_customer = np.argsort(groups, kind="stable")
    ends = np.flatnonzero(np.diff(groups[by_customer], append=groups.max() + 1)) + 1
    blocks = np.split(bad[by_customer], ends[:-1])
    shuffled = np.empty((rounds, k))
    with (progress or Silent()).step("shuffling outcomes", rounds) as step:
        for number in range(rounds):
            laid = np.empty(n, np.bool_)
            laid[by_customer] = np.concatenate([blocks[i] for i in rng.permutation(len(blocks))])
            shuffled[number] = _ivs(flat, laid, total)
            step.advance()
    return _against(own, shuffled)


def _against(own: FloatArray, shuffled: FloatArray) -> Chance:
    mean, spread = shuffled.mean(axis=0), shuffled.std(axis=0, ddof=1)
    safe = np.where(spread > 0.0, spread, 1.0)
    extreme = (shuffled - mean) / safe
    height = float(np.quantile(extreme.max(axis=1), LEVEL, method="higher"))
    by_height = np.sort(extreme.ravel())
    above = by_height.size - np.searchsorted(by_height, (own - mean) / safe, side="left")
    return Chance(
        iv=own, mean=mean, line=mean + height * spread, as_strong=above / len(shuffled),
        rounds=len(shuffled), level=LEVEL,
    )  # fmt: skip


def _ivs(flat: IntArray, bad: BoolArray, total: IntArray) -> FloatArray:
    """Return the IV of every column at once, shape (k,), as `iv` has it."""
    bads = np.bincount(flat[bad].ravel(), minlength=total.size).reshape(total.shape)
    goods = total - bads
    seen = total > 0
    p = np.where(seen & (goods == 0), EMPTY_CELL, goods) / (~bad).sum()
    q = np.where(seen & (bads == 0), EMPTY_CELL, bads) / bad.sum()
    log = np.zeros(p.shape)
    np.log(np.divide(p, q, out=np.ones(p.shape), where=seen), out=log)
    found: FloatArray = ((p - q) * log).sum(axis=1)
    return found
