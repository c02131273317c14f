"""Make a decision again from what it names: its model, its policy, its rows; compare every byte."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from solvent.app.answers import decision_json, document_json
from solvent.app.bootstrap import Service
from solvent.app.decide import Application, InlineRow, LiveRows, SourceRow, decide_application
from solvent.app.decisions import find_decision
from solvent.app.live_product import LiveProduct
from solvent.errors import BundleError, RangeError, SolventError, StoreError
from solvent.features.live import TypedRow
from solvent.features.packed import PackedRows
from solvent.models.documents import to_bytes
from solvent.store import StoredDecision

_SENT = ("event_id", "event_time", "available_time", "body", "known")
_MADE_BY = "solvent"
"""Version of the software in an answer: the one thing another replay may say otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """What came of making a decision again.

    Args:
        decision: Its id.
        differs: What is not the same, by its place in the document: answer.pd; empty where every
            byte is.
        compared: How many values the document holds.
        made_by: Version of the software that decided.
        rows: Live rows that were read again.
    """

    decision: str
    differs: tuple[str, ...]
    compared: int
    made_by: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreplayed:
    """A decision that could not be made again.

    Args:
        decision: Its id.
        reason: Why, without a person's data.
    """

    decision: str
    reason: str


class Replays:
    """Makes decisions again; models and policies that many name are loaded once.

    Args:
        service: Everything that is wired together.
        most: How many pairs of model and policy are remembered.
    """

    def __init__(self, service: Service, *, most: int = 8) -> None:
        self._service = service
        self._pinned = lru_cache(maxsize=most)(service.pinned)

    def replay(self, decision_id: str) -> Replayed:
        """Make one decision again, and compare it with what was kept.

        Args:
            decision_id: 32 hex digits.

        Raises:
            NotServedError: There is none, or the person was erased.
            BundleError: The model that decided is gone or was changed.
            StoreError: The policy is gone or was changed, or the decision lacks what is needed.
            DataError: A row it read does not fit its model: it cannot have been read.
        """
        kept = find_decision(self._service, decision_id)
        try:
            document: Mapping[str, Any] = json.loads(kept.document)
            answer, request = document["answer"], document["request"]
            live = self._live(kept.product, answer)
            application = _application(kept, request)
            mark, typing = int(answer["high_water"]), request["typing"]
        except (KeyError, TypeError, ValueError) as error:
            raise StoreError(
                "the decision was kept without what it was computed from", field="decision",
                hint="was it kept by an older solvent? solvent audit verify tells of changes",
            ) from error  # fmt: skip
        if typing != live.typings[live.applications.name].name:
            raise StoreError(
                "the decision's application was typed under another declaration",
                hint="replay it with the solvent that decided",
                field="decision",
            )
        again = decide_application(
            live, application, _RowsUpTo(self._service.rows, mark), decision_id=kept.id,
            now=kept.decided_at,
        )  # fmt: skip
        told = decision_json(again.decision, live, "")
        made = document_json({**told, _MADE_BY: answer[_MADE_BY]}, again, application, live)
        columns = {
            "as_of": application.as_of, "id": told["id"], "product": live.name,
            "key": again.decision.key, "verdict": told["verdict"], "pd": told["pd"],
            "score": told["score"],
        }  # fmt: skip
        return Replayed(
            decision=kept.id, differs=(*_columns(columns, kept), *_differing(made, kept.document)),
            compared=sum(1 for _ in _leaves(made)), made_by=str(answer[_MADE_BY]),
            rows=again.decision.rows_read,
        )  # fmt: skip

    def sample(self, *, since: int, share: float) -> Iterator[Replayed | Unreplayed]:
        """Make a share of all decisions again, the same ones every time, in their order.

        Decisions about people who were erased are left out.

        Args:
            since: Those decided then or later, int UTC microseconds.
            share: In (0, 1].
        """
        for decision_id in self._service.decisions.sampled(since=since, share=share):
            try:
                yield self.replay(decision_id)
            except SolventError as error:
                yield Unreplayed(decision=decision_id, reason=error.message)

    def _live(self, product: str, answer: Mapping[str, Any]) -> LiveProduct:
        model, policy = int(answer["model_version"]), int(answer["policy_version"])
        live = self._pinned(product, model, policy)
        if live.registered.digest != answer["model_digest"]:
            raise BundleError(
                f"version {model} is not the model that made the decision",
                hint="restore the bundle the decision names by its digest", field=product,
            )  # fmt: skip
        if live.versioned.digest != answer["policy_digest"]:
            raise StoreError(
                f"version {policy} is not the policy that made the decision",
                hint="restore the policy the decision names by its digest", field=product,
            )  # fmt: skip
        return live


