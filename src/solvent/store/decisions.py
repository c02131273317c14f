"""Decisions, kept as they were made, and the answers given for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import RowMapping, Select, bindparam, func, select

from solvent.errors import IdempotencyError, SolventError, StoreError
from solvent.store._group import Group
from solvent.store._keeping import Answer, Wanted, keep, replayed
from solvent.store.database import Database
from solvent.store.tables import ANSWERS, DECISIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredDecision:
    """One decision as it is kept.

    Args:
        id: 32 hex digits.
        product: Name of the product.
        key: The entity (the customer).
        application: The lender's name of the application; may be empty.
        as_of: Instant as of which features were computed, int UTC microseconds.
        decided_at: When the server decided, int UTC microseconds.
        verdict: approve, refer or decline.
        pd: Probability of default in (0, 1).
        score: Points, higher is safer.
        document: The whole decision as canonical JSON; empty once the person was erased, as are
            `key` and `application`.
        sequence: Its place among all decisions; 0 before it is kept.
    """

    id: str
    product: str
    key: str
    application: str
    as_of: int
    decided_at: int
    verdict: str
    pd: float
    score: int
    document: bytes
    sequence: int = 0


_BY_ID: Final = select(DECISIONS).where(DECISIONS.c.id == bindparam("id"))
_BY_KEY: Final = (
    select(DECISIONS)
    .where(DECISIONS.c.product == bindparam("product"), DECISIONS.c.key == bindparam("key"))
    .order_by(DECISIONS.c.sequence.desc())
    .limit(bindparam("limit"))
)
PAGE: Final = 2_000
_CHOOSING: Final = 8
_IDS: Final = (
    select(DECISIONS.c.sequence, DECISIONS.c.id)
    .where(
        DECISIONS.c.sequence > bindparam("after"),
        DECISIONS.c.decided_at >= bindparam("since"),
        DECISIONS.c.document != "",
    )
    .order_by(DECISIONS.c.sequence)
    .limit(PAGE)
)
_KEPT_ANSWER: Final = select(ANSWERS.c.request_digest, ANSWERS.c.body).where(
    ANSWERS.c.owner == bindparam("owner"),
    ANSWERS.c.idempotency_key == bindparam("idempotency_key"),
)


class Decisions:
    """Every decision ever made. None is changed or removed: the database itself refuses.

    Args:
        database: Where they are kept. What shares a commit is what one object of this class keeps.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._group = Group[Wanted, Answer](self._write)
        self.on_commit: Callable[[int], None] = _nobody
        """Told how many requests shared a commit."""

    def add(
        self,
        decision: StoredDecision,
        *,
        answer: bytes,
        owner: str,
        idempotency_key: str | None,
        request_digest: str,
    ) -> Answer:
        """Keep a decision, its answer and its entry in the audit, once.

        Threads that keep decisions at the same time share one commit.

        Args:
            decision: The decision.
            answer: What is sent if this request is the first of its key.
            owner: Who asks; keys of two owners have nothing to do with each other.
            idempotency_key: The owner's name of the request; None where it has none.
            request_digest: SHA-256 of the request, 64 hex digits.

        Returns:
            What the request is to be answered.

        Raises:
            IdempotencyError: The key was used for another request.
            StoreError: It cannot be kept; nothing was.
        """
        wanted = Wanted(
            row=_row(decision), answer=answer, owner=owner, idempotency_key=idempotency_key,
            request_digest=request_digest,
        )  # fmt: skip
        return self._group.keep(wanted)

    def replay(self, owner: str, idempotency_key: str, request_digest: str) -> bytes | None:
        """Return the answer kept for a request, None where it was not seen before.

        Raises:
            IdempotencyError: The key was used for another request.
            StoreError: The database cannot be read.
        """
        values = {"owner": owner, "idempotency_key": idempotency_key}
        with self._database.reading() as connection:
            kept = connection.execute(_KEPT_ANSWER, values).first()
        if kept is None:
            return None
        found = replayed(kept.request_digest, bytes(kept.body), request_digest)
        if isinstance(found, IdempotencyError):
            raise found
        return found.body

    def get(self, decision_id: str) -> StoredDecision | None:
        """Return one decision, None where there is none of that id."""
        found = self._read(_BY_ID, id=decision_id)
        return found[0] if found else None

    def by_key(self, product: str, key: str, limit: int) -> tuple[StoredDecision, ...]:
        """Return the decisions about one customer, newest first."""
        return self._read(_BY_KEY, product=product, key=key, limit=limit)

    def sampled(self, *, since: int, share: float) -> Iterator[str]:
        """Yield ids of a share of the decisions, oldest first, the same ones every time.

        Those about people who were erased are left out.

        Args:
            since: Those decided then or later, int UTC microseconds.
            share: In (0, 1]. Ids are random, so their first digits choose.
        """
        after, below = 0, share * 16**_CHOOSING
        while True:
            with self._database.reading() as connection:
                page = connection.execute(_IDS, {"after": after, "since": since}).all()
            yield from (row.id for row in page if int(row.id[:_CHOOSING], 16) < below)
            if len(page) < PAGE:
                return
            after = page[-1].sequence

    def count(self, product: str) -> int:
        """Return how many decisions there are."""
        statement = select(func.count()).where(DECISIONS.c.product == product)
        with self._database.reading() as connection:
            return connection.execute(statement).scalar_one()

    def _write(self, wanted: Sequence[Wanted]) -> list[Answer | SolventError]:
        found = keep(self._database, wanted)
        self.on_commit(len(wanted))
        return found

    def _read(
        self, statement: Select[*tuple[object, ...]], **values: object
    ) -> tuple[StoredDecision, ...]:
        with self._database.reading() as connection:
            rows = connection.execute(statement, values).mappings().all()
        return tuple(_decision(row) for row in rows)


def _nobody(_: int) -> None:
    """Tell nobody."""


def wanted_of(decision: StoredDecision, *, owner: str) -> Wanted:
    """Return a decision that no request of its own asked for, to be kept.

    Raises:
        StoreError: It cannot be kept as it is.
    """
    return Wanted(
        row=_row(decision), answer=b"", owner=owner, idempotency_key=None, request_digest=""
    )


def _row(decision: StoredDecision) -> dict[str, int | float | str]:
    """Return the columns of a decision; the database gives the sequence."""
    try:
        document = decision.document.decode()
    except UnicodeDecodeError:
        raise StoreError("a decision's document is no UTF-8 text", field="document") from None
    if not 0.0 <= decision.pd <= 1.0:  # NaN is refused as well
        raise StoreError("a decision's pd is no probability", field="pd")
    return {
        "id": decision.id,
        "product": decision.product,
        "key": decision.key,
        "application": decision.application,
        "as_of": decision.as_of,
        "decided_at": decision.decided_at,
        "verdict": str(decision.verdict),
        "pd": float(decision.pd),
        "score": decision.score,
        "document": document,
    }


def _decision(row: RowMapping) -> StoredDecision:
    return StoredDecision(**{**row, "document": str(row["document"]).encode()})
