"""The chart of tuning: what each trial reached.

This module imports Altair, so it is imported where it is used.
"""

from __future__ import annotations

from itertools import accumulate

import altair as alt

from solvent.models.trials import State
from solvent.models.tuning import Tuned
from solvent.report.drawing import (
    ACCENT,
    GREY,
    INK,
    MOST_TICKS,
    WARN,
    WIDE,
    Rows,
    canvas,
    figure_axis,
    level_line,
    rounded,
    specification,
    ticks,
)

TALL = 260
BAD = 0.9
"""Share of finished trials that the axis makes room for: a few very bad ones would flatten it."""


def losses(found: Tuned) -> str:
    """Log loss of each finished trial, the best so far, and the technique as it comes."""
    done = [trial for trial in found.trials if trial.state is State.DONE]
    best, first = min(trial.loss for trial in done), done[0].loss
    chosen = next(trial.number for trial in done if trial.loss == best)
    ranked = sorted(trial.loss for trial in done)
    top = max(first, ranked[int(BAD * (len(ranked) - 1))])
    at = ticks(best, max(top, best + 1e-4))
    scale = alt.Scale(domain=[at[0], at[-1]], zero=False, nice=False, clamp=True)
    y = alt.Y("loss:Q").title("Log loss out of fold").scale(scale).axis(figure_axis(at))
    x = alt.X("number:Q").title("Trial").axis(format="d", tickMinStep=1, tickCount=MOST_TICKS)
    x = x.scale(domain=[-0.5, len(found.trials) - 0.5], nice=False)
    rows: Rows = [
        {"number": t.number, "loss": rounded(t.loss), "best": t.number == chosen} for t in done
    ]
    path: Rows = [
        {"number": t.number, "loss": rounded(low)}
        for t, low in zip(done, accumulate((t.loss for t in done), min), strict=True)
    ]
    given_up: Rows = [
        {"number": t.number, "loss": at[-1]} for t in found.trials if t.state is not State.DONE
    ]
    colour = alt.condition("datum.best", alt.value(WARN), alt.value(ACCENT))
    return specification(
        level_line(first),
        canvas(path).mark_line(color=GREY, strokeWidth=1.5, interpolate="step-after").encode(
            x=x, y=y
        ),
        canvas(rows).mark_point(filled=True, size=52, opacity=0.85).encode(x=x, y=y, color=colour),
        canvas(given_up)
        .mark_tick(color=INK, thickness=1.5, size=9, orient="vertical")
        .encode(x=x, y=y),
        width=WIDE, height=TALL,
    )  # fmt: skip
