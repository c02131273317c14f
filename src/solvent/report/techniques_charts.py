"""Charts of a comparison of techniques.

This module imports Altair, so it is imported where it is used.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt

from solvent.metrics import CalibrationBin
from solvent.report.drawing import (
    ACCENT,
    GREY,
    INK,
    WARN,
    WIDE,
    Rows,
    canvas,
    diagonal,
    figure_axis,
    rounded,
    share_x,
    share_y,
    small_multiples,
    specification,
    ticks,
)
from solvent.report.techniques_record import JudgedTechnique, TechniquesRecord

ROW, ROOM = 30, 56
"""Height of a technique's line, and of the axis below them all."""
PANEL = 262
COLUMNS = 3
NAME_WIDTH = 190
TALL = 280
LEAST_SECONDS = 1e-4
SIGN, LINE, DOT = 6.4, 15.0, 6.0
"""Width of a sign, height of a line, half a dot's width, in pixels."""


def auc_dots(record: TechniquesRecord) -> str:
    """AUC of each technique with its interval, the highest on top, and its folds in grey."""
    rows: Rows = [
        {
            "name": one.title, "auc": rounded(one.validation.auc.auc),
            "low": rounded(one.validation.auc.low), "high": rounded(one.validation.auc.high),
        }
        for one in record.judged
    ]  # fmt: skip
    folds: Rows = [
        {"name": one.title, "fold": rounded(value)}
        for one in record.judged
        for value in one.auc_by_fold
        if value is not None
    ]
    ends = [float(str(row[end])) for row in rows for end in ("low", "high")]
    ends += [float(str(row["fold"])) for row in folds]
    at = ticks(min(ends) - 1e-3, max(ends), 1.0)
    scale = alt.Scale(domain=[at[0], at[-1]], zero=False, nice=False)
    x = alt.X("auc:Q").title("AUC").scale(scale).axis(figure_axis(at))
    base = canvas(rows).encode(y=_names(record))
    best = canvas([{"x": rounded(record.best.validation.auc.auc)}])
    return specification(
        best.mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.25).encode(x="x:Q"),
        canvas(folds)
        .mark_tick(color=GREY, thickness=1.5, size=11, opacity=0.8)
        .encode(x=alt.X("fold:Q"), y=_names(record)),
        base.mark_rule(color=ACCENT, strokeWidth=2, opacity=0.5).encode(x="low:Q", x2="high:Q"),
        base.mark_point(color=ACCENT, filled=True, size=70, opacity=1).encode(x=x),
        width=WIDE,
        height=_height(len(rows)),
    )


def lead_dots(record: TechniquesRecord) -> str:
    """By how much each technique ranks worse than the best, paired, with its interval."""
    rows: Rows = []
    for one in record.judged[1:]:
        pair = record.against_best(one.name)
        if pair is None or pair.found is None:
            continue
        found = pair.found
        rows.append(
            {
                "name": one.title, "gap": rounded(-found.difference), "low": rounded(-found.high),
                "high": rounded(-found.low), "sure": pair.beyond_chance,
            }
        )  # fmt: skip
    ends = [float(str(row[end])) for row in rows for end in ("low", "high")]
    low, high = min([*ends, 0.0]), max([*ends, 0.0])
    at = ticks(low, max(high, low + 1e-4))
    scale = alt.Scale(domain=[at[0], at[-1]], zero=False, nice=False)
    x = alt.X("gap:Q").title(f"AUC, against that of {record.best.title}")
    x = x.scale(scale).axis(figure_axis(at))
    colour = alt.condition("datum.sure", alt.value(WARN), alt.value(ACCENT))
    names = [str(row["name"]) for row in rows]
    base = canvas(rows).encode(y=_names(record, names))
    zero = canvas([{"x": 0.0}]).mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.25)
    return specification(
        zero.encode(x="x:Q"),
        base.mark_rule(strokeWidth=2, opacity=0.5).encode(x="low:Q", x2="high:Q", color=colour),
        base.mark_point(filled=True, size=70, opacity=1).encode(x=x, color=colour),
        width=WIDE,
        height=_height(len(rows)),
    )


def calibration_panels(judged: Sequence[JudgedTechnique]) -> str:
    """Bad rate against mean PD, one small drawing per technique, all on one scale."""
    highest = max(max(band.high, band.mean_pd) for one in judged for band in one.curve)
    top = ticks(0.0, min(1.0, 1.03 * highest), 1.0)[-1]
    return small_multiples([_panel(one.title, one.curve, top) for one in judged], COLUMNS)


