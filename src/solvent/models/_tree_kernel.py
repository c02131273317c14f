"""The one kernel that explains trees: exact Shapley values, a tree walked down once and up once.

A leaf of value v under D features adds v (o_i - z_i) times the integral over t in [0, 1] of the
product over the other features of o_j t + z_j (1 - t) to feature i: o is 1 where the row goes the
leaf's way at every split of the feature and 0 elsewhere, z the part of the training rows that
does. The integrand is a polynomial of degree D - 1, so ceil(D / 2) points of Gauss and Legendre
give it exactly. The products of a point are shared by all leaves below a node: on the way down
each node is given the product above it, on the way up the sum of its leaves times the products
below.

Eight lanes are walked at a time: eight points of one row, or one point of eight rows. Both do the
same arithmetic in the same order, so a row has the same bits alone and among others.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic, models, register_model
from numba.np.arrayobj import make_array
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LANES: Final = 8
NEAR_ZERO: Final = float(np.float32(1e-35))
CATEGORY: Final = 1
DEFAULT_LEFT: Final = 2
ZERO_MISSING: Final = 1
NAN_MISSING: Final = 2
MOST: Final = 2147483648.0


class Program(NamedTuple):
    """Trees as the kernel walks them: fewest points first, the nodes of a tree parents first.

    Args:
        starts: Where the nodes of each tree start; shape (trees,).
        ends: Where they end.
        points: How many points each tree needs, rising.
        column: What each node asks about; -1 is a leaf; shape (nodes,).
        left: Its child, counted from the tree's start.
        right: The same.
        above: The nearest node above whose way in was decided by the same column; 0 if none.
        part: Of training rows, the part that goes this way at every split of the column that led
            here; 1 at a root.
        value: A leaf's value, log-odds; elsewhere a split's threshold.
        kind: LightGBM's decision type of a split.
        words: Where the words of a split's set of categories start and end; shape (nodes, 2).
        sets: Words of categories: bit i of a word is category i of its 32.
        places: Points of Gauss and Legendre in [0, 1], row k - 1 for k; shape (most, m), where m
            is a multiple of the lanes and what lies behind the k-th is 0.5.
        weights: Their weights, 0 behind the k-th.
    """

    starts: IntArray
    ends: IntArray
    points: IntArray
    column: IntArray
    left: IntArray
    right: IntArray
    above: IntArray
    part: FloatArray
    value: FloatArray
    kind: IntArray
    words: IntArray
    sets: IntArray
    places: FloatArray
    weights: FloatArray


@njit(cache=True, nogil=True)
def _goes_left(program: Program, node: int, value: float) -> bool:
    """Tell which way a value goes, as LightGBM does."""
    kind = program.kind[node]
    if kind & CATEGORY:
        if not -1.0 < value < MOST:  # NaN as well
            return False
        category = np.int64(value)
        word = program.words[node, 0] + category // 32
        if word >= program.words[node, 1]:
            return False
        return bool(program.sets[word] >> (category % 32) & 1)
    missing = kind >> 2 & 3
    if np.isnan(value):
        if missing == NAN_MISSING:
            return bool(kind & DEFAULT_LEFT)
        value = 0.0
    if -NEAR_ZERO <= value <= NEAR_ZERO:
        if missing == ZERO_MISSING:
            return bool(kind & DEFAULT_LEFT)
        value = 0.0
    return bool(value <= program.value[node])


@njit(cache=True, nogil=True)
def _follow(program: Program, tree: int, row: FloatArray, lane: int, ways: FloatArray) -> None:
    """Say of each node whether a row goes its way wherever its column is asked on the path."""
    start = program.starts[tree]
    ways[0, lane] = 1.0
    for node in range(start, program.ends[tree]):
        column = program.column[node]
        if column >= 0:
            before = ways[program.above[node], lane]
            left = before if _goes_left(program, node, row[column]) else 0.0
            ways[program.left[node], lane] = left
            ways[program.right[node], lane] = before - left


class EightType(types.Type):  # type: ignore[misc]  # numba
    """Numba's type of a number per lane, held in registers."""

    def __init__(self) -> None:
        super().__init__(name="Eight")


eight: Final = EightType()
_VECTOR: Final = ir.VectorType(ir.DoubleType(), LANES)


