"""Clients: everybody that live rows or decisions are about."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from sqlalchemy import bindparam, func, select

from solvent.store._prefix import begins_with
from solvent.store.database import Database
from solvent.store.tables import CLIENTS

PAGE: Final = 1_000
_ALL: Final = (
    select(CLIENTS.c.key)
    .where(CLIENTS.c.product == bindparam("product"), CLIENTS.c.key > bindparam("after"))
    .order_by(CLIENTS.c.key)
    .limit(PAGE)
)


class Clients:
    """Clients. They are kept by the rows and decisions about them, never by hand.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, product: str, *, search: str = "", limit: int, offset: int = 0
    ) -> tuple[str, ...]:
        """Return keys of clients: those decided last first, those never decided after them.

        Args:
            product: Name of the product.
            search: What the key begins with, capital and small letters as they are.
            limit: At most so many.
            offset: How many to pass over.
        """
        statement = (
            select(CLIENTS.c.key)
            .where(CLIENTS.c.product == product, begins_with(CLIENTS.c.key, search))
            .order_by(CLIENTS.c.decided.desc(), CLIENTS.c.key)
            .limit(limit)
            .offset(offset)
        )
        with self._database.reading() as connection:
            return tuple(connection.execute(statement).scalars())

    def count(self, product: str, *, search: str = "") -> int:
        """Return how many clients have a key that begins with `search`."""
        statement = select(func.count()).where(
            CLIENTS.c.product == product, begins_with(CLIENTS.c.key, search)
        )
        with self._database.reading() as connection:
            return connection.execute(statement).scalar_one()

    def all(self, product: str) -> Iterator[str]:
        """Yield every client's key, in order; a page of them is read at a time."""
        after = ""
        while True:
            with self._database.reading() as connection:
                values = {"product": product, "after": after}
                page = connection.execute(_ALL, values).scalars().all()
            yield from page
            if len(page) < PAGE:
                return
            after = page[-1]
