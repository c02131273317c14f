"""Boosted trees as the judge of candidates: what each one's splits gain on rows held out.

For every fold, trees grow on the other folds and the held-out rows are sent down them. At each
split the rows' log loss with the value of the node is compared with that of the child they fall
into; the difference is the split's gain. Along a path the differences add up, so the gains of all
features sum to exactly what the trees take off the log loss of rows they have not seen. A feature
that fits noise costs as much there as it seemed to gain in training.

Source: the loss decomposition of a tree by its paths (Saabas 2014), applied to held-out rows to
take away the favour that in-sample gain shows to columns with many values (Strobl et al. 2007).
"""

from __future__ import annotations

import ctypes
import weakref
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from solvent.errors import TrainingError
from solvent.models._boosting import FLOAT32, Grower, Settings, settings_text
from solvent.models._coding import CODES, MISSING, BoolArray, CodeArray, Coded, FloatArray, IntArray
from solvent.models._lightgbm import ROW_MAJOR, Handle, call, free, pointer
from solvent.models.calibration import to_pd
from solvent.progress import Step

MOST_ROUNDS: Final = 400
PATIENCE: Final = 15
ROWS_AT_ONCE: Final = 4096
_DEFAULT_LEFT: Final = 2
_NAN_MISSING: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verdict:
    """What the judge found.

    Args:
        gain: Log loss taken off held-out rows by each candidate, by fold and half of time; nats per
            application; shape (k, folds, 2). Without times the second half is empty.
        pd: Of each row, by trees that had not seen it, shape (n,).
    """

    gain: FloatArray
    pd: FloatArray

    @property
    def total(self) -> FloatArray:
        """Gain of each candidate over all rows, shape (k,)."""
        summed: FloatArray = self.gain.sum(axis=(1, 2))
        return summed


class CodedRows:
    """Coded rows binned by the library; held until nobody holds it.

    Args:
        handle: A dataset of the library, owned from now on.
    """

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self._free = weakref.finalize(self, free, "DatasetFree", handle.value)

    @classmethod
    def of(cls, codes: Sequence[CodeArray], settings: Settings) -> CodedRows:
        """Bin columns of codes, each of shape (n,), a few thousand rows at a time."""
        known = _every_code(codes)
        reference, made, rows = Handle(), Handle(), len(codes[0])
        call(
            "DatasetCreateFromMat", pointer(known), ctypes.c_int(FLOAT32),
            ctypes.c_int32(known.shape[0]), ctypes.c_int32(known.shape[1]),
            ctypes.c_int(ROW_MAJOR), settings_text(settings), None, ctypes.byref(reference),
            error=TrainingError,
        )  # fmt: skip
        bins = cls(reference)
        call(
            "DatasetCreateByReference", bins.handle, ctypes.c_int64(rows), ctypes.byref(made),
            error=TrainingError,
        )  # fmt: skip
        found = cls(made)
        for start in range(0, rows, ROWS_AT_ONCE):
            some = np.stack([column[start : start + ROWS_AT_ONCE] for column in codes], axis=1)
            matrix = some.astype(np.float32)
            matrix[some == MISSING] = np.nan
            call(
                "DatasetPushRows", found.handle, pointer(matrix), ctypes.c_int(FLOAT32),
                ctypes.c_int32(matrix.shape[0]), ctypes.c_int32(matrix.shape[1]),
                ctypes.c_int32(start), error=TrainingError,
            )  # fmt: skip
        return found

    def take(self, rows: IntArray, settings: Settings) -> CodedRows:
        """Return some rows, ascending."""
        places, made = rows.astype(np.int32), Handle()
        call(
            "DatasetGetSubset", self.handle, pointer(places), ctypes.c_int32(len(places)),
            settings_text(settings), ctypes.byref(made), error=TrainingError,
        )  # fmt: skip
        return CodedRows(made)

    def beside(self, other: CodedRows) -> None:
        """Take over the columns of other rows, after its own."""
        call("DatasetAddFeaturesFrom", self.handle, other.handle, error=TrainingError)

    def label(self, bad: BoolArray) -> CodedRows:
        """Give the rows their labels; return itself."""
        labels = bad.astype(np.float32)
        call(
            "DatasetSetField", self.handle, ctypes.c_char_p(b"label"), pointer(labels),
            ctypes.c_int(len(labels)), ctypes.c_int(FLOAT32), error=TrainingError,
        )  # fmt: skip
        return self


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Binned:
    """Candidates as the library holds them: numbers once, categories once for each fold.

    Args:
        coded: The candidates.
        numbers: All rows of the numbers; None where there are none.
        settings: LightGBM's settings.
    """

    coded: Coded
    numbers: CodedRows | None
    settings: Settings

    @classmethod
    def of(cls, coded: Coded, settings: Settings) -> _Binned:
        numbers = [coded.codes[p] for p in range(len(coded.names)) if p not in coded.told]
        binned = CodedRows.of(numbers, settings) if numbers else None
        return cls(coded=coded, numbers=binned, settings=settings)

    @property
    def places(self) -> IntArray:
        """The place among the candidates of each of the library's columns."""
        told = self.coded.told
        return np.array(sorted(range(len(self.coded.names)), key=lambda p: (p in told, p)))

    def rows(self, held: int, which: BoolArray) -> CodedRows:
        """Return some rows as they are while a fold is held out, with labels."""
        some = np.flatnonzero(which)
        told = [self.coded.told[p][held] for p in self.places.tolist() if p in self.coded.told]
        beside = CodedRows.of(told, self.settings).take(some, self.settings) if told else None
        found = beside if self.numbers is None else self.numbers.take(some, self.settings)
        if found is None:
            raise TrainingError("there is no candidate to judge", field="features")
        if beside is not None and found is not beside:
            found.beside(beside)
        return found.label(self.coded.bad[which])


