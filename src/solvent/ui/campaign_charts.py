"""The charts of the Campaign page: eligible clients, expected profit, the funnel."""

from __future__ import annotations

import re

import altair as alt

from solvent.client import Campaign, CampaignPoint, FunnelStep
from solvent.ui import charts
from solvent.ui.charts import ACCENT, PALE, WARN, Row
from solvent.ui.figures import SPACE, amount, many, percent, spaced, whole

HEIGHT = 220


def eligible(now: Campaign) -> None:
    """Draw how many clients each confidence leaves."""
    rows: list[Row] = [_row(point) | {"value": point.eligible} for point in now.curve]
    chosen: Row = {"confidence": now.confidence, "value": now.eligible}
    _curve(
        rows, chosen, ACCENT, "Eligible clients",
        f"At {percent(now.confidence)}, {many(now.eligible, 'client')} may be offered a loan",
    )  # fmt: skip


def profit(now: Campaign) -> None:
    """Draw what each confidence is expected to earn."""
    rows: list[Row] = [
        _row(point) | {"value": point.expected_profit}
        for point in now.curve
        if point.expected_profit is not None
    ]
    value = None if now.expected_profit is None else now.expected_profit.amount
    chosen: Row = {"confidence": now.confidence, "value": value}
    title = "Expected profit"
    if rows:
        title = _highest(now)
    _curve(rows, chosen, ACCENT, f"Expected profit ({now.currency})", title)


def _highest(now: Campaign) -> str:
    """Return where the profit is highest: one confidence, or all up to one that earn the same."""
    earning = [point for point in now.curve if point.expected_profit is not None]
    most = max(point.expected_profit or 0.0 for point in earning)
    best = [point.confidence for point in earning if point.expected_profit == most]
    where = "at" if best[0] == best[-1] else "up to"
    if best[0] > earning[0].confidence:
        where = where.replace("up to", f"from {percent(best[0])} to")
    money = amount(most, now.currency)
    return f"Expected profit is highest {where} {percent(best[-1])}: {money}"


def _row(point: CampaignPoint) -> Row:
    return {"confidence": point.confidence, "bad": percent(point.expected_bad_rate)}


def _curve(rows: list[Row], chosen: Row, color: str, unit: str, title: str) -> None:
    x = (
        alt.X("confidence:Q")
        .title("Least probability of repayment")
        .axis(charts.percent_axis(6))
        .scale(domain=[0.5, 1.0], nice=False)
    )
    y = alt.Y("value:Q").title(unit).axis(format=",.0f", tickCount=5)
    tips = [
        alt.Tooltip("confidence:Q", title="Probability of repayment", format=".1%"),
        alt.Tooltip("value:Q", title=unit, format=",.0f"),
        alt.Tooltip("bad:N", title="Expected bad rate"),
    ]
    line = charts.base(rows).mark_line(color=color, strokeWidth=2).encode(x=x, y=y, tooltip=tips)
    layers: list[charts.Layer] = [line, charts.rule([chosen], "confidence", WARN, dashed=True)]
    if chosen["value"] is not None:
        point = charts.base([chosen]).mark_point(color=WARN, filled=True, size=80, opacity=1)
        layers.append(point.encode(x=x, y=y))
    charts.draw(layers, title=title, keys=[(WARN, "What you chose")], height=HEIGHT, about=title)


def funnel(now: Campaign) -> None:
    """Draw how many clients are left after each step, and who fell out there."""
    most = max((step.clients for step in now.funnel), default=0)
    if not most:
        return
    last = len(now.funnel) - 1
    rows: list[Row] = [
        {
            "step": spaced(step.label),
            "clients": step.clients,
            "label": _left(step),
            "color": ACCENT if place == last else PALE,
        }
        for place, step in enumerate(now.funnel)
    ]
    # Room at the right for the note of the longest bar.
    x = alt.X("clients:Q").axis(None).scale(domain=[0, most * 1.7], nice=False)
    y = alt.Y("step:N").title(None).sort(None).axis(charts.labels_axis())
    charts.draw(
        [
            charts.bars(rows).encode(x=x, y=y),
            charts.words(rows, align="left", dx=8).encode(x="clients:Q", y=y),
        ],
        title=f"From {whole(most)} clients to {whole(now.eligible)}: where they fall out",
        height=34 * len(rows),
        about="; ".join(f"{row['step']}: {row['label']}" for row in rows),
    )


def _left(step: FunnelStep) -> str:
    """Return how many are left, and in brackets how many fell out and why."""
    why = re.sub(r"(?<=; )([\d,]+) ", r"\1: ", step.note or "")
    why = re.sub(r"^([\d,]+) (?:with )?", r"\1 fell out: ", spaced(why))
    return f"{whole(step.clients)}{SPACE * 3}({why})" if why else whole(step.clients)
