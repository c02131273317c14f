"""Candidates as small whole numbers: one byte a value, so that thousands of columns fit in memory.

Numbers become the place of their value among at most 63 quantiles, which is all a tree's split
needs. A category becomes such a place of what the *other* folds' labels say of its level, so it is
coded once for each fold held out. Neither the order of rows nor that of columns changes a code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.binning.evidence import Evidence
from solvent.features import CategoryColumn, NumberColumn
from solvent.models.levels import Levels
from solvent.models.plans import AnyColumn, number_values

CodeArray = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
FloatArray = NDArray[np.float64]

CODES: Final = 63
MISSING: Final = 255
COPY: Final = "\0"
"""How the name of a shuffled copy begins: no feature's does."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Coded:
    """Candidates by code, and what is known of each row; rows in an order of their own.

    Args:
        names: The candidates, shape (k,).
        codes: Place of each value, `MISSING` where there is none, shape (k, n). Of a category, the
            place of its level in the alphabet, for telling rows apart only.
        told: Of each category, by place among the candidates: codes by fold held out, (folds, n).
        level: Of each category: the level of each row, shape (n,).
        bad: Labels, shape (n,).
        fold: Fold of each row, shape (n,).
        late: True in the later half of the time the rows span, shape (n,); None without times.
        customer: Customer of each row, counted from 0, shape (n,).
    """

    names: tuple[str, ...]
    codes: CodeArray
    told: dict[int, CodeArray]
    level: dict[int, IntArray]
    bad: BoolArray
    fold: IntArray
    late: BoolArray | None
    customer: IntArray

    @property
    def copies(self) -> BoolArray:
        """Which are shuffled copies, shape (k,)."""
        return np.array([name.startswith(COPY) for name in self.names], dtype=np.bool_)

    @property
    def folds(self) -> int:
        """How many folds there are."""
        return int(self.fold.max()) + 1

    def column(self, place: int, held: int) -> CodeArray:
        """Return a candidate's codes as they are while a fold is held out, shape (n,)."""
        told = self.told.get(place)
        found: CodeArray = self.codes[place] if told is None else told[held]
        return found

    def select(self, places: Sequence[int]) -> Coded:
        """Return some candidates, in the order given."""
        return Coded(
            names=tuple(self.names[place] for place in places),
            codes=self.codes[list(places)],
            told={new: self.told[old] for new, old in enumerate(places) if old in self.told},
            level={new: self.level[old] for new, old in enumerate(places) if old in self.level},
            bad=self.bad, fold=self.fold, late=self.late, customer=self.customer,
        )  # fmt: skip


def signature(column: AnyColumn) -> bytes | None:
    """Return what is equal for equal columns alone; None where every row says the same.

    Raises:
        DataError: A number is infinite.
    """
    if isinstance(column, CategoryColumn):
        levels = Levels.seen(column)
        places = levels.place(column)
        if places.min() == places.max():
            return None
        return _digest("labels", *levels.labels, raw=places.astype(np.int32).tobytes())
    values = number_values(column)
    missing = np.isnan(values)
    plain = np.where(missing, 0.0, values) + 0.0  # minus zero is zero
    if not missing.any() and plain.min() == plain.max():
        return None
    if missing.all():
        return None
    return _digest("numbers", raw=plain.tobytes() + np.packbits(missing).tobytes())


def is_empty(column: AnyColumn) -> bool:
    """True where no row has a value."""
    if isinstance(column, CategoryColumn):
        return bool((column.codes < 0).all())
    return bool(np.isnan(column.values).all())


