"""Rows of child tables: how many each owner has, laid out one after the other."""

from __future__ import annotations

import numpy as np

from solvent.sandbox._block import Floats, Ints


def spread(counts: Ints) -> tuple[Ints, Ints]:
    """Lay out `counts[i]` rows for each owner i.

    Args:
        counts: Rows of each owner, 0 or more, shape (owners,).

    Returns:
        The owner of each row, ascending, and the row's place among its owner's, from 0.
    """
    owner = np.repeat(np.arange(len(counts)), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(len(owner)) - first[owner]


def pick(rng: np.random.Generator, shares: tuple[float, ...], size: int) -> Ints:
    """Draw `size` codes 0, 1, ... with the given shares, which need not add to one."""
    bounds = np.cumsum(shares) / sum(shares)
    bounds[-1] = 1.0
    return np.searchsorted(bounds, rng.random(size), side="right").astype(np.int64)


def pick_each(rng: np.random.Generator, weights: Floats) -> Ints:
    """Draw one code per row with that row's weights, shape (rows, codes)."""
    bounds = np.cumsum(weights, axis=1)
    chosen = rng.random(len(weights)) * bounds[:, -1]
    codes: Ints = np.minimum((bounds <= chosen[:, None]).sum(axis=1), weights.shape[1] - 1)
    return codes


def number_rows(
    rng: np.random.Generator, block: int, rows: int, first: int, bits: int = 17
) -> Ints:
    """Give rows of a block ids of seven digits and more that no other block gives.

    The ids are shuffled within the block, so that their order tells nothing.

    Args:
        rng: The stream of chance.
        block: Number of the block.
        rows: How many, at most 2**bits.
        first: Smallest id of block 0.
        bits: How much room each block has.
    """
    return first + (np.int64(block) << bits) + rng.permutation(rows).astype(np.int64)
