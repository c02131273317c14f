"""Read an answer's JSON into the frozen dataclass it stands for.

The dataclass is the schema: its annotations say what is read. A field the class does not know is
left out, so a newer server may say more; a field that is missing or of another type is refused,
so nothing half-read reaches a page.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from solvent.errors import UnreadableAnswerError

T = TypeVar("T")

# What a value may be besides a dataclass: the types JSON has.
Scalar = str | float | int | bool | None
JSON_NAME = "json"


def read(kind: type[T], value: object) -> T:
    """Read one decoded JSON value as a dataclass.

    Args:
        kind: The dataclass; a field whose JSON name differs says so in `metadata={"json": name}`.
        value: What the JSON decoder returned.

    Raises:
        UnreadableAnswerError: A field is missing, or of another type.

    >>> from solvent.client.access import Me
    >>> read(Me, {"role": "admin", "name": "Ana", "since": "a field of a newer server"})
    Me(role='admin', name='Ana')
    >>> read(Me, {"role": "admin"})
    Traceback (most recent call last):
    solvent.errors.UnreadableAnswerError: Me.name: the server's answer lacks it
      hint: server and client must be of the same version of solvent
    """
    found: T = _read(kind, value, kind.__name__)
    return found


def _read(kind: Any, value: object, where: str) -> Any:  # noqa: ANN401  any annotation can stand here
    origin = get_origin(kind)
    if origin is Union or isinstance(kind, types.UnionType):
        return _read_union(get_args(kind), value, where)
    if origin is tuple:
        return tuple(_read_tuple(get_args(kind), value, where))
    if is_dataclass(kind) and isinstance(kind, type):
        return _read_fields(kind, value, where)
    if isinstance(kind, type) and issubclass(kind, Enum):
        try:
            return kind(value)
        except ValueError:
            raise _unreadable(where, "has a word this client does not know") from None
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if kind is type(None):
        kind = types.NoneType
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise _unreadable(where, f"is {_word(value)} where {kind.__name__} was expected")
    return value


def _read_union(kinds: tuple[Any, ...], value: object, where: str) -> Any:  # noqa: ANN401
    if value is None and types.NoneType in kinds:
        return None
    concrete = [kind for kind in kinds if kind is not types.NoneType]
    if len(concrete) == 1:
        return _read(concrete[0], value, where)
    for kind in concrete:
        try:
            return _read(kind, value, where)
        except UnreadableAnswerError:
            continue
    raise _unreadable(where, f"is {_word(value)}, which was not expected")


def _read_tuple(kinds: tuple[Any, ...], value: object, where: str) -> Iterator[Any]:
    if not isinstance(value, list):
        raise _unreadable(where, f"is {_word(value)} where a list was expected")
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise _unreadable(where, f"has {len(value)} entries where {len(kinds)} were expected")
    for number, (kind, each) in enumerate(zip(kinds, value, strict=True)):
        yield _read(kind, each, f"{where}[{number}]")


def _read_fields(kind: type, value: object, where: str) -> object:
    if not isinstance(value, Mapping):
        raise _unreadable(where, f"is {_word(value)} where an object was expected")
    given: dict[str, object] = {}
    for name, json_name, annotation, required in _schema(kind):
        if json_name in value:
            given[name] = _read(annotation, value[json_name], f"{where}.{json_name}")
        elif required:
            raise _unreadable(f"{where}.{json_name}", "the server's answer lacks it")
    return kind(**given)


@cache
def _schema(kind: type) -> tuple[tuple[str, str, Any, bool], ...]:
    """Return (field, name in JSON, annotation, must be there) of each field."""
    hints = get_type_hints(kind)
    return tuple(
        (each.name, each.metadata.get(JSON_NAME, each.name), hints[each.name], _is_required(each))
        for each in fields(kind)
    )


def _is_required(each: Field[Any]) -> bool:
    return each.default is MISSING and each.default_factory is MISSING


def _word(value: object) -> str:
    return "null" if value is None else type(value).__name__


def _unreadable(where: str, message: str) -> UnreadableAnswerError:
    return UnreadableAnswerError(
        message, hint="server and client must be of the same version of solvent", field=where
    )
