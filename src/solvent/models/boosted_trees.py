"""Boosted trees: LightGBM, held back, stopped on log loss, categories told out of fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.errors import BundleError
from solvent.features import CategoryColumn, FeatureFrame
from solvent.models._boosting import Grower, Rows, Settings
from solvent.models._lightgbm import Trees
from solvent.models.documents import Document, Json, to_bytes
from solvent.models.folds import FOLDS, deal_folds
from solvent.models.matrix import Draft, Encoder
from solvent.models.plans import AnyColumn, Plain, Plan
from solvent.models.technique import (
    BoolArray,
    FloatArray,
    Importance,
    IntArray,
    Learnt,
    rank_importances,
    sample_rows,
)
from solvent.progress import Progress

NAME: Final = "boosted_trees"
MODEL_FILE: Final = "model.txt"
ENCODER_FILE: Final = "encoder.json"

MOST_ROUNDS: Final = 3000
PATIENCE: Final = 60
EXPLAINED_ROWS: Final = 2000
LARGE: Final = 20_000_000
HUGE: Final = 100_000_000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoostedTreesModel:
    """Trees and the encoder that feeds them.

    Args:
        trees: The booster.
        text: The booster in LightGBM's native text.
        encoder: From features to the matrix the booster reads.
        importances: Most important first.
    """

    trees: Trees
    text: str
    encoder: Encoder
    importances: tuple[Importance, ...]

    @property
    def technique(self) -> str:
        """The name of its technique."""
        return NAME

    @property
    def features(self) -> tuple[str, ...]:
        """The features it reads."""
        return self.encoder.features

    def margin(self, frame: FeatureFrame) -> FloatArray:
        """Return uncalibrated log-odds of bad, shape (n,)."""
        return self.trees.margin(self.encoder.matrix(frame))

    def contributions(self, frame: FeatureFrame) -> FloatArray:
        """Return Shapley values by feature and last the baseline, shape (n, k + 1), log-odds.

        Source: Lundberg et al. (2020), TreeSHAP by path, as LightGBM computes it.
        """
        found = self.trees.contributions(self.encoder.matrix(frame))
        return np.column_stack([self.encoder.sum_by_feature(found[:, :-1]), found[:, -1]])

    def importance(self) -> tuple[Importance, ...]:
        """Return each feature's share of the gain, most important first."""
        return self.importances

    def save(self) -> dict[str, bytes]:
        """Return the native text, and the encoder as JSON."""
        document: dict[str, Json] = {
            "features": self.encoder.document(),
            "importances": [
                {"name": one.name, "share": one.share, "direction": one.direction}
                for one in self.importances
            ],
        }
        return {MODEL_FILE: self.text.encode(), ENCODER_FILE: to_bytes(document)}


@dataclass(frozen=True, slots=True, kw_only=True)
class BoostedTrees:
    """The technique."""

    name: str = NAME

    def fit(
        self,
        frame: FeatureFrame,
        bad: BoolArray,
        *,
        groups: IntArray,
        seed: int,
        progress: Progress,
    ) -> Learnt:
        """Learn; see `Technique.fit`.

        The folds grow in step and stop together, where their mean log loss was best; the final
        trees grow that many rounds on every row.
        """
        fold = deal_folds(bad, groups, seed=seed, folds=FOLDS)
        draft = Draft.of(frame, bad, fold, plan)
        settings = choose_settings(*draft.fixed.shape, seed=seed)
        rounds, margin = _grow_folds(draft, bad, settings, progress)
        matrix = draft.matrix()
        final = Grower(Rows(matrix, bad, settings), settings)
        with progress.step("growing the final trees", rounds) as step:
            for _ in range(rounds):
                final.grow()
                step.advance()
        return Learnt(model=_model(final, draft.encoder, frame), margin=margin)

    def load(self, files: dict[str, bytes]) -> BoostedTreesModel:
        """Read a model back; see `Technique.load`."""
        for name in (MODEL_FILE, ENCODER_FILE):
            if name not in files:
                raise BundleError("is missing", hint="restore the bundle", field=name)
        document = Document.parse(files[ENCODER_FILE], ENCODER_FILE)
        text = files[MODEL_FILE].decode("utf-8", "replace")
        encoder = Encoder.read(document.documents("features"))
        trees = Trees.from_text(text)
        if trees.width != len(encoder.owners):
            raise BundleError(
                f"reads {trees.width} columns, the encoder gives {len(encoder.owners)}",
                field=MODEL_FILE,
            )
        importances = tuple(
            Importance(
                name=one.text("name"),
                share=one.number("share"),
                direction=int(one.number("direction")),
            )
            for one in document.documents("importances")
        )
        return BoostedTreesModel(trees=trees, text=text, encoder=encoder, importances=importances)


