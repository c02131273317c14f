"""Growing LightGBM boosters round by round through the C library, on one thread."""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Mapping, Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from solvent.errors import TrainingError
from solvent.models._lightgbm import (
    ALL_ITERATIONS,
    BY_GAIN,
    FLOAT64,
    ROW_MAJOR,
    FloatArray,
    Handle,
    call,
    free,
    pointer,
)

BoolArray = NDArray[np.bool_]
Settings = Mapping[str, str | int | float | bool]
FLOAT32: Final = 0
VALID: Final = 1


class Rows:
    """A binned matrix with its labels.

    Args:
        matrix: float64, shape (n, k).
        bad: Labels, shape (n,).
        settings: LightGBM's settings.
        reference: Rows whose bins these rows are given.
    """

    def __init__(
        self, matrix: FloatArray, bad: BoolArray, settings: Settings, reference: Rows | None = None
    ) -> None:
        self.handle = Handle()
        values = np.ascontiguousarray(matrix, dtype=np.float64)
        labels = bad.astype(np.float32)
        call(
            "DatasetCreateFromMat", pointer(values), ctypes.c_int(FLOAT64),
            ctypes.c_int32(values.shape[0]), ctypes.c_int32(values.shape[1]),
            ctypes.c_int(ROW_MAJOR), settings_text(settings),
            reference.handle if reference else None, ctypes.byref(self.handle),
            error=TrainingError,
        )  # fmt: skip
        self._free = weakref.finalize(self, free, "DatasetFree", self.handle.value)
        call(
            "DatasetSetField", self.handle, ctypes.c_char_p(b"label"), pointer(labels),
            ctypes.c_int(len(labels)), ctypes.c_int(FLOAT32), error=TrainingError,
        )  # fmt: skip


class Binned(Protocol):
    """Rows the library has binned."""

    handle: Handle


class Grower:
    """A booster that grows.

    Args:
        train: What it learns from.
        valid: What its log loss is watched on, if anything.
        settings: LightGBM's settings.
    """

    def __init__(self, train: Binned, settings: Settings, valid: Binned | None = None) -> None:
        self._rows = (train, valid)  # the library keeps pointers into both
        self.handle = Handle()
        call(
            "BoosterCreate", train.handle, settings_text(settings), ctypes.byref(self.handle),
            error=TrainingError,
        )  # fmt: skip
        self._free = weakref.finalize(self, free, "BoosterFree", self.handle.value)
        if valid is not None:
            call("BoosterAddValidData", self.handle, valid.handle, error=TrainingError)

    def grow(self) -> bool:
        """Add a tree; False where no split was worth it."""
        finished = ctypes.c_int(0)
        call(
            "BoosterUpdateOneIter", self.handle, ctypes.byref(finished), error=TrainingError
        )  # fmt: skip
        return not finished.value

    def log_loss(self) -> float:
        """Log loss of the watched rows now, in nats."""
        count, loss = ctypes.c_int(0), ctypes.c_double(0.0)
        call(
            "BoosterGetEval", self.handle, ctypes.c_int(VALID), ctypes.byref(count),
            ctypes.byref(loss), error=TrainingError,
        )  # fmt: skip
        return loss.value

    def text(self, rounds: int = ALL_ITERATIONS) -> str:
        """Return LightGBM's native text of the first `rounds` trees."""
        size, needed = 1 << 20, ctypes.c_int64(0)
        while True:
            buffer = ctypes.create_string_buffer(size)
            call(
                "BoosterSaveModelToString", self.handle, ctypes.c_int(0), ctypes.c_int(rounds),
                ctypes.c_int(BY_GAIN), ctypes.c_int64(size), ctypes.byref(needed), buffer,
                error=TrainingError,
            )  # fmt: skip
            if needed.value <= size:
                return buffer.value.decode()
            size = needed.value

    def gain(self, width: int, rounds: int = ALL_ITERATIONS) -> FloatArray:
        """Return the training gain of each column, shape (width,)."""
        out = np.zeros(width, dtype=np.float64)
        call(
            "BoosterFeatureImportance", self.handle, ctypes.c_int(rounds), ctypes.c_int(BY_GAIN),
            pointer(out), error=TrainingError,
        )  # fmt: skip
        return out


def settings_text(settings: Settings) -> ctypes.c_char_p:
    """Return settings as the library reads them."""
    return ctypes.c_char_p(
        " ".join(f"{key}={_word(value)}" for key, value in settings.items()).encode()
    )


def _word(value: str | float | bool | Sequence[int]) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
