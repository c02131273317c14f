"""Charts of protected groups: one row a group, a point and its interval.

This module imports Altair, so it is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from solvent.report.drawing import (
    ACCENT,
    GREY,
    HEIGHT,
    WARN,
    Rows,
    canvas,
    percent_axis,
    rounded,
    specification,
    ticks,
)
from solvent.report.fairness_record import FOUR_FIFTHS, Attribute, Group

INK = "#1b222a"
ROW, LABEL, SIGN = 34, 200, 6.6
WIDEST = 2.0
"""Ratios beyond it are drawn at the edge."""


def approvals(attributes: Sequence[Attribute]) -> str:
    """Approval ratio of each group with its interval, beside the line of four fifths."""
    rows = [row for a in attributes for group in a.groups for row in _approval(a, group)]
    at = ticks(0.0, max(1.0, *(float(str(row["high"])) for row in rows)))
    x = alt.X("ratio:Q").title("Approval rate over that of the group most often approved")
    x = x.axis(values=at, format=".2~f", grid=True).scale(domain=[0, at[-1]], nice=False)
    colour = alt.condition("datum.below", alt.value(WARN), alt.value(ACCENT))
    base = canvas(rows).encode(y=_groups(rows))
    fifths = canvas([{"x": FOUR_FIFTHS}]).mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.25)
    return specification(
        fifths.encode(x="x:Q"),
        base.mark_rule(strokeWidth=2, opacity=0.55).encode(x=x, x2="high:Q", color=colour)
        .transform_calculate(ratio="datum.low"),
        base.mark_point(filled=True, size=70, opacity=1).encode(x=x, color=colour),
        height=_height(rows),
    )  # fmt: skip


def calibrations(attributes: Sequence[Attribute]) -> str:
    """Bad rate of each group with its interval, and the mean PD it was given."""
    rows: Rows = [
        {
            "group": _name(a, group), "rate": rounded(group.calibration.bad_rate),
            "low": rounded(group.calibration.low), "high": rounded(group.calibration.high),
            "pd": rounded(group.calibration.mean_pd),
        }
        for a in attributes
        for group in a.groups
        if not group.few
    ]  # fmt: skip
    top = max(max(float(str(row["high"])), float(str(row["pd"]))) for row in rows)
    at = ticks(0.0, top, 1.0)
    x = alt.X("rate:Q").title("Share of applications").axis(percent_axis(at))
    x = x.scale(domain=[0, at[-1]], nice=False)
    base = canvas(rows).encode(y=_groups(rows))
    return specification(
        base.mark_rule(color=ACCENT, strokeWidth=2, opacity=0.55)
        .encode(x=x, x2="high:Q")
        .transform_calculate(rate="datum.low"),
        base.mark_point(color=ACCENT, filled=True, size=70, opacity=1).encode(x=x),
        base.mark_tick(color=INK, thickness=2, size=18).encode(x=alt.X("pd:Q")),
        height=_height(rows),
    )


def _approval(attribute: Attribute, group: Group) -> Rows:
    """Return a group's row; none where it is too small, or nobody is approved."""
    if group.few or (group.ratio is None and group is not attribute.best):
        return []
    ratio, low, high = 1.0, 1.0, 1.0
    if group.ratio is not None:
        ratio, low, high = group.ratio.ratio, group.ratio.low, min(group.ratio.high, WIDEST)
    return [
        {
            "group": _name(attribute, group), "ratio": rounded(ratio), "low": rounded(low),
            "high": rounded(high), "below": group.below,
        }
    ]  # fmt: skip


def _name(attribute: Attribute, group: Group) -> str:
    return f"{attribute.title}: {group.label}"


def _groups(rows: Rows) -> alt.Y:
    order = [str(row["group"]) for row in rows]
    # Vega measures words shorter than browsers draw them, and cuts what it has left no room for.
    room = min(LABEL, round(SIGN * max(map(len, order))))
    axis = alt.Axis(labelLimit=LABEL, minExtent=room, labelOverlap=False, grid=False)
    return alt.Y("group:N").title(None).sort(order).axis(axis)


def _height(rows: Rows) -> int:
    return min(HEIGHT, max(120, 60 + ROW * len(rows)))
