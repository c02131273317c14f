"""Outcomes from a file, and from the product's own tables."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from solvent.app._targets import (
    REFUSED_HEADER,
    Inputs,
    is_refused_file,
    require_apart,
    require_refused_file,
    whole_file,
)
from solvent.app.bootstrap import Service
from solvent.app.csv_cells import CsvWriter
from solvent.app.live_product import LiveProduct
from solvent.app.outcomes import (
    FIELDS,
    OutcomeReceipt,
    Telling,
    add_outcomes,
    keep_tellings,
    reasons_of,
)
from solvent.app.realised import bad_of
from solvent.dataset import Plan, open_data
from solvent.dataset.bad import IntArray, Standing
from solvent.dataset.outcomes import TableOutcomes, read_outcomes
from solvent.domain import OutcomeWord
from solvent.errors import DataError, MissingColumnError, MissingFileError, UnreadableFileError
from solvent.features import Csv, from_json
from solvent.progress import Progress, Silent
from solvent.sources.delimited import RaggedRows, batches, header
from solvent.sources.files import FileKind, kind_of
from solvent.sources.layout import ROW
from solvent.sources.staging import RAGGED
from solvent.store.outcomes import NamedDecision

ROWS_AT_ONCE = 20_000
SEPARATORS = (",", ";", "\t", "|")
_ONE_OF = (("decision_id", "application_id"), ("bad", "outcome"), ("observed_at",))
Batch = tuple[list[dict[str, object]], list[int]]
"""Rows, and their numbers in the file, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedOutcomes:
    """What loading did.

    Args:
        accepted: New outcomes.
        repeated: Those that were there already.
        corrected: Of the new ones, those that correct what was told before.
        refused: Rows refused.
        reasons: Why, with counts.
        refused_file: Where each is told; None where there are none.
        immature: Of a table: loans whose performance window is not over.
        undecided: Of a table: applications that were not decided here.
    """

    accepted: int = 0
    repeated: int = 0
    corrected: int = 0
    refused: int = 0
    reasons: tuple[tuple[str, int], ...] = ()
    refused_file: Path | None = None
    immature: int = 0
    undecided: int = 0


def load_outcomes(
    service: Service, live: LiveProduct, file: Path, *, progress: Progress | None = None
) -> LoadedOutcomes:
    """Load a CSV or Parquet file of outcomes.

    Rows are kept some thousands at a time. Where loading stops, those told before are kept, and
    loaded again they count as repeated. Other columns than those of an outcome are not read; times
    without a zone are read in that of the application table.

    Args:
        service: Everything that is wired together.
        live: The product.
        file: The file.
        progress: Told how far it is.

    Raises:
        MissingFileError: There is no such file.
        MissingColumnError: It lacks a column no outcome goes without.
        UnreadableFileError: It is no table.
        WriteError: The refused rows cannot be written.
        StoreError: Rows could not be kept.
    """
    if not file.is_file():
        raise MissingFileError(f"there is no file {file}", hint="check its name", field="FILE")
    told = file.with_suffix(".refused.csv")
    kept = Inputs(
        applications=file, data=file.parent, tables=(), registry=service.settings.home / "models"
    )  # fmt: skip
    require_apart(told, kept, field="FILE")
    require_refused_file(told)
    ragged = RaggedRows()
    total = OutcomeReceipt()
    with whole_file(told) as draft, (progress or Silent()).step(f"loading {file.name}") as step:
        write = _writer(draft, file.name)
        for rows, numbers in _batches(file, ragged):
            found = add_outcomes(service, live, rows, zone=live.applications.zone)
            write((numbers[one.place], _name(rows[one.place]), one.words) for one in found.refused)
            total = _sum(total, found)
            step.advance(len(rows))
            step.say(f"{total.accepted + total.repeated + len(total.refused):,} rows")
        write((number, "", RAGGED) for number in ragged.numbers)
    refused = len(total.refused) + len(ragged.numbers)
    if not refused and is_refused_file(told):
        told.resolve().unlink(missing_ok=True)
    more = ((RAGGED, len(ragged.numbers)),) if ragged.numbers else ()
    return LoadedOutcomes(
        accepted=total.accepted, repeated=total.repeated, corrected=total.corrected,
        refused=refused, reasons=(*reasons_of(total.refused), *more),
        refused_file=told if refused else None,
    )  # fmt: skip


