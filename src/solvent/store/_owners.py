"""Whose a row is that others lie below: its id leads to one customer, and to no other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, select, update

from solvent.errors import DataError
from solvent.store._numbers import AT_ONCE, client_numbers
from solvent.store._space import space
from solvent.store.database import Database
from solvent.store.live_row import LiveRow
from solvent.store.tables import CLIENTS

_SET: Final = (
    update(CLIENTS)
    .where(CLIENTS.c.number == bindparam("row"), CLIENTS.c.owner.is_(None))
    .values(owner=bindparam("customer"))
)


def own_rows(
    database: Database, connection: Connection, product: str, rows: Sequence[LiveRow]
) -> None:
    """Note whose each row is, by its id; refuse one that is another customer's.

    Args:
        database: Whose words are spoken.
        connection: The transaction the rows are kept in.
        product: Name of the product.
        rows: Rows of sources that others lie below.

    Raises:
        DataError: An id stands at two customers.
    """
    for first in range(0, len(rows), AT_ONCE):
        some = [row for row in rows[first : first + AT_ONCE] if row.event_id is not None]
        customers = client_numbers(database, connection, product, {row.key for row in some})
        for source in {row.source for row in some}:
            owners = {str(row.event_id): customers[row.key] for row in some if row.source == source}
            names = client_numbers(database, connection, space(product, source), set(owners))
            told = [{"row": names[one], "customer": owner} for one, owner in owners.items()]
            connection.execute(_SET, told)
            kept = dict(
                connection.execute(
                    select(CLIENTS.c.number, CLIENTS.c.owner).where(
                        CLIENTS.c.number.in_(list(names.values()))
                    )
                ).all()
            )
            shared = any(
                kept[names[str(row.event_id)]] != customers[row.key]
                for row in some if row.source == source
            )  # fmt: skip
            if shared:
                raise DataError(
                    "an id stands at two customers, so what lies below it has two owners",
                    hint="name each row of the source with an id of its own", field=source,
                )  # fmt: skip
