"""What `/metrics` tells: the truth, in a bounded number of series, about nobody."""

from __future__ import annotations

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from solvent.app.audit import write_checkpoint
from solvent.errors import StoreError
from solvent.store import Audit, Role
from tests.serve.lender import NOW, RISKY, SAFE, Lender


def figures(api: httpx.Client, lender: Lender) -> dict[tuple[str, tuple[str, ...]], float]:
    """Return every sample by name and values of its labels, these by the labels' names."""
    answer = api.get("/metrics", headers=lender.headers(Role.MONITOR))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, tuple(sample.labels[label] for label in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def test_decisions_are_counted_by_product_and_verdict_once_each(
    api: httpx.Client, lender: Lender
) -> None:
    headers = lender.headers(Role.ADMIN, "the-same-request")
    verdicts, pds = [], []
    for attributes in (SAFE, RISKY):
        told = api.post(
            "/v1/products/shop/decisions", json={"attributes": attributes},
            headers=lender.headers(Role.ADMIN),
        ).json()  # fmt: skip
        verdicts.append(told["verdict"])
        pds.append(told["pd"])
    for _ in range(3):  # one decision, answered three times
        told = api.post("/v1/products/trees/decisions", json={"attributes": SAFE}, headers=headers)
    found = figures(api, lender)
    for verdict in set(verdicts):
        key = ("solvent_decisions_total", ("shop", verdict))
        assert found[key] == verdicts.count(verdict)
    assert found["solvent_decisions_total", ("trees", told.json()["verdict"])] == 1
    version = str(lender.service.product("shop").registered.version)
    assert found["solvent_decision_pd_count", (version, "shop")] == 2
    assert found["solvent_decision_pd_sum", (version, "shop")] == pytest.approx(sum(pds))
    for edge in ("0.2", "0.5", "1.0"):
        inside = sum(one <= float(edge) for one in pds)
        assert found["solvent_decision_pd_bucket", (edge, version, "shop")] == inside
    assert found["solvent_commit_decisions_sum", ()] == 3
    assert found["solvent_audit_entries", ()] == lender.service.audit.checkpoint().number
    route = "/v1/products/{product}/decisions"
    assert found["solvent_requests_total", ("POST", route, "201")] == 5
    assert found["solvent_request_seconds_count", (route,)] == 5


def test_labels_are_templates_however_many_addresses_are_asked(
    api: httpx.Client, lender: Lender
) -> None:
    headers = lender.headers(Role.ADMIN)
    figures(api, lender)
    for n in range(30):
        api.get(f"/v1/products/shop/clients/Ada{n}", headers=headers)
        api.get(f"/nowhere/Ada{n}")
        api.request(f"ADA{n}", "/health")
        api.get(f"/v1/decisions/{n:032}?token=Ada{n}")
    before = len(figures(api, lender))
    for n in range(30, 90):
        api.get(f"/v1/products/shop/clients/Ada{n}", headers=headers)
        api.get(f"/nowhere/Ada{n}")
        api.request(f"ADA{n}", "/health")
        api.get(f"/v1/decisions/{n:032}?token=Ada{n}")
    found = figures(api, lender)
    assert len(found) == before
    assert not [name for name in found if "Ada" in str(name) or "ADA" in str(name)]
    assert found["solvent_requests_total", ("GET", "none", "404")] == 90


def test_the_queue_is_told_with_its_age(api: httpx.Client, lender: Lender) -> None:
    found = figures(api, lender)
    assert (found["solvent_jobs_waiting", ()], found["solvent_jobs_oldest_seconds", ()]) == (0, 0)
    api.post("/v1/products/shop/campaign/refresh", headers=lender.headers(Role.ADMIN))
    lender.service.now = lambda: NOW + 90_000_000
    found = figures(api, lender)
    assert (found["solvent_jobs_waiting", ()], found["solvent_jobs_oldest_seconds", ()]) == (1, 90)


def test_the_age_of_the_newest_checkpoint_is_told_once_there_is_one(
    api: httpx.Client, lender: Lender
) -> None:
    age = ("solvent_audit_checkpoint_age_seconds", ())
    assert age not in figures(api, lender)
    kept = write_checkpoint(lender.service.settings, lender.root / "kept.json")
    noted = lender.service.last_checkpoint()
    assert noted is not None
    lender.service.now = lambda: noted.at + 3_600_000_000
    found = figures(api, lender)
    assert found[age] == 3_600
    assert found["solvent_audit_checkpoint_entries", ()] == kept.number


def test_a_store_that_cannot_be_read_is_a_figure_not_an_error(
    api: httpx.Client, lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert figures(api, lender)["solvent_store_up", ()] == 1

    def broken(_: Audit) -> None:
        raise StoreError("away", hint="wait")

    monkeypatch.setattr(Audit, "checkpoint", broken)
    found = figures(api, lender)
    assert found["solvent_store_up", ()] == 0
    assert ("solvent_audit_entries", ()) not in found


def test_the_state_of_the_audit_is_a_checkpoint(api: httpx.Client, lender: Lender) -> None:
    api.post(
        "/v1/products/shop/decisions", json={"attributes": SAFE}, headers=lender.headers(Role.ADMIN)
    )
    told = api.get("/v1/audit", headers=lender.headers(Role.AUDITOR))
    path = lender.root / "kept.json"
    write_checkpoint(lender.service.settings, path)
    assert told.json() == httpx.Response(200, content=path.read_bytes()).json()