def code_number(values: FloatArray) -> CodeArray:
    """Return the place of each value among at most 63 quantiles, shape (n,).

    >>> code_number(np.array([3.0, np.nan, 1.0, 3.0])).tolist()
    [1, 255, 0, 1]
    """
    missing = np.isnan(values)
    known = np.sort(values[~missing])
    edges = known[1:][known[1:] > known[:-1]]
    if len(edges) >= CODES:
        edges = np.unique(known[(np.arange(1, CODES) * len(known)) // CODES])
        edges = edges[edges > known[0]]
    codes = np.searchsorted(edges, values, side="right").astype(np.uint8)
    codes[missing] = MISSING
    return codes


def code_frame(
    columns: Sequence[AnyColumn], bad: BoolArray, fold: IntArray, late: BoolArray | None,
    customer: IntArray,
) -> Coded:  # fmt: skip
    """Code candidates and put the rows into an order that does not hang on how they came.

    Args:
        columns: The candidates, k of them, n rows each.
        bad: Labels, shape (n,).
        fold: Fold of each row, shape (n,).
        late: True in the later half, shape (n,), or None.
        customer: Customer of each row, shape (n,).
    """
    rows = len(bad)
    codes = np.empty((len(columns), rows), dtype=np.uint8)
    told: dict[int, CodeArray] = {}
    level: dict[int, IntArray] = {}
    for place, column in enumerate(columns):
        if isinstance(column, NumberColumn):
            codes[place] = code_number(column.values)
        else:
            levels = Levels.seen(column)
            level[place] = levels.place(column)
            codes[place] = (level[place] % MISSING).astype(np.uint8)
            told[place] = tell(level[place], bad, fold)
    order = _own_order(codes, bad, late, customer)
    for place in range(len(codes)):
        codes[place] = codes[place][order]
    return Coded(
        names=tuple(column.name for column in columns), codes=codes,
        told={place: one[:, order] for place, one in told.items()},
        level={place: one[order] for place, one in level.items()},
        bad=bad[order], fold=fold[order], late=None if late is None else late[order],
        customer=np.unique(customer[order], return_inverse=True)[1].astype(np.int64),
    )  # fmt: skip


def tell(level: IntArray, bad: BoolArray, fold: IntArray) -> CodeArray:
    """Return what other folds say of each row's level, coded, by fold held out: (folds, n).

    While a fold is held out its labels speak nowhere: neither of its own rows nor of others.
    """
    evidence = Evidence.of(level, bad, fold, int(level.max()) + 1)
    out = np.empty((int(fold.max()) + 1, len(level)), dtype=np.uint8)
    for held in range(len(out)):
        rest = evidence.without(held)
        said = rest.others(level, fold)[0]
        mine = fold == held
        said[mine] = rest.table().log_odds[level[mine]]
        out[held] = code_number(said)
    return out


def late_half(as_of: IntArray) -> BoolArray | None:
    """Return which rows lie after the middle one; None where all have one instant."""
    late: BoolArray = as_of > np.sort(as_of)[(len(as_of) - 1) // 2]
    return late if late.any() else None


def with_shuffled(coded: Coded, places: Sequence[int], seed: int) -> Coded:
    """Return the candidates and, after them, copies of some dealt to other customers.

    A copy looks like its candidate and knows nothing. A customer is given another's rows in their
    order, so that what repeats within customers still does.

    Args:
        coded: The candidates, k of them.
        places: Which to copy; one may stand several times.
        seed: Of the deals.
    """
    count = len(coded.names)
    codes = np.concatenate([coded.codes, np.empty((len(places), len(coded.bad)), dtype=np.uint8)])
    told, level = dict(coded.told), dict(coded.level)
    for turn, place in enumerate(places):
        source, new = _deal(coded.customer, coded.names[place], seed + turn), count + turn
        codes[new] = coded.codes[place][source]
        if place in level:
            level[new] = level[place][source]
            told[new] = tell(level[new], coded.bad, coded.fold)
    return Coded(
        names=(*coded.names, *(f"{COPY}{turn}" for turn in range(len(places)))),
        codes=codes, told=told, level=level, bad=coded.bad, fold=coded.fold, late=coded.late,
        customer=coded.customer,
    )  # fmt: skip


def _deal(customer: IntArray, name: str, seed: int) -> IntArray:
    """Return, for each row, the row whose value it is given, shape (n,)."""
    own = int.from_bytes(_digest(name, str(seed), raw=b"")[:8])
    size = np.bincount(customer)
    start, order = np.cumsum(size) - size, np.argsort(customer, kind="stable")
    mine = customer[order]
    other = np.random.default_rng(own).permutation(len(size))[mine]
    turn = np.arange(len(order)) - start[mine]
    source = np.empty(len(order), dtype=np.int64)
    source[order] = order[start[other] + turn % size[other]]
    return source


def _own_order(
    codes: CodeArray, bad: BoolArray, late: BoolArray | None, customer: IntArray
) -> IntArray:
    """Return an order told by what rows say: rows that share a place say the same."""
    said = np.zeros(len(bad), dtype=np.uint64)
    factors = np.random.default_rng(0).integers(1, 2**63, len(codes)).astype(np.uint64) | 1
    for column, factor in zip(codes, factors, strict=True):
        said += (column.astype(np.uint64) + np.uint64(1)) * factor
    half = np.zeros(len(bad), dtype=np.bool_) if late is None else late
    order: IntArray = np.lexsort((said, bad, half, customer))
    return order


def _digest(*words: str, raw: bytes) -> bytes:
    made = hashlib.sha256("\x1f".join(words).encode())
    made.update(raw)
    return made.digest()
