# ruff: noqa: S608 - every name comes quoted from `sources`
"""The very rows behind one value of an application in the data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from solvent.app.applicants import value_at
from solvent.app.feature_names import find_feature
from solvent.dataset import OpenData, Plan, open_data
from solvent.dataset._feed import KeyedApplications
from solvent.dataset.below import with_below
from solvent.dataset.build import keyed, own_selection
from solvent.dataset.plan import reads
from solvent.errors import (
    DataError,
    DeclarationError,
    MissingFileError,
)
from solvent.features import (
    ApplicationRows,
    Applications,
    Attributes,
    EntityRows,
    Events,
    Feature,
    FeatureFrame,
)
from solvent.features.aggregates import tables_of
from solvent.features.explain import (
    Case,
    Explanation,
    explain,
    holds_alone,
    same,
)
from solvent.features.rows import joined
from solvent.product import LoadedProduct
from solvent.progress import Progress
from solvent.sources import refused_rows

REPORT = "please report this: it is a fault of solvent"


class Kept(StrEnum):
    """How a value stands to the one kept with its decision."""

    EQUAL = "equal to the last bit"
    DIFFERENT = "different"
    ABSENT = "not kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """A value with the rows that made it, and of what application.

    Args:
        explanation: The value and the rows.
        product: Name of the product.
        application: The application's id; may be empty for a decision.
        as_of: Its instant, microseconds.
        has_times: True where applications have instants.
        table: The application table.
        sources: The declared sources by name.
        protected: True where the feature reads a protected column.
        decision: Id of the decision; empty where the value is of the data.
        kept: How it stands to the value kept with the decision; None where there is none.
        notes: What a reader should know, a sentence each.
    """

    explanation: Explanation
    product: str
    application: str
    as_of: int
    has_times: bool
    table: Applications
    sources: Mapping[str, Events | Attributes]
    protected: bool = False
    decision: str = ""
    kept: Kept | None = None
    notes: tuple[str, ...] = ()

    def zone(self, source: str) -> str:
        """Return the zone times of a table are shown in."""
        declared = self.sources[source].zone if source in self.sources else None
        return declared or self.table.zone or "UTC"

    def counts_from_application(self, source: str) -> bool:
        """Return True where a source's times count from the application."""
        table = self.sources.get(source)
        return not self.has_times or (isinstance(table, Events) and table.relative is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplainRequest:
    """What to explain.

    Args:
        loaded: The product.
        data: Folder of the raw tables.
        name: Name of the feature, or what stands for it alone.
        application: Id of the application.
    """

    loaded: LoadedProduct
    data: Path
    name: str
    application: str


def explain_application(request: ExplainRequest, *, progress: Progress | None = None) -> Explained:
    """Explain a feature's value for one application of the data.

    Args:
        request: What to explain.
        progress: Told how far reading is.

    Raises:
        DeclarationError: No feature, or more than one, is called so.
        DataError: There is no such application, it was refused, or the fast evaluator and its
            slow twin disagree.
        MissingFileError: The feature's optional source is absent.
    """
    product = request.loaded.product
    plan = product.plan
    every = (*plan.features, *plan.extras)
    feature = find_feature(every, request.name)
    narrowed = _narrowed(plan, every, feature)
    try:
        with open_data(narrowed, request.data, outcomes=False, progress=progress) as opened:
            _require_present(feature, opened.absent)
            one = _application(opened, request.application)
            case = _case(opened, one)
            frame = opened.feed().features(one)
    except DeclarationError as error:
        if error.field == "features" and tables_of(feature):  # nothing is left without its source
            _require_present(feature, tuple(tables_of(feature)))
        raise
    return Explained(
        explanation=checked(feature, case, frame), product=plan.product,
        application=request.application, as_of=case.as_of, has_times=plan.has_times,
        table=plan.applications, sources={source.name: source for source in plan.sources},
        protected=bool({column.name for column in reads(feature)} & set(plan.protected)),
    )  # fmt: skip


def _narrowed(plan: Plan, every: Sequence[Feature], feature: Feature) -> Plan:
    """Return the plan with what is computed together with one feature, and its sources alone.

    What other features read of a source settles its ties and corrections, so they stay; through a
    feature of two sources that can bring in another one.
    """
    needed = set(tables_of(feature))
    while True:
        found = needed.union(*(tables_of(one) for one in every if tables_of(one) & needed))
        if found == needed:
            break
        needed = found
    return replace(
        plan, features=tuple(one for one in every if tables_of(one) <= needed), extras=(), bad=None,
        sources=tuple(source for source in plan.sources if source.name in needed),
    )  # fmt: skip


def _require_present(feature: Feature, absent: Iterable[str]) -> None:
    for name in sorted(tables_of(feature) & set(absent)):
        raise MissingFileError(
            f"the feature {feature.name} reads this source, and the data folder lacks it",
            hint="the source is optional, so the product works without it; check --data",
            field=name,
        )


def _application(data: OpenData, wanted: str) -> KeyedApplications:
    opened = data.applications
    sql = f"SELECT {', '.join(own_selection(data))} FROM ({opened.sql})"
    with data.connection.cursor() as cursor:
        found = cursor.sql(f"{sql} WHERE CAST(id AS VARCHAR) = $id", params={"id": wanted})
        table = found.to_arrow_table()
    if table.num_rows == 1:
        return keyed(data, table)
    where = (
        f"its ids are in the column {data.plan.applications.id} of {data.plan.applications.name}"
    )
    for row in refused_rows(opened):
        if row.id == wanted:
            raise DataError(
                f"the application {wanted!r} was refused: {row.reason}",
                hint="mend its row, or declare how the table is written", field="application",
            )  # fmt: skip
    raise DataError(f"no application has the id {wanted!r}", hint=where, field="application")


def _case(data: OpenData, one: KeyedApplications) -> Case:
    feed = data.feed()
    rows: dict[str, EntityRows] = {}
    for source in data.program.sources:
        found = joined([piece for _, piece in feed.chunks(source, one.keys)])
        held = with_below(feed, source, found, one.as_of)
        rows |= {part.source.table.name: part.rows for part in held}
    return Case(
        table=data.plan.applications, sources=data.plan.sources, features=data.plan.features,
        application=ApplicationRows(
            as_of=one.as_of, entity=np.zeros(1, np.int64), columns=one.columns
        ),
        rows=rows,
    )  # fmt: skip


def checked(feature: Feature, case: Case, frame: FeatureFrame) -> Explanation:
    """Return a feature's explanation; refuse one that is not the fast evaluator's value.

    Args:
        feature: The feature.
        case: The application and its customer's rows.
        frame: What the fast evaluator computed for that one application.

    Raises:
        DataError: The two disagree, or the counted rows alone give another value.
    """
    told = explain(feature, case)
    if not same(told.value, value_at(frame[feature.name], 0)):
        raise DataError(
            "the fast evaluator and its slow twin give two values", hint=REPORT, field=feature.name
        )
    if not holds_alone(told, case):
        raise DataError(
            "the rows that counted do not give the value again", hint=REPORT, field=feature.name
        )
    return told
