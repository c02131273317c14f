"""Laws every technique keeps."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from solvent.errors import (
    DataError,
    OneClassError,
    ShapeError,
    TechniqueError,
    TrainingError,
)
from solvent.features import FeatureFrame
from solvent.metrics import auc
from solvent.models import (
    Guidance,
    TrainedModel,
    find_technique,
    fit_model,
    start_training,
    technique_names,
    train_model,
)
from solvent.models.calibrators import fit_line
from solvent.progress import Silent
from tests.models.frames import applicants, customers, labels, number

TECHNIQUE = pytest.mark.parametrize("technique", technique_names())


@pytest.fixture(autouse=True)
def few_members(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made of other techniques is made of two quick ones."""
    for name in ("blend", "best"):
        module = import_module(f"solvent.models.techniques.{name}")
        few = replace(module.technique, members=("logistic", "boosted_trees"))
        monkeypatch.setattr(module, "technique", few)


QUICK = {
    "random_forest": {"trees": 60},
    "catboost": {"learning_rate": 0.15, "depth": 3},
    "explainable_boosting": {"pairs": 3},
}
"""Settings of the slow ones, for tests."""


def _train(frame: FeatureFrame, bad: np.ndarray, technique: str, seed: int = 1) -> TrainedModel:
    guidance = Guidance(settings=QUICK.get(technique, {}))
    training = start_training(frame, bad, groups=customers(len(bad)), seed=seed, guidance=guidance)
    return fit_model(training, find_technique(technique), progress=Silent())


def _with(frame: FeatureFrame, *columns: object) -> FeatureFrame:
    return FeatureFrame(rows=frame.rows, columns=(*frame.columns, *columns))  # type: ignore[arg-type]


def _digests(trained: TrainedModel) -> dict[str, str]:
    return {name: hashlib.sha256(raw).hexdigest() for name, raw in trained.model.save().items()}


@TECHNIQUE
def test_one_seed_gives_one_model_byte_for_byte(technique: str) -> None:
    frame, bad = applicants(1200)
    first, again = _train(frame, bad, technique), _train(frame, bad, technique)
    assert _digests(first) == _digests(again)
    assert first.calibration == again.calibration
    assert (first.out_of_fold == again.out_of_fold).all()


@TECHNIQUE
def test_a_model_learns_and_is_calibrated_on_rows_it_never_saw(technique: str) -> None:
    frame, bad = applicants(12_000)
    fresh, truth = applicants(12_000, seed=2)
    trained = _train(frame, bad, technique)
    assert auc(trained.pd(fresh), truth) > 0.72
    assert auc(trained.out_of_fold, bad) == pytest.approx(auc(trained.pd(fresh), truth), abs=0.02)
    assert fit_line(trained.margin(fresh), truth).slope == pytest.approx(1.0, abs=0.1)
    assert trained.pd(fresh).mean() == pytest.approx(truth.mean(), abs=0.02)


@TECHNIQUE
def test_a_category_of_pure_noise_neither_ranks_nor_hurts(technique: str) -> None:
    frame, bad = applicants(6000)
    fresh, truth = applicants(6000, seed=2)
    levels = tuple(f"street {place}" for place in range(3000))
    rng = np.random.default_rng(7)
    noise, other = (labels("street", rng.integers(0, 3000, 6000), levels) for _ in range(2))
    only = FeatureFrame(rows=6000, columns=(noise,))
    if technique == "scorecard":
        with pytest.raises(TechniqueError, match="no characteristic is left"):
            _train(only, bad, technique)
    else:
        assert abs(auc(_train(only, bad, technique).out_of_fold, bad) - 0.5) < 0.03
    with_noise = _train(_with(frame, noise), bad, technique).pd(_with(fresh, other))
    without = _train(frame, bad, technique).pd(fresh)
    assert auc(with_noise, truth) > auc(without, truth) - 0.01


@TECHNIQUE
def test_contributions_are_exact(technique: str) -> None:
    frame, bad = applicants(1500)
    trained = _train(frame, bad, technique)
    found = trained.contributions(frame)
    assert found.shape == (1500, len(trained.features) + 1)
    assert found.sum(axis=1) == pytest.approx(trained.margin(frame), abs=1e-9)


@TECHNIQUE
def test_importance_names_what_matters_and_which_way(technique: str) -> None:
    frame, bad = applicants(6000)
    found = {one.name: one for one in _train(frame, bad, technique).importance()}
    assert {"income", "age", "town"} <= set(found) <= set(frame.names)
    assert sum(one.share for one in found.values()) == pytest.approx(1.0)
    assert found["income"].direction == found["age"].direction == -1
    assert found["town"].direction == 0
    colour = found["colour"].share if "colour" in found else 0.0
    assert colour < found["age"].share < found["income"].share


