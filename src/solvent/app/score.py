# ruff: noqa: S608 - every name comes quoted from `sources`
"""Score an applications file with a registered model: rows in, rows out, streamed."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from solvent.app._plans import require_sources, scoring_plan
from solvent.app._targets import (
    REFUSED_HEADER,
    Inputs,
    files_of,
    is_refused_file,
    require_apart,
    require_refused_file,
    whole_file,
)
from solvent.app.csv_cells import CsvWriter, safe_cell, safe_or_number, safe_table
from solvent.dataset import Plan
from solvent.dataset.build import OpenData, keyed, own_selection
from solvent.dataset.build import open_data as open_plan
from solvent.dataset.matching import Match, match_sources, share_words
from solvent.errors import DeclarationError, MissingFileError, WriteError
from solvent.features import CategoryColumn, FeatureFrame, Table
from solvent.models import TrainedModel
from solvent.models.chain import chain_of
from solvent.models.levels import UNKNOWN, Levels
from solvent.models.matrix import Encoder
from solvent.models.plans import OneHot, Told
from solvent.product import FILE, LoadedProduct
from solvent.progress import Progress, Silent
from solvent.scoring import score as score_of
from solvent.sources import refusals, refused_rows
from solvent.sources.files import is_remote
from solvent.store import ModelRegistry, RegisteredModel

ROWS_AT_ONCE = 100_000
EXTRAS = ("id", "score", "model")
PARQUET = ".parquet"
SUFFIXES = (".csv", ".txt", PARQUET)
_FEWER_MATCH = 0.5
"""Sources are warned of where the share of applications with a row fell below this part of it."""
_FURTHER_PD = 0.5
"""Mean PDs further apart than this part of the one in training are told."""
_FEW_ROWS = 30
"""Of fewer rows a mean PD says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRequest:
    """What to score.

    Args:
        product: Name of the product.
        applications: File (or folder) of applications, here or in object storage.
        out: Where the predictions go: CSV (.csv, .txt) or Parquet (.parquet).
        data: Folder of the sources.
        home: Folder of the registry.
        version: Version of the model; None for the newest.
        extras: Further columns: "id", "score", "model" (which model of a chain scored).
        current: The product as it is declared now: tells how the file is written, which tables
            must not be overwritten, and whether the model is of another declaration.
    """

    product: str
    applications: Path
    out: Path
    data: Path
    home: Path
    version: int | None = None
    extras: tuple[str, ...] = ()
    current: LoadedProduct | None = None

    @property
    def refused_file(self) -> Path:
        """Where refused rows are told, beside the predictions."""
        return self.out.with_suffix(".refused.csv")


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
        matches: How many applications have rows in each source.
        warnings: What is not as it was in training, a sentence each.
    """

    version: int
    scored: int
    refused: int
    refused_file: Path | None
    reasons: tuple[tuple[str, int], ...]
    source_refusals: tuple[tuple[str, str, int], ...]
    mean_pd: float | None
    matches: tuple[Match, ...] = ()
    warnings: tuple[str, ...] = ()


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
    _require_sound(request)
    registered = ModelRegistry(request.home).load(request.product, request.version)
    csv_ = None if request.current is None else request.current.product.applications.csv
    plan = scoring_plan(registered, request.applications, csv_)
    _require_targets(request, plan)
    _require_chain(request, registered)
    with open_plan(plan, request.data, outcomes=False, keep_order=True, progress=progress) as data:
        without = require_sources(plan, data, registered.model)
        found = refusals(data.applications)
        # one inside the other: predictions without their refused rows would be half the answer
        with whole_file(request.out) as draft:
            tally = _write(data, registered, request, draft, progress or Silent())
            if found.refused:
                with whole_file(request.refused_file) as told:
                    _write_refused(data, told)
        if not found.refused and is_refused_file(request.refused_file):
            request.refused_file.resolve().unlink(missing_ok=True)
        lost = tuple(
            (name, reason, rows)
            for name, table in data.sources.items()
            for reason, rows in refusals(table).reasons
        )
        matches = match_sources(data, progress=progress)
    return ScoreResult(
        version=registered.version, scored=tally.rows, refused=found.refused,
        refused_file=request.refused_file if found.refused else None, reasons=found.reasons,
        source_refusals=lost, mean_pd=tally.mean_pd, matches=matches,
        warnings=(*without, *_warnings(registered, request, tally, matches)),
    )  # fmt: skip


def _require_sound(request: ScoreRequest) -> None:
    for name in request.extras:
        if name not in EXTRAS:
            raise DeclarationError(
                f"there is no extra column {name!r}", hint=f"choose from {', '.join(EXTRAS)}",
                field="with",
            )  # fmt: skip
    if request.out.suffix.lower() not in SUFFIXES:
        raise WriteError(
            f"{request.out} says no format solvent writes",
            hint="end the name in .csv, .txt (both CSV) or .parquet", field="output",
        )  # fmt: skip
    if is_remote(request.applications):
        return
    if not request.applications.exists():
        raise MissingFileError(
            f"there is no file {request.applications}", hint="check its name and folder",
            field="applications",
        )  # fmt: skip
    if request.applications.is_dir() and not files_of(request.applications):
        own = " but a product.py" if (request.applications / FILE).is_file() else ""
        raise MissingFileError(
            f"{request.applications} is a folder that holds no table{own}",
            hint="name the file of applications: solvent score DIR FILE -o predictions.csv",
            field="applications",
        )  # fmt: skip


def _require_chain(request: ScoreRequest, registered: RegisteredModel) -> None:
    if "model" in request.extras and chain_of(registered.model) is None:
        raise DeclarationError(
            "there is one model, so no column can tell which scored",
            hint="leave model out; a product with chain= in product.py has several", field="with",
        )  # fmt: skip


def _require_targets(request: ScoreRequest, plan: Plan) -> None:
    tables: list[Table] = list(plan.sources)
    if request.current is not None:
        product = request.current.product
        tables += [product.applications, *product.sources]
    inputs = Inputs(
        applications=request.applications, data=request.data, tables=tables,
        registry=request.home / "models",
    )  # fmt: skip
    require_apart(request.out, inputs)
    require_apart(request.refused_file, inputs)
    require_refused_file(request.refused_file)


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What was written, and what the model had not seen."""

    known: Mapping[str, Levels]
    rows: int = 0
    total: float = 0.0
    unseen: dict[str, int] = field(default_factory=dict)

    @property
    def mean_pd(self) -> float | None:
        return self.total / self.rows if self.rows else None

    def add(self, frame: FeatureFrame, pd: NDArray[np.float64]) -> None:
        self.rows += len(pd)
        self.total += float(pd.sum())
        for column in frame:
            levels = self.known.get(column.name)
            if levels is not None and isinstance(column, CategoryColumn):
                lost = int((levels.place(column) == UNKNOWN).sum())
                self.unseen[column.name] = self.unseen.get(column.name, 0) + lost


