"""The nodes of trees, read out of LightGBM's native text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from solvent.errors import BundleError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Tree = Mapping[str, str]

_TREE: Final = "Tree="
_END: Final = "end of trees"
_ONLY: Final = {"average_output": "0", "num_class": "1", "num_tree_per_iteration": "1"}
"""What the head of a text has to say where it says anything."""
_HINT: Final = "a model of one margin, the plain sum of its trees, can be explained"


class Nodes(NamedTuple):
    """Splits and leaves of all trees, one tree after the other.

    Args:
        splits: Where the splits of each tree start, and their end; shape (trees + 1,).
        leaves: The same of leaves.
        column: What each split asks about.
        threshold: The greatest value that goes left; of categories, the place of its set in `ends`.
        kind: LightGBM's decision type: bit 0 categories, bit 1 missing goes left, bits 2 and 3
            what is missing (0 nothing, 1 zero, 2 NaN).
        left: Its child among the tree's splits, or minus one minus the place among its leaves.
        right: The same.
        cover: Training rows in each split.
        value: Of each leaf, log-odds.
        weight: Training rows in each leaf.
        sets: Where the sets of each tree start in `ends`; shape (trees + 1,).
        ends: Where the words of each set of categories start, each tree's with its end.
        words: The sets: bit i of a word is category i of its 32.
    """

    splits: IntArray
    leaves: IntArray
    column: IntArray
    threshold: FloatArray
    kind: IntArray
    left: IntArray
    right: IntArray
    cover: IntArray
    value: FloatArray
    weight: IntArray
    sets: IntArray
    ends: IntArray
    words: IntArray


def read_nodes(text: str) -> Nodes:
    """Read trees.

    Args:
        text: LightGBM's native text.

    Raises:
        BundleError: The text is cut short, or its trees are not of the kind that can be explained.
    """
    _refuse_others(text)
    try:
        return _nodes([*_trees(text)])
    except (KeyError, ValueError) as error:
        raise BundleError("is no text of trees", field="model.txt") from error


def _nodes(trees: Sequence[Tree]) -> Nodes:
    leaves = np.array([int(tree["num_leaves"]) for tree in trees], dtype=np.int64)
    splits = leaves - 1
    ends = [_line(tree, "cat_boundaries") for tree in trees]
    words = np.cumsum([0, *(int(one[-1]) if len(one) else 0 for one in ends)])
    weight = [
        _line(tree, "leaf_count") if many else np.ones(1, dtype=np.int64)
        for tree, many in zip(trees, splits, strict=True)
    ]
    return Nodes(
        splits=_starts(splits),
        leaves=_starts(leaves),
        column=_joined([_line(tree, "split_feature") for tree in trees], splits),
        threshold=_real(trees, "threshold", splits),
        kind=_joined([_line(tree, "decision_type") for tree in trees], splits),
        left=_joined([_line(tree, "left_child") for tree in trees], splits),
        right=_joined([_line(tree, "right_child") for tree in trees], splits),
        cover=_joined([_line(tree, "internal_count") for tree in trees], splits),
        value=_real(trees, "leaf_value", leaves),
        weight=_joined(weight, leaves),
        sets=_starts(np.array([len(one) for one in ends], dtype=np.int64)),
        ends=_joined([one + start for one, start in zip(ends, words[:-1], strict=True)]),
        words=_joined([_line(tree, "cat_threshold") for tree in trees]),
    )


def _refuse_others(text: str) -> None:
    for line in text.partition(_TREE)[0].splitlines():
        name, _, value = line.partition("=")
        if name in _ONLY and value != _ONLY[name]:
            raise BundleError(f"says {line!r}: such trees are not explained", hint=_HINT)


def _trees(text: str) -> Iterator[Tree]:
    body, ended, _ = text.partition(_END)
    if not ended:
        raise BundleError(f"does not say {_END!r}: it is cut short", field="model.txt")
    for block in body.split(_TREE)[1:]:
        tree = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)
        if tree.get("is_linear", "0") != "0":
            raise BundleError("has linear leaves: such trees are not explained", hint=_HINT)
        yield tree


def _starts(counts: IntArray) -> IntArray:
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])


def _line(tree: Tree, name: str) -> IntArray:
    return np.array(tree.get(name, "").split(), dtype=np.int64)


def _real(trees: Sequence[Tree], name: str, counts: IntArray) -> FloatArray:
    lines = [np.array(tree.get(name, "").split(), dtype=np.float64) for tree in trees]
    _require(lines, counts)
    return np.concatenate([np.empty(0), *lines])


def _joined(lines: Sequence[IntArray], counts: IntArray | None = None) -> IntArray:
    if counts is not None:
        _require(lines, counts)
    return np.concatenate([np.empty(0, dtype=np.int64), *lines])


def _require(lines: Sequence[IntArray] | Sequence[FloatArray], counts: IntArray) -> None:
    if [len(line) for line in lines] != counts.tolist():
        raise ValueError("a tree with another number of numbers than it has nodes")
