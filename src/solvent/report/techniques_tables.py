"""The tables of a comparison of techniques."""

from __future__ import annotations

from collections.abc import Sequence

from solvent.report.figures import NARROW_SPACE, NONE, count, decimal
from solvent.report.page import Cell, Column, Table, Tone
from solvent.report.summary import SLOPES
from solvent.report.techniques_record import (
    FailedTechnique,
    JudgedTechnique,
    TechniquePair,
    TechniquesRecord,
)

KILO = 1000.0


def seconds(value: float) -> str:
    r"""A duration, with as many decimals as it deserves.

    >>> seconds(0.0124), seconds(3.21), seconds(75.0)
    ('0.012\u202fs', '3.2\u202fs', '75\u202fs')
    """
    digits = 3 if value < 0.1 else 2 if value < 1.0 else 1 if value < 10.0 else 0
    return f"{value:,.{digits}f}{NARROW_SPACE}s"


def size_words(size: int | None) -> str:
    r"""A number of bytes as a person reads it.

    >>> size_words(900), size_words(45_600), size_words(2_340_000), size_words(None)
    ('900\u202fB', '46\u202fkB', '2.3\u202fMB', 'not saved')
    """
    if size is None:
        return "not saved"
    if size < KILO:
        return f"{size}{NARROW_SPACE}B"
    if size < KILO**2:
        return f"{size / KILO:.0f}{NARROW_SPACE}kB"
    return f"{size / KILO**2:.1f}{NARROW_SPACE}MB"


def p_words(p_value: float) -> str:
    """A p-value; what is very small is not written as nothing.

    >>> p_words(0.0004), p_words(0.034), p_words(1.0)
    ('<0.001', '0.034', '1.000')
    """
    return "<0.001" if p_value < 0.001 else f"{p_value:.3f}"


def figures(record: TechniquesRecord) -> Table:
    """Build the table of how well each technique ranks, and how true its PDs are."""
    return Table(
        title="Figures on applications no model had seen",
        columns=(
            Column(title="Technique", width=24),
            Column(title="AUC", numeric=True, width=12),
            Column(title="Behind the best", numeric=True, width=15),
            Column(title="p, adjusted", numeric=True),
            Column(title="KS", numeric=True),
            Column(title="Log loss", numeric=True),
            Column(title="Brier", numeric=True),
            Column(title="Slope", numeric=True),
            Column(title="Intercept", numeric=True),
        ),
        rows=tuple(_figures(record, one) for one in record.judged),
        note="A slope outside "
        f"{SLOPES[0]} to {SLOPES[1]}, and a difference beyond chance, are marked.",
    )


def _figures(record: TechniquesRecord, one: JudgedTechnique) -> tuple[Cell, ...]:
    found, pair = one.validation, record.against_best(one.name)
    behind = None if pair is None else pair.found
    slope = found.calibration_slope
    sound = slope is not None and SLOPES[0] <= slope <= SLOPES[1]
    return (
        _name(record, one),
        Cell(
            text=decimal(found.auc.auc, 4),
            small=f"{decimal(found.auc.low)} to {decimal(found.auc.high)}",
        ),
        Cell(text=NONE)
        if behind is None
        else Cell(
            text=decimal(behind.difference, 4),
            small=f"{decimal(behind.low, 4)} to {decimal(behind.high, 4)}",
        ),
        Cell(text=NONE)
        if pair is None
        else Cell(
            text=p_words(pair.p_adjusted), tone=Tone.WARN if pair.beyond_chance else Tone.PLAIN
        ),
        Cell(text=decimal(found.ks)),
        Cell(text=decimal(found.log_loss, 4)),
        Cell(text=decimal(found.brier, 4)),
        Cell(text=decimal(slope, 2), tone=Tone.PLAIN if sound else Tone.WARN),
        Cell(text=decimal(found.calibration_intercept, 2)),
    )


def _name(record: TechniquesRecord, one: JudgedTechnique) -> Cell:
    said = [one.name]
    if one.own:
        said.append("beside the product")
    if one is record.best:
        said.append("highest AUC")
    if one is record.simplest and len(record.judged) > 1:
        said.append("simplest as good")
    return Cell(text=one.title[:1].upper() + one.title[1:], small=" · ".join(said))


def matrix(record: TechniquesRecord) -> Table:
    """Build the table of every two techniques: the row's AUC minus the column's."""
    names = [one.name for one in record.judged]
    found = {(pair.first, pair.second): pair for pair in record.pairs}
    return Table(
        title="Every two techniques: AUC of the row minus AUC of the column",
        columns=(
            Column(title="", width=17),
            *(Column(title=one.title, numeric=True) for one in record.judged[1:]),
        ),
        rows=tuple(
            (
                Cell(text=one.title),
                *(_difference(found.get((one.name, other))) for other in names[1:]),
            )
            for one in record.judged[:-1]
        ),
        note="Below each difference its adjusted p-value; beyond chance is marked.",
    )


def _difference(pair: TechniquePair | None) -> Cell:
    if pair is None:
        return Cell(text="")
    return Cell(
        text=NONE if pair.found is None else decimal(pair.found.difference, 4),
        small=f"p {p_words(pair.p_adjusted)}",
        tone=Tone.WARN if pair.beyond_chance else Tone.PLAIN,
    )