@register_model(EightType)
class _EightModel(models.PrimitiveModel):  # type: ignore[misc]  # numba
    def __init__(self, manager, kind):  # type: ignore[no-untyped-def]  # numba
        super().__init__(manager, kind, _VECTOR)


def _address(context, builder, kind, array, row):  # type: ignore[no-untyped-def]  # numba
    """Return where a row of an array of shape (n, lanes) lies."""
    data = make_array(kind)(context, builder, array).data
    place = builder.gep(data, [builder.mul(row, ir.Constant(row.type, LANES))])
    return builder.bitcast(place, _VECTOR.as_pointer())


@intrinsic  # type: ignore[untyped-decorator]  # numba
def _read(typing, array, row):  # type: ignore[no-untyped-def]  # numba
    """Return a row of an array of shape (n, lanes)."""

    def write_code(context, builder, signature, given):  # type: ignore[no-untyped-def]  # numba
        found = builder.load(_address(context, builder, signature.args[0], *given))
        found.align = 8
        return found

    return eight(array, types.int64), write_code


@intrinsic  # type: ignore[untyped-decorator]  # numba
def _write(typing, array, row, value):  # type: ignore[no-untyped-def]  # numba
    """Write a row of an array of shape (n, lanes)."""

    def write_code(context, builder, signature, given):  # type: ignore[no-untyped-def]  # numba
        place = _address(context, builder, signature.args[0], *given[:2])
        builder.store(given[2], place).align = 8
        return context.get_dummy_value()

    return types.void(array, types.int64, eight), write_code


@intrinsic  # type: ignore[untyped-decorator]  # numba
def _all(typing, number):  # type: ignore[no-untyped-def]  # numba
    """Return a number in every lane."""

    def write_code(context, builder, signature, given):  # type: ignore[no-untyped-def]  # numba
        blank = ir.Constant(_VECTOR, ir.Undefined)
        first = builder.insert_element(blank, given[0], ir.Constant(ir.IntType(32), 0))
        every = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return builder.shuffle_vector(first, blank, every)

    return eight(types.float64), write_code


def _lane_by_lane(name: str):  # type: ignore[no-untyped-def]  # numba
    """Return an operation of two numbers per lane, by LLVM's name of it; nothing is fused."""

    @intrinsic  # type: ignore[untyped-decorator]  # numba
    def operation(typing, one, other):  # type: ignore[no-untyped-def]  # numba
        def write_code(context, builder, signature, given):  # type: ignore[no-untyped-def]  # numba
            return getattr(builder, name)(*given)

        return eight(eight, eight), write_code

    return operation


_plus, _minus = _lane_by_lane("fadd"), _lane_by_lane("fsub")
_times, _over = _lane_by_lane("fmul"), _lane_by_lane("fdiv")


@njit(cache=True, nogil=True)
def _walk(
    program: Program, tree: int, place: FloatArray, work: FloatArray, sums: FloatArray
) -> None:
    """Add what a tree says of each column at a point per lane.

    Args:
        program: The trees.
        tree: Its place.
        place: The point of each lane, shape (lanes,).
        work: By node and lane: products above, factors, sums below, and whether the row goes
            the node's way; the last is given.
        sums: By column and lane; changed in place.
    """
    start, end = program.starts[tree], program.ends[tree]
    product, factor, below, ways = work[0], work[1], work[2], work[3]
    t = _read(place, 0)
    rest = _minus(_all(1.0), t)
    product[0] = 1.0
    for node in range(start, end):
        here, above = node - start, program.above[node]
        if program.column[node] < 0:
            _write(below, here, _all(program.value[node]))
            continue
        left, right, product_here = program.left[node], program.right[node], _read(product, here)
        one = _plus(_times(_read(ways, left), t), _times(_all(program.part[start + left]), rest))
        two = _plus(_times(_read(ways, right), t), _times(_all(program.part[start + right]), rest))
        if above:
            part = _times(_all(program.part[start + above]), rest)
            undone = _over(_all(1.0), _plus(_times(_read(ways, above), t), part))
            one, two = _times(one, undone), _times(two, undone)
            _write(product, here, _times(product_here, undone))
        _write(factor, left, one)
        _write(factor, right, two)
        _write(product, left, _times(product_here, one))
        _write(product, right, _times(product_here, two))
    for node in range(end - 1, start - 1, -1):
        column = program.column[node]
        if column < 0:
            continue
        here, above = node - start, program.above[node]
        left, right = program.left[node], program.right[node]
        before = _minus(_read(ways, above), _all(program.part[start + above]))
        factor_left, factor_right = _read(factor, left), _read(factor, right)
        below_left, below_right = _read(below, left), _read(below, right)
        one = _minus(_read(ways, left), _all(program.part[start + left]))
        two = _minus(_read(ways, right), _all(program.part[start + right]))
        if above:
            one = _minus(one, _times(before, factor_left))
            two = _minus(two, _times(before, factor_right))
        told = _plus(_times(below_left, one), _times(below_right, two))
        _write(sums, column, _plus(_read(sums, column), _times(_read(product, here), told)))
        _write(
            below, here, _plus(_times(factor_left, below_left), _times(factor_right, below_right))
        )


