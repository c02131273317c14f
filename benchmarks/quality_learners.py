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
from collections.abc import Iterable, Iterator, Mapping, Sequence
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
from solvent.models import find_technique

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


def measure(learners: Sequence[Learner], data: QualitySet) -> None:
    """Run whatever is missing: a peer's folds in one process, a fold of all of ours in another.

    Raises:
        RuntimeError: A process failed.
    """
    ours = [one for one in learners if one.is_ours]
    for number in range(FOLDS):
        missing = _missing({one.name: _file(one, data, number) for one in ours})
        if missing:
            command = [sys.executable, "-m", "benchmarks.quality_ours"]
            _run([*command, str(data.path.resolve()), str(number), *missing])
            print(f"  {data.name}, fold {number} of ours: done", flush=True)
    for peer in learners:
        missing = _missing({str(number): _file(peer, data, number) for number in range(FOLDS)})
        if missing and not peer.is_ours:
            python = str(python_of(peer.environment))
            command = [python, "-m", "benchmarks.peer_learners.run", peer.file, peer.name]
            _run([*command, str(data.path.resolve()), *missing])
            print(f"  {data.name}, {peer.name}: done", flush=True)


def _missing(files: Mapping[str, Path]) -> list[str]:
    """Return what is not on the disk, as a process is told it."""
    for file in files.values():
        file.parent.mkdir(parents=True, exist_ok=True)
    return [f"{name}={file.resolve()}" for name, file in files.items() if not file.exists()]


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=ROOT,
        env={**environment(), **_ONE_THREAD},
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[2:6])}: {done.stderr[-2000:]}")


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
    members = getattr(find_technique(technique), "members", ())
    wanted = ["solvent.models.trained", *(f"{_TECHNIQUES}.{one}" for one in (technique, *members))]
    found: set[Path] = set()
    while wanted:
        file = _file_of(wanted.pop())
        if file is None or file in found:
            continue
        found.add(file)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module:
                wanted += [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
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