def every_pair(record: TechniquesRecord) -> Table:
    """Build the folded table of every two techniques, with intervals and both p-values."""
    titles = {one.name: one.title for one in record.judged}
    return Table(
        title="The same with intervals, pair by pair",
        columns=(
            Column(title="Higher AUC", width=24),
            Column(title="Lower AUC", width=24),
            Column(title="Difference", numeric=True),
            Column(title="from", numeric=True),
            Column(title="to", numeric=True),
            Column(title="p", numeric=True),
            Column(title="p, adjusted", numeric=True),
        ),
        rows=tuple(
            (
                Cell(text=titles[pair.first]),
                Cell(text=titles[pair.second]),
                *_tested(pair),
                Cell(
                    text=p_words(pair.p_adjusted),
                    tone=Tone.WARN if pair.beyond_chance else Tone.PLAIN,
                ),
            )
            for pair in record.pairs
        ),
        folded=True,
    )


def _tested(pair: TechniquePair) -> tuple[Cell, ...]:
    found = pair.found
    if found is None:
        return (Cell(text=NONE),) * 4
    figures = (found.difference, found.low, found.high)
    return (*(Cell(text=decimal(value, 4)) for value in figures), Cell(text=p_words(found.p_value)))


def costs(record: TechniquesRecord) -> Table:
    """Build the table of what each technique costs to train, to ask and to keep."""
    return Table(
        title="What a model costs, and whether it may decide",
        columns=(
            Column(title="Technique", width=22),
            Column(title="One fit, CPU", numeric=True),
            Column(title="by the clock", numeric=True),
            Column(title="Rows per CPU-second", numeric=True, width=14),
            Column(title="One row", numeric=True),
            Column(title="Saved", numeric=True),
            Column(title="Features", numeric=True),
            Column(title="Exact reasons"),
            Column(title="Can go live"),
        ),
        rows=tuple(_costs(one) for one in record.judged),
        note="Fits are the median of the folds, calibration included; speeds are of the last "
        "fold's model, features already computed; exact reasons were seen to sum to the score.",
    )


def _costs(one: JudgedTechnique) -> tuple[Cell, ...]:
    return (
        Cell(text=one.title[:1].upper() + one.title[1:]),
        Cell(text=seconds(one.fit_cpu)),
        Cell(text=seconds(one.fit_wall)),
        Cell(text=_rate(one.rows_per_cpu_second)),
        Cell(text=f"{one.row_microseconds:,.0f}{NARROW_SPACE}µs"),
        Cell(text=size_words(one.size)),
        Cell(text=count(one.features)),
        _yes(one.exact),
        _yes(one.live),
    )


def _rate(rows: float) -> str:
    """Rows a second, to three figures."""
    return count(int(float(f"{rows:.3g}")))


def _yes(true: bool) -> Cell:
    return Cell(text="yes", tone=Tone.GOOD) if true else Cell(text="no", tone=Tone.WARN)


def folds(record: TechniquesRecord) -> Table:
    """Build the table of folds."""
    return Table(
        title="Folds",
        columns=(
            Column(title="Fold", width=16),
            Column(title="Learnt from", numeric=True),
            Column(title="Judged", numeric=True),
            Column(title="Bad", numeric=True),
            *((Column(title="Later than"),) if record.by_time else ()),
        ),
        rows=tuple(
            (
                Cell(text=str(number)),
                Cell(text=count(line.learnt)),
                Cell(text=count(line.judged)),
                Cell(text=count(line.bads)),
                *((Cell(text=line.since),) if record.by_time else ()),
            )
            for number, line in enumerate(record.folds, 1)
        ),
        half=True,
    )


def links(record: TechniquesRecord) -> Table:
    """Build the table of a chain's links: what each has of the applications."""
    return Table(
        title="What each link has",
        columns=(
            Column(title="Model for", width=30),
            Column(title="Made by"),
            Column(title="Features", numeric=True),
            Column(title="Learns from", numeric=True),
            Column(title="Judged here", numeric=True),
            Column(title="Bad", numeric=True),
        ),
        rows=tuple(
            (
                Cell(text=link.words),
                Cell(text=link.technique.replace("_", " ")),
                *(
                    Cell(text=count(number))
                    for number in (link.features, link.known, link.judged, link.bads)
                ),
            )
            for link in record.links
        ),
        note="Judged here are those that no earlier link scores.",
    )


def by_link(record: TechniquesRecord) -> Table:
    """Build the table of each technique's AUC on the applications that each link scores."""
    return Table(
        title="AUC on the applications that each link scores",
        columns=(
            Column(title="Technique", width=30),
            *(Column(title=link.words, numeric=True) for link in record.links),
        ),
        rows=tuple(
            (Cell(text=one.title), *(Cell(text=decimal(auc, 4)) for auc in one.auc_by_link))
            for one in record.judged
        ),
        note="Of single models that read every feature.",
    )


def failures(failed: Sequence[FailedTechnique]) -> Table:
    """Build the table of techniques that could not be judged."""
    return Table(
        title="Techniques that could not be judged",
        columns=(Column(title="Technique", width=24), Column(title="Why"), Column(title="Hint")),
        rows=tuple(
            (Cell(text=one.name), Cell(text=one.words), Cell(text=one.hint or NONE))
            for one in failed
        ),
    )
