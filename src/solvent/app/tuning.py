"""Tune what a product trains: each link of a chain, each technique of a blend or of a contest.

What there is to tune shares one budget. The same search is resumed wherever it was left.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import numpy as np

from solvent.app.learning import Finder, folds_of, link_plans, training_of
from solvent.app.libraries import versions
from solvent.app.selection import select_within
from solvent.dataset import Dataset
from solvent.dataset.folds import learnable
from solvent.errors import TrainingError
from solvent.models import Technique, Training
from solvent.models.chain import LinkPlan, of_link
from solvent.models.documents import to_bytes
from solvent.models.technique import Settings
from solvent.models.trials import Budget
from solvent.models.tuning import FOLDS, Fold, Task, Tuned, not_tuned, range_document, tunable, tune
from solvent.product import LoadedProduct, Product
from solvent.progress import Progress
from solvent.store.trials import TrialFile

NAMED = 16
"""Hex digits of the digest that names a search."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TuneRequest:
    """What to tune.

    Args:
        loaded: The product, where its file lies.
        product: Its declaration, with whatever of it was overridden.
        seed: Of everything random.
        budget: How long to search, for all that is tuned together.
        home: The folder solvent keeps things in.
        find: From the name of a technique to the technique.
    """

    loaded: LoadedProduct
    product: Product
    seed: int
    budget: Budget
    home: Path
    find: Finder


def tune_for(request: TuneRequest, dataset: Dataset, *, progress: Progress) -> tuple[Tuned, ...]:
    """Search settings on folds of the training side; trials noted before count.

    Features are selected inside the training part of each fold. What comes later shares what those
    before it left of the budget; once a person stopped a search, none follows.

    Args:
        request: What to tune.
        dataset: With every candidate feature, and outcomes.
        progress: Told how far it is.

    Raises:
        SolventError: As `tune`; or trials noted before are damaged.
    """
    tasks = tuple(tasks_of(request, dataset, progress))
    found: list[Tuned] = []
    spent = 0.0
    for number, (task, member) in enumerate(tasks):
        share = request.budget.share(spent, len(tasks) - number)
        book = TrialFile(
            request.home, request.loaded.product.name, search_name(request, dataset, task)
        )
        try:
            tuned = tune(task, share, book=book, progress=progress)
        except Exception as error:  # whatever a library or a lender's own file raises
            if not member:
                raise
            tuned = not_tuned(task, error)
        spent += min(share.spent(tuned.trials), share.whole)
        found.append(tuned)
        if tuned.stopped:
            break
    return tuple(found)


def tuned_training(training: Training, found: Sequence[Tuned], technique: str) -> Training:
    """Return what one model learns from, told what was found for it.

    Args:
        training: What it learns from.
        found: What was tuned.
        technique: The name of its technique.
    """
    return training.tuned(*_told(found, "", technique))


def tuned_plans(plans: Sequence[LinkPlan], found: Sequence[Tuned]) -> tuple[LinkPlan, ...]:
    """Return the links of a chain, each told what was found for it.

    Args:
        plans: The links.
        found: What was tuned.
    """
    told = ((plan, _told(found, plan.link.name, plan.technique.name)) for plan in plans)
    return tuple(replace(plan, settings=own, members=members) for plan, (own, members) in told)


def _told(
    found: Sequence[Tuned], link: str, technique: str
) -> tuple[Settings, Mapping[str, Settings]]:
    """Return the settings of a link's technique, and of those it is made of."""
    settings = {one.technique: one.settings for one in found if one.link == link}
    return settings.pop(technique, {}), settings


def tasks_of(
    request: TuneRequest, dataset: Dataset, progress: Progress
) -> list[tuple[Task, bool]]:  # fmt: skip
    """Return what is tuned, in order, and whether each is but a part of what is trained.

    Args:
        request: What to tune.
        dataset: With every candidate feature, and outcomes.
        progress: Told how far it is.
    """
    product = request.product
    training = training_of(dataset, product, seed=request.seed)
    plans = link_plans(dataset, product, product.technique, request.find)
    folds = _folds(request, dataset, progress)
    wholes: list[tuple[Technique, Training, tuple[Fold, ...], LinkPlan | None]] = [
        (plan.technique, of_link(training, plan), _link_folds(folds, training, plan), plan)
        for plan in plans
    ] or [(request.find(product.technique), training, folds, None)]
    return [
        (
            Task(
                technique=part, training=own, folds=judged,
                link="" if plan is None else plan.link.name,
                whom="" if plan is None else plan.link.whom,
            ),
            part is not whole,
        )
        for whole, own, judged, plan in wholes
        for part in tunable(whole)
    ]  # fmt: skip


def _folds(request: TuneRequest, dataset: Dataset, progress: Progress) -> tuple[Fold, ...]:
    """Return the folds; where features are selected, only their training parts are looked at."""
    splits = folds_of(dataset, folds=FOLDS, seed=request.seed)
    found = []
    for split in splits:
        selected = select_within(
            dataset, split.train, request.product.select, seed=request.seed, progress=progress
        )
        features = None if selected is None else selected.kept
        found.append(Fold(train=split.train, test=split.test, features=features))
    return tuple(found)


def _link_folds(
    folds: Sequence[Fold], training: Training, plan: LinkPlan
) -> tuple[Fold, ...]:  # fmt: skip
    """Return the folds among what a link learns from; one too small to learn from is left out.

    Raises:
        TrainingError: All are.
    """
    known = plan.known
    bad, groups = training.bad[known], training.groups[known]
    found = []
    for fold in folds:
        train, test = fold.train[known], fold.test[known]
        kept = plan.features if fold.features is None else fold.features
        reads = tuple(name for name in plan.features if name in set(kept))
        if reads and test.any() and learnable(bad[train], groups[train]):
            found.append(Fold(train=train, test=test, features=reads))
    if not found:
        raise TrainingError(
            f"knows {int(np.sum(known)):,} training applications, too few to tune on folds of them",
            hint="leave --tune out, or bring more data", field=f"chain.{plan.link.name}",
        )  # fmt: skip
    return tuple(found)


def search_name(request: TuneRequest, dataset: Dataset, task: Task) -> str:
    """Name a search by everything its trials depend on.

    It is another for another product, data, split, fold, feature, space, seed, or version of a
    library.

    Args:
        request: What to tune.
        dataset: What it is tuned on.
        task: The technique, its training and its folds.
    """
    name = task.technique.name
    own = request.loaded.folder / f"{name}.py"
    told = {
        "product": request.loaded.digest,
        "technique": name,
        "link": task.link,
        "own": sha256(own.read_bytes()).hexdigest() if own.is_file() else "",
        "space": {key: range_document(one) for key, one in task.technique.space().items()},
        "data": [found.sha256 for found in dataset.fingerprints],
        "cut": dataset.split.cut,
        "rows": sha256(dataset.split.train.tobytes()).hexdigest(),
        "features": list(task.training.frame.names),
        "folds": [
            {
                "train": sha256(fold.train.tobytes()).hexdigest(),
                "test": sha256(fold.test.tobytes()).hexdigest(),
                "features": None if fold.features is None else list(fold.features),
            }
            for fold in task.folds
        ],
        "seed": task.training.seed,
        "versions": versions(),
    }
    return f"{name}-{sha256(to_bytes(told)).hexdigest()[:NAMED]}"
