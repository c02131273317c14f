"""From the nodes of trees to the program the kernel walks."""

from __future__ import annotations

import math
from decimal import Decimal, localcontext
from functools import cache
from typing import Final

import numpy as np
from numba import njit

from solvent.errors import BundleError
from solvent.models._tree_kernel import (
    LANES,
    FloatArray,
    IntArray,
    Program,
    explain,
    tell_way,
)
from solvent.models._tree_text import Nodes, read_nodes

BROKEN: Final = -1
UNSEEN: Final = -2
DIGITS: Final = 40
STEPS: Final = 8


class Explainer:
    """Trees that are explained row by row, exactly.

    Args:
        text: LightGBM's native text.
        width: How many columns the trees read.

    Raises:
        BundleError: The trees are not of the kind that can be explained, or say something broken.
    """

    def __init__(self, text: str, width: int) -> None:
        nodes = read_nodes(text)
        self._width: Final = width
        self._program: Final = _program(nodes, width)
        starts, ends = self._program.starts, self._program.ends
        self._widest: Final = int((ends - starts).max(initial=1))
        self._baseline: Final = _baseline(nodes)

    def explain(self, rows: FloatArray) -> FloatArray:
        """Return Shapley values and, last, the baseline; shape (n, width + 1), log-odds.

        A row has the same bits alone and among others.

        Args:
            rows: C-contiguous, shape (n, width).
        """
        out = np.empty((len(rows), self._width + 1))
        explain(self._program, rows, self._widest, self._baseline, out)
        return out


def _program(nodes: Nodes, width: int) -> Program:
    trees, size = len(nodes.leaves) - 1, len(nodes.column) + len(nodes.value)
    whole = np.zeros((7, size), dtype=np.int64)
    part, value = np.ones(size), np.empty(size)
    words, points = np.zeros((size, 2), dtype=np.int64), np.empty(trees, dtype=np.int64)
    column, left, right, above, kind, way, up = whole
    blank = Program(
        starts=nodes.splits[:-1] + nodes.leaves[:-1], ends=nodes.splits[1:] + nodes.leaves[1:],
        points=points, column=column, left=left, right=right, above=above, part=part, value=value,
        kind=kind, way=way, words=words, sets=nodes.words, places=np.empty((0, 0)),
        weights=np.empty((0, 0)),
    )  # fmt: skip
    for tree in range(trees):
        points[tree] = lay_out(nodes, tree, width, blank, up)
    if (points == BROKEN).any():
        raise BundleError("has a tree whose nodes do not hang together", field="model.txt")
    if (points == UNSEEN).any():
        raise BundleError(
            "has a node no training row came to, so nothing can be explained",
            field="model.txt", hint="grow trees with min_data_in_leaf of at least 1",
        )  # fmt: skip
    order = np.argsort(points, kind="stable")
    places, weights = _points(int(points.max(initial=1)), set(points.tolist()))
    return blank._replace(
        starts=blank.starts[order], ends=blank.ends[order], points=points[order], places=places,
        weights=weights,
    )  # fmt: skip


