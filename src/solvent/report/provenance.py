"""The chapters on what the model is made of: rows, features, the leakage gate, data, software."""

from __future__ import annotations

from collections.abc import Sequence

from solvent.dataset import Check, Stage
from solvent.metrics import Validation
from solvent.report.figures import (
    NONE,
    confidence,
    count,
    counted,
    decimal,
    decimal_range,
    moment,
    percent,
    percent_range,
)
from solvent.report.page import Cell, Column, Section, Table, Tone
from solvent.report.tables import fingerprints, pairs
from solvent.report.training import FeatureLine, TrainingRecord

TOP_FEATURES = 15
DIRECTIONS = {1: "▲ riskier", -1: "▼ safer", 0: "◆ it depends"}


def funnel(record: TrainingRecord) -> Section:
    """How many rows were read, and what became of them."""
    return Section(
        anchor="rows",
        heading="From rows read to rows used",
        lead=(_maturity(record),),
        tables=(funnel_table(record.funnel), refusal_table(record.refusals)),
    )


def features(record: TrainingRecord) -> Section:
    """What the model looks at, and what it is kept from seeing."""
    lines = sorted(record.features, key=lambda line: (-line.importance, line.name))
    top, rest = lines[:TOP_FEATURES], lines[TOP_FEATURES:]
    tables = [_feature_table("Features by importance", top)]
    if rest:
        share = percent(min(1.0, sum(line.importance for line in rest)))
        title = f"{counted(len(rest), 'more feature')} with {share} of the importance"
        tables.append(_feature_table(title, rest, folded=True))
    return Section(
        anchor="features",
        heading="What the model looks at",
        lead=_feature_lead(top),
        tables=(*tables, _left_out_table(record), _protected_table(record)),
        reading=(
            ("Importance", "how much of the model's work a feature does; all add up to 100 %"),
            ("Riskier, safer", "what a higher value does to the PD, other things equal"),
            (
                "It depends",
                "a category: some values are riskier, some safer; or a number: up, then down",
            ),
        ),
    )


def gate(record: TrainingRecord) -> Section:
    """Whether the model could have looked into the future."""
    return Section(
        anchor="gate",
        heading="The leakage gate",
        lead=(
            "A model that sees the future looks brilliant until it goes live.",
            "A failed check stops registration unless it is waived with a written reason.",
        ),
        tables=(
            Table(
                title="",
                columns=(
                    Column(title="Check", width=48),
                    Column(title="Result", width=12),
                    Column(title="Reason for waiving"),
                ),
                rows=tuple(_gate_row(check) for check in record.gate),
                empty="The gate did not run.",
            ),
        ),
    )


def figures(record: TrainingRecord) -> Section:
    """Every figure, on the test and on held-out training rows."""
    columns = [Column(title="Figure", width=24), Column(title="Test", numeric=True, width=16)]
    test, fold = _figure_texts(record.validation), None
    if record.out_of_fold is not None:
        columns.append(Column(title="Training, out of fold", numeric=True, width=20))
        fold = _figure_texts(record.out_of_fold)
    rows = []
    for place, (name, small, meaning) in enumerate(FIGURES):
        value, interval = test[place]
        cells = [Cell(text=name, small=small), Cell(text=value, small=interval)]
        if fold is not None:
            cells.append(Cell(text=fold[place][0], small=fold[place][1]))
        rows.append((*cells, Cell(text=meaning)))
    return Section(
        anchor="figures",
        heading="All figures",
        lead=("Out of fold: each training application is judged by a model that had not seen it.",)
        if fold is not None
        else ("No folds were made, so there are no figures of training rows.",),
        tables=(
            Table(
                title="",
                columns=(*columns, Column(title="How to read it")),
                rows=tuple(rows),
                note=f"Intervals are DeLong's at {confidence(record.validation.auc.level)}.",
            ),
        ),
    )


def provenance(record: TrainingRecord) -> Section:
    """Which data, software and seed the model comes from."""
    run = (
        ("Product", record.product),
        ("Model version", record.version),
        ("Technique", record.technique),
        ("Trained", moment(record.created_at)),
        ("Seed", str(record.seed)),
        ("Definition of bad", record.bad_words),
    )
    return Section(
        anchor="provenance",
        heading="Where it comes from",
        lead=("With the same data, software and seed the training can be repeated.",),
        tables=(
            fingerprints(record.sources),
            pairs("Run", run),
            pairs("Software", tuple(sorted(record.versions.items()))),
        ),
    )


def _maturity(record: TrainingRecord) -> str:
    watched = (
        f" Outcomes were watched until {moment(record.observed_until)}."
        if record.observed_until
        else ""
    )
    rule = f" {record.maturity_words}" if record.maturity_words else ""
    if not record.immature:
        return f"No application was set aside as immature.{rule}{watched}"
    verb = "was" if record.immature == 1 else "were"
    return (
        f"{counted(record.immature, 'application')} {verb} set aside as immature: whether they go "
        f"bad is not final yet, and calling them good would flatter the model.{rule}{watched}"
    )


