"""Outcomes in: what lenders tell of their loans, read strictly, kept row by row."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from solvent.app.bootstrap import Service
from solvent.app.live_product import LiveProduct
from solvent.domain import Money, Outcome, OutcomeWord, Verdict
from solvent.errors import DataError
from solvent.features import instant, money
from solvent.features.cells import read_cell, read_name, read_time
from solvent.store.outcomes import NamedDecision

Raw = Mapping[str, object]
FIELDS = (
    "decision_id", "application_id", "bad", "outcome", "observed_at", "available", "paid", "lost",
)  # fmt: skip
_YES, _NO = frozenset({"true", "1", "yes"}), frozenset({"false", "0", "no"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """An outcome as it was read, before anybody looked for its decision.

    Args:
        decision_id: Id of the decision; empty where the application is named.
        application_id: The lender's name of the application; empty where the decision is.
        word: What became of the loan.
        observed_at: When that was so; None: when the application was decided.
        known_from: Since when it is known; None: since `observed_at`.
        paid, lost: Money, where it was told.
    """

    decision_id: str
    application_id: str
    word: OutcomeWord
    observed_at: int | None
    known_from: int | None
    paid: Money | None = None
    lost: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedOutcome:
    """A row that was not kept.

    Args:
        place: Its place in the list, from 0.
        field: The field it is about.
        reason: What is wrong with it; never what it holds.
        hint: What to do about it.
    """

    place: int
    field: str
    reason: str
    hint: str

    @property
    def words(self) -> str:
        """Reason and hint on a line."""
        told = f"{self.field}: {self.reason}" if self.field else self.reason
        return f"{told} ({self.hint})" if self.hint else told

    @classmethod
    def of(cls, place: int, error: DataError) -> RefusedOutcome:
        """Return the refusal an error stands for."""
        return cls(place=place, field=error.field, reason=error.message, hint=error.hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReceipt:
    """What became of a list of outcomes.

    Args:
        accepted: New ones.
        repeated: Those that were there already.
        corrected: Of the new ones, those that correct what was told before.
        refused: Rows that were not kept, by their place.
    """

    accepted: int = 0
    repeated: int = 0
    corrected: int = 0
    refused: tuple[RefusedOutcome, ...] = ()


def add_outcomes(
    service: Service, live: LiveProduct, rows: Sequence[Raw], *, zone: str | None = None
) -> OutcomeReceipt:
    """Keep every row of a list that can be kept, in one commit; tell of each that cannot.

    Args:
        service: Everything that is wired together.
        live: The product.
        rows: The rows, as they were sent.
        zone: IANA zone of times that carry none; None refuses them.

    Raises:
        StoreError: They could not be kept; none was.
    """
    tellings: list[tuple[int, Telling]] = []
    refused: list[RefusedOutcome] = []
    for place, row in enumerate(rows):
        try:
            tellings.append((place, read_outcome(live, row, zone=zone)))
        except DataError as error:
            refused.append(RefusedOutcome.of(place, error))
    kept = keep_tellings(service, live, tellings)
    both = sorted((*refused, *kept.refused), key=lambda one: one.place)
    return replace(kept, refused=tuple(both))


def keep_tellings(
    service: Service, live: LiveProduct, tellings: Sequence[tuple[int, Telling]]
) -> OutcomeReceipt:
    """Find the decision of each telling and keep those that have one.

    Args:
        service: Everything that is wired together.
        live: The product.
        tellings: Each with its place in the list.
    """
    ids = {one.decision_id for _, one in tellings if one.decision_id}
    names = {one.application_id for _, one in tellings if one.application_id}
    by_id = service.outcomes.by_id(live.name, ids)
    by_name = service.outcomes.by_application(live.name, names)
    now = service.now()
    found: list[Outcome] = []
    refused: list[RefusedOutcome] = []
    for place, one in tellings:
        try:
            if one.decision_id:
                decision = _require_known(by_id.get(one.decision_id), "decision_id")
            else:
                decision = _of_application(by_name.get(one.application_id, ()))
            found.append(_outcome(one, decision, begun_at(live, decision), now))
        except DataError as error:
            refused.append(RefusedOutcome.of(place, error))
    kept = service.outcomes.add(found, arrived_at=now)
    return OutcomeReceipt(
        accepted=kept.accepted, repeated=kept.repeated, corrected=kept.corrected,
        refused=tuple(refused),
    )  # fmt: skip


def begun_at(live: LiveProduct, decision: Any) -> int:  # noqa: ANN401 - anything with two instants
    """Return when a loan began: as of when it was decided, or when, where there are no times."""
    begun: int = decision.as_of if live.has_times else decision.decided_at
    return begun


def read_outcome(live: LiveProduct, row: Raw, *, zone: str | None) -> Telling:
    """Read a row.

    Raises:
        DataError: It cannot be read; the message never holds what it says.
    """
    _refuse_strangers(row)
    decision_id, application_id = _names(row)
    observed_at = _time(row, "observed_at", zone)
    if observed_at is None:
        raise DataError(
            "is missing", hint="when was it so? 2026-03-31T00:00:00Z", field="observed_at"
        )
    known_from = _time(row, "available", zone)
    if known_from is not None and known_from < observed_at:
        raise DataError(
            "lies before observed_at", hint="nobody knows an outcome before it is so",
            field="available",
        )  # fmt: skip
    return Telling(
        decision_id=decision_id, application_id=application_id, word=_word(row),
        observed_at=observed_at, known_from=known_from,
        paid=_money(live, row, "paid"), lost=_money(live, row, "lost"),
    )  # fmt: skip


def _refuse_strangers(row: Raw) -> None:
    for name in row:
        if name not in FIELDS:
            close = difflib.get_close_matches(name, FIELDS, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known: {', '.join(FIELDS)}"
            raise DataError("holds a field no outcome has", hint=hint)


def _is_given(row: Raw, name: str) -> bool:
    value = row.get(name)
    return value is not None and not (isinstance(value, str) and not value.strip())


def _names(row: Raw) -> tuple[str, str]:
    given = [name for name in ("decision_id", "application_id") if _is_given(row, name)]
    if len(given) != 1:
        raise DataError(
            "both are named" if given else "neither is named",
            hint="name the loan once: the decision's id, or your own name of the application",
            field="decision_id or application_id",
        )
    name = read_name(row[given[0]], given[0])
    return (name, "") if given[0] == "decision_id" else ("", name)


def _word(row: Raw) -> OutcomeWord:
    given = [name for name in ("bad", "outcome") if _is_given(row, name)]
    if len(given) != 1:
        raise DataError(
            "both are told" if given else "neither is told",
            hint='say "bad": true or false, or "outcome": "good", "bad", "repaid" or "open"',
            field="bad or outcome",
        )
    value = row[given[0]]
    text = str(value).strip().lower() if isinstance(value, str | int | bool) else ""
    if given[0] == "outcome":
        if text not in set(OutcomeWord):
            raise DataError("is no outcome", hint="good, bad, repaid or open", field="outcome")
        return OutcomeWord(text)
    if text not in _YES | _NO:
        raise DataError("is neither true nor false", hint="true, false, 1 or 0", field="bad")
    return OutcomeWord.BAD if text in _YES else OutcomeWord.GOOD


def _time(row: Raw, name: str, zone: str | None) -> int | None:
    moment = read_time(row.get(name), instant(), zone=zone, field=name)
    # A bare day lasts until its end: what was so on it was not known before.
    return None if moment is None else moment.known


def _money(live: LiveProduct, row: Raw, name: str) -> Money | None:
    scale = live.policy.offer.scale
    minor = read_cell(row.get(name), money(live.currency, scale=scale), zone=None, field=name)
    if minor is None:
        return None
    return Money(minor=int(minor), currency=live.currency, scale=scale)


def _require_known(decision: NamedDecision | None, field: str) -> NamedDecision:
    if decision is None:
        raise DataError(
            "no such decision of this product is kept",
            hint="check the id, and the product", field=field,
        )  # fmt: skip
    return decision


def _of_application(decisions: Sequence[NamedDecision]) -> NamedDecision:
    """Return the decision an application's name stands for: the one that was approved, if several.

    Raises:
        DataError: There is none, or it is not clear which is meant.
    """
    if not decisions:
        return _require_known(None, "application_id")
    lent = [one for one in decisions if one.verdict == Verdict.APPROVE.value]
    chosen = decisions if len(decisions) == 1 else lent
    if len(chosen) != 1:
        raise DataError(
            "stands for several decisions", hint="name the one that was lent on: decision_id",
            field="application_id",
        )  # fmt: skip
    return chosen[0]


def _outcome(one: Telling, decision: NamedDecision, begun: int, now: int) -> Outcome:
    """Return a telling as an outcome of its decision.

    Raises:
        DataError: It tells of a time before the decision, or of one to come.
    """
    observed_at = begun if one.observed_at is None else one.observed_at
    known_from = observed_at if one.known_from is None else one.known_from
    if observed_at < begun:
        raise DataError(
            "lies before the application was decided", field="observed_at",
            hint="an outcome is what became of a loan afterwards: check the day, and the decision",
        )  # fmt: skip
    if known_from > now:
        raise DataError(
            "lies ahead of the server's clock", hint="tell outcomes once they are known",
            field="observed_at" if one.known_from is None else "available",
        )  # fmt: skip
    return Outcome(
        decision=decision.id, word=one.word, observed_at=observed_at, known_from=known_from,
        paid=one.paid, lost=one.lost,
    )  # fmt: skip


def reasons_of(refused: Sequence[RefusedOutcome]) -> Iterator[tuple[str, int]]:
    """Yield reasons with counts, the most frequent first."""
    counts: dict[str, int] = {}
    for one in refused:
        counts[one.words] = counts.get(one.words, 0) + 1
    yield from sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