@njit(cache=True, nogil=True)
def lay_out(nodes: Nodes, tree: int, width: int, program: Program, up: IntArray) -> int:
    """Number a tree's nodes so that parents come first, and write them.

    Args:
        nodes: As the text names them.
        tree: Its place.
        width: How many columns there are.
        program: What its nodes are written to; changed in place.
        up: The parent of each node; changed in place.

    Returns:
        How many points the tree needs; `BROKEN` where its nodes are no tree, `UNSEEN` where a
        node has no training rows.
    """
    splits, leaves = nodes.splits[tree], nodes.leaves[tree]
    many, leaf_count = nodes.splits[tree + 1] - splits, nodes.leaves[tree + 1] - leaves
    start, size = program.starts[tree], many + leaf_count
    name, unique = np.empty(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    name[0], count, deepest = (0 if many else -1), 1, 1
    for here in range(size):
        if here >= count or not -leaf_count <= name[here] < many:
            return BROKEN
        node = start + here
        if name[here] < 0:
            program.column[node] = -1
            program.value[node] = nodes.value[leaves - 1 - name[here]]
            deepest = max(deepest, unique[here])
            continue
        split = splits + name[here]
        column = nodes.column[split]
        if count + 2 > size or not 0 <= column < width:
            return BROKEN
        if not _write(nodes, tree, split, program, node):
            return BROKEN
        above = here
        while above and program.column[start + up[start + above]] != column:
            above = up[start + above]
        program.column[node], program.above[node] = column, above
        program.way[node] = tell_way(program, node)
        program.left[node], program.right[node] = count, count + 1
        for child in (nodes.left[split], nodes.right[split]):
            if not -leaf_count <= child < many:
                return BROKEN
            rows = nodes.cover[splits + child] if child >= 0 else nodes.weight[leaves - 1 - child]
            if rows <= 0 or nodes.cover[split] <= 0:
                return UNSEEN
            program.part[start + count] = program.part[start + above] * (rows / nodes.cover[split])
            up[start + count], name[count] = here, child
            unique[count] = unique[here] + (above == 0)
            count += 1
    return (deepest + 1) // 2


@njit(cache=True, nogil=True)
def _write(nodes: Nodes, tree: int, split: int, program: Program, node: int) -> bool:
    """Write how a split decides; tell whether its set of categories is one."""
    program.value[node], program.kind[node] = nodes.threshold[split], nodes.kind[split]
    if not nodes.kind[split] & 1:
        return True
    at = nodes.sets[tree] + np.int64(nodes.threshold[split])
    if not nodes.sets[tree] <= at < nodes.sets[tree + 1] - 1:
        return False
    first, last = nodes.ends[at], nodes.ends[at + 1]
    program.words[node, 0], program.words[node, 1] = first, last
    return bool(0 <= first <= last <= len(nodes.words))


def _baseline(nodes: Nodes) -> float:
    """Return the mean margin of the training rows, tree by tree as LightGBM adds it up."""
    total = 0.0
    for tree in range(len(nodes.leaves) - 1):
        some = slice(nodes.leaves[tree], nodes.leaves[tree + 1])
        value, weight = nodes.value[some].tolist(), nodes.weight[some].tolist()
        if len(value) == 1:
            total += value[0]
            continue
        rows = int(nodes.cover[nodes.splits[tree]])
        total += sum(count / rows * each for count, each in zip(weight, value, strict=True))
    return total


def _points(most: int, needed: set[int]) -> tuple[FloatArray, FloatArray]:
    """Return the rules that are needed, as `Program` keeps them."""
    size = -(-most // LANES) * LANES
    places, weights = np.full((most, size), 0.5), np.zeros((most, size))
    for count in needed:
        places[count - 1, :count], weights[count - 1, :count] = gauss_legendre(count)
    return places, weights


@cache
def gauss_legendre(count: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return points and weights that integrate polynomials of degree 2 count - 1 over [0, 1].

    Reckoned in decimals and rounded once, so that they are the same bits on every machine.

    Args:
        count: >= 1.

    >>> gauss_legendre(1)
    ((0.5,), (1.0,))
    """
    places, weights = [], []
    with localcontext() as context:
        context.prec = DIGITS
        for number in range(count):
            x = Decimal(-math.cos(math.pi * (number + 0.75) / (count + 0.5)))
            for _ in range(STEPS):
                value, slope = _legendre(count, x)
                x -= value / slope
            _, slope = _legendre(count, x)
            places.append(float((1 + x) / 2))
            weights.append(float(1 / ((1 - x * x) * slope * slope)))
    return tuple(places), tuple(weights)


def _legendre(count: int, x: Decimal) -> tuple[Decimal, Decimal]:
    """Return Legendre's polynomial of a degree, and its slope, within (-1, 1)."""
    before, value = Decimal(1), x
    for degree in range(2, count + 1):
        before, value = value, ((2 * degree - 1) * x * value - (degree - 1) * before) / degree
    return value, count * (x * value - before) / (x * x - 1)
