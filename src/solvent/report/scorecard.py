"""The chapter on a scorecard: every characteristic in its bins, and what each is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from solvent.binning import Stability
from solvent.models.card_stability import month_words
from solvent.models.points import Bin, Line, PointsCard
from solvent.report.card import bin_words, digits_apart
from solvent.report.figures import count, counted, decimal, percent
from solvent.report.page import Cell, Chart, Column, Mark, Section, Table
from solvent.report.training import Readable, TrainingRecord, headed, numbered

MOVED: Final = 0.1
FAR: Final = 0.25
"""PSI from which applicants count as moved, and as moved far (Siddiqi 2006)."""
FEWEST: Final = 200
"""Applications below which a month tells nothing: PSI is high by chance there."""
MOST_MONTHS: Final = 24
NO_TIMES: Final = (
    "Applications have no times here, so how its bins fare from month to month cannot be told."
)
_COLUMNS = (
    Column(title="Bin", width=34),
    Column(title="Share", numeric=True, width=15),
    Column(title="Went bad", width=27),
    Column(title="WoE", numeric=True, width=12),
    Column(title="Points", numeric=True, width=12),
)


def scorecards(record: TrainingRecord) -> tuple[Section, ...]:
    """Tell the card, or that of each model of a chain; none where there is none.

    Args:
        record: The training run.
    """
    titles = {line.name: line.title for line in record.features}
    return tuple(
        _section(one, one.card, place, titles)
        for place, one in enumerate(record.readable)
        if one.card is not None and one.card.lines
    )


def _section(one: Readable, card: PointsCard, place: int, titles: Mapping[str, str]) -> Section:
    low, high = card.range
    lead = (
        f"{counted(len(card.lines), 'characteristic')}; everybody starts with {card.start} points, "
        f"and scores run from {low} to {high}. {card.scale.pdo:g} points double the odds. "
        "The command solvent card prints it on a page to add up by hand."
    )
    anchor = numbered("scorecard", place)
    return Section(
        anchor=anchor,
        heading=headed("The scorecard", one.words),
        lead=(lead,) if one.months is not None else (lead, NO_TIMES),
        charts=_months(f"{anchor}-months", one.months or {}, titles),
        tables=tuple(_table(line, titles.get(line.name, line.name), card) for line in card.lines),
        reading=(
            ("Share", "of the training applications"),
            ("WoE", "weight of evidence: above zero safer than average, below zero riskier"),
            ("Points", "the least of every characteristic is 0; what tells nothing is neutral"),
        ),
    )


def _months(
    chart: str, months: Mapping[str, Stability], titles: Mapping[str, str]
) -> tuple[Chart, ...]:
    """Return the grid of characteristics and months; none where no month is.

    Args:
        chart: What it is called on the page.
        months: By feature.
        titles: Of features.
    """
    from solvent.report.scorecard_chart import month_grid  # Altair takes a while to import

    if not months:
        return ()
    cells, moved, lost = [], 0, 0
    for name, one in months.items():
        words = month_words(one.periods)
        rows = one.rows.sum(axis=1).tolist()
        for at in range(max(0, len(words) - MOST_MONTHS), len(words)):
            state = _state(float(one.psi[at]), rows[at])
            broken = rows[at] >= FEWEST and not bool(one.held_within_chance[at])
            moved, lost = moved + (state in {"moved", "far"}), lost + broken
            cells.append((titles.get(name, name), words[at], state, broken))
    shown = len(cells) // len(months)
    return (
        Chart(
            name=chart, title="Its bins from month to month", wide=True,
            sentence=f"{_whole(months, shown)} Of {count(len(cells))} cells {count(moved)} "
            f"{'has' if moved == 1 else 'have'} a PSI of {MOVED:g} or more against the training "
            f"applications; in {count(lost)} the bad rates of neighbouring bins stood the other "
            "way round by more than chance explains.",
            keys=(
                (Mark.GREY, f"pale blue: steady, PSI below {MOVED:g}"),
                (Mark.ACCENT, f"moved, below {FAR:g}"),
                (Mark.WARN, f"moved far, {FAR:g} or more"),
                (Mark.INK, f"×: order lost; light grey: fewer than {FEWEST} applications"),
            ),
            spec=month_grid(cells, [titles.get(name, name) for name in months]),
        ),
    )  # fmt: skip


def _state(psi: float, rows: int) -> str:
    """Return how a month stands to the training applications, in a word of the chart."""
    if rows < FEWEST:
        return "few"
    return "far" if psi >= FAR else "moved" if psi >= MOVED else "steady"


def _whole(months: Mapping[str, Stability], shown: int) -> str:
    every = len(next(iter(months.values())).periods)
    last = f", the last {shown} shown" if shown < every else ""
    return f"All applications with an outcome, learnt from or not, {counted(every, 'month')}{last}."


def _table(line: Line, title: str, card: PointsCard) -> Table:
    shown = [one for one in line.bins if one.share > 0.0 or not one.neutral]
    worst = max((one.bad_rate or 0.0 for one in shown), default=0.0) or 1.0
    weight = line.most / max(1, card.range[1] - card.range[0])
    return Table(
        title=title,
        columns=_COLUMNS,
        rows=tuple(_row(one, worst, digits_apart(line)) for one in shown),
        note=f"IV {decimal(line.iv)}; coefficient {decimal(line.coefficient, 2)} "
        f"± {decimal(line.error, 2)}; up to {percent(weight)} of the score's range.",
        half=True,
    )


def _row(one: Bin, worst: float, digits: int) -> tuple[Cell, ...]:
    rate = one.bad_rate
    return (
        Cell(text=bin_words(one, digits)),
        Cell(text=percent(one.share)),
        Cell(text=percent(rate), bar=None if rate is None else rate / worst),
        Cell(text=decimal(one.woe, 2)),
        Cell(text=str(one.points)),
    )
