"""A lender of one form of 60 numbers, and its model served in the plain way.

Run with a port and the lender's folder, it is the peer: FastAPI, a pydantic model of 60 bounded
fields, and the same trees asked through LightGBM's own package.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks.folder import bench_folder

NAME = "serving"
COLUMNS, TREES, LEAVES = 60, 300, 31
TRAINED_ON, ASKED = 10_000, 500
NAMES = tuple(f"x{place:02d}" for place in range(COLUMNS))
_SEED = 20_261
_MISSING = 0.05
_PRODUCT = """
from solvent import Applications, Product, behaviour, equals, number

forms = Applications(
    name="forms", files="forms.parquet", id="form", key="form",
    columns={f"x{place:02d}": number() for place in range(60)},
)
product = Product(
    name="serving", applications=forms, features=[behaviour(forms)],
    bad=equals("bad", 1, matured="given"), technique="fixed_trees",
    reasons={f"x{ten}*": f"Your answers of part {ten}" for ten in range(6)},
)
"""
_TECHNIQUE = f"""
from solvent.models import Learnt
from solvent.models._boosting import Grower, Rows
from solvent.models.matrix import Draft
from solvent.models.scorers.trees import TreesModel
from solvent.models.technique import out_of_fold
from solvent.models.techniques.boosted_trees import plan, still


class FixedTrees:
    name = "fixed_trees"
    title = "as many trees as the peers have"

    def space(self):
        return {{}}

    def fit(self, training, *, progress):
        draft = Draft.of(training.frame, training.bad, training.fold, plan)
        settings = {{"learning_rate": 0.1, "num_leaves": {LEAVES}, **still(training.seed)}}

        def grown(matrix, bad, encoder):
            grower = Grower(Rows(matrix, bad, settings), settings)
            for _ in range({TREES}):
                grower.grow()
            return TreesModel.read_text(grower.text(), encoder, self.name)

        bag = []
        for fold in range(training.folds):
            rest = training.fold != fold
            matrix = draft.matrix_without(fold)[rest]
            bag.append(grown(matrix, training.bad[rest], draft.encoder_without(fold)))
        model = grown(draft.matrix(), training.bad, draft.encoder)
        return Learnt(model=model, margin=out_of_fold(bag, training), bag=tuple(bag))


technique = FixedTrees()
"""
"""Plain boosting without the mean over folds: the number of trees is known beforehand."""
_POLICY = """
product: serving
name: "1"
cutoffs: {approve_below: 0.2}
bands:
  - {name: A, score_from: 0}
offer:
  currency: EUR
  variants:
    - {name: loan, title: Loan}
economics: {currency: EUR, amount: 1000, rate: 0.2, lgd: 0.6}
"""
_DONE = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The lender on disk.

    Args:
        folder: Where it lies, with its home.
        key: An API key of a relationship manager.
        asked: Applicants' answers, as they fill the form.
    """

    folder: Path
    key: str
    asked: tuple[dict[str, float | None], ...]


def prepared() -> Form:
    """Return the lender, trained once; with a key of its own."""
    from solvent.app.bootstrap import open_service
    from solvent.app.settings import Settings
    from solvent.store import Role

    folder = bench_folder() / f"serving_{TRAINED_ON}_{COLUMNS}_{TREES}"
    if not (folder / _DONE).exists():
        _make(folder)
    service = open_service(Settings(home=folder / "home"), folders=[folder])
    role, now = Role.RELATIONSHIP_MANAGER, service.now()
    _, key = service.keys.create(role, name="benchmark", created_at=now)
    if not service.keys.any_admin():  # else the server would make one, and print it
        service.keys.create(Role.ADMIN, name="benchmark", created_at=now)
    service.close()
    matrix = _draw(np.random.default_rng(_SEED + 1), ASKED)
    asked = tuple(
        {name: None if np.isnan(value) else value for name, value in zip(NAMES, row, strict=True)}
        for row in matrix.tolist()
    )
    return Form(folder=folder, key=key, asked=asked)


