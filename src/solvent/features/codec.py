"""Declarations as JSON and back: tables, expressions, features, windows.

A frozen dataclass becomes `{"is": "Column", "table": ..., ...}`. Only classes listed here are
read back, so a file can name nothing else.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any

from solvent.errors import BundleError
from solvent.features import (
    aggregates,
    calendars,
    columns,
    combinations,
    database,
    detail,
    expressions,
    tables,
    windows,
)

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_CLASSES: dict[str, type[Any]] = {
    cls.__name__: cls
    for cls in (
        columns.ColumnType, tables.Csv, tables.Excel, tables.Applications, tables.Events,
        tables.Attributes, database.Database, windows.Window, aggregates.Aggregate, aggregates.Own,
        combinations.Ratio, combinations.Difference, combinations.ZScore, detail.Detail,
        expressions.Column,
        expressions.Literal, expressions.Arithmetic, expressions.Comparison, expressions.Logic,
        expressions.Not, expressions.IsMissing, expressions.IsIn, calendars.Calendar,
    )
}  # fmt: skip


def to_json(value: object) -> Json:
    """Return a declaration as JSON values.

    Raises:
        TypeError: If it holds something that is no part of a declaration.
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, tuple | list):
        return [to_json(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if type(value).__name__ in _CLASSES and dataclasses.is_dataclass(value):
        parts = {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {"is": type(value).__name__, **parts}
    raise TypeError(f"{type(value).__name__} is no part of a declaration")


def from_json(value: Json) -> Any:  # noqa: ANN401  # what a file declares is known when it is read
    """Return the declaration that `to_json` wrote.

    Raises:
        BundleError: If the JSON names an unknown class or lacks a field.
    """
    if isinstance(value, list):
        return tuple(from_json(item) for item in value)
    if not isinstance(value, dict):
        return value
    if isinstance(value.get("is", {}), dict):  # a mapping; one of its keys may be "is"
        return {key: from_json(item) for key, item in value.items()}
    name = value["is"]
    cls = _CLASSES.get(name) if isinstance(name, str) else None
    if cls is None:
        raise BundleError(f"the declaration names an unknown part {name!r}", hint="train again")
    parts = {key: from_json(item) for key, item in value.items() if key != "is"}
    try:
        if cls is columns.ColumnType:
            parts["kind"] = columns.Kind(parts["kind"])
        if cls is aggregates.Aggregate:
            parts["op"] = aggregates.Op(parts["op"])
        return cls(**parts)
    except (KeyError, TypeError, ValueError) as error:
        raise BundleError(
            f"the declaration of a {name} does not fit this version", hint="train again"
        ) from error
