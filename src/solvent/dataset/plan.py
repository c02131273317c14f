"""What a dataset is built from: the part of a product that travels with every model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from solvent.dataset.bad import Bad, Unpaid
from solvent.errors import DeclarationError
from solvent.features import (
    Aggregate,
    Applications,
    Attributes,
    Column,
    Events,
    Feature,
    Op,
    Own,
    attribute,
    own,
    with_parts,
)
from solvent.features.zones import check_zone

TEST_SHARE = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    """A failure of the leakage gate that the lender accepts, with a written reason.

    Args:
        check: The failed check as the gate names it ("people: no valid_from").
        reason: Why it is no leak here.
    """

    check: str
    reason: str

    def __post_init__(self) -> None:
        if len(self.reason.split()) < 3:
            raise DeclarationError(
                f"the waiver of {self.check!r} gives no reason",
                hint="write a sentence an auditor accepts", field="waivers",
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a dataset is built from.

    Args:
        product: Name of the product.
        applications: The application table.
        sources: Event and attribute tables.
        features: Features in order, each name once.
        extras: Application values that no model reads and a policy may.
        bad: The bad definition; None where only scoring is wanted.
        protected: Column names kept for fairness checks, never given to a model.
        observed_until: ISO instant up to which outcomes are known; None: the latest in the data.
        test_share: Share of customers or of time kept for the test, in (0, 1).
        at_random: True to test on customers drawn at random although there are times.
        waivers: Accepted failures of the leakage gate.
        presence: Names of features that tell whether a source knows the customer: they choose a
            model of a chain, and no model weighs them.
    """

    product: str
    applications: Applications
    sources: tuple[Events | Attributes, ...] = ()
    features: tuple[Feature, ...] = ()
    extras: tuple[Feature, ...] = ()
    bad: Bad | None = None
    protected: tuple[str, ...] = ()
    observed_until: str | None = None
    test_share: float = TEST_SHARE
    at_random: bool = False
    waivers: tuple[Waiver, ...] = field(default_factory=tuple)
    presence: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not 0 < self.test_share < 1:
            raise DeclarationError(
                f"test_share={self.test_share} leaves nothing to train or to test on",
                hint="give a share such as 0.25", field="test_share",
            )  # fmt: skip
        _require_unique_names(self)
        _require_one_calendar(self)
        _require_outcome_apart(self)
        if self.observed_until is not None:
            parse_instant(self.observed_until, self.applications.zone)

    @property
    def model_features(self) -> tuple[Feature, ...]:
        """The features a model may be given: none reads a protected column."""
        return tuple(f for f in self.scored_features if f.name not in self.presence)

    @property
    def scored_features(self) -> tuple[Feature, ...]:
        """What must be computed to score: the features of the model, and what a chain asks."""
        banned = {*self.protected}
        return tuple(
            f
            for f in self.features
            if not any(banned & {c.name, c.declared.known_at} for c in reads(f))
        )

    @property
    def watched(self) -> tuple[Feature, ...]:
        """The features that give a protected column as it is: for fairness checks alone."""
        return tuple(f for f in self.features if _as_it_is(f) in self.protected)

    @property
    def has_times(self) -> bool:
        """True where applications have a decision instant."""
        return self.applications.as_of is not None


def extras_of(
    applications: Applications, features: tuple[Feature, ...], protected: tuple[str, ...]
) -> tuple[Feature, ...]:
    """Return the application columns that no feature gives as they are, as features.

    Args:
        applications: The application table.
        features: The declared features.
        protected: Columns that must decide nothing.
    """
    taken = {feature.name for feature in features}
    columns = (applications[name] for name in applications.columns if name not in protected)
    return tuple(own(applications, column) for column in columns if column.slug not in taken)


