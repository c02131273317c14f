"""What a final model says of the rows it learnt from, and what others said of them out of fold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module

import numpy as np
import pytest

from solvent.errors import TechniqueError
from solvent.features import FeatureFrame
from solvent.models import find_technique, start_training, technique_names
from solvent.models.finding import technique_extra
from solvent.models.technique import Learnt, Training
from solvent.progress import Silent
from tests.models.frames import applicants, customers, labels

QUICK = {"random_forest": {"trees": 60}, "catboost": {"learning_rate": 0.15, "depth": 3}}
NEAR = 0.05
"""Log-odds: a shift of the mean that is no more than this moves a PD of 20 % by 0.8 points."""
SPREAD = 0.12


@pytest.fixture(autouse=True)
def few_members() -> Iterator[None]:
    """What is made of other techniques is made of two quick ones."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("blend", "best"):
            module = import_module(f"solvent.models.techniques.{name}")
            few = replace(module.technique, members=("logistic", "boosted_trees"))
            patch.setattr(module, "technique", few)
        yield


def _learn(training: Training, technique: str) -> Learnt:
    training = training.tuned(QUICK.get(technique, {}))
    try:
        return find_technique(technique).fit(training, progress=Silent())
    except TechniqueError as error:
        if not technique_extra(technique) or "is not installed" not in str(error):
            raise
        pytest.skip(f"the extra solvent[{technique}] is not installed; `make test` installs it")


def _shops(rows: int) -> tuple[FeatureFrame, np.ndarray]:
    """Shops of which a few have thousands of customers and thousands have a few."""
    rng = np.random.default_rng(51)
    frame, _ = applicants(rows)
    shop = rng.zipf(1.3, rows)
    shop = np.where(shop > 4000, rng.integers(1, 4001, rows), shop)
    effect = np.random.default_rng(98).normal(0.0, 0.8, 4001)
    odds = -1.5 - 0.5 * (np.log(frame["income"].values) - 8.0) + effect[shop]
    bad = rng.random(rows) < 1.0 / (1.0 + np.exp(-odds))
    names = tuple(f"shop {place}" for place in range(4001))
    columns = (frame["income"], frame["age"], labels("shop", shop, names))
    return FeatureFrame(rows=rows, columns=columns), bad


@pytest.mark.parametrize("category", ["25 towns", "400 towns", "4000 shops"])
@pytest.mark.parametrize("technique", technique_names())
def test_a_final_model_says_of_its_rows_what_was_said_out_of_fold(
    technique: str, category: str
) -> None:
    """Calibration and every figure of quality are of margins out of fold: they have to fit."""
    count, kind = category.split()
    frame, bad = _shops(6000) if kind == "shops" else applicants(6000, towns=int(count))
    training = start_training(frame, bad, groups=customers(6000), seed=1)
    learnt = _learn(training, technique)
    final = learnt.model.margin(frame)
    assert final.mean() == pytest.approx(learnt.margin.mean(), abs=NEAR)
    assert final.std() / learnt.margin.std() == pytest.approx(1.0, abs=SPREAD)
