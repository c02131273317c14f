"""The drawings of shape functions: a small one for each feature, all on one scale.

This module imports Altair, so it is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from solvent.report.drawing import (
    ACCENT,
    GREY,
    INK,
    WARN,
    Rows,
    canvas,
    rounded,
    small_multiples,
    ticks,
    wrapped,
)
from solvent.report.shapes_record import AddedFeature

PANEL, TALL = 205, 150
COLUMNS = 3
LEAST_SPAN = 0.1
LABEL_WIDTH = 92
SIGNS = 38
SHORT = (
    "abs(datum.value) < 1000 ? format(datum.value, '~g') "
    ": replace(format(datum.value, '~s'), 'G', 'B')"
)
SIGNED = "datum.value == 0 ? '0' : format(datum.value, '+.2~f')"


def panels(features: Sequence[AddedFeature]) -> str:
    """What each feature adds: steps over a number, bars by level of a category.

    Args:
        features: In the order they are drawn.
    """
    added = [value for one in features for value in one.added]
    at = ticks(min(*added, -LEAST_SPAN), max(*added, LEAST_SPAN))
    return small_multiples(
        [_levels(one, at) if one.levels else _steps(one, at) for one in features], COLUMNS
    )


def _steps(one: AddedFeature, at: list[float]) -> alt.LayerChart | alt.FacetChart:
    ends = (*one.values, *one.values[-1:])
    rows: Rows = [
        {"x": edge, "added": rounded(value)} for edge, value in zip(one.edges, ends, strict=True)
    ]
    scale = alt.Scale(domain=[at[0], at[-1]], zero=False, nice=False)
    axis = alt.Axis(
        values=at, labelExpr=SIGNED, labelOverlap=False, minExtent=LABEL_WIDTH,
        maxExtent=LABEL_WIDTH,
    )  # fmt: skip
    y = alt.Y("added:Q").title(None).axis(axis).scale(scale)
    x = alt.X("x:Q").title(one.unit or None)
    x = x.axis(labelExpr=SHORT, tickCount=5)
    x = x.scale(zero=False, nice=False, domain=[one.edges[0], one.edges[-1]])
    zero = canvas([{"y": 0.0}]).mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.25)
    line = canvas(rows).mark_line(color=ACCENT, strokeWidth=2, interpolate="step-after")
    layers = [zero.encode(y=alt.Y("y:Q").scale(scale)), line.encode(x=x, y=y)]
    if one.missing is not None:
        spot: Rows = [{"x": one.edges[-1], "added": rounded(one.missing)}]
        mark = canvas(spot).mark_point(color=WARN, filled=True, size=70, opacity=1, clip=False)
        layers.append(mark.encode(x=x, y=y))
    return alt.layer(*layers).properties(width=PANEL, height=TALL, title=_title(one))


def _levels(one: AddedFeature, at: list[float]) -> alt.LayerChart | alt.FacetChart:
    rows: Rows = [
        {"label": level.label, "added": rounded(level.added), "rows": level.rows}
        for level in one.levels
    ]
    scale = alt.Scale(domain=[at[0], at[-1]], zero=False, nice=False)
    x = alt.X("added:Q").title(None).axis(values=at, labelExpr=SIGNED, grid=True).scale(scale)
    axis = alt.Axis(
        labelColor=INK, labelLimit=LABEL_WIDTH, minExtent=LABEL_WIDTH, maxExtent=LABEL_WIDTH,
        grid=False, labelOverlap=False,
    )  # fmt: skip
    y = alt.Y("label:N", sort=[level.label for level in one.levels]).title(None).axis(axis)
    bars = canvas(rows).mark_bar(color=ACCENT, height=8).encode(x=x, y=y)
    zero = canvas([{"x": 0.0}]).mark_rule(color=GREY, strokeWidth=1.25)
    return alt.layer(zero.encode(x=alt.X("x:Q").scale(scale)), bars).properties(
        width=PANEL, height=TALL, title=_title(one)
    )


def _title(one: AddedFeature) -> str | list[str]:
    """Return what stands above a drawing, in two lines where one is too long."""
    lines = wrapped(one.title, SIGNS).split("|")
    return lines if len(lines) > 1 else one.title
