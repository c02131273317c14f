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
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.errors import TrainingError
from solvent.models._boosting import FLOAT32, Grower, Settings, settings_text
from solvent.models._coding import CODES, MISSING, BoolArray, Coded, FloatArray, IntArray, blocks
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
    """Coded rows binned by the library, a few thousand at a time.

    Args:
        coded: The candidates.
        held: The fold held out.
        rows: Which rows, shape (m,).
        settings: LightGBM's settings.
    """

    def __init__(self, coded: Coded, held: int, rows: IntArray, settings: Settings) -> None:
        self.handle = Handle()
        known = _every_code(coded, held)
        reference, labels = Handle(), coded.bad[rows].astype(np.float32)
        call(
            "DatasetCreateFromMat", pointer(known), ctypes.c_int(FLOAT32),
            ctypes.c_int32(known.shape[0]), ctypes.c_int32(known.shape[1]),
            ctypes.c_int(ROW_MAJOR), settings_text(settings), None, ctypes.byref(reference),
            error=TrainingError,
        )  # fmt: skip
        try:
            call(
                "DatasetCreateByReference", reference, ctypes.c_int64(len(rows)),
                ctypes.byref(self.handle), error=TrainingError,
            )  # fmt: skip
        finally:
            free("DatasetFree", reference.value)
        self._free = weakref.finalize(self, free, "DatasetFree", self.handle.value)
        for start, some in blocks(rows, ROWS_AT_ONCE):
            matrix = np.ascontiguousarray(_as_numbers(coded, held, some).T)
            call(
                "DatasetPushRows", self.handle, pointer(matrix), ctypes.c_int(FLOAT32),
                ctypes.c_int32(matrix.shape[0]), ctypes.c_int32(matrix.shape[1]),
                ctypes.c_int32(start), error=TrainingError,
            )  # fmt: skip
        call(
            "DatasetSetField", self.handle, ctypes.c_char_p(b"label"), pointer(labels),
            ctypes.c_int(len(labels)), ctypes.c_int(FLOAT32), error=TrainingError,
        )  # fmt: skip


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
    for held in range(coded.folds):
        grown.append(_grow(coded, held, settings))
        step.advance()
    rounds = _best_round(grown, np.bincount(coded.fold))
    gain = np.zeros((len(coded.names), coded.folds, 2))
    pd = np.empty(len(coded.bad))
    for held, fold in enumerate(grown):
        rows = np.flatnonzero(coded.fold == held)
        margin = _send_down(coded, held, rows, fold.text, rounds, gain[:, held])
        pd[rows] = to_pd(margin)
    return Verdict(gain=gain / len(coded.bad), pd=pd)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Grown:
    text: str
    losses: list[float]


def _settings(rows: int, width: int, seed: int) -> Settings:
    """Quick, held back; no bagging, so that the order of rows decides nothing."""
    return {
        "objective": "binary", "metric": "binary_logloss", "learning_rate": 0.1, "num_leaves": 15,
        "min_data_in_leaf": min(max(rows // 200, 10), 100),
        "feature_fraction": 0.6 if width <= 60 else max(0.2, 36.0 / width),
        "lambda_l2": 10.0, "max_bin": 255, "min_data_in_bin": 1, "feature_pre_filter": False,
        "enable_bundle": False, "is_enable_sparse": False, "deterministic": True,
        "force_col_wise": True, "num_threads": 1, "seed": seed % 2**31, "verbosity": -1,
    }  # fmt: skip


def _grow(coded: Coded, held: int, settings: Settings) -> _Grown:
    out = coded.fold == held
    train = CodedRows(coded, held, np.flatnonzero(~out), settings)
    valid = CodedRows(coded, held, np.flatnonzero(out), settings)
    grower = Grower(train, settings, valid)
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


def _every_code(coded: Coded, held: int) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """Return rows that hold every code of every candidate, so that each is a bin: (64, k)."""
    out = np.empty((CODES + 1, len(coded.names)), dtype=np.float32)
    turn = np.arange(CODES + 1)
    for place in range(len(coded.names)):
        codes = coded.column(place, held)
        missing = codes == MISSING
        highest = int(codes[~missing].max()) if not missing.all() else 0
        out[:, place] = turn % (highest + 1)
        if missing.any():
            out[CODES, place] = np.nan
    return out


def _as_numbers(
    coded: Coded, held: int, rows: IntArray
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    codes = coded.codes[:, rows]
    for place, told in coded.told.items():
        codes[place] = told[held][rows]
    numbers = codes.astype(np.float32)
    numbers[codes == MISSING] = np.nan
    return numbers


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
    def read(cls, block: str) -> _Tree:
        told = dict(line.split("=", 1) for line in block.splitlines() if "=" in line)

        def numbers(key: str) -> FloatArray:
            return np.array(told.get(key, "").split(), dtype=np.float64)

        def places(key: str) -> IntArray:
            return numbers(key).astype(np.int64)

        return cls(
            feature=places("split_feature"), threshold=numbers("threshold"),
            decision=places("decision_type"), left=places("left_child"),
            right=places("right_child"), leaf_value=numbers("leaf_value"),
            node_value=numbers("internal_value"),
        )  # fmt: skip

    def value(self, child: int) -> float:
        """Return what a node or a leaf adds to the margin."""
        return float(self.node_value[child] if child >= 0 else self.leaf_value[-1 - child])


def _trees(text: str, rounds: int) -> Iterator[_Tree]:
    body = text.partition("\nend of trees")[0]
    for block in body.split("\nTree=")[1 : rounds + 1]:
        yield _Tree.read(block)


def _send_down(
    coded: Coded, held: int, rows: IntArray, text: str, rounds: int, gain: FloatArray
) -> FloatArray:
    """Add every split's gain on `rows` to `gain`, shape (k, 2); return their margins, (m,)."""
    margin = np.zeros(len(rows))
    bad = coded.bad[rows]
    late = np.zeros(len(rows), dtype=np.int64) if coded.late is None else coded.late[rows] * 1
    for number, tree in enumerate(_trees(text, rounds)):
        if not len(tree.feature):
            margin += tree.leaf_value[0]
            continue
        start = float(tree.node_value[0])
        after = np.empty(len(rows))
        ahead: list[tuple[int, IntArray, FloatArray]] = [
            (0, np.arange(len(rows)), _loss(margin + start, bad))
        ]
        while ahead:
            node, here, loss = ahead.pop()
            goes_left = _goes_left(tree, node, coded.column(int(tree.feature[node]), held)[rows[here]])
            for child, some in ((int(tree.left[node]), goes_left), (int(tree.right[node]), ~goes_left)):
                there = here[some]
                now = margin[there] + tree.value(child)
                new = _loss(now, bad[there])
                gain[tree.feature[node]] += np.bincount(
                    late[there], weights=loss[some] - new, minlength=2
                )
                if child >= 0:
                    ahead.append((child, there, new))
                else:
                    after[there] = now
        margin = after
        del number
    return margin


def _goes_left(tree: _Tree, node: int, codes: np.ndarray) -> BoolArray:
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