def watched_of(
    applications: Applications,
    sources: tuple[Events | Attributes, ...],
    features: tuple[Feature, ...],
    protected: tuple[str, ...],
) -> tuple[Feature, ...]:
    """Return features that give the protected columns as they are, where none declared does.

    Event tables give none: a customer has many of their rows. A model is given none of these.

    Args:
        applications: The application table.
        sources: Event and attribute tables.
        features: The declared features.
        protected: Column names.
    """
    taken = {feature.name: feature for feature in features}
    own_columns = [applications[n] for n in protected if n in applications.columns]
    bare: list[Own | Aggregate] = [own(applications, column) for column in own_columns]
    tables = [table for table in sources if isinstance(table, Attributes)]
    bare += [attribute(t, t[n]) for t in tables for n in protected if n in t.columns]
    found: list[Feature] = []
    for feature in bare:
        other = taken.get(feature.name)
        if other is None:
            found.append(feature)
        elif _as_it_is(other) not in protected:  # another feature goes by that name
            found.append(replace(feature, name=f"protected_{feature.name}"))
    return tuple(found)


def _as_it_is(feature: Feature) -> str | None:
    """Return the column whose plain value a feature is; None where it computes something."""
    plain = isinstance(feature, Own) or (
        isinstance(feature, Aggregate) and feature.op is Op.ATTRIBUTE
    )
    value = feature.value if isinstance(feature, Own | Aggregate) and plain else None
    return value.name if isinstance(value, Column) else None


def reads(feature: Feature) -> Iterator[Column]:
    """Yield every column a feature reads, of any table."""
    for part in with_parts((feature,)):
        for expression in part.expressions:
            yield from expression.columns()
            for detail in expression.details():
                yield from reads(detail.feature)


def matures(bad: Bad | None) -> bool:
    """Return True where an outcome can be trusted only some time after the application."""
    return isinstance(bad, Unpaid) or (bad is not None and bad.performance is not None)


def parse_instant(text: str, zone: str | None) -> int:
    """Return an ISO instant as UTC microseconds; a naive one is read in `zone`.

    Raises:
        DeclarationError: If it is no ISO instant, or naive without a zone.
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise DeclarationError(
            "is not an ISO instant",
            hint='write "2024-06-30T23:59:59+00:00"',
            field="observed_until",
        ) from None
    if moment.tzinfo is None:
        if zone is None:
            raise DeclarationError(
                "has no zone and the application table declares none",
                hint="add +00:00, or zone= on the applications", field="observed_until",
            )  # fmt: skip
        moment = moment.replace(tzinfo=ZoneInfo(check_zone(zone)))
    return (moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def _require_unique_names(plan: Plan) -> None:
    names = [plan.applications.name, *(source.name for source in plan.sources)]
    for name in names:
        if names.count(name) > 1:
            raise DeclarationError(
                f"two tables are called {name!r}", hint="give each its own name", field="sources"
            )


def _require_one_calendar(plan: Plan) -> None:
    """Dates and relative days do not meet: either all tables are dated, or none is."""
    for source in plan.sources:
        relative = isinstance(source, Events) and source.relative is not None
        dated = source.time_column is not None and not relative
        if relative and plan.has_times:
            raise DeclarationError(
                "its times count from the application, but the applications have dates",
                hint="leave as_of out of the applications, or relative= out of the source",
                field=source.name,
            )
        if dated and not plan.has_times:
            raise DeclarationError(
                "it has times, but the applications have none to compare them with",
                hint='declare as_of="..." on the applications, or relative="days" on the source',
                field=source.name,
            )


def _require_outcome_apart(plan: Plan) -> None:
    if plan.bad is None:
        return
    outcome = set(plan.bad.columns)
    for feature in plan.features:
        for column in reads(feature):
            if column.table == plan.applications.name and column.name in outcome:
                raise DeclarationError(
                    f"feature {feature.name!r} reads the outcome column {column.name!r}",
                    hint="an outcome is not known when the application is decided: leave it out",
                    field="features",
                )
    if matures(plan.bad) and not plan.has_times:
        raise DeclarationError(
            "this bad definition needs applications with times",
            hint='declare as_of on the applications, or use equals(..., matured="given")',
            field="bad",
        )
