"""The best fit that only rises: neighbours that fall are pooled until none does.

Source: pool adjacent violators, Ayer et al. (1955); tests compare with scikit-learn.
"""

from __future__ import annotations

import numpy as np

from solvent.binning.woe import FloatArray, IntArray


def pool_rising(values: FloatArray, weight: FloatArray) -> IntArray:
    """Return the block of each place such that the blocks' means rise strictly.

    Args:
        values: In order, shape (n,).
        weight: Of each, > 0, shape (n,).

    >>> pool_rising(np.array([0.1, 0.3, 0.2, 0.4]), np.ones(4)).tolist()
    [0, 1, 1, 2]
    """
    blocks: list[tuple[float, float, int]] = []
    for place in zip(values.tolist(), weight.tolist(), [1] * len(values), strict=True):
        block = place
        while blocks and blocks[-1][0] >= block[0]:
            (height, mass, size), (other, other_mass, other_size) = block, blocks.pop()
            both = mass + other_mass
            block = ((height * mass + other * other_mass) / both, both, size + other_size)
        blocks.append(block)
    return np.repeat(np.arange(len(blocks)), [size for _, _, size in blocks])


def rising_fit(values: FloatArray, weight: FloatArray) -> FloatArray:
    """Return the nearest values that rise, or stay, shape (n,): the mean of each one's block.

    Args:
        values, weight: As in `pool_rising`.

    >>> rising_fit(np.array([0.0, 2.0, 1.0]), np.array([1.0, 1.0, 3.0])).tolist()
    [0.0, 1.25, 1.25]
    """
    block = pool_rising(values, weight)
    mass = np.bincount(block, weights=weight)
    found: FloatArray = (np.bincount(block, weights=weight * values) / mass)[block]
    return found
