"""Laws of the CatBoost technique."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.models import find_technique, start_training
from solvent.progress import Silent
from tests.models.frames import applicants, customers


def test_few_rounds_take_the_same_steps_as_many() -> None:
    """Folds may grow 2,000 rounds, the final trees few: both must come out equally bold."""
    pytest.importorskip("catboost", reason="the extra is not installed")
    frame, bad = applicants(800)
    training = start_training(frame, bad, groups=customers(800), seed=3)
    learnt = find_technique("catboost").fit(training, progress=Silent())
    fresh, _ = applicants(2_000, seed=8)
    bold = np.mean([model.margin(fresh).std() for model in learnt.bag])
    assert learnt.model.margin(fresh).std() == pytest.approx(bold, rel=0.15)
