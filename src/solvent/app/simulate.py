"""Simulate: walk through the applications a model was tested on, decide each, count the money."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from solvent.app._plans import require_whole
from solvent.app._targets import Inputs, kept_files, require_apart, whole_file
from solvent.app.answers import instant_json
from solvent.app.applicants import Applicants
from solvent.app.bootstrap import versioned_policy
from solvent.app.csv_cells import CsvWriter
from solvent.app.libraries import versions
from solvent.app.live_product import LiveProduct, go_live
from solvent.app.portfolio import best_cutoff, chosen_words, worth_of
from solvent.app.reason_checks import reason_lines
from solvent.app.train import split_digest
from solvent.dataset import Dataset, OpenData, build_dataset, open_data
from solvent.domain import Money
from solvent.errors import DataError, WriteError
from solvent.features import Own
from solvent.features.program import compile_features
from solvent.policy import Judgement
from solvent.product import FILE, LoadedProduct
from solvent.progress import Progress, Silent
from solvent.report import (
    AlternativeLine,
    RuleLine,
    SimulationRecord,
    economics_words,
    require_place,
    write_simulation,
)
from solvent.simulate import Decided, Walk, walk
from solvent.store import ModelRegistry

BoolArray = NDArray[np.bool_]
COLUMNS = (
    "application_id", "user_id", "application_at", "verdict", "pd", "score", "band", "offer",
    "amount", "fee", "alternatives", "rules", "bad", "money", "currency",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateRequest:
    """What to simulate.

    Args:
        loaded: The product; its policy lies beside it.
        data: The data folder the model was trained on.
        home: Folder of the registry.
        version: Version of the model; None for the newest.
        report: Where to write the HTML report; None for none.
        out: Where to write every decision as CSV; None for none.
        now: Today's instant, UTC microseconds.
    """

    loaded: LoadedProduct
    data: Path
    home: Path
    version: int | None
    report: Path | None
    out: Path | None
    now: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulateResult:
    """What was found.

    Args:
        version: Version of the model.
        walk: Money along the way, against approving everybody and against perfect foresight.
        record: Everything the report shows.
    """

    version: int
    walk: Walk
    record: SimulationRecord


def simulate(request: SimulateRequest, *, progress: Progress | None = None) -> SimulateResult:
    """Decide every application the model was tested on, in time order, and count the money.

    Args:
        request: What to simulate.
        progress: Told how far it is.

    Raises:
        BundleError: No such model is registered.
        DeclarationError: The policy is not sound.
        DataError: A table cannot be read, or the data are not those the model was trained on.
        WriteError: A result cannot be written; nothing half-written is left.
    """
    progress = progress or Silent()
    _require_targets(request)
    registry, product = ModelRegistry(request.home), request.loaded.product
    registered = registry.load(product.name, request.version)
    population = registry.population(product.name, registered.version, "test")
    live = go_live(registered, versioned_policy(request.loaded.folder), population, explained=False)
    plan = replace(
        product.plan, applications=live.applications, features=live.program.features, extras=(),
        sources=tuple(live.sources.values()),
        at_random=registered.about["split"]["kind"] == "at random",
    )  # fmt: skip
    with open_data(plan, request.data, keep_order=False, progress=progress) as data:
        require_whole(plan, data)
        dataset = _tested(live, data, request.now, progress)
        applicants, keys = _applicants(live, data, dataset, progress)
        judged = list(_judged(applicants, progress))
        ids = dataset.ids.filter(pa.array(dataset.split.test)).to_pylist()
    decided = _decided(live, applicants, judged, dataset)
    train = registry.population(product.name, registered.version, "train")
    best = best_cutoff(live.policy, train)
    made = replace(
        _record(live, decided, judged, dataset), best=best, best_words=chosen_words(live, best),
        created_at=instant_json(request.now),
    )  # fmt: skip
    if request.out is not None:
        _write(request.out, list(map(str, ids)), keys, judged, decided)
    if request.report is not None:
        write_simulation(made, request.report)
    return SimulateResult(version=registered.version, walk=walk(decided), record=made)


def _require_targets(request: SimulateRequest) -> None:
    product = request.loaded.product
    inputs = Inputs(
        applications=request.data / next(iter(product.applications.paths), FILE), data=request.data,
        tables=(product.applications, *product.sources), registry=request.home / "models",
        kept=kept_files(request.loaded.folder, request.home),
    )  # fmt: skip
    if request.report is not None:
        require_place(request.report)
        require_apart(request.report, inputs, field="report")
    if request.out is not None:
        require_apart(request.out, inputs)
        if request.report is not None and request.report.resolve() == request.out.resolve():
            raise WriteError(
                "the report and the decisions cannot go to one file", hint="name two",
                field="output",
            )  # fmt: skip


def _tested(live: LiveProduct, data: OpenData, now: int, progress: Progress) -> Dataset:
    """Return the applications with their outcomes, split as they were in training."""
    own = tuple(feature for feature in live.program.features if isinstance(feature, Own))
    program = compile_features(live.applications, (), own)
    split = live.registered.about["split"]
    dataset = build_dataset(
        replace(data, program=program), seed=split["seed"], now=now, progress=progress
    )
    if split_digest(dataset) != split["test_ids_sha256"]:
        raise DataError(
            "these are not the applications the model was trained and tested on",
            hint="give the data of the training, or train again: what was learnt from must not be "
            "judged",
            field="data",
        )  # fmt: skip
    return dataset


def _applicants(
    live: LiveProduct, data: OpenData, dataset: Dataset, progress: Progress
) -> tuple[Applicants, list[str]]:
    some = dataset.applications.take(np.flatnonzero(dataset.split.test))
    rows, found = data.feed().aggregates(some, progress=progress)
    return Applicants(live, rows, found), [str(key) for key in some.keys.to_pylist()]


def _judged(applicants: Applicants, progress: Progress) -> Iterator[Judgement]:
    with progress.step("deciding every application", len(applicants)) as step:
        for place in range(len(applicants)):
            yield applicants.judge(place)
            step.advance()


def _decided(
    live: LiveProduct, applicants: Applicants, judged: list[Judgement], dataset: Dataset
) -> Decided:
    test = dataset.split.test
    asked = np.array(
        [np.nan if (a := applicants.asked(place)) is None else a for place in range(len(judged))]
    )
    return Decided(
        verdict=np.array([one.verdict.value for one in judged]),
        pd=np.array([one.pd for one in judged]), bad=dataset.bad[test],
        worth=worth_of(live.policy, applicants.frame()),
        as_of=dataset.applications.as_of[test] if live.has_times else None,
        asked=None if np.isnan(asked).all() else asked,
    )  # fmt: skip


def _record(
    live: LiveProduct, decided: Decided, judged: list[Judgement], dataset: Dataset
) -> SimulationRecord:
    about, policy = live.registered.about, live.policy
    split = about["split"]
    kind = "by time, on other customers" if split["cut"] else "at random by customer"
    return SimulationRecord(
        product=live.name, title=live.title, technique=about["technique"],
        model_version=str(live.registered.version), policy_name=policy.name,
        policy_version="as it stands in policy.yaml", policy_digest=live.versioned.digest,
        created_at="", bad_words=about["bad"]["words"],
        split_words=f"the test side of a split {kind}", unseen=True, decided=decided,
        cutoffs=policy.cutoffs,
        rules=tuple(
            RuleLine(
                code=rule.code, reason=rule.reason, verdict=rule.verdict,
                caught=np.array([rule in one.rules for one in judged], np.bool_),
            )
            for rule in policy.knock_outs
        ),
        alternatives=tuple(
            AlternativeLine(
                title=one.title, detail=one.detail,
                offered=sum(any(o.name == one.name for o in each.alternatives) for each in judged),
            )
            for one in policy.alternatives
        ),
        economics=economics_words(policy.economics, live.titles), limits=_limits(live),
        reasons=reason_lines(live),
        sources=tuple((f.file, f.rows, f.sha256) for f in dataset.fingerprints),
        versions=versions(),
    )  # fmt: skip


def _limits(live: LiveProduct) -> tuple[str, ...]:
    if not live.policy.offer.amounts:
        return ()
    words = (
        "Money is counted at the amounts the lender lent at the time; an offer of another amount "
        "changes who is approved, not what is at stake here."
    )
    return (words,)


def _write(
    out: Path, ids: list[str], keys: list[str], judged: list[Judgement], decided: Decided
) -> None:
    money = np.where(
        decided.approved(),
        np.where(decided.bad, decided.worth.bad_approved, decided.worth.good_approved),
        np.where(decided.bad, decided.worth.bad_declined, decided.worth.good_declined),
    )
    with whole_file(out) as draft:
        text = io.TextIOWrapper(draft, encoding="utf-8", newline="")
        writer = CsvWriter(text)
        writer.write(COLUMNS)
        for place, one in enumerate(judged):
            at = "" if decided.as_of is None else instant_json(int(decided.as_of[place]))
            writer.write(
                [
                    ids[place], keys[place], at, *_cells(one),
                    int(decided.bad[place]), float(money[place]) + 0.0, decided.worth.currency,
                ]
            )  # fmt: skip
        text.detach()


def _cells(one: Judgement) -> list[object]:
    offer = one.offer
    amount, fee = (None, None) if offer is None else (offer.amount, offer.fee)
    return [
        one.verdict.value, one.pd, one.score, one.band.name if one.band else "",
        offer.title if offer else "", _plain(amount), _plain(fee),
        ";".join(each.name for each in one.alternatives),
        ";".join(rule.code for rule in one.rules),
    ]  # fmt: skip


def _plain(money: Money | None) -> str:
    return "" if money is None else f"{money.major:.{money.scale}f}"
