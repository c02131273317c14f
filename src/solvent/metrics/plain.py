"""Reading figures back from plain JSON values."""

from __future__ import annotations

from collections.abc import Mapping

from solvent.errors import MetricError


def read_number(values: Mapping[str, object], key: str) -> float:
    """The number under `key`.

    Raises:
        MetricError: missing, or not a number.

    >>> read_number({"auc": 1}, "auc")
    1.0
    """
    value = _read(values, key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise MetricError(f"must be a number, found {type(value).__name__}", field=key)
    return float(value)


def read_whole(values: Mapping[str, object], key: str) -> int:
    """The whole number under `key`.

    Raises:
        MetricError: missing, or not a whole number.

    >>> read_whole({"n": 3}, "n")
    3
    """
    value = _read(values, key)
    if isinstance(value, bool) or not isinstance(value, int):
        raise MetricError(f"must be a whole number, found {type(value).__name__}", field=key)
    return value


def read_number_or_none(values: Mapping[str, object], key: str) -> float | None:
    """The number under `key`, which may be None but not missing.

    Raises:
        MetricError: missing, or neither a number nor None.

    >>> read_number_or_none({"slope": None}, "slope")
    """
    return None if _read(values, key) is None else read_number(values, key)


def read_text(values: Mapping[str, object], key: str) -> str:
    """The text under `key`.

    Raises:
        MetricError: missing, or not text.

    >>> read_text({"note": "one class"}, "note")
    'one class'
    """
    value = _read(values, key)
    if not isinstance(value, str):
        raise MetricError(f"must be text, found {type(value).__name__}", field=key)
    return value


def read_table(values: Mapping[str, object], key: str) -> Mapping[str, object]:
    """The nested values under `key`.

    Raises:
        MetricError: missing, or not a mapping.

    >>> read_table({"auc": {"low": 0.5}}, "auc")
    {'low': 0.5}
    """
    value = _read(values, key)
    if not isinstance(value, Mapping):
        raise MetricError(f"must be a table, found {type(value).__name__}", field=key)
    return value


def _read(values: Mapping[str, object], key: str) -> object:
    if key not in values:
        raise MetricError("is missing", hint="was it written by another version?", field=key)
    return values[key]
