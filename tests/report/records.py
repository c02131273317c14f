"""Training runs to report on: a realistic one, drawn from a seed, and how to change one thing."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from solvent.dataset import Check, Stage
from solvent.metrics import validate
from solvent.report import (
    FeatureLine,
    Reachable,
    TrainingRecord,
)
from solvent.scoring import Scale

_WORDS = (
    ("days_since_last_loan", "Days since the last loan", "days", -1),
    ("late_share_180d", "Share of instalments paid late, last 180 days", "share", 1),
    ("topups_30d", "Airtime top-ups in the last 30 days", "top-ups", -1),
    ("amount_ratio", "Loan amount over usual monthly top-up", "ratio", 1),
    ("region", "Region", "", 0),
)


FUNNEL = (
    Stage(label="Applications read", rows=14321),
    Stage(label="Well-formed", rows=14204, note="117 refused, reasons below"),
    Stage(label="Mature", rows=13000, note="1,204 too young to judge"),
    Stage(label="With an outcome", rows=12000, note="1,000 never disbursed"),
    Stage(label="Used for training", rows=9000, note="the earlier 75 %"),
    Stage(label="Used for the test", rows=3000, note="the later 25 %"),
)
REFUSALS = (
    ("applications", "amount is not a number", 81),
    ("applications", "application id stands twice", 36),
    ("topups", "time lies after the data's end", 1290),
)
GATE = (
    Check(
        name="future_events",
        words="Rewriting all events after the application to noise changed no feature.",
        passed=True,
    ),
    Check(
        name="late_rows",
        words="Removing rows that arrived late changed no feature.",
        passed=True,
    ),
    Check(
        name="too_good",
        words="No column alone reaches AUC 0.95; “closed_reason” does.",
        passed=False,
        waived="closed_reason is not a feature; it defines the outcome (A. Osei).",
    ),
)


def accounts(n: int, seed: int, noise: float = 0.5) -> tuple[Any, Any]:
    """PDs of a decent model, and what happened."""
    random = np.random.default_rng(seed)
    true = random.normal(-2.1, 1.15, n)
    bad = random.random(n) < 1.0 / (1.0 + np.exp(-true))
    seen = -2.1 + 0.85 * (true + 2.1 + random.normal(0.0, noise, n))
    return 1.0 / (1.0 + np.exp(-seen)), bad


def features(n: int) -> tuple[FeatureLine, ...]:
    """Features of falling importance."""
    weights = 0.82 ** np.arange(n)
    weights /= weights.sum()
    lines = []
    for number, weight in enumerate(weights.tolist()):
        name, title, unit, direction = _WORDS[number % len(_WORDS)]
        again = number // len(_WORDS)
        lines.append(
            FeatureLine(
                name=f"{name}_{again}" if again else name,
                title=f"{title} (variant {again})" if again else title,
                unit=unit,
                description=f"{title}, counted over events strictly before the application.",
                importance=weight,
                direction=direction,
                missing=(number % 4) * 0.037,
            )
        )
    return tuple(lines)


def record(**changes: Any) -> TrainingRecord:
    """A realistic run: 3,000 test rows over six months, with one waived check."""
    pd, bad = accounts(3000, seed=7)
    pd_train, bad_train = accounts(9000, seed=8)
    months = np.array([f"2024-{month:02d}" for month in range(4, 10)])
    made = TrainingRecord(
        product="airtime_loans",
        title="Airtime loans",
        technique="gradient boosting (LightGBM), 412 trees",
        version="7",
        seed=20240611,
        created_at="2024-11-03 09:12 UTC",
        bad_words="30 days or more past due within 60 days of the loan",
        split_words="by time: the last 25 % of mature applications are the test",
        test_is_later=True,
        observed_until="2024-11-01",
        immature=1204,
        maturity_words="An outcome is final 60 days after the loan.",
        funnel=FUNNEL,
        refusals=REFUSALS,
        gate=GATE,
        pd_test=pd,
        bad_test=bad,
        period_test=np.repeat(months, 500),
        validation=validate(pd, bad, cutoff=0.2),
        out_of_fold=validate(pd_train, bad_train, cutoff=0.2),
        features=features(23),
        left_out=(("closed_reason", "known only after the loan"),),
        protected=("gender", "date_of_birth"),
        sources=(
            ("applications", 14321, "9f86d081884c7d65" * 4),
            ("topups", 1893204, "60303ae22b998861" * 4),
        ),
        versions={"solvent": "0.1.0", "lightgbm": "4.7.0", "numpy": "2.3.1", "python": "3.11.2"},
        cutoff_words="The cutoff was chosen on held-out training data, for the best F1.",
        reachable=Reachable(auc=0.775, share=0.913, low=0.874, high=0.951),
        score_scale=Scale(base_score=600, base_odds=20, pdo=40),
        baseline_auc=0.691,
        baseline_words="a scorecard on the application form alone",
    )
    return replace(made, **changes)
