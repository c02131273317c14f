"""How charts look: one accent, one warning, greys, one grid; a title that says what is seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import altair as alt
import streamlit as st

from solvent.ui.figures import plain
from solvent.ui.launch import ACCENT, FONT, GREY, INK, LINE, SOFT, WARN

FAINT, PALE = "#e4e7eb", "#c5cbd2"
# Signs read as on the rest of the page: a space before the sign, a true minus.
PERCENT = "format(100 * datum.value, '.0f') + '\u00a0%'"

Row = dict[str, object]
Layer = alt.Chart | alt.LayerChart
Keys = Sequence[tuple[str, str]]
Align = Literal["left", "center", "right"]

__all__ = [
    "ACCENT", "FAINT", "GREY", "INK", "LINE", "PALE", "SOFT", "WARN",
    "Align", "Keys", "Layer", "Row", "bars", "base", "draw", "labels_axis",
    "percent_axis", "rule", "words",
]  # fmt: skip


def base(rows: Sequence[Row]) -> alt.Chart:
    """Return a chart of rows that are written into the page."""
    return alt.Chart(alt.InlineData(values=list(rows)))


def draw(
    layers: Sequence[Layer], *, title: str, note: str = "", keys: Keys = (), height: int, about: str
) -> None:
    """Draw layers on one another, beneath a title that wraps and can be copied.

    Args:
        layers: From back to front.
        title: A sentence that says what is seen.
        note: A second line; may be empty.
        keys: Colour and words of what is drawn; a third line.
        height: Of the drawing without its axis, in pixels.
        about: What a screen reader says.
    """
    chart = (
        alt.layer(*layers)
        .properties(height=height, autosize=alt.AutoSizeParams(type="fit-x", contains="padding"))
        .configure(
            font=FONT, background="transparent",
            padding={"left": 0, "right": 8, "top": 6, "bottom": 2},
        )
        .configure_view(stroke=None)
        .configure_axis(
            gridColor=FAINT, domainColor=GREY, tickColor=GREY, tickSize=4, labelColor=SOFT,
            labelFontSize=12, labelPadding=5, titleColor=SOFT, titleFontSize=12,
            titleFontWeight="normal", titlePadding=8, labelOverlap=True, labelSeparation=10,
        )
        .configure_axisX(grid=False, labelFlush=False)
        .configure_axisY(domain=False, ticks=False)
    )  # fmt: skip
    with st.container(gap="xxsmall"):
        st.markdown(f"**{plain(title)}**")
        if note:
            st.caption(plain(note))
        if keys:
            signs = (f"{_sign(color)} {plain(text)}" for color, text in keys)
            st.markdown(f":small[{' &emsp; '.join(signs)}]")
        st.altair_chart(chart, width="stretch", theme=None, alt=about)


def _sign(color: str) -> str:
    # launch.py repaints violet as the grey of what is drawn.
    named = {ACCENT: "blue", WARN: "orange"}.get(color, "violet")
    return f":{named}[●]"


def percent_axis(ticks: int = 5) -> alt.Axis:
    """Return an axis of shares, written in per cent."""
    return alt.Axis(labelExpr=PERCENT, tickCount=ticks)


def labels_axis() -> alt.Axis:
    """Return an axis of words, as beside horizontal bars."""
    return alt.Axis(labelLimit=330, labelColor=INK, labelPadding=8)


def bars(rows: Sequence[Row]) -> alt.Chart:
    """Return horizontal bars; each row names its own `color`."""
    marked: alt.Chart = (
        base(rows).mark_bar(height={"band": 0.66}).encode(color=alt.Color("color:N").scale(None))
    )
    return marked


def rule(rows: Sequence[Row], field: str, color: str, *, dashed: bool = False) -> alt.Chart:
    """Return upright lines at a field's values."""
    mark = base(rows).mark_rule(
        color=color, strokeWidth=1.5, strokeDash=[4, 3] if dashed else alt.Undefined
    )
    lines: alt.Chart = mark.encode(x=alt.X(f"{field}:Q"))
    return lines


def words(
    rows: Sequence[Row],
    color: str = SOFT,
    *,
    align: Align = "center",
    dx: float = 0,
    bold: bool = False,
) -> alt.Chart:
    """Return text marks of a `label` field; position is encoded by who asks."""
    mark = base(rows).mark_text(
        color=color, fontSize=12, align=align, dx=dx, fontWeight=600 if bold else "normal"
    )
    text: alt.Chart = mark.encode(text="label:N")
    return text