def _known_levels(model: TrainedModel) -> dict[str, Levels]:
    """Return the levels of each category as the model learnt them.

    In a chain the last model that reads one tells: it learnt from everybody it may be asked about.
    """
    chain = chain_of(model)
    if chain is not None:
        known: dict[str, Levels] = {}
        for link in chain.links:
            known |= _known_levels(link.trained)
        return known
    encoder = getattr(model.model, "encoder", None)
    plans = encoder.plans if isinstance(encoder, Encoder) else ()
    return {plan.name: plan.levels for plan in plans if isinstance(plan, OneHot | Told)}


def _write(
    data: OpenData, registered: RegisteredModel, request: ScoreRequest, draft: IO[bytes],
    progress: Progress,
) -> _Tally:  # fmt: skip
    """Write all predictions to `draft`; return what they were."""
    tally = _Tally(known=_known_levels(registered.model))
    feed = data.feed()
    sql = f"SELECT {', '.join(own_selection(data))} FROM ({data.applications.sql})"
    schema = _schema(request.extras)
    parquet = request.out.suffix.lower() == PARQUET
    with (
        progress.step("scoring", refusals(data.applications).accepted) as step,
        data.connection.cursor() as cursor,
        (pq.ParquetWriter if parquet else pacsv.CSVWriter)(draft, schema) as writer,
    ):
        reader = cursor.sql(sql).to_arrow_reader(ROWS_AT_ONCE)
        for table in _blocks(reader):
            frame = feed.features(keyed(data, table))
            pd = registered.model.pd(frame)
            predicted = _Predicted(
                pd=pd, score=score_of(pd, registered.scale),
                model=_models(registered, frame, request),
            )  # fmt: skip
            told = _predictions(table, predicted, schema, data)
            writer.write_table(told if parquet else safe_table(told))
            tally.add(frame, pd)
            step.advance(table.num_rows)
    return tally