def funnel_table(funnel: Sequence[Stage]) -> Table:
    """Build the table from rows read to rows used.

    Args:
        funnel: Its steps, in order.
    """
    most = max((stage.rows for stage in funnel), default=0)
    return Table(
        title="Funnel",
        columns=(
            Column(title="Step", width=24),
            Column(title="Rows", numeric=True, width=10),
            Column(title="Share of the largest step", width=24),
            Column(title="Why"),
        ),
        rows=tuple(
            (
                Cell(text=stage.label),
                Cell(text=count(stage.rows)),
                Cell(
                    text=percent(stage.rows / most if most else 0.0),
                    bar=stage.rows / most if most else 0.0,
                ),
                Cell(text=stage.note),
            )
            for stage in funnel
        ),
        empty="No funnel was recorded.",
    )


def refusal_table(refusals: Sequence[tuple[str, str, int]]) -> Table:
    """Build the table of refused rows.

    Args:
        refusals: (table, reason, count).
    """
    return Table(
        title="Refused rows",
        columns=(
            Column(title="Table", width=24),
            Column(title="Rows", numeric=True, width=10),
            Column(title="Reason"),
        ),
        rows=tuple(
            (Cell(text=table), Cell(text=count(rows)), Cell(text=reason))
            for table, reason, rows in refusals
        ),
        empty="No row was refused.",
    )


def _feature_lead(top: list[FeatureLine]) -> tuple[str, ...]:
    if not top:
        return ()
    first = top[: min(3, len(top))]
    share = percent(min(1.0, sum(line.importance for line in first)))
    named = ", ".join(f"“{line.title}”" for line in first)
    return (f"It leans most on {named}: together {share} of the importance.",)


def _feature_table(title: str, lines: list[FeatureLine], *, folded: bool = False) -> Table:
    most = max((line.importance for line in lines), default=0.0) or 1.0
    return Table(
        title=title,
        columns=(
            Column(title="Feature", width=24),
            Column(title="Details", width=31),
            Column(title="Importance", width=21),
            Column(title="A higher value is", width=15),
            Column(title="Missing", numeric=True, width=9),
        ),
        rows=tuple(
            (
                Cell(text=line.title, small=line.name, code=True),
                Cell(text=line.description, small=f"Unit: {line.unit}" if line.unit else ""),
                Cell(text=percent(line.importance), bar=line.importance / most),
                Cell(text=DIRECTIONS[line.direction]),
                Cell(text=percent(line.missing)),
            )
            for line in lines
        ),
        empty="The model has no features.",
        folded=folded,
    )


def _left_out_table(record: TrainingRecord) -> Table:
    return Table(
        title="Left out",
        columns=(Column(title="Column or feature", width=40), Column(title="Why")),
        rows=tuple((Cell(text=name), Cell(text=why)) for name, why in record.left_out),
        empty="Nothing declared was left out.",
        half=True,
    )


def _protected_table(record: TrainingRecord) -> Table:
    return Table(
        title="Protected attributes",
        columns=(Column(title="Attribute", width=40), Column(title="In the model")),
        rows=tuple((Cell(text=name), Cell(text="no, kept out")) for name in record.protected),
        empty="No protected attribute was declared.",
        note=_fares(record),
        half=True,
    )


def _fares(record: TrainingRecord) -> str:
    if record.fairness is not None:
        return "How these groups fare has a chapter of its own."
    return "How these groups fare is not measured." if record.protected else ""


def _gate_row(check: Check) -> tuple[Cell, ...]:
    if check.passed:
        result = Cell(text="Passed", tone=Tone.GOOD)
    else:
        waived = bool(check.waived)
        result = Cell(text="Waived" if waived else "Failed", tone=Tone.WARN)
    reason = "" if check.passed else check.waived or NONE
    return Cell(text=check.name, small=check.words), result, Cell(text=reason)


FIGURES = (
    ("Applications", "", "how many were judged"),
    ("Bad applications", "", "how many went bad"),
    ("Bad rate", "", "share that went bad"),
    ("Mean PD", "", "share the model expected to go bad"),
    ("AUC", "", "0.500 is blind, 1.000 perfect"),
    ("Gini", "", "0 % is blind, 100 % perfect"),
    ("KS", "", "widest gap between goods and bads, 0 to 100 %"),
    ("Average precision", "PR AUC", "compare with the bad rate, which a blind model reaches"),
    ("Calibration slope", "", "1 is perfect"),
    ("Calibration intercept", "log-odds", "0 is perfect where the slope is 1"),
    ("Calibration in the large", "log-odds", "above 0 the PDs are too low, below 0 too high"),
    ("Calibration error", "ECE", "average gap between PD and bad rate; lower is better"),
    ("Brier score", "", "mean squared error of the PD; lower is better"),
    ("Log loss", "nats", "cost of being surely wrong; lower is better"),
)


def _figure_texts(found: Validation) -> tuple[tuple[str, str], ...]:
    """Write each figure of FIGURES, with its interval where it has one."""
    return (
        (count(found.n), ""),
        (count(found.bads), ""),
        (percent(found.bad_rate), ""),
        (percent(found.mean_pd), ""),
        (decimal(found.auc.auc), decimal_range(found.auc.low, found.auc.high)),
        (percent(found.gini.gini), percent_range(found.gini.low, found.gini.high)),
        (percent(found.ks), ""),
        (percent(found.pr_auc), ""),
        (decimal(found.calibration_slope), ""),
        (decimal(found.calibration_intercept), ""),
        (decimal(found.calibration_in_the_large), ""),
        (percent(found.ece), f"{found.ece_bins} bands"),
        (decimal(found.brier, 4), ""),
        (decimal(found.log_loss, 4), ""),
    )
