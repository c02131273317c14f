"""Comparisons of techniques to report on: nine that rank nearly alike, or fewer."""

from __future__ import annotations

from itertools import combinations

import numpy as np

from solvent.metrics import auc, auc_difference, calibration_curve, holm, validate
from solvent.report import (
    FailedTechnique,
    FoldLine,
    JudgedTechnique,
    TechniquePair,
    TechniquesRecord,
)

NINE = (
    ("boosted_trees", "boosted trees", 0.95, 6.4, 371_000),
    ("catboost", "CatBoost", 0.96, 21.0, 640_000),
    ("blend", "blend of three", 0.90, 44.0, 1_900_000),
    ("explainable_boosting", "explainable boosting", 0.97, 38.0, 230_000),
    ("random_forest", "random forest", 1.20, 9.0, 8_400_000),
    ("neural_network", "neural network", 1.25, 55.0, 95_000),
    ("scorecard", "scorecard", 1.00, 0.7, 24_000),
    ("logistic", "logistic regression", 1.10, 0.5, 44_000),
    ("own_rule", "one number alone", 6.00, 0.02, None),
)
"""Name, title, noise of its ranking, seconds of a fit, bytes when saved."""


def comparison(
    techniques: int = 9, rows: int = 6000, failed: tuple[FailedTechnique, ...] = ()
) -> TechniquesRecord:
    """Return what so many of the nine found on made-up applications, in five folds."""
    rng = np.random.default_rng(4)
    risk = rng.normal(-1.8, 0.9, rows)
    bad = rng.random(rows) < 1.0 / (1.0 + np.exp(-risk))
    common = rng.normal(0.0, 1.0, rows)
    fold = np.arange(rows) % 5
    judged, pds = [], {}
    for name, title, noise, took, size in NINE[:techniques]:
        seen = risk + 0.3 * common + 0.25 * noise * rng.normal(0.0, 1.0, rows)
        pd = 1.0 / (1.0 + np.exp(-(-0.25 + 0.85 * seen)))
        pds[name] = pd
        judged.append(
            JudgedTechnique(
                name=name,
                title=title,
                own=name == "own_rule",
                validation=validate(pd, bad, cutoff=0.5),
                curve=calibration_curve(pd, bad),
                auc_by_fold=tuple(auc(pd[fold == k], bad[fold == k]) for k in range(5)),
                fit_cpu=took,
                fit_wall=1.6 * took,
                rows_per_cpu_second=1e6 / took,
                row_microseconds=12.0 * took,
                size=size,
                features=61,
                exact=size is not None,
            )
        )
    judged.sort(key=lambda one: -one.validation.auc.auc)
    twos = list(combinations([one.name for one in judged], 2))
    found = [auc_difference(pds[a], pds[b], bad) for a, b in twos]
    adjusted = holm([one.p_value for one in found]).tolist()
    return TechniquesRecord(
        product="airtime_loans", title="Airtime loans", created_at="2026-11-26T17:00:00+00:00",
        seed=0, bad_words="not paid 30 days after the application", by_time=True,
        folds=tuple(
            FoldLine(learnt=4000 + 1200 * k, judged=1200, bads=190, since=f"2026-0{k + 1}-01")
            for k in range(5)
        ),
        judged=tuple(judged), failed=failed,
        pairs=tuple(
            TechniquePair(first=a, second=b, found=one, p_adjusted=p)
            for (a, b), one, p in zip(twos, found, adjusted, strict=True)
        ),
        candidates=161, selected=(), kept_back=1999, protected=("sex",),
        sources=(("loans.parquet", 15577, "6d5031546442"),), versions={"solvent": "0.1.0"},
    )  # fmt: skip
