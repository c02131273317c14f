"""LightGBM's native text, written and rewritten: the form every kind of tree is kept in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MISSING_LEFT: Final = 10
"""A split of numbers in which NaN is a value of its own and goes left."""
_VALUE: Final = "leaf_value="
_GONE: Final = ("average_output", "tree_sizes=")
_TREE: Final = "Tree="
_END: Final = "end of trees"


def say_log_odds(text: str, rate: float, *, pull: float) -> str:
    """Let a forest's leaves say log-odds, and the forest their mean.

    LightGBM's forest keeps in each leaf one Newton step from the portfolio's log-odds, which is
    the leaf's bad rate on another scale. The rate is pulled to the portfolio's, by the same part in
    every leaf, so that no leaf says never and what rose with a feature still does.

    Args:
        text: LightGBM's native text of a forest.
        rate: Bad rate of what it learnt from, in (0, 1).
        pull: Weight of that rate beside a leaf's own, > 0.
    """
    lines = [line for line in text.split("\n") if not line.startswith(_GONE)]
    places = [place for place, line in enumerate(lines) if line.startswith(_VALUE)]
    prior, spread = math.log(rate / (1.0 - rate)), rate * (1.0 - rate)
    for place in places:
        values = np.array(lines[place][len(_VALUE) :].split(), dtype=np.float64)
        own = np.clip(rate + (values - prior) * spread, 0.0, 1.0) if len(values) > 1 else rate
        pulled = np.atleast_1d((own + pull * rate) / (1.0 + pull))
        lines[place] = _VALUE + _words(np.log(pulled / (1.0 - pulled)) / len(places))
    return "\n".join(lines)


def add_up(texts: Sequence[str], *, factor: float, shift: float) -> str:
    """Return one model of the trees of several: their margins added up, multiplied and shifted.

    Args:
        texts: LightGBM's native text of at least one model, over the same columns; each has a tree.
        factor: What the sum of their margins is multiplied by.
        shift: What is added then, in log-odds.
    """
    heads = [text[: text.index(_TREE)].rstrip("\n").split("\n") for text in texts]
    lines = [line for line in heads[0] if not line.startswith(_GONE)] + [""]
    trees = 0
    for text in texts:
        for line in text[text.index(_TREE) : text.index(_END)].rstrip("\n").split("\n"):
            if line.startswith(_TREE):
                lines.append(f"{_TREE}{trees}")
                trees += 1
            elif line.startswith(_VALUE):
                values = factor * np.array(line[len(_VALUE) :].split(), dtype=np.float64)
                lines.append(_VALUE + _words(values + shift if trees == 1 else values))
            else:
                lines.append(line)
        lines += ["", ""]
    return "\n".join([*lines, _END, ""])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Symmetric:
    """A tree that asks the same at every node of a level.

    Args:
        columns: The column each level asks about, shape (depth,).
        borders: float32 values; above one is right, NaN is left; shape (depth,).
        values: Of the leaves, shape (2 ** depth,); level i's answer is bit i of a leaf's place.
        rows: Training rows in each leaf, shape (2 ** depth,).
    """

    columns: IntArray
    borders: FloatArray
    values: FloatArray
    rows: IntArray


def write_symmetric(trees: Sequence[Symmetric], width: int) -> str:
    """Return symmetric trees in LightGBM's native text: margins are the same.

    Args:
        trees: At least one.
        width: How many columns they read.
    """
    head = [
        "tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0",
        f"max_feature_idx={width - 1}", "objective=binary sigmoid:1",
        "feature_names=" + " ".join(f"Column_{place}" for place in range(width)),
        "feature_infos=" + " ".join(["none"] * width), "",
    ]  # fmt: skip
    blocks = [line for place, tree in enumerate(trees) for line in _block(place, tree)]
    return "\n".join([*head, *blocks, "end of trees", ""])


def _block(place: int, tree: Symmetric) -> Iterator[str]:
    grown = _Growth(tree)
    grown.add(len(tree.columns) - 1, np.arange(len(tree.values)))
    yield from (f"Tree={place}", f"num_leaves={len(grown.values)}", "num_cat=0")
    if grown.split:
        yield "split_feature=" + _words(tree.columns[grown.split])
        yield "split_gain=" + _words(np.zeros(len(grown.split)))
        yield "threshold=" + _words(last_left(tree.borders)[grown.split])
        yield "decision_type=" + _words(np.full(len(grown.split), MISSING_LEFT))
        yield "left_child=" + _words(np.array(grown.left))
        yield "right_child=" + _words(np.array(grown.right))
    yield _VALUE + _words(np.array(grown.values))
    yield "leaf_weight=" + _words(np.array(grown.rows))
    yield "leaf_count=" + _words(np.array(grown.rows))
    if grown.split:
        yield "internal_value=" + _words(np.zeros(len(grown.split)))
        yield "internal_weight=" + _words(np.array(grown.counts))
        yield "internal_count=" + _words(np.array(grown.counts))
    yield from ("is_linear=0", "shrinkage=1", "", "")


class _Growth:
    """A symmetric tree on its way into nodes; what says the same everywhere is one leaf.

    A leaf without rows counts as one, so that Shapley values divide by nothing.
    """

    def __init__(self, tree: Symmetric) -> None:
        self._tree = tree
        self.split: list[int] = []
        self.left: list[int] = []
        self.right: list[int] = []
        self.counts: list[int] = []
        self.values: list[float] = []
        self.rows: list[int] = []

    def add(self, level: int, leaves: IntArray) -> tuple[int, int]:
        """Add what lies below a level; return its place (a leaf's is negative) and its rows."""
        values = self._tree.values[leaves]
        if (values == values[0]).all():
            self.values.append(float(values[0]))
            self.rows.append(max(int(self._tree.rows[leaves].sum()), 1))
            return -len(self.values), self.rows[-1]
        node = len(self.split)
        for side in (self.split, self.left, self.right, self.counts):
            side.append(level)
        above = leaves >> level & 1 == 1
        self.left[node], left_rows = self.add(level - 1, leaves[~above])
        self.right[node], right_rows = self.add(level - 1, leaves[above])
        self.counts[node] = left_rows + right_rows
        return node, self.counts[node]


def last_left(borders: FloatArray) -> FloatArray:
    """Return the greatest float64 that, rounded to float32, is not above each border.

    Halfway to the next float32 rounding goes to the even one of both.

    >>> bool(np.float32(last_left(np.array([0.5]))[0]) > 0.5)
    False
    >>> bool(np.float32(np.nextafter(last_left(np.array([0.5]))[0], 1.0)) > 0.5)
    True
    """
    border = borders.astype(np.float32)
    above = np.nextafter(border, np.float32(np.inf)).astype(np.float64)
    halfway = (border.astype(np.float64) + above) / 2.0
    return np.where(halfway.astype(np.float32) > border, np.nextafter(halfway, -np.inf), halfway)


def _words(values: FloatArray | IntArray) -> str:
    return " ".join(map(repr, values.tolist()))
