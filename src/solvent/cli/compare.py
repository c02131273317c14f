"""`solvent compare`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from solvent.app.compare_techniques import FEWEST_FOLDS, CompareRequest, compare_techniques
from solvent.cli.places import DataFolder, ProductFolder, data_folder
from solvent.cli.terminal import TerminalProgress, out, show_table, show_warning, told
from solvent.models.finding import own_technique_names, technique_extra, technique_names
from solvent.product import load_product
from solvent.report import JudgedTechnique, TechniquesRecord, techniques_verdict
from solvent.report.figures import decimal
from solvent.report.techniques import chain_words
from solvent.report.techniques_tables import p_words, seconds, size_words


@told
def compare(
    folder: ProductFolder,
    data: DataFolder = None,
    techniques: Annotated[
        str | None,
        typer.Option(
            metavar="A,B,C",
            help="Techniques to compare, parted by commas \\[default: all that come with solvent, "
            "and those in files beside product.py].",
        ),
    ] = None,
    folds: Annotated[
        int, typer.Option(min=FEWEST_FOLDS, help="How many folds to judge them on.")
    ] = 5,
    seed: Annotated[
        int, typer.Option(min=0, help="Same seed and data: the same figures, times aside.")
    ] = 0,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write the page here.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE.csv", help="Write the figures here."),
    ] = None,
    listed: Annotated[
        bool, typer.Option("--list", help="List the techniques there are, and train nothing.")
    ] = False,
) -> None:
    """Train several techniques on the same folds and show them side by side.

    Each is judged on applications that none of its models had seen: later ones where there are
    times. Says which ranks best, whether that is more than chance, and what it costs.

    Example: solvent compare examples/airtime_loans --data demo/data --report techniques.html
    """
    loaded = load_product(folder)
    if listed:
        _list(folder)
        return
    record = compare_techniques(
        CompareRequest(
            loaded=loaded, data=data_folder(loaded, data), techniques=_names(techniques),
            folds=folds, seed=seed, report=report, output=output,
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        ),
        progress=TerminalProgress(),
    )  # fmt: skip
    _show(record)
    for what, path in (("report", report), ("wrote", output)):
        if path is not None:
            out.print(f"{what:<8} {path}")


def _names(given: str | None) -> tuple[str, ...]:
    """Return the names parted by commas."""
    return tuple(name.strip() for name in (given or "").split(",") if name.strip())


def _list(folder: Path) -> None:
    rows = [(name, _needs(name)) for name in technique_names()]
    rows += [(name, f"{name}.py, beside product.py") for name in own_technique_names(folder)]
    show_table("Techniques", ("technique", "needs"), rows)


def _needs(name: str) -> str:
    return f'install "solvent[{technique_extra(name) or "train"}]"'


def _show(record: TechniquesRecord) -> None:
    first = record.best.validation
    show_table(
        f"Judged on {first.n:,} applications no model had seen, {len(record.folds)} folds",
        ("technique", "AUC", "95 % interval", "KS", "log loss", "Brier", "slope", "behind", "p"),
        [_figures(record, one) for one in record.judged],
    )
    show_table(
        "What a model costs, and whether it may decide",
        (
            "technique",
            "CPU a fit",
            "rows a CPU-s",
            "one row",
            "saved",
            "features",
            "reasons",
            "live",
        ),
        [_costs(one) for one in record.judged],
    )
    if record.links:
        show_table(
            "AUC on the applications that each link of the chain scores",
            ("technique", *(f"{link.words}, {link.judged:,}" for link in record.links)),
            [(one.name, *(decimal(auc, 4) for auc in one.auc_by_link)) for one in record.judged],
        )
        out.print(chain_words(record), markup=False)
    for failed in record.failed:
        show_warning(f"{failed.name}: {failed.words}{f' ({failed.hint})' if failed.hint else ''}")
    out.print(techniques_verdict(record), markup=False)


def _figures(record: TechniquesRecord, one: JudgedTechnique) -> tuple[str, ...]:
    found, pair = one.validation, record.against_best(one.name)
    behind = None if pair is None else pair.found
    return (
        one.name, decimal(found.auc.auc, 4),
        f"{decimal(found.auc.low, 4)} to {decimal(found.auc.high, 4)}",
        decimal(found.ks), decimal(found.log_loss, 4), decimal(found.brier, 4),
        decimal(found.calibration_slope, 2),
        decimal(None if behind is None else behind.difference, 4),
        "–" if pair is None else p_words(pair.p_adjusted),
    )  # fmt: skip


def _costs(one: JudgedTechnique) -> tuple[str, ...]:
    return (
        one.name, seconds(one.fit_cpu), f"{one.rows_per_cpu_second:,.0f}",
        f"{one.row_microseconds:,.0f} µs", size_words(one.size), f"{one.features:,}",
        "exact" if one.exact else "not exact", "yes" if one.live else "no",
    )  # fmt: skip
