"""`solvent train`."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from solvent.app.train import TrainRequest, TrainResult
from solvent.app.train import train as train_product
from solvent.cli.places import DataFolder, ProductFolder, data_folder
from solvent.cli.terminal import TerminalProgress, out, show_table, show_warning, told
from solvent.dataset.matching import SAME_KEYS
from solvent.metrics import Validation
from solvent.models import Selected
from solvent.models.finding import technique_extra, technique_names
from solvent.models.selection import FEW
from solvent.models.trials import read_budget
from solvent.models.tuning import Tuned
from solvent.product import SPLITS, load_product
from solvent.report import TrainingRecord
from solvent.report.calibrating import central_words, kind_words
from solvent.report.contest import HEADINGS, contest_rows, contest_words, contests_of
from solvent.report.fairness import opening
from solvent.report.selection import fate_words
from solvent.report.summary import SLOPES, verdict
from solvent.report.tuning import setting_words, tuned_title, tuning_words
from solvent.store import home


def _extras() -> str:
    """Say which techniques need more than the train extra."""
    needs = [name for name in technique_names() if technique_extra(name)]
    return f"; extras of their names: {', '.join(needs)}" if needs else ""


CentralTendency = Annotated[
    float | None,
    typer.Option(
        metavar="SHARE",
        help="Long-run bad rate, such as 0.05, to bring the mean PD to \\[default: as product.py "
        "says, else none].",
    ),
]
Tune = Annotated[
    str | None,
    typer.Option(
        metavar="BUDGET",
        help="First search for better settings so long, or so often: 10m, 90s, 1h, 50. The "
        "links of a chain, and the techniques of a blend or of best, share it. The same "
        "search goes on where it was left; Ctrl-C takes the best so far.",
    ),
]
Seed = Annotated[
    int,
    typer.Option(
        min=0,
        help="Same seed and data: the same model, bit for bit, and with --tune the same trials "
        "in the same order; how many of them fit in a time, no seed tells.",
    ),
]
CHANCE = 0.5
"""The AUC of a model that ranks no better than a coin."""


@told
def train(
    folder: ProductFolder,
    data: DataFolder = None,
    technique: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help=f"How the model is made: {', '.join(technique_names())}, or a file of that name "
            f"beside product.py{_extras()} \\[default: as product.py says, else boosted_trees].",
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="|".join(SPLITS),
            help="Test on later applications, or on customers drawn at random \\[default: as "
            "product.py says, else by_time where there are times].",
        ),
    ] = None,
    select: Annotated[
        str | None,
        typer.Option(
            metavar="N|all|auto",
            help="Keep at most N features, or all, or as many as hold where there are more than "
            f"{FEW} \\[default: as product.py says, else auto].",
        ),
    ] = None,
    central_tendency: CentralTendency = None,
    tune: Tune = None,
    seed: Seed = 0,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.html", help="Write the training report here.")
    ] = None,
) -> None:
    """Train, validate and register a PD model.

    Reads the tables, sets immature applications aside, computes features as they were known at
    each application, runs the leakage gate (which can refuse), trains, calibrates and judges the
    model on applications it has not seen.

    Example: solvent train examples/airtime_loans --data demo/data --report report.html
    """
    loaded = load_product(folder)
    result = train_product(
        TrainRequest(
            loaded=loaded, data=data_folder(loaded, data), technique=technique, seed=seed,
            home=home(), report=report, split=split, select=select,
            central_tendency=central_tendency,
            tune=None if tune is None else read_budget(tune),
            created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        ),
        progress=TerminalProgress(),
    )  # fmt: skip
    _show(loaded.product.name, result)
    if report is not None:
        out.print(f"report   {report}")


def _show(product: str, result: TrainResult) -> None:
    show_table("From rows read to rows used", ("", "rows", ""), _funnel(result))
    if result.record.refusals:
        rows = [(table, reason, f"{lost:,}") for table, reason, lost in result.record.refusals]
        show_table("Refused rows", ("table", "reason", "rows"), rows)
    for table in result.tables:
        if table.warning:
            show_warning(table.warning)
    for match in result.matches:
        out.print(f"source   {match.words}")
        if not match.matched:
            show_warning(f"{match.words}: {SAME_KEYS}")
    v = result.validation
    figures = [
        (
            "AUC",
            f"{v.auc.auc:.4f}",
            f"95 % interval {v.auc.low:.4f} to {v.auc.high:.4f}{_ranks(v)}",
        ),
        ("Gini", f"{v.gini.gini:.4f}", f"95 % interval {v.gini.low:.4f} to {v.gini.high:.4f}"),
        ("KS", f"{v.ks:.4f}", "largest gap between bads and goods"),
        ("PR-AUC", f"{v.pr_auc:.4f}", f"no skill: {v.bad_rate:.4f}"),
        ("Brier", f"{v.brier:.4f}", f"log loss {v.log_loss:.4f}"),
        ("calibration slope", _figure(v.calibration_slope), _slope(v)),
        ("bad rate", f"{v.bad_rate:.4f}", f"mean PD {v.mean_pd:.4f}"),
    ]
    reach = result.record.reachable
    if reach is not None:
        figures.append(
            ("of reachable Gini", f"{reach.share:.3f}", f"true PD has AUC {reach.auc:.4f}")
        )
    _show_selection(result.record.selection)
    _show_contests(result.record)
    _show_tuning(result.record.tuning)
    show_table(f"Judged on {v.n:,} applications it has not seen", ("", "", ""), figures)
    _show_links(result.record)
    for words in (kind_words(result.record.calibration), central_words(result.record.calibration)):
        if words:
            out.print(words, markup=False)
    out.print(verdict(result.record), markup=False)
    fairness = result.record.fairness
    if fairness is not None and fairness.below():
        show_warning(opening(fairness))
    out.print(f"model    {product} version {result.version} in {result.folder}")


def _show_links(record: TrainingRecord) -> None:
    """Say which model of a chain scores whom, and how well."""
    for words, source in record.links_aside:
        show_warning(f"the data hold no {source}, so there is no model for {words}")
    if not record.links:
        return
    rows = [
        (
            link.words, f"{link.features:,}", f"{link.learnt:,}", f"{link.tested:,}",
            "-" if link.test is None else f"{link.test.auc.auc:.4f}",
            "-" if link.test is None else _figure(link.test.calibration_slope),
            "-" if link.alone is None else f"{link.alone.auc:.4f}",
        )
        for link in record.links
    ]  # fmt: skip
    headings = (
        "model for",
        "features",
        "learnt from",
        "scores",
        "AUC",
        "slope",
        "AUC on all alone",
    )
    show_table("A chain of models, in the order they are tried", headings, rows)


def _show_selection(found: Selected | None) -> None:
    """Say how many candidates were kept, and what became of the others."""
    if found is None:
        return
    tried = f"{len(found.candidates):,} candidates, {len(found.kept):,} kept"
    rows = [(fate_words(fate), f"{number:,}") for fate, number in found.counts.items()]
    show_table(f"Features selected on training applications: {tried}", ("", "candidates"), rows)
    if found.by_chance:
        show_warning(
            "no candidate gains more than the luckiest shuffled copy does: what the model ranks by "
            "may be chance; more applications, or other features, would tell"
        )


def _show_contests(record: TrainingRecord) -> None:
    """Say which techniques were tried, for each model, and what became of each."""
    for whom, found in contests_of(record):
        title = f"Techniques tried, {whom[:1].lower()}{whom[1:]}".removesuffix(": ")
        show_table(title.removesuffix(", "), tuple(map(str.lower, HEADINGS)), contest_rows(found))
        for words in contest_words(found):
            out.print(words, markup=False)


def _show_tuning(found: tuple[Tuned, ...]) -> None:
    """Say what was searched, and what was chosen, of each search."""
    for one in found:
        title = f"{tuned_title(one)}: " if len(found) > 1 else ""
        if one.stopped:
            show_warning(f"{title}tuning was stopped by you after {len(one.trials):,} trials")
        if one.words:
            show_warning(f"{title}{tuning_words(one)}")
            continue
        if one.best is None:
            show_warning(f"{title}no trial was finished: trained with the technique's own settings")
            continue
        out.print(f"tuning   {title}{tuning_words(one)}", markup=False)
        rows = [(name, setting_words(value)) for name, value in one.best.settings.items()]
        if rows:
            show_table(f"{title}settings chosen" if title else "Settings chosen", ("", ""), rows)


def _ranks(found: Validation) -> str:
    """Return what to say of an AUC that may be chance."""
    if found.auc.low > CHANCE:
        return ""
    if found.auc.high < CHANCE:
        return ", below 0.5: the model ranks risk the wrong way round"
    return ", which holds 0.5: the model does not rank risk"


def _slope(found: Validation) -> str:
    """Return what the calibration slope says."""
    slope = found.calibration_slope
    if slope is None:
        return found.calibration_missing
    if slope > SLOPES[1]:
        return "above 1: too timid, high PDs too low and low ones too high"
    if slope < SLOPES[0]:
        return "below 1: too extreme, high PDs too high and low ones too low"
    return f"1 is right; {SLOPES[0]} to {SLOPES[1]} is fine"


def _figure(value: float | None) -> str:
    return "not known" if value is None else f"{value:.3f}"


def _funnel(result: TrainResult) -> list[tuple[str, ...]]:
    return [(stage.label, f"{stage.rows:,}", stage.note) for stage in result.record.funnel]
