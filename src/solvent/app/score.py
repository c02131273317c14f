# ruff: noqa: S608 - every name comes quoted from `sources`
"""Score an applications file with a registered model: rows in, rows out, streamed."""

from __future__ import annotations

import csv
import errno
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from solvent.dataset import Plan
from solvent.dataset.build import OpenData, keyed, own_selection
from solvent.dataset.build import open_data as open_plan
from solvent.errors import DeclarationError, MissingFileError, WriteError
from solvent.features import from_json
from solvent.progress import Progress, Silent
from solvent.scoring import score as score_of
from solvent.sources import refusals, refused_rows
from solvent.store import ModelRegistry, RegisteredModel

ROWS_AT_ONCE = 100_000
EXTRAS = ("id", "score")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRequest:
    """What to score.

    Args:
        product: Name of the product.
        applications: File (or folder) of applications.
        out: Where the predictions go (CSV).
        data: Folder of the sources.
        home: Folder of the registry.
        version: Version of the model; None for the newest.
        extras: Further columns: "id", "score".
    """

    product: str
    applications: Path
    out: Path
    data: Path
    home: Path
    version: int | None = None
    extras: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreResult:
    """What scoring did.

    Args:
        version: Version of the model used.
        scored: Rows written.
        refused: Rows refused.
        refused_file: Where the refused rows are told, None where there are none.
        reasons: Reasons with counts.
        source_refusals: Refused rows of the sources, as (source, reason, rows).
        mean_pd: Mean PD of the scored rows; None where there are none.
    """

    version: int
    scored: int
    refused: int
    refused_file: Path | None
    reasons: tuple[tuple[str, int], ...]
    source_refusals: tuple[tuple[str, str, int], ...]
    mean_pd: float | None


def score(request: ScoreRequest, *, progress: Progress | None = None) -> ScoreResult:
    """Write `user_id, application_at, prediction_probability` for every usable application.

    Args:
        request: What to score.
        progress: Told of every row done.

    Raises:
        DeclarationError: If an extra column is unknown.
        BundleError: If no such model is registered.
        DataError: If a table cannot be read, or a source the model learned from is absent.
        WriteError: If the predictions cannot be written; nothing half-written is left.
    """
    refused_file = request.out.with_suffix(".refused.csv")
    _require_sound(request, refused_file)
    registered = ModelRegistry(request.home).load(request.product, request.version)
    plan = _plan_for(registered, request.applications)
    with open_plan(plan, request.data, outcomes=False, keep_order=True, progress=progress) as data:
        _require_sources(plan, data)
        found = refusals(data.applications)
        # one inside the other: predictions without their refused rows would be half the answer
        with _whole_file(request.out) as draft:
            scored, total = _write(data, registered, request, draft, progress or Silent())
            if found.refused:
                with _whole_file(refused_file) as told:
                    _write_refused(data, told)
        if not found.refused:
            refused_file.unlink(missing_ok=True)
        lost = tuple(
            (name, reason, rows)
            for name, table in data.sources.items()
            for reason, rows in refusals(table).reasons
        )
    return ScoreResult(
        version=registered.version, scored=scored, refused=found.refused,
        refused_file=refused_file if found.refused else None, reasons=found.reasons,
        source_refusals=lost, mean_pd=total / scored if scored else None,
    )  # fmt: skip


def _require_sound(request: ScoreRequest, refused_file: Path) -> None:
    for name in request.extras:
        if name not in EXTRAS:
            raise DeclarationError(
                f"there is no extra column {name!r}", hint=f"choose from {', '.join(EXTRAS)}",
                field="with",
            )  # fmt: skip
    if not request.applications.exists():
        raise MissingFileError(
            f"there is no file {request.applications}", hint="check its name and folder",
            field="applications",
        )  # fmt: skip
    if request.applications.resolve() in {request.out.resolve(), refused_file.resolve()}:
        raise WriteError(
            f"{request.applications.name} holds the applications and would be overwritten",
            hint="write the predictions to another file", field="output",
        )  # fmt: skip


def _require_sources(plan: Plan, data: OpenData) -> None:
    if len(data.plan.features) < len(plan.features):
        raise MissingFileError(
            "the model learned from this table, and the data folder lacks it",
            hint="check --data, or train a model that does without it", field=data.absent[0],
        )  # fmt: skip


