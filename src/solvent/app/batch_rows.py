"""What becomes of the rows of a chunk: scored all at once, or decided one by one; never lost."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from solvent.app.applicants import Applicants
from solvent.app.batch_typing import can_type, raw_application, type_chunk
from solvent.app.bootstrap import Service
from solvent.app.decide import (
    Application,
    all_below,
    checked_reasons,
    decide_application,
    own_rows,
    reasons_of,
    weigh,
)
from solvent.app.decisions import stored_decision
from solvent.app.intake import Raw, RawApplication, read_application
from solvent.app.live_product import LiveProduct
from solvent.domain import Offer, Reason, Verdict
from solvent.errors import DataError
from solvent.features import ApplicationRows
from solvent.features.evaluate import aggregate
from solvent.features.live import application_columns
from solvent.features.rows import joined, joined_values
from solvent.policy import Judgement
from solvent.store import StoredDecision

Events = Mapping[str, Mapping[str, Sequence[Raw]]]
"""Rows sent along: key -> source -> rows."""
BETWEEN = " | "
"""Parts reasons in one cell."""
_WHOLE, _REAL, _TEXT = pa.int64(), pa.float64(), pa.string()
_FIELDS: Final[Mapping[str, pa.DataType]] = {
    "row": _WHOLE, "application_id": _TEXT, "user_id": _TEXT, "verdict": _TEXT, "pd": _REAL,
    "score": _WHOLE, "band": _TEXT, "offer": _TEXT, "amount": _REAL, "fee": _REAL,
    "currency": _TEXT, "reasons": _TEXT, "decision_id": _TEXT, "error_field": _TEXT,
    "error": _TEXT,
}  # fmt: skip
SCHEMA: Final = pa.schema(_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A chunk with everything its rows need.

    Args:
        live: The product, of the versions the batch was accepted with.
        applications: The rows.
        events: Rows sent along, by key.
        first_row: Place of the first row in the batch, from 0.
        until: Newest live row that may be read.
        as_of: Instant of applications that name none, UTC microseconds.
        reasons: True where reasons are told.
    """

    live: LiveProduct
    applications: pa.RecordBatch
    events: Events
    first_row: int
    until: int
    as_of: int
    reasons: bool


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a chunk's rows.

    Args:
        rows: A row of the results each, by its place in the chunk.
        decisions: Those made, to be kept with the results.
    """

    rows: dict[int, dict[str, object]] = field(default_factory=dict)
    decisions: list[StoredDecision] = field(default_factory=list)

    @property
    def set_aside(self) -> int:
        """How many rows could not be done."""
        return sum("error" in row for row in self.rows.values())

    def body(self, first_row: int) -> bytes:
        """Return the results as bytes, rows in order, numbered from 1 through the batch."""
        ordered = [self.rows[place] for place in range(len(self.rows))]
        for place, row in enumerate(ordered):
            row["row"] = first_row + 1 + place
        columns = [
            pa.array([row.get(name) for row in ordered], kind) for name, kind in _FIELDS.items()
        ]
        batch = pa.RecordBatch.from_arrays(columns, schema=SCHEMA)
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression="lz4")
        with pa.ipc.new_stream(sink, SCHEMA, options=options) as writer:
            writer.write_batch(batch)
        return bytes(sink.getvalue())


def set_aside(applications: pa.RecordBatch, why: str) -> Outcome:
    """Return rows as set aside for a reason that is not theirs to tell."""
    found = Outcome()
    for place in range(applications.num_rows):
        found.rows[place] = {**_named(raw_application(applications, place)), "error": why}
    return found


def decide_rows(service: Service, task: Task) -> Outcome:
    """Decide every row of a chunk as a request alone is decided; nothing is kept yet.

    Args:
        service: Everything that is wired together.
        task: The chunk.
    """
    found, live = Outcome(), task.live
    for place in range(task.applications.num_rows):
        raw = _raw(task, place)
        try:
            application = read_application(live, raw, now=task.as_of)
            decided = decide_application(
                live, application, service.rows, decision_id=uuid.uuid4().hex, now=service.now(),
                until=task.until,
            )  # fmt: skip
        except DataError as error:
            found.rows[place] = _refused(raw, error)
            continue
        stored, _ = stored_decision(decided, application, live)
        found.decisions.append(stored)
        made = decided.decision
        found.rows[place] = {
            "application_id": application.application, "user_id": application.key,
            "verdict": made.verdict.value, "pd": made.pd, "score": made.score, "band": made.band,
            **_offered(made.offer), **_told(made.reasons, task), "decision_id": made.id,
        }  # fmt: skip
    return found


def score_rows(service: Service, task: Task) -> Outcome:
    """Score every row of a chunk, and say what the policy would; nothing is kept.

    Args:
        service: Everything that is wired together.
        task: The chunk.
    """
    found, n = Outcome(), task.applications.num_rows
    singly = np.ones(n, bool)
    if can_type(task.live) and not task.live.program.sources:
        typed = type_chunk(task.live, task.applications, task.as_of)
        singly = typed.doubtful
        places = np.flatnonzero(~singly)
        if len(places):
            every = _chosen(typed.rows, places)
            names = [(typed.names[place], typed.keys[place]) for place in places.tolist()]
            applicants = Applicants(task.live, every, aggregate(task.live.program, every, {}))
            _judge(task, applicants, places.tolist(), names, found)
    read: list[tuple[int, Application]] = []
    for place in np.flatnonzero(singly).tolist():
        raw = _raw(task, place)
        try:
            read.append((place, read_application(task.live, raw, now=task.as_of)))
        except DataError as error:
            found.rows[place] = _refused(raw, error)
    _score_read(service, task, read, found)
    return found


def _score_read(
    service: Service, task: Task, read: Sequence[tuple[int, Application]], found: Outcome
) -> None:
    """Score applications that were read one by one: together, or alone where they do not fit."""
    if not read:
        return
    places = [place for place, _ in read]
    names = [(one.application, one.key) for _, one in read]
    try:
        applicants = _prepared(service, task, [one for _, one in read])
        _judge(task, applicants, places, names, found)
    except DataError as error:
        if len(read) == 1:
            found.rows[places[0]] = {
                "application_id": names[0][0], "user_id": names[0][1], **_error(error)
            }  # fmt: skip
            return
        for one in read:
            _score_read(service, task, [one], found)


def _prepared(service: Service, task: Task, applications: Sequence[Application]) -> Applicants:
    """Return applications with their aggregates, computed together."""
    live, n = task.live, len(applications)
    every = [own_rows(live, one, service.rows, task.until) for one in applications]
    together = {name: joined([each[name] for each in every]) for name in every[0]}
    arrays = all_below(live, together, service.rows, task.until)
    each = [application_columns(live.applications, a.attributes, a.known) for a in applications]
    rows = ApplicationRows(
        as_of=np.array([one.as_of for one in applications], np.int64),
        entity=np.arange(n, dtype=np.int64),
        columns={name: joined_values([one[name] for one in each]) for name in each[0]},
    )  # fmt: skip
    return Applicants(live, rows, aggregate(live.program, rows, arrays))


def _judge(
    task: Task, applicants: Applicants, places: Sequence[int],
    names: Sequence[tuple[str, str]], found: Outcome,
) -> None:  # fmt: skip
    """Write what the policy says of applicants to the rows they stand for."""
    for at, place in enumerate(places):
        judged = applicants.judge(at)
        application, key = names[at]
        row: dict[str, object] = {
            "application_id": application, "user_id": key, "verdict": judged.verdict.value,
            "pd": judged.pd, "score": judged.score, "band": judged.band.name if judged.band else "",
        }  # fmt: skip
        if judged.offer is not None:
            row |= _offered(judged.offer)
        if task.reasons:
            row |= _told(_reasons(task.live, applicants, at, judged), task)
        found.rows[place] = row


def _reasons(
    live: LiveProduct, applicants: Applicants, at: int, judged: Judgement
) -> tuple[Reason, ...]:
    if judged.verdict is Verdict.APPROVE or judged.rules or judged.no_amount:
        return reasons_of(judged, ())
    told = applicants.contributions(at, judged.amount)
    weighed = weigh(live, told, applicants.reference(at))
    return checked_reasons(live, applicants, at, judged, weighed)


def _chosen(rows: ApplicationRows, places: NDArray[np.int64]) -> ApplicationRows:
    if len(places) == len(rows):
        return rows
    return ApplicationRows(
        as_of=rows.as_of[places], entity=np.arange(len(places), dtype=np.int64),
        columns={name: values.take(places) for name, values in rows.columns.items()},
    )  # fmt: skip


def _raw(task: Task, place: int) -> RawApplication:
    raw = raw_application(task.applications, place)
    events = task.events.get(str(raw.user_id), {})
    return RawApplication(
        user_id=raw.user_id, application_id=raw.application_id, application_at=raw.application_at,
        attributes=raw.attributes, events=events,
    ) if events else raw  # fmt: skip


def _named(raw: RawApplication) -> dict[str, object]:
    return {
        "application_id": raw.application_id,
        "user_id": "" if raw.user_id is None else str(raw.user_id),
    }


def _refused(raw: RawApplication, error: DataError) -> dict[str, object]:
    return {**_named(raw), **_error(error)}


def _error(error: DataError) -> dict[str, object]:
    hint = f" ({error.hint})" if error.hint else ""
    return {"error_field": error.field, "error": f"{error.message}{hint}"}


def _offered(offer: Offer | None) -> dict[str, object]:
    if offer is None:
        return {}
    amount, fee = offer.amount, offer.fee
    return {
        "offer": offer.title, "amount": None if amount is None else float(amount.major),
        "fee": None if fee is None else float(fee.major),
        "currency": "" if amount is None else amount.currency,
    }  # fmt: skip


def _told(reasons: Sequence[Reason], task: Task) -> dict[str, object]:
    return {"reasons": BETWEEN.join(one.text for one in reasons)} if task.reasons else {}
