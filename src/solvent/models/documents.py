"""JSON that is the same bytes each time, and reading it back without trusting it."""

from __future__ import annotations

import base64
import json
import math
import re
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from solvent.errors import BundleError

Json = None | bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"]
FloatArray = NDArray[np.float64]
DEEPEST = 64
"""Levels of lists and objects within each other."""
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*"?', re.DOTALL)
_STEPS = np.zeros(256, dtype=np.int8)
_STEPS[list(b"[{")], _STEPS[list(b"]}")] = 1, -1
_CANONICAL = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
)


def to_bytes(document: Json) -> bytes:
    """Return canonical JSON: sorted keys, no spaces, UTF-8, no NaN.

    Raises:
        TypeError, ValueError: It holds something that is not JSON.

    >>> to_bytes({"b": 1, "a": [0.5]})
    b'{"a":[0.5],"b":1}'
    """
    return _CANONICAL.encode(document).encode()


def pack(numbers: FloatArray) -> str:
    """Return numbers as text, exact and a third longer than they are: little-endian, in base64.

    >>> pack(np.array([1.0]))
    'AAAAAAAA8D8='
    """
    return base64.b64encode(numbers.astype("<f8").tobytes()).decode()


class Document:
    """A JSON object whose entries are checked as they are read.

    Args:
        content: The object.
        name: What it is called in errors.
    """

    def __init__(self, content: object, name: str) -> None:
        if not isinstance(content, dict):
            raise _damaged(name, "is not a JSON object")
        self._content = content
        self.name = name

    @classmethod
    def parse(cls, raw: bytes, name: str) -> Document:
        """Read bytes.

        Raises:
            BundleError: They are no JSON object, hold NaN or an infinite number, or are nested
                deeper than anything solvent writes.
        """
        if _depth(raw) > DEEPEST:
            raise _damaged(name, f"is nested deeper than {DEEPEST} levels")

        def refuse(constant: str) -> None:
            raise _damaged(name, f"holds {constant} where a number belongs")

        try:
            return cls(json.loads(raw, parse_constant=refuse, parse_float=_finite(name)), name)
        except (ValueError, RecursionError) as error:
            raise _damaged(name, "is not JSON") from error

    def text(self, key: str) -> str:
        """Return a string."""
        value = self._get(key)
        if not isinstance(value, str):
            raise _damaged(self.name, f"{key} is not text")
        return value

    def number(self, key: str) -> float:
        """Return a number."""
        value = self._get(key)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _damaged(self.name, f"{key} is not a number")
        try:
            return float(value)
        except OverflowError as error:  # a whole number may have any number of digits
            raise _damaged(self.name, f"{key} is beyond any number") from error

    def flag(self, key: str) -> bool:
        """Return true or false."""
        value = self._get(key)
        if not isinstance(value, bool):
            raise _damaged(self.name, f"{key} is not true or false")
        return value

    def numbers(self, key: str) -> FloatArray:
        """Return a vector, float64."""
        try:
            return np.asarray(self._list(key), dtype=np.float64).reshape(-1)
        except (OverflowError, TypeError, ValueError) as error:
            raise _damaged(self.name, f"{key} does not hold numbers") from error

    def packed(self, key: str) -> FloatArray:
        """Return a vector that `pack` made text."""
        try:
            raw = base64.b64decode(self.text(key), validate=True)
            found = np.frombuffer(raw, dtype="<f8").astype(np.float64)
        except ValueError as error:
            raise _damaged(self.name, f"{key} does not hold numbers") from error
        if not np.isfinite(found).all():
            raise _damaged(self.name, f"{key} holds NaN or an infinite number")
        return found

    def texts(self, key: str) -> tuple[str, ...]:
        """Return strings."""
        values = self._list(key)
        if not all(isinstance(value, str) for value in values):
            raise _damaged(self.name, f"{key} does not hold texts")
        return tuple(str(value) for value in values)

    def documents(self, key: str) -> tuple[Document, ...]:
        """Return objects in a list."""
        return tuple(Document(value, self.name) for value in self._list(key))

    def document(self, key: str) -> Document:
        """Return an object."""
        return Document(self._get(key), self.name)

    def entries(self) -> dict[str, Json]:
        """Return a copy of the object itself."""
        return dict(self._content)

    def _list(self, key: str) -> list[object]:
        value = self._get(key)
        if not isinstance(value, list):
            raise _damaged(self.name, f"{key} is not a list")
        return value

    def _get(self, key: str) -> object:
        if key not in self._content:
            raise _damaged(self.name, f"lacks {key}")
        return self._content[key]


def _depth(raw: bytes) -> int:
    """Return how many levels of lists and objects JSON has, without parsing it.

    >>> _depth(b'{"a":["[[[[",[1]]}')
    3
    """
    marks = np.frombuffer(_TEXT.sub(b"", raw), dtype=np.uint8)
    return int(np.cumsum(_STEPS[marks], dtype=np.int64).max(initial=0))


def _finite(name: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        value = float(text)
        if not math.isfinite(value):  # 1e999 is JSON, and no number we could have written
            raise _damaged(name, f"holds {text}, which is beyond any number")
        return value

    return read


def _damaged(name: str, what: str) -> BundleError:
    return BundleError(what, hint="restore the bundle, or train again", field=name)


def require_files(files: Mapping[str, bytes], *names: str) -> tuple[bytes, ...]:
    """Return some of a bundle's files.

    Raises:
        BundleError: One is missing.
    """
    for name in names:
        if name not in files:
            raise BundleError("is missing", hint="restore the bundle", field=name)
    return tuple(files[name] for name in names)
