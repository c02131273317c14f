"""What every simulated lender needs: blocks of customers, streams of chance, and columns.

A block of customers is always simulated whole, from random streams keyed by (seed, block, purpose),
and cut afterwards. So the first n customers of a sandbox never depend on how many come after them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Bools: TypeAlias = NDArray[np.bool_]

BLOCK = 4096
"""Customers per block; part of what a seed means, so never changed without a new lender version."""

NULL = int(np.iinfo(np.int64).min)
"""The integer (a time, a day) that becomes null in a file."""

_ID_BITS = 44
_ID_STRIDE = 0x9E3779B97F5  # odd, so multiplying by it modulo 2**44 maps no two numbers to one


@dataclass(frozen=True, slots=True, kw_only=True)
class Coded:
    """A column of text: one small code per row, and the text each code stands for.

    Attributes:
        codes: Index into `levels`, or -1 for missing; shape (rows,).
        levels: The texts.
    """

    codes: Ints
    levels: tuple[str, ...]


Column: TypeAlias = Floats | Ints | Coded
Columns: TypeAlias = Mapping[str, Column]
"""Columns of one table, of equal length, with `owner`: the customer's index in the block."""


def block_rng(seed: int, block: int, purpose: int) -> np.random.Generator:
    """The stream of chance of one block for one purpose, the same whenever it is asked for."""
    keyed = np.random.SeedSequence(seed, spawn_key=(block, purpose))
    return np.random.Generator(np.random.Philox(keyed))


def chance(logit: Floats) -> Floats:
    """Turn log-odds into probabilities."""
    probability: Floats = 1.0 / (1.0 + np.exp(-logit))
    return probability


def draw_uuids(rng: np.random.Generator, count: int) -> tuple[str, ...]:
    """Draw `count` identifiers of 32 hexadecimal digits."""
    text = rng.bytes(16 * count).hex()
    return tuple(text[at : at + 32] for at in range(0, len(text), 32))


def scatter_ids(serials: Ints) -> Ints:
    """Turn serial numbers below 2**44 into ids as unique as they are, whose size tells nothing."""
    product = serials.astype(np.uint64) * np.uint64(_ID_STRIDE)
    return (product % np.uint64(2**_ID_BITS)).astype(np.int64)


def serial_ids(block: int, rows: int) -> Ints:
    """Give `rows` rows of a block ids that no other block gives."""
    return (np.int64(block) << 24) + np.arange(rows, dtype=np.int64)


def take_rows(columns: Columns, rows: Ints | Bools) -> dict[str, Column]:
    """Pick rows of a table by position or by mask."""
    return {name: take_column(column, rows) for name, column in columns.items()}


def take_column(column: Column, rows: Ints | Bools) -> Column:
    """Pick rows of one column."""
    if isinstance(column, Coded):
        return Coded(codes=column.codes[rows], levels=column.levels)
    return column[rows]


def sort_rows(columns: Columns, by: str) -> dict[str, Column]:
    """Order a table by one numeric column, ties in their present order."""
    key = columns[by]
    values = key.codes if isinstance(key, Coded) else key
    return take_rows(columns, np.argsort(values, kind="stable"))


def stack_rows(parts: list[dict[str, Column]]) -> dict[str, Column]:
    """Put tables with the same columns (and levels) one below the other."""
    return {name: _stack([part[name] for part in parts]) for name in parts[0]}


def _stack(columns: list[Column]) -> Column:
    first = columns[0]
    if isinstance(first, Coded):
        codes = [column.codes for column in columns if isinstance(column, Coded)]
        return Coded(codes=np.concatenate(codes), levels=first.levels)
    return np.concatenate([column for column in columns if not isinstance(column, Coded)])
