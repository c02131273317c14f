"""Laws of LightGBM's native text, written and rewritten."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from solvent.models._boosting import Grower, Rows
from solvent.models._lightgbm import Trees
from solvent.models._native_text import (
    Symmetric,
    add_up,
    last_left,
    say_log_odds,
    write_symmetric,
)
from solvent.models.techniques.boosted_trees import still

LEAST = float(np.finfo(np.float32).min)
"""CatBoost's border between what is missing and every value."""
FLOAT32 = st.floats(-(2.0**60), 2.0**60, width=32).filter(
    lambda one: abs(one) > 2.0**-60
) | st.just(LEAST)


def _ask(tree: Symmetric, row: np.ndarray) -> float:
    """A symmetric tree's value, question by question, in float32 as CatBoost asks."""
    place = 0
    for level, (column, border) in enumerate(zip(tree.columns, tree.borders, strict=True)):
        with np.errstate(over="ignore"):
            place |= int(np.float32(row[column]) > np.float32(border)) << level
    return float(tree.values[place])


@given(st.data())
def test_symmetric_trees_say_the_same_once_written(data: st.DataObject) -> None:
    width = data.draw(st.integers(1, 3))
    trees, borders = [], [1.0]
    for _ in range(data.draw(st.integers(1, 3))):
        depth = data.draw(st.integers(0, 3))
        asked = data.draw(st.lists(FLOAT32, min_size=depth, max_size=depth))
        size = 2**depth
        values = st.lists(st.integers(-3, 3), min_size=size, max_size=size)
        trees.append(
            Symmetric(
                columns=np.array(
                    data.draw(
                        st.lists(st.integers(0, width - 1), min_size=depth, max_size=depth)
                    ), dtype=np.int64,
                ),
                borders=np.array(asked),
                values=np.array(data.draw(values), dtype=np.float64) / 7.0,
                rows=np.array(data.draw(values), dtype=np.int64) % 4,
            )
        )  # fmt: skip
        borders += asked
    edges = last_left(np.array(borders))
    near = [*borders, *edges, *np.nextafter(edges, np.inf), math.nan, 1e300, -1e300]
    rows = np.array(
        data.draw(
            st.lists(
                st.lists(st.sampled_from(near), min_size=width, max_size=width),
                min_size=1, max_size=8,
            )
        )
    )  # fmt: skip
    written = Trees.from_text(write_symmetric(trees, width))
    said = [sum(_ask(tree, row) for tree in trees) for row in rows]
    assert written.margin(rows) == pytest.approx(said, abs=1e-12)
    assert written.contributions(rows).sum(axis=1) == pytest.approx(said, abs=1e-9)


@given(FLOAT32)
def test_the_last_value_on_the_left_is_the_last(border: float) -> None:
    with np.errstate(over="ignore"):
        edge = last_left(np.array([border]))[0]
        assert not np.float32(edge) > np.float32(border)
        assert np.float32(np.nextafter(edge, np.inf)) > np.float32(border)


def _forest(matrix: np.ndarray, bad: np.ndarray) -> str:
    settings = {
        **still(1), "boosting": "rf", "bagging_fraction": 0.6, "bagging_freq": 1,
        "min_data_in_leaf": 20, "min_sum_hessian_in_leaf": 0.0, "feature_fraction_bynode": 0.5,
    }  # fmt: skip
    grower = Grower(Rows(matrix, bad, settings), settings)
    for _ in range(7):
        grower.grow()
    return grower.text()


def test_a_forest_says_the_mean_log_odds_of_its_leaves() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(800, 3))
    bad = rng.random(800) < 1.0 / (1.0 + np.exp(1.0 - matrix[:, 0]))
    text, rate = _forest(matrix, bad), float(bad.mean())
    told = Trees.from_text(say_log_odds(text, rate, pull=0.2)).margin(matrix)
    booster, leaves = lightgbm.Booster(model_str=text), []
    leaf = booster.predict(matrix, pred_leaf=True, num_threads=1)
    for tree in range(7):
        step = np.array([booster.get_leaf_output(tree, one) for one in leaf[:, tree]])
        own = rate + (step - math.log(rate / (1.0 - rate))) * rate * (1.0 - rate)
        pulled = (np.clip(own, 0.0, 1.0) + 0.2 * rate) / 1.2
        leaves.append(np.log(pulled / (1.0 - pulled)))
        assert own.min() > -1e-7
        assert own.max() < 1.0 + 1e-7
    assert told == pytest.approx(np.mean(leaves, axis=0), abs=1e-9)


def test_a_forest_without_a_split_says_the_portfolios_log_odds() -> None:
    bad = np.arange(300) % 3 == 0
    text = say_log_odds(_forest(np.zeros((300, 2)), bad), float(bad.mean()), pull=0.2)
    assert Trees.from_text(text).margin(np.zeros((2, 2))) == pytest.approx(math.log(0.5), abs=1e-9)


@pytest.mark.parametrize("boosted", [True, False])
def test_models_added_up_say_the_sum_multiplied_and_shifted(boosted: bool) -> None:
    rng = np.random.default_rng(5)
    matrix = rng.normal(size=(800, 3))
    matrix[rng.random(matrix.shape) < 0.1] = math.nan
    bad = rng.random(800) < 1.0 / (1.0 + np.exp(1.0 - np.nan_to_num(matrix[:, 0])))
    texts = []
    for seed, rounds in ((1, 7), (2, 11), (3, 1)):
        grower = Grower(Rows(matrix, bad, still(seed)), still(seed))
        for _ in range(rounds if boosted else 1):
            grower.grow()
        texts.append(grower.text())
    each = [Trees.from_text(text) for text in texts]
    found = Trees.from_text(add_up(texts, factor=0.4, shift=-0.3))
    wanted = 0.4 * sum(one.margin(matrix) for one in each) - 0.3
    assert found.margin(matrix) == pytest.approx(wanted, abs=1e-12)
    shown = 0.4 * sum(one.contributions(matrix[:50]) for one in each)
    shown[:, -1] -= 0.3
    assert found.contributions(matrix[:50]) == pytest.approx(shown, abs=1e-9)
