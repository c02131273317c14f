"""The only file here that writes: block by block, and a folder appears whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from solvent.errors import WriteError
from solvent.progress import Progress
from solvent.sandbox._block import BLOCK, NULL, Coded, Column, Columns, take_rows
from solvent.sandbox._lender import Lender

MANIFEST = "sandbox.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTable:
    """One table on disk.

    Attributes:
        path: Its Parquet file.
        rows: Its number of rows.
        sha256: Digest of the file, hexadecimal.
    """

    path: Path
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A sandbox on disk.

    Attributes:
        folder: Where it is.
        manifest: Its `sandbox.json`.
        tables: Each table by name.
    """

    folder: Path
    manifest: Path
    tables: Mapping[str, WrittenTable]


def write_sandbox(
    lender: Lender, *, customers: int, seed: int, out: Path, progress: Progress
) -> Written:
    """Simulate and write a sandbox into `out`, replacing a former sandbox there.

    Raises:
        WriteError: `out` holds something else than a sandbox, or the disk refused.
    """
    try:
        _refuse_foreign(out)
        with _whole_folder(out) as draft:
            rows = _write_tables(lender, customers, seed, draft, progress)
            digests = {name: _digest(draft / f"{name}.parquet") for name in lender.tables}
            _write_manifest(lender, customers, seed, draft, rows, digests)
    except OSError as error:
        raise WriteError(
            f"the sandbox could not be written to {out}: {error.strerror or error}",
            hint="check the folder's permissions and the free space",
            field="out",
        ) from error
    tables = {
        name: WrittenTable(path=out / f"{name}.parquet", rows=rows[name], sha256=digests[name])
        for name in lender.tables
    }
    return Written(folder=out, manifest=out / MANIFEST, tables=tables)


def _refuse_foreign(out: Path) -> None:
    """Refuse a file, or a folder with anything in it that no sandbox wrote."""
    if not out.exists():
        return
    found = {path.name for path in out.iterdir()} if out.is_dir() else {out.name}
    foreign = found - _own_files(out)
    if foreign:
        raise WriteError(
            f"{out} is there already and holds {len(foreign)} entries that no sandbox wrote",
            hint="name a new or empty folder; only a former sandbox is replaced",
            field="out",
        )


def _own_files(out: Path) -> set[str]:
    """Names of the files that the sandbox in `out`, if it is one, says it wrote."""
    try:
        manifest = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        return {MANIFEST, *(f"{name}.parquet" for name in manifest["tables"])}
    except (OSError, ValueError, KeyError, TypeError):
        return set()


@contextmanager
def _whole_folder(out: Path) -> Iterator[Path]:
    """Give a draft folder beside `out`; it becomes `out` at the end, or goes on any error."""
    target = out.absolute()
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.parent / f".{target.name}.draft-{os.getpid()}"
    former = target.parent / f".{target.name}.former-{os.getpid()}"
    draft.mkdir()
    try:
        yield draft
        if target.exists():
            target.rename(former)
        try:
            draft.rename(target)
        except OSError:
            if former.exists():
                former.rename(target)
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        if target.exists():
            shutil.rmtree(former, ignore_errors=True)


def _write_tables(
    lender: Lender, customers: int, seed: int, draft: Path, progress: Progress
) -> dict[str, int]:
    """Write every block into open Parquet files; give the rows of each table."""
    rows = dict.fromkeys(lender.tables, 0)
    with ExitStack() as stack:
        writers = {
            name: stack.enter_context(
                pq.ParquetWriter(
                    draft / f"{name}.parquet",
                    _coded(schema),
                    compression="zstd",
                    store_schema=False,  # so that readers see text, not our codes
                )
            )
            for name, schema in lender.tables.items()
        }
        step = stack.enter_context(progress.step(f"simulating {lender.name}", customers))
        for block in range(-(-customers // BLOCK)):
            wanted = min(BLOCK, customers - block * BLOCK)
            tables = lender.simulate_block(seed, block)
            for name, schema in lender.tables.items():
                table = _to_arrow(tables[name], _coded(schema), wanted)
                writers[name].write_table(table)
                rows[name] += table.num_rows
            step.advance(wanted)
    return rows


def _coded(schema: pa.Schema) -> pa.Schema:
    """The schema with text held as codes and levels, which is how blocks hold it."""
    code = pa.dictionary(pa.int32(), pa.string())
    kinds = [code if pa.types.is_string(field.type) else field.type for field in schema]
    return pa.schema(list(zip(schema.names, kinds, strict=True)))


def _to_arrow(columns: Columns, schema: pa.Schema, wanted: int) -> pa.Table:
    """The rows of the block's first `wanted` customers as an Arrow table."""
    owner = columns["owner"]
    if wanted < BLOCK and not isinstance(owner, Coded):
        columns = take_rows(columns, owner < wanted)
    arrays = [_to_array(columns[field.name], field.type) for field in schema]
    return pa.Table.from_arrays(arrays, schema=schema)


def _to_array(column: Column, kind: pa.DataType) -> pa.Array[pa.Scalar[pa.DataType]]:
    if isinstance(column, Coded):
        codes, missing = column.codes.astype(np.int32), column.codes < 0
        levels = pa.array(column.levels)
        return pa.DictionaryArray.from_arrays(codes, levels, mask=missing)
    if pa.types.is_floating(kind):
        return pa.array(column, type=kind, mask=np.isnan(column))
    missing = column == NULL
    if pa.types.is_date32(kind):
        days = np.where(missing, 0, column).astype(np.int32)
        return pa.array(days, mask=missing).cast(kind)
    return pa.array(column, mask=missing).cast(kind)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_manifest(
    lender: Lender,
    customers: int,
    seed: int,
    draft: Path,
    rows: Mapping[str, int],
    digests: Mapping[str, str],
) -> None:
    said = {
        "lender": lender.name,
        "version": lender.version,
        "seed": seed,
        "customers": customers,
        "period_start": _told(lender.period_start),
        "lending_start": _told(lender.lending_start),
        "observed_until": _told(lender.observed_until),
        "tables": {name: {"rows": rows[name], "sha256": digests[name]} for name in lender.tables},
    }
    text = json.dumps(said, indent=2) + "\n"
    (draft / MANIFEST).write_text(text, encoding="utf-8")


def _told(instant: datetime | None) -> str | None:
    return None if instant is None else instant.isoformat() + "Z"
