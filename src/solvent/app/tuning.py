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
from solvent.models.tuning import FOLDS, Fold, Tuned, range_document, tune
from solvent.product import LoadedProduct
from solvent.progress import Progress
from solvent.store.trials import TrialFile

NAMED = 16
"""Hex digits of the digest that names a search."""
_LIBRARIES = ("solvent", "optuna", "numpy")


def tune_for(
    loaded: LoadedProduct, dataset: Dataset, training: Training, technique: Technique,
    budget: Budget, *, home: Path, progress: Progress,
) -> Tuned:  # fmt: skip
    """Search settings on folds of the training side; trials noted before count.

    Args:
        loaded: The product.
        dataset: Features and outcomes.
        training: The training side.
        technique: What to tune.
        budget: How long to search.
        home: The folder trials are noted in.
        progress: Told how far it is.

    Raises:
        SolventError: As `tune`; or trials noted before are damaged.
    """
    splits = folds_of(dataset, folds=FOLDS, seed=training.seed)
    book = TrialFile(home, loaded.product.name, _search_name(loaded, dataset, training, technique))
    folds = [Fold(train=split.train, test=split.test) for split in splits]
    return tune(technique, training, folds, budget, book=book, progress=progress)


def _search_name(
    loaded: LoadedProduct, dataset: Dataset, training: Training, technique: Technique
) -> str:
    """Name what would be tried: another product, data, split, space, seed or version is another."""
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
