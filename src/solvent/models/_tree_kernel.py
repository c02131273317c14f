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

from typing import Any, Final, NamedTuple

import numpy as np
from llvmlite import ir  # type: ignore[import-untyped]
from numba import njit, types
from numba.extending import intrinsic, models, register_model
from numba.np.arrayobj import make_array
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
Untyped = Any
"""What numba and llvmlite hand about while they compile: neither names its types."""

LANES: Final = 8
NEAR_ZERO: Final = float(np.float32(1e-35))
CATEGORY: Final = 1
DEFAULT_LEFT: Final = 2
ZERO_MISSING: Final = 1
NAN_MISSING: Final = 2
MOST: Final = 2147483648.0
FEW: Final = 3
"""Fewer rows than this and one more are walked one by one."""
NAN_RIGHT: Final = 0
NAN_LEFT: Final = 1
AT_LENGTH: Final = 2


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
        way: How a split is decided, as `tell_way` says.
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
    way: IntArray
    words: IntArray
    sets: IntArray
    places: FloatArray
    weights: FloatArray


@njit(cache=True, nogil=True)
def _goes_left(program: Program, node: int, value: float) -> bool:
    """Tell which way a value goes, as LightGBM does; a value near zero is zero."""
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
    if missing == NAN_MISSING and np.isnan(value):
        return bool(kind & DEFAULT_LEFT)
    if np.isnan(value):
        value = 0.0
    if missing == ZERO_MISSING and value == 0.0:
        return bool(kind & DEFAULT_LEFT)
    return bool(value <= program.value[node])


@njit(cache=True, nogil=True)
def tell_way(program: Program, node: int) -> int:
    """Return how a split is decided: by its threshold, NaN right or left, or at length."""
    if program.kind[node] & CATEGORY or program.kind[node] >> 2 & 3 == ZERO_MISSING:
        return AT_LENGTH
    return NAN_LEFT if _goes_left(program, node, np.nan) else NAN_RIGHT


class EightType(types.Type):
    """Numba's type of a number per lane, held in registers."""

    def __init__(self) -> None:
        super().__init__(name="Eight")


eight: Final = EightType()
_VECTOR: Final = ir.VectorType(ir.DoubleType(), LANES)


@register_model(EightType)
class _EightModel(models.PrimitiveModel):
    def __init__(self, manager: Untyped, kind: Untyped) -> None:
        super().__init__(manager, kind, _VECTOR)  # type: ignore[no-untyped-call]  # numba


def _address(
    context: Untyped, builder: Untyped, kind: Untyped, array: Untyped, row: Untyped
) -> Untyped:
    """Return where a row of an array of shape (n, lanes) lies."""
    whole: Untyped = make_array
    place = builder.gep(
        whole(kind)(context, builder, array).data,
        [builder.mul(row, ir.Constant(row.type, LANES))],
    )
    return builder.bitcast(place, _VECTOR.as_pointer())


def _type_read(_typing: Untyped, array: Untyped, _row: Untyped) -> Untyped:
    """Return a row of an array of shape (n, lanes)."""

    def write_code(
        context: Untyped, builder: Untyped, signature: Untyped, given: Untyped
    ) -> Untyped:
        found = builder.load(_address(context, builder, signature.args[0], *given))
        found.align = 8
        return found

    return eight(array, types.int64), write_code


def _type_write(_typing: Untyped, array: Untyped, _row: Untyped, _value: Untyped) -> Untyped:
    """Write a row of an array of shape (n, lanes)."""

    def write_code(
        context: Untyped, builder: Untyped, signature: Untyped, given: Untyped
    ) -> Untyped:
        place = _address(context, builder, signature.args[0], *given[:2])
        builder.store(given[2], place).align = 8
        return context.get_dummy_value()

    return types.void(array, types.int64, eight), write_code


def _type_all(_typing: Untyped, _number: Untyped) -> Untyped:
    """Return a number in every lane."""

    def write_code(
        _context: Untyped, builder: Untyped, _signature: Untyped, given: Untyped
    ) -> Untyped:
        blank = ir.Constant(_VECTOR, ir.Undefined)
        first = builder.insert_element(blank, given[0], ir.Constant(ir.IntType(32), 0))
        every = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return builder.shuffle_vector(first, blank, every)

    return eight(types.float64), write_code


def _lane_by_lane(name: str) -> Untyped:
    """Return an operation of two numbers per lane, by LLVM's name of it; nothing is fused."""

    def type_operation(_typing: Untyped, _one: Untyped, _other: Untyped) -> Untyped:
        def write_code(
            _context: Untyped, builder: Untyped, _signature: Untyped, given: Untyped
        ) -> Untyped:
            return getattr(builder, name)(*given)

        return eight(eight, eight), write_code

    return intrinsic(type_operation)