class _RowsUpTo:
    """Live rows as they were when the newest had a number.

    Args:
        rows: Where they are kept.
        mark: That number.
    """

    def __init__(self, rows: LiveRows, mark: int) -> None:
        self._rows, self._mark = rows, mark

    def high_water(self, product: str) -> int:
        """Return the number of the newest row there was."""
        del product
        return self._mark

    def read(self, product: str, key: str, *, until_sequence: int | None) -> Sequence[SourceRow]:
        """Return one entity's rows, of every source."""
        return self._rows.read(product, key, until_sequence=self._until(until_sequence))

    def packed(
        self, product: str, key: str, *, until_sequence: int | None, parent: str = ""
    ) -> Mapping[str, PackedRows]:
        """Return the same rows as records."""
        until = self._until(until_sequence)
        return self._rows.packed(product, key, until_sequence=until, parent=parent)

    def owner(self, product: str, source: str, event_id: str) -> None:
        """Return nobody: whether an id was another's was looked at when it came."""
        del product, source, event_id

    def _until(self, asked: int | None) -> int:
        return self._mark if asked is None else min(asked, self._mark)


def _application(kept: StoredDecision, request: Mapping[str, Any]) -> Application:
    """Return an application as it was typed then."""
    inline = tuple(
        InlineRow(
            source=sent["source"],
            row=TypedRow(key=kept.key, **{name: sent[name] for name in _SENT}),
        )
        for sent in request["inline"]
    )
    return Application(
        key=kept.key, as_of=int(request["as_of"]), application=kept.application,
        attributes=request["attributes"], known=request["known"], inline=inline,
    )  # fmt: skip


def _columns(made: Mapping[str, object], kept: StoredDecision) -> Iterator[str]:
    """Yield the columns of a decision's row that are not what was made again."""
    for name, value in made.items():
        if repr(value) != repr(getattr(kept, name)):  # repr tells every bit of a float
            yield name


def _differing(made: Mapping[str, Any], kept: bytes) -> Iterator[str]:
    """Yield the places where a document made again is not the one kept."""
    if to_bytes(made) == kept:
        return
    before, after = dict(_leaves(json.loads(kept))), dict(_leaves(json.loads(to_bytes(made))))
    places = [
        place
        for place in {**before, **after}
        if place not in before or place not in after or before[place] != after[place]
    ]
    yield from places or ("the document's spelling",)


def _leaves(value: Any, place: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    """Yield every value of a JSON document by its place, spelt to the last bit."""
    if isinstance(value, Mapping) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{place}.{name}" if place else str(name))
    elif isinstance(value, list | tuple) and value:
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{place}.{number}")
    else:
        yield place, repr(value)


def require_share(text: str) -> float:
    """Return a share written as 1% or 0.01.

    Raises:
        RangeError: It is none.

    >>> require_share("1%"), require_share("0.5")
    (0.01, 0.5)
    """
    try:
        number = float(text.removesuffix("%")) / (100.0 if text.endswith("%") else 1.0)
    except ValueError:
        number = 0.0
    if not 0.0 < number <= 1.0:
        raise RangeError("is no share of the decisions", hint="write 1% or 0.01", field="--sample")
    return number
