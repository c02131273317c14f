"""Laws of the neural network: its native form says what JAX says, and explains it exactly."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad_vec

from solvent.errors import BundleError, TechniqueError
from solvent.models import find_technique, start_training
from solvent.models._descent import Columns, Habits, Lesson, Pupils
from solvent.models.documents import to_bytes
from solvent.models.plans import Pieces, Scored
from solvent.models.scorers.network import NETWORK_FILE, Network, load, secant, silu
from solvent.models.technique import Guidance
from solvent.progress import Silent
from tests.models.frames import applicants, customers, number

HABITS = Habits(
    networks=3, hidden=5, batch=64, most_rows=10_000, rate=0.01, decay=0.01, blanked=0.0,
    dropout=0.0,
)  # fmt: skip


def _network(seed: int, width: int = 6, hidden: int = 9, size: float = 1.0) -> Network:
    rng = np.random.default_rng(seed)
    return Network(
        intercept=-1.3, means=rng.normal(size=width), direct=rng.normal(size=width),
        inner=size * rng.normal(size=(width, hidden)), bias=rng.normal(size=hidden),
        outer=rng.normal(size=hidden),
    )  # fmt: skip


def _pupils(seed: int = 3) -> tuple[Pupils, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(1000, 4)) * np.array([1.0, 10.0, 0.1, 1.0]) + 5.0
    bad = rng.random(1000) < 1.0 / (1.0 + np.exp(1.0 - (matrix[:, 0] - 5.0) * (matrix[:, 3] - 5.0)))
    return Pupils(_lesson(matrix, bad, np.arange(1000)), HABITS, seed), matrix, bad


def _lesson(matrix: np.ndarray, bad: np.ndarray, rows: np.ndarray) -> Lesson:
    """The last column is told."""
    fixed = matrix.copy()
    fixed[:, 3] = 0.0
    return Lesson(
        columns=Columns.of(fixed), told_at=np.array([3]), told=matrix[:, [3]], bad=bad, rows=rows
    )


def test_the_exported_network_says_what_jax_says() -> None:
    """Against the forward pass written in JAX, member by member, on its own weights."""
    pupils, matrix, _ = _pupils()
    pupils.learn()
    import jax
    import jax.numpy as jnp

    _, _, averaged = pupils._state
    rows = jnp.asarray((matrix - matrix.mean(axis=0)) / matrix.std(axis=0), jnp.float32)
    hidden = jax.nn.silu(rows @ averaged["inner"] + averaged["bias"]).reshape(len(rows), 3, 5)
    bent = jnp.einsum("bnh,nh->bn", hidden, averaged["outer"])
    members = bent + rows @ averaged["direct"] + averaged["intercept"]
    assert pupils.network().margin(matrix) == pytest.approx(
        np.asarray(members.mean(axis=1)), rel=1e-5, abs=1e-5
    )


def test_what_is_said_on_the_way_is_what_the_exported_network_says() -> None:
    pupils, matrix, _ = _pupils()
    pupils.learn()
    assert pupils.margin(np.arange(0, 1000, 3)) == pytest.approx(
        pupils.network().margin(matrix)[::3], abs=1e-5
    )


def test_rows_that_are_not_to_be_learnt_from_say_nothing() -> None:
    _, matrix, bad = _pupils()
    rows = np.arange(600)
    turned = np.where(np.arange(1000) < 600, bad, ~bad)
    found = []
    for labels in (bad, turned):
        pupils = Pupils(_lesson(matrix, labels, rows), HABITS, 3)
        pupils.learn()
        found.append(pupils.network().inner)
    assert (found[0] == found[1]).all()


def test_it_learns_what_no_sum_of_columns_says() -> None:
    """Risk lies in the product of two columns alone."""
    pupils, matrix, bad = _pupils()
    first = pupils.network().margin(matrix)
    for _ in range(30):
        pupils.learn()
    last = pupils.network().margin(matrix)
    loss = [np.logaddexp(0.0, np.where(bad, -margin, margin)).mean() for margin in (first, last)]
    assert loss[1] < loss[0] - 0.05


@given(
    start=st.floats(-40.0, 40.0),
    step=st.floats(-60.0, 60.0) | st.floats(-2e-4, 2e-4),
)
def test_a_secant_is_the_mean_slope(start: float, step: float) -> None:
    def slope(share: float) -> np.ndarray:
        half = 0.5 * (1.0 + np.tanh(0.5 * (start + share * step)))
        return np.array([half * (1.0 + (start + share * step) * (1.0 - half))])

    wanted = quad_vec(slope, 0.0, 1.0, epsabs=1e-12, epsrel=1e-12)[0][0]
    found = secant(np.array([start]), np.array([step]))[0]
    assert found == pytest.approx(wanted, abs=2e-9)
    assert found * step == pytest.approx(
        float(silu(np.array([start + step]))[0] - silu(np.array([start]))[0]), abs=1e-12, rel=1e-12
    )


@pytest.mark.parametrize("size", [0.01, 1.0, 30.0])
def test_terms_are_integrated_gradients_and_sum_to_the_margin(size: float) -> None:
    """Against numerical integration of numerical slopes on the straight way from the means."""
    network = _network(5, size=size)
    row = np.random.default_rng(6).normal(size=(1, 6)) * 3.0
    nudge = 1e-5 * np.eye(6)

    def slopes(share: float) -> np.ndarray:
        at = network.means + share * (row[0] - network.means)
        return (network.margin(at + nudge) - network.margin(at - nudge)) / 2e-5

    wanted = quad_vec(slopes, 0.0, 1.0, epsabs=1e-10)[0] * (row[0] - network.means)
    found = network.terms(row)
    assert found[0] == pytest.approx(wanted, rel=1e-6, abs=1e-6 * size)
    assert found.sum() + network.baseline() == pytest.approx(network.margin(row)[0], abs=1e-10)


def test_parts_of_many_rows_are_those_of_each() -> None:
    network = _network(7)
    rows = np.random.default_rng(8).normal(size=(9000, 6))
    some = [0, 4095, 4096, 8999]
    assert network.margin(rows)[some] == pytest.approx(network.margin(rows[some]), abs=1e-13)
    assert network.terms(rows)[some] == pytest.approx(network.terms(rows[some]), abs=1e-13)


@pytest.mark.parametrize("holes", [0.0, 0.2])
def test_pieces_say_where_a_number_lies(holes: float) -> None:
    """They rise one after the other from 0 to 1, and add up to the normal score."""
    rng = np.random.default_rng(9)
    values = rng.lognormal(size=2000)
    values[rng.random(2000) < holes] = np.nan
    scored = Scored.learn(number("income", values), 7)
    pieces = Pieces(scored=scored)
    order = np.sort(values[~np.isnan(values)])
    found = pieces.encode(number("income", order))
    assert found.shape == (len(order), pieces.width)
    assert found.min() == 0.0
    assert found.max() == 1.0
    assert (np.diff(found, axis=0) >= 0.0).all()
    known = pieces.width - scored.marks_missing
    assert ((found[:, 1:known] == 0.0) | (found[:, : known - 1] == 1.0)).all()
    edges = np.unique(np.append(scored.bends, scored.scores[[0, -1]]))
    score = scored.encode(number("income", order))[:, 0]
    assert found[:, :known] @ np.diff(edges) + edges[0] == pytest.approx(score, abs=1e-12)
    missing = pieces.encode(number("income", np.array([np.nan])))[0]
    assert missing[known:].tolist() == [1.0] * scored.marks_missing


def test_a_damaged_file_is_refused() -> None:
    frame, bad = applicants(200)
    training = start_training(frame, bad, groups=customers(200), seed=1)
    learnt = find_technique("neural_network").fit(training, progress=Silent())
    files = learnt.model.save()
    again = load(files, "neural_network")
    assert (again.margin(frame) == learnt.model.margin(frame)).all()
    assert again.save() == files
    for wrong in ({"means": ""}, {"bias": "!"}, {"outer": "AAAA"}, {"inner": 3}):
        document = {**_json(files[NETWORK_FILE]), **wrong}
        with pytest.raises(BundleError):
            load({**files, NETWORK_FILE: to_bytes(document)}, "neural_network")


def _json(raw: bytes) -> dict[str, object]:
    import json

    return dict(json.loads(raw))


def test_a_setting_that_is_not_there_is_refused() -> None:
    frame, bad = applicants(60)
    training = start_training(frame, bad, groups=customers(60), seed=1)
    wrong = replace(training, guidance=Guidance(settings={"depth": 3.0}))
    with pytest.raises(TechniqueError, match=r"depth: neural_network has no[\s\S]*hidden"):
        find_technique("neural_network").fit(wrong, progress=Silent())


def test_without_jax_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jax", None)
    frame, bad = applicants(60)
    training = start_training(frame, bad, groups=customers(60), seed=1)
    with pytest.raises(TechniqueError, match=r"solvent\[neural_network\]"):
        find_technique("neural_network").fit(training, progress=Silent())


def test_scoring_imports_no_jax() -> None:
    code = (
        "import sys; from solvent.models.finding import find_technique;"
        "import solvent.models.scorers.network, solvent.models.scorers.blend;"
        "[find_technique(name).space() for name in ('neural_network', 'blend', 'best')];"
        "print({'jax', 'optax', 'sklearn'} & sys.modules.keys())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
