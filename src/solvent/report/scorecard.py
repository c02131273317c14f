"""The chapter on a scorecard: every characteristic in its bins, and what each is worth."""

from __future__ import annotations

from solvent.models.points import Bin, Line, PointsCard
from solvent.report.card import bin_words, digits_apart
from solvent.report.figures import counted, decimal, percent
from solvent.report.page import Cell, Column, Section, Table
from solvent.report.training import TrainingRecord

_COLUMNS = (
    Column(title="Bin", width=34),
    Column(title="Share", numeric=True, width=15),
    Column(title="Went bad", width=27),
    Column(title="WoE", numeric=True, width=12),
    Column(title="Points", numeric=True, width=12),
)


def scorecard(record: TrainingRecord) -> Section | None:
    """Tell the card; None where the model is none.

    Args:
        record: The training run.
    """
    card = record.card
    if card is None or not card.lines:
        return None
    titles = {line.name: line.title for line in record.features}
    low, high = card.range
    lead = (
        f"{counted(len(card.lines), 'characteristic')}; everybody starts with {card.start} points, "
        f"and scores run from {low} to {high}. {card.scale.pdo:g} points double the odds. "
        "The command solvent card prints it on a page to add up by hand."
    )
    return Section(
        anchor="scorecard",
        heading="The scorecard",
        lead=(lead,),
        tables=tuple(_table(line, titles.get(line.name, line.name), card) for line in card.lines),
        reading=(
            ("Share", "of the training applications"),
            ("WoE", "weight of evidence: above zero safer than average, below zero riskier"),
            ("Points", "the least of every characteristic is 0; what tells nothing is neutral"),
        ),
    )


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
