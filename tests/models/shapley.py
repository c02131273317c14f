"""Shapley values of trees by their definition: every coalition of columns, slowly."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations

import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A tree as LightGBM's native text says it, read by nobody else's code."""

    column: list[int]
    threshold: list[float]
    decision: list[int]
    left: list[int]
    right: list[int]
    leaf: list[float]
    rows: list[int]
    leaf_rows: list[int]


def read_trees(text: str) -> list[Tree]:
    found = []
    for part in text.split("\nTree=")[1:]:
        told = dict(line.split("=", 1) for line in part.split("\n\n")[0].split("\n")[1:])

        def ints(name: str, told: dict[str, str] = told) -> list[int]:
            return [int(float(word)) for word in told.get(name, "").split()]

        found.append(
            Tree(
                column=ints("split_feature"),
                threshold=[float(word) for word in told.get("threshold", "").split()],
                decision=ints("decision_type"), left=ints("left_child"), right=ints("right_child"),
                leaf=[float(word) for word in told["leaf_value"].split()],
                rows=ints("internal_count"), leaf_rows=ints("leaf_count"),
            )
        )  # fmt: skip
    return found


def _goes_left(tree: Tree, node: int, value: float) -> bool:
    decision = tree.decision[node]
    assert not decision & 1, "no split of categories is written"
    if math.isnan(value):
        if decision >> 2 & 3 == 2:
            return bool(decision & 2)
        value = 0.0
    return value <= tree.threshold[node]


def expected(tree: Tree, row: np.ndarray, known: frozenset[int], node: int = 0) -> float:
    """What a tree says where only some columns are known: else as training rows went."""
    if not tree.column:
        return tree.leaf[0]
    if node < 0:
        return tree.leaf[~node]
    left, right = tree.left[node], tree.right[node]
    if tree.column[node] in known:
        side = left if _goes_left(tree, node, row[tree.column[node]]) else right
        return expected(tree, row, known, side)
    there = [tree.rows[at] if at >= 0 else tree.leaf_rows[~at] for at in (left, right)]
    said = [expected(tree, row, known, at) for at in (left, right)]
    whole = sum(there)
    return sum(n * v for n, v in zip(there, said, strict=True)) / whole if whole else said[0]


def shapley(trees: list[Tree], row: np.ndarray) -> np.ndarray:
    """The Shapley value of every column, and last what is said of nobody in particular."""
    k = len(row)
    value = {
        known: sum(expected(tree, row, known) for tree in trees)
        for size in range(k + 1)
        for known in map(frozenset, combinations(range(k), size))
    }
    found = np.zeros(k + 1)
    found[-1] = value[frozenset()]
    for own in range(k):
        for known, said in value.items():
            if own not in known:
                size = len(known)
                weight = math.factorial(size) * math.factorial(k - size - 1) / math.factorial(k)
                found[own] += weight * (value[known | {own}] - said)
    return found
