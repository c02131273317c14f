"""The confusion table at a stated cutoff."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import ArrayLike

from solvent.metrics.accounts import check_accounts, check_cutoff
from solvent.metrics.plain import read_number, read_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Confusion:
    """Accounts by prediction and outcome; an account with pd >= cutoff is predicted bad.

    Attributes:
        cutoff: PD in [0, 1].
        tp: Bads predicted bad.
        fp: Goods predicted bad.
        tn: Goods predicted good.
        fn: Bads predicted good.
    """

    cutoff: float
    tp: int
    fp: int
    tn: int
    fn: int

    @property
    def accuracy(self) -> float:
        """Share of accounts predicted rightly."""
        return (self.tp + self.tn) / (self.tp + self.fp + self.tn + self.fn)

    @property
    def recall(self) -> float | None:
        """Share of bads predicted bad; None without bads."""
        return _share(self.tp, self.tp + self.fn)

    @property
    def precision(self) -> float | None:
        """Share of bads among those predicted bad; None where nobody is predicted bad."""
        return _share(self.tp, self.tp + self.fp)

    @property
    def specificity(self) -> float | None:
        """Share of goods predicted good; None without goods."""
        return _share(self.tn, self.tn + self.fp)

    @property
    def f1(self) -> float | None:
        """Harmonic mean of recall and precision; None where nobody is bad or predicted bad."""
        return _share(2 * self.tp, 2 * self.tp + self.fp + self.fn)

    def as_dict(self) -> dict[str, object]:
        """Plain values for JSON: the counts, and the figures drawn from them for the reader."""
        return {
            **asdict(self),
            "accuracy": self.accuracy,
            "recall": self.recall,
            "precision": self.precision,
            "specificity": self.specificity,
            "f1": self.f1,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, object]) -> Confusion:
        """Read back `as_dict`; the drawn figures are drawn again.

        Raises:
            MetricError: a count or the cutoff is missing or not a number.
        """
        return cls(
            cutoff=read_number(values, "cutoff"),
            tp=read_whole(values, "tp"),
            fp=read_whole(values, "fp"),
            tn=read_whole(values, "tn"),
            fn=read_whole(values, "fn"),
        )


def confusion(pd: ArrayLike, bad: ArrayLike, cutoff: float) -> Confusion:
    """Count predictions against outcomes, predicting bad where pd >= cutoff.

    Args:
        pd: Probability of default in [0, 1], shape (n,).
        bad: True where the account met the bad definition, shape (n,); one class is enough.
        cutoff: PD in [0, 1].

    Returns:
        The four counts.

    Raises:
        ShapeError, RangeError: as `check_accounts`; `cutoff` outside [0, 1].

    Source: tests compare with scikit-learn's `confusion_matrix`.

    >>> table = confusion(np.array([0.9, 0.4, 0.4, 0.1]), np.array([True, True, False, False]), 0.4)
    >>> table.tp, table.fp, table.tn, table.fn, table.accuracy
    (2, 1, 1, 0, 0.75)
    """
    pds, bads = check_accounts(pd, bad)
    predicted = pds >= check_cutoff(cutoff)
    tp = int(np.count_nonzero(predicted & bads))
    fp = int(np.count_nonzero(predicted)) - tp
    fn = int(np.count_nonzero(bads)) - tp
    return Confusion(cutoff=float(cutoff), tp=tp, fp=fp, tn=pds.size - tp - fp - fn, fn=fn)


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
