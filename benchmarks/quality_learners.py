"""Who learns, and what each found on each fold, kept on the disk.

A result is kept under a digest of the set's Parquet, the fold, the learner's script (for ours: the
rooms that learn; comments do not count) and the pinned versions. So a run takes up where the last
one stopped, and each learner can be measured on its own:
`python -m benchmarks.quality --set german --learner catboost`.
"""

from __future__ import annotations

import ast
import hashlib
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

from benchmarks.folder import bench_folder
from benchmarks.measure import environment
from benchmarks.peers import pinned, python_of
from benchmarks.quality_sets import FOLDS, ROOT, FloatArray, QualitySet

OURS = "ours"
_SCRIPTS = Path(__file__).with_name("peer_learners")
_OUR_ROOMS = ("models", "binning", "scoring")
_TECHNIQUES = "solvent.models.techniques"
_MODELS = ["solvent", "models"]  # re-exports everything, and is itself no code
_ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learner:
    """Who learns.

    Args:
        name: What the tables call it.
        environment: `ours`, or the group of `peers.toml` that it runs in.
        file: The module of `peer_learners` that it is in; for ours, empty.
    """

    name: str
    environment: str = OURS
    file: str = ""

    @property
    def is_ours(self) -> bool:
        """True for a technique of solvent."""
        return self.environment == OURS


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a learner found on a set.

    Args:
        pd: Out-of-fold PD of each row, shape (n,); NaN where the row is in no fold.
        fit: CPU-seconds of learning, all folds.
        score: CPU-seconds of scoring, all folds.
        told: What it said of each fold.
    """

    pd: FloatArray
    fit: float
    score: float
    told: tuple[Mapping[str, Any], ...]


PEERS = (
    Learner(name="optbinning_card", environment="quality_peers", file="cards"),
    Learner(name="onehot_logistic", environment="quality_peers", file="logistics"),
    Learner(name="binned_logistic", environment="quality_peers", file="logistics"),
    Learner(name="lightgbm_default", environment="quality_peers", file="lightgbms"),
    Learner(name="lightgbm_tuned", environment="quality_peers", file="lightgbms"),
    Learner(name="lightgbm_bag", environment="quality_peers", file="lightgbms"),
    Learner(name="catboost_alone", environment="quality_peers", file="catboosts"),
    Learner(name="catboost_bag", environment="quality_peers", file="catboosts"),
    Learner(name="autogluon", environment="autogluon", file="autogluons"),
)


def ours(techniques: Iterable[str]) -> tuple[Learner, ...]:
    """Return techniques of solvent as learners."""
    return tuple(Learner(name=name) for name in techniques)


def kept(learner: Learner, data: QualitySet) -> Found | None:
    """Return what is on the disk; None where a fold is missing."""
    files = [_file(learner, data, number) for number in range(FOLDS)]
    if not all(file.exists() for file in files):
        return None
    pd = np.full(len(data.bad), np.nan)
    costs = []
    for file in files:
        table = pq.read_table(file)
        pd[table["row"].to_numpy()] = table["pd"].to_numpy()
        costs.append(json.loads((table.schema.metadata or {})[b"cost"]))
    return Found(
        pd=pd, fit=sum(cost["fit"] for cost in costs), score=sum(cost["score"] for cost in costs),
        told=tuple(cost["told"] for cost in costs),
    )  # fmt: skip


def measured(learner: Learner, data: QualitySet) -> Found:
    """Run the folds that are missing, in one process, and return what was found.

    Raises:
        RuntimeError: A fold failed.
    """
    files = {number: _file(learner, data, number) for number in range(FOLDS)}
    missing = {number: file for number, file in files.items() if not file.exists()}
    if missing:
        files[0].parent.mkdir(parents=True, exist_ok=True)
        _run(learner, data, missing)
        print(f"  {data.name}, {learner.name}: done", flush=True)
    found = kept(learner, data)
    assert found is not None, f"{learner.name} left no result"
    return found


def _run(learner: Learner, data: QualitySet, missing: Mapping[int, Path]) -> None:
    if learner.is_ours:
        command = [sys.executable, "-m", "benchmarks.quality_ours", learner.name]
    else:
        python = str(python_of(learner.environment))
        command = [python, "-m", "benchmarks.peer_learners.run", learner.file, learner.name]
    wanted = [f"{number}={file.resolve()}" for number, file in missing.items()]
    done = subprocess.run(
        [*command, str(data.path.resolve()), *wanted], capture_output=True, text=True, check=False,
        cwd=ROOT, env={**environment(), **_ONE_THREAD},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{learner.name} on {data.name}: {done.stderr[-2000:]}")


def _file(learner: Learner, data: QualitySet, number: int) -> Path:
    told = json.dumps([data.digest, number, learner.name, _version(learner)])
    digest = hashlib.sha256(told.encode()).hexdigest()[:16]
    folder = bench_folder() / "quality" / data.name / f"{learner.environment}-{learner.name}"
    return folder / f"{number}-{digest}.parquet"


@cache
def _version(learner: Learner) -> str:
    """Return a digest of the code and the versions a learner's result hangs on."""
    digest = hashlib.sha256()
    for file in _code(learner):
        digest.update(f"{file.name}:{_said(file)}".encode())
    if not learner.is_ours:
        digest.update(json.dumps(pinned(learner.environment), sort_keys=True).encode())
    return digest.hexdigest()


def _code(learner: Learner) -> Iterator[Path]:
    if learner.is_ours:
        yield from sorted(_our_code(learner.name))
        yield Path(__file__).with_name("quality_ours.py")
    else:
        for name in (learner.file, "inner", "run"):
            yield _SCRIPTS / f"{name}.py"


def _our_code(technique: str) -> set[Path]:
    """Return the files a technique reaches by its imports, in the rooms that learn."""
    wanted = ["solvent.models.trained", f"{_TECHNIQUES}.{technique}"]
    found: set[Path] = set()
    while wanted:
        file = _file_of(wanted.pop())
        if file is None or file in found:
            continue
        found.add(file)
        code = file.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(code)):
            if isinstance(node, ast.ImportFrom) and node.module:
                wanted += [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
        if "find_technique(" in code and file.parent.name == "techniques":  # made of others
            wanted += [f"{_TECHNIQUES}.{other.stem}" for other in file.parent.glob("*.py")]
    return found


def _file_of(module: str) -> Path | None:
    parts = module.split(".")
    if parts[:2] not in (["solvent", room] for room in _OUR_ROOMS) or parts == _MODELS:
        return None
    path = ROOT.joinpath("src", *parts)
    files = (path.with_suffix(".py"), path / "__init__.py")
    return next((file for file in files if file.is_file()), None)


def _said(file: Path) -> str:
    """Return a file's code without comments and docstrings."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef):
            node.body = [one for one in node.body if not _is_text(one)]
    return ast.dump(tree)


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )
