"""Promise: exact contributions of trees at a part of the CPU of LightGBM's, equal to 1e-9.

One process, one thread: 300 trees of 31 leaves over 60 columns, a twentieth of them missing. The
peer is timed in turns with ours, through its Python API, in a batch and row by row.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np

from benchmarks.outcome import Row
from solvent.models._lightgbm import Trees

TREES, LEAVES, COLUMNS, MISSING = 300, 31, 60, 0.05
BATCH, PEER_BATCH, SINGLE, ROUNDS = 10_000, 500, 200, 5
SINGLE_BAR, BATCH_BAR, CLOSE = 3.0, 8.0, 1e-9


def rows() -> Iterator[Row]:
    """Measure both promises."""
    import lightgbm

    text, matrix = _grow(lightgbm)
    trees, peer = Trees.from_text(text), lightgbm.Booster(model_str=text)
    started = time.perf_counter()
    trees.contributions(matrix[:1])
    first = time.perf_counter() - started

    def theirs(some: np.ndarray) -> np.ndarray:
        return np.asarray(peer.predict(some, pred_contrib=True, num_threads=1))

    gap = float(
        np.abs(trees.contributions(matrix[:PEER_BATCH]) - theirs(matrix[:PEER_BATCH])).max()
    )
    alone = [matrix[row : row + 1] for row in range(SINGLE)]
    for name, bar, ours, his in (
        ("single row", SINGLE_BAR, (trees.contributions, alone), (theirs, alone)),
        (f"{BATCH:,} rows", BATCH_BAR, (trees.contributions, [matrix]),
         (theirs, [matrix[:PEER_BATCH]])),
    ):  # fmt: skip
        cost, peers = _cheapest(*ours), _cheapest(*his)
        yield Row(
            promise=f"exact contributions, {name}, vs LightGBM's pred_contrib",
            bar=f">= {bar:g}×, equal to {CLOSE:g}",
            value=f"{peers / cost:.1f}×",
            met=peers >= bar * cost and gap <= CLOSE,
            note=f"{cost:.0f} against {peers:.0f} µs a row; apart by {gap:.0e}; "
            f"first call {first:.2f} s",
            figures={"ours_us": cost, "peer_us": peers, "gap": gap, "first_call_s": first},
        )


def _grow(lightgbm: object) -> tuple[str, np.ndarray]:
    rng = np.random.default_rng(1)
    matrix = rng.normal(size=(20_000, COLUMNS))
    told = matrix[:, :10].sum(axis=1) + matrix[:, 0] * matrix[:, 1]
    bad = told + 2.0 * rng.normal(size=len(matrix)) > 2.0
    matrix[rng.random(matrix.shape) < MISSING] = np.nan
    settings = {"objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.05,
                "num_threads": 1, "verbosity": -1}  # fmt: skip
    data = lightgbm.Dataset(matrix, bad)  # type: ignore[attr-defined]  # an optional peer
    grown = lightgbm.train(settings, data, TREES)  # type: ignore[attr-defined]
    return grown.model_to_string(), matrix[:BATCH]


def _cheapest(explain: Callable[[np.ndarray], np.ndarray], blocks: list[np.ndarray]) -> float:
    """Return the least CPU microseconds a row of several rounds."""
    costs = []
    for _ in range(ROUNDS):
        started = time.process_time()
        for block in blocks:
            explain(block)
        costs.append(time.process_time() - started)
    return min(costs) / sum(map(len, blocks)) * 1e6