def _comparison(name: str) -> Untyped:
    """Return 1 where one is at most the other, else 0; unordered says 1 of NaN, ordered 0."""

    def type_operation(_typing: Untyped, _one: Untyped, _other: Untyped) -> Untyped:
        def write_code(
            _context: Untyped, builder: Untyped, _signature: Untyped, given: Untyped
        ) -> Untyped:
            return builder.uitofp(getattr(builder, name)("<=", *given), _VECTOR)

        return eight(eight, eight), write_code

    return intrinsic(type_operation)


_read: Untyped = intrinsic(_type_read)
_write: Untyped = intrinsic(_type_write)
_all: Untyped = intrinsic(_type_all)
_plus, _minus = _lane_by_lane("fadd"), _lane_by_lane("fsub")
_times, _over = _lane_by_lane("fmul"), _lane_by_lane("fdiv")
_at_most, _not_above = _comparison("fcmp_ordered"), _comparison("fcmp_unordered")


@njit(cache=True, nogil=True)
def _follow(program: Program, tree: int, values: FloatArray, ways: FloatArray) -> None:
    """Say of each node whether a row goes its way wherever its column is asked on the path.

    Args:
        program: The trees.
        tree: Its place.
        values: By column and lane.
        ways: By node and lane: 1 or 0; changed in place.
    """
    start = program.starts[tree]
    _write(ways, 0, _all(1.0))
    for node in range(start, program.ends[tree]):
        column = program.column[node]
        if column < 0:
            continue
        left, right, way = program.left[node], program.right[node], program.way[node]
        before = _read(ways, program.above[node])
        if way == NAN_RIGHT:
            goes = _at_most(_read(values, column), _all(program.value[node]))
        elif way == NAN_LEFT:
            goes = _not_above(_read(values, column), _all(program.value[node]))
        else:
            for lane in range(LANES):
                yes = _goes_left(program, node, values[column, lane])
                ways[left, lane] = 1.0 if yes else 0.0
            goes = _read(ways, left)
        goes = _times(before, goes)
        _write(ways, left, goes)
        _write(ways, right, _minus(before, goes))


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
    width, some = rows.shape[1], LANES if len(rows) > FEW else 1
    work = np.empty((4, widest, LANES))
    values, found = np.empty((width, LANES)), np.empty((width, LANES))
    sums = np.empty((program.places.shape[1], width, LANES))
    for first in range(0, len(rows), some):
        for lane in range(LANES):
            row = rows[min(first + min(lane, some - 1), len(rows) - 1)]
            for column in range(width):
                value = row[column]
                values[column, lane] = 0.0 if abs(value) <= NEAR_ZERO else value
        found[:] = 0.0
        if some == 1:
            _one_row(program, values, work, sums, found)
        else:
            _eight_rows(program, values, work, sums, found)
        for lane in range(min(some, len(rows) - first)):
            for column in range(width):
                out[first + lane, column] = found[column, lane]
            out[first + lane, width] = baseline


@njit(cache=True, nogil=True)
def _one_row(
    program: Program, values: FloatArray, work: FloatArray, sums: FloatArray, found: FloatArray
) -> None:
    """Add up the Shapley values of one row, the same in every lane: lanes are points."""
    tree, trees = 0, len(program.points)
    while tree < trees:
        points = program.points[tree]
        sums[: (points + LANES - 1) // LANES] = 0.0
        while tree < trees and program.points[tree] == points:
            _follow(program, tree, values, work[3])
            for some in range(0, points, LANES):
                places = program.places[points - 1, some : some + LANES]
                _walk(program, tree, places, work, sums[some // LANES])
            tree += 1
        for point in range(points):
            weight = program.weights[points - 1, point]
            for column in range(len(found)):
                found[column, 0] += weight * sums[point // LANES, column, point % LANES]


@njit(cache=True, nogil=True)
def _eight_rows(
    program: Program, values: FloatArray, work: FloatArray, sums: FloatArray, found: FloatArray
) -> None:
    """Add up the Shapley values of eight rows: lanes are rows."""
    places = np.empty(LANES)
    tree, trees = 0, len(program.points)
    while tree < trees:
        points = program.points[tree]
        sums[:points] = 0.0
        while tree < trees and program.points[tree] == points:
            _follow(program, tree, values, work[3])
            for point in range(points):
                places[:] = program.places[points - 1, point]
                _walk(program, tree, places, work, sums[point])
            tree += 1
        for point in range(points):
            weight = program.weights[points - 1, point]
            for column in range(len(found)):
                for lane in range(LANES):
                    found[column, lane] += weight * sums[point, column, lane]
