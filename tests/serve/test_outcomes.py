"""Outcomes over HTTP: row by row, once, corrected, never of a loan that is not there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from solvent.app.bootstrap import Service
from solvent.store import Role
from tests.serve.lender import CANARY, NOW, RISKY, SAFE, Lender

DAY = 86_400_000_000
SHOP = "/v1/products/shop"


def iso(microseconds: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds)).isoformat()


@pytest.fixture
def clock(lender: Lender) -> list[int]:
    """A clock that can be moved."""
    now = [NOW]
    lender.service.now = lambda: now[0]
    return now


def decide(api: httpx.Client, lender: Lender, name: str, **more: Any) -> dict[str, Any]:
    body = {"user_id": f"C-{name}", "application_id": name, "attributes": SAFE, **more}
    found = api.post(f"{SHOP}/decisions", json=body, headers=lender.headers(Role.ADMIN))
    assert found.status_code == 201, found.text
    return dict(found.json())


def tell(api: httpx.Client, lender: Lender, *rows: dict[str, Any]) -> dict[str, Any]:
    found = api.post(
        f"{SHOP}/outcomes", json={"outcomes": list(rows)},
        headers=lender.headers(Role.RISK_MANAGER),
    )  # fmt: skip
    assert found.status_code == 200, found.text
    return dict(found.json())


def realised(api: httpx.Client, lender: Lender, **query: str) -> dict[str, Any]:
    found = api.get(
        f"{SHOP}/outcomes/realised", params=query,
        headers=lender.headers(Role.RELATIONSHIP_MANAGER),
    )  # fmt: skip
    assert found.status_code == 200, found.text
    return dict(found.json())


def test_one_bad_row_costs_no_other(
    api: httpx.Client, lender: Lender, clock: list[int], caplog: pytest.LogCaptureFixture
) -> None:
    """Each refused row is told by its place, field and hint, and nothing it holds is repeated."""
    caplog.set_level("DEBUG")
    one = decide(api, lender, "L1")
    decide(api, lender, "twice")
    decide(api, lender, "twice")
    clock[0] = NOW + 40 * DAY
    seen = iso(NOW + 30 * DAY)
    sound = {"decision_id": one["id"], "bad": False, "observed_at": seen}
    faults = [
        ({**sound, "decision_id": CANARY}, "decision_id", "no such decision"),
        ({"application_id": CANARY, "bad": 1, "observed_at": seen}, "application_id", "no such"),
        ({"application_id": "twice", "bad": 1, "observed_at": seen}, "application_id", "several"),
        ({**sound, "application_id": "L1"}, "decision_id or application_id", "both are named"),
        ({"bad": True, "observed_at": seen}, "decision_id or application_id", "neither is named"),
        ({**sound, "outcome": "bad"}, "bad or outcome", "both are told"),
        ({"decision_id": one["id"], "observed_at": seen}, "bad or outcome", "neither"),
        ({**sound, "bad": CANARY}, "bad", "neither true nor false"),
        ({**sound, "bad": 0.5}, "bad", "neither true nor false"),
        ({"decision_id": one["id"], "outcome": CANARY, "observed_at": seen}, "outcome", "is no"),
        ({**sound, "observed_at": None}, "observed_at", "is missing"),
        ({**sound, "observed_at": CANARY}, "observed_at", "not a time"),
        ({**sound, "observed_at": "2026-01-01T00:00:00"}, "observed_at", ""),
        ({**sound, "observed_at": iso(NOW - DAY)}, "observed_at", "before the application"),
        ({**sound, "observed_at": iso(NOW + 41 * DAY)}, "observed_at", "ahead of"),
        ({**sound, "available": iso(NOW + 41 * DAY)}, "available", "ahead of"),
        ({**sound, "available": iso(NOW + 29 * DAY)}, "available", "before observed_at"),
        ({**sound, "paid": CANARY}, "paid", ""),
        ({**sound, "lost": 1.234}, "lost", ""),
        ({**sound, CANARY: 1}, "", "a field no outcome has"),
        ({**sound, "observedat": seen}, "", "a field no outcome has"),
    ]  # fmt: skip
    found = tell(api, lender, *(row for row, _, _ in faults), sound)
    assert (found["accepted"], found["repeated"], found["corrected"]) == (1, 0, 0)
    assert CANARY not in str(found)
    assert CANARY not in caplog.text
    assert [told["row"] for told in found["refused"]] == list(range(len(faults)))
    for told, (_, field, words) in zip(found["refused"], faults, strict=True):
        assert told["field"] == field, told
        assert words in told["detail"], told
        assert told["hint"], told


def test_what_is_told_twice_counts_once_and_a_correction_counts_from_when_it_is_known(
    api: httpx.Client, lender: Lender, clock: list[int]
) -> None:
    one = decide(api, lender, "L1")
    assert one["verdict"] == "approve"
    clock[0] = NOW + 40 * DAY
    first = {"application_id": "L1", "bad": True, "observed_at": iso(NOW + 10 * DAY),
             "paid": 400.25, "lost": "600"}  # fmt: skip
    assert tell(api, lender, first, first)["repeated"] == 1
    by_id = {name: value for name, value in first.items() if name != "application_id"}
    again = tell(api, lender, {**by_id, "decision_id": one["id"], "lost": 600})
    assert (again["accepted"], again["repeated"]) == (0, 1)
    now = realised(api, lender)
    assert (now["whole"]["known"], now["whole"]["bads"]) == (1, 1)
    assert (now["paid"], now["lost"], now["currency"]) == (400.25, 600.0, "EUR")
    mended = {"application_id": "L1", "outcome": "repaid", "observed_at": iso(NOW + 12 * DAY),
              "available": iso(NOW + 20 * DAY)}  # fmt: skip
    assert tell(api, lender, mended)["corrected"] == 1
    assert realised(api, lender)["whole"]["bads"] == 0
    then = realised(api, lender, at=iso(NOW + 19 * DAY))
    assert (then["whole"]["bads"], then["at"]) == (1, iso(NOW + 19 * DAY).replace("+00:00", "Z"))
    assert realised(api, lender, at=iso(NOW + 9 * DAY))["whole"]["known"] == 0
    taken_back = {"application_id": "L1", "outcome": "open", "observed_at": iso(NOW + 21 * DAY)}
    tell(api, lender, taken_back)
    last = realised(api, lender)["whole"]
    assert (last["known"], last["untold"], last["bad_rate"]) == (0, 1, None)


def test_only_approved_loans_count_unless_all_are_asked_for(
    api: httpx.Client, lender: Lender, clock: list[int]
) -> None:
    decide(api, lender, "good")
    bad = decide(api, lender, "declined", attributes=RISKY)
    assert bad["verdict"] == "decline"
    clock[0] = NOW + DAY
    tell(
        api,
        lender,
        {"application_id": "good", "bad": 0, "observed_at": iso(NOW + DAY)},
        {"application_id": "declined", "bad": 1, "observed_at": iso(NOW + DAY)},
    )
    now = realised(api, lender)
    assert (now["whole"]["decided"], now["whole"]["approved"], now["whole"]["known"]) == (2, 1, 1)
    assert (now["known_of_others"], now["whole"]["bads"]) == (1, 0)
    assert "Only approved loans have outcomes" in now["note"]
    everybody = realised(api, lender, loans="all")
    assert (everybody["whole"]["known"], everybody["whole"]["bads"]) == (2, 1)


def test_bands_are_the_policys_or_deciles_of_the_test_population(
    api: httpx.Client, lender: Lender, clock: list[int]
) -> None:
    made = decide(api, lender, "L1")
    own = realised(api, lender)
    assert own["banded_by"] == "policy"
    assert [one["band"] for one in own["bands"]] == ["A", "B", "below B"]
    (cell,) = own["cells"]
    assert cell["band"] == made["band"]
    deciles = realised(api, lender, bands="deciles")
    assert deciles["banded_by"] == "deciles"
    assert len(deciles["bands"]) == 10
    (cell,) = deciles["cells"]
    low, high = cell["band"].removesuffix(" %").split(" to ")
    assert float(low) - 0.05 <= 100 * made["pd"] <= float(high) + 0.05


def test_before_anything_is_decided_it_says_so(api: httpx.Client, lender: Lender) -> None:
    now = realised(api, lender)
    assert (now["whole"]["decided"], now["months"], now["cells"]) == (0, [], [])
    assert now["ranking_missing"] == "no outcome is known yet"


def test_the_file_is_the_answer(api: httpx.Client, lender: Lender, clock: list[int]) -> None:
    decide(api, lender, "L1")
    found = api.get(f"{SHOP}/outcomes/realised.csv", headers=lender.headers(Role.RISK_MANAGER))
    lines = found.text.splitlines()
    assert lines[0].startswith("month,band,decided,approved,known")
    assert lines[1].startswith("all,all,1,1,0,0,1")
    assert len(lines) == 1 + 1 + 1 + 3 + 1


def test_a_body_that_is_no_list_of_outcomes_is_refused(api: httpx.Client, lender: Lender) -> None:
    for body in ({}, {"outcomes": []}, {"outcomes": [1]}, {"rows": [], "outcomes": [{}]}):
        found = api.post(f"{SHOP}/outcomes", json=body, headers=lender.headers(Role.RISK_MANAGER))
        assert found.status_code == 422
    for at in ("yesterday", iso(NOW + DAY), "9999-12-31T23:59:59-14:00", "2025-01-01T00:00:00"):
        found = api.get(
            f"{SHOP}/outcomes/realised", params={"at": at},
            headers=lender.headers(Role.RISK_MANAGER),
        )  # fmt: skip
        assert (found.status_code, found.json()["field"]) == (422, "at"), at


def test_who_was_erased_is_still_counted(
    api: httpx.Client, lender: Lender, clock: list[int]
) -> None:
    """Verdict and PD of an erased person stay, and so does what became of the loan."""
    one = decide(api, lender, "L1")
    clock[0] = NOW + DAY
    tell(api, lender, {"decision_id": one["id"], "bad": True, "observed_at": iso(NOW + DAY)})
    service: Service = lender.service
    service.audit.erase("shop", "C-L1", at=NOW + DAY)
    now = realised(api, lender)["whole"]
    assert (now["known"], now["bads"], now["customers"]) == (1, 1, 1)
