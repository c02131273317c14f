"""Laws of the CatBoost technique."""

from __future__ import annotations

import numpy as np
import pytest

from solvent.errors import TechniqueError
from solvent.features import FeatureFrame
from solvent.models import find_technique, start_training
from solvent.models.techniques import catboost
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


def test_a_fold_has_no_say_in_when_the_model_that_judges_it_stops() -> None:
    losses = [np.array([3.0, 1.0, 2.0, 9.0]), np.array([3.0, 2.0, 1.0]), np.array([3.0, 2.0, 1.5])]
    shares = np.full(3, 1 / 3)
    assert catboost._best_round(losses, shares) == 3
    for own in ([0.0, 9.0, 9.0], [9.0, 9.0, 9.0, 0.0], [9.0, 0.0]):
        assert catboost._best_round([np.array(own), *losses[1:]], shares, but=0) == 3
        assert catboost._best_round([*losses[1:], np.array(own)], shares, but=2) == 3
    assert catboost._best_round(losses, np.array([0.8, 0.1, 0.1]), but=1) == 2


def test_models_of_folds_keep_rounds_that_the_other_folds_chose(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pytest.importorskip("catboost", reason="the extra is not installed")
    monkeypatch.setattr(catboost, "_best_round", lambda _losses, _shares, but=10: but + 1)
    frame, bad = applicants(600)
    training = start_training(frame, bad, groups=customers(600), seed=3)
    learnt = find_technique("catboost").fit(training, progress=Silent())
    grown = [model.save()["model.txt"].count(b"Tree=") for model in (*learnt.bag, learnt.model)]
    assert grown == [1, 2, 3, 4, 5, 11]