def judge(coded: Coded, *, seed: int, step: Step) -> Verdict:
    """Grow trees fold by fold and measure every candidate on the rows held out.

    All folds are judged after the number of rounds that was best over all of them.

    Args:
        coded: The candidates.
        seed: Of which columns each tree is offered.
        step: Told of every fold done.
    """
    settings = _settings(len(coded.bad), len(coded.names), seed)
    grown: list[_Grown] = []
    binned = _Binned.of(coded, settings)
    for held in range(coded.folds):
        grown.append(_grow(binned, held))
        step.advance()
    rounds = _best_round(grown, np.bincount(coded.fold))
    gain = np.zeros((len(coded.names), coded.folds, 2))
    pd = np.empty(len(coded.bad))
    for held, fold in enumerate(grown):
        rows = np.flatnonzero(coded.fold == held)
        trees = _trees(fold.text, rounds, binned.places)
        margin = _send_down(coded, held, trees, gain[:, held])
        pd[rows] = to_pd(margin)
    return Verdict(gain=gain / len(coded.bad), pd=pd)


def judge_sets(sets: Sequence[Coded], *, seed: int, step: Step) -> FloatArray:
    """Return the PD of each row by trees that had not seen it, each fold with its own columns.

    Args:
        sets: By fold, what its rows are judged by, chosen without a look at them; one each.
        seed: Of which columns each tree is offered.
        step: Told of every fold done.
    """
    grown, made = [], []
    for held, coded in enumerate(sets):
        binned = _Binned.of(coded, _settings(len(coded.bad), len(coded.names), seed))
        grown.append(_grow(binned, held))
        made.append(binned.places)
        step.advance()
    rounds = _best_round(grown, np.bincount(sets[0].fold))
    pd = np.empty(len(sets[0].bad))
    for held, (coded, fold) in enumerate(zip(sets, grown, strict=True)):
        trees = _trees(fold.text, rounds, made[held])
        margin = _send_down(coded, held, trees, np.zeros((len(coded.names), 2)))
        pd[coded.fold == held] = to_pd(margin)
    return pd


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Grown:
    text: str
    losses: list[float]


