"""Batches over HTTP: what is sent in one file is answered row by row, as if each came alone."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from solvent.app.batch_limits import BatchLimits
from solvent.app.batches import FOLDER
from solvent.app.bootstrap import register_policy
from solvent.app.worker import Worker
from tests.serve.lender import (
    CANARY,
    NEW,
    NOW,
    POLICY,
    RISKY,
    SAFE,
    Lender,
    Row,
    as_json,
    loan_rows,
    source_rows,
    write_policy,
)

CSV, PARQUET, ZIP = "text/csv", "application/vnd.apache.parquet", "application/zip"
COLUMNS = ("amount", "income", "months", "ratio", "city", "owner", "born")
AT = datetime.fromtimestamp(NOW / 1_000_000, UTC).isoformat().replace("+00:00", "Z")


def applications(n: int = 60) -> list[Row]:
    """Return applications as a client would send them, some of people nobody knows."""
    found = []
    for place, loan in enumerate(loan_rows()[:n]):
        told = as_json(loan)
        who = loan["customer"] if place % 3 else f"new {place}"
        own = {name: told[name] for name in COLUMNS if told.get(name) is not None}
        own["amount"] = min(max(float(own["amount"]), 100), 5000)
        found.append({"user_id": who, "application_id": f"A{place}", **own})
    for place, one in enumerate((SAFE, RISKY, NEW, {**SAFE, "city": "Lima"})):
        found.append({"user_id": f"S{place}", "application_id": "", **one})
    return found


def as_csv(rows: list[Row], names: list[str] | None = None) -> bytes:
    out = io.StringIO()
    names = names or ["user_id", "application_id", *COLUMNS]
    writer = csv.DictWriter(out, names, restval="")
    writer.writeheader()
    for row in rows:
        writer.writerow({n: str(v).lower() if isinstance(v, bool) else v for n, v in row.items()})
    return out.getvalue().encode()


def as_parquet(rows: list[Row]) -> bytes:
    sink = io.BytesIO()
    names = ("user_id", "application_id", *COLUMNS)
    pq.write_table(pa.table({name: [row.get(name) for row in rows] for name in names}), sink)
    return sink.getvalue()


def send(
    lender: Lender, api: httpx.Client, body: bytes, kind: str = CSV, *, role: str = "risk_manager",
    key: str = "", **query: Any,
) -> httpx.Response:  # fmt: skip
    headers = {**lender.headers(role, key), "Content-Type": kind}
    asked = {"product": "shop", **query}
    return api.post("/v1/batches", params=asked, content=body, headers=headers)


def done(lender: Lender, api: httpx.Client, sent: httpx.Response) -> list[dict[str, Any]]:
    """Let a worker do a batch; return its rows, as Parquet has them."""
    assert sent.status_code == 202, sent.text
    worker = Worker(lender.service)
    while worker.work_once():
        pass
    told = api.get(sent.json()["links"]["self"], headers=lender.headers("risk_manager")).json()
    assert (told["state"], told["done"]) == ("done", told["rows"])
    got = api.get(
        sent.json()["links"]["results"], params={"format": "parquet"},
        headers=lender.headers("risk_manager"),
    )  # fmt: skip
    return list(pq.read_table(io.BytesIO(got.content)).to_pylist())


def alone(
    lender: Lender, api: httpx.Client, product: str, row: Row, events: Any = None
) -> dict[str, Any]:
    """Return what one application is answered when it comes by itself."""
    body = {
        "user_id": row["user_id"], "application_id": row["application_id"], "application_at": AT,
        "attributes": {n: v for n, v in row.items() if n in COLUMNS}, "events": events or {},
    }  # fmt: skip
    headers = lender.headers("relationship_manager")
    answer = api.post(f"/v1/products/{product}/decisions", json=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def require_same(row: dict[str, Any], answer: dict[str, Any]) -> None:
    offer = answer["offer"] or {}
    amount = (offer.get("amount") or {}).get("amount")
    fee = (offer.get("fee") or {}).get("amount")
    assert (row["user_id"], row["verdict"], row["pd"], row["score"], row["band"]) == (
        answer["user_id"], answer["verdict"], answer["pd"], answer["score"], answer["band"],
    )  # fmt: skip
    assert (row["offer"], row["amount"], row["fee"]) == (offer.get("title"), amount, fee)
    assert row["reasons"] == " | ".join(one["text"] for one in answer["reasons"])


@pytest.mark.parametrize("product", ["shop", "trees"])
@pytest.mark.parametrize("mode", ["score", "decide"])
@pytest.mark.parametrize("kind", [CSV, PARQUET])
def test_each_row_is_answered_to_the_bit_as_if_it_came_alone(
    lender: Lender, api: httpx.Client, product: str, mode: str, kind: str
) -> None:
    rows = applications()
    body = as_csv(rows) if kind == CSV else as_parquet(rows)
    found = done(lender, api, send(lender, api, body, kind, product=product, mode=mode))
    assert [row["row"] for row in found] == list(range(1, len(rows) + 1))
    assert {row["verdict"] for row in found} == {"approve", "refer", "decline"}
    for row, sent in zip(found, rows, strict=True):
        assert row["error"] is None
        require_same(row, alone(lender, api, product, sent))


def test_decisions_of_a_batch_are_kept_and_audited_as_single_ones_are(
    lender: Lender, api: httpx.Client
) -> None:
    before = lender.service.audit.checkpoint().number
    rows = applications(20)
    found = done(lender, api, send(lender, api, as_csv(rows), mode="decide"))
    assert lender.service.audit.checkpoint().number == before + len(rows)
    assert lender.service.decisions.count("shop") == len(rows)
    for row in found:
        told = api.get(
            f"/v1/decisions/{row['decision_id']}", headers=lender.headers("risk_manager")
        )
        require_same(row, told.json())


def test_scores_keep_no_decision_and_reasons_may_be_left_out(
    lender: Lender, api: httpx.Client
) -> None:
    found = done(lender, api, send(lender, api, as_csv(applications(20)), reasons="false"))
    assert lender.service.decisions.count("shop") == 0
    assert {row["reasons"] for row in found} == {None}
    assert {row["decision_id"] for row in found} == {None}


@pytest.mark.parametrize("mode", ["score", "decide"])
def test_events_come_along_in_a_zip(lender: Lender, api: httpx.Client, mode: str) -> None:
    rows = [row for row in applications(40) if row["user_id"].startswith("C")]
    keys = {row["user_id"] for row in rows}
    sources = {
        name: [as_json(one) for one in told if one["customer"] in keys]
        for name, told in source_rows(loan_rows()).items()
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr("applications.csv", as_csv(rows))
        for name, told in sources.items():
            out.writestr(f"events/{name}.csv", as_csv(told, list(told[0])))
    sent = send(lender, api, packed.getvalue(), ZIP, mode=mode)
    found = done(lender, api, sent)
    for row, one in zip(found, rows, strict=True):
        events = {
            name: [
                {n: v for n, v in event.items() if n != "customer" and v is not None}
                for event in told
                if event["customer"] == one["user_id"]
            ]
            for name, told in sources.items()
        }
        require_same(row, alone(lender, api, "shop", one, events))


def test_a_row_that_does_not_fit_is_set_aside_and_the_others_are_done(
    lender: Lender, api: httpx.Client
) -> None:
    rows = applications(10)
    rows[3] = {**rows[3], "amount": "lots"}
    rows[5] = {**rows[5], "months": 4000}
    rows[7] = {**rows[7], "user_id": "x" * 300}
    for mode in ("score", "decide"):
        found = done(lender, api, send(lender, api, as_csv(rows), mode=mode))
        wrong = {row["row"]: row["error_field"] for row in found if row["error"]}
        assert wrong == {4: "attributes.amount", 6: "attributes.months", 8: "user_id"}
        assert all(row["pd"] is not None for row in found if not row["error"])
        assert "lots" not in json.dumps([row["error"] for row in found])


@pytest.mark.parametrize(
    ("body", "field", "words"),
    [
        (b"user_id,amount\nA,1\nB,1,2\n", "applications", "row 2 has another number of cells"),
        (b"user_id,wealth\nA,1\n", "applications", "column 2 is not declared"),
        (b"user_id,faith\nA,1\n", "applications.faith", "is protected"),
        (b"user_id,amount,amount\nA,1,1\n", "applications.amount", "is there twice"),
        (b"user_id,amount\n", "applications", "has no rows"),
        (b"", "applications", ""),
        (b"user_id,amount\n\xff\xfe,1\n", "applications", "cannot be read"),
        (b"user_id,city\nA," + b"x" * 20_000 + b"\n", "applications.city", "row 1 holds a cell"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_at_once(
    lender: Lender, api: httpx.Client, body: bytes, field: str, words: str
) -> None:
    answer = send(lender, api, body)
    assert answer.status_code == 422, answer.text
    assert answer.json()["field"] == field
    assert words in answer.json()["detail"]
    assert not list((lender.root / "home" / FOLDER).iterdir())


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in members.items():
            out.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (zipped(**{"../applications.csv": b"user_id\nA\n"}), ZIP, "is not one of a batch"),
        (zipped(**{"events/visits.csv": b"customer\nA\n"}), ZIP, "holds no applications"),
        (zipped(**{"applications.csv": b"user_id\n" + b"A\n" * 500_000}), ZIP, "times its size"),
        (b"PK\x03\x04nothing", ZIP, "is no zip"),
        (b"PAR1 nothing", PARQUET, "cannot be read"),
    ],
)
def test_what_only_looks_like_a_batch_is_refused(
    lender: Lender, api: httpx.Client, body: bytes, kind: str, words: str
) -> None:
    answer = send(lender, api, body, kind)
    assert answer.status_code == 422, answer.text
    assert words in answer.json()["detail"]
    assert not list((lender.root / "home" / FOLDER).iterdir())


def test_limits_are_kept(lender: Lender, api: httpx.Client) -> None:
    limits = BatchLimits(sent_bytes=1_000, rows=3, waiting_rows=4)
    lender.service.settings = replace(lender.service.settings, batches=limits)
    assert send(lender, api, b"user_id\n" + b"A\n" * 600).status_code == 413
    assert "more than 3 rows" in send(lender, api, b"user_id\nA\nB\nC\nD\n").json()["detail"]
    assert send(lender, api, b"user_id\nA\nB\nC\n").status_code == 202
    busy = send(lender, api, b"user_id\nA\nB\n")
    assert busy.status_code == 429
    assert int(busy.headers["Retry-After"]) > 0
    assert send(lender, api, b"{}", "application/json").status_code == 415


def test_a_batch_sent_twice_with_one_key_is_one_batch(lender: Lender, api: httpx.Client) -> None:
    body = as_csv(applications(5))
    first = send(lender, api, body, key="batch-of-today")
    again = send(lender, api, body, key="batch-of-today")
    assert (first.status_code, again.json()["id"]) == (202, first.json()["id"])
    other = send(lender, api, body, key="batch-of-today", reasons="false")
    assert (other.status_code, other.json()["field"]) == (422, "idempotency_key")
    listed = api.get("/v1/batches", headers=lender.headers("risk_manager")).json()["batches"]
    assert [one["id"] for one in listed] == [first.json()["id"]]
    folders = [one.name for one in (lender.root / "home" / FOLDER).iterdir()]
    assert folders == [first.json()["id"]]


def test_a_batch_sent_again_is_answered_though_much_waits_or_nothing_is_served(
    lender: Lender, api: httpx.Client
) -> None:
    body = as_csv(applications(5))
    first = send(lender, api, body, key="batch-of-today").json()
    limits = BatchLimits(waiting_rows=1)
    lender.service.settings = replace(lender.service.settings, batches=limits)
    assert send(lender, api, body).status_code == 429
    again = send(lender, api, body, key="batch-of-today")
    assert (again.status_code, again.json()["id"]) == (202, first["id"])
    lender.service.live = {}
    again = send(lender, api, body, key="batch-of-today")
    assert (again.status_code, again.json()["id"]) == (202, first["id"])


def test_the_rows_of_a_product_that_is_served_no_more_are_still_there(
    lender: Lender, api: httpx.Client
) -> None:
    made = send(lender, api, as_csv(applications(5))).json()
    lender.service.live = {}
    answer = api.get(made["links"]["results"], headers=lender.headers("risk_manager"))
    assert answer.status_code == 200
    assert len(list(csv.DictReader(io.StringIO(answer.text)))) == made["rows"]


def test_text_that_is_no_utf8_is_refused_by_its_column(lender: Lender, api: httpx.Client) -> None:
    """Nothing that reads it later could: not even to tell whose row is set aside."""
    bad = pa.StringArray.from_buffers(
        1, pa.array([0, 2], pa.int32()).buffers()[1], pa.py_buffer(b"\xff\xfe")
    )
    sink = io.BytesIO()
    pq.write_table(pa.table({"user_id": ["A"], "city": bad}), sink)
    answer = send(lender, api, sink.getvalue(), PARQUET)
    assert answer.status_code == 422
    assert answer.json()["field"] == "applications.city"
    assert "UTF-8" in answer.json()["detail"]
    empty = send(lender, api, b"\nuser_id\nA\n")
    assert (empty.status_code, "empty line" in empty.json()["detail"]) == (422, True)


def test_what_can_never_be_done_ends_and_holds_nobody_up(lender: Lender, api: httpx.Client) -> None:
    """Its policy is gone: the rows are set aside, and the next batch is done."""
    poor = send(lender, api, as_csv(applications(1)[:3])).json()
    home = lender.root / "home" / "policies" / "shop"
    write_policy(lender.folder, POLICY.replace("0.40", "0.41"))
    register_policy(lender.service.policies, lender.folder)
    lender.service.refresh()
    (home / "1.json").unlink()
    sound = send(lender, api, as_csv(applications(1)[:3])).json()
    worker = Worker(lender.service)
    for _ in range(40):
        if not worker.work_once():
            break
    headers = lender.headers("risk_manager")
    ended = api.get(poor["links"]["self"], headers=headers).json()
    assert (ended["state"], ended["set_aside"]) == ("done", 3)
    ended = api.get(sound["links"]["self"], headers=headers).json()
    assert (ended["state"], ended["set_aside"]) == ("done", 0)


def test_the_reasons_of_a_score_are_those_of_the_decision_though_the_strongest_does_not_hold(
    lender: Lender, api: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def last_first(
        _live: Any, _one: Any, _reference: Any, _weighed: Any, reasons: tuple[Any, ...]
    ) -> tuple[Any, ...]:
        return reasons[::-1]

    monkeypatch.setattr("solvent.app.decide.holding_first", last_first)
    body = as_csv([{**RISKY, "user_id": "C1"}])
    told = []
    for mode in ("score", "decide"):
        made = send(lender, api, body, mode=mode)
        done(lender, api, made)
        text = api.get(made.json()["links"]["results"], headers=lender.headers("risk_manager")).text
        told += [row["reasons"] for row in csv.DictReader(io.StringIO(text))]
    assert told[0] == told[1] != ""


def test_a_batch_sent_again_after_it_was_removed_is_not_done_again(
    lender: Lender, api: httpx.Client
) -> None:
    body, headers = as_csv(applications(5)), lender.headers("risk_manager")
    first = send(lender, api, body, key="batch-of-today").json()
    api.delete(first["links"]["self"], headers=headers, params={"remove": "true"})
    again = send(lender, api, body, key="batch-of-today").json()
    assert (again["id"], again["state"]) == (first["id"], "removed")
    assert api.get("/v1/batches", headers=headers).json()["batches"] == []
    assert not Worker(lender.service).work_once()


def test_a_batch_is_its_senders_and_those_who_steer(lender: Lender, api: httpx.Client) -> None:
    mine = send(lender, api, as_csv(applications(3)), role="relationship_manager").json()
    theirs = send(lender, api, as_csv(applications(3)), role="risk_manager").json()
    manager = lender.headers("relationship_manager")
    for path in (theirs["links"]["self"], theirs["links"]["results"]):
        assert api.get(path, headers=manager).status_code == 404
    assert api.delete(theirs["links"]["self"], headers=manager).status_code == 404
    listed = api.get("/v1/batches", headers=manager).json()["batches"]
    assert [one["id"] for one in listed] == [mine["id"]]
    for role in ("risk_manager", "admin"):
        told = api.get(mine["links"]["self"], headers=lender.headers(role))
        assert told.status_code == 200
    assert send(lender, api, b"user_id\nA\n", role="applicant").status_code == 403


def test_a_cancelled_batch_keeps_what_is_done_and_every_row(
    lender: Lender, api: httpx.Client
) -> None:
    limits = BatchLimits(explained_rows=4)
    lender.service.settings = replace(lender.service.settings, batches=limits)
    made = send(lender, api, as_csv(applications(6))).json()
    assert Worker(lender.service).work_once()
    headers = lender.headers("risk_manager")
    ended = api.delete(made["links"]["self"], headers=headers).json()
    assert (ended["state"], ended["done"]) == ("cancelled", 4)
    assert not Worker(lender.service).work_once()
    text = api.get(made["links"]["results"], headers=headers).text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["row"] for row in rows] == [str(n + 1) for n in range(10)]
    assert [bool(row["error"]) for row in rows] == [False] * 4 + [True] * 6
    again = api.delete(made["links"]["self"], headers=headers).json()
    assert (again["state"], again["done"]) == ("cancelled", 4)
    gone = api.delete(made["links"]["self"], headers=headers, params={"remove": "true"}).json()
    assert gone["state"] == "removed"
    assert api.get(made["links"]["self"], headers=headers).status_code == 404
    assert not list((lender.root / "home" / FOLDER).iterdir())


def test_no_cell_of_the_results_starts_a_formula(lender: Lender, api: httpx.Client) -> None:
    signs = ("=1+1", "+1", "-1", "@x", "\t=1")
    rows = [{**SAFE, "user_id": sign, "application_id": sign} for sign in signs]
    made = send(lender, api, as_csv(rows))
    done(lender, api, made)
    headers = lender.headers("risk_manager")
    text = api.get(made.json()["links"]["results"], headers=headers).text
    for row in csv.DictReader(io.StringIO(text)):
        assert row["application_id"].startswith("'")
        assert row["user_id"][0] in {"'", "="} - {"="}
        assert 0.0 < float(row["pd"]) < 1.0


def test_files_are_for_nobody_else(lender: Lender, api: httpx.Client) -> None:
    made = send(lender, api, as_csv([{**SAFE, "user_id": CANARY, "application_id": ""}])).json()
    folder = lender.root / "home" / FOLDER / made["id"]
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {one.stat().st_mode & 0o777 for one in folder.iterdir()} == {0o600}
