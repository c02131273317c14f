"""Peer: AutoGluon, medium quality, without its two models on torch."""

from __future__ import annotations

import tempfile

import numpy as np
import pandas
from autogluon.tabular import TabularPredictor  # type: ignore[import-not-found]  # in an environment of its own

from benchmarks.peer_learners.inner import FloatArray, IntArray, Learnt

_LABEL = "__bad"


def medium(train: pandas.DataFrame, bad: IntArray) -> Learnt:
    """Its preset, ranked by AUC, on one core, with all the time it takes.

    A limit would be on the clock, and so hang on what else the machine does.
    """
    folder = tempfile.TemporaryDirectory()
    predictor = TabularPredictor(
        label=_LABEL, problem_type="binary", eval_metric="roc_auc", path=folder.name, verbosity=0
    ).fit(train.assign(**{_LABEL: bad}), presets="medium_quality", num_cpus=1)
    told = {"models": predictor.model_names(), "best": predictor.model_best}

    def score(frame: pandas.DataFrame) -> FloatArray:
        with folder:
            return np.asarray(predictor.predict_proba(frame)[1], np.float64)

    return score, told


LEARNERS = {"autogluon": medium}
