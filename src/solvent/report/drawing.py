"""What every chart is drawn in: one frame, one grid, axes in per cent and in money.

This module imports Altair, so it is imported where it is used.
"""

from __future__ import annotations

import json
import math
import textwrap
from collections.abc import Sequence

import altair as alt

WIDTH, HEIGHT = 480, 300
WIDE = 1000
ACCENT, WARN, GREY, FAINT = "#1d4f7c", "#b4511c", "#8a939d", "#e4e7eb"
INK, PALE = "#1b222a", "#c9d9e8"
# Widths between ticks, times a power of ten.
STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
# Left to itself Vega drops every other of the ticks it is given.
MOST_TICKS = 12

Rows = list[dict[str, object]]


def ticks(low: float, high: float, most: float = math.inf) -> list[float]:
    """Places of ticks that hold a range between the first and the last of them.

    Args:
        low, high: Ends of the range; low < high.
        most: What no tick shall exceed, such as 100 %; not below `high`.

    Returns:
        Four to eight round numbers, the first at most `low`, the last at least `high`.

    >>> ticks(0.0, 0.47), ticks(0.5, 0.93, 1.0), ticks(0.0, 0.93, 1.0)
    ([0.0, 0.1, 0.2, 0.3, 0.4, 0.5], [0.5, 0.6, 0.7, 0.8, 0.9, 1.0], [0.0, 0.2, 0.4, 0.6, 0.8, 1.0])
    """
    rough = (high - low) / 6
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(each * power for each in STEPS if each * power >= rough * (1 - 1e-9))
    first = math.floor(low / step + 1e-9)
    last = math.ceil(high / step - 1e-9)
    return [rounded(min(number * step, most)) for number in range(first, last + 1)]


def share_x(field: str, title: str, top: float = 1.0) -> alt.X:
    """Build an axis in per cent from zero to the first tick that is not below `top`."""
    at = ticks(0.0, top, 1.0)
    scale = alt.Scale(domain=[0, at[-1]], nice=False)
    return alt.X(f"{field}:Q").title(title).axis(percent_axis(at)).scale(scale)


def share_y(field: str, title: str, top: float = 1.0) -> alt.Y:
    """Build an axis in per cent from zero to the first tick that is not below `top`."""
    at = ticks(0.0, top, 1.0)
    scale = alt.Scale(domain=[0, at[-1]], nice=False)
    return alt.Y(f"{field}:Q").title(title).axis(percent_axis(at)).scale(scale)


LINES = "split(datum.label, '|')"
"""How an axis breaks `wrapped` names."""


def money_y(field: str, title: str, low: float, high: float) -> alt.Y:
    """Build an axis of money that holds a range and zero, its ticks written 500k, 2M, 1B."""
    low, high = min(0.0, low), max(0.0, high)
    at = ticks(low, high if high > low else low + 1.0)
    scale = alt.Scale(domain=[at[0], at[-1]], nice=False, zero=False)
    # SI calls a thousand millions G; lenders call it a billion.
    words = "replace(format(datum.value, '~s'), 'G', 'B')"
    return (
        alt.Y(f"{field}:Q")
        .title(title)
        .axis(values=at, labelExpr=words, tickCount=MOST_TICKS)
        .scale(scale)
    )


def percent_axis(at: list[float]) -> alt.Axis:
    """Write ticks in per cent."""
    return alt.Axis(format=".1~%", values=at, tickCount=MOST_TICKS)


def figure_axis(at: list[float]) -> alt.Axis:
    """Write bare figures with as many decimals as tell the ticks apart."""
    digits = next(n for n in range(2, 7) if all(round(tick, n) == tick for tick in at))
    return alt.Axis(values=at, format=f".{digits}f", tickCount=MOST_TICKS)


def diagonal(top: float) -> alt.Chart:
    """Draw the dashed line where both axes agree, up to `top`."""
    rows: Rows = [{"x": 0.0, "y": 0.0}, {"x": top, "y": top}]
    line = canvas(rows).mark_line(color=GREY, strokeDash=[4, 3], strokeWidth=1.25)
    dashed: alt.Chart = line.encode(x="x:Q", y="y:Q")
    return dashed


def level_line(height: float) -> alt.Chart:
    """Draw a dashed line across, at a height."""
    rule = canvas([{"y": rounded(height)}]).mark_rule(
        color=GREY, strokeDash=[4, 3], strokeWidth=1.25
    )
    dashed: alt.Chart = rule.encode(y="y:Q")
    return dashed


def names_axis(limit: int = 300) -> alt.Axis:
    """Write `wrapped` names beside what they name.

    Args:
        limit: Pixels they have.
    """
    return alt.Axis(
        labelLimit=limit, minExtent=limit, domain=False, ticks=False, labelExpr=LINES,
        labelOverlap=False, labelFontSize=12, labelColor=INK,
    )  # fmt: skip


def wrapped(words: str, signs: int) -> str:
    """Break a long name into two lines at most; the chart's axis turns the bar into a break.

    >>> wrapped("Uses of the network: spread of units used, so far", 25)
    'Uses of the network:|spread of units used, …'
    """
    lines = textwrap.wrap(words.replace("|", "/"), signs, max_lines=2, placeholder=" …")
    return "|".join(lines)


def canvas(rows: Rows) -> alt.Chart:
    """Put rows into a chart, inside the page."""
    return alt.Chart(alt.InlineData(values=rows))


def rounded(value: float) -> float:
    """Six decimals are finer than a pixel, and keep the page small."""
    return round(value, 6)


def specification(*layers: alt.Chart, width: int = WIDTH, height: int = HEIGHT) -> str:
    """Write layers as one Vega-Lite specification in the page's frame.

    Args:
        layers: Drawn one over the other.
        width, height: Of the drawing, in pixels where the page is as wide as its widest.
    """
    chart = alt.layer(*layers).properties(
        width=width, height=height, autosize=alt.AutoSizeParams(type="fit", contains="padding")
    )
    return _written(chart)


def small_multiples(drawings: Sequence[alt.LayerChart | alt.FacetChart], columns: int) -> str:
    """Write drawings side by side, row after row, as one Vega-Lite specification.

    Args:
        drawings: Each with its own width and height.
        columns: How many stand in a row.
    """
    return _written(alt.concat(*drawings, columns=columns, spacing={"row": 22, "column": 26}))


def _written(chart: alt.LayerChart | alt.FacetChart | alt.ConcatChart) -> str:
    framed = (
        chart.configure(
            font="sans-serif",
            background="transparent",
            padding={"left": 2, "top": 6, "right": 14, "bottom": 2},
            aria=False,
        )
        .configure_view(stroke=None)
        .configure_title(anchor="start", fontSize=13, fontWeight=600, color=INK, offset=8)
        .configure_axis(
            gridColor=FAINT,
            domainColor=GREY,
            tickColor=GREY,
            tickSize=4,
            labelColor="#4a535d",
            labelFontSize=11,
            labelPadding=4,
            titleColor="#4a535d",
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=8,
            labelOverlap=True,
        )
        .configure_axisX(grid=False, labelFlush=False)
        .configure_axisY(domain=False, ticks=False)
    )
    return json.dumps(framed.to_dict(), sort_keys=True, ensure_ascii=False)
