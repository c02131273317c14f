"""Teaching small networks side by side: Adam on log loss, in JAX, on one thread."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np

from solvent.errors import TechniqueError
from solvent.models.scorers.network import Network
from solvent.models.technique import BoolArray, FloatArray

ONE_THREAD: Final = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
MEMORY: Final = 200
"""Steps the average of the weights looks back, at most; a round's where that has fewer."""

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


class Pupils:
    """Networks that learn from the same rows, and the running average of their weights.

    Args:
        matrix: Columns the networks read, shape (n, width).
        bad: Labels, shape (n,).
        habits: How they learn.
        seed: Of their first weights, of the order of rows and of what drops out.

    Raises:
        TechniqueError: JAX is not installed.
    """

    def __init__(self, matrix: FloatArray, bad: BoolArray, habits: Habits, seed: int) -> None:
        self._means, spread = matrix.mean(axis=0), matrix.std(axis=0)
        self._scales = np.where(spread > 1e-9, spread, 1.0)
        self._matrix = ((matrix - self._means) / self._scales).astype(np.float32)
        self._bad = bad.astype(np.float32)
        self._habits = habits
        self._random = np.random.default_rng(seed)
        weights = _first_weights(matrix.shape[1], float(bad.mean()), habits, self._random)
        with processor():
            jax, start, self._step = _compiled(habits)
            self._key = jax.random.key(seed % 2**31)
            self._state = start(weights)
        self._fresh = 1.0 / min(MEMORY, max(1, len(bad) // habits.batch))
        self._steps = 0

    def learn(self) -> None:
        """Learn for a round: every row once, or `most_rows` of them."""
        batch = self._habits.batch
        order = self._random.permutation(len(self._bad))[: self._habits.most_rows]
        order = np.resize(order, -(-len(order) // batch) * batch)
        with processor():
            for some in order.reshape(-1, batch):
                rows, bad = self._matrix[some], self._bad[some]
                self._state = self._step(
                    self._state, rows, bad, self._key, self._steps, self._fresh
                )
                self._steps += 1

    def network(self) -> Network:
        """Return the mean of what the networks say, by their averaged weights, as one network."""
        _, _, averaged = self._state
        weights = {name: np.asarray(value, dtype=np.float64) for name, value in averaged.items()}
        share = 1.0 / self._habits.networks
        return Network(
            intercept=float(weights["intercept"].mean()),
            means=self._means,
            direct=weights["direct"].mean(axis=1) / self._scales,
            inner=weights["inner"] / self._scales[:, None],
            bias=weights["bias"],
            outer=weights["outer"].reshape(-1) * share,
        )


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
