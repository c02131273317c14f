"""One customer's rows in memory: how long the features of one application take.

Two ways: rows prepared when they change and kept (sorted, row expressions computed), as a server
that holds hot customers does; and everything from raw rows, as for a customer just fetched.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import numpy as np

from benchmarks.data import CATEGORIES, DAY_MS, MERCHANTS, SEED, SPAN_DAYS, START_MS
from benchmarks.declared import product
from solvent.features import ApplicationRows, EntityRows, Values
from solvent.features.evaluate import assemble, evaluate, name_columns, prepare, run_kernel
from solvent.features.program import Program, compile_features

ROWS = 500
CALLS = 2_000
_WARM = 200


def run() -> dict[str, float]:
    """Return milliseconds by way and percentile."""
    plan = product("events.parquet").plan
    program = compile_features(plan.applications, plan.sources, plan.features)
    rows = _customer(ROWS)
    application = ApplicationRows(
        as_of=np.array([(START_MS + SPAN_DAYS * DAY_MS) * 1000]),
        entity=np.zeros(1, np.int64),
        columns={},
    )
    prepared = prepare(program.sources[0], rows)

    def kept() -> object:
        matrix = run_kernel(prepared, application)
        found = name_columns(program.sources[0], prepared.levels, matrix)
        return assemble(program, application, found)

    def raw() -> object:
        return evaluate(program, application, {"payments": rows})

    def kernel() -> object:
        return run_kernel(prepared, application)

    _require_same(program, application, rows, kept())
    found = {"rows": float(ROWS), "calls": float(CALLS), "features": float(len(program.features))}
    for way, call in {"prepared": kept, "raw": raw, "kernel": kernel}.items():
        p50, p99 = np.percentile(_times(call), [50, 99])
        found |= {f"{way}_p50_ms": float(p50), f"{way}_p99_ms": float(p99)}
    return found


def _customer(count: int) -> EntityRows:
    rng = np.random.default_rng(SEED)
    time_us = (START_MS + (rng.random(count) * SPAN_DAYS * DAY_MS).astype(np.int64)) * 1000
    return EntityRows(
        starts=np.array([0, count]), time=time_us, available=time_us, id=None,
        columns={
            "amount_cents": Values(array=rng.lognormal(8.0, 1.1, count).astype(np.int64)),
            "category": Values(
                array=rng.integers(0, len(CATEGORIES), count), levels=CATEGORIES
            ),
            "merchant_id": Values(array=rng.integers(0, MERCHANTS, count)),
        },
    )  # fmt: skip


def _times(call: Callable[[], object]) -> list[float]:
    for _ in range(_WARM):
        call()
    gc.collect()
    found = []
    for _ in range(CALLS):
        started = time.perf_counter_ns()
        call()
        found.append((time.perf_counter_ns() - started) / 1e6)
    return found


def _require_same(
    program: Program, application: ApplicationRows, rows: EntityRows, kept: object
) -> None:
    assert repr(kept) == repr(evaluate(program, application, {"payments": rows}))
