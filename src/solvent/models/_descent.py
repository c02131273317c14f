"""Teaching small networks side by side: Adam on log loss, in JAX, on one thread."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from solvent.errors import TechniqueError
from solvent.models.scorers.network import ROWS_AT_A_TIME, Network
from solvent.models.technique import BoolArray, FloatArray, IntArray

ONE_THREAD: Final = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
MEMORY: Final = 200
"""Steps the average of the weights looks back, at most; a round's where that has fewer."""

LEAST_SPREAD: Final = 1e-9

Weights = Any  # a tree of JAX arrays


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How networks learn.

    Args:
        networks: How many learn side by side; their mean is what counts.
        hidden: Units of each.
        batch: Rows of a step.
        most_rows: Rows of a round, at most.
        rate: Learning rate.
        decay: Share of the rate by which weights shrink each step.
        blanked: Share of a row's columns put at their mean, in [0, 1).
        dropout: Share of hidden units left out, in [0, 1).
    """

    networks: int
    hidden: int
    batch: int
    most_rows: int
    rate: float
    decay: float
    blanked: float
    dropout: float


@dataclass(frozen=True, slots=True, eq=False)
class Columns:
    """Standardised columns that all pupils read, kept once for all of them.

    Args:
        values: float32, shape (n, width).
        means, scales: Of the columns before, shape (width,).
    """

    values: NDArray[np.float32]
    means: FloatArray
    scales: FloatArray

    @classmethod
    def of(cls, matrix: FloatArray) -> Columns:
        """Standardise a matrix, some rows at a time."""
        means, spread = matrix.mean(axis=0), matrix.std(axis=0)
        scales = np.where(spread > LEAST_SPREAD, spread, 1.0)
        values = np.empty(matrix.shape, dtype=np.float32)
        for start in range(0, len(matrix), ROWS_AT_A_TIME):
            some = slice(start, start + ROWS_AT_A_TIME)
            values[some] = (matrix[some] - means) / scales
        return cls(values, means, scales)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lesson:
    """What networks learn from.

    Args:
        columns: Of all rows.
        told_at: The columns that say something else here, shape (t,).
        told: What they say, shape (n, t).
        bad: Labels, shape (n,).
        rows: The places of the rows to learn from.
    """

    columns: Columns
    told_at: IntArray
    told: FloatArray
    bad: BoolArray
    rows: IntArray


class Pupils:
    """Networks that learn from the same rows, and the running average of their weights.

    Args:
        lesson: What they learn from.
        habits: How they learn.
        seed: Of their first weights, of the order of rows and of what drops out.

    Raises:
        TechniqueError: JAX is not installed.
    """

    def __init__(self, lesson: Lesson, habits: Habits, seed: int) -> None:
        self._lesson, self._habits = lesson, habits
        own = Columns.of(lesson.told[lesson.rows])
        self._means, self._scales = lesson.columns.means.copy(), lesson.columns.scales.copy()
        self._means[lesson.told_at], self._scales[lesson.told_at] = own.means, own.scales
        self._told = ((lesson.told - own.means) / own.scales).astype(np.float32)
        bad = lesson.bad[lesson.rows]
        self._bad = lesson.bad.astype(np.float32)
        self._random = np.random.default_rng(seed)
        weights = _first_weights(len(self._means), float(bad.mean()), habits, self._random)
        with processor():
            jax, start, self._step = _compiled(habits)
            self._key = jax.random.key(seed % 2**31)
            self._state = start(weights)
        self._fresh = 1.0 / min(MEMORY, max(1, len(bad) // habits.batch))
        self._steps = 0

    def learn(self) -> None:
        """Learn for a round: every row once, or `most_rows` of them."""
        batch = self._habits.batch
        order = self._random.permutation(self._lesson.rows)[: self._habits.most_rows]
        order = np.resize(order, -(-len(order) // batch) * batch)
        with processor():
            for some in order.reshape(-1, batch):
                rows, bad = self._rows(some), self._bad[some]
                self._state = self._step(
                    self._state, rows, bad, self._key, self._steps, self._fresh
                )
                self._steps += 1

    def margin(self, places: IntArray) -> FloatArray:
        """Return what the networks say of some rows so far: log-odds of bad."""
        network, out = self._network(), np.empty(len(places))
        for start in range(0, len(places), ROWS_AT_A_TIME):
            some = slice(start, start + ROWS_AT_A_TIME)
            out[some] = network.margin(self._rows(places[some]).astype(np.float64))
        return out

    def network(self) -> Network:
        """Return the mean of what the networks say, by their averaged weights, as one network."""
        found, scales = self._network(), self._scales
        return replace(
            found, means=self._means, direct=found.direct / scales,
            inner=found.inner / scales[:, None],
        )  # fmt: skip

    def _network(self) -> Network:
        """The same, of standardised columns."""
        _, _, averaged = self._state
        weights = {name: np.asarray(value, dtype=np.float64) for name, value in averaged.items()}
        return Network(
            intercept=float(weights["intercept"].mean()),
            means=np.zeros(len(self._means)),
            direct=weights["direct"].mean(axis=1),
            inner=weights["inner"],
            bias=weights["bias"],
            outer=weights["outer"].reshape(-1) / self._habits.networks,
        )

    def _rows(self, places: IntArray) -> NDArray[np.float32]:
        found = self._lesson.columns.values[places]
        found[:, self._lesson.told_at] = self._told[places]
        return found


def _first_weights(
    width: int, rate: float, habits: Habits, random: np.random.Generator
) -> dict[str, FloatArray]:
    networks, hidden = habits.networks, habits.hidden
    return {
        "inner": random.normal(size=(width, networks * hidden)) / np.sqrt(width),
        "bias": np.zeros(networks * hidden),
        "outer": 0.1 * random.normal(size=(networks, hidden)) / np.sqrt(hidden),
        "direct": np.zeros((width, networks)),
        "intercept": np.full(networks, np.log(rate / (1.0 - rate))),
    }


@contextmanager
def processor() -> Iterator[None]:
    """One thread of the processor, so that sums are the same bits each time.

    JAX reads how many threads it may use when it is first used in a process.

    Raises:
        TechniqueError: It is not installed.
    """
    before = os.environ.get("XLA_FLAGS")
    os.environ["XLA_FLAGS"] = ONE_THREAD if before is None else f"{before} {ONE_THREAD}"
    try:
        import jax
        import optax  # type: ignore[import-untyped]  # noqa: F401 - ships no types; tells if missing

        with jax.default_device(jax.devices("cpu")[0]):
            yield
    except ImportError as error:
        raise TechniqueError(
            "JAX is not installed", hint='install "solvent[neural_network]"',
            field="neural_network",
        ) from error  # fmt: skip
    finally:
        if before is None:
            del os.environ["XLA_FLAGS"]
        else:
            os.environ["XLA_FLAGS"] = before


@cache
def _compiled(habits: Habits) -> tuple[Any, Any, Any]:
    """Return JAX, what starts learning from first weights, and what makes a step."""
    import jax
    import jax.numpy as jnp
    import optax

    adam = optax.adamw(
        habits.rate, weight_decay=habits.decay,
        mask={"inner": True, "bias": False, "outer": True, "direct": True, "intercept": False},
    )  # fmt: skip

    def thin(values: Any, share: float, key: Any) -> Any:  # noqa: ANN401 - JAX arrays
        kept = jax.random.bernoulli(key, 1.0 - share, values.shape)
        return jnp.where(kept, values / (1.0 - share), 0.0)

    def margins(weights: Weights, rows: Any, key: Any) -> Any:  # noqa: ANN401 - as above
        of_rows, of_hidden = jax.random.split(key)
        rows = thin(rows, habits.blanked, of_rows)
        hidden = jax.nn.silu(rows @ weights["inner"] + weights["bias"])
        hidden = thin(hidden, habits.dropout, of_hidden)
        hidden = hidden.reshape(len(rows), habits.networks, habits.hidden)
        bent = jnp.einsum("bnh,nh->bn", hidden, weights["outer"])
        return bent + rows @ weights["direct"] + weights["intercept"]

    def loss(weights: Weights, rows: Any, bad: Any, key: Any) -> Any:  # noqa: ANN401 - as above
        found = margins(weights, rows, key)
        return (jnp.logaddexp(0.0, found) - found * bad[:, None]).mean(axis=0).sum()

    def start(weights: dict[str, FloatArray]) -> tuple[Weights, Any, Weights]:
        single = {name: jnp.asarray(value, jnp.float32) for name, value in weights.items()}
        return single, adam.init(single), single

    @jax.jit
    def step(state: Any, rows: Any, bad: Any, key: Any, number: Any, fresh: Any) -> Any:  # noqa: ANN401
        weights, moments, averaged = state
        slope = jax.grad(loss)(weights, rows, bad, jax.random.fold_in(key, number))
        change, moments = adam.update(slope, moments, weights)
        weights = optax.apply_updates(weights, change)
        averaged = optax.incremental_update(weights, averaged, fresh)
        return weights, moments, averaged

    return jax, start, step
