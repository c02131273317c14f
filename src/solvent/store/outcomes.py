"""Outcomes: what became of loans, as it was told, and what was known of it at any instant."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, and_, bindparam, case, func, select

from solvent.domain import Money, Outcome, OutcomeWord
from solvent.store._numbers import AT_ONCE, among
from solvent.store.database import Database
from solvent.store.tables import DECISIONS, OUTCOMES

PAGE: Final = 20_000
_READ: Final = ("sequence", "id", "key", "as_of", "decided_at", "verdict", "pd", "score")
_NAMED: Final = (
    "SELECT {0}, id, as_of, decided_at, verdict FROM decisions WHERE product = {1} AND {2}{0}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of a list of outcomes.

    Args:
        accepted: Outcomes that are new.
        repeated: Outcomes that were there already.
        corrected: Of the new ones, those of loans of which another outcome was told before.
    """

    accepted: int
    repeated: int
    corrected: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedDecision:
    """A decision that an outcome may be about.

    Args:
        id: 32 hex digits.
        as_of: Instant as of which it was decided, int UTC microseconds.
        decided_at: When the server decided, int UTC microseconds.
        verdict: approve, refer or decline.
    """

    id: str
    as_of: int
    decided_at: int
    verdict: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownLoan:
    """A decision, and what is known of its loan.

    Args:
        id: Of the decision.
        key: The customer; empty once the person was erased.
        as_of: Instant as of which it was decided, int UTC microseconds.
        decided_at: When the server decided, int UTC microseconds.
        verdict: approve, refer or decline.
        pd: Probability of default, as it was decided.
        score: Points, as it was decided.
        word: What became of it; None where nothing is known.
        observed_at: When that was so; None where nothing is known.
        known_from: Since when it is known; None where nothing is.
        paid, lost: Money, where it was told.
    """

    id: str
    key: str
    as_of: int
    decided_at: int
    verdict: str
    pd: float
    score: int
    word: OutcomeWord | None
    observed_at: int | None
    known_from: int | None
    paid: Money | None
    lost: Money | None


def _newest_known() -> Select[Any]:
    """Return a page of decisions, each with the outcome that counts at an instant.

    The newest known counts; of two known since the same instant the one observed later, then the
    worse, then the one with the larger digest: the order in which they came plays no part.
    """
    page = (
        select(*(DECISIONS.c[name] for name in _READ))
        .where(
            DECISIONS.c.product == bindparam("product"), DECISIONS.c.sequence > bindparam("after"),
            DECISIONS.c.as_of <= bindparam("at"), DECISIONS.c.decided_at <= bindparam("at"),
        )
        .order_by(DECISIONS.c.sequence).limit(PAGE).subquery()
    )  # fmt: skip
    order = (
        OUTCOMES.c.known_from.desc(), OUTCOMES.c.observed_at.desc(),
        case((OUTCOMES.c.word == OutcomeWord.BAD.value, 1), else_=0).desc(),
        OUTCOMES.c.digest.desc(),
    )  # fmt: skip
    place = func.row_number().over(partition_by=page.c.sequence, order_by=order).label("place")
    told = [column for column in OUTCOMES.columns if column.name not in {"number", "decision"}]
    of_page = and_(OUTCOMES.c.decision == page.c.id, OUTCOMES.c.known_from <= bindparam("at"))
    both = select(page, *told, place).select_from(page.outerjoin(OUTCOMES, of_page)).subquery()
    return select(both).where(both.c.place == 1).order_by(both.c.sequence)


_KNOWN: Final = _newest_known()
_HISTORY: Final = (
    select(OUTCOMES)
    .where(OUTCOMES.c.decision == bindparam("decision"))
    .order_by(OUTCOMES.c.known_from, OUTCOMES.c.number)
)


_WORDS: Final = {word.value: word for word in OutcomeWord}
"""Calling the enum for every row would take a quarter of the time."""


