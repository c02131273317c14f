"""A fold has no say in when the model that judges it stops."""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from solvent.models import find_technique, start_training
from solvent.models.rounds import best_round
from solvent.progress import Silent
from tests.models.frames import applicants, customers


def test_a_fold_has_no_say_in_when_the_model_that_judges_it_stops() -> None:
    losses = [np.array([3.0, 1.0, 2.0, 9.0]), np.array([3.0, 2.0, 1.0]), np.array([3.0, 2.0, 1.5])]
    shares = np.full(3, 1 / 3)
    assert best_round(losses, shares) == 3
    for own in ([0.0, 9.0, 9.0], [9.0, 9.0, 9.0, 0.0], [9.0, 0.0]):
        assert best_round([np.array(own), *losses[1:]], shares, but=0) == 3
        assert best_round([*losses[1:], np.array(own)], shares, but=2) == 3
    assert best_round(losses, np.array([0.8, 0.1, 0.1]), but=1) == 2


@pytest.mark.parametrize(
    ("technique", "final"), [("catboost", 11), ("boosted_trees", 1 + 2 + 3 + 4 + 5)]
)
def test_models_of_folds_keep_rounds_that_the_other_folds_chose(
    technique: str, final: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CatBoost's final trees are grown anew; boosted trees are those of the folds."""
    if technique == "catboost":
        pytest.importorskip("catboost", reason="the extra is not installed")
    module = importlib.import_module(f"solvent.models.techniques.{technique}")
    monkeypatch.setattr(module, "best_round", lambda _losses, _shares, but=10: but + 1)
    frame, bad = applicants(600)
    frame = frame.select(["income", "age"])
    training = start_training(frame, bad, groups=customers(600), seed=3)
    learnt = find_technique(technique).fit(training, progress=Silent())
    grown = [model.save()["model.txt"].count(b"Tree=") for model in (*learnt.bag, learnt.model)]
    assert grown == [1, 2, 3, 4, 5, final]
