"""Peers: logistic regressions with C by cross-validation; one-hot, and on bins."""

from __future__ import annotations

import numpy as np
import pandas
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegressionCV
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from benchmarks.peer_learners.inner import INNER, SEED, IntArray, Learnt, categories

STRENGTHS = np.logspace(-4, 1, 11)
BINS = 20
_RARE = 20
"""A level of fewer training rows is pooled with the other rare ones."""


def _levels() -> Pipeline:
    return make_pipeline(
        FunctionTransformer(_words, feature_names_out="one-to-one"),
        OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=_RARE),
    )


def _words(frame: pandas.DataFrame) -> pandas.DataFrame:
    return frame.astype(object).where(frame.notna(), "not known")


def _search() -> LogisticRegressionCV:
    return LogisticRegressionCV(
        Cs=STRENGTHS, l1_ratios=(0.0,), cv=StratifiedKFold(INNER, shuffle=True, random_state=SEED),
        scoring="neg_log_loss", solver="lbfgs", max_iter=300, use_legacy_attributes=False,
    )  # fmt: skip


def onehot(train: pandas.DataFrame, bad: IntArray) -> Learnt:
    """Numbers in standard deviations with a flag for missing; categories one-hot."""
    words = categories(train)
    numbers = [name for name in train if name not in words]
    scaled = make_pipeline(SimpleImputer(strategy="median", add_indicator=True), StandardScaler())
    return _fitted(ColumnTransformer([("n", scaled, numbers), ("c", _levels(), words)]), train, bad)


class Bins(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Numbers as the number of their bin between training quantiles; missing has its own."""

    def fit(self, frame: pandas.DataFrame, y: object = None) -> Bins:
        del y
        shares = np.arange(1, BINS) / BINS
        self.edges_ = {
            name: np.unique(np.quantile(known, shares)) if len(known) else np.empty(0)
            for name, known in ((name, frame[name].dropna()) for name in frame)
        }
        return self

    def transform(self, frame: pandas.DataFrame) -> pandas.DataFrame:
        return pandas.DataFrame(
            {
                name: np.where(frame[name].isna(), -1, np.searchsorted(edges, frame[name]))
                for name, edges in self.edges_.items()
            }
        )


def binned(train: pandas.DataFrame, bad: IntArray) -> Learnt:
    """Numbers in twentieths, one-hot as the categories are."""
    words = categories(train)
    numbers = [name for name in train if name not in words]
    bins = make_pipeline(Bins(), OneHotEncoder(handle_unknown="ignore"))
    return _fitted(ColumnTransformer([("n", bins, numbers), ("c", _levels(), words)]), train, bad)


def _fitted(columns: ColumnTransformer, train: pandas.DataFrame, bad: IntArray) -> Learnt:
    model = make_pipeline(columns, _search()).fit(train, bad)
    told: dict[str, object] = {
        "C": float(np.ravel(model[-1].C_)[0]),
        "columns": int(np.size(model[-1].coef_)),
    }
    return lambda frame: model.predict_proba(frame)[:, 1], told


LEARNERS = {"onehot_logistic": onehot, "binned_logistic": binned}
