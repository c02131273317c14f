"""Decide one application: features at `as_of` from live rows, PD, verdict, offer, reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import version as installed
from typing import NoReturn, Protocol

import numpy as np
from numpy.typing import NDArray

from solvent.app.applicants import Applicants, value_at
from solvent.app.fidelity import holding_first
from solvent.app.hints import hints_of
from solvent.app.live_product import LiveProduct, Reference
from solvent.domain import Decision, Effect, Reason, Source, Verdict, Versions
from solvent.errors import DataError
from solvent.features import ApplicationRows, EntityRows
from solvent.features.evaluate import aggregate
from solvent.features.live import (
    Cell,
    EntityRow,
    TypedRow,
    application_columns,
    entity_rows,
    rows_below,
)
from solvent.features.packed import NO_RECORDS, PackedRows, unpack
from solvent.features.program import SourceProgram
from solvent.policy import Judgement
from solvent.policy.conditions import Value
from solvent.scoring import MOST_REASONS, effects, principal

FloatArray = NDArray[np.float64]
NO_AMOUNT = "The amount is outside what can be lent to you now"
SOLVENT = installed("solvent")


class SourceRow(EntityRow, Protocol):
    """A typed row that says which source it belongs to."""

    @property
    def source(self) -> str:
        """Name of the source."""
        ...


class LiveRows(Protocol):
    """Where live rows are kept."""

    def high_water(self, product: str) -> int:
        """Return the sequence number of the newest committed row, 0 where there is none."""
        ...

    def read(self, product: str, key: str, *, until_sequence: int | None) -> Sequence[SourceRow]:
        """Return one entity's rows, of every source."""
        ...

    def packed(
        self, product: str, key: str, *, until_sequence: int | None, parent: str = ""
    ) -> Mapping[str, PackedRows]:
        """Return the same rows as records, by source that has any.

        With `parent` they are rows below the row of that source whose id is `key`.
        """
        ...

    def owner(self, product: str, source: str, event_id: str) -> str | None:
        """Return the customer whose row of a source, which others lie below, has an id."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineRow:
    """A row sent along with an application, of an entity the store need not know.

    Args:
        source: Name of the source.
        row: The row, typed.
    """

    source: str
    row: TypedRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """An application as it arrived, typed.

    Args:
        key: The entity.
        as_of: Instant to compute features for, UTC microseconds; 0 where a product has no times.
        application: The lender's name of it; may be empty.
        attributes: Application columns, typed; absent ones are not known.
        known: From when `known_at` columns were known.
        inline: Rows sent along.
    """

    key: str
    as_of: int
    application: str = ""
    attributes: Mapping[str, Cell] = field(default_factory=dict)
    known: Mapping[str, int | None] = field(default_factory=dict)
    inline: tuple[InlineRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision, and the values it was computed from.

    Args:
        decision: The decision.
        values: Every feature of the model, and what the policy may read, by name.
        weights: What each feature of the model added to the log-odds against the reference group.
    """

    decision: Decision
    values: Mapping[str, Value]
    weights: Mapping[str, float]


def prepare_applicant(
    live: LiveProduct, application: Application, rows: LiveRows, *, until: int | None
) -> Applicants:
    """Compute the aggregates of one application from live rows.

    Args:
        live: The product.
        application: The application.
        rows: Where live rows are kept.
        until: Sequence number of the newest row that may be read; None for all.

    Raises:
        DataError: A row does not fit what the model learnt from.
    """
    arrays = all_below(live, own_rows(live, application, rows, until), rows, until)
    table = live.applications
    at = ApplicationRows(
        as_of=np.array([application.as_of], np.int64), entity=np.zeros(1, np.int64),
        columns=application_columns(table, application.attributes, application.known),
    )  # fmt: skip
    found = aggregate(live.program, at, arrays)
    return Applicants(live, at, found, rows_read=sum(map(len, arrays.values())))


def own_rows(
    live: LiveProduct, application: Application, rows: LiveRows, until: int | None
) -> dict[str, EntityRows]:
    """Return the rows of an application's entity, kept or sent along, by source."""
    if application.inline:
        return _with_inline(live, application, rows, until)
    if not live.program.sources:
        return {}
    kept = rows.packed(live.name, application.key, until_sequence=until)
    return {s.table.name: _unpack(live, s, kept) for s in live.program.sources}


