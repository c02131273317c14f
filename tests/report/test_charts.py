"""Axes hold what is drawn, and drawings show no more than the data say."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from solvent.metrics import auc_interval, by_period
from solvent.report import build
from solvent.report.charts import auc_by_period, distribution, risk_by_period
from solvent.report.drawing import ticks
from solvent.scoring import Scale
from tests.report.reading import RECORD
from tests.report.records import record


def _rows(spec: dict[str, Any], field: str) -> list[dict[str, Any]]:
    """The rows of a specification that have a field."""
    (rows,) = (rows for rows in spec["datasets"].values() if field in rows[0])
    found: list[dict[str, Any]] = rows
    return found


@given(st.floats(min_value=0.0, max_value=0.98), st.floats(min_value=0.01, max_value=1.0))
def test_ticks_hold_the_whole_range(low: float, width: float) -> None:
    """The first tick is not above the range, the last not below it, and they are few."""
    high = min(1.0, low + width)
    at = ticks(low, high, 1.0)
    assert at[0] <= low + 1e-6
    assert high - 1e-6 <= at[-1] <= 1.0
    assert at == sorted(set(at))
    assert 3 <= len(at) <= 9


def test_no_bar_of_an_interval_ends_at_the_frame() -> None:
    """The axis of the bad rates goes on above the longest bar."""
    assert RECORD.period_test is not None
    periods = by_period(RECORD.pd_test, RECORD.bad_test, RECORD.period_test)
    spec = json.loads(risk_by_period(periods, 0.95))
    end = spec["layer"][0]["encoding"]["y"]["scale"]["domain"][1]
    assert max(row["high"] for row in _rows(spec, "high")) < end


def test_points_fall_into_bins_of_whole_points() -> None:
    """Equal numbers of points in every bin: an even spread of scores draws an even floor."""
    scale = Scale(base_score=600, base_odds=20, pdo=40)
    pd = 1.0 / (1.0 + np.exp(np.linspace(1.0, 4.0, 3000)))
    spec = json.loads(distribution(pd, np.arange(3000) % 2 == 0, scale))
    rows = [row for row in _rows(spec, "outcome") if row["outcome"] == "good"]
    steps = {round(b["x"] - a["x"], 6) for a, b in pairwise(rows)}
    (width,) = steps
    assert width == int(width)
    inner = [row["share"] for row in rows[2:-2]]
    assert max(inner) < 1.1 * min(inner)


def test_the_auc_of_a_period_has_delongs_interval() -> None:
    """Bars of the chart and ranges of the table are those of the period measured alone."""
    assert RECORD.period_test is not None
    (chapter,) = (each for each in build(RECORD).sections if each.anchor == "time")
    periods = by_period(RECORD.pd_test, RECORD.bad_test, RECORD.period_test)
    first = RECORD.period_test == periods[0].period
    found = auc_interval(RECORD.pd_test[first], RECORD.bad_test[first])
    assert chapter.tables[0].rows[0][5].small == f"{found.low:.3f}–{found.high:.3f}"
    row = _rows(json.loads(chapter.charts[1].spec), "low")[0]
    assert (row["low"], row["high"]) == (round(found.low, 6), round(found.high, 6))


def test_a_period_without_an_interval_is_still_drawn() -> None:
    """A lone bad gives a point and no bar."""
    periods = by_period([0.9, 0.1, 0.2], [True, False, False], ["a", "a", "a"])
    row = _rows(json.loads(auc_by_period(periods, (None,), 0.7)), "low")[0]
    assert (row["auc"], row["low"], row["high"]) == (1.0, None, None)


def test_few_bads_name_no_best_or_worst_period() -> None:
    """A period with fewer than 20 bads is neither the lowest nor the highest AUC."""
    assert RECORD.period_test is not None
    bad = RECORD.bad_test.copy()
    april = np.flatnonzero(RECORD.period_test == "2024-04")
    bad[april] = False
    bad[april[:3]] = True
    made = record()
    made = replace(made, bad_test=bad, validation=replace(made.validation, bads=int(bad.sum())))
    (chapter,) = (each for each in build(made).sections if each.anchor == "time")
    assert "2024-04" not in chapter.lead[0]
    assert "1 period with fewer than 20 bads left out." in chapter.lead[0]


def test_precision_begins_where_enough_are_predicted_bad() -> None:
    """The first point of the precision line rests on 30 predictions or more."""
    (chapter,) = (each for each in build(RECORD).sections if each.anchor == "ranking")
    (chart,) = (each for each in chapter.charts if each.name == "recall-chart")
    first = min(_rows(json.loads(chart.spec), "x"), key=lambda row: row["x"])
    assert first["x"] * RECORD.validation.bads / first["y"] >= 29.9


def test_weeks_are_named_once() -> None:
    """Labels of weeks lose their word, which the axis title says."""
    weeks = np.repeat(["week of 2024-04-01", "week of 2024-04-08"], 1500)
    (chapter,) = (
        each for each in build(record(period_test=weeks)).sections if each.anchor == "time"
    )
    axis = json.loads(chapter.charts[0].spec)["layer"][0]["encoding"]["x"]
    assert axis["title"] == "Week of the application, from"
    assert "slice(datum.label, 8)" in axis["axis"]["labelExpr"]
