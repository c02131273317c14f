"""The mobile lender live: rows loaded by the command, the PD asked for by user and time."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
from click.testing import Result
from typer.testing import CliRunner

from solvent.app.bootstrap import open_service
from solvent.app.settings import Settings
from solvent.cli.main import app
from solvent.sandbox import simulate
from solvent.store import Role
from tests.cli.shops import read_rows
from tests.serve.lender import Lender

PRODUCT = Path(__file__).resolve().parents[2] / "examples" / "mobile_lender"
ASKED = 60


def _run(home: Path, *words: str | Path) -> Result:
    environment = {"SOLVENT_HOME": str(home), "COLUMNS": "200"}
    done = CliRunner().invoke(app, [str(word) for word in words], env=environment)
    assert done.exit_code == 0, done.output
    return done


def test_user_and_time_bring_the_pd_that_the_file_of_predictions_has(tmp_path: Path) -> None:
    """Features are rebuilt at each application's instant, to the last bit, from live rows."""
    data, home, out = tmp_path / "data", tmp_path / "home", tmp_path / "out.csv"
    simulate("mobile_lender", customers=500, seed=7, out=data)
    _run(home, "train", PRODUCT, "--data", data)
    _run(home, "score", PRODUCT, data / "loan_outcomes.parquet", "--data", data, "-o", out)
    predictions = read_rows(out)
    assert list(predictions[0]) == ["user_id", "application_at", "prediction_probability"]
    told = {(row["user_id"], row["application_at"]): row for row in predictions}
    service = open_service(Settings(home=home), folders=[PRODUCT])
    lender = Lender(root=tmp_path, service=service)
    _, lender.keys[Role.ADMIN] = service.keys.create(Role.ADMIN, name="test", created_at=1)
    _run(home, "events", "load", "mobile_lender", data)
    loans = pq.read_table(data / "loan_outcomes.parquet").slice(0, ASKED).to_pylist()
    read = 0
    try:
        with lender.serving() as api:
            for place, loan in enumerate(loans):
                at = f"{loan['application_at'].isoformat()}Z"
                answer = api.post(
                    "/v1/products/mobile_lender/decisions",
                    json={
                        "user_id": loan["user_id"], "application_at": at,
                        "attributes": {"amount": 20, "term_days": str(loan["term_days"])},
                    },
                    headers=lender.headers(Role.ADMIN, f"decision-{place:04}"),
                )  # fmt: skip
                assert answer.status_code == 201, answer.text
                read += answer.json()["rows_read"]
                scored = api.post(
                    "/v1/products/mobile_lender/score",
                    json={
                        "user_id": loan["user_id"], "application_at": at,
                        "attributes": {
                            "amount": loan["amount"], "term_days": str(loan["term_days"]),
                        },
                    },
                    headers=lender.headers(Role.ADMIN),
                )  # fmt: skip
                expected = told[loan["user_id"], at]["prediction_probability"]
                assert scored.json()["pd"] == float(expected)
    finally:
        service.close()
    assert read > 10 * ASKED
