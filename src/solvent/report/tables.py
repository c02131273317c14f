"""Tables that more than one report shows."""

from __future__ import annotations

from collections.abc import Sequence

from solvent.metrics import Confusion
from solvent.report.figures import count, fingerprint, percent
from solvent.report.page import Cell, Column, Table


def pairs(title: str, told: Sequence[tuple[str, str]]) -> Table:
    """Build a table of words and what they stand for.

    Args:
        title: Its heading.
        told: (word, value).
    """
    return Table(
        title=title,
        columns=(Column(title="What", width=34), Column(title="Value")),
        rows=tuple((Cell(text=name), Cell(text=value)) for name, value in told),
        empty="Nothing was recorded.",
        half=True,
    )


def fingerprints(sources: Sequence[tuple[str, int, str]]) -> Table:
    """Build the table of the data a report rests on.

    Args:
        sources: (name, rows, sha256).
    """
    return Table(
        title="Data",
        columns=(
            Column(title="Table", width=24),
            Column(title="Rows", numeric=True, width=16),
            Column(title="SHA-256, first 12 signs"),
        ),
        rows=tuple(
            (Cell(text=name), Cell(text=count(rows)), Cell(text=fingerprint(digest)))
            for name, rows, digest in sources
        ),
        empty="No data fingerprints were recorded.",
    )


def crossed(
    title: str, heads: tuple[str, str], lines: Sequence[tuple[str, tuple[Cell, Cell, Cell]]]
) -> Table:
    """Build the table of two verdicts against two outcomes, with sums.

    Args:
        title: Its heading.
        heads: What the two verdicts are called.
        lines: Name and cells (either verdict, all) of each outcome, then of all.
    """
    return Table(
        title=title,
        columns=(
            Column(title="", width=28),
            *(Column(title=head, numeric=True) for head in (*heads, "All")),
        ),
        rows=tuple((Cell(text=name), *cells) for name, cells in lines),
        half=True,
    )


def rates(title: str, found: Confusion, names: Sequence[tuple[str, str]]) -> Table:
    """Build the table of rates drawn from a confusion table.

    Args:
        title: Its heading.
        found: The counts.
        names: Name and meaning of recall, precision, F1, accuracy and specificity, in that order.
    """
    values = (found.recall, found.precision, found.f1, found.accuracy, found.specificity)
    return Table(
        title=title,
        columns=(
            Column(title="Rate", width=22),
            Column(title="Value", numeric=True, width=20),
            Column(title="Meaning"),
        ),
        rows=tuple(
            (Cell(text=name), Cell(text=percent(value)), Cell(text=meaning))
            for (name, meaning), value in zip(names, values, strict=True)
        ),
        note="Where bads are few, accuracy is high even if none is caught: mind recall and "
        "precision.",
        half=True,
    )
