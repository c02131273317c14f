"""A network of one hidden layer, and the encoder that feeds it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from solvent.errors import BundleError
from solvent.features import FeatureFrame
from solvent.models.documents import Document, Json, pack, require_files, to_bytes
from solvent.models.matrix import ENCODER_FILE, Encoder
from solvent.models.technique import FloatArray, Importance

NETWORK_FILE: Final = "network.json"
CLOSE: Final = 1e-4
"""Nearer than this, a secant is taken for the slope halfway; it is off by less than 1e-10."""
ROWS_AT_A_TIME: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Network:
    """A weighted sum of columns and of hidden units, each a bend of a weighted sum of columns.

    Args:
        intercept: Log-odds the hidden units are added to.
        means: Of the training columns, shape (width,): weights apply to what differs from them.
        direct: Weights of the columns themselves, shape (width,).
        inner: Weights of the columns within each hidden unit, shape (width, hidden).
        bias: Of each hidden unit at the means, shape (hidden,).
        outer: Weights of the hidden units, shape (hidden,).
    """

    intercept: float
    means: FloatArray
    direct: FloatArray
    inner: FloatArray
    bias: FloatArray
    outer: FloatArray

    def margin(self, matrix: FloatArray) -> FloatArray:
        """Return log-odds of bad, shape (n,)."""
        out = np.empty(len(matrix))
        for some in _in_parts(len(matrix)):
            centred = matrix[some] - self.means
            hidden = silu(centred @ self.inner + self.bias)
            out[some] = self.intercept + centred @ self.direct + hidden @ self.outer
        return out

    def baseline(self) -> float:
        """Return the log-odds where every column is at its mean."""
        return float(self.intercept + silu(self.bias) @ self.outer)

    def terms(self, matrix: FloatArray) -> FloatArray:
        """Return what each column adds to the baseline, shape (n, width), log-odds.

        The slope of each hidden unit averaged on the straight way from the means to the row, which
        for one hidden layer is a secant: these are integrated gradients in closed form, exact.
        """
        out = np.empty(matrix.shape)
        for some in _in_parts(len(matrix)):
            centred = matrix[some] - self.means
            slopes = self.outer * secant(self.bias, centred @ self.inner)
            out[some] = centred * (self.direct + slopes @ self.inner.T)
        return out


def silu(values: FloatArray) -> FloatArray:
    """Return x / (1 + exp(-x)), a smooth bend from 0 to x.

    >>> silu(np.array([0.0, 800.0, -800.0])).tolist()
    [0.0, 800.0, -0.0]
    """
    found: FloatArray = 0.5 * values * (1.0 + np.tanh(0.5 * values))
    return found


def secant(start: FloatArray, step: FloatArray) -> FloatArray:
    """Return the mean slope of `silu` from `start` to `start + step`; shapes broadcast."""
    near = np.abs(step) < CLOSE
    rise = silu(start + step) - silu(start)
    halfway = start + 0.5 * step
    half = 0.5 * (1.0 + np.tanh(0.5 * halfway))
    return np.where(near, half * (1.0 + halfway * (1.0 - half)), rise / np.where(near, 1.0, step))


def _in_parts(rows: int) -> list[slice]:
    """Some rows at a time, so that hidden units need little memory."""
    return [slice(start, start + ROWS_AT_A_TIME) for start in range(0, rows, ROWS_AT_A_TIME)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NetworkModel:
    """A network and the encoder that feeds it.

    Args:
        technique: The name of the technique that taught it.
        network: From the encoder's matrix to the margin.
        encoder: From features to the matrix.
        importances: Most important first; empty in a model of one fold.
    """

    technique: str
    network: Network
    encoder: Encoder
    importances: tuple[Importance, ...] = ()

    scorer = "network"
    exact = True

    @property
    def features(self) -> tuple[str, ...]:
        """The features it reads."""
        return self.encoder.features

    def margin(self, frame: FeatureFrame) -> FloatArray:
        """Return uncalibrated log-odds of bad, shape (n,)."""
        return self.network.margin(self.encoder.matrix(frame))

    def contributions(self, frame: FeatureFrame) -> FloatArray:
        """Return what each feature adds, against the average row, and last its log-odds.

        These are Aumann-Shapley values (integrated gradients) on the straight way from the average
        encoded row to the row, of a feature's columns together. They sum to the margin exactly.
        They are not the Shapley values trees give: features change together along the way, none is
        switched off while others stay, and what two features do only together is shared between
        them.

        Source: Aumann and Shapley (1974); Sundararajan, Taly and Yan (2017).
        """
        by_feature = self.encoder.sum_by_feature(self.network.terms(self.encoder.matrix(frame)))
        return np.column_stack([by_feature, np.full(frame.rows, self.network.baseline())])

    def importance(self) -> tuple[Importance, ...]:
        """Return each feature's share of the spread it gives margins, most important first."""
        return self.importances

    def save(self) -> dict[str, bytes]:
        """Return the weights and the encoder, both as JSON."""
        found = self.network
        network: dict[str, Json] = {
            "intercept": found.intercept,
            "means": pack(found.means),
            "direct": pack(found.direct),
            "inner": pack(found.inner),
            "bias": pack(found.bias),
            "outer": pack(found.outer),
            "importances": [one.document() for one in self.importances],
        }
        encoder: dict[str, Json] = {"features": self.encoder.document()}
        return {NETWORK_FILE: to_bytes(network), ENCODER_FILE: to_bytes(encoder)}


def load(files: Mapping[str, bytes], technique: str) -> NetworkModel:
    """Read a model back; see `load_scorer`."""
    raw, encoding = require_files(files, NETWORK_FILE, ENCODER_FILE)
    document = Document.parse(raw, NETWORK_FILE)
    encoder = Encoder.read(Document.parse(encoding, ENCODER_FILE).documents("features"))
    means, direct = document.packed("means"), document.packed("direct")
    inner, bias = document.packed("inner"), document.packed("bias")
    outer, width = document.packed("outer"), len(encoder.owners)
    sizes = (len(means), len(direct), len(outer), len(inner))
    if sizes != (width, width, len(bias), width * len(bias)):
        raise BundleError(f"does not fit the encoder's {width} columns", field=NETWORK_FILE)
    network = Network(
        intercept=document.number("intercept"), means=means, direct=direct,
        inner=inner.reshape(width, len(bias)), bias=bias, outer=outer,
    )  # fmt: skip
    return NetworkModel(
        technique=technique, network=network, encoder=encoder,
        importances=tuple(Importance.read(one) for one in document.documents("importances")),
    )  # fmt: skip
