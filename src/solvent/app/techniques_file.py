"""The figures of a comparison of techniques, as CSV."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

from solvent.app.csv_cells import CsvWriter
from solvent.report import JudgedTechnique, TechniquesRecord, replace_whole

COLUMNS = (
    "technique", "auc", "auc_low", "auc_high", "ks", "log_loss", "brier", "calibration_slope",
    "calibration_intercept", "behind_best", "behind_low", "behind_high", "p_adjusted",
    "fit_cpu_seconds", "fit_seconds", "rows_per_cpu_second", "row_microseconds", "bytes",
    "features", "exact_reasons", "can_go_live", "failed",
)  # fmt: skip


def write_figures(record: TechniquesRecord, path: Path) -> None:
    """Write a row per technique; one that could not be judged says why.

    Args:
        record: The comparison.
        path: A file of that name is replaced.

    Raises:
        WriteError: It cannot be written.
    """
    out = StringIO()
    writer = CsvWriter(out, line="\n")
    writer.write(COLUMNS)
    for one in record.judged:
        writer.named(COLUMNS, _row(record, one))
    for failure in record.failed:
        writer.named(COLUMNS, {"technique": failure.name, "failed": failure.words})
    replace_whole(path, out.getvalue())


def _row(record: TechniquesRecord, one: JudgedTechnique) -> dict[str, object]:
    found, pair = one.validation, record.against_best(one.name)
    behind = None if pair is None else pair.found
    row: dict[str, object] = {
        "technique": one.name, "auc": found.auc.auc, "auc_low": found.auc.low,
        "auc_high": found.auc.high, "ks": found.ks, "log_loss": found.log_loss,
        "brier": found.brier, "calibration_slope": found.calibration_slope,
        "calibration_intercept": found.calibration_intercept,
        "fit_cpu_seconds": one.fit_cpu, "fit_seconds": one.fit_wall,
        "rows_per_cpu_second": one.rows_per_cpu_second, "row_microseconds": one.row_microseconds,
        "bytes": one.size, "features": one.features, "exact_reasons": _word(one.exact),
        "can_go_live": _word(one.live),
    }  # fmt: skip
    if pair is not None:
        row["p_adjusted"] = pair.p_adjusted
    if behind is not None:
        row |= {
            "behind_best": behind.difference, "behind_low": behind.low, "behind_high": behind.high
        }  # fmt: skip
    return row


def _word(true: bool) -> str:
    return "yes" if true else "no"