def _panel(
    title: str, bins: Sequence[CalibrationBin], top: float
) -> alt.LayerChart | alt.FacetChart:
    rows: Rows = [
        {
            "pd": rounded(band.mean_pd), "rate": rounded(band.bad_rate),
            "low": rounded(band.low), "high": rounded(band.high),
        }
        for band in bins
    ]  # fmt: skip
    base = canvas(rows).encode(x=share_x("pd", "Mean PD of the band", top=top))
    return alt.layer(
        diagonal(top),
        base.mark_rule(color=ACCENT, strokeWidth=1.5, opacity=0.55).encode(
            y=share_y("low", "Bad rate", top=top), y2="high:Q"
        ),
        base.mark_point(color=ACCENT, filled=True, size=40, opacity=1).encode(
            y=share_y("rate", "Bad rate", top=top)
        ),
    ).properties(width=PANEL, height=190, title=title)


def time_against_auc(record: TechniquesRecord) -> str:
    """AUC against the processor time of one fit, by orders of magnitude; names do not overlap."""
    aucs = [one.validation.auc.auc for one in record.judged]
    took = [math.log10(max(one.fit_cpu, LEAST_SECONDS)) for one in record.judged]
    at = ticks(min(aucs) - 5e-4, max(aucs) + 5e-4)
    span = max(took) - min(took) + 0.5
    first, last = min(took) - 0.05 * span, max(took) + 0.25 * span
    across, up = WIDE / (last - first), TALL / (at[-1] - at[0])
    spots = [((x - first) * across, (at[-1] - y) * up) for x, y in zip(took, aucs, strict=True)]
    heights = _apart(spots, [one.title for one in record.judged])
    rows: Rows = [
        {
            "name": one.title, "auc": rounded(auc), "seconds": 10.0**x, "live": one.live,
            "words": rounded(at[-1] - height / up),
        }
        for one, auc, x, height in zip(record.judged, aucs, took, heights, strict=True)
    ]  # fmt: skip
    x_axis = alt.X("seconds:Q").title("Processor seconds of one fit")
    x_axis = x_axis.scale(type="log", domain=[10.0**first, 10.0**last], nice=False)
    x_axis = x_axis.axis(values=_round_seconds(first, last), labelExpr="format(datum.value, '~g')")
    scale = alt.Scale(domain=[at[0], at[-1]], zero=False, nice=False)
    axis = figure_axis(at)
    base = canvas(rows).encode(x=x_axis)
    colour = alt.condition("datum.live", alt.value(ACCENT), alt.value(GREY))
    points = base.mark_point(filled=True, size=80, opacity=1).encode(
        y=alt.Y("auc:Q").title("AUC").axis(axis).scale(scale), color=colour
    )
    words = base.mark_text(align="left", baseline="middle", dx=9, fontSize=11.5, color=INK).encode(
        y=alt.Y("words:Q"), text="name:N"
    )
    lines = base.mark_rule(color=GREY, strokeWidth=0.75).encode(y="auc:Q", y2="words:Q")
    return specification(lines, points, words, width=WIDE, height=TALL + 40)


def _apart(spots: Sequence[tuple[float, float]], names: Sequence[str]) -> list[float]:
    """Return the height of each name beside its spot, moved down until it covers nothing."""
    placed = [(x - DOT, x + DOT, y) for x, y in spots]
    heights = []
    for (x, y), name in zip(spots, names, strict=True):
        height, start, end = y, x + DOT, x + SIGN * (len(name) + 2)
        while any(
            abs(height - other) < LINE and start < right and left < end
            for left, right, other in placed
        ):
            height += LINE / 2
        placed.append((start, end, height))
        heights.append(height)
    return heights


def _round_seconds(first: float, last: float) -> list[float]:
    """Return round durations between two powers of ten."""
    powers = range(math.floor(first), math.ceil(last) + 1)
    steps = (1.0,) if last - first > 2.5 else (1.0, 2.0, 5.0)
    found = [float(f"{step}e{power}") for power in powers for step in steps]
    return [value for value in found if first <= math.log10(value) <= last]


def _names(record: TechniquesRecord, names: Sequence[str] = ()) -> alt.Y:
    """Build an axis of techniques, in the order of their AUC."""
    shown = list(names) or [one.title for one in record.judged]
    axis = alt.Axis(
        labelFontSize=12, labelColor=INK, labelLimit=NAME_WIDTH, minExtent=NAME_WIDTH,
        maxExtent=NAME_WIDTH, grid=True, domain=False, ticks=False,
    )  # fmt: skip
    return alt.Y("name:N", sort=shown).title(None).axis(axis)


def _height(lines: int) -> int:
    return ROW * lines + ROOM
