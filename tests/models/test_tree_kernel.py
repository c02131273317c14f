"""Laws of the kernel that explains trees: LightGBM's values, Shapley's axioms, one row's bits."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solvent.errors import BundleError
from solvent.models._lightgbm import Trees
from solvent.models._tree_kernel import LANES
from solvent.models._tree_program import gauss_legendre
from tests.models.random_trees import Shape, random_rows, random_text

SHAPES = st.builds(
    Shape, trees=st.integers(1, 12), leaves=st.integers(1, 40), width=st.integers(1, 9),
    skewed=st.booleans(), zeros=st.just(False), seed=st.integers(0, 2**31),
)  # fmt: skip
ANY_SHAPES = st.one_of(SHAPES, SHAPES.map(lambda shape: shape.with_zeros()))


def _package(text: str, rows: np.ndarray) -> np.ndarray:
    lightgbm = pytest.importorskip("lightgbm")
    booster = lightgbm.Booster(model_str=text)
    found: np.ndarray = booster.predict(rows, pred_contrib=True, num_threads=1)
    return found


@settings(max_examples=60, deadline=None)
@given(shape=ANY_SHAPES)
def test_values_are_lightgbms(shape: Shape) -> None:
    text, rows = random_text(shape), random_rows(shape, 13)
    assert Trees.from_text(text).contributions(rows) == pytest.approx(
        _package(text, rows), rel=0, abs=1e-9
    )


@settings(max_examples=60, deadline=None)
@given(shape=ANY_SHAPES)
def test_values_sum_to_the_margin(shape: Shape) -> None:
    trees, rows = Trees.from_text(random_text(shape)), random_rows(shape, 13)
    gap = np.abs(trees.contributions(rows).sum(axis=1) - trees.margin(rows))
    assert gap.max() <= 1e-12


@settings(max_examples=60, deadline=None)
@given(shape=ANY_SHAPES, rows=st.integers(2, 2 * LANES + 3))
def test_a_row_has_the_same_bits_alone_and_among_others(shape: Shape, rows: int) -> None:
    trees, matrix = Trees.from_text(random_text(shape)), random_rows(shape, rows)
    together = trees.contributions(matrix)
    alone = [trees.contributions(matrix[row : row + 1]) for row in range(rows)]
    assert np.concatenate(alone).tobytes() == together.tobytes()


@settings(max_examples=25, deadline=None)
@given(
    shape=st.builds(
        Shape, trees=st.just(1), leaves=st.integers(2, 12), width=st.integers(1, 6),
        skewed=st.booleans(), zeros=st.booleans(), seed=st.integers(0, 2**31),
    )
)  # fmt: skip
def test_values_are_shapleys_of_every_subset(shape: Shape) -> None:
    text, rows = random_text(shape), random_rows(shape, 3)
    found = Trees.from_text(text).contributions(rows)
    for row, told in zip(rows, found, strict=True):
        assert told[:-1] == pytest.approx(_brute_force(text, row), abs=1e-12)


@pytest.mark.parametrize("depth", [17, 18, 33, 60])
def test_a_long_chain_of_different_columns_is_exact(depth: int) -> None:
    shape = _chain(depth)
    text, rows = random_text(shape), random_rows(shape, 9)
    trees = Trees.from_text(text)
    found = trees.contributions(rows)
    for row, told in zip(rows, found, strict=True):
        assert told[:-1] == pytest.approx(_in_fractions(text, row), rel=0, abs=1e-13)
    assert np.abs(found.sum(axis=1) - trees.margin(rows)).max() <= 1e-12


@pytest.mark.parametrize("depth", [17, 18, 33])
def test_a_long_chain_says_what_lightgbm_says(depth: int) -> None:
    """At a depth of 60 the package itself is off by more than a billionth."""
    shape = _chain(depth)
    text, rows = random_text(shape), random_rows(shape, 9)
    found = Trees.from_text(text).contributions(rows)
    assert found == pytest.approx(_package(text, rows), rel=0, abs=1e-9)


def _chain(depth: int) -> Shape:
    return Shape(
        trees=1, leaves=depth + 1, width=depth, skewed=True, zeros=False, seed=depth, each_once=True
    )


def test_no_rows_are_explained_as_none() -> None:
    shape = Shape(trees=2, leaves=4, width=3, skewed=False, zeros=False, seed=1)
    assert Trees.from_text(random_text(shape)).contributions(np.empty((0, 3))).shape == (0, 4)


@pytest.mark.parametrize(
    ("line", "instead", "said"),
    [
        ("is_linear=0", "is_linear=1", "linear leaves"),
        ("num_tree_per_iteration=1", "num_tree_per_iteration=1\naverage_output", "average_output"),
        ("left_child=", "left_child=0 ", "text of trees"),
        ("internal_count=", "internal_count=0 ", "text of trees"),
    ],
)
def test_trees_of_another_kind_are_refused(line: str, instead: str, said: str) -> None:
    from solvent.models._tree_program import Explainer

    shape = Shape(trees=1, leaves=4, width=3, skewed=False, zeros=False, seed=1)
    text = random_text(shape).replace(line, instead, 1)
    with pytest.raises(BundleError, match=said):
        Explainer(text, shape.width)


def test_nodes_that_do_not_hang_together_or_were_never_seen_are_refused() -> None:
    from solvent.models._tree_program import Explainer

    shape = _chain(2)
    lines = random_text(shape).split("\n")
    for start, instead, said in (
        ("left_child=", "left_child=0 0", "hang together"),
        ("left_child=", "left_child=-9 7", "hang together"),
        ("split_feature=", "split_feature=2 -4", "hang together"),
        ("leaf_count=", "leaf_count=0 0 0", "no training row"),
    ):
        text = "\n".join(instead if line.startswith(start) else line for line in lines)
        with pytest.raises(BundleError, match=said):
            Explainer(text, shape.width)


def test_another_process_gives_the_same_bits(tmp_path: Path) -> None:
    shape = Shape(trees=9, leaves=25, width=7, skewed=False, zeros=False, seed=5)
    text, rows = random_text(shape), random_rows(shape, 11)
    (tmp_path / "model.txt").write_text(text, encoding="utf-8")
    np.save(tmp_path / "rows.npy", rows)
    code = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from solvent.models._lightgbm import Trees\n"
        "here = Path(sys.argv[1])\n"
        "trees = Trees.from_text((here / 'model.txt').read_text(encoding='utf-8'))\n"
        "print(trees.contributions(np.load(here / 'rows.npy')).tobytes().hex())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == Trees.from_text(text).contributions(rows).tobytes().hex()


@pytest.mark.parametrize("count", [1, 2, 5, 9, 32])
def test_points_integrate_every_power_they_promise(count: int) -> None:
    places, weights = gauss_legendre(count)
    for power in range(2 * count):
        found = math.fsum(w * t**power for t, w in zip(places, weights, strict=True))
        assert found == pytest.approx(1.0 / (power + 1), rel=1e-13)
    theirs, _ = np.polynomial.legendre.leggauss(count)
    assert places == pytest.approx((theirs + 1.0) / 2.0, abs=1e-14)


def _brute_force(text: str, row: np.ndarray) -> list[float]:
    """Shapley values from the value of every subset of columns: slow, plain and by definition."""
    tree = dict(
        line.split("=", 1) for line in text.partition("Tree=0")[2].splitlines() if "=" in line
    )
    width, columns = len(row), range(len(row))
    if int(tree["num_leaves"]) == 1:
        return [0.0] * width
    known = {
        some: _expected(tree, text, row, some, 0)
        for size in range(width + 1)
        for some in map(frozenset, combinations(columns, size))
    }
    return [
        math.fsum(
            (known[some | {one}] - known[some])
            * math.factorial(len(some)) * math.factorial(width - len(some) - 1)
            / math.factorial(width)
            for some in _without(known, one)
        )
        for one in columns
    ]  # fmt: skip


def _in_fractions(text: str, row: np.ndarray) -> list[float]:
    """Shapley values of a tree that asks each column once: polynomials, leaf by leaf, exactly."""
    tree = dict(
        line.split("=", 1) for line in text.partition("Tree=0")[2].splitlines() if "=" in line
    )
    found = [Fraction(0)] * len(row)
    stack: list[tuple[int, dict[int, tuple[int, Fraction]]]] = [(0, {})]
    while stack:
        node, path = stack.pop()
        if node < 0:
            value = Fraction(float(tree["leaf_value"].split()[-1 - node]))
            for column, (goes, part) in path.items():
                others = [each for other, each in path.items() if other != column]
                found[column] += value * (goes - part) * _integral(others)
            continue
        column = int(tree["split_feature"].split()[node])
        children = [int(tree[name].split()[node]) for name in ("left_child", "right_child")]
        whole, left = int(tree["internal_count"].split()[node]), _left(tree, node, row[column])
        for child, goes in zip(children, (left, not left), strict=True):
            part = Fraction(_rows(tree, child), whole)
            stack.append((child, path | {column: (int(goes), part)}))
    return [float(one) for one in found]


def _integral(factors: list[tuple[int, Fraction]]) -> Fraction:
    """The integral over t in [0, 1] of the product of o t + z (1 - t)."""
    powers = [Fraction(1)]
    for goes, part in factors:
        more = [Fraction(0), *((goes - part) * one for one in powers)]
        powers = [part * one + other for one, other in zip([*powers, 0], more, strict=True)]
    return sum((one / (power + 1) for power, one in enumerate(powers)), Fraction(0))


def _rows(tree: dict[str, str], child: int) -> int:
    name = "internal_count" if child >= 0 else "leaf_count"
    return int(tree[name].split()[max(child, -1 - child)])


def _without(known: dict[frozenset[int], float], one: int) -> Iterator[frozenset[int]]:
    return (some for some in known if one not in some)


def _expected(
    tree: dict[str, str], text: str, row: np.ndarray, known: frozenset[int], node: int
) -> float:
    """The tree's mean value where only some columns are known."""
    if node < 0:
        return float(tree["leaf_value"].split()[-1 - node])
    left, right = (int(tree[name].split()[node]) for name in ("left_child", "right_child"))
    column = int(tree["split_feature"].split()[node])
    if column in known:
        way = left if _left(tree, node, float(row[column])) else right
        return _expected(tree, text, row, known, way)
    rows = [_rows(tree, child) for child in (left, right)]
    return sum(
        part / sum(rows) * _expected(tree, text, row, known, child)
        for part, child in zip(rows, (left, right), strict=True)
    )


def _left(tree: dict[str, str], node: int, value: float) -> bool:
    kind, threshold = (tree[name].split()[node] for name in ("decision_type", "threshold"))
    missing, default = int(kind) >> 2 & 3, bool(int(kind) & 2)
    if int(kind) & 1:
        ends, words = tree["cat_boundaries"].split(), tree["cat_threshold"].split()
        mine = words[int(ends[int(threshold)]) : int(ends[int(threshold) + 1])]
        known = {32 * at + bit for at, word in enumerate(mine) for bit in range(32)
                 if int(word) >> bit & 1}  # fmt: skip
        return not math.isnan(value) and value > -1 and int(value) in known
    if missing == 2 and math.isnan(value):
        return default
    value = 0.0 if math.isnan(value) or abs(value) <= float(np.float32(1e-35)) else value
    return default if missing == 1 and value == 0.0 else value <= float(threshold)
