"""Train a PD model for a product: dataset, leakage gate, model, validation, bundle, report."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.parquet as pq

from solvent.app._kept import live_facts, populations
from solvent.app._links import link_facts, link_lines, links_aside
from solvent.app._record import (
    Judged,
    cutoff_words,
    feature_lines,
    periods_tested,
    training_record,
)
from solvent.app.check import TableCheck
from solvent.app.fairness import Cutoff, approval_cutoff, fairness
from solvent.app.learning import Finder, learn, link_plans, training_of
from solvent.app.libraries import versions
from solvent.app.preparing import prepared
from solvent.app.segments import calibrated_links, segment_checks
from solvent.app.selection import select_for
from solvent.app.tuning import TuneRequest, tune_for, tuned_plans, tuned_training
from solvent.dataset import Bad, Check, Dataset
from solvent.dataset.build import instant_text
from solvent.dataset.gate import scored_frame
from solvent.dataset.matching import Match
from solvent.dataset.splits import CUSTOMERS_TESTED
from solvent.errors import WriteError
from solvent.features import to_json
from solvent.metrics import Validation, cutoff_for_best_f1, cutoff_for_recall, validate
from solvent.models import Card, TrainedModel
from solvent.models.finding import find_technique
from solvent.models.selection import read_selection
from solvent.models.trained import at_central_tendency
from solvent.models.trials import Budget
from solvent.models.tuning import Tuned, require_tunable
from solvent.product import LoadedProduct, Product
from solvent.progress import Progress, Silent
from solvent.report import (
    CalibrationRecord,
    CentralTendency,
    TrainingRecord,
    require_place,
    write_report,
)
from solvent.store import ModelRegistry

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRequest:
    """What to train.

    Args:
        loaded: The product.
        data: The data folder.
        technique: Overrides the product's technique where given.
        split: Overrides the product's split where given.
        seed: Same seed, same model, bit for bit, unless settings are searched for a time: how
            many trials fit in it is not told by a seed.
        home: Folder of the registry.
        report: Where to write the HTML report; None for none.
        created_at: ISO instant written into the bundle.
        select: Overrides the product's selection where given: a number, "all" or "auto".
        central_tendency: Overrides the product's where given.
        tune: How long to search for better settings first; None for not at all.
    """

    loaded: LoadedProduct
    data: Path
    technique: str | None
    seed: int
    home: Path
    report: Path | None
    created_at: str
    split: str | None = None
    select: str | None = None
    central_tendency: float | None = None
    tune: Budget | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainResult:
    """What training made.

    Args:
        version: Version in the registry.
        folder: The bundle's folder.
        validation: Figures on the test side.
        record: Everything the report shows.
        tables: Rows of each table, the applications first.
        matches: How many applications have rows in each source.
    """

    version: int
    folder: Path
    validation: Validation
    record: TrainingRecord
    tables: tuple[TableCheck, ...] = ()
    matches: tuple[Match, ...] = ()


def train(request: TrainRequest, *, progress: Progress | None = None) -> TrainResult:
    """Train, validate and register a model; write its report.

    Args:
        request: What to train.
        progress: Told how far it is.

    Raises:
        SolventError: If the data, the gate or the technique refuse.
    """
    progress = progress or Silent()
    product = _asked_for(request)
    technique = product.technique
    registry = ModelRegistry(request.home)
    find = partial(find_technique, folder=request.loaded.folder)
    learner = find(technique)
    made_by = [find(link.technique or technique) for link in product.chain] or [learner]
    if request.tune is not None:  # refuses at once what would fail after hours
        require_tunable(made_by, request.tune)
    _require_places(request, registry)
    with prepared(
        product, request.data, seed=request.seed, created_at=request.created_at, progress=progress
    ) as ready:
        checks = ready.checks
        dataset, selected = select_for(
            ready.dataset, product.select, seed=request.seed, progress=progress
        )
        tuned = _tune(request, product, ready.dataset, find, progress)
        training = training_of(dataset, product, seed=request.seed)
        training = tuned_training(training, tuned, learner.name)
        plans = tuned_plans(link_plans(dataset, product, technique, find), tuned)
        model = replace(learn(training, plans, learner, progress=progress), selected=selected)
        model, central = _shift(model, product.central_tendency)
        judged = _judge(request, dataset, model, product, central, progress)
        live = live_facts(product, dataset, selected)
        named = model.technique if model.contest or plans else technique
        about = _about(request, dataset, checks, named, live["unread"])
        about |= _found(dataset, model, judged) | {"live": live}
        about["tuning"] = [one.document() for one in tuned]
        about["matches"] = [_plain(match) | {"share": match.share} for match in ready.matches]
        about["links_aside"] = list(links_aside(dataset, product))
        kept = populations(dataset, model, judged.pd_test)
        version = registry.add(product.name, model, about, kept)
        about["version"] = version
        record = training_record(
            dataset,
            checks,
            model,
            judged,
            about,
            truth=_truth(request.data, product.applications.id),
        )
        record = replace(record, tuning=tuned)
    if request.report is not None:
        _write_report(record, request.report)
    return TrainResult(
        version=version, folder=registry.path(product.name, version),
        validation=judged.test, record=record, tables=ready.tables, matches=ready.matches,
    )  # fmt: skip


def _asked_for(request: TrainRequest) -> Product:
    """Return the product with whatever of it the request overrides."""
    product = request.loaded.product
    if request.split is not None:
        product = replace(product, split=request.split)
    if request.select is not None:
        product = replace(product, select=read_selection(request.select, product.select))
    if request.central_tendency is not None:
        product = replace(product, central_tendency=request.central_tendency)
    if request.technique is not None:
        product = product.made_by(request.technique)
    return product


def _tune(
    request: TrainRequest, product: Product, candidates: Dataset, find: Finder, progress: Progress
) -> tuple[Tuned, ...]:
    if request.tune is None:
        return ()
    wish = TuneRequest(
        loaded=request.loaded, product=product, seed=request.seed, budget=request.tune,
        home=request.home, find=find,
    )  # fmt: skip
    return tune_for(wish, candidates, progress=progress)


def _require_places(request: TrainRequest, registry: ModelRegistry) -> None:
    """Refuse at once what would otherwise fail when the model is made."""
    approval_cutoff(request.loaded, Cutoff(pd=0.5, words=""))
    registry.require_place(request.loaded.product.name)
    if request.report is not None:
        require_place(request.report)


def _write_report(record: TrainingRecord, path: Path) -> None:
    try:
        write_report(record, path)
    except WriteError as error:
        raise WriteError(
            f"{error.message}; the model is registered all the same, as version {record.version}",
            hint=error.hint, field=error.field,
        ) from error  # fmt: skip


def _shift(
    model: TrainedModel, stated: float | None
) -> tuple[TrainedModel, CentralTendency | None]:
    """Bring the mean PD to the stated central tendency, if there is one."""
    if stated is None:
        return model, None
    shifted = at_central_tendency(model, stated)
    before = float(model.out_of_fold.mean())
    return shifted, CentralTendency(stated=stated, before=before, shift=shifted.calibration.shift)


def _judge(
    request: TrainRequest, dataset: Dataset, model: TrainedModel, product: Product,
    central: CentralTendency | None, progress: Progress,
) -> Judged:  # fmt: skip
    recall = product.recall
    train_side, test_side = dataset.split.train, dataset.split.test
    learnt = (model.out_of_fold, dataset.bad[train_side])
    cutoff = cutoff_for_best_f1(*learnt) if recall is None else cutoff_for_recall(*learnt, recall)
    pd_test = model.pd(scored_frame(dataset.open_data.plan, dataset.frame).take(test_side))
    approval = approval_cutoff(request.loaded, Cutoff(pd=cutoff, words=cutoff_words(recall)))
    segments = segment_checks(dataset, model, pd_test, periods_tested(dataset))
    return Judged(
        pd_test=pd_test,
        test=validate(
            pd_test, dataset.bad[test_side], cutoff=cutoff, clusters=dataset.customer[test_side]
        ),
        out_of_fold=validate(
            model.out_of_fold, dataset.bad[train_side], cutoff=cutoff,
            clusters=dataset.customer[train_side],
        ),
        cutoff_words=cutoff_words(recall),
        calibration=CalibrationRecord(
            trials=model.trials, central=central, segments=segments, links=calibrated_links(model)
        ),
        fairness=fairness(
            dataset, model, pd_test, approval, seed=request.seed, progress=progress
        ),
        links=link_lines(dataset, product, model, pd_test, cutoff),
    )  # fmt: skip


def _about(
    request: TrainRequest, dataset: Dataset, checks: tuple[Check, ...], technique: str,
    unread: list[str],
) -> dict[str, Any]:  # fmt: skip
    """Return what a bundle tells about what it was made from.

    Args:
        request: What was asked for.
        dataset: What it was trained on.
        checks: The leakage gate's findings.
        technique: How it was made.
        unread: Sources that selection left no feature to read.
    """
    plan = dataset.open_data.plan
    observed = dataset.observed_until
    closed = {*dataset.open_data.absent, *unread}
    return {
        "product": plan.product,
        "title": request.loaded.product.title,
        "product_digest": request.loaded.digest,
        "created_at": request.created_at,
        "seed": request.seed,
        "technique": technique,
        "scale": asdict((request.loaded.product.card or Card()).scale),
        "plan": {
            "applications": to_json(plan.applications),
            "sources": to_json([s for s in plan.sources if s.name not in closed]),
            "features": to_json(plan.scored_features),
            "protected": list(plan.protected),
        },
        "bad": {} if plan.bad is None else _bad(plan.bad),
        "amount": request.loaded.product.amount,
        "observed_until": None if observed is None else instant_text(observed),
        "split": _split(request, dataset),
        "data": [_plain(fingerprint) for fingerprint in dataset.fingerprints],
        "funnel": [_plain(stage) for stage in dataset.funnel],
        "refusals": [_plain(refusal) for refusal in dataset.refusals],
        "gate": [_plain(check) for check in checks],
        "versions": versions(),
    }


def _bad(bad: Bad) -> dict[str, Any]:
    """Return a bad definition as data, and in words."""
    parts = {part.name: to_json(getattr(bad, part.name)) for part in fields(bad)}
    return {"is": type(bad).__name__, "words": bad.words, **parts}


def _split(request: TrainRequest, dataset: Dataset) -> dict[str, Any]:
    """Return the rule that gives the two sides again, and a digest of the ids it gave."""
    split, plan = dataset.split, dataset.open_data.plan
    return {
        "kind": "by time" if split.cut is not None else "at random",
        "cut": None if split.cut is None else instant_text(split.cut),
        "cut_microseconds": split.cut,
        "seed": request.seed,
        "test_share": plan.test_share,
        "customers_tested": CUSTOMERS_TESTED,
        "train": int(split.train.sum()),
        "test": int(split.test.sum()),
        "set_aside": split.set_aside,
        "test_ids_sha256": split_digest(dataset),
    }


def split_digest(dataset: Dataset) -> str:
    """Return the SHA-256 of the ids of the test side: the same where the split is the same."""
    ids = sorted(map(str, dataset.ids.filter(pa.array(dataset.split.test)).to_pylist()))
    return sha256("\n".join(ids).encode()).hexdigest()


def _found(dataset: Dataset, model: TrainedModel, judged: Judged) -> dict[str, Any]:
    """Return what a bundle tells about how good it is and what it leans on."""
    return {
        "calibration": _calibrated(judged.calibration),
        "metrics": {"test": judged.test.as_dict(), "out_of_fold": judged.out_of_fold.as_dict()},
        "features": [_plain(line) for line in feature_lines(dataset, model)],
        "links": link_facts(judged.links),
        "contest": [one.document() for one in model.contest],
    }


def _calibrated(found: CalibrationRecord) -> dict[str, Any]:
    return {
        "trials": [trial.document() for trial in found.trials],
        "central_tendency": None if found.central is None else _plain(found.central),
    }


def _plain(value: DataclassInstance) -> dict[str, Any]:
    return {part.name: getattr(value, part.name) for part in fields(value)}


def _truth(data: Path, id_column: str) -> dict[str, float] | None:
    """Return the true PD by application id where a simulated lender wrote one."""
    path = data / "truth.parquet"
    if not path.is_file() or not (data / "sandbox.json").is_file():
        return None
    table = pq.read_table(path)
    ids = [str(value) for value in table[id_column].to_pylist()]
    return dict(zip(ids, table["true_pd"].to_numpy().tolist(), strict=True))
