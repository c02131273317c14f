"""The one place where DuckDB is started: no network, no surprises."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import duckdb

from solvent.errors import RangeError


def connect(
    *,
    memory_limit: str | None = None,
    threads: int | None = None,
    temp_directory: Path | None = None,
    keep_order: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Start an in-memory DuckDB which reaches no network and spills to disk when it must.

    Args:
        memory_limit: Most memory it may use ("4GB"); None: DuckDB's own default.
        threads: Most threads, at least 1; None: one per core.
        temp_directory: Where it spills and where typed rows are kept; None: the system's place.
        keep_order: True where rows must come out as they stand in the file.

    Returns:
        A connection of its own; its time zone is UTC.

    Raises:
        RangeError: `threads` is below 1.
    """
    if threads is not None and threads < 1:
        raise RangeError(f"{threads} threads cannot work", hint="give 1 or more", field="threads")
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": keep_order,
    }
    if memory_limit is not None:
        config["memory_limit"] = memory_limit
    if threads is not None:
        config["threads"] = threads
    if temp_directory is not None:
        temp_directory.mkdir(parents=True, exist_ok=True)
        config["temp_directory"] = str(temp_directory)
    connection = duckdb.connect(":memory:", config=config)
    connection.execute("SET TimeZone = 'UTC'")
    # in a notebook without ipywidgets DuckDB draws no bar, and refuses the very word
    with suppress(duckdb.InvalidInputException):
        connection.execute("SET enable_progress_bar = false")
    return connection
