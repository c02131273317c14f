"""A population kept with a model: applications it can be compared with, without anybody's name.

It lies in the bundle beside the model and under the same digests. Nothing in it names a person:
neither ids nor keys nor protected columns.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from solvent.errors import BundleError, DataError
from solvent.features import CategoryColumn, FeatureFrame, NumberColumn
from solvent.models.documents import Document, Json, to_bytes

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
T = TypeVar("T", bound=np.generic)

_COLUMNS = "columns.json"
_ARRAY = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '(.{3})', 'fortran_order': False, "
    rb"'shape': \(([0-9, ]*)\), \} *\n",
    re.DOTALL,
)
"""How NumPy writes the arrays kept here, and nothing else it could be made to read."""
MOST_UNPACKED = 1 << 30
"""Bytes of all arrays together."""
_PLAIN = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_DAMAGED = (
    *(ArithmeticError, DataError, EOFError, KeyError, OSError, RuntimeError, ValueError),
    *(zipfile.BadZipFile, zlib.error),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Population:
    """Applications whose outcome is known, with what a model says of them.

    Args:
        frame: Their features and application values, n rows.
        pd: PD by a model that had not seen them, shape (n,).
        bad: What became of them, shape (n,).
        as_of: When they were decided, int64 UTC microseconds, shape (n,); zeros without times.
        explained: Positions of the rows whose contributions are kept, increasing, shape (m,).
        contributions: Contributions of those rows to the calibrated log-odds, and last the
            baseline, shape (m, k + 1).
    """

    frame: FeatureFrame
    pd: FloatArray
    bad: BoolArray
    as_of: IntArray
    explained: IntArray
    contributions: FloatArray

    def __len__(self) -> int:
        return len(self.pd)

    def to_bytes(self) -> bytes:
        """Return itself as a zip of plain arrays: the same bytes for the same values."""
        arrays: dict[str, NDArray[np.generic]] = {
            "pd": self.pd, "bad": self.bad, "as_of": self.as_of, "explained": self.explained,
            "contributions": self.contributions,
        }  # fmt: skip
        columns: list[Json] = []
        for place, column in enumerate(self.frame):
            if isinstance(column, NumberColumn):
                columns.append({"name": column.name})
                arrays[f"v{place}"] = column.values
            else:
                columns.append({"name": column.name, "levels": list(column.levels)})
                arrays[f"v{place}"] = column.codes
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            archive.writestr(zipfile.ZipInfo(_COLUMNS), to_bytes({"columns": columns}))
            for name, array in arrays.items():
                held = io.BytesIO()
                np.lib.format.write_array(held, np.ascontiguousarray(array), allow_pickle=False)
                info = zipfile.ZipInfo(f"{name}.npy")  # dated 1980, so that bytes do not change
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, held.getvalue())
        return out.getvalue()

    @classmethod
    def from_bytes(cls, raw: bytes, name: str) -> Population:
        """Read it back.

        Args:
            raw: From `to_bytes`; its digest has been checked.
            name: What it is called in errors.

        Raises:
            BundleError: It is damaged.
        """
        try:
            with zipfile.ZipFile(io.BytesIO(raw)) as archive:
                members = archive.infolist()
                if not {one.compress_type for one in members} <= _PLAIN:
                    raise ValueError(name)
                # what is read ends where it says it does, so a small file cannot fill the memory
                if sum(one.file_size for one in members) > MOST_UNPACKED:
                    raise ValueError(name)
                document = Document.parse(archive.read(_COLUMNS), name)
                frame = _frame(archive, document)
                found = cls(
                    frame=frame, pd=_array(archive, "pd", np.float64),
                    bad=_array(archive, "bad", np.bool_),
                    as_of=_array(archive, "as_of", np.int64),
                    explained=_array(archive, "explained", np.int64),
                    contributions=_array(archive, "contributions", np.float64),
                )  # fmt: skip
            _require_whole(found)
        except _DAMAGED as error:
            raise BundleError("is damaged", hint="train again", field=name) from error
        return found


def _array(archive: zipfile.ZipFile, name: str, dtype: type[T]) -> NDArray[T]:
    raw = archive.read(f"{name}.npy")
    head = _ARRAY.match(raw)
    if head is None or head[1].decode() != np.dtype(dtype).str:
        raise ValueError(name)
    shape = tuple(int(size) for size in head[2].split(b",") if size.strip())
    return np.frombuffer(raw, dtype, offset=head.end()).reshape(shape).copy()


def _require_whole(found: Population) -> None:
    """Refuse arrays that do not belong together."""
    rows, places = len(found), found.explained
    if not found.pd.shape == found.bad.shape == found.as_of.shape == (rows,):
        raise ValueError("rows")
    if places.ndim != 1 or found.contributions.ndim != 2 or len(found.contributions) != len(places):
        raise ValueError("contributions")
    if len(places) and not 0 <= int(places.min()) <= int(places.max()) < rows:
        raise ValueError("explained")
    for column in found.frame:
        if not isinstance(column, CategoryColumn) or not rows:
            continue
        if not -1 <= int(column.codes.min()) <= int(column.codes.max()) < len(column.levels):
            raise ValueError(column.name)


def _frame(archive: zipfile.ZipFile, document: Document) -> FeatureFrame:
    columns: list[NumberColumn | CategoryColumn] = []
    for place, told in enumerate(document.documents("columns")):
        name, cell = told.text("name"), f"v{place}"
        if "levels" in told.entries():
            codes = _array(archive, cell, np.int32)
            columns.append(CategoryColumn(name=name, codes=codes, levels=told.texts("levels")))
        else:
            columns.append(NumberColumn(name=name, values=_array(archive, cell, np.float64)))
    return FeatureFrame(rows=len(_array(archive, "pd", np.float64)), columns=tuple(columns))