def all_below(
    live: LiveProduct, arrays: Mapping[str, EntityRows], rows: LiveRows, until: int | None
) -> dict[str, EntityRows]:
    """Return the rows of some entities, by source, with those that lie below them."""

    def read(below: SourceProgram, parent: str, id_: str) -> EntityRows:
        kept = rows.packed(live.name, id_, until_sequence=until, parent=parent)
        return _unpack(live, below, kept)

    found = dict(arrays)
    for source in live.program.sources:
        found |= rows_below(source, found[source.table.name], read)
    return found


def _unpack(live: LiveProduct, source: SourceProgram, kept: Mapping[str, PackedRows]) -> EntityRows:
    name = source.table.name
    return unpack(live.typings[name], source, kept.get(name, NO_RECORDS))


def _with_inline(
    live: LiveProduct, application: Application, rows: LiveRows, until: int | None
) -> dict[str, EntityRows]:
    """Return what is kept of an entity and what was sent along, by source."""
    held: dict[str, list[EntityRow]] = {source: [] for source in live.sources_read}
    for row in rows.read(live.name, application.key, until_sequence=until):
        if row.source in held:
            held[row.source].append(row)
    for one in application.inline:
        if one.source in held:
            _require_no_correction(one, held[one.source])
            _require_own_id(live, one, application.key, rows)
            held[one.source].append(one.row)
    whole = live.facts["whole_ids"]
    return {
        source.table.name: entity_rows(
            source, held[source.table.name], whole_ids=source.table.name in whole
        )
        for source in live.program.sources
    }


def _require_own_id(live: LiveProduct, sent: InlineRow, key: str, rows: LiveRows) -> None:
    """Refuse a row sent along whose id leads to what lies below another customer's row.

    Raises:
        DataError: The id is another customer's.
    """
    parents = {source.table.name for source in live.program.sources if source.below is not None}
    if sent.source not in parents or sent.row.event_id is None:
        return
    owner = rows.owner(live.name, sent.source, sent.row.event_id)
    if owner is not None and owner != key:
        raise DataError(
            "holds an id that is another customer's", hint="send the customer's own rows",
            field=f"events.{sent.source}",
        )  # fmt: skip


def _require_no_correction(sent: InlineRow, held: Sequence[EntityRow]) -> None:
    """Refuse a row sent along that would replace what the lender's own systems told.

    Raises:
        DataError: The store, or the request, has the event with another content.
    """
    row = sent.row
    for other in held:
        same = row.event_id is not None and other.event_id == row.event_id
        if same and (other.event_time, dict(other.body)) != (row.event_time, dict(row.body)):
            raise DataError(
                "holds an event that is known with another content",
                hint="corrections come by POST /events, not with an application",
                field=f"events.{sent.source}",
            )


def decide_application(
    live: LiveProduct, application: Application, rows: LiveRows, *, decision_id: str, now: int,
    until: int | None = None,
) -> Decided:  # fmt: skip
    """Decide one application.

    Args:
        live: The product.
        application: The application, typed.
        rows: Where live rows are kept.
        decision_id: Name of the decision: 32 hex digits, random.
        now: The server's clock, UTC microseconds.
        until: Sequence number of the newest row that may be read; None for all there are.

    Raises:
        DataError: A row does not fit what the model learnt from.
    """
    high_water = rows.high_water(live.name) if until is None else until
    applicants = prepare_applicant(live, application, rows, until=high_water)
    found = applicants.judge(0)
    told = applicants.contributions(0, found.amount)
    reference = applicants.reference(0)
    weighed = weigh(live, told, reference)
    reasons = checked_reasons(live, applicants, 0, found, weighed)
    decision = Decision(
        id=decision_id, product=live.name, application=application.application, key=application.key,
        as_of=application.as_of, decided_at=now, verdict=found.verdict, pd=found.pd,
        score=found.score, band=found.band.name if found.band else "", offer=found.offer,
        alternatives=found.alternatives, reasons=reasons, effects=weighed,
        reference=reference.words, approve_below=live.policy.cutoffs.approve_below,
        versions=versions_of(live), high_water=high_water, rows_read=applicants.rows_read,
        link=reference.link, scored_with=reference.scored_with,
        second_reference=reference.second_words,
        second_reasons=second_reasons(live, found, told, reference),
        hints=hints_of(live, applicants, 0, found),
    )  # fmt: skip
    return Decided(
        decision=decision, values=all_values(applicants, found.amount),
        weights=weights(told, reference),
    )  # fmt: skip


