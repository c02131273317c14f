"""The charts of the Portfolio page: profit, approval and bad rate over the cutoff; comparisons."""

from __future__ import annotations

from dataclasses import replace

import altair as alt

from solvent.client import CutoffPoint, Portfolio
from solvent.ui import charts
from solvent.ui.charts import ACCENT, GREY, PALE, WARN, Row
from solvent.ui.figures import amount, percent

WIDE, HEIGHT = 280, 220
NEARLY_ALL = 0.98
BAND = "#e8eff6"
BEST, CHOSEN = "Best in training", "What you chose"


def last_cutoff(now: Portfolio) -> float:
    """Return the cutoff beyond which nothing changes: hardly anybody is left to approve.

    The policy's, the best and the chosen cutoff stay in sight.
    """
    most = max(point.approval_rate for point in now.curve)
    full = next(point.cutoff for point in now.curve if point.approval_rate >= NEARLY_ALL * most)
    seen = max(now.policy_cutoff, now.best_cutoff, now.best_high or 0.0)
    return min(1.0, max(full, 1.25 * seen, now.cutoff))


def profit(now: Portfolio) -> None:
    """Draw profit over the cutoff with the policy's, the best and the chosen one."""
    x = _cutoff_axis(now)
    y = alt.Y("profit:Q").title(f"Profit ({now.currency})").axis(format=",.0f", tickCount=6)
    rows: list[Row] = [_row(point) for point in _seen(now)]
    layers: list[charts.Layer] = []
    if now.best_low is not None and now.best_high is not None:
        span: list[Row] = [{"cutoff": now.best_low, "end": now.best_high}]
        layers.append(charts.base(span).mark_rect(color=BAND).encode(x=x, x2="end:Q"))
    tips = [
        alt.Tooltip("cutoff:Q", title="Cutoff", format=".1%"),
        alt.Tooltip("profit:Q", title=f"Profit ({now.currency})", format=",.0f"),
        alt.Tooltip("approval:Q", title="Approval rate", format=".1%"),
        alt.Tooltip("bad:Q", title="Bad rate among approved", format=".1%"),
    ]
    zero = charts.base([{"profit": 0}]).mark_rule(color=GREY, strokeWidth=1).encode(y=y)
    line = charts.base(rows).mark_line(color=ACCENT, strokeWidth=2.5)
    layers += [zero, line.encode(x=x, y=y, tooltip=tips)]
    for _, point, color in _marks(now):
        layers += _mark(point, color, x, y)
    title = (
        f"A cutoff of {percent(now.cutoff)} makes {amount(now.at.profit, now.currency)} of profit"
    )
    keys = [(color, _key(words, point, now)) for words, point, color in _marks(now)]
    note = "" if now.best_low is None else "Shaded: where the best cutoff may lie."
    charts.draw(layers, title=title, note=note, keys=keys, height=WIDE, about=title)


def _key(words: str, point: CutoffPoint, now: Portfolio) -> str:
    return f"{words}: {percent(point.cutoff)}, {amount(point.profit, now.currency)}"


def _marks(now: Portfolio) -> list[tuple[str, CutoffPoint, str]]:
    found = [("Policy in force", now.at_policy, GREY), (BEST, now.at_best, ACCENT)]
    if abs(now.cutoff - now.policy_cutoff) > 1e-9:
        found.append((CHOSEN, now.at, WARN))
    return found


def _mark(point: CutoffPoint, color: str, x: alt.X, y: alt.Y) -> list[charts.Layer]:
    rows = [_row(point)]
    return [
        charts.rule(rows, "cutoff", color, dashed=True),
        charts.base(rows).mark_point(color=color, filled=True, size=90, opacity=1).encode(x=x, y=y),
    ]


