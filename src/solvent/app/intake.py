"""What comes in through the door: raw JSON values become typed applications and rows."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from solvent.app.decide import Application, InlineRow
from solvent.app.live_product import LiveProduct
from solvent.errors import DataError
from solvent.features import Events, instant
from solvent.features.cells import LONGEST_NAME, read_name, read_time
from solvent.features.live import Cell, TypedRow, refuse_strangers, type_columns, type_row

MOST_INLINE = 10_000
"""Rows that may be sent along with one application."""
Raw = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawApplication:
    """An application as it was sent.

    Args:
        user_id: The entity; None lets the server make a name.
        application_id: The lender's name of the application; may be empty.
        application_at: ISO instant with a zone; None: now.
        attributes: Application columns.
        events: Source -> rows.
    """

    user_id: object = None
    application_id: str = ""
    application_at: str | None = None
    attributes: Raw = field(default_factory=dict)
    events: Mapping[str, Sequence[Raw]] = field(default_factory=dict)


def read_application(live: LiveProduct, raw: RawApplication, *, now: int) -> Application:
    """Type an application.

    Args:
        live: The product.
        raw: What was sent.
        now: The server's clock, UTC microseconds.

    Raises:
        DataError: A value is unreadable, a column is not declared or protected, or the instant
            lies ahead. The message never holds a value.
    """
    if len(raw.application_id) > LONGEST_NAME:
        raise DataError(
            "is too long", hint=f"at most {LONGEST_NAME} characters", field="application_id"
        )
    if "\0" in raw.application_id:
        raise DataError("holds a NUL character", hint="send text", field="application_id")
    key = uuid.uuid4().hex if raw.user_id is None else read_name(raw.user_id, "user_id")
    table = live.applications
    protected = protected_columns(live)
    for name in protected & set(raw.attributes):
        raise DataError(
            "is protected and must not be sent", hint="leave it out", field=f"attributes.{name}"
        )
    try:
        refuse_strangers(table, raw.attributes, set(table.columns) - protected)
        attributes, known = type_columns(table, raw.attributes)
    except DataError as error:
        raise _placed(error, table.name, "attributes") from None
    _require_possible(live, attributes)
    return Application(
        key=key, as_of=read_instant(live, raw.application_at, now), application=raw.application_id,
        attributes=attributes, known=known, inline=_inline(live, raw.events, key),
    )  # fmt: skip


def protected_columns(live: LiveProduct) -> set[str]:
    """Return the columns that must not be sent."""
    return {str(name) for name in live.registered.about["plan"]["protected"]}


def _placed(error: DataError, table: str, place: str) -> DataError:
    """Return an error about a table as one about the part of the request that holds its row."""
    column = error.field.removeprefix(table)
    return DataError(error.message, hint=error.hint, field=f"{place}{column}")


def _require_possible(live: LiveProduct, attributes: Mapping[str, Cell]) -> None:
    """Refuse what the product's form would not let anybody answer, by whatever door it comes."""
    for question in live.facts["form"]:
        name = question["column"]
        value = attributes.get(name)
        if value is None or isinstance(value, str):
            continue
        number = value / 10 ** live.applications.columns[name].scale
        low, high = question["at_least"], question["at_most"]
        if (low is not None and number < low) or (high is not None and number > high):
            limits = [f"at least {low:g}"] if low is not None else []
            limits += [f"at most {high:g}"] if high is not None else []
            raise DataError(
                "is outside what can be answered", hint=" and ".join(limits),
                field=f"attributes.{name}",
            )  # fmt: skip
    amount = live.amount_column
    asked = None if amount is None else attributes.get(amount)
    if isinstance(asked, int | float) and asked <= 0:
        raise DataError(
            "must be above 0",
            hint="leave it out where nothing was asked",
            field=f"attributes.{amount}",
        )


def read_instant(live: LiveProduct, text: str | None, now: int) -> int:
    """Return the instant an application is looked at, UTC microseconds; 0 where there are none.

    Raises:
        DataError: It is no instant, lies ahead of `now`, or the product has none.
    """
    if not live.has_times:
        if text is not None:
            raise DataError(
                "this product's applications have no times", hint="leave it out",
                field="application_at",
            )  # fmt: skip
        return 0
    if text is None:
        return now
    moment = read_time(text, instant(), zone=None, field="application_at")
    if moment is None:
        raise DataError("is empty", hint="leave it out for now", field="application_at")
    if moment.time > now:
        raise DataError(
            "lies ahead of the server's clock", hint="an application cannot be of the future",
            field="application_at",
        )  # fmt: skip
    return moment.time


def _inline(
    live: LiveProduct, events: Mapping[str, Sequence[Raw]], key: str
) -> tuple[InlineRow, ...]:
    total = sum(map(len, events.values()))
    if total > MOST_INLINE:
        raise DataError(
            f"holds {total:,} rows", hint=f"send at most {MOST_INLINE:,} along; load others first",
            field="events",
        )  # fmt: skip
    found = []
    for name, rows in events.items():
        if name in live.facts.get("unread", ()):
            continue  # selection left no feature that reads it: clients may go on sending it
        if name not in live.sources:
            raise DataError(
                "holds rows of a source the product does not have",
                hint=f"sources: {', '.join(live.sources) or 'none'}", field="events",
            )  # fmt: skip
        table = live.sources[name]
        if isinstance(table, Events) and table.parent:
            raise DataError(
                f"holds rows below {table.parent}, which cannot come along with an application",
                hint="send them by POST /events first: their keys are ids of that source",
                field=f"events.{name}",
            )  # fmt: skip
        for place, row in enumerate(rows):
            where = f"events.{name}.{place}"
            typed = read_row(live, name, row, where, key)
            if typed.key != key:
                raise DataError(
                    "belongs to somebody else than the application",
                    hint="leave the key out of rows sent along", field=where,
                )  # fmt: skip
            found.append(InlineRow(source=name, row=typed))
    return tuple(found)


def read_row(
    live: LiveProduct, source: str, row: Raw, where: str, key: str | None = None
) -> TypedRow:
    """Type one row of a source.

    Args:
        live: The product.
        source: Name of the source.
        row: What was sent.
        where: Its place in the request, told in errors: "rows.3".
        key: Stands in where the row names no entity.

    Raises:
        DataError: It is unreadable; the message names row and column, never a value.
    """
    table = live.source(source)
    whole = row if key is None or table.key in row else {**row, table.key: key}
    try:
        typed = type_row(table, whole)
    except DataError as error:
        raise _placed(error, table.name, where) from None
    event_id = table.id if isinstance(table, Events) else None
    if source in live.facts["whole_ids"] and not _is_whole(typed.event_id):
        raise DataError(
            "must be a whole number, as in the files the model learnt from",
            hint="send ids as the files write them", field=f"{where}.{event_id}",
        )  # fmt: skip
    return typed


def _is_whole(event_id: str | None) -> bool:
    return event_id is not None and event_id.removeprefix("-").isdecimal() and len(event_id) < 19
