"""Explainable boosting: who stops whom, and which levels stand for themselves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from solvent.errors import BundleError
from solvent.features import FeatureFrame
from solvent.metrics import auc
from solvent.models import find_technique, start_training
from solvent.models.calibration import to_pd
from solvent.models.documents import Document, to_bytes
from solvent.models.matrix import Draft
from solvent.models.plans import Told, read_plan
from solvent.models.techniques.boosted_trees import plan
from solvent.models.techniques.explainable_boosting import BAGS, Led, _sides
from solvent.progress import Silent
from tests.models.frames import applicants, customers, labels, number

pytest.importorskip("interpret")


def _noise(seed: int) -> tuple[FeatureFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    levels = tuple(f"street {place}" for place in range(600))
    columns = (
        *(number(f"noise {place}", rng.normal(size=1500)) for place in range(20)),
        labels("few", rng.integers(0, 25, 1500), levels[:25]),
        labels("many", rng.integers(0, 600, 1500), levels),
    )
    return FeatureFrame(rows=1500, columns=columns), rng.random(1500) < 0.3


def test_noise_is_not_ranked_out_of_fold() -> None:
    """Stopped on the rows they judge, fold models rank noise at 0.541, standard error 0.003."""
    found = []
    for seed in range(12):
        frame, bad = _noise(seed)
        training = start_training(frame, bad, groups=customers(1500), seed=seed)
        learnt = find_technique("explainable_boosting").fit(training, progress=Silent())
        found.append(auc(to_pd(learnt.margin), bad))
    error = float(np.std(found)) / np.sqrt(len(found))
    assert np.mean(found) < 0.5 + 3.0 * error
    assert error < 0.008


def test_no_row_that_is_judged_says_anything_to_the_model_that_judges_it() -> None:
    """With a fold's labels turned round its model is the same to the last bit."""
    frame, bad = applicants(900, towns=12)
    training = start_training(frame, bad, groups=customers(900), seed=1)
    technique = find_technique("explainable_boosting")
    before = technique.fit(training, progress=Silent())
    turned = np.where(training.fold == 2, ~bad, bad)
    after = technique.fit(replace(training, bad=turned), progress=Silent())
    held = training.fold == 2
    assert (before.margin[held] == after.margin[held]).all()
    assert (before.margin[~held] != after.margin[~held]).any()


def test_each_bag_stops_on_other_customers_than_it_learns_from() -> None:
    frame, bad = applicants(600)
    groups = customers(600) // 3
    training = start_training(frame, bad, groups=groups, seed=1)
    for fold in range(training.folds):
        sides = _sides(training, fold)
        assert sides.shape == (600, BAGS)
        assert (sides[training.fold == fold] == 0).all()
        assert (sides[training.fold != fold] != 0).all()
        for side in sides.T:
            assert not set(groups[side == -1]) & set(groups[side == 1])
            assert 0.05 < (side == -1).sum() / (side != 0).sum() < 0.25
        assert not ((sides == -1).sum(axis=1) > 1).any()


def test_a_lone_bad_customer_leaves_none_to_stop_on_and_the_bad_rate_is_said() -> None:
    frame, _ = applicants(40)
    bad = np.isin(np.arange(40), (3, 30))
    training = start_training(frame, bad, groups=customers(40), seed=1)
    learnt = find_technique("explainable_boosting").fit(training, progress=Silent())
    assert np.ptp(learnt.model.margin(frame)) == 0.0
    assert to_pd(learnt.margin).mean() == pytest.approx(0.05, abs=0.03)


def test_a_level_that_fills_a_bin_stands_for_itself_and_others_are_told() -> None:
    rows = np.repeat(np.arange(30), np.where(np.arange(30) < 3, 200, 15))
    frame = FeatureFrame(
        rows=len(rows), columns=(labels("town", rows, tuple(f"t{at:02}" for at in range(30))),)
    )
    bad = np.random.default_rng(1).random(len(rows)) < 0.3
    training = start_training(frame, bad, groups=customers(len(rows)), seed=1)
    draft = Draft.of(frame, bad, training.fold, plan)
    led = Led.of(draft, 16)
    (told,) = led.encoder().plans
    assert isinstance(told, Told)
    assert told.leading == (0, 1, 2)
    assert told.width == 3
    for matrix in (led.matrix(), led.matrix(1), led.encoder().matrix(frame)):
        assert matrix[:, 0].tolist() == np.where(rows < 3, rows + 1, 0).tolist()
        assert np.isnan(matrix[rows < 3, 1:]).all()
    assert (led.matrix()[rows >= 3, 1:] == draft.matrix()[rows >= 3]).all()
    assert (led.matrix(1)[rows >= 3, 1:] == draft.matrix_without(1)[rows >= 3]).all()
    held = training.fold == 1
    np.testing.assert_array_equal(led.encoder(1).matrix(frame)[held], led.matrix(1)[held])


def test_a_category_of_frequent_levels_alone_has_no_figures_and_is_read_back() -> None:
    frame, bad = applicants(800, towns=8)
    training = start_training(frame, bad, groups=customers(800), seed=1)
    encoder = Led.of(Draft.of(frame, bad, training.fold, plan), 32).encoder()
    town = encoder.plans[2]
    assert isinstance(town, Told)
    assert (town.leading, town.width) == (tuple(range(8)), 1)
    document = Document.parse(to_bytes(town.document()), "encoder.json")
    again = read_plan(document)
    odd = labels("town", [-1, 0, 1], ("Atlantis", "town 3"))
    assert again.encode(odd).tolist() == town.encode(odd).tolist() == [[0.0], [0.0], [4.0]]
    beyond = Document.parse(to_bytes({**town.document(), "leading": [99]}), "encoder.json")
    with pytest.raises(BundleError, match="leads with levels there are not"):
        read_plan(beyond)