class Outcomes:
    """Everything that was ever told of loans. Nothing is changed or removed.

    Args:
        database: Where it is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, outcomes: Sequence[Outcome], *, arrived_at: int) -> Recorded:
        """Keep outcomes, all of them or none; what was told before counts as repeated.

        Args:
            outcomes: Of decisions that are kept.
            arrived_at: The server's clock, int UTC microseconds.

        Raises:
            StoreError: They cannot be kept; none was. A decision that is not there is one cause.
        """
        rows = {one.digest: _row(one, arrived_at) for one in outcomes}
        decisions = {one.decision for one in outcomes}
        statement = self._database.insert_missing(OUTCOMES)
        accepted = before = 0
        with self._database.transaction() as connection:
            held = list(decisions)
            for at in range(0, len(held), AT_ONCE):
                there = select(func.count(OUTCOMES.c.decision.distinct())).where(
                    OUTCOMES.c.decision.in_(held[at : at + AT_ONCE])
                )
                before += connection.execute(there).scalar_one()
            if rows:
                accepted = connection.execute(statement, list(rows.values())).rowcount
        first = len(decisions) - before
        return Recorded(
            accepted=accepted, repeated=len(outcomes) - accepted, corrected=accepted - first
        )

    def by_id(self, product: str, ids: Collection[str]) -> dict[str, NamedDecision]:
        """Return decisions of a product by their id; those that are not there are left out."""
        return {name: found[0] for name, found in self._named(product, "id", ids).items()}

    def by_application(
        self, product: str, applications: Collection[str]
    ) -> Mapping[str, Sequence[NamedDecision]]:
        """Return decisions of a product by the lender's name of the application, oldest first.

        One application may have been decided more than once.
        """
        return self._named(product, "application", applications)

    def history(self, decision: str) -> tuple[Outcome, ...]:
        """Return everything that was told of one decision's loan, in the order it was known."""
        with self._database.reading() as connection:
            rows = connection.execute(_HISTORY, {"decision": decision}).mappings().all()
        return tuple(
            Outcome(
                decision=row["decision"], word=OutcomeWord(row["word"]),
                observed_at=row["observed_at"], known_from=row["known_from"],
                paid=_money(row, "paid_minor"), lost=_money(row, "lost_minor"),
            )
            for row in rows
        )  # fmt: skip

    def known(self, product: str, *, at: int) -> Iterator[KnownLoan]:
        """Yield every decision as of an instant or earlier with what was known of its loan then.

        Args:
            product: Name of the product.
            at: Outcomes known later do not count, int UTC microseconds.
        """
        after = 0
        while True:
            values = {"product": product, "after": after, "at": at}
            with self._database.reading() as connection:
                rows = connection.execute(_KNOWN, values).mappings().all()
            yield from map(_known, rows)
            if len(rows) < PAGE:
                return
            after = rows[-1]["sequence"]

    def _named(
        self, product: str, column: str, names: Collection[str]
    ) -> dict[str, list[NamedDecision]]:
        told = "application <> '' AND " if column == "application" else ""
        question = _NAMED.format(column, self._database.mark, told)
        found: dict[str, list[NamedDecision]] = {}
        for name, decision, as_of, decided_at, verdict in among(
            self._database, self._database.fetch, question, set(names), product
        ):
            one = NamedDecision(id=decision, as_of=as_of, decided_at=decided_at, verdict=verdict)
            found.setdefault(name, []).append(one)
        return {name: sorted(some, key=lambda one: one.as_of) for name, some in found.items()}


def _row(outcome: Outcome, arrived_at: int) -> dict[str, object]:
    money = outcome.paid or outcome.lost or Money(minor=0)
    return {
        "decision": outcome.decision, "word": outcome.word.value,
        "observed_at": outcome.observed_at, "known_from": outcome.known_from,
        "paid_minor": None if outcome.paid is None else outcome.paid.minor,
        "lost_minor": None if outcome.lost is None else outcome.lost.minor,
        "currency": money.currency, "scale": money.scale, "arrived_at": arrived_at,
        "digest": outcome.digest,
    }  # fmt: skip


def _known(row: Mapping[Any, Any]) -> KnownLoan:
    word = row["word"]
    return KnownLoan(
        id=row["id"], key=row["key"], as_of=row["as_of"],
        decided_at=row["decided_at"], verdict=row["verdict"], pd=row["pd"],
        score=row["score"], word=None if word is None else _WORDS[word],
        observed_at=row["observed_at"], known_from=row["known_from"],
        paid=_money(row, "paid_minor"), lost=_money(row, "lost_minor"),
    )  # fmt: skip


def _money(row: Mapping[Any, Any], name: str) -> Money | None:
    minor = row[name]
    if minor is None:
        return None
    return Money(minor=minor, currency=row["currency"], scale=row["scale"])