def _warnings(
    registered: RegisteredModel, request: ScoreRequest, tally: _Tally, matches: Iterable[Match]
) -> Iterator[str]:
    """Yield what is not as it was in training."""
    about, version = registered.about, registered.version
    current = request.current
    if current is not None and about.get("product_digest") not in {None, current.digest}:
        yield (
            f"{FILE} differs from the one version {version} was trained with; "
            "scoring uses the declaration kept in the model"
        )
    before = {one["source"]: float(one["share"]) for one in about.get("matches", ())}
    for match in matches:
        share = before.get(match.source, 0.0)
        if match.share < _FEWER_MATCH * share:
            yield f"{match.words}; in training {share_words(share)} had one"
    for name, rows in tally.unseen.items():
        if rows:
            yield f"{name}: {rows:,} rows hold a level never seen in training"
    trained = about.get("metrics", {}).get("out_of_fold", {}).get("mean_pd")
    mean = tally.mean_pd
    if not trained or mean is None or tally.rows < _FEW_ROWS:
        return
    if abs(mean / trained - 1.0) > _FURTHER_PD:
        yield (
            f"the mean PD is {share_words(mean)}; in training it was {share_words(trained)}: "
            "these are other applicants, or a table is not what it was"
        )


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
    kinds = {"id": pa.string(), "score": pa.int64(), "model": pa.string()}
    return pa.schema([*fields, *(pa.field(name, kinds[name]) for name in extras)])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Predicted:
    """PDs and scores, and which model of a chain each is of where that was asked for."""

    pd: NDArray[np.float64]
    score: NDArray[np.int64]
    model: pa.Array[Any] | None


def _models(
    registered: RegisteredModel, frame: FeatureFrame, request: ScoreRequest
) -> pa.Array[Any] | None:
    """Return the name of the link that scores each row; None where nobody asked."""
    chain = chain_of(registered.model)
    if "model" not in request.extras or chain is None:
        return None
    names: pa.Array[Any] = pa.array([link.name for link in chain.links])
    return names.take(chain.places(frame))


def _predictions(
    table: pa.Table, predicted: _Predicted, schema: pa.Schema, data: OpenData
) -> pa.Table:
    columns = {
        "user_id": table["key"].cast(pa.string()),
        "application_at": _instants(table["as_of"], known=data.plan.has_times),
        "prediction_probability": pa.array(predicted.pd),
        "id": table["id"].cast(pa.string()),
    }
    if "score" in schema.names:
        columns["score"] = pa.array(predicted.score)
    if predicted.model is not None:
        columns["model"] = predicted.model
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _instants(column: pa.ChunkedArray[Any], *, known: bool) -> pa.Array[Any]:
    """Return instants as ISO text in UTC, to the microsecond where there are any; else nothing."""
    if not known:
        return pa.nulls(len(column), pa.string())
    as_of = column.to_numpy().astype(np.int64)
    times = as_of.astype("datetime64[us]")
    text = np.datetime_as_string(times, unit="s")
    broken = as_of % 1_000_000 != 0
    if broken.any():
        text = np.where(broken, np.datetime_as_string(times, unit="us"), text)
    told: pa.Array[Any] = pa.array(np.char.add(text, "Z").tolist())
    return told


def _write_refused(data: OpenData, draft: IO[bytes]) -> None:
    file = io.TextIOWrapper(draft, encoding="utf-8", newline="")
    writer = CsvWriter(file)
    writer.write(REFUSED_HEADER)
    for row in refused_rows(data.applications):
        name = safe_or_number(row.id or "")
        writer.cells([safe_cell(row.file), row.row, name, safe_cell(row.reason)])
    file.detach()  # flushes; the file itself is closed by whoever opened it
