"""Standings: how each client of a product stands, as one background job scored them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice
from operator import attrgetter
from typing import Final

from sqlalchemy import Select, bindparam, delete, select

from solvent.store.database import Database
from solvent.store.tables import STANDINGS

CHUNK: Final = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one client stands.

    Args:
        key: The client.
        as_of: Instant as of which it was scored, int UTC microseconds.
        pd: Probability of default in (0, 1).
        score: Points, higher is safer.
        verdict: approve, refer or decline.
        band: Name of the policy's band; empty where there is none.
        amount_minor: What may be lent, in minor units; None where nothing is offered.
        fee_minor: What it costs, in minor units; None where no price is named.
        currency: Code or unit a person reads; may be empty.
        scale: Decimals of the currency.
        offer_name: The policy's word for the offer; may be empty.
        offer_title: Words the client reads; may be empty.
        rule: Code of the knock-out that caught the client; empty where none did.
        at_risk: Money at risk if lent to, in major units; None where not known or not approved.
        if_good: What the loan brings if it is repaid, in major units; None as above.
        if_bad: What it brings if it is not, below 0; None as above.
    """

    key: str
    as_of: int
    pd: float
    score: int
    verdict: str
    band: str = ""
    amount_minor: int | None = None
    fee_minor: int | None = None
    currency: str = ""
    scale: int = 2
    offer_name: str = ""
    offer_title: str = ""
    rule: str = ""
    at_risk: float | None = None
    if_good: float | None = None
    if_bad: float | None = None


_COLUMNS: Final = tuple(
    column for column in STANDINGS.columns if column.name not in {"product", "job_id"}
)
_NAMES: Final = tuple(column.name for column in _COLUMNS)
_VALUES: Final = attrgetter(*_NAMES)
_OF_JOB: Final = (
    select(*_COLUMNS)
    .where(STANDINGS.c.job_id == bindparam("job_id"))
    .order_by(STANDINGS.c.pd, STANDINGS.c.key)
)


class Standings:
    """The standings each job left.

    Args:
        database: Where they are kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, product: str, job_id: int, rows: Iterable[Standing]) -> None:
        """Keep standings, all of them or none; a client's last one of a job counts.

        Args:
            product: Name of the product.
            job_id: The job that scored them; it may be one that was begun again.
            rows: The standings.

        Raises:
            StoreError: They cannot be kept; none was.
        """
        about = {"product": product, "job_id": job_id}
        made = (_row(row) | about for row in rows)
        statement = self._database.insert_or_replace(STANDINGS)
        with self._database.transaction() as connection:
            while chunk := list(islice(made, CHUNK)):
                connection.execute(statement, chunk)

    def of_job(self, job_id: int) -> tuple[Standing, ...]:
        """Return the standings of one job, the safest client first, then by key."""
        return self._read(_OF_JOB, {"job_id": job_id})

    def drop_before(self, product: str, job_id: int) -> int:
        """Remove the standings of a product's earlier jobs; return how many there were."""
        statement = delete(STANDINGS).where(
            STANDINGS.c.product == product, STANDINGS.c.job_id < job_id
        )
        with self._database.transaction() as connection:
            return connection.execute(statement).rowcount

    def _read(
        self, statement: Select[*tuple[object, ...]], values: Mapping[str, object]
    ) -> tuple[Standing, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(statement, values).mappings().all()
        return tuple(Standing(**row) for row in rows)


def _row(standing: Standing) -> dict[str, object]:
    row = dict(zip(_NAMES, _VALUES(standing), strict=True))
    return row | {"verdict": str(standing.verdict)}  # a driver may write an enum's name instead
