"""Laws of what trees and shape functions are told: directions and settings; and of their kin."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from solvent.errors import BundleError, TechniqueError
from solvent.features import FeatureFrame
from solvent.models import (
    Guidance,
    Learnt,
    find_technique,
    load_bundle,
    save_bundle,
    start_training,
)
from solvent.models.matrix import Draft, Encoder
from solvent.models.plans import Plain
from solvent.models.scorers.additive import AdditiveModel, load
from solvent.models.scorers.trees import TreesModel
from solvent.models.techniques import catboost, explainable_boosting
from solvent.models.techniques.boosted_trees import plan
from solvent.models.techniques.explainable_boosting import Led
from solvent.models.trained import calibrate
from solvent.progress import Silent
from tests.models.frames import applicants, customers, labels, number

QUICK = {
    "boosted_trees": {"learning_rate": 0.2},
    "random_forest": {"trees": 20},
    "catboost": {"learning_rate": 0.2, "depth": 4},
    "explainable_boosting": {"learning_rate": 0.1, "pairs": 3},
}
EXTRA = {"catboost": "catboost", "explainable_boosting": "interpret.glassbox"}
TECHNIQUE = pytest.mark.parametrize("technique", QUICK)


def _learn(
    frame: FeatureFrame, bad: np.ndarray, technique: str, directions: dict[str, int] | None = None
) -> Learnt:
    training = start_training(
        frame, bad, groups=customers(len(bad)), seed=1,
        guidance=Guidance(directions=directions or {}, settings=QUICK[technique]),
    )  # fmt: skip
    return find_technique(technique).fit(training, progress=Silent())


def _sweep(frame: FeatureFrame, name: str, values: np.ndarray) -> FeatureFrame:
    """Each row with every value of one number, in order: shape (rows * values,)."""
    each = frame.take(np.repeat(np.arange(frame.rows), len(values)))
    swept = number(name, np.tile(values, frame.rows))
    return FeatureFrame(
        rows=each.rows, columns=tuple(swept if one.name == name else one for one in each)
    )


@TECHNIQUE
def test_a_declared_direction_is_never_broken(technique: str) -> None:
    frame, bad = applicants(1500)
    directions = {"income": -1, "age": 1, "colour": 1, "unheard of": 1}
    learnt = _learn(frame, bad, technique, directions)
    some, free = frame.take(np.arange(30)), _learn(frame, bad, technique)
    for name, sign in (("income", -1), ("age", 1)):
        known = frame[name].values[~np.isnan(frame[name].values)]
        swept = _sweep(some, name, np.quantile(known, np.linspace(0.0, 1.0, 60)))
        for model in (learnt.model, *learnt.bag):
            steps = np.diff(model.margin(swept).reshape(30, 60), axis=1)
            assert (sign * steps >= -1e-12).all()
        steps = np.diff(free.model.margin(swept).reshape(30, 60), axis=1)
        assert (sign * steps < -1e-6).any()


@TECHNIQUE
def test_settings_are_heeded_and_others_refused(technique: str) -> None:
    frame, bad = applicants(400)
    learner = find_technique(technique)
    assert set(QUICK[technique]) <= set(learner.space())
    training = start_training(frame, bad, groups=customers(400), seed=1)
    quick = learner.fit(training.tuned(QUICK[technique]), progress=Silent())
    assert quick.model.save() != learner.fit(training, progress=Silent()).model.save()
    with pytest.raises(TechniqueError, match=f"luck: {technique} has no such setting"):
        learner.fit(training.tuned({"luck": 1.0}), progress=Silent())


@TECHNIQUE
def test_the_end_of_every_range_can_be_trained(technique: str) -> None:
    frame, bad = applicants(200)
    training = start_training(frame, bad, groups=customers(200), seed=1)
    learner, slow = find_technique(technique), ("learning_rate", "trees")
    for end in ("low", "high"):
        settings = {
            name: getattr(one, end) for name, one in learner.space().items() if name not in slow
        }
        learnt = learner.fit(training.tuned({**QUICK[technique], **settings}), progress=Silent())
        assert np.isfinite(learnt.margin).all()


@TECHNIQUE
def test_the_bag_speaks_out_of_fold(technique: str) -> None:
    frame, bad = applicants(600)
    training = start_training(
        frame, bad, groups=customers(600), seed=1, guidance=Guidance(settings=QUICK[technique])
    )
    learnt = find_technique(technique).fit(training, progress=Silent())
    assert len(learnt.bag) == training.folds
    for fold, model in enumerate(learnt.bag):
        out = training.fold == fold
        assert (model.margin(frame.take(out)) == learnt.margin[out]).all()


@TECHNIQUE
def test_a_bundle_gives_the_same_bits(technique: str, tmp_path: Path) -> None:
    frame, bad = applicants(500)
    training = start_training(
        frame, bad, groups=customers(500), seed=1, guidance=Guidance(settings=QUICK[technique])
    )
    learnt = find_technique(technique).fit(training, progress=Silent())
    trained = calibrate(learnt, training)
    save_bundle(tmp_path / "bundle", trained, {})
    again, _ = load_bundle(tmp_path / "bundle")
    assert (again.pd(frame) == trained.pd(frame)).all()
    assert (again.contributions(frame) == trained.contributions(frame)).all()
    assert again.importance() == trained.importance()
    assert again.model.save() == trained.model.save()


@TECHNIQUE
def test_columns_that_say_nothing_leave_the_bad_rate(technique: str) -> None:
    frame = FeatureFrame(
        rows=300,
        columns=(
            number("same", np.full(300, 2.0)), number("empty", np.full(300, np.nan)),
            labels("one", np.zeros(300), ("only",)),
        ),
    )  # fmt: skip
    bad = np.arange(300) % 3 == 0
    margin = _learn(frame, bad, technique).model.margin(frame)
    assert margin == pytest.approx(np.log(0.5), abs=0.1)


@pytest.mark.parametrize("technique", EXTRA)
def test_a_technique_whose_library_is_missing_says_which_extra(
    technique: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, EXTRA[technique], None)
    frame, bad = applicants(100)
    with pytest.raises(TechniqueError, match=rf'install "solvent\[{technique}\]"'):
        _learn(frame, bad, technique)


def test_catboost_leaves_no_file_and_is_told_exactly(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = pytest.importorskip("catboost")
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(2)
    matrix = rng.normal(size=(2000, 4))
    matrix[:, 3] = rng.integers(0, 3, 2000)
    matrix[rng.random(matrix.shape) < 0.1] = np.nan
    bad = rng.random(2000) < 1.0 / (1.0 + np.exp(1.0 - np.nan_to_num(matrix[:, 0])))
    settings = catboost._settings(catboost.DEFAULTS, [1, 0, 0, 0], 1)
    learner = library.CatBoostClassifier(iterations=60, **settings)
    learner.fit(matrix, bad.astype(int))
    trees = TreesModel.read_text(catboost.export(learner, 4), _plain(4), "catboost").trees
    fresh = np.concatenate([matrix, 1e6 * rng.normal(size=(500, 4)), np.full((1, 4), np.nan)])
    borders = np.concatenate([np.asarray(one) for one in learner.get_borders().values()])
    fresh = np.concatenate([fresh, np.repeat(borders[:, None], 4, axis=1)])
    own = learner.predict(fresh, prediction_type="RawFormulaVal", thread_count=1)
    assert trees.margin(fresh) == pytest.approx(own, abs=1e-9)
    first = TreesModel.read_text(catboost.export(learner, 4, 10), _plain(4), "catboost").trees
    own = learner.predict(fresh, prediction_type="RawFormulaVal", thread_count=1, ntree_end=10)
    assert first.margin(fresh) == pytest.approx(own, abs=1e-9)
    assert not list(tmp_path.iterdir())


def _plain(width: int) -> Encoder:
    return Encoder(plans=tuple(Plain(name=f"column {place}") for place in range(width)))


def test_shape_functions_say_what_interpret_says() -> None:
    pytest.importorskip("interpret")
    rng = np.random.default_rng(2)
    noted = rng.normal(size=(900, 3))
    noted[rng.random(noted.shape) < 0.1] = np.nan
    bad = rng.random(900) < 1.0 / (1.0 + np.exp(1.0 - np.nan_to_num(noted[:, 0] * noted[:, 1])))
    town = labels(
        "town", rng.integers(0, 60, 900) // 3 % 19, tuple(f"town {at}" for at in range(19))
    )
    frame = FeatureFrame(
        rows=900,
        columns=(town, *(number(f"noted {at}", column) for at, column in enumerate(noted.T))),
    )
    training = start_training(frame, bad, groups=customers(900), seed=1)
    led = Led.of(Draft.of(frame, bad, training.fold, plan), 18)
    cuts, matrix, encoder = led.cuts(18), led.matrix(), led.encoder()
    assert encoder.owners.tolist() == [0, 0, 0, 1, 2, 3]
    told = {**explainable_boosting.DEFAULTS, "pairs": 4}
    learner = explainable_boosting._learner(explainable_boosting._settings(told, encoder, {}, 1))
    binned = explainable_boosting._binned(matrix, cuts)
    explainable_boosting._fit(learner, binned, bad, explainable_boosting._sides(training, 0))
    additive = explainable_boosting._read(learner, cuts)
    assert {len(term.columns) for term in additive.terms} == {1, 2}
    assert additive.margin(matrix) == pytest.approx(learner.decision_function(binned), abs=1e-9)


def test_shapes_and_levels_add_up_to_the_margin() -> None:
    pytest.importorskip("interpret")
    frame, bad = applicants(800, towns=30)
    model = _learn(frame, bad, "explainable_boosting").model
    assert isinstance(model, AdditiveModel)
    shapes = model.shapes()
    assert {one.features for one in shapes} >= {("income",), ("age",), ("town",), ("colour",)}
    for shape in shapes:
        assert shape.values.shape == tuple(len(axis) for axis in shape.axes)
        assert all(axis[0] == "missing" for axis in shape.axes)
    added = model.levels("colour")
    assert set(added) == {"red", "green", "blue", "white", "missing", ""}
    pairs = any("colour" in one.features for one in shapes if len(one.features) == 2)
    told = np.array([added[frame["colour"].levels[code]] for code in frame["colour"].codes])
    assert pairs or told == pytest.approx(model.contributions(frame)[:, 3], abs=1e-12)
    with pytest.raises(BundleError, match="no category"):
        model.levels("age")


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"cuts":[{', b'"cuts":[{"at":[]},{'), (b'"columns":[0]', b'"columns":[99]'),
     (b'"columns":[0]', b'"columns":[0,1]'), (b'"columns":[0]', b'"columns":[]')],
)  # fmt: skip
def test_damaged_shapes_are_refused(old: bytes, new: bytes) -> None:
    pytest.importorskip("interpret")
    frame, bad = applicants(200)
    files = _learn(frame, bad, "explainable_boosting").model.save()
    changed = files["shapes.json"].replace(old, new, 1)
    assert changed != files["shapes.json"]
    with pytest.raises(BundleError, match=r"shapes\.json"):
        load({**files, "shapes.json": changed}, "explainable_boosting")
