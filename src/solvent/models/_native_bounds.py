"""Whether LightGBM's native text stays within its own bounds; the library does not look."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.errors import BundleError

_TREE: Final = re.compile(rb"^Tree=", re.MULTILINE)
_END: Final = b"end of trees"
_LARGEST_TREE: Final = 1 << 20


def require_bounds(raw: bytes, name: str) -> None:
    """Refuse trees that would read or write outside their own arrays, or never end.

    Args:
        raw: LightGBM's native text; who made it may be trusted, and it may still be damaged.
        name: What it is called in errors.

    Raises:
        BundleError: A count, an index or a size is not what the others say.
    """
    starts = [found.start() for found in _TREE.finditer(raw)]
    end = raw.find(_END)
    if not starts or end < starts[-1]:
        raise _damaged(name, "holds no trees, or is cut")
    try:
        head = _fields(raw[: starts[0]])
        width = int(head[b"max_feature_idx"]) + 1
        if not width > 0 or int(head[b"num_class"]) != 1:
            raise ValueError(name)
        if int(head[b"num_tree_per_iteration"]) != 1:
            raise ValueError(name)
        _require_sizes(head, starts, end)
        for first, last in zip(starts, [*starts[1:], end], strict=True):
            _require_tree(_fields(raw[first:last]), width)
    except (ValueError, KeyError, OverflowError) as error:
        raise _damaged(name, "holds a tree that leads out of its own bounds") from error


def _require_sizes(head: Mapping[bytes, bytes], starts: list[int], end: int) -> None:
    """Refuse sizes of trees that are not where the trees are: the library jumps by them."""
    if b"tree_sizes" in head:
        ends = starts[0] + np.cumsum(_whole(head[b"tree_sizes"]))
        if ends.tolist()[:-1] != starts[1:] or not starts[-1] < ends[-1] <= end:
            raise ValueError(end)


def _require_tree(tree: Mapping[bytes, bytes], width: int) -> None:
    leaves = int(tree[b"num_leaves"])
    values = np.array(tree[b"leaf_value"].split(), dtype=np.float64)
    if not 1 <= leaves <= _LARGEST_TREE or len(values) != leaves or not np.isfinite(values).all():
        raise ValueError(leaves)
    if int(tree.get(b"is_linear", b"0")):
        raise ValueError(leaves)
    if leaves == 1:
        return
    features = _sized(tree, b"split_feature", leaves - 1)
    if not 0 <= features.min() <= features.max() < width:
        raise ValueError(width)
    children = np.concatenate(
        [_sized(tree, b"left_child", leaves - 1), _sized(tree, b"right_child", leaves - 1)]
    )
    # Each node but the first and each leaf is somebody's child, once: every way down ends.
    if np.sort(children).tolist() != [*range(-leaves, 0), *range(1, leaves - 1)]:
        raise ValueError(leaves)
    thresholds = np.array(tree[b"threshold"].split(), dtype=np.float64)
    if len(thresholds) != leaves - 1 or np.isnan(thresholds).any():
        raise ValueError(leaves)
    _require_categories(tree, thresholds[_sized(tree, b"decision_type", leaves - 1) % 2 == 1])


def _require_categories(tree: Mapping[bytes, bytes], sets: NDArray[np.float64]) -> None:
    """Refuse sets of categories that are not there; a split of categories names one by number."""
    count = int(tree[b"num_cat"])
    if not 0 <= count <= _LARGEST_TREE:
        raise ValueError(count)
    if len(sets) and not 0 <= sets.min() <= sets.max() < count:
        raise ValueError(count)
    if count:
        bounds, words = _whole(tree[b"cat_boundaries"]), _whole(tree[b"cat_threshold"])
        if len(bounds) != count + 1 or bounds[0] != 0 or bounds[-1] != len(words):
            raise ValueError(count)
        if (np.diff(bounds) < 0).any():
            raise ValueError(count)


def _sized(tree: Mapping[bytes, bytes], key: bytes, size: int) -> NDArray[np.int64]:
    found = _whole(tree[key])
    if len(found) != size:
        raise ValueError(key)
    return found


def _whole(text: bytes) -> NDArray[np.int64]:
    return np.array([int(word) for word in text.split()], dtype=np.int64)


def _fields(block: bytes) -> dict[bytes, bytes]:
    """Return the lines of a block that say something, each of which is there once."""
    pairs = [line.split(b"=", 1) for line in block.splitlines() if b"=" in line]
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError(len(pairs))
    return found


def _damaged(name: str, what: str) -> BundleError:
    return BundleError(what, hint="restore the bundle, or train again", field=name)
