"""The charts of the Outcomes page: predicted beside realised, and how much is known."""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from solvent.client import OutcomeGroup, Realised
from solvent.ui import charts
from solvent.ui.charts import ACCENT, GREY, WARN, Row
from solvent.ui.figures import percent, whole

HEIGHT = 260
MOST_LEVEL = 7
"""Of more groups the labels are written aslant."""
STATES = (("known", "Outcome known", ACCENT), ("immature", "Too young", GREY),
          ("untold", "Not told", WARN))  # fmt: skip


def compared(
    groups: Sequence[tuple[str, OutcomeGroup]], axis: str, title: str, now: Realised, *,
    height: int = HEIGHT,
) -> None:  # fmt: skip
    """Draw the realised bad rate with its interval beside the predicted one, group by group.

    Args:
        groups: Each with its label, in the order they are drawn.
        axis: What the labels are.
        title: A sentence that says what is seen.
        now: What they are parts of.
        height: Of the drawing, in pixels.
    """
    rows = [_row(label, one) for label, one in groups if one.bad_rate is not None]
    order = [label for label, _ in groups]
    slanted = len(order) > MOST_LEVEL
    x = alt.X("label:N").title(axis).scale(domain=order)
    x = x.axis(labelAngle=-35 if slanted else 0, labelOverlap=not slanted)
    y = alt.Y("bad:Q").title("Bad rate").axis(charts.percent_axis())
    tips = [
        alt.Tooltip("label:N", title=axis),
        alt.Tooltip("known:Q", title="Outcomes known", format=","),
        alt.Tooltip("bad:Q", title="Realised bad rate", format=".1%"),
        alt.Tooltip("low:Q", title="Interval from", format=".1%"),
        alt.Tooltip("high:Q", title="to", format=".1%"),
        alt.Tooltip("pd:Q", title="Predicted bad rate", format=".1%"),
    ]
    seen = charts.base(rows)
    span = seen.mark_rule(color=ACCENT, strokeWidth=6, opacity=0.28, strokeCap="round")
    realised = seen.mark_point(color=ACCENT, filled=True, size=90, opacity=1)
    predicted = seen.mark_tick(color=WARN, thickness=3, size=26, opacity=1)
    charts.draw(
        [
            span.encode(x=x, y=alt.Y("low:Q").title("Bad rate"), y2="high:Q", tooltip=tips),
            predicted.encode(x=x, y=alt.Y("pd:Q"), tooltip=tips),
            realised.encode(x=x, y=y, tooltip=tips),
        ],
        title=title,
        keys=[
            (ACCENT, f"Realised, with its {percent(now.level, 0)} interval"),
            (WARN, "Predicted: mean PD"),
        ],
        height=height,
        about="; ".join(
            f"{row['label']}: realised {percent(one.bad_rate)}, predicted {percent(one.mean_pd)}"
            for row, one in zip(rows, (one for _, one in groups if one.known), strict=True)
        ),
    )  # fmt: skip


def known(now: Realised) -> None:
    """Draw how many loans of each month are known, too young, or not told of."""
    rows: list[Row] = [
        {"month": one.month, "state": words, "loans": getattr(one, name), "order": place}
        for one in now.months
        for place, (name, words, _) in enumerate(STATES)
    ]
    names, colors = [words for _, words, _ in STATES], [color for _, _, color in STATES]
    x = alt.X("month:N").title("Month of decision")
    x = x.axis(labelAngle=-35 if len(now.months) > MOST_LEVEL else 0)
    y = alt.Y("loans:Q").title("Loans").axis(format=",", tickCount=5).stack(True)
    bars = charts.base(rows).mark_bar(width={"band": 0.7})
    layer = bars.encode(
        x=x, y=y, order=alt.Order("order:Q"),
        color=alt.Color("state:N").scale(domain=names, range=colors).legend(None),
        tooltip=[
            alt.Tooltip("month:N", title="Month of decision"),
            alt.Tooltip("state:N", title="State"),
            alt.Tooltip("loans:Q", title="Loans", format=","),
        ],
    )  # fmt: skip
    total = now.whole.known + now.whole.immature + now.whole.untold
    title = f"{whole(now.whole.known)} of {whole(total)} loans are known, good or bad"
    keys = [(color, words) for _, words, color in STATES]
    charts.draw([layer], title=title, keys=keys, height=220, about=title)


def _row(label: str, one: OutcomeGroup) -> Row:
    return {
        "label": label, "known": one.known, "bad": one.bad_rate, "low": one.low, "high": one.high,
        "pd": one.mean_pd,
    }  # fmt: skip