def rates(now: Portfolio) -> None:
    """Draw approval rate and bad rate among the approved over the cutoff."""
    x = _cutoff_axis(now)
    y = alt.Y("share:Q").title("Share").axis(charts.percent_axis())
    y = y.scale(domain=[0, 1], nice=False)
    series = (("approval", "Approval rate", ACCENT), ("bad", "Bad rate among approved", WARN))
    layers: list[charts.Layer] = []
    for field, words, color in series:
        rows: list[Row] = [
            {"cutoff": row["cutoff"], "share": row[field]}
            for row in map(_row, _seen(now))
            if row[field] is not None
        ]
        tips = [
            alt.Tooltip("cutoff:Q", title="Cutoff", format=".1%"),
            alt.Tooltip("share:Q", title=words, format=".1%"),
        ]
        line = charts.base(rows).mark_line(color=color, strokeWidth=2)
        layers.append(line.encode(x=x, y=y, tooltip=tips))
        at = _row(now.at)
        if at[field] is not None:
            here: list[Row] = [{"cutoff": at["cutoff"], "share": at[field]}]
            point = charts.base(here).mark_point(color=color, filled=True, size=70, opacity=1)
            layers.append(point.encode(x=x, y=y))
    layers.append(charts.rule([_row(now.at)], "cutoff", GREY, dashed=True))
    title = (
        f"At {percent(now.cutoff)}, {percent(now.at.approval_rate, 0)} are approved; "
        f"{percent(now.at.bad_rate)} of those are bad"
    )
    keys = [(color, words) for _, words, color in series]
    charts.draw(layers, title=title, keys=keys, height=HEIGHT, about=title)


def comparison(now: Portfolio) -> None:
    """Draw the profit of the chosen cutoff beside approving everybody and perfect foresight."""
    bars = [
        ("Perfect foresight", now.oracle.profit, PALE),
        (BEST, now.at_best.profit, ACCENT),
        ("Policy in force", now.at_policy.profit, GREY),
        ("Approve everybody", now.approve_all.profit, PALE),
    ]
    if abs(now.cutoff - now.policy_cutoff) > 1e-9:
        bars.insert(3, (CHOSEN, now.at.profit, WARN))
    rows: list[Row] = [
        {
            "rule": rule,
            "profit": value,
            "end": max(0.0, value),
            "color": color,
            "label": amount(value, now.currency),
        }
        for rule, value, color in bars
    ]
    values = [value for _, value, _ in bars]
    low, high = min(0.0, *values), max(0.0, *values)
    # Labels stand right of their bar, or of zero where the bar goes to the left.
    room = 0.44 * (high - low or 1.0)
    x = alt.X("profit:Q").title(f"Profit ({now.currency})").axis(format=",.0f", tickCount=4)
    x = x.scale(domain=[low * 1.06, high + room], nice=False)
    y = alt.Y("rule:N").title(None).sort(None).axis(charts.labels_axis())
    charts.draw(
        [
            charts.bars(rows).encode(x=x, y=y),
            charts.rule([{"profit": 0}], "profit", GREY),
            charts.words(rows, align="left", dx=6).encode(x="end:Q", y=y),
        ],
        title=_gain(now),
        note="On the same applications, with the same costs.",
        height=HEIGHT,
        about="; ".join(f"{row['rule']}: {row['label']}" for row in rows),
    )


def _gain(now: Portfolio) -> str:
    gain = now.at.profit - now.approve_all.profit
    word = "more" if gain >= 0 else "less"
    return f"{amount(abs(gain), now.currency)} {word} than approving everybody"


def _seen(now: Portfolio) -> list[CutoffPoint]:
    """Return the curve as far as it is drawn, its end included."""
    last = last_cutoff(now)
    # With the points that are marked, so that they lie on the line.
    marked = (now.at, now.at_policy, now.at_best)
    known = {point.cutoff: point for point in (*now.curve, *marked)}
    points = [known[cutoff] for cutoff in sorted(known)]
    inside = [point for point in points if point.cutoff <= last]
    beyond = [point for point in points if point.cutoff > last]
    # The line ends at the frame, not before it.
    end = [replace(beyond[0], cutoff=last)] if beyond and inside[-1].cutoff < last else []
    return inside + end


def _row(point: CutoffPoint) -> Row:
    return {
        "cutoff": point.cutoff,
        "profit": point.profit,
        "approval": point.approval_rate,
        "bad": point.bad_rate,
    }


def _cutoff_axis(now: Portfolio) -> alt.X:
    return (
        alt.X("cutoff:Q")
        .title("Cutoff: approve below this probability of default")
        .axis(charts.percent_axis(8))
        .scale(domain=[0, last_cutoff(now)], nice=False)
    )
