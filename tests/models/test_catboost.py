"""Laws of the CatBoost technique."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.errors import TechniqueError
from solvent.features import FeatureFrame
from solvent.models import find_technique, start_training
from solvent.progress import Silent
from tests.models.frames import applicants, customers, number


def test_few_rounds_take_the_same_steps_as_many() -> None:
    """Folds may grow 2,000 rounds, the final trees few: both must come out equally bold."""
    pytest.importorskip("catboost", reason="the extra is not installed")
    frame, bad = applicants(800)
    training = start_training(frame, bad, groups=customers(800), seed=3)
    learnt = find_technique("catboost").fit(training, progress=Silent())
    fresh, _ = applicants(2_000, seed=8)
    bold = np.mean([model.margin(fresh).std() for model in learnt.bag])
    assert learnt.model.margin(fresh).std() == pytest.approx(bold, rel=0.15)


def test_where_no_column_varies_it_is_refused_in_words() -> None:
    _, bad = applicants(300)
    frame = FeatureFrame(rows=300, columns=(number("age", np.full(300, 40.0)),))
    training = start_training(frame, bad, groups=customers(300), seed=1)
    with pytest.raises(TechniqueError, match=r"cannot learn from this(?s:.*)does any feature vary"):
        find_technique("catboost").fit(training, progress=Silent())