@TECHNIQUE
def test_one_row_and_shuffled_columns_and_levels_give_the_same_pd(technique: str) -> None:
    frame, bad = applicants(1500)
    trained = _train(frame, bad, technique)
    town = frame["town"]
    order = np.random.default_rng(1).permutation(400)
    renamed = labels("town", np.argsort(order)[town.codes], tuple(town.levels[i] for i in order))
    shuffled = FeatureFrame(
        rows=1500, columns=(frame["colour"], renamed, frame["age"], frame["income"])
    )
    assert (trained.pd(shuffled) == trained.pd(frame)).all()
    for place in range(20):
        row = frame.take(np.array([place]))
        assert trained.pd(row)[0] == pytest.approx(trained.pd(frame)[place], abs=1e-15)


@TECHNIQUE
def test_unknown_and_missing_categories_and_numbers_get_a_pd(technique: str) -> None:
    frame, bad = applicants(1500)
    trained = _train(frame, bad, technique)
    odd = FeatureFrame(
        rows=2,
        columns=(
            number("income", [np.nan, 1e300]),
            number("age", [np.nan, -1e300]),
            labels("town", [0, -1], ("Atlantis",)),
            labels("colour", [0, -1], ("ultraviolet",)),
        ),
    )
    pd = trained.pd(odd)
    assert ((pd > 0.0) & (pd < 1.0)).all()


@TECHNIQUE
def test_empty_constant_and_very_many_columns_are_taken(technique: str) -> None:
    frame, bad = applicants(800)
    rng = np.random.default_rng(3)
    wide = _with(
        frame,
        number("empty", np.full(800, np.nan)),
        number("constant", np.full(800, 3.0)),
        labels("nobody", np.full(800, -1), ("a",)),
        labels("everybody", np.zeros(800), ("a", "never")),
        *(number(f"noise {place}", rng.normal(size=800)) for place in range(300)),
    )
    trained = _train(wide, bad, technique)
    assert np.isfinite(trained.margin(wide)).all()
    assert auc(trained.out_of_fold, bad) > 0.55


@TECHNIQUE
def test_a_handful_of_rows_is_enough_to_get_the_bad_rate(technique: str) -> None:
    frame, _ = applicants(12)
    if technique == "scorecard":  # there is no card of nothing
        with pytest.raises(TechniqueError, match="of 4 features none is as strong"):
            _train(frame, np.arange(12) % 3 == 0, technique)
        return
    trained = _train(frame, np.arange(12) % 3 == 0, technique)
    assert trained.pd(frame).mean() == pytest.approx(1 / 3, abs=0.15)


@TECHNIQUE
def test_a_customers_other_applications_do_not_speak_for_them(technique: str) -> None:
    """Each customer applies five times with one outcome and a number of their own: pure memory."""
    rng = np.random.default_rng(4)
    bad, own = np.repeat(rng.random(600) < 0.3, 5), np.repeat(rng.normal(size=600), 5)
    frame = FeatureFrame(rows=3000, columns=(number("own", own),))
    groups = np.repeat(np.arange(600, dtype=np.int64), 5)
    if technique == "scorecard":
        with pytest.raises(TechniqueError, match="no characteristic is left"):
            train_model(frame, bad, groups=groups, technique=technique, seed=1, progress=Silent())
        return
    trained = train_model(frame, bad, groups=groups, technique=technique, seed=1, progress=Silent())
    assert abs(auc(trained.out_of_fold, bad) - 0.5) < 0.06


@TECHNIQUE
def test_what_cannot_be_learnt_from_is_refused(technique: str) -> None:
    frame, bad = applicants(50)
    with pytest.raises(OneClassError, match="no account of 50"):
        _train(frame, np.zeros(50, dtype=bool), technique)
    with pytest.raises(ShapeError, match="49 labels for 50 rows"):
        _train(frame, bad[:49], technique)
    with pytest.raises(DataError, match="no feature"):
        _train(FeatureFrame(rows=50, columns=()), bad, technique)
    with pytest.raises(DataError, match="odd: holds an infinite number"):
        _train(_with(frame, number("odd", np.full(50, np.inf))), bad, technique)
    with pytest.raises(TrainingError, match="seed"):
        _train(frame, bad, technique, seed=-1)


@TECHNIQUE
def test_a_missing_or_swapped_feature_is_named(technique: str) -> None:
    frame, bad = applicants(3000)
    trained = _train(frame, bad, technique)
    with pytest.raises(DataError, match="age: the model reads this"):
        trained.pd(frame.select(["income", "town", "colour"]))
    swapped = FeatureFrame(
        rows=3000,
        columns=(number("town", np.zeros(3000)), *frame.select(["income", "age", "colour"])),
    )
    with pytest.raises(DataError, match="town: holds numbers"):
        trained.pd(swapped)


def test_an_unknown_technique_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TechniqueError, match=r"best, blend, boosted_trees, catboost, .*, logistic"):
        find_technique("oracle")


@TECHNIQUE
def test_progress_is_told(technique: str) -> None:
    told: list[str] = []

    class Listener(Silent):
        def step(self, label: str, total: float | None = None):  # type: ignore[no-untyped-def]
            told.append(label)
            return super().step(label, total)

    frame, bad = applicants(300)
    train_model(frame, bad, groups=customers(300), technique=technique, seed=1, progress=Listener())
    assert told
