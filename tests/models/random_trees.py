"""Random trees in LightGBM's native text, with every way a split can decide, and rows for them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

CATEGORIES = 70
"""Categories lie in three words of 32."""
VALUES = np.array([-2.0, -1.0, -0.5, 0.0, 0.5, 1.0, 2.0, 3.0, 31.0, 32.0, 40.0, 69.0, 200.0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What random trees look like.

    Args:
        trees: How many.
        leaves: The most leaves of one.
        width: Columns they may read.
        skewed: Whether each split is of the newest leaf, which makes a chain.
        zeros: Whether zero may be what is missing.
        seed: Of everything random.
        each_once: Whether split i asks about column i.
    """

    trees: int
    leaves: int
    width: int
    skewed: bool
    zeros: bool
    seed: int
    each_once: bool = False

    def with_zeros(self) -> Shape:
        """Return the same where zero may be what is missing."""
        return replace(self, zeros=True)


def random_rows(shape: Shape, count: int) -> np.ndarray:
    """Return rows with values at, below and above thresholds, near zero, huge and missing."""
    rng = np.random.default_rng([shape.seed, 1])
    rows = rng.choice(np.append(VALUES, [1e-36, -1e-36, 1e12, -1e12]), (count, shape.width))
    rows = rows + rng.choice([0.0, 0.25, 1e-9], rows.shape)
    rows[rng.random(rows.shape) < 0.2] = np.nan
    return np.ascontiguousarray(rows)


def random_text(shape: Shape) -> str:
    """Return trees of a shape."""
    rng = np.random.default_rng(shape.seed)
    head = [
        "tree", "version=v4", "num_class=1", "num_tree_per_iteration=1", "label_index=0",
        f"max_feature_idx={shape.width - 1}", "objective=binary sigmoid:1",
        "feature_names=" + " ".join(f"Column_{place}" for place in range(shape.width)),
        "feature_infos=" + " ".join(["none"] * shape.width), "",
    ]  # fmt: skip
    for tree in range(shape.trees):
        head += _tree(shape, tree, rng)
    return "\n".join([*head, "end of trees", ""])


def _tree(shape: Shape, tree: int, rng: np.random.Generator) -> list[str]:
    leaves = shape.leaves if shape.each_once else int(rng.integers(1, shape.leaves + 1))
    left, right, parent, weight = _grow(shape, leaves, rng)
    value = rng.normal(size=leaves).tolist()
    if leaves == 1:
        return [f"Tree={tree}", "num_leaves=1", "num_cat=0", f"leaf_value={value[0]!r}",
                "is_linear=0", "shrinkage=1", "", ""]  # fmt: skip
    splits = leaves - 1
    columns = range(splits) if shape.each_once else rng.integers(shape.width, size=splits).tolist()
    kinds, thresholds, sets = _decisions(shape, splits, rng)
    count = [0] * splits
    for leaf, rows in enumerate(weight):
        node = parent[leaf]
        while node >= 0:
            count[node] += rows
            node = _above(node, left, right)
    lines = {
        "num_leaves": [leaves], "num_cat": [len(sets)], "split_feature": columns,
        "split_gain": [1] * splits, "threshold": thresholds, "decision_type": kinds,
        "left_child": left, "right_child": right, "leaf_value": value, "leaf_weight": weight,
        "leaf_count": weight, "internal_value": [0] * splits, "internal_weight": count,
        "internal_count": count,
    }  # fmt: skip
    if sets:
        words = [[sum(1 << one % 32 for one in some if one // 32 == at) for at in range(3)]
                 for some in sets]  # fmt: skip
        lines["cat_boundaries"] = [3 * at for at in range(len(sets) + 1)]
        lines["cat_threshold"] = [word for some in words for word in some]
    told = [f"{name}=" + " ".join(map(repr, some)) for name, some in lines.items()]
    return [f"Tree={tree}", *told, "is_linear=0", "shrinkage=1", "", ""]


def _grow(
    shape: Shape, leaves: int, rng: np.random.Generator
) -> tuple[list[int], list[int], list[int], list[int]]:
    """Split leaves, the newest or any, until there are enough: left, right, parents, rows."""
    left: list[int] = []
    right: list[int] = []
    parent = [-1]
    for node in range(leaves - 1):
        leaf = node if shape.skewed else int(rng.integers(node + 1))
        before = parent[leaf]
        if before >= 0:
            side = left if left[before] == -1 - leaf else right
            side[before] = node
        left.append(-1 - leaf)
        right.append(-2 - node)
        parent[leaf] = node
        parent.append(node)
    return left, right, parent, rng.integers(1, 500, size=leaves).tolist()


def _above(node: int, left: list[int], right: list[int]) -> int:
    return next((at for at in range(len(left)) if node > 0 and node in (left[at], right[at])), -1)


def _decisions(
    shape: Shape, splits: int, rng: np.random.Generator
) -> tuple[list[int], list[float], list[list[int]]]:
    kinds: list[int] = []
    thresholds: list[float] = []
    sets: list[list[int]] = []
    for _ in range(splits):
        if rng.random() < 0.25:
            kinds.append(1)
            thresholds.append(len(sets))
            sets.append(rng.choice(CATEGORIES, 20, replace=False).tolist())
        else:
            missing = int(rng.choice([0, 1, 2] if shape.zeros else [0, 2]))
            kinds.append(missing << 2 | int(rng.integers(2)) << 1)
            thresholds.append(float(rng.choice(VALUES)))
    return kinds, thresholds, sets