def plan(column: AnyColumn) -> Plan | None:
    """Return how a column is encoded: numbers as they are, categories by evidence."""
    return None if isinstance(column, CategoryColumn) else Plain(name=column.name)


def choose_settings(rows: int, width: int, *, seed: int) -> Settings:
    """Return LightGBM's settings for a matrix of this size.

    A leaf needs more rows where there are more, a tree is offered a smaller part of many columns,
    and the learning rate rises with the work, so that a large matrix does not take hours.
    """
    work = rows * width
    return {
        "objective": "binary",
        "metric": "binary_logloss",
        "learning_rate": 0.03 if work < LARGE else 0.06 if work < HUGE else 0.1,
        "num_leaves": 15,
        "min_data_in_leaf": min(max(rows // 200, 10), 100),
        "feature_fraction": 0.6 if width <= 60 else max(0.2, 36.0 / width),
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "lambda_l2": 10.0,
        "max_bin": 255,
        "feature_pre_filter": False,
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "seed": seed % 2**31,
        "verbosity": -1,
    }


def _grow_folds(
    draft: Draft, bad: BoolArray, settings: Settings, progress: Progress
) -> tuple[int, FloatArray]:
    """Return the best number of rounds, and out-of-fold margins at it, shape (n,)."""
    growers, held = [], []
    for fold in range(int(draft.fold.max()) + 1):
        matrix, out = draft.matrix_without(fold), draft.fold == fold
        train = Rows(matrix[~out], bad[~out], settings)
        valid = Rows(matrix[out], bad[out], settings, train)
        growers.append(Grower(train, settings, valid))
        held.append((out, matrix[out]))
    shares = [float(out.mean()) for out, _ in held]
    rounds = _best_round(growers, shares, progress)
    margin = np.empty(len(bad), dtype=np.float64)
    for grower, (out, matrix) in zip(growers, held, strict=True):
        margin[out] = Trees.from_text(grower.text(rounds)).margin(matrix)
    return rounds, margin


def _best_round(growers: list[Grower], shares: list[float], progress: Progress) -> int:
    """Grow every fold in step until their log loss has not improved for a while."""
    best, best_loss = 1, np.inf
    with progress.step("growing trees, fold by fold") as step:
        for number in range(1, MOST_ROUNDS + 1):
            grew = [grower.grow() for grower in growers]
            losses = [grower.log_loss() for grower in growers]
            loss = sum(share * one for share, one in zip(shares, losses, strict=True))
            step.advance()
            if loss < best_loss:
                best, best_loss = number, loss
            if number - best >= PATIENCE or not any(grew):
                break
    return best


def _model(grower: Grower, encoder: Encoder, frame: FeatureFrame) -> BoostedTreesModel:
    text = grower.text()
    trees = Trees.from_text(text)
    gain = encoder.sum_by_feature(grower.gain(len(encoder.owners))[None, :])[0]
    some = frame.take(sample_rows(frame.rows, EXPLAINED_ROWS))
    shown = encoder.sum_by_feature(trees.contributions(encoder.matrix(some))[:, :-1])
    importances = rank_importances(gain, some, shown)
    return BoostedTreesModel(trees=trees, text=text, encoder=encoder, importances=importances)
