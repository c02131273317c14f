"""LightGBM through its C library, without importing the `lightgbm` package.

The package takes seconds to import (it pulls in pandas, SciPy and scikit-learn where they are
installed) and its `predict` costs hundreds of microseconds a row; the library itself costs a few.
Everything runs on one thread: answers are then the same bits everywhere and servers do not fight.
"""

from __future__ import annotations

import ctypes
import sys
import threading
import weakref
from functools import cache, cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from solvent.errors import BundleError, DataError, SolventError, TechniqueError

if TYPE_CHECKING:
    from solvent.models._tree_program import Explainer

FloatArray = NDArray[np.float64]
Handle = ctypes.c_void_p

FLOAT64: Final = 1
RAW_SCORE: Final = 1
ROW_MAJOR: Final = 1
ALL_ITERATIONS: Final = -1
BY_GAIN: Final = 1
ONE_THREAD: Final = b"num_threads=1 verbosity=-1"
_FILES: Final = {"darwin": "lib_lightgbm.dylib", "win32": "lib_lightgbm.dll"}


@cache
def library() -> ctypes.CDLL:
    """Return LightGBM's shared library, loaded once per process.

    Raises:
        TechniqueError: LightGBM is not installed, or its library is not where it belongs.
    """
    spec = find_spec("lightgbm")
    folders = [Path(place) for place in (spec.submodule_search_locations or ())] if spec else []
    name = _FILES.get(sys.platform, "lib_lightgbm.so")
    found = [
        path for root in folders for path in (root / "lib" / name, root / "bin" / name)
        if path.is_file()
    ]  # fmt: skip
    if not found:
        raise TechniqueError(
            "LightGBM's library is not installed",
            hint="install the `lightgbm` package, version 4",
            field="boosted_trees",
        )
    loaded = ctypes.CDLL(str(found[0]))
    loaded.LGBM_GetLastError.restype = ctypes.c_char_p
    return loaded


def call(name: str, *arguments: object, error: type[SolventError] = DataError) -> None:
    """Call a C function.

    Args:
        name: Its name without `LGBM_`.
        arguments: ctypes values.
        error: What to raise if the library refuses.

    Raises:
        SolventError: `error`, with the library's own words.
    """
    if getattr(library(), f"LGBM_{name}")(*arguments) != 0:
        words = library().LGBM_GetLastError().decode("utf-8", "replace")
        raise error(f"LightGBM refused: {words}", field=name)


def pointer(array: NDArray[np.generic]) -> ctypes.c_void_p:
    """Return the address of a C-contiguous array, which must outlive the call."""
    return ctypes.c_void_p(array.ctypes.data)


def free(name: str, address: int | None) -> None:
    """Give a handle back to the library, by the C function `name` without `LGBM_`."""
    getattr(library(), f"LGBM_{name}")(Handle(address))


class Trees:
    """A booster that predicts: loaded from native text, freed when nobody holds it.

    Args:
        handle: A booster of the library, owned from now on.
        text: What it was read from.
    """

    def __init__(self, handle: Handle, text: str) -> None:
        self._handle = handle
        self._text = text
        self._free = weakref.finalize(self, free, "BoosterFree", handle.value)
        width = ctypes.c_int(0)
        call("BoosterGetNumFeature", handle, ctypes.byref(width))
        self.width: Final = width.value
        self._one_row = _OneRow(handle, self.width)

    @classmethod
    def from_text(cls, text: str) -> Trees:
        """Read LightGBM's native text.

        Raises:
            BundleError: The text is no model.
        """
        handle, iterations = Handle(), ctypes.c_int(0)
        call(
            "BoosterLoadModelFromString", ctypes.c_char_p(text.encode()), ctypes.byref(iterations),
            ctypes.byref(handle), error=BundleError,
        )  # fmt: skip
        return cls(handle, text)

    def margin(self, matrix: FloatArray) -> FloatArray:
        """Return log-odds of bad, shape (n,), of a matrix of shape (n, width).

        Raises:
            DataError: The matrix has another width.
        """
        rows = self._checked(matrix)
        if len(rows) == 1:
            return self._one_row.margin(rows)
        return self._predict(rows)

    def contributions(self, matrix: FloatArray) -> FloatArray:
        """Return exact Shapley values and, last, the baseline; shape (n, width + 1), log-odds.

        A row has the same bits alone and among others.

        Raises:
            DataError: The matrix has another width.
            BundleError: The trees are not of the kind that can be explained.
        """
        return self._explainer.explain(self._checked(matrix))

    @cached_property
    def _explainer(self) -> Explainer:
        from solvent.models._tree_program import Explainer  # numba takes a while to import

        return Explainer(self._text, self.width)

    def _checked(self, matrix: FloatArray) -> FloatArray:
        if matrix.ndim != 2 or matrix.shape[1] != self.width:
            raise DataError(f"the model reads {self.width} columns, found shape {matrix.shape}")
        return np.ascontiguousarray(matrix, dtype=np.float64)

    def _predict(self, matrix: FloatArray) -> FloatArray:
        out = np.empty(len(matrix), dtype=np.float64)
        if not len(matrix):
            return out
        written = ctypes.c_int64(0)
        call(
            "BoosterPredictForMat", self._handle, pointer(matrix), ctypes.c_int(FLOAT64),
            ctypes.c_int32(len(matrix)), ctypes.c_int32(self.width), ctypes.c_int(ROW_MAJOR),
            ctypes.c_int(RAW_SCORE), ctypes.c_int(0), ctypes.c_int(ALL_ITERATIONS),
            ctypes.c_char_p(ONE_THREAD), ctypes.byref(written), pointer(out),
        )  # fmt: skip
        return out


class _OneRow:
    """The library's prepared path for a single row: a few microseconds."""

    def __init__(self, booster: Handle, width: int) -> None:
        self._lock = threading.Lock()
        self._config = Handle()
        call(
            "BoosterPredictForMatSingleRowFastInit", booster, ctypes.c_int(RAW_SCORE),
            ctypes.c_int(0), ctypes.c_int(ALL_ITERATIONS), ctypes.c_int(FLOAT64),
            ctypes.c_int32(width), ctypes.c_char_p(ONE_THREAD), ctypes.byref(self._config),
        )  # fmt: skip
        self._free = weakref.finalize(self, free, "FastConfigFree", self._config.value)

    def margin(self, row: FloatArray) -> FloatArray:
        out, written = np.empty(1, dtype=np.float64), ctypes.c_int64(0)
        with self._lock:
            call(
                "BoosterPredictForMatSingleRowFast", self._config, pointer(row),
                ctypes.byref(written), pointer(out),
            )  # fmt: skip
        return out
