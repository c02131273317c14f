"""The chapter on shape functions: what each value of a feature adds to the log-odds of bad."""

from __future__ import annotations

from solvent.report.figures import counted, decimal
from solvent.report.page import Cell, Chart, Column, Mark, Section, Table
from solvent.report.shapes_record import AddedPair, ShapesRecord
from solvent.report.training import TrainingRecord, headed, numbered

_COLUMNS = (
    Column(title="Feature", width=32),
    Column(title="With", width=32),
    Column(title="Spread", numeric=True, width=12),
    Column(title="Least", numeric=True, width=12),
    Column(title="Most", numeric=True, width=12),
)

SPREAD = ("Spread", "standard deviation of what a pair adds, over training applications")


def shapes(record: TrainingRecord) -> tuple[Section, ...]:
    """Draw the shape functions, of each model of a chain; none where the model has none.

    Args:
        record: The training run.
    """
    return tuple(
        _section(one.words, one.shapes, numbered("shapes", place))
        for place, one in enumerate(record.readable)
        if one.shapes is not None and one.shapes.features
    )


def _section(words: str, found: ShapesRecord, anchor: str) -> Section:
    return Section(
        anchor=anchor,
        heading=headed("What each feature adds", words),
        lead=_lead(found),
        charts=(_chart(found, anchor),),
        tables=(_pairs(found),) if found.pairs else (),
        reading=(
            ("Log-odds", "above 0 riskier than average, below 0 safer; +0.7 doubles the odds"),
            *((SPREAD,) if found.pairs else ()),
        ),
    )


def _lead(found: ShapesRecord) -> tuple[str, ...]:
    more = f", and {counted(found.others, 'more feature')} read" if found.others else ""
    drawn = f"{counted(len(found.features), 'feature')} drawn, the most important first{more}."
    rule = (
        "The model adds up one curve for each feature and a table for some pairs: what is drawn "
        "here is the model itself, not an approximation of it."
    )
    rare = f"Levels of fewer than {found.rare} applications are not named."
    return (rule, f"{drawn} {rare}" if any(one.levels for one in found.features) else drawn)


def _chart(found: ShapesRecord, name: str) -> Chart:
    from solvent.report.shapes_chart import panels

    widest = max(found.features, key=lambda one: max(one.added) - min(one.added))
    low, high = min(widest.added), max(widest.added)
    missing = any(one.missing is not None for one in found.features)
    keys = ((Mark.ACCENT, "what a value adds"),)
    return Chart(
        name=name,
        title="Log-odds of bad that each value adds",
        sentence=f"{widest.title} moves the log-odds most, from {decimal(low, 2)} to "
        f"{decimal(high, 2)}. Every drawing has the same scale.",
        keys=(*keys, (Mark.WARN, "what no value adds")) if missing else keys,
        spec=panels(found.features),
        wide=True,
    )


def _pairs(found: ShapesRecord) -> Table:
    return Table(
        title="What two features add only together",
        columns=_COLUMNS,
        rows=tuple(_row(one) for one in found.pairs),
        note="In log-odds, beside what each of the two adds by itself.",
    )


def _row(pair: AddedPair) -> tuple[Cell, ...]:
    first, second = pair.titles
    return (
        Cell(text=first),
        Cell(text=second),
        Cell(text=decimal(pair.spread)),
        Cell(text=decimal(pair.least, 2)),
        Cell(text=decimal(pair.most, 2)),
    )