def _make(folder: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(_SEED)
    weights, matrix = rng.normal(0.0, 0.3, COLUMNS), _draw(rng, TRAINED_ON)
    odds = np.exp(2.0 - np.nan_to_num(matrix) @ weights)
    bad = (rng.random(TRAINED_ON) < 1.0 / (1.0 + odds)).astype(np.int64)
    columns = {
        "form": np.arange(TRAINED_ON), "bad": bad,
        **{name: pa.array(matrix[:, at], from_pandas=True) for at, name in enumerate(NAMES)},
    }  # fmt: skip
    pq.write_table(pa.table(columns), folder / "forms.parquet")
    (folder / "product.py").write_text(_PRODUCT, encoding="utf-8")
    (folder / "fixed_trees.py").write_text(_TECHNIQUE, encoding="utf-8")
    (folder / "policy.yaml").write_text(_POLICY, encoding="utf-8")
    solvent = str(Path(sys.executable).with_name("solvent"))
    subprocess.run(
        [solvent, "train", str(folder), "--data", str(folder)], check=True,
        env={**os.environ, "SOLVENT_HOME": str(folder / "home")}, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    (folder / _DONE).touch()


def _draw(rng: np.random.Generator, rows: int) -> NDArray[np.float64]:
    """Return numbers, a twentieth of them missing."""
    matrix = rng.normal(0.0, 1.0, (rows, COLUMNS)).round(6)
    matrix[rng.random(matrix.shape) < _MISSING] = np.nan
    return matrix


def model_text(folder: Path) -> str:
    """Return the lender's trees in LightGBM's native text."""
    from solvent.models.scorers.trees import TreesModel
    from solvent.store import ModelRegistry

    model = ModelRegistry(folder / "home").load(NAME).model.model
    if not isinstance(model, TreesModel):
        raise TypeError(f"the lender's model is {model.technique}, not trees")
    return model.text


def main() -> None:
    """Serve the peer; arguments: port, folder, and what gives PDs: classifier or booster."""
    import uvicorn
    from fastapi import FastAPI
    from pydantic import BaseModel, Field, create_model

    port, folder, kind = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    number = (float | None, Field(ge=-1e9, le=1e9))
    body: type[BaseModel] = create_model("Form", **dict.fromkeys(NAMES, number))  # type: ignore[call-overload]
    predict = {"classifier": _classifier, "booster": _booster}[kind](folder)
    api = FastAPI()

    @api.get("/ready")
    async def ready() -> dict[str, str]:
        return {}

    async def score(form) -> dict[str, float]:  # type: ignore[no-untyped-def]
        return {"pd": predict(form.model_dump())}

    score.__annotations__["form"] = body  # the class is made here: no name tells it
    api.post("/score")(score)
    uvicorn.run(api, host="127.0.0.1", port=port, log_level="warning", access_log=False)


Predict = Callable[[dict[str, float | None]], float]


def _classifier(folder: Path) -> Predict:
    """Return LGBMClassifier.predict_proba of a frame of one row, with as many trees as ours."""
    import pandas
    from lightgbm import LGBMClassifier

    trees = model_text(folder).count("\nTree=")
    rows = pandas.read_parquet(folder / "forms.parquet")
    model = LGBMClassifier(n_estimators=trees, num_leaves=LEAVES, n_jobs=1, verbosity=-1)
    model.fit(rows[list(NAMES)], rows["bad"])

    def predict(form: dict[str, float | None]) -> float:
        frame = pandas.DataFrame([form], columns=list(NAMES), dtype="float64")
        return float(np.asarray(model.predict_proba(frame))[0, 1])

    return predict


def _booster(folder: Path) -> Predict:
    """Return Booster.predict of a matrix of one row, of our own trees."""
    from lightgbm import Booster

    model = Booster(model_str=model_text(folder))

    def predict(form: dict[str, float | None]) -> float:
        row = np.array([[form[name] for name in NAMES]], dtype=np.float64)
        return float(np.asarray(model.predict(row, num_threads=1))[0])

    return predict


def peer_body(asked: dict[str, float | None]) -> bytes:
    """Return a form as the peer takes it."""
    return json.dumps(asked).encode()


def own_body(asked: dict[str, float | None]) -> bytes:
    """Return a form as solvent takes it."""
    return json.dumps({"attributes": asked}).encode()


if __name__ == "__main__":
    main()