def _settings(rows: int, width: int, seed: int) -> Settings:
    """Quick, held back; no bagging, so that the order of rows decides nothing."""
    return {
        "objective": "binary", "metric": "binary_logloss", "learning_rate": 0.1, "num_leaves": 15,
        "min_data_in_leaf": min(max(rows // 200, 10), 100),
        "feature_fraction": 0.6 if width <= 60 else max(0.1, 36.0 / width),
        "lambda_l2": 10.0, "max_bin": 255, "min_data_in_bin": 1, "feature_pre_filter": False,
        "enable_bundle": False, "is_enable_sparse": False, "deterministic": True,
        "force_col_wise": True, "num_threads": 1, "seed": seed % 2**31, "verbosity": -1,
    }  # fmt: skip


def _grow(binned: _Binned, held: int) -> _Grown:
    out = binned.coded.fold == held
    grower = Grower(binned.rows(held, ~out), binned.settings, binned.rows(held, out))
    losses: list[float] = []
    while len(losses) < MOST_ROUNDS and len(losses) - int(np.argmin([*losses, np.inf])) <= PATIENCE:
        grew = grower.grow()
        losses.append(grower.log_loss())
        if not grew:
            break
    return _Grown(text=grower.text(), losses=losses)


def _best_round(grown: list[_Grown], sizes: IntArray) -> int:
    """Return the number of rounds with the least mean log loss; a stopped fold stays as it is."""
    longest = max(len(fold.losses) for fold in grown)
    curves = [fold.losses + [fold.losses[-1]] * (longest - len(fold.losses)) for fold in grown]
    return int(np.argmin(np.average(curves, axis=0, weights=sizes))) + 1


def _every_code(codes: Sequence[CodeArray]) -> NDArray[np.float32]:
    """Return rows that hold every code of every column, so that each is a bin: (64, k)."""
    out = np.empty((CODES + 1, len(codes)), dtype=np.float32)
    turn = np.arange(CODES + 1)
    for place, column in enumerate(codes):
        missing = column == MISSING
        highest = int(column[~missing].max()) if not missing.all() else 0
        out[:, place] = turn % (highest + 1)
        if missing.any():
            out[CODES, place] = np.nan
    return out


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Tree:
    """A tree as its text tells it; leaves are written as -1 - place."""

    feature: IntArray
    threshold: FloatArray
    decision: IntArray
    left: IntArray
    right: IntArray
    leaf_value: FloatArray
    node_value: FloatArray

    @classmethod
    def read(cls, block: str, owners: IntArray) -> _Tree:
        told = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)

        def numbers(key: str) -> FloatArray:
            return np.array(told.get(key, "").split(), dtype=np.float64)

        def places(key: str) -> IntArray:
            return numbers(key).astype(np.int64)

        return cls(
            feature=owners[places("split_feature")], threshold=numbers("threshold"),
            decision=places("decision_type"), left=places("left_child"),
            right=places("right_child"), leaf_value=numbers("leaf_value"),
            node_value=numbers("internal_value"),
        )  # fmt: skip

    def value(self, child: int) -> float:
        """Return what a node or a leaf adds to the margin."""
        return float(self.node_value[child] if child >= 0 else self.leaf_value[-1 - child])


def _trees(text: str, rounds: int, owners: IntArray) -> Iterator[_Tree]:
    body = text.partition("\nend of trees")[0]
    for block in body.split("\nTree=")[1 : rounds + 1]:
        yield _Tree.read(block, owners)


def _send_down(coded: Coded, held: int, trees: Iterable[_Tree], gain: FloatArray) -> FloatArray:
    """Add every split's gain on a fold's rows to `gain`, shape (k, 2); return their margins."""
    rows = np.flatnonzero(coded.fold == held)
    margin, bad = np.zeros(len(rows)), coded.bad[rows]
    half = np.zeros(len(rows), dtype=np.int64) if coded.late is None else coded.late[rows] * 1
    for tree in trees:
        if not len(tree.feature):
            margin += tree.leaf_value[0]
            continue
        after = np.empty(len(rows))
        ahead = [(0, np.arange(len(rows)), _loss(margin + tree.node_value[0], bad))]
        while ahead:
            node, here, loss = ahead.pop()
            feature = int(tree.feature[node])
            left = _goes_left(tree, node, coded.column(feature, held)[rows[here]])
            for child, some in ((int(tree.left[node]), left), (int(tree.right[node]), ~left)):
                there = here[some]
                now = margin[there] + tree.value(child)
                new = _loss(now, bad[there])
                gain[feature] += np.bincount(half[there], weights=loss[some] - new, minlength=2)
                if child >= 0:
                    ahead.append((child, there, new))
                else:
                    after[there] = now
        margin = after
    return margin


def _goes_left(tree: _Tree, node: int, codes: CodeArray) -> BoolArray:
    missing = codes == MISSING
    left: BoolArray = np.where(missing, 0, codes) <= tree.threshold[node]
    decision = int(tree.decision[node])
    if decision & _NAN_MISSING:
        left[missing] = bool(decision & _DEFAULT_LEFT)
    return left


def _loss(margin: FloatArray, bad: BoolArray) -> FloatArray:
    """Log loss of each row, nats."""
    loss: FloatArray = np.logaddexp(0.0, np.where(bad, -margin, margin))
    return loss
