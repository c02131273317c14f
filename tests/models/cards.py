"""Cards for tests, and a scorer in plain Python that reads their specification alone."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np

from solvent.features import CategoryColumn, FeatureFrame, NumberColumn
from solvent.models import Card, Guidance, TrainedModel, find_technique, fit_model, start_training
from solvent.progress import Silent
from tests.models.frames import labels, number

SPECIAL = -999.0
ODD_LEVELS = ("O'Hara", 'a "quoted" one', "semi;colon -- no comment", "back\\slash", "été")


def book(rows: int, seed: int = 1) -> tuple[FeatureFrame, np.ndarray]:
    """Applicants whose names and labels want quoting, with holes and a code for a state."""
    rng = np.random.default_rng(seed)
    income, age = rng.lognormal(8.0, 1.0, rows), np.floor(rng.uniform(18.0, 80.0, rows))
    debt, town = rng.gamma(2.0, 100.0, rows), rng.integers(0, 5, rows)
    odds = -1.2 - 0.8 * (np.log(income) - 8.0) - 0.03 * (age - 45.0) + 0.4 * (town - 2)
    odds += 0.003 * debt
    bad = rng.random(rows) < 1.0 / (1.0 + np.exp(-odds))
    age[rng.random(rows) < 0.1] = np.nan
    debt[rng.random(rows) < 0.15] = SPECIAL
    town[rng.random(rows) < 0.1] = -1
    columns: tuple[NumberColumn | CategoryColumn, ...] = (
        number("income", income), number('the "age"', age), number("debt now", debt),
        labels("town", town, ODD_LEVELS),
    )  # fmt: skip
    return FeatureFrame(rows=rows, columns=columns), bad


@cache
def trained_card(rows: int = 4000) -> TrainedModel:
    """A card of `book`."""
    frame, bad = book(rows)
    return train_card(frame, bad, Card(special={"debt*": (SPECIAL,)}))


def train_card(
    frame: FeatureFrame, bad: np.ndarray, card: Card | None = None, **guidance: Any
) -> TrainedModel:
    training = start_training(
        frame, bad, groups=np.arange(len(bad)), seed=1, guidance=Guidance(card=card, **guidance)
    )
    return fit_model(training, find_technique("scorecard"), progress=Silent())


def score_by_specification(
    told: Mapping[str, Any], row: Mapping[str, float | str | None]
) -> tuple[float, int, float]:
    """Margin, points and PD of an applicant: docs/card.md in plain Python."""
    margin, points = told["intercept"], told["start_points"]
    for characteristic in told["characteristics"]:
        found = _bin(characteristic["bins"], row[characteristic["name"]])
        margin += found["log_odds"]
        points += found["points"]
    line = told["calibration"]
    log_odds = line["intercept"] + line["slope"] * margin
    if line["shift"]:
        log_odds += line["shift"]
    return margin, points, 1.0 / (1.0 + math.exp(-min(30.0, max(-30.0, log_odds))))


def _bin(bins: Sequence[Mapping[str, Any]], value: float | str | None) -> Mapping[str, Any]:
    if value is None:
        return next(one for one in bins if one["missing"])
    for one in bins:
        if value in one["special"]:
            return one
    for one in bins:
        if value in one["levels"] or (one["range"] and _within(value, **one["range"])):
            return one
    return next(one for one in bins if one["other_levels"])


def points_by_table(text: str, row: Mapping[str, float | str | None]) -> int:
    """Points of an applicant by a card's CSV alone: docs/card.md in plain Python."""
    bins: dict[str, list[Mapping[str, Any]]] = {}
    points = 0
    for told in csv.DictReader(io.StringIO(text, newline="")):
        if told["kind"] == "start":
            points = int(told["points"])
            continue
        name = told["characteristic"]
        name = name[1:] if name[0] == "'" and name[1] in "=+-@" else name
        ends = {end: float(told[end]) if told[end] else None for end in ("above", "up_to")}
        bins.setdefault(name, []).append({
            "missing": told["missing"] == "yes", "other_levels": told["other_levels"] == "yes",
            "special": json.loads(told["special"] or "[]"),
            "levels": json.loads(told["levels"] or "[]"),
            "range": ends if told["range"] == "yes" else None, "points": int(told["points"]),
        })  # fmt: skip
    return points + sum(int(_bin(held, row[name])["points"]) for name, held in bins.items())


def _within(value: Any, above: float | None, up_to: float | None) -> bool:
    return (above is None or value > above) and (up_to is None or value <= up_to)


def rows_of(frame: FeatureFrame) -> list[dict[str, float | str | None]]:
    """The frame's rows as a stranger has them."""
    columns: dict[str, list[float | str | None]] = {}
    for column in frame:
        if isinstance(column, NumberColumn):
            columns[column.name] = [None if math.isnan(v) else v for v in column.values.tolist()]
        else:
            named = column.codes.tolist()
            columns[column.name] = [None if code < 0 else column.levels[code] for code in named]
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
