"""A table of a database as a product declares it: where the address is told, never the address."""

from __future__ import annotations

import re
from dataclasses import dataclass

from solvent.errors import DeclarationError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PART = re.compile(r'"(?:[^"]|"")+"|[^".]+')


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """Where a table lies that is read from Postgres or SQLite.

    Args:
        url_from: Name of the environment variable with the database's address
            (`postgresql://USER:PASSWORD@HOST/NAME` or `sqlite:///PATH`). The address itself may
            hold a password and stays out of product.py and of every model.
        table: Table or view, `"topups"` or `"crm.topups"`; names that hold a point stand in
            double quotes.
        sql: A SELECT instead of a table.
    """

    url_from: str
    table: str = ""
    sql: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.url_from):
            # what stands there may be an address with its password: it is not repeated
            raise DeclarationError(
                "is not the name of an environment variable",
                hint='write url_from="LENDER_DATABASE_URL", and set that variable to the address',
                field="url_from",
            )
        if bool(self.table) == bool(self.sql):
            raise DeclarationError(
                "needs a table or a SELECT, and not both",
                hint='write table="crm.topups" or sql="SELECT ..."',
                field="database",
            )
        if self.table and not self.table_parts:
            raise DeclarationError(
                f"{self.table!r} names no table", hint='write table="crm.topups"', field="table"
            )

    @property
    def table_parts(self) -> tuple[str, ...]:
        """Schema (where one is named) and table, without quotes; empty where it names none.

        >>> Database(url_from="A", table='crm."top.ups"').table_parts
        ('crm', 'top.ups')
        """
        parts = _PART.findall(self.table)
        if ".".join(parts) != self.table:
            return ()
        return tuple(
            part[1:-1].replace('""', '"') if part.startswith('"') else part for part in parts
        )

    @property
    def words(self) -> str:
        """The table as messages and fingerprints name it."""
        return f"{self.url_from}:{self.table or 'select'}"
