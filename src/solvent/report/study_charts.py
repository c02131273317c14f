"""Charts of a feature study.

This module imports Altair, so it is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import altair as alt

from solvent.report.drawing import (
    ACCENT,
    GREY,
    LINES,
    MOST_TICKS,
    PALE,
    WARN,
    WIDE,
    Rows,
    canvas,
    level_line,
    names_axis,
    percent_axis,
    rounded,
    specification,
    ticks,
    wrapped,
)
from solvent.report.figures import count
from solvent.report.study_record import StudyLine, ThemeLine
from solvent.report.study_words import bin_words, extremes, heading

_LINE_SIGNS = 46


def drivers(lines: Sequence[StudyLine], bad_rate: float) -> str:
    """Bad rate of the safest and of the riskiest bin of each driver, beside the average.

    Args:
        lines: Drivers, strongest first.
        bad_rate: Of the training side.
    """
    rows: Rows = []
    for line in lines:
        found = extremes(line)
        if found is None:
            continue
        safe, risky = found
        rows.append(
            {
                "name": wrapped(heading(line), _LINE_SIGNS),
                "safe": rounded(safe.bad_rate),
                "risky": rounded(risky.bad_rate),
                "safe_words": bin_words(line, safe),
                "risky_words": bin_words(line, risky),
            }
        )
    highest = max(float(str(row["risky"])) for row in rows)
    at = ticks(0.0, highest, 1.0)
    room = 0.28 * at[-1]
    scale = alt.Scale(domain=[-room, at[-1] + room], nice=False, zero=False)
    axis = alt.Axis(format=".1~%", values=at, tickCount=MOST_TICKS, orient="top")
    y = alt.Y("name:N", sort=None).title(None).axis(names_axis())
    base = canvas(rows).encode(y=y)

    def words(field: str, dx: int, align: Literal["left", "right"], color: str) -> alt.Chart:
        drawn: alt.Chart = base.mark_text(
            align=align, dx=dx, fontSize=11.5, color=color, baseline="middle"
        ).encode(x=alt.X(f"{field}:Q"), text=f"{field}_words:N")
        return drawn

    def point(field: str, color: str) -> alt.Chart:
        drawn: alt.Chart = base.mark_point(color=color, filled=True, size=90, opacity=1).encode(
            x=f"{field}:Q"
        )
        return drawn

    average = canvas([{"x": rounded(bad_rate)}]).mark_rule(color=GREY, strokeDash=[4, 3])
    return specification(
        average.encode(x=alt.X("x:Q").title("Bad rate").axis(axis).scale(scale)),
        base.mark_rule(color=PALE, strokeWidth=4).encode(x="safe:Q", x2="risky:Q"),
        point("safe", ACCENT),
        point("risky", WARN),
        words("safe", -10, "right", ACCENT),
        words("risky", 10, "left", WARN),
        width=WIDE,
        height=34 * len(rows) + 60,
    )


def themes(lines: Sequence[ThemeLine], together: float) -> str:
    """AUC of each theme alone with its interval, beside that of all themes together.

    Args:
        lines: Themes, strongest first.
        together: AUC of all features.
    """
    rows: Rows = [
        {
            "name": wrapped(line.title, 25),
            "auc": rounded(line.alone.auc),
            "low": rounded(line.alone.low),
            "high": rounded(line.alone.high),
        }
        for line in lines
    ]
    ends = [end for line in lines for end in (line.alone.low, line.alone.high)]
    at = ticks(min(0.5, *ends), max(0.6, together, *ends), 1.0)
    scale = alt.Scale(domain=[at[0], at[-1]], zero=False, nice=False)
    x = alt.X("auc:Q").title("AUC of the theme alone").scale(scale).axis(format=".2f", values=at)
    base = canvas(rows).encode(y=alt.Y("name:N", sort=None).title(None).axis(names_axis(180)))
    together_rule = canvas([{"x": rounded(together)}]).mark_rule(color=GREY, strokeDash=[4, 3])
    return specification(
        together_rule.encode(x=alt.X("x:Q")),
        base.mark_rule(color=ACCENT, strokeWidth=2, opacity=0.5).encode(
            x=alt.X("low:Q"), x2="high:Q"
        ),
        base.mark_point(color=ACCENT, filled=True, size=60, opacity=1).encode(x=x),
        height=max(140, 34 * len(rows) + 50),
    )


def theme_gains(lines: Sequence[ThemeLine]) -> str:
    """What each theme adds to the AUC of all others, with its interval.

    Args:
        lines: Themes, in the order of `themes`.
    """
    rows: Rows = [
        {
            "name": wrapped(line.title, 25),
            "adds": rounded(line.adds.difference),
            "low": rounded(line.adds.low),
            "high": rounded(line.adds.high),
        }
        for line in lines
        if line.adds is not None
    ]
    ends = [float(str(row[end])) for row in rows for end in ("low", "high")]
    at = ticks(min(-0.002, *ends), max(0.006, *ends))
    scale = alt.Scale(domain=[at[0], at[-1]], zero=False, nice=False)
    x = alt.X("adds:Q").title("AUC it adds to all others").scale(scale)
    base = canvas(rows).encode(y=alt.Y("name:N", sort=None).title(None).axis(names_axis(180)))
    zero = canvas([{"x": 0.0}]).mark_rule(color=GREY, strokeDash=[4, 3])
    return specification(
        zero.encode(x=alt.X("x:Q")),
        base.mark_rule(color=ACCENT, strokeWidth=2, opacity=0.5).encode(
            x=alt.X("low:Q"), x2="high:Q"
        ),
        base.mark_point(color=ACCENT, filled=True, size=60, opacity=1).encode(
            x=x.axis(format="+.3~f", values=_every_other(at))
        ),
        height=max(140, 34 * len(rows) + 50),
    )


def bins(line: StudyLine, bad_rate: float, height: int) -> str:
    """Bad rate of each bin with its interval, the test side's beside it.

    Args:
        line: The feature.
        bad_rate: Of the training side.
        height: Of the drawing.
    """
    rows: Rows = [
        {
            "name": f"{wrapped(bin_words(line, one), 30)}  ·  {count(one.n)}",
            "rate": rounded(one.bad_rate),
            "low": rounded(one.low),
            "high": rounded(one.high),
            "test": None if one.n_test < 20 else rounded(one.bad_rate_test or 0.0),
            "known": "no" if one.unknown else "yes",
        }
        for one in line.bins
        if one.shown
    ]
    tests = [float(str(row["test"])) for row in rows if row["test"] is not None]
    at = ticks(0.0, max([bad_rate, *tests, *(one.high for one in line.bins if one.n >= 40)]), 1.0)
    scale = alt.Scale(domain=[0, at[-1]], nice=False, clamp=True)
    x = alt.X("rate:Q").title("Bad rate").axis(percent_axis(at)).scale(scale)
    axis = alt.Axis(
        labelLimit=210,
        minExtent=150,
        domain=False,
        ticks=False,
        labelExpr=LINES,
        labelOverlap=False,
    )
    base = canvas(rows).encode(y=alt.Y("name:N", sort=None).title(None).axis(axis))
    average = canvas([{"x": rounded(bad_rate)}]).mark_rule(color=GREY, strokeDash=[4, 3])
    return specification(
        base.mark_bar(height={"band": 0.66}).encode(
            x=x,
            color=alt.Color("known:N")
            .scale(domain=["yes", "no"], range=[PALE, "#e4e7eb"])
            .legend(None),
        ),
        base.mark_rule(color=ACCENT, strokeWidth=1.5).encode(x="low:Q", x2="high:Q"),
        base.mark_point(color=WARN, filled=False, size=42, opacity=1, strokeWidth=1.75).encode(
            x="test:Q"
        ),
        average.encode(x="x:Q"),
        height=height,
    )


def periods(line: StudyLine, word: str, height: int) -> str:
    """AUC of one feature in each period, with its interval.

    Args:
        line: A feature with at least one period that has an AUC.
        word: "month" or "week".
        height: Of the drawing.
    """
    rows: Rows = [
        {
            "period": one.period,
            "auc": None if one.auc is None else rounded(one.auc.auc),
            "low": None if one.auc is None else rounded(one.auc.low),
            "high": None if one.auc is None else rounded(one.auc.high),
        }
        for one in line.periods
    ]
    found = [one.auc for one in line.periods if one.auc is not None]
    at = ticks(
        min(0.45, *(each.low for each in found)), max(0.6, *(each.high for each in found)), 1.0
    )
    scale = alt.Scale(domain=[at[0], at[-1]], zero=False, nice=False)
    y = alt.Y("auc:Q").title("AUC alone").scale(scale).axis(format=".2f", values=at)
    title = "Week of the application, from" if word == "week" else "Month of the application"
    x = alt.X("period:O", sort=None).title(title)
    base = canvas(rows).encode(x=x.axis(labelAngle=0, labelOverlap="greedy"))
    return specification(
        level_line(0.5),
        base.transform_filter("isValid(datum.low)")
        .mark_rule(color=ACCENT, strokeWidth=1.5, opacity=0.5)
        .encode(y=alt.Y("low:Q").title("AUC alone"), y2="high:Q"),
        base.mark_line(color=ACCENT, strokeWidth=2, invalid="break-paths-show-domains").encode(y=y),
        base.mark_point(color=ACCENT, filled=True, size=40, opacity=1, invalid="filter").encode(
            y=y
        ),
        height=height,
    )


def _every_other(at: list[float]) -> list[float]:
    """Return every other tick, zero among them."""
    zero = min(range(len(at)), key=lambda place: abs(at[place]))
    return at[zero % 2 :: 2]