class _NoRows:
    """A store that keeps nothing."""

    def high_water(self, product: str) -> int:
        """Return that there is no row."""
        del product
        return 0

    def read(self, product: str, key: str, *, until_sequence: int | None) -> tuple[()]:
        """Return no row."""
        del product, key, until_sequence
        return ()

    def packed(
        self, product: str, key: str, *, until_sequence: int | None, parent: str = ""
    ) -> dict[str, NoReturn]:
        """Return no record."""
        del product, key, until_sequence, parent
        return {}

    def owner(self, product: str, source: str, event_id: str) -> None:
        """Return nobody."""
        del product, source, event_id


def warm(live: LiveProduct) -> None:
    """Decide once about nobody, so that the first applicant does not wait for what loads lazily."""
    decide_application(live, Application(key="", as_of=0), _NoRows(), decision_id="", now=0)


def weigh(live: LiveProduct, told: FloatArray, reference: Reference) -> tuple[Effect, ...]:
    """Return what the model weighed for one applicant, merged by reason text.

    Args:
        live: The product.
        told: The applicant's contributions, the baseline last, shape (k + 1,).
        reference: Whom the model that scored compares with.
    """
    own = told[reference.places]
    return effects(own, reference.mean, reference.features, live.facts["reasons"])


def weights(told: FloatArray, reference: Reference) -> dict[str, float]:
    """Return what each feature that the model reads added, feature by feature."""
    added = (told[reference.places] - reference.mean).tolist()
    return dict(zip(reference.features, added[:-1], strict=True))


def checked_reasons(
    live: LiveProduct, applicants: Applicants, place: int, found: Judgement,
    weighed: Sequence[Effect],
) -> tuple[Reason, ...]:  # fmt: skip
    """Return the principal reasons of one applicant, the strongest that holds first.

    Args:
        live: The product.
        applicants: Whom it is one of.
        place: Which of them.
        found: What the policy says of them.
        weighed: What the model weighed, from `weigh`.
    """
    reasons = reasons_of(found, weighed)
    if not reasons or reasons[0].source is not Source.MODEL:
        return reasons
    asked = found.amount == applicants.asked(place)
    frame = applicants.frame(None if asked else found.amount)
    one = frame if len(applicants) == 1 else frame.take(np.array([place]))
    return holding_first(live, one, applicants.reference(place), weighed, reasons)


def reasons_of(found: Judgement, weighed: Sequence[Effect]) -> tuple[Reason, ...]:
    """Return the principal reasons of a verdict: those of the component that decided.

    A rule that caught the application is its own reason, and so is an amount that cannot be lent
    though the PD would do; else what the model weighed against it.
    """
    if found.verdict is Verdict.APPROVE:
        return ()
    if found.rules:
        deciding = [rule for rule in found.rules if rule.verdict is found.verdict]
        return tuple(
            Reason(text=rule.reason, source=Source.RULE, code=rule.code)
            for rule in deciding[:MOST_REASONS]
        )
    if found.no_amount:
        return (Reason(text=NO_AMOUNT, source=Source.RULE, code="no_amount"),)
    return principal(weighed)


def second_reasons(
    live: LiveProduct, found: Judgement, told: FloatArray, reference: Reference
) -> tuple[Reason, ...]:
    """Return the reasons against the group the policy did not name, where the model decided."""
    if found.verdict is Verdict.APPROVE or found.rules or found.no_amount:
        return ()
    texts = live.facts["reasons"]
    own = told[reference.places]
    return principal(effects(own, reference.second_mean, reference.features, texts))


def versions_of(live: LiveProduct) -> Versions:
    """Return everything that makes this product's decisions, by name."""
    return Versions(
        model=live.registered.version, model_digest=live.registered.digest,
        policy=live.versioned.version, policy_digest=live.versioned.digest, solvent=SOLVENT,
    )  # fmt: skip


def all_values(applicants: Applicants, amount: float | None) -> dict[str, Value]:
    """Return every feature of one applicant alone, at an amount."""
    return {column.name: value_at(column, 0) for column in applicants.frame(amount)}
