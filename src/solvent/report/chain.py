"""The chapter on a chain of models: whom each scores, how well, and what the chain gains."""

from __future__ import annotations

from solvent.metrics import AucDifference
from solvent.report.figures import NONE, confidence, count, decimal, decimal_range, percent
from solvent.report.page import Cell, Column, Section, Table
from solvent.report.training import LinkLine, TrainingRecord


def chain(record: TrainingRecord) -> Section | None:
    """Which model scores whom, and how well; None where there is a single model."""
    if not record.links:
        return None
    return Section(
        anchor="chain",
        heading="Which model scores whom",
        lead=(*_lead(record), *_aside(record)),
        tables=(_each(record), *((_alone(record),) if len(record.links) > 1 else ())),
        reading=(
            ("Slope", "1 is perfect; below 1 the PDs are too extreme, above 1 too timid"),
            ("Against the last", "AUC less that of the last model on the very same applications"),
            ("The chain gains", "AUC of the chain on everybody less that of the one model alone"),
        ),
    )  # fmt: skip


def _lead(record: TrainingRecord) -> tuple[str, ...]:
    every = record.validation.n
    shares = [
        f"{percent(link.tested / every)} by the model for {link.words}" for link in record.links
    ]
    told = [f"The {count(every)} test applications were scored {', '.join(shares)}."]
    last, first = record.links[-1], record.links[0]
    if first.over_last is not None:
        told.append(
            f"On the applications it scores, the model for {first.words} "
            f"{_better(first.over_last)} the model for {last.words}."
        )
    if last.gain is not None and last is not first:
        told.append(
            f"On everybody, the chain {_better(last.gain)} the model for {last.words} alone."
        )
    return tuple(told)


def _better(found: AucDifference) -> str:
    """Return what a difference says, to stand before the other model."""
    interval = f"{confidence(found.level)} interval {_signed(found.low)} to {_signed(found.high)}"
    gap = f"(AUC {_signed(found.difference)}, {interval})"
    if found.low > 0.0:
        return f"ranks better {gap} than"
    if found.high < 0.0:
        return f"ranks worse {gap} than"
    return f"cannot be told apart {gap} from"


def _aside(record: TrainingRecord) -> tuple[str, ...]:
    return tuple(
        f"The model for {words} stood aside: the data hold no {source}, so nobody is known there."
        for words, source in record.links_aside
    )


def _each(record: TrainingRecord) -> Table:
    return Table(
        title="Each model on those it scores",
        columns=(
            Column(title="Model for", width=22),
            Column(title="Technique"),
            Column(title="Features", numeric=True),
            Column(title="Learnt from", numeric=True),
            Column(title="Scored", numeric=True),
            Column(title="Bad rate", numeric=True),
            Column(title="Mean PD", numeric=True),
            Column(title="Slope", numeric=True),
            Column(title="AUC", numeric=True),
        ),
        rows=tuple(_row(link) for link in record.links),
        note="Scored, and the figures after it: test applications.",
    )


def _row(link: LinkLine) -> tuple[Cell, ...]:
    needs = f"needs: {', '.join(link.needs)}" if link.needs else "takes everybody else"
    head = (
        Cell(text=link.words, small=needs),
        Cell(text=link.technique.replace("_", " ")),
        Cell(text=count(link.features)),
        Cell(text=count(link.learnt)),
        Cell(text=count(link.tested)),
    )
    if link.test is None:
        none = Cell(text=NONE)
        return (*head, none, none, none, Cell(text=NONE, small="too few to tell"))
    auc = link.test.auc
    return (
        *head,
        Cell(text=percent(link.test.bad_rate)),
        Cell(text=percent(link.test.mean_pd)),
        Cell(text=decimal(link.test.calibration_slope, 2)),
        Cell(text=decimal(auc.auc), small=decimal_range(auc.low, auc.high)),
    )


def _alone(record: TrainingRecord) -> Table:
    return Table(
        title="The chain against each model alone",
        columns=(
            Column(title="Model for", width=30),
            Column(title="Against the last, on those it scores", numeric=True),
            Column(title="Alone on everybody: AUC", numeric=True),
            Column(title="The chain gains", numeric=True),
        ),
        rows=tuple(
            (
                Cell(text=link.words),
                _gap(link.over_last),
                Cell(text=NONE)
                if link.alone is None
                else Cell(
                    text=decimal(link.alone.auc),
                    small=decimal_range(link.alone.low, link.alone.high),
                ),
                _gap(link.gain),
            )
            for link in record.links
        ),
    )


def _gap(found: AucDifference | None) -> Cell:
    if found is None:
        return Cell(text=NONE)
    return Cell(
        text=_signed(found.difference), small=f"{_signed(found.low)} to {_signed(found.high)}"
    )


def _signed(difference: float) -> str:
    """Return a difference of AUCs with its sign.

    >>> _signed(0.0651), _signed(-0.003)
    ('+0.065', '−0.003')
    """
    return f"{difference:+.3f}".replace("-", "−")
