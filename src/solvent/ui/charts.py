"""How charts look: one accent, one warning, greys, one grid; a title that says what is seen."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt
import streamlit as st

from solvent.ui.launch import ACCENT, FONT, INK, LINE, SOFT, WARN

GREY, FAINT = "#8a939d", "#e4e7eb"
PALE = "#c5cbd2"

Row = dict[str, object]
Layer = alt.Chart | alt.LayerChart

__all__ = [
    "ACCENT", "FAINT", "GREY", "INK", "LINE", "PALE", "SOFT", "WARN",
    "Layer", "Row", "base", "draw", "rule", "words",
]  # fmt: skip


def base(rows: Sequence[Row]) -> alt.Chart:
    """Return a chart of rows that are written into the page."""
    return alt.Chart(alt.InlineData(values=list(rows)))


def draw(layers: Sequence[Layer], *, title: str, note: str = "", height: int, about: str) -> None:
    """Draw layers on one another.

    Args:
        layers: From back to front.
        title: A sentence that says what is seen.
        note: A second line; may be empty.
        height: In pixels.
        about: What a screen reader says.
    """
    head = alt.TitleParams(
        text=title, subtitle=note or alt.Undefined, anchor="start", frame="group", offset=14,
        fontSize=14, fontWeight=600, color=INK, subtitleColor=SOFT, subtitleFontSize=12,
        subtitlePadding=5,
    )  # fmt: skip
    chart = (
        alt.layer(*layers)
        .properties(title=head, height=height)
        .configure(font=FONT, background="transparent", padding={"left": 0, "right": 8, "top": 4})
        .configure_view(stroke=None)
        .configure_axis(
            gridColor=FAINT, domainColor=GREY, tickColor=GREY, tickSize=4, labelColor=SOFT,
            labelFontSize=12, labelPadding=5, titleColor=SOFT, titleFontSize=12,
            titleFontWeight="normal", titlePadding=8, labelOverlap=True,
        )
        .configure_axisX(grid=False)
        .configure_axisY(domain=False, ticks=False)
    )  # fmt: skip
    st.altair_chart(chart, width="stretch", theme=None, alt=about)


def rule(rows: Sequence[Row], field: str, color: str, *, dashed: bool = False) -> alt.Chart:
    """Return upright lines at a field's values."""
    mark = base(rows).mark_rule(
        color=color, strokeWidth=1.5, strokeDash=[4, 3] if dashed else alt.Undefined
    )
    lines: alt.Chart = mark.encode(x=alt.X(f"{field}:Q"))
    return lines


def words(rows: Sequence[Row], color: str = SOFT, **mark: object) -> alt.Chart:
    """Return text marks of a `label` field; position is encoded by who asks."""
    style: dict[str, object] = {"fontSize": 12, "color": color, **mark}
    text: alt.Chart = base(rows).mark_text(**style).encode(text="label:N")
    return text
