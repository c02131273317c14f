"""Scoring a file of applications through the product's own use case, against a bare booster.

60 numbers an application, 300 trees of 31 leaves. solvent reads Parquet, types and judges every
row, predicts and writes predictions.csv; the peer is handed its matrix in memory and keeps the
result there.
"""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
from numpy.typing import NDArray

from benchmarks.data import SEED
from benchmarks.folder import bench_folder
from solvent import Applications, Product, behaviour, equals, instant, number
from solvent.app.score import ScoreRequest, score
from solvent.features import to_json
from solvent.models import TrainedModel
from solvent.models._lightgbm import Trees
from solvent.models.calibration import Calibration
from solvent.models.calibrators import Line
from solvent.models.matrix import Encoder
from solvent.models.plans import Plain
from solvent.models.scorers.trees import TreesModel
from solvent.store import ModelRegistry

FloatArray = NDArray[np.float64]

COLUMNS = 60
TREES, LEAVES = 300, 31
FEW, MANY = 250_000, 1_000_000
_TRAIN = 100_000
_BLOCK = 50_000
_START_US = 1_735_689_600_000_000
_NAMES = tuple(f"x{j:02d}" for j in range(COLUMNS))
_MODEL = "model.txt"


def folder() -> Path:
    """Return where this benchmark keeps its files."""
    return bench_folder() / "scoring"


def prepare() -> None:
    """Train the model, register it, and write the applications, once."""
    import lightgbm  # only here: solvent's piece does without LightGBM's Python side

    done = folder() / "complete"
    if done.exists():
        return
    folder().mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(SEED)
    weights = rng.normal(0.0, 0.3, COLUMNS)
    matrix = _draw(rng, _TRAIN)
    bad = rng.random(_TRAIN) < 1.0 / (1.0 + np.exp(2.0 - np.nan_to_num(matrix) @ weights))
    booster = lightgbm.train(
        {
            "objective": "binary", "num_leaves": LEAVES, "learning_rate": 0.05, "seed": SEED,
            "num_threads": 1, "deterministic": True, "verbosity": -1,
        },
        lightgbm.Dataset(matrix, bad.astype(np.float64)), TREES,
    )  # fmt: skip
    text = booster.model_to_string()
    (folder() / _MODEL).write_text(text, encoding="utf-8")
    _register(text)
    for rows in (FEW, MANY):
        _write_applications(np.random.default_rng(SEED + rows), rows)
    done.touch()


def score_file(rows: str) -> dict[str, float]:
    """Score a file through the product's use case; return how many rows."""
    request = ScoreRequest(
        product="scoring", applications=_applications(int(rows)),
        out=folder() / f"predictions_{rows}.csv", data=folder(), home=folder() / "home",
    )  # fmt: skip
    return {"rows": score(request).scored}


def predict_in_memory(rows: str) -> dict[str, float]:
    """Predict by a bare booster; return rows and the CPU-seconds of `predict` alone."""
    import lightgbm

    booster = lightgbm.Booster(model_file=str(folder() / _MODEL))
    matrix = np.load(_matrix(int(rows)))
    before = _cpu()
    pd = np.asarray(booster.predict(matrix, num_threads=2))
    cpu = _cpu() - before
    np.save(folder() / f"peer_{rows}.npy", pd)
    return {"rows": len(pd), "cpu": cpu}


def require_equal(rows: int) -> str:
    """Return a sentence that says how equal the predictions are.

    Raises:
        AssertionError: They differ.
    """
    table = pacsv.read_csv(folder() / f"predictions_{rows}.csv")
    order = np.argsort(table["user_id"].to_numpy())
    ours = table["prediction_probability"].to_numpy()[order]
    peer = np.load(folder() / f"peer_{rows}.npy")
    assert len(ours) == len(peer) == rows, f"{len(ours)} and {len(peer)} rows, not {rows}"
    gap = float(np.abs(ours - peer).max())
    assert gap < 1e-12, f"predictions differ by {gap:.2g}"
    return f"{rows:,} predictions within {gap:.1g}"


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _draw(rng: np.random.Generator, rows: int) -> FloatArray:
    """Return numbers, a twentieth of them missing."""
    matrix = rng.normal(0.0, 1.0, (rows, COLUMNS)).round(6)
    matrix[rng.random(matrix.shape) < 0.05] = np.nan
    return matrix


def _applications(rows: int) -> Path:
    return folder() / f"applications_{rows}.parquet"


def _matrix(rows: int) -> Path:
    return folder() / f"matrix_{rows}.npy"


def _write_applications(rng: np.random.Generator, rows: int) -> None:
    matrix = np.empty((rows, COLUMNS))
    fields: list[pa.Field[Any]] = [
        pa.field("application_id", pa.int64()),
        pa.field("user_id", pa.int64()),
        pa.field("applied_at", pa.timestamp("us", "UTC")),
        *(pa.field(name, pa.float64()) for name in _NAMES),
    ]
    schema = pa.schema(fields)
    with pq.ParquetWriter(_applications(rows), schema, compression="zstd") as writer:
        for first in range(0, rows, _BLOCK):
            block = _draw(rng, _BLOCK)
            matrix[first : first + _BLOCK] = block
            number_of = np.arange(first, first + _BLOCK)
            at = pa.array(_START_US + number_of * 31_000_000, schema.field("applied_at").type)
            numbers = [pa.array(column, from_pandas=True) for column in block.T]
            writer.write_table(pa.table([number_of, number_of, at, *numbers], schema=schema))
    np.save(_matrix(rows), matrix)


def _product() -> Product:
    forms = Applications(
        name="forms", files="applications_*.parquet", id="application_id", key="user_id",
        as_of="applied_at", zone="UTC",
        columns={"applied_at": instant(), **{name: number() for name in _NAMES}},
    )  # fmt: skip
    return Product(
        name="scoring", applications=forms, features=[behaviour(forms)],
        bad=equals("bad", "1", matured="given"),
    )  # fmt: skip


def _register(text: str) -> None:
    plan = _product().plan
    model = TrainedModel(
        model=TreesModel(technique="boosted_trees",
            trees=Trees.from_text(text), text=text, importances=(),
            encoder=Encoder(plans=tuple(Plain(name=name) for name in _NAMES)),
        ),
        calibration=Calibration(curve=Line(intercept=0.0, slope=1.0)),
    )  # fmt: skip
    told = {
        "applications": to_json(plan.applications),
        "sources": to_json(plan.sources),
        "features": to_json(plan.features),
        "protected": [],
    }
    ModelRegistry(folder() / "home").add("scoring", model, {"product": "scoring", "plan": told})
