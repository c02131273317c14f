"""Laws of LightGBM through its C library."""

from __future__ import annotations

import gc
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from solvent.errors import BundleError, DataError
from solvent.models import FittedModel, TrainedModel, save_bundle
from solvent.models._boosting import Grower, Rows
from solvent.models._lightgbm import Trees
from solvent.models._native_text import Symmetric, write_symmetric
from solvent.models.calibration import Calibration
from solvent.models.calibrators import fit_line
from solvent.models.matrix import Encoder
from solvent.models.plans import Plain
from solvent.models.scorers.additive import Additive, AdditiveModel, Term
from solvent.models.scorers.trees import TreesModel
from solvent.models.techniques.boosted_trees import choose_settings


def _grown() -> tuple[str, np.ndarray]:
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(3000, 6))
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    bad = rng.random(3000) < 1.0 / (1.0 + np.exp(1.0 - np.nan_to_num(matrix[:, 0])))
    settings = choose_settings(3000, 6, seed=1)
    grower = Grower(Rows(matrix, bad, settings), settings)
    for _ in range(40):
        grower.grow()
    return grower.text(), matrix


def test_margins_are_the_packages_bit_for_bit_and_contributions_to_a_billionth() -> None:
    lightgbm = pytest.importorskip("lightgbm")
    text, matrix = _grown()
    ours, theirs = Trees.from_text(text), lightgbm.Booster(model_str=text)
    assert (ours.margin(matrix) == theirs.predict(matrix, raw_score=True, num_threads=1)).all()
    shap = theirs.predict(matrix[:50], pred_contrib=True, num_threads=1)
    assert ours.contributions(matrix[:50]) == pytest.approx(shap, rel=0, abs=1e-9)


def test_one_row_gives_the_bits_many_rows_give() -> None:
    text, matrix = _grown()
    trees = Trees.from_text(text)
    alone = np.concatenate([trees.margin(matrix[place : place + 1]) for place in range(200)])
    assert (alone == trees.margin(matrix[:200])).all()


def test_contributions_sum_to_the_margin() -> None:
    text, matrix = _grown()
    trees = Trees.from_text(text)
    total = trees.contributions(matrix[:100]).sum(axis=1)
    assert total == pytest.approx(trees.margin(matrix[:100]), abs=1e-9)


def test_a_matrix_of_another_width_is_refused_and_no_rows_give_none() -> None:
    trees = Trees.from_text(_grown()[0])
    with pytest.raises(DataError, match="reads 6 columns"):
        trees.margin(np.zeros((2, 5)))
    assert trees.margin(np.zeros((0, 6))).shape == (0,)


def test_text_that_is_no_model_is_refused_in_the_librarys_words() -> None:
    with pytest.raises(BundleError, match="LightGBM refused"):
        Trees.from_text("not a model")


def test_handles_are_given_back_when_nobody_holds_them() -> None:
    trees = Trees.from_text(_grown()[0])
    booster, row = trees._free, trees._one_row._free
    del trees
    gc.collect()
    assert not booster.alive
    assert not row.alive


def test_scoring_imports_no_heavy_library() -> None:
    code = (
        "import sys, solvent.models\n"
        "from solvent.models._lightgbm import library\n"
        "library()\n"
        "heavy = {'lightgbm', 'sklearn', 'pandas', 'scipy'} & set(sys.modules)\n"
        "sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_reading_any_bundle_imports_no_library_that_trains(tmp_path: Path) -> None:
    """Symmetric trees and shape functions are made by hand here: their libraries may be absent."""
    encoder = Encoder(plans=(Plain(name="income"),))
    steps = Symmetric(
        columns=np.array([0]), borders=np.array([1.0]), values=np.array([-1.0, 2.0]),
        rows=np.array([30, 20]),
    )  # fmt: skip
    shapes = Additive(
        intercept=-1.0, cuts=(np.array([1.0]),),
        terms=(Term(columns=(0,), values=np.array([0.0, -1.0, 2.0])),),
    )  # fmt: skip
    models: dict[str, FittedModel] = {
        "catboost": TreesModel.read_text(write_symmetric([steps], 1), encoder, "catboost"),
        "explainable_boosting": AdditiveModel(
            technique="explainable_boosting", additive=shapes, encoder=encoder
        ),
    }
    line = fit_line(np.array([-1.0, 1.0, -1.0, 1.0]), np.array([False, True, True, False]))
    for name, model in models.items():
        trained = TrainedModel(model=model, calibration=Calibration(curve=line))
        save_bundle(tmp_path / name, trained, {})
    code = (
        "import sys, numpy as np\n"
        "from pathlib import Path\n"
        "from solvent.features import FeatureFrame, NumberColumn\n"
        "from solvent.models import load_bundle\n"
        "income = NumberColumn(name='income', values=np.array([0.5, 2.0, np.nan]))\n"
        "frame = FeatureFrame(rows=3, columns=(income,))\n"
        "for folder in Path(sys.argv[1]).iterdir():\n"
        "    model, _ = load_bundle(folder)\n"
        "    model.pd(frame)\n"
        "heavy = {'lightgbm', 'sklearn', 'pandas', 'scipy', 'catboost', 'interpret', 'jax'}\n"
        "found = heavy & set(sys.modules)\n"
        "for folder in Path(sys.argv[1]).iterdir():\n"
        "    model, _ = load_bundle(folder)\n"
        "    model.contributions(frame)\n"
        "found |= (heavy - {'scipy'}) & set(sys.modules)  # scipy: numba's own, with any kernel\n"
        "sys.exit(str(found) if found else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
