"""The very rows behind one value of a decision that was kept: live rows up to its mark."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from solvent.app.bootstrap import Service
from solvent.app.explain import REPORT, Explained, Kept, checked
from solvent.app.feature_names import find_feature
from solvent.dataset.plan import reads
from solvent.errors import BundleError, NotServedError, StoreError
from solvent.features import (
    ApplicationRows,
    Applications,
    Attributes,
    EntityRows,
    Events,
    Feature,
    FeatureFrame,
    Kind,
    from_json,
)
from solvent.features.evaluate import aggregate, assemble
from solvent.features.explain import Case, same
from solvent.features.live import (
    EntityRow,
    TypedRow,
    application_columns,
    entity_rows,
    rows_below,
    typing_of,
)
from solvent.features.program import SourceProgram, compile_features
from solvent.features.twin import Value
from solvent.store import RegisteredModel, StoredDecision

_ID = re.compile("[0-9a-f]{32}")
_SENT = ("event_id", "event_time", "available_time", "body", "known")


def explain_decision(service: Service, product: str, decision_id: str, name: str) -> Explained:
    """Explain a feature's value in a decision, by the model and the live rows that made it.

    Args:
        service: Everything that is wired together.
        product: Name of the product the decision must be of.
        decision_id: 32 hex digits.
        name: Name of the feature, or what stands for it alone.

    Raises:
        NotServedError: There is no such decision of the product.
        BundleError: The model that decided is gone or was changed.
        DeclarationError: No feature, or more than one, is called so.
        StoreError: The decision was kept by an older solvent and lacks what is needed.
    """
    kept = service.decisions.get(decision_id) if _ID.fullmatch(decision_id) else None
    if kept is None or kept.product != product or not kept.document:
        raise NotServedError(
            f"{product} has no such decision",
            hint="check the decision's id, and SOLVENT_HOME or SOLVENT_DATABASE_URL",
            field="decision",
        )
    pinned = _Pinned(service, kept)
    feature = find_feature(pinned.features, name)
    case, frame = pinned.case()
    explained = pinned.explained(feature, case, frame)
    if explained.kept is Kept.DIFFERENT and pinned.may_hang_on_offer(feature):
        case, frame = pinned.case(at_offer=True)
        again = pinned.explained(feature, case, frame)
        if again.kept is Kept.EQUAL:
            note = "the amount is the one that was offered, not the one asked for"
            return replace(again, notes=(*again.notes, note))
    return explained


class _Pinned:
    """A decision with the declaration of the model that made it, and the rows it read."""

    def __init__(self, service: Service, kept: StoredDecision) -> None:
        self._kept, self._service = kept, service
        document: Mapping[str, Any] = json.loads(kept.document)
        try:
            self._answer, self._request = document["answer"], document["request"]
            self._values: Mapping[str, Value] = document["values"]
            self._registered = _pinned_model(service, kept.product, self._answer)
            plan = self._registered.about["plan"]
            facts = self._registered.about["live"]
        except KeyError as error:
            raise StoreError(
                "the decision was kept by an older solvent, without what it was computed from",
                hint="decisions made since can be explained", field="decision",
            ) from error  # fmt: skip
        self.table: Applications = from_json(plan["applications"])
        self.sources: dict[str, Events | Attributes] = {
            source.name: source for source in from_json(plan["sources"])
        }
        self.features: tuple[Feature, ...] = (
            *from_json(plan["features"]), *from_json(facts["extras"])
        )  # fmt: skip
        self._whole = set(facts["whole_ids"])
        self._amount: str | None = self._registered.about.get("amount")
        self._program = compile_features(self.table, tuple(self.sources.values()), self.features)
        typing = typing_of(self.table, self.table.name in self._whole)
        if self._request["typing"] != typing:
            raise StoreError(
                "the decision's application was typed under another declaration",
                hint=REPORT, field="decision",
            )  # fmt: skip
        self._held = self._rows()

    def _rows(self) -> dict[str, list[EntityRow]]:
        """Return the rows the decision read: the store's up to its mark, and those sent along."""
        held: dict[str, list[EntityRow]] = {
            source.table.name: [] for source in self._program.sources
        }
        kept = self._kept
        if held:
            until = int(self._answer["high_water"])
            for row in self._service.rows.read(kept.product, kept.key, until_sequence=until):
                if row.source in held:
                    held[row.source].append(row)
        for sent in self._request["inline"]:
            if sent["source"] in held:
                told = {name: sent[name] for name in _SENT}
                held[sent["source"]].append(TypedRow(key=kept.key, **told))
        return held

    def _below(self, below: SourceProgram, parent: str, id_: str) -> EntityRows:
        name = below.table.name
        kept = self._service.rows.read(
            self._kept.product, id_, until_sequence=int(self._answer["high_water"]), parent=parent
        )
        return entity_rows(
            below, [row for row in kept if row.source == name], whole_ids=name in self._whole
        )

    def case(self, *, at_offer: bool = False) -> tuple[Case, FeatureFrame]:
        """Return the case, and every value as the fast evaluator computes it.

        Args:
            at_offer: True to compute as if the amount offered had been asked for.
        """
        attributes = dict(self._request["attributes"])
        if at_offer and self._amount is not None:
            attributes[self._amount] = self._offered(self._amount)
        application = ApplicationRows(
            as_of=np.array([self._kept.as_of], np.int64), entity=np.zeros(1, np.int64),
            columns=application_columns(self.table, attributes, self._request["known"]),
        )  # fmt: skip
        rows = {
            source.table.name: entity_rows(
                source, self._held[source.table.name], whole_ids=source.table.name in self._whole
            )
            for source in self._program.sources
        }
        for source in self._program.sources:
            rows |= rows_below(source, rows[source.table.name], self._below)
        frame = assemble(self._program, application, aggregate(self._program, application, rows))
        case = Case(
            table=self.table, sources=tuple(self.sources.values()), features=self.features,
            application=application, rows=rows,
        )  # fmt: skip
        return case, frame

    def may_hang_on_offer(self, feature: Feature) -> bool:
        """Return True where a feature reads the amount, and one was offered."""
        read = {column.name for column in reads(feature) if column.table == self.table.name}
        offer = self._answer.get("offer")
        return self._amount in read and bool(offer) and offer["amount"] is not None

    def _offered(self, column: str) -> int | float:
        declared = self.table.columns[column]
        amount = float(self._answer["offer"]["amount"]["amount"])
        return amount if declared.kind is Kind.NUMBER else round(amount * 10**declared.scale)

    def explained(self, feature: Feature, case: Case, frame: FeatureFrame) -> Explained:
        """Return one feature explained, beside the value kept."""
        told = checked(feature, case, frame)
        state = Kept.ABSENT
        if feature.name in self._values:
            kept = self._values[feature.name]
            state = Kept.EQUAL if same(told.value, kept) else Kept.DIFFERENT
        return Explained(
            explanation=told, product=self._kept.product, application=self._kept.application,
            as_of=self._kept.as_of, has_times=self.table.as_of is not None, table=self.table,
            sources=self.sources, decision=self._kept.id, kept=state, notes=self._notes(case),
        )  # fmt: skip

    def _notes(self, case: Case) -> tuple[str, ...]:
        read, now = int(self._answer["rows_read"]), sum(map(len, case.rows.values()))
        version = self._registered.version
        mark = int(self._answer["high_water"])
        notes = [f"decided by model version {version} on {now:,} live rows, up to number {mark:,}"]
        if read != now:
            notes.append(f"the decision counted {read:,} rows when it was made")
        return tuple(notes)


def _pinned_model(service: Service, product: str, answer: Mapping[str, Any]) -> RegisteredModel:
    registered = service.models.load(product, int(answer["model_version"]))
    if registered.digest != answer["model_digest"]:
        raise BundleError(
            f"version {registered.version} is not the model that made the decision",
            hint="restore the bundle the decision names by its digest", field=product,
        )  # fmt: skip
    return registered
