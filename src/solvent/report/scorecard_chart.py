"""The chart of a scorecard's months: where the applicants moved, and where bins lost their order.

This module imports Altair, so it is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from solvent.report.drawing import (
    ACCENT,
    FAINT,
    INK,
    PALE,
    WARN,
    WIDE,
    Rows,
    canvas,
    names_axis,
    specification,
    wrapped,
)

TALL, AROUND = 32, 64
ROOM, SIGNS = 230, 34
COLOURS = {"steady": PALE, "moved": ACCENT, "far": WARN, "few": FAINT}


def month_grid(cells: Sequence[tuple[str, str, str, bool]], titles: Sequence[str]) -> str:
    """A cell for each characteristic and month, coloured by PSI, crossed where order was lost.

    Args:
        cells: (title, month, a word of `COLOURS`, whether the order was lost).
        titles: Of the characteristics, from top to bottom.
    """
    rows: Rows = [
        {"title": wrapped(title, SIGNS), "month": month, "state": state, "lost": lost}
        for title, month, state, lost in cells
    ]
    x = alt.X("month:O").title(None).axis(labelAngle=0, labelOverlap=True)
    names = [wrapped(title, SIGNS) for title in titles]
    y = alt.Y("title:N").title(None).sort(names).axis(names_axis(ROOM))
    colour = alt.Color("state:N", legend=None).scale(
        domain=list(COLOURS), range=list(COLOURS.values())
    )
    return specification(
        canvas(rows).mark_rect(stroke="white", strokeWidth=2).encode(x=x, y=y, color=colour),
        canvas([row for row in rows if row["lost"]])
        .mark_text(text="×", color=INK, fontSize=15, fontWeight=700)
        .encode(x=x, y=y),
        width=WIDE, height=AROUND + TALL * len(titles),
    )  # fmt: skip
