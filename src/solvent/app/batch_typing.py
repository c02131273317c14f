"""Applications of a chunk, typed column by column to the bits that one alone is typed to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from solvent.app.batch_file import AT, KEY, NAME
from solvent.app.intake import RawApplication, read_instant
from solvent.app.live_product import LiveProduct
from solvent.errors import SolventError
from solvent.features import NULL, ApplicationRows, Kind, Values
from solvent.features.cells import LONGEST_NAME, read_cell, read_name
from solvent.features.columns import ColumnType
from solvent.features.live import late_names

BoolArray = NDArray[np.bool_]
_DECIMAL = r"^-?[0-9]{1,15}(\.[0-9]{1,15})?$"
_WHOLE = r"^-?[0-9]{1,15}$"
_CENTS = r"^[0-9]{1,13}\.[0-9]{2}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """Applications of a chunk.

    Args:
        rows: As the evaluator reads them, n of them.
        keys: Their entities.
        names: The lender's names of them; may be empty.
        doubtful: Those to be read one by one, as something of them may not fit, shape (n,).
    """

    rows: ApplicationRows
    keys: list[str]
    names: list[str]
    doubtful: BoolArray


def can_type(live: LiveProduct) -> bool:
    """Return True where a product's applications can be typed by columns."""
    return not late_names(live.applications.columns)


def type_chunk(live: LiveProduct, chunk: pa.RecordBatch, now: int) -> Typed:
    """Type the applications of a chunk.

    Args:
        live: The product.
        chunk: As they were sent.
        now: Instant of those that name none, UTC microseconds.
    """
    n = chunk.num_rows
    doubtful = np.zeros(n, bool)
    columns = {}
    for name, declared in live.applications.columns.items():
        if name in chunk.schema.names:
            columns[name] = _typed(chunk.column(name), declared, live.applications.zone, doubtful)
        else:
            columns[name] = _absent(declared, n)
    _doubt_impossible(live, columns, doubtful)
    names = _texts(chunk, NAME)
    for place, told in enumerate(names):
        if told and (len(told) > LONGEST_NAME or "\0" in told):
            doubtful[place] = True
    return Typed(
        rows=ApplicationRows(
            as_of=_instants(live, chunk, now, doubtful), entity=np.arange(n), columns=columns
        ),
        keys=_keys(chunk, doubtful), names=[name or "" for name in names], doubtful=doubtful,
    )  # fmt: skip


def raw_application(chunk: pa.RecordBatch, place: int) -> RawApplication:
    """Return one application of a chunk as the API would have got it; empty cells are left out."""
    told = {name: _cell(chunk.column(name)[place].as_py()) for name in chunk.schema.names}
    attributes = {
        name: value
        for name, value in told.items()
        if value is not None and name not in {KEY, NAME, AT}
    }
    name, at = told.get(NAME), told.get(AT)
    return RawApplication(
        user_id=told.get(KEY), application_id="" if name is None else str(name),
        application_at=None if at is None else str(at), attributes=attributes,
    )  # fmt: skip


def _cell(value: Any) -> Any:  # noqa: ANN401 - whatever a file holds
    """Return a cell as JSON has it; a NaN of a file and an empty text are missing values."""
    return None if value == "" or value != value else value  # noqa: PLR0124 - NaN is none


def _absent(declared: ColumnType, n: int) -> Values:
    if declared.kind is Kind.NUMBER:
        return Values(array=np.full(n, np.nan))
    return Values(array=np.full(n, NULL, np.int64))


def _typed(
    column: pa.Array[Any], declared: ColumnType, zone: str | None, doubtful: BoolArray
) -> Values:
    """Return a column typed: plain numbers at once, all else by its distinct cells."""
    if declared.kind is Kind.CATEGORY:
        return _labels(column, declared, zone, doubtful)
    number = declared.kind is Kind.NUMBER
    out = _absent(declared, len(column)).array.copy()
    plain = _plain(column, declared, out)
    rest = np.flatnonzero(~plain)
    if not len(rest):
        return Values(array=out)
    encoded = column.take(rest).dictionary_encode()
    found, codes = _each(encoded, declared, zone)
    missing = np.nan if number else NULL
    table = np.array([missing if one is None or one is _UNREADABLE else one for one in found]
                     + [missing], np.float64 if number else np.int64)  # fmt: skip
    wrong = np.array([one is _UNREADABLE for one in found] + [False])
    out[rest] = table[codes]
    doubtful[rest] |= wrong[codes]
    return Values(array=out)


_UNREADABLE: Any = object()


