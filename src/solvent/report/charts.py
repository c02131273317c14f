"""Charts as Vega-Lite specifications, drawn by Altair: one accent, one warning, greys, one grid.

This module imports Altair, so it is imported where it is used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt
import numpy as np

from solvent.metrics import (
    AucInterval,
    CalibrationBin,
    GainsBand,
    PeriodMetrics,
    PrecisionRecallPoint,
    RocPoint,
    wilson_interval,
)
from solvent.report.drawing import (
    ACCENT,
    WARN,
    Rows,
    canvas,
    diagonal,
    level_line,
    rounded,
    share_x,
    share_y,
    specification,
    ticks,
)
from solvent.report.training import BoolArray, FloatArray
from solvent.scoring import Scale, score

BINS = 40
WEEK = "week of "
# The PDs worth a tick on a log-odds axis.
TICKS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)


def roc(points: Sequence[RocPoint], at: RocPoint | None = None) -> str:
    """Bads caught against goods turned away, beside the line of a blind guess.

    Args:
        points: Of the curve.
        at: Where a policy stands, to be marked.
    """
    rows: Rows = [
        {"x": rounded(point.false_positive_rate), "y": rounded(point.recall)} for point in points
    ]
    line = (
        canvas(rows)
        .mark_line(color=ACCENT, strokeWidth=2)
        .encode(
            x=share_x("x", "Share of goods predicted bad" if at is None else "Share of goods lost"),
            y=share_y("y", "Share of bads caught (recall)"),
            order=alt.Order("x:Q"),
        )
    )
    if at is None:
        return specification(diagonal(1.0), line)
    stands: Rows = [{"x": rounded(at.false_positive_rate), "y": rounded(at.recall)}]
    mark = canvas(stands).mark_point(color=WARN, filled=True, size=90, opacity=1)
    return specification(diagonal(1.0), line, mark.encode(x="x:Q", y="y:Q"))


def precision_recall(points: Sequence[PrecisionRecallPoint], bad_rate: float) -> str:
    """Precision against recall in steps, beside the precision of a blind guess."""
    rows: Rows = [{"x": rounded(point.recall), "y": rounded(point.precision)} for point in points]
    top = max([bad_rate, *(point.precision for point in points)])
    line = (
        canvas(rows)
        .mark_line(color=ACCENT, strokeWidth=2, interpolate="step-before")
        .encode(
            x=share_x("x", "Share of bads caught (recall)"),
            y=share_y("y", "Share of bads among those predicted bad", top=top),
            order=alt.Order("x:Q"),
        )
    )
    return specification(level_line(bad_rate), line)


def gains_curve(bands: Sequence[GainsBand]) -> str:
    """Share of bads held by the riskiest applications, band by band."""
    rows: Rows = [{"x": 0.0, "y": 0.0}]
    rows += [
        {"x": rounded(band.share_of_accounts), "y": rounded(band.share_of_bads)} for band in bands
    ]
    base = canvas(rows).encode(
        x=share_x("x", "Share of applications, riskiest first"),
        y=share_y("y", "Share of all bads they hold"),
        order=alt.Order("x:Q"),
    )
    return specification(
        diagonal(1.0),
        base.mark_line(color=ACCENT, strokeWidth=2),
        base.mark_point(color=ACCENT, filled=True, size=36, opacity=1),
    )


def bad_rate_by_band(bands: Sequence[GainsBand], bad_rate: float) -> str:
    """Bad rate of each band, riskiest first, beside the average."""
    rows: Rows = [
        {"band": number, "rate": rounded(band.bad_rate)} for number, band in enumerate(bands, 1)
    ]
    bars = (
        canvas(rows)
        .mark_bar(color=ACCENT, width={"band": 0.72})
        .encode(
            x=alt.X("band:O").title("Band, 1 = riskiest").axis(labelAngle=0),
            y=share_y("rate", "Bad rate", top=max(bad_rate, *(band.bad_rate for band in bands))),
        )
    )
    return specification(bars, level_line(bad_rate))


def calibration(bins: Sequence[CalibrationBin]) -> str:
    """Bad rate with its interval against the mean PD, beside the line where both agree."""
    top = ticks(0.0, _room(max(max(band.high, band.mean_pd) for band in bins)), 1.0)[-1]
    rows: Rows = [
        {
            "pd": rounded(band.mean_pd),
            "rate": rounded(band.bad_rate),
            "low": rounded(band.low),
            "high": rounded(band.high),
        }
        for band in bins
    ]
    base = canvas(rows).encode(x=share_x("pd", "Mean PD of the band", top=top))
    return specification(
        diagonal(top),
        base.mark_rule(color=ACCENT, strokeWidth=1.5, opacity=0.55).encode(
            y=share_y("low", "Bad rate", top=top), y2="high:Q"
        ),
        base.mark_point(color=ACCENT, filled=True, size=52, opacity=1).encode(
            y=share_y("rate", "Bad rate", top=top)
        ),
    )


def distribution(pd: FloatArray, bad: BoolArray, scale: Scale | None) -> str:
    """How goods and bads are spread over points, or over PD where no scale is declared.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: Shape (n,).
        scale: How a PD is written as points.
    """
    safe = np.clip(pd, 1e-6, 1.0 - 1e-6)
    log_odds = np.log(safe) - np.log1p(-safe)
    value = log_odds if scale is None else score(safe, scale).astype(np.float64)
    edges = _edges(value, whole=scale is not None)
    step = float(edges[1] - edges[0])
    middles = np.concatenate(
        ([edges[0] - step / 2], (edges[1:] + edges[:-1]) / 2, [edges[-1] + step / 2])
    )
    rows: Rows = []
    for outcome, chosen in (("good", ~bad), ("bad", bad)):
        heights = np.histogram(value[chosen], edges)[0] / int(np.count_nonzero(chosen))
        rows += [
            {"x": rounded(float(x)), "share": rounded(float(height)), "outcome": outcome}
            for x, height in zip(middles, [0.0, *heights.tolist(), 0.0], strict=True)
        ]
    highest = max(float(str(row["share"])) for row in rows)
    area = (
        canvas(rows)
        .mark_area(interpolate="step", fillOpacity=0.22, line={"strokeWidth": 1.75})
        .encode(
            x=_score_axis(scale, float(value.min()), float(value.max())),
            y=share_y("share", "Share of goods, share of bads", top=highest).stack(None),
            color=alt.Color("outcome:N")
            .scale(domain=["good", "bad"], range=[ACCENT, WARN])
            .legend(None),
        )
    )
    return specification(area)


def risk_by_period(periods: Sequence[PeriodMetrics], level: float) -> str:
    """Bad rate with its interval and mean PD of each period."""
    rows: Rows = []
    top = 0.0
    for period in periods:
        low, high = wilson_interval(period.bads, period.n, level)
        top = max(top, high, period.mean_pd)
        rows.append(
            {
                "period": period.period,
                "rate": rounded(period.bad_rate),
                "pd": rounded(period.mean_pd),
                "low": rounded(low),
                "high": rounded(high),
            }
        )
    base = canvas(rows).encode(x=_period_axis(periods))
    title, top = "Share of applications", _room(top)
    return specification(
        base.mark_rule(color=WARN, strokeWidth=1.5, opacity=0.5).encode(
            y=share_y("low", title, top=top), y2="high:Q"
        ),
        base.mark_line(color=ACCENT, strokeWidth=2).encode(y=share_y("pd", title, top=top)),
        base.mark_point(color=WARN, filled=True, size=48, opacity=1).encode(
            y=share_y("rate", title, top=top)
        ),
    )


def auc_by_period(
    periods: Sequence[PeriodMetrics], intervals: Sequence[AucInterval | None], overall: float
) -> str:
    """AUC of each period that has one, with its interval, beside the AUC of the whole test.

    Args:
        periods: In time's order.
        intervals: Of each period; None where it has none.
        overall: AUC of the whole test, in [0, 1].
    """
    rows: Rows = []
    for period, found in zip(periods, intervals, strict=True):
        row: dict[str, object] = {"period": period.period, "auc": None, "low": None, "high": None}
        if period.auc is not None:
            row["auc"] = rounded(period.auc)
        if found is not None:
            row |= {"low": rounded(found.low), "high": rounded(found.high)}
        rows.append(row)
    ends = [period.auc for period in periods if period.auc is not None]
    ends += [end for found in intervals if found is not None for end in (found.low, found.high)]
    at = ticks(min([0.5, *ends]), _room(max([0.75, *ends])), 1.0)
    scale = alt.Scale(domain=[at[0], at[-1]], zero=False, nice=False)
    y = alt.Y("auc:Q").title("AUC").scale(scale).axis(format=".2f", values=at)
    base = canvas(rows).encode(x=_period_axis(periods))
    points = base.encode(y=y)
    return specification(
        level_line(overall),
        base.transform_filter("isValid(datum.low)")
        .mark_rule(color=ACCENT, strokeWidth=1.5, opacity=0.5)
        .encode(y=alt.Y("low:Q").title("AUC"), y2="high:Q"),
        points.mark_line(color=ACCENT, strokeWidth=2, invalid="break-paths-show-domains"),
        points.mark_point(color=ACCENT, filled=True, size=40, opacity=1, invalid="filter"),
    )


def _room(top: float) -> float:
    """Leave room above a bar, so that its end is seen."""
    return min(1.0, 1.03 * top)


def _edges(value: FloatArray, *, whole: bool) -> FloatArray:
    """Return edges of bins; in points each bin holds as many points as any other, so no comb."""
    if not whole:
        return np.histogram_bin_edges(value, bins=BINS)
    low, high = int(value.min()), int(value.max())
    width = max(1, math.ceil((high - low + 1) / BINS))
    bins = math.ceil((high - low + 1) / width)
    return low - 0.5 + width * np.arange(bins + 1, dtype=np.float64)


def _score_axis(scale: Scale | None, low: float, high: float) -> alt.X:
    if scale is not None:
        return alt.X("x:Q").title("Score in points, higher is safer").scale(zero=False, nice=False)
    at = [math.log(tick / (1.0 - tick)) for tick in TICKS]
    return (
        alt.X("x:Q")
        .title("PD on a log-odds scale, higher is riskier")
        .scale(zero=False, nice=False)
        .axis(
            values=[rounded(tick) for tick in at if low <= tick <= high],
            labelExpr="format(1 / (1 + exp(-datum.value)), '.1~%')",
        )
    )


def _period_axis(periods: Sequence[PeriodMetrics]) -> alt.X:
    """Build an axis of periods; weeks lose their word, which the title says once."""
    weeks = all(period.period.startswith(WEEK) for period in periods)
    axis = alt.Axis(labelAngle=0, labelOverlap="greedy")
    if weeks:
        axis = alt.Axis(
            labelAngle=0, labelOverlap="greedy", labelExpr=f"slice(datum.label, {len(WEEK)})"
        )
    title = "Week of the application, from" if weeks else "Period of the application"
    return alt.X("period:O").title(title).axis(axis).sort(None)
