"""What the databases we read differ in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa
from sqlalchemy import Connection, Engine
from sqlalchemy.engine import URL

from solvent.sources.layout import Layout


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """How one column is fetched.

    Args:
        sql: Expression that gives it.
        kept: Arrow's type of what comes; binary where nothing of ours can read it.
        mixed: True where its values come in several types and are kept as text.
    """

    sql: str
    kept: pa.DataType
    mixed: bool = False


class Dialect(Protocol):
    """One kind of database."""

    def engine(self, url: URL) -> Engine:
        """Return an engine that connects anew for each reading and can change nothing.

        Raises:
            SolventError: There is nothing to connect to.
        """
        ...

    def begin(self, connection: Connection) -> None:
        """Open one consistent, read-only view of the data for all that follows."""
        ...

    def fetched(
        self, connection: Connection, rows: str, types: Mapping[str, object], needed: Sequence[str]
    ) -> tuple[Fetched, ...]:
        """Return how each needed column is fetched.

        Args:
            connection: Within the view.
            rows: What stands behind FROM.
            types: Column -> type code, as the driver describes the rows.
            needed: The columns.
        """
        ...

    def since(
        self, connection: Connection, rows: str, types: Mapping[str, object], layout: Layout
    ) -> str:
        """Return SQL that leaves out rows which are surely too old; empty where none is safe."""
        ...