def _each(
    encoded: pa.DictionaryArray[Any, Any], declared: ColumnType, zone: str | None
) -> tuple[list[Any], Any]:
    """Return each distinct cell typed, and which of them each row has; the last for none."""
    found: list[Any] = []
    for value in encoded.dictionary.to_pylist():
        try:
            found.append(read_cell(_cell(value), declared, zone=zone, field=""))
        except (SolventError, OverflowError):
            found.append(_UNREADABLE)
    codes = encoded.indices.fill_null(len(found)).to_numpy(zero_copy_only=False)
    return found, codes.astype(np.int64)


def _labels(
    column: pa.Array[Any], declared: ColumnType, zone: str | None, doubtful: BoolArray
) -> Values:
    found, codes = _each(column.dictionary_encode(), declared, zone)
    places: dict[str, int] = {}
    own = [
        NULL if one is None or one is _UNREADABLE else places.setdefault(str(one), len(places))
        for one in found
    ]
    doubtful |= np.array([one is _UNREADABLE for one in found] + [False])[codes]
    return Values(array=np.array([*own, NULL], np.int64)[codes], levels=tuple(places))


def _plain(column: pa.Array[Any], declared: ColumnType, out: NDArray[Any]) -> BoolArray:
    """Write the cells that are plain numbers to `out`; return which they were."""
    n, kind = len(column), declared.kind
    none = np.zeros(n, bool)
    if pa.types.is_string(column.type):
        pattern = {Kind.NUMBER: _DECIMAL, Kind.INTEGER: _WHOLE}.get(kind)
        if kind is Kind.MONEY and declared.scale == 2:
            pattern = _CENTS
        if pattern is None:
            return none
        fits: Any = pc.match_substring_regex(cast(pa.StringArray, column), pattern).fill_null(False)
        if declared.missing:
            listed = pa.array(sorted(declared.missing), pa.string())
            fits = pc.and_(fits, pc.invert(pc.is_in(column, value_set=listed)))
        chosen: Any = column.filter(fits)
        if kind is Kind.MONEY:
            chosen = pc.replace_substring(chosen, ".", "")
        wanted = pa.float64() if kind is Kind.NUMBER else pa.int64()
        where: BoolArray = fits.to_numpy(zero_copy_only=False).astype(bool)
        out[where] = chosen.cast(wanted).to_numpy(zero_copy_only=False)
        return where
    floating, whole = pa.types.is_floating(column.type), pa.types.is_signed_integer(column.type)
    if declared.missing or not (
        (kind is Kind.NUMBER and (floating or whole)) or (kind is Kind.INTEGER and whole)
    ):
        return none
    where = ~column.is_null().to_numpy(zero_copy_only=False).astype(bool)
    if floating:
        values = column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        where &= np.isfinite(values)
        out[where] = values[where]
    else:
        out[where] = column.fill_null(0).cast(pa.int64()).to_numpy(zero_copy_only=False)[where]
    return where


def _doubt_impossible(live: LiveProduct, columns: dict[str, Values], doubtful: BoolArray) -> None:
    """Doubt what may be outside what the form lets anybody answer; who reads it singly will say."""
    for question in live.facts["form"]:
        values = columns.get(question["column"])
        low, high = question["at_least"], question["at_most"]
        if values is None or values.levels or (low is None and high is None):
            continue
        known = ~np.isnan(values.array) if values.array.dtype.kind == "f" else values.array != NULL
        number = values.array / 10 ** live.applications.columns[question["column"]].scale
        if low is not None:
            doubtful |= known & (number < low)
        if high is not None:
            doubtful |= known & (number > high)
    if live.amount_column is not None:
        asked = columns[live.amount_column].array
        known = ~np.isnan(asked) if asked.dtype.kind == "f" else asked != NULL
        doubtful |= known & (asked <= 0)


def _texts(chunk: pa.RecordBatch, name: str) -> list[str | None]:
    if name not in chunk.schema.names:
        return [None] * chunk.num_rows
    return [
        None if value is None or value == "" else str(value)
        for value in chunk.column(name).to_pylist()
    ]


def _keys(chunk: pa.RecordBatch, doubtful: BoolArray) -> list[str]:
    if KEY not in chunk.schema.names:
        doubtful[:] = True  # the server makes names for them
        return [""] * chunk.num_rows
    keys = []
    for place, value in enumerate(chunk.column(KEY).to_pylist()):
        try:
            keys.append(read_name(value, KEY) if value not in {None, ""} else "")
        except SolventError:
            keys.append("")
        if not keys[-1]:
            doubtful[place] = True
    return keys


def _instants(
    live: LiveProduct, chunk: pa.RecordBatch, now: int, doubtful: BoolArray
) -> NDArray[np.int64]:
    found: dict[str | None, int | None] = {}
    out = np.zeros(chunk.num_rows, np.int64)
    for place, text in enumerate(_texts(chunk, AT)):
        if text not in found:
            try:
                found[text] = read_instant(live, text, now)
            except SolventError:
                found[text] = None
        moment = found[text]
        if moment is None:
            doubtful[place] = True
        else:
            out[place] = moment
    return out
