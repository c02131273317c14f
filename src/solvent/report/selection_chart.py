"""The chart of selection: what each size of the feature set reaches.

This module imports Altair, so it is imported where it is used.
"""

from __future__ import annotations

from collections.abc import Sequence

import altair as alt

from solvent.models import SizeTried
from solvent.report.drawing import ACCENT, WARN, Rows, canvas, level_line, rounded, specification
from solvent.report.drawing import ticks as ticks_of


def path(sizes: Sequence[SizeTried], kept: int, errors: float) -> str:
    """AUC out of fold against the number of features, each with its paired interval.

    Args:
        sizes: The sets tried.
        kept: Size of the set kept.
        errors: Half the interval's width in standard errors.
    """
    rows: Rows = [
        {
            "size": one.size, "auc": rounded(one.auc), "kept": one.size == kept,
            "low": rounded(one.auc - errors * one.error),
            "high": rounded(one.auc + errors * one.error),
        }
        for one in sizes
    ]  # fmt: skip
    ends = [float(str(row[end])) for row in rows for end in ("low", "high")]
    at = ticks_of(min(ends), max(*ends, min(ends) + 1e-3), 1.0)
    y = alt.Y("auc:Q").title("AUC out of fold").axis(values=at)
    y = y.scale(domain=[at[0], at[-1]], zero=False, nice=False)
    x = alt.X("size:Q").title("Number of features").scale(type="log", nice=False, padding=12)
    base = canvas(rows).encode(x=x.axis(values=_places(sizes), format=",d", labelOverlap=True))
    colour = alt.condition("datum.kept", alt.value(WARN), alt.value(ACCENT))
    return specification(
        level_line(max(one.auc for one in sizes)),
        base.mark_rule(color=ACCENT, strokeWidth=1.5, opacity=0.5).encode(
            y=alt.Y("low:Q").title("AUC out of fold"), y2="high:Q"
        ),
        base.mark_line(color=ACCENT, strokeWidth=1.5).encode(y=y),
        base.mark_point(filled=True, size=44, opacity=1).encode(y=y, color=colour),
    )


def _places(sizes: Sequence[SizeTried]) -> list[int]:
    """Return round numbers for the ticks of a logarithmic axis."""
    least, most = min(one.size for one in sizes), max(one.size for one in sizes)
    places = [step * 10**power for power in range(6) for step in (1, 2, 5)]
    return [place for place in places if least <= place <= most] or [least, most]