@njit(cache=True, nogil=True)
def explain(
    program: Program, rows: FloatArray, widest: int, baseline: float, out: FloatArray
) -> None:
    """Write the Shapley values of rows and, last, the baseline.

    Args:
        program: The trees.
        rows: Shape (n, width).
        widest: Nodes of the largest tree.
        baseline: Mean margin of the training rows, log-odds.
        out: Shape (n, width + 1); changed in place.
    """
    width = rows.shape[1]
    work = np.empty((4, widest, LANES))
    sums = np.empty((program.places.shape[1], width, LANES))
    many = len(rows) - len(rows) % LANES if len(rows) > 1 else 0
    if many < len(rows) and len(rows) - many > LANES // 2:
        many = len(rows)
    found = np.empty((width, LANES))
    for first in range(0, many, LANES):
        _eight_rows(program, rows, first, work, sums, found)
        for lane in range(min(LANES, len(rows) - first)):
            for column in range(width):
                out[first + lane, column] = found[column, lane]
    for row in range(many, len(rows)):
        _one_row(program, rows, row, work, sums, out)
    for row in range(len(rows)):
        out[row, width] = baseline


@njit(cache=True, nogil=True)
def _one_row(
    program: Program, rows: FloatArray, row: int, work: FloatArray, sums: FloatArray,
    out: FloatArray,
) -> None:  # fmt: skip
    """Write the Shapley values of one row: lanes are points."""
    width, trees = rows.shape[1], len(program.points)
    for column in range(width):
        out[row, column] = 0.0
    tree = 0
    while tree < trees:
        points = program.points[tree]
        sums[: (points + LANES - 1) // LANES] = 0.0
        while tree < trees and program.points[tree] == points:
            _follow(program, tree, rows[row], 0, work[3])
            for node in range(program.ends[tree] - program.starts[tree]):
                work[3, node] = work[3, node, 0]
            for some in range(0, points, LANES):
                _walk(
                    program, tree, program.places[points - 1, some : some + LANES], work,
                    sums[some // LANES],
                )  # fmt: skip
            tree += 1
        for column in range(width):
            for point in range(points):
                out[row, column] += (
                    program.weights[points - 1, point]
                    * sums[point // LANES, column, point % LANES]
                )


@njit(cache=True, nogil=True)
def _eight_rows(
    program: Program, rows: FloatArray, first: int, work: FloatArray, sums: FloatArray,
    found: FloatArray,
) -> None:  # fmt: skip
    """Find the Shapley values of eight rows, the last one again where there are fewer."""
    width, trees, last = rows.shape[1], len(program.points), len(rows) - 1
    found[:] = 0.0
    places = np.empty(LANES)
    tree = 0
    while tree < trees:
        points = program.points[tree]
        sums[:points] = 0.0
        while tree < trees and program.points[tree] == points:
            for lane in range(LANES):
                _follow(program, tree, rows[min(first + lane, last)], lane, work[3])
            for point in range(points):
                places[:] = program.places[points - 1, point]
                _walk(program, tree, places, work, sums[point])
            tree += 1
        for point in range(points):
            weight = program.weights[points - 1, point]
            for column in range(width):
                for lane in range(LANES):
                    found[column, lane] += weight * sums[point, column, lane]