def load_from_tables(
    service: Service, live: LiveProduct, data: Path, *, observed_until: str | None = None,
    progress: Progress | None = None,
) -> LoadedOutcomes:  # fmt: skip
    """Tell what the product's own tables say of loans that were decided here.

    Good and bad are derived by the definition and maturity the model was trained with. A loan is
    told of as of when its outcome could be trusted; where it was told of otherwise before, as a
    correction known since the tables' end. Loans that are not mature are counted, never told of.

    Args:
        service: Everything that is wired together.
        live: The product; decisions name the application's id.
        data: Folder of the tables.
        observed_until: ISO instant up to which outcomes are known; None: the latest in the tables.
        progress: Told how far it is.

    Raises:
        DataError: The tables cannot be used.
        StoreError: Outcomes could not be kept.
    """
    progress = progress or Silent()
    declared: Mapping[str, Any] = live.registered.about["plan"]
    plan = Plan(
        product=live.name, applications=from_json(declared["applications"]),
        sources=from_json(declared["sources"]), features=from_json(declared["features"]),
        bad=bad_of(live), observed_until=observed_until,
    )  # fmt: skip
    with open_data(plan, data, progress=progress) as opened:
        found = read_outcomes(opened, now=service.now())
    known, until = _known_words(service, live), found.observed_until or service.now()
    total, undecided = OutcomeReceipt(), 0
    places = np.flatnonzero(found.are(Standing.GOOD) | found.are(Standing.BAD))
    with progress.step("telling outcomes", len(places)) as step:
        for first in range(0, len(places), ROWS_AT_ONCE):
            some = places[first : first + ROWS_AT_ONCE]
            names = [str(name) for name in found.ids.take(some).to_pylist()]
            decided = service.outcomes.by_application(live.name, names)
            there = [place for place, name in enumerate(names) if name in decided]
            told = {names[place]: _known_of(decided[names[place]], known) for place in there}
            tellings = _tellings(live, found, some[there], told, min(until, service.now()))
            total = _sum(total, keep_tellings(service, live, tellings))
            total = replace(total, repeated=total.repeated + len(there) - len(tellings))
            undecided += len(some) - len(there)
            step.advance(len(some))
    return LoadedOutcomes(
        accepted=total.accepted, repeated=total.repeated, corrected=total.corrected,
        refused=len(total.refused), reasons=tuple(reasons_of(total.refused)),
        immature=int(found.are(Standing.IMMATURE).sum()), undecided=undecided,
    )  # fmt: skip


def _known_words(service: Service, live: LiveProduct) -> dict[str, OutcomeWord]:
    """Return what is known of each decision that anything was told of, by its id."""
    known = service.outcomes.known(live.name, at=service.now())
    return {one.id: one.word for one in known if one.word is not None}


def _known_of(
    decisions: Sequence[NamedDecision], known: Mapping[str, OutcomeWord]
) -> OutcomeWord | None:
    words = [known[one.id] for one in decisions if one.id in known]
    return words[-1] if words else None


def _tellings(
    live: LiveProduct, found: TableOutcomes, places: IntArray,
    told: Mapping[str, OutcomeWord | None], until: int,
) -> list[tuple[int, Telling]]:  # fmt: skip
    """Return what a table says that is not known yet.

    Args:
        live: The product.
        found: The table.
        places: Rows of loans that were decided here.
        told: What is known of each, by the application's name.
        until: Since when a correction is known, int UTC microseconds.
    """
    bad, tellings = found.are(Standing.BAD), []
    for place in places.tolist():
        name = str(found.ids[place])
        word = OutcomeWord.BAD if bad[place] else OutcomeWord.GOOD
        before = told[name]
        if before is word or (before is OutcomeWord.REPAID and word is OutcomeWord.GOOD):
            continue
        at = int(found.matured_at[place]) if live.has_times else None
        since = None if before is None else until
        tellings.append(
            (
                place,
                Telling(
                    decision_id="", application_id=name, word=word, observed_at=at,
                    known_from=since,
                ),
            )
        )  # fmt: skip
    return tellings


