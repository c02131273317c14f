"""Charts of a simulation: money as it comes in, and what every cutoff would have done.

This module imports Altair, so it is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import altair as alt

from solvent.report.drawing import (
    ACCENT,
    GREY,
    WARN,
    Rows,
    canvas,
    level_line,
    money_y,
    rounded,
    share_x,
    share_y,
    specification,
)
from solvent.simulate import Month, Point, Step

INK = "#1b222a"
DASH = [5.0, 3.0]
LONG_WALK = 240 * 86_400_000_000
"""Microseconds; a longer walk is dated by months."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """Cutoffs marked on a chart.

    Attributes:
        policy: The policy's cutoff.
        best: The cutoff chosen on the training side; None for none.
        low, high: Ends of its interval.
    """

    policy: float
    best: float | None = None
    low: float = 0.0
    high: float = 0.0


def money_so_far(steps: Sequence[Step], currency: str) -> str:
    """Running money of the policy, of approving everybody and of perfect foresight.

    Args:
        steps: From the start to the end, in the order of time.
        currency: Code of the currency.
    """
    dated = all(step.as_of is not None for step in steps[1:])
    shown = steps[1:] if dated else steps
    rows: Rows = [
        {
            "x": step.n if step.as_of is None else step.as_of // 1000,
            "policy": rounded(step.policy),
            "all": rounded(step.approve_all),
            "perfect": rounded(step.perfect),
        }
        for step in shown
    ]
    sums = [each for step in shown for each in (step.policy, step.approve_all, step.perfect)]
    x = alt.X("x:Q").title("Applications decided").axis(format=",d").scale(nice=False)
    if dated:
        time = alt.Scale(type="utc", nice=False)
        x = (
            alt.X("x:T")
            .title("Time of the application")
            .scale(time)
            .axis(format=_day_format(shown), tickCount=6)
        )
    base = canvas(rows).encode(x=x)

    def line(field: str, color: str) -> alt.Chart:
        y = money_y(field, f"Money made so far, {currency}", min(sums), max(sums))
        drawn: alt.Chart = base.mark_line(strokeWidth=2, color=color).encode(y=y)
        return drawn

    return specification(
        level_line(0.0),
        line("perfect", GREY),
        line("all", WARN),
        line("policy", ACCENT),
    )


def parts(sums: Sequence[tuple[str, float]], currency: str) -> str:
    """Sums that make up another, as bars above and below zero.

    Args:
        sums: (what, money), the last the sum of the others.
        currency: Code of the currency.
    """
    rows: Rows = [{"what": what, "money": rounded(each), "loss": each < 0.0} for what, each in sums]
    return specification(_bars(rows, "what", "", currency), level_line(0.0))


def _day_format(steps: Sequence[Step]) -> str:
    """Return how times are written: days where the walk is so short that months would repeat."""
    times = [step.as_of for step in steps if step.as_of is not None]
    return "%b %Y" if max(times) - min(times) > LONG_WALK else "%d %b %Y"


def by_month(months: Sequence[Month], currency: str) -> str:
    """The policy's money of each month, as bars above and below zero."""
    rows: Rows = [
        {"month": each.month, "money": rounded(each.policy), "loss": each.policy < 0.0}
        for each in months
    ]
    return specification(_bars(rows, "month", "Month of the application", currency), level_line(0))


def profit_by_cutoff(points: Sequence[Point], marks: Marks, currency: str) -> str:
    """Profit at every cutoff, with the policy's and the chosen cutoff.

    Args:
        points: Of the curve, strictest first.
        marks: Cutoffs to be marked.
        currency: Code of the currency.
    """
    rows: Rows = [{"x": rounded(each.cutoff), "y": rounded(each.profit)} for each in points]
    sums = [each.profit for each in points]
    y = money_y("y", f"Money made, {currency}", min(sums), max(sums))
    line = (
        canvas(rows)
        .mark_line(color=ACCENT, strokeWidth=2)
        .encode(x=_cutoff_axis(points), y=y, order=alt.Order("x:Q"))
    )
    return specification(*_behind(marks), level_line(0.0), line, *_before(marks))


def rates_by_cutoff(points: Sequence[Point], marks: Marks) -> str:
    """Approval rate and bad rate of the approved at every cutoff.

    Args:
        points: Of the curve, strictest first.
        marks: Cutoffs to be marked.
    """
    rows: Rows = [
        {
            "x": rounded(each.cutoff),
            "approved": rounded(each.approval_rate),
            "bad": None if each.bad_rate is None else rounded(each.bad_rate),
        }
        for each in points
    ]
    base = canvas(rows).encode(x=_cutoff_axis(points), order=alt.Order("x:Q"))
    title = "Share of applications, share of loans"
    return specification(
        *_behind(marks),
        base.mark_line(color=ACCENT, strokeWidth=2).encode(y=share_y("approved", title)),
        base.mark_line(color=WARN, strokeWidth=2).encode(y=share_y("bad", title)),
        *_before(marks),
    )


def _bars(rows: Rows, field: str, title: str, currency: str) -> alt.Chart:
    sums = [float(str(row["money"])) for row in rows]
    y = money_y("money", f"Money made, {currency}", min(sums), max(sums))
    bars: alt.Chart = (
        canvas(rows)
        .mark_bar(width={"band": 0.66})
        .encode(
            x=alt.X(f"{field}:O")
            .title(title or None)
            .axis(labelAngle=0, labelOverlap="greedy")
            .sort(None),
            y=y,
            color=alt.Color("loss:N")
            .scale(domain=[False, True], range=[ACCENT, WARN])
            .legend(None),
        )
    )
    return bars


def _cutoff_axis(points: Sequence[Point]) -> alt.X:
    end = max(each.cutoff for each in points)
    return share_x("x", "Cutoff: every PD below it is approved", top=end)


def _behind(marks: Marks) -> tuple[alt.Chart, ...]:
    """Draw the interval of the chosen cutoff behind the curves."""
    if marks.best is None or marks.high <= marks.low:
        return ()
    rows: Rows = [{"low": rounded(marks.low), "high": rounded(marks.high)}]
    band = canvas(rows).mark_rect(color=GREY, opacity=0.22)
    return (band.encode(x="low:Q", x2="high:Q"),)


def _before(marks: Marks) -> tuple[alt.Chart, ...]:
    policy = _rule(marks.policy, INK, [])
    return (policy,) if marks.best is None else (_rule(marks.best, GREY, DASH), policy)


def _rule(at: float, color: str, dash: list[float]) -> alt.Chart:
    rows: Rows = [{"x": rounded(at)}]
    rule = canvas(rows).mark_rule(color=color, strokeWidth=1.75, strokeDash=dash)
    drawn: alt.Chart = rule.encode(x="x:Q")
    return drawn