def _plan_for(registered: RegisteredModel, applications: Path) -> Plan:
    told: Mapping[str, Any] = registered.about["plan"]
    declared = from_json(told["applications"])
    return Plan(
        product=registered.product,
        applications=replace(declared, files=(str(applications.resolve()),)),
        sources=from_json(told["sources"]), features=from_json(told["features"]),
    )  # fmt: skip


@contextmanager
def _whole_file(path: Path) -> Iterator[Path]:
    """Give a draft beside `path` that takes its place only when all went well."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        yield draft
        draft.replace(path)
    except OSError as error:
        raise WriteError(
            f"{path.name} could not be written: {os.strerror(error.errno or errno.EIO)}",
            hint="is the folder there, may you write in it, is the disk full?", field="output",
        ) from error  # fmt: skip
    finally:
        draft.unlink(missing_ok=True)


def _write(
    data: OpenData, registered: RegisteredModel, request: ScoreRequest, draft: Path,
    progress: Progress,
) -> tuple[int, float]:  # fmt: skip
    """Write all predictions to `draft`; return how many and the sum of their PDs."""
    rows, total = 0, 0.0
    feed = data.feed()
    sql = f"SELECT {', '.join(own_selection(data))} FROM ({data.applications.sql})"
    schema = _schema(request.extras)
    with (
        progress.step("scoring", refusals(data.applications).accepted) as step,
        data.connection.cursor() as cursor,
        pacsv.CSVWriter(draft, schema) as writer,
    ):
        reader = cursor.sql(sql).to_arrow_reader(ROWS_AT_ONCE)
        for table in _blocks(reader):
            pd = registered.model.pd(feed.features(keyed(data, table)))
            writer.write_table(_predictions(table, pd, schema, data))
            rows, total = rows + table.num_rows, total + float(pd.sum())
            step.advance(table.num_rows)
    return rows, total


def _blocks(reader: pa.RecordBatchReader) -> Iterator[pa.Table]:
    """Yield tables of about `ROWS_AT_ONCE` rows whatever the batches."""
    held: list[pa.RecordBatch] = []
    size = 0
    for batch in reader:
        held.append(batch)
        size += batch.num_rows
        if size >= ROWS_AT_ONCE:
            yield pa.Table.from_batches(held)
            held, size = [], 0
    if size:
        yield pa.Table.from_batches(held)


def _schema(extras: Sequence[str]) -> pa.Schema:
    fields = [
        pa.field("user_id", pa.string()),
        pa.field("application_at", pa.string()),
        pa.field("prediction_probability", pa.float64()),
    ]
    kinds = {"id": pa.string(), "score": pa.int64()}
    return pa.schema([*fields, *(pa.field(name, kinds[name]) for name in extras)])


def _predictions(
    table: pa.Table, pd: NDArray[np.float64], schema: pa.Schema, data: OpenData
) -> pa.Table:
    columns = {
        "user_id": table["key"].cast(pa.string()),
        "application_at": _instants(table["as_of"], known=data.plan.has_times),
        "prediction_probability": pa.array(pd),
        "id": table["id"].cast(pa.string()),
    }
    if "score" in schema.names:
        columns["score"] = pa.array(score_of(pd))
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _instants(column: pa.ChunkedArray[Any], *, known: bool) -> pa.Array[Any]:
    """Return instants as ISO text in UTC, to the microsecond where there are any; else nothing."""
    if not known:
        return pa.nulls(len(column), pa.string())
    as_of = column.to_numpy().astype(np.int64)
    times = as_of.astype("datetime64[us]")
    whole = np.datetime_as_string(times, unit="s")
    exact = np.datetime_as_string(times, unit="us")
    text: pa.Array[Any] = pa.array(
        np.char.add(np.where(as_of % 1_000_000 == 0, whole, exact), "Z").tolist()
    )
    return text


def _write_refused(data: OpenData, draft: Path) -> None:
    with draft.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "row", "id", "reason"))
        for row in refused_rows(data.applications):
            writer.writerow((row.file, row.row, row.id, row.reason))
