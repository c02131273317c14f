"""One value on the terminal, with the rows that made it."""

from __future__ import annotations

from rich.markup import escape
from rich.padding import Padding
from rich.table import Table

from solvent.app.explain import Explained, Kept
from solvent.app.explained_rows import (
    Sheet,
    facts,
    instant_words,
    leaves,
    sheets,
    shown,
    written,
)
from solvent.cli.terminal import out, show_table, show_warning
from solvent.features import Aggregate
from solvent.features.explain import Explanation
from solvent.report.figures import counted

_CHECKED = (
    "the fast evaluator and its slow twin give this value to the last bit, and so do the rows "
    "that counted alone"
)
_KEPT = {
    Kept.EQUAL: "equal to the value kept with the decision, to the last bit",
    Kept.ABSENT: "no value of this name was kept with the decision",
    Kept.DIFFERENT: "not the value kept with the decision",
}


def show_explained(explained: Explained, *, most: int) -> None:
    """Print a value, what it is of, and the rows behind it.

    Args:
        explained: The value and its rows.
        most: Rows of each kind to show.
    """
    told = explained.explanation
    out.print(f"[bold]{escape(told.feature.title)}[/]\n{escape(told.feature.name)}\n")
    _show_facts((*facts(told, explained), *_about(explained)))
    parts = leaves(told)
    for part, sheet in zip(parts, sheets(explained), strict=True):
        if part is not told:
            title = part.feature.title + (f", of {part.above}" if part.above else "")
            out.print(f"\n[bold]{escape(title)}[/]\n{escape(part.feature.name)}\n")
            _show_facts(facts(part, explained))
        if isinstance(part.feature, Aggregate):
            _show_rows(sheet, most)
    if explained.kept is Kept.DIFFERENT:
        show_warning(f"{_KEPT[Kept.DIFFERENT]}: its rows give {written(told)}")


def _about(explained: Explained) -> tuple[tuple[str, str], ...]:
    found = []
    if explained.decision:
        found.append(("decision", explained.decision))
    if explained.application:
        found.append(("application", f"{explained.application} of {explained.product}"))
    found.append(("instant", instant_words(explained)))
    found.append(("checked", _CHECKED))
    if explained.kept is not None:
        found.append(("decided", _KEPT[explained.kept]))
    if explained.protected:
        found.append(("protected", "it reads a protected column and is never given to a model"))
    found += [("note", note) for note in explained.notes]
    return tuple(found)


def _show_facts(told: tuple[tuple[str, str], ...]) -> None:
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for word, fact in told:
        grid.add_row(escape(word), escape(fact))
    out.print(grid)


def _show_rows(sheet: Sheet, most: int) -> None:
    out.print()
    held, more = shown(sheet.counted, most)
    one = len(sheet.counted) == 1
    title = f"{counted(len(sheet.counted), 'row')} of {_table_of(sheet.part)} "
    title += "counts" if one else "count"
    if not sheet.counted:
        out.print(f"[bold]No row of {escape(_table_of(sheet.part))} counts[/]")
    elif held:
        show_table(
            f"{title}, newest first" if not one else title, (*sheet.headings, *sheet.figures), held
        )
    else:
        out.print(f"[bold]{escape(title)}[/]")
    _show_more(more, bool(held))
    if not sheet.others:
        return
    out.print()
    held, more = shown(sheet.others, most)
    told = "; ".join(f"{rows:,} {reason}" for reason, rows in sheet.reasons)
    title = f"{counted(len(sheet.others), 'row')} of this customer did not count: {told}"
    if held:
        show_table(title, (*sheet.headings, "why not"), held)
    else:
        out.print(f"[bold]{escape(title)}[/]")
    _show_more(more, bool(held))


def _show_more(more: int, some: bool) -> None:
    if more:
        words = f"and {counted(more, 'older row')}" if some else counted(more, "row")
        out.print(Padding(f"[dim]{words}: --rows N shows more, -o rows.csv writes all[/]", (0, 0)))


def _table_of(part: Explanation) -> str:
    return part.feature.table if isinstance(part.feature, Aggregate) else ""
