"""An explanation as a file: every row, as CSV that no spreadsheet runs or as JSON."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from errno import EIO
from pathlib import Path

from solvent.app._targets import Inputs, kept_files, require_apart
from solvent.app.csv_cells import CsvWriter, safe_or_number
from solvent.app.explain import Explained
from solvent.app.explained_rows import leaves
from solvent.errors import RangeError, WriteError
from solvent.features import Aggregate, Column, Expression
from solvent.features.explain import ExplainedRow, Explanation
from solvent.features.rows import ALWAYS
from solvent.features.written import NOTHING, write_cell, write_computed, write_moment
from solvent.models.documents import Json, to_bytes
from solvent.product import LoadedProduct
from solvent.store.writing import whole_file

CSV, JSON = ".csv", ".json"
_FIRST = (
    "feature", "source", "counted", "reason", "reason_instant", "event_time", "event_time_local",
    "available_time", "event_id",
)  # fmt: skip
_LAST = ("condition", "row_value")
Record = dict[str, str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a result is to go, and what it must not be written over.

    Args:
        path: The file.
        loaded: The product.
        data: Folder of its raw tables.
        home: Folder solvent keeps things in.
    """

    path: Path
    loaded: LoadedProduct
    data: Path
    home: Path


def require_target(target: Target, suffixes: tuple[str, ...]) -> None:
    """Refuse a target that is no plain file of the reader's own, or of no known kind.

    Args:
        target: Where a result is to go.
        suffixes: Endings that are known.

    Raises:
        RangeError: Its ending is not known.
        WriteError: It is no plain file, its folder is not there, or it is one of the inputs.
    """
    if target.path.suffix.lower() not in suffixes:
        raise RangeError(
            f"cannot write {target.path.suffix or 'a file without an ending'}",
            hint=f"end the name in {', '.join(suffixes)}", field="output",
        )  # fmt: skip
    plan = target.loaded.product.plan
    tables = [plan.applications, *plan.sources]
    inputs = Inputs(
        applications=target.data / plan.applications.paths[0], data=target.data, tables=tables,
        registry=target.home / "models", kept=kept_files(target.loaded.folder, target.home),
    )  # fmt: skip
    require_apart(target.path, inputs)


def write_rows(explained: Explained, path: Path) -> None:
    """Write every row behind a value, for nobody else to read: they are one customer's.

    Args:
        explained: The value and its rows.
        path: A .csv or .json file; a file of that name is replaced.

    Raises:
        WriteError: It cannot be written; nothing half-written is left.
    """
    content = as_json(explained) if path.suffix.lower() == JSON else as_csv(explained)
    try:
        with whole_file(path.resolve()) as file:
            file.write(content)
    except OSError as error:
        raise WriteError(
            f"{path} could not be written: {os.strerror(error.errno or EIO)}",
            hint="is the folder there, may you write in it, is the disk full?", field="output",
        ) from error  # fmt: skip


def as_csv(explained: Explained) -> bytes:
    """Return every row of all parts, one line each; no text is one a spreadsheet would run.

    Times are in UTC and on the source's clock, or days from the application where they count so.
    """
    records = list(_records(explained))
    heads = dict.fromkeys([*_FIRST, *(name for record in records for name in record)])
    for name in _LAST:
        heads.pop(name, None)
    columns = [*heads, *_LAST]
    out = io.StringIO(newline="")
    writer = CsvWriter(out)
    writer.write(columns)
    for record in records:
        writer.cells([safe_or_number(record.get(name) or "") for name in columns])
    return out.getvalue().encode()


def as_json(explained: Explained) -> bytes:
    """Return the value, its parts and every row; cells as text, exact to the last decimal."""
    told = explained.explanation
    document: dict[str, Json] = {
        "product": explained.product, "application": explained.application,
        "decision": explained.decision or None,
        "application_at": _instant(explained.as_of) if explained.has_times else None,
        "kept_with_decision": None if explained.kept is None else explained.kept.value,
        "notes": list(explained.notes), "feature": _told(told),
        "parts": [_told(part) for part in leaves(told) if part is not told],
        "rows": [dict(record) for record in _records(explained)],
    }  # fmt: skip
    return to_bytes(document) + b"\n"


def _told(told: Explanation) -> Mapping[str, Json]:
    feature = told.feature
    return {
        "name": feature.name, "title": feature.title, "unit": feature.unit, "value": told.value,
        "above": told.above or None,
        "rule": feature.describe(), "steps": told.steps, "counted": len(told.counted),
        "window_opens": None if told.opens is None else _instant(told.opens),
    }  # fmt: skip


def _records(explained: Explained) -> Iterator[Record]:
    for part in leaves(explained.explanation):
        feature = part.feature
        if not isinstance(feature, Aggregate):
            yield _own_record(part, explained)
            continue
        place = 0
        for row in part.rows:
            record = _record(row, feature, part.above, explained)
            if row.why is None:
                figures: Record = {_free(f.title): f.cells[place] for f in part.figures}
                record, place = record | figures, place + 1
            yield record


def _own_record(part: Explanation, explained: Explained) -> Record:
    zone, own = explained.table.zone or "UTC", part.own or {}
    cells: Record = {
        _free(name): _or_none(
            write_cell(cell, explained.table.columns[name], zone, away=not explained.has_times)
        )
        for name, cell in own.items()
    }
    first: Record = {
        "feature": part.feature.name, "source": explained.table.name, "counted": "yes"
    }  # fmt: skip
    return first | cells


def _record(row: ExplainedRow, feature: Aggregate, above: str, explained: Explained) -> Record:
    zone = explained.zone(feature.table)
    away = explained.counts_from_application(feature.table)
    declared = explained.sources[feature.table].columns

    def moment(time: int | None, clock: str = "UTC") -> str | None:
        text = write_moment(time, clock, away=away)
        return _or_none(text.removesuffix(" days") if away else text)

    record: Record = {
        "feature": feature.name, "source": feature.table, "above": above or None,
        "counted": "yes" if row.why is None else "no",
        "reason": None if row.why is None else row.why.value, "reason_instant": moment(row.since),
        "event_time": moment(row.time), "event_time_local": moment(row.time, zone),
        "available_time": moment(row.available),
        "event_id": None if row.id is None else str(row.id),
    }  # fmt: skip
    for name, cell in row.cells.items():
        record[_free(name)] = _or_none(write_cell(cell, declared[name], zone, away=away))
    return record | {
        "condition": None if row.condition is None else ("yes" if row.condition else "no"),
        "row_value": _row_value(row, feature.value, zone, away=away),
    }


def _row_value(
    row: ExplainedRow, expression: Expression | None, zone: str, *, away: bool
) -> str | None:
    if expression is None:
        return None
    if isinstance(expression, Column) and expression.name in row.cells:
        declared = expression.declared
        return _or_none(write_cell(row.cells[expression.name], declared, zone, away=away))
    return _or_none(write_computed(row.value, expression, zone, away=away))


def _free(name: str) -> str:
    """Return a column's name, told apart from the columns every row has."""
    return f"column {name}" if name in {*_FIRST, *_LAST} else name


def _or_none(text: str) -> str | None:
    return None if text == NOTHING else text


def _instant(time: int) -> str:
    return "always" if time == ALWAYS else write_moment(time, "UTC", away=False)
