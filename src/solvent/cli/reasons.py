"""How far the reasons of a product's decisions hold, as several commands print it."""

from __future__ import annotations

from collections.abc import Sequence

from solvent.cli.terminal import show_table
from solvent.report import ReasonLine
from solvent.report.figures import percent


def show_reasons(lines: Sequence[ReasonLine]) -> None:
    """Print how often both reference groups agree, and how often the first reason holds.

    Args:
        lines: One for each model; nothing is printed where there is none.
    """
    rows: list[tuple[str, str, str]] = []
    for line in lines:
        n, told = line.n, line.told
        rows += [
            ("declined by the PD", f"{n:,}", line.whom),
            ("compared with", "", line.words),
            ("or with", "", line.second_words),
            ("same first reason", _share(line.same_first, n), "against both groups"),
            ("same reasons", _share(line.same_all, n), "at most four, in any order"),
            (
                "the first reason holds",
                _share(line.faithful, told),
                "without it the PD does not rise",
            ),
        ]
    if rows:
        show_table("Reasons, on tested applicants", ("", "", ""), rows)


def _share(part: int, whole: int) -> str:
    return percent(part / whole if whole else None)
