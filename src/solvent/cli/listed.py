"""The catalogue on the terminal: a table for each source."""

from __future__ import annotations

from rich.markup import escape
from rich.table import Table

from solvent.cli.terminal import out
from solvent.report.catalogue import Catalogue, CatalogueGroup, CatalogueLine
from solvent.report.figures import counted, percent


def show_catalogue(found: Catalogue) -> None:
    """Print the features by source, with counts.

    Args:
        found: The features.
    """
    for group in found.groups:
        out.print(f"[bold]{escape(group.title)}[/] ({escape(group.name)})")
        facts = "; ".join(f"{word}: {fact}" for word, fact in group.facts)
        out.print(f"[dim]{escape(facts)}[/]", soft_wrap=False)
        out.print(_table(group))
        out.print()
    told = [f"{len(group.lines):,} of {group.name}" for group in found.groups]
    those = counted(len(found.lines), "feature")
    fewer = f" out of {found.every:,}" if found.filters else ""
    out.print(f"{those}{fewer} ({found.of_what}): {', '.join(told)}", markup=False)
    if found.share_words:
        out.print(f"share: a feature's {found.share_words}", markup=False)


def _table(group: CatalogueGroup) -> Table:
    weighed = any(line.share is not None for line in group.lines)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 1, 0))
    table.add_column("feature", overflow="fold", ratio=5)
    table.add_column("how it is computed", overflow="fold", ratio=5)
    table.add_column("reads", overflow="fold", ratio=3)
    if weighed:
        table.add_column("share", justify="right")
    table.expand = True
    for line in group.lines:
        cells = [_named(line), _meant(line), escape(line.reads)]
        if weighed:
            leaning = f"\n[dim]{line.leaning}[/]" if line.leaning else ""
            cells.append(f"{percent(line.share)}{leaning}")
        table.add_row(*cells)
    return table


def _named(line: CatalogueLine) -> str:
    return f"{escape(line.title)}\n[dim]{escape(line.name)}[/]"


def _meant(line: CatalogueLine) -> str:
    note = f"\n[yellow]{escape(line.note)}[/]" if line.note else ""
    return f"{escape(line.sentence)}{note}"
