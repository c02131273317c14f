"""Tune a technique for a product: the same search is resumed wherever it was left."""

from __future__ import annotations

from hashlib import sha256
from importlib.metadata import version as installed
from pathlib import Path

from solvent.app.learning import folds_of
from solvent.dataset import Dataset
from solvent.models import Technique, Training
from solvent.models.documents import to_bytes
from solvent.models.trials import Budget
from solvent.models.tuning import FOLDS, Fold, Task, Tuned, range_document, tune
from solvent.product import LoadedProduct
from solvent.progress import Progress
from solvent.store.trials import TrialFile

NAMED = 16
"""Hex digits of the digest that names a search."""
_LIBRARIES = ("solvent", "optuna", "numpy")


def tune_for(
    dataset: Dataset, training: Training, technique: Technique, budget: Budget, *,
    book: TrialFile, progress: Progress,
) -> Tuned:  # fmt: skip
    """Search settings on folds of the training side; trials noted before count.

    Args:
        dataset: Features and outcomes.
        training: The training side.
        technique: What to tune.
        budget: How long to search.
        book: Where trials are noted; see `trials_of`.
        progress: Told how far it is.

    Raises:
        SolventError: As `tune`; or trials noted before are damaged.
    """
    splits = folds_of(dataset, folds=FOLDS, seed=training.seed)
    folds = [Fold(train=split.train, test=split.test) for split in splits]
    task = Task(technique=technique, training=training, folds=folds)
    return tune(task, budget, book=book, progress=progress)


def trials_of(
    loaded: LoadedProduct, dataset: Dataset, training: Training, technique: Technique, *, home: Path
) -> TrialFile:
    """Return where the trials of a search are noted.

    It is another place for another product, data, split, space, seed or version.

    Args:
        loaded: The product.
        dataset, training, technique: What is tuned, and on what.
        home: The folder solvent keeps things in.
    """
    name = _search_name(loaded, dataset, training, technique)
    return TrialFile(home, loaded.product.name, name)


def _search_name(
    loaded: LoadedProduct, dataset: Dataset, training: Training, technique: Technique
) -> str:
    """Name a search by everything its trials depend on."""
    own = loaded.folder / f"{technique.name}.py"
    cut = dataset.split.cut
    told = {
        "product": loaded.digest,
        "technique": technique.name,
        "own": sha256(own.read_bytes()).hexdigest() if own.is_file() else "",
        "space": {name: range_document(one) for name, one in technique.space().items()},
        "data": [found.sha256 for found in dataset.fingerprints],
        "cut": cut,
        "rows": sha256(dataset.split.train.tobytes()).hexdigest(),
        "features": list(training.frame.names),
        "seed": training.seed,
        "versions": {name: installed(name) for name in _LIBRARIES},
    }
    return f"{technique.name}-{sha256(to_bytes(told)).hexdigest()[:NAMED]}"