def _sum(total: OutcomeReceipt, found: OutcomeReceipt) -> OutcomeReceipt:
    return replace(
        total, accepted=total.accepted + found.accepted, repeated=total.repeated + found.repeated,
        corrected=total.corrected + found.corrected, refused=(*total.refused, *found.refused),
    )  # fmt: skip


def _writer(draft: IO[bytes], name: str) -> Callable[[Iterable[tuple[int, str, str]]], None]:
    """Return what writes refused rows beneath a heading."""

    def write(rows: Iterable[tuple[int, str, str]]) -> None:
        file = io.TextIOWrapper(draft, encoding="utf-8", newline="")
        writer = CsvWriter(file)
        for number, who, why in rows:
            writer.write((name, number, who, why))
        file.detach()  # flushes; the file itself is closed by whoever opened it

    draft.write(",".join(REFUSED_HEADER).encode() + b"\r\n")
    return write


def _name(row: Mapping[str, object]) -> str:
    return str(row.get("decision_id") or row.get("application_id") or "")


def _batches(file: Path, ragged: RaggedRows) -> Iterator[Batch]:
    """Yield the rows of a file, its cells as text.

    Raises:
        MissingColumnError: It lacks a column no outcome goes without.
        UnreadableFileError: It is no table.
    """
    kind = kind_of(file)
    if kind is FileKind.EXCEL:
        raise UnreadableFileError(
            "a spreadsheet is not read here", hint="save it as CSV", field=file.name
        )
    if kind is FileKind.TEXT:
        yield from _text_batches(file, ragged)
        return
    try:
        with pq.ParquetFile(file) as opened:
            names = _require_columns(file, opened.schema_arrow.names)
            done = 0
            for batch in opened.iter_batches(ROWS_AT_ONCE, columns=list(names)):
                yield _rows(names, [_text(batch.column(name)) for name in names], done)
                done += batch.num_rows
    except (pa.ArrowInvalid, OSError) as error:
        raise UnreadableFileError(
            "cannot be read to its end", hint="is it damaged inside?", field=file.name
        ) from error


def _text_batches(file: Path, ragged: RaggedRows) -> Iterator[Batch]:
    written = next(
        (
            each for each in map(_csv, SEPARATORS)
            if "observed_at" in header(file, each)
        ),
        Csv(),
    )  # fmt: skip
    names = _require_columns(file, header(file, written))
    for batch in batches(file, written, names, ragged):
        for first in range(0, batch.num_rows, ROWS_AT_ONCE):
            part = batch.slice(first, ROWS_AT_ONCE)
            cells = [part.column(j).to_pylist() for j in range(len(names))]
            rows, _ = _rows(names, cells, 0)
            yield rows, part.column(ROW).to_numpy().tolist()


def _csv(separator: str) -> Csv:
    return Csv(separator=separator)


def _text(column: pa.Array[Any]) -> Sequence[object]:
    """Return cells as text, whatever their type; a time keeps its zone."""
    return column.cast(pa.string()).to_pylist()


def _rows(names: Sequence[str], cells: Sequence[Sequence[object]], done: int) -> Batch:
    rows = [dict(zip(names, row, strict=True)) for row in zip(*cells, strict=True)]
    return rows, list(range(done + 1, done + 1 + len(rows)))


def _require_columns(file: Path, there: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of outcomes that a file has."""
    for choice in _ONE_OF:
        if not set(choice) & set(there):
            raise MissingColumnError(
                f"has no column {' or '.join(choice)}",
                hint=f"a file of outcomes has the columns {', '.join(FIELDS)}; "
                "one of the first two, one of the next two and observed_at are needed",
                field=file.name,
            )
    names = tuple(name for name in FIELDS if name in there)
    for name in names:
        if list(there).count(name) > 1:
            raise DataError("stands twice in the header", hint="name it once", field=name)
    return names
