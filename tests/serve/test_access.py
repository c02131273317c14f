"""Who may do what: every endpoint of the OpenAPI document, by every kind of caller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts

from solvent.serve import create_api
from solvent.store import Role
from tests.serve.lender import RISKY, SAFE, Lender

APPLICANT, RM, RISK, VALIDATOR, AUDITOR, MONITOR, ADMIN = (str(role) for role in Role)
NOBODY, WRONG, REVOKED = "no key", "a wrong key", "a revoked key"
STRANGERS = (NOBODY, WRONG, REVOKED)
CALLERS = (*STRANGERS, *map(str, Role))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A sound call of an endpoint, and who may make it.

    Args:
        roles: Who may; None for anybody.
        done: Status for those who may.
        body: JSON to send.
        content: Bytes to send instead.
        path: What the path's names stand for.
        headers: Further headers.
        owner: What makes the thing its path names the caller's own: "token" its token, "key" the
            key that made it, "role" nothing further; empty where it names none.
    """

    roles: tuple[str, ...] | None
    done: int = 200
    body: Any = None
    content: bytes | None = None
    path: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    owner: str = ""


EVERYBODY = tuple(map(str, Role))
REALISED = (RM, RISK, VALIDATOR, ADMIN)
VIEWERS = tuple(role for role in EVERYBODY if role != MONITOR)
SHOP = {"product": "shop"}
CLIENT = {**SHOP, "key": "C1"}
# An endpoint that is not in this table fails the test below.
TABLE = {
    "GET /health": Call(roles=None),
    "GET /ready": Call(roles=None),
    "GET /v1/me": Call(roles=EVERYBODY),
    "GET /metrics": Call(roles=(AUDITOR, MONITOR, ADMIN)),
    "GET /v1/audit": Call(roles=(AUDITOR, ADMIN)),
    "GET /v1/products": Call(roles=VIEWERS),
    "GET /v1/products/{product}": Call(roles=VIEWERS, path=SHOP),
    "POST /v1/products/{product}/decisions": Call(
        roles=(APPLICANT, RM, ADMIN), done=201, body={"attributes": SAFE}, path=SHOP
    ),
    "GET /v1/decisions/{decision_id}": Call(roles=(RM, RISK, AUDITOR, ADMIN), owner="token"),
    "GET /v1/decisions/{decision_id}/letter": Call(
        roles=(RM, RISK, AUDITOR, ADMIN), owner="token"
    ),
    "POST /v1/products/{product}/score": Call(
        roles=(RM, RISK, ADMIN), body={"attributes": SAFE}, path=SHOP
    ),
    "POST /v1/products/{product}/events": Call(
        roles=(RISK, ADMIN), path=SHOP, headers={"Idempotency-Key": "rows-of-today"},
        body={"source": "visits", "rows": [{"customer": "C1", "at": "2025-05-01T10:00:00Z"}]},
    ),
    "GET /v1/products/{product}/clients": Call(roles=(RM, ADMIN), path=SHOP),
    "GET /v1/products/{product}/clients/{key}": Call(roles=(RM, ADMIN), path=CLIENT),
    "GET /v1/products/{product}/clients/{key}/values/{feature}": Call(
        roles=(RM, ADMIN), path={**CLIENT, "feature": "income"}
    ),
    "POST /v1/products/{product}/outcomes": Call(
        roles=(RISK, ADMIN), path=SHOP,
        body={"outcomes": [{"application_id": "L", "bad": 1, "observed_at": "2020-01-01T00:00Z"}]},
    ),
    "GET /v1/products/{product}/outcomes/realised": Call(roles=REALISED, path=SHOP),
    "GET /v1/products/{product}/outcomes/realised.csv": Call(roles=REALISED, path=SHOP),
    "GET /v1/products/{product}/portfolio": Call(roles=(RISK, VALIDATOR, ADMIN), path=SHOP),
    "GET /v1/products/{product}/campaign": Call(roles=(RISK, ADMIN), path=SHOP),
    "GET /v1/products/{product}/campaign.csv": Call(roles=(RISK, ADMIN), done=404, path=SHOP),
    "POST /v1/products/{product}/campaign/refresh": Call(
        roles=(RISK, ADMIN), done=202, path=SHOP
    ),
    "POST /v1/batches": Call(
        roles=(RM, RISK, ADMIN), done=202, content=b"amount\n100\n",
        headers={"Content-Type": "text/csv"}, path={"query": "product=shop"},
    ),
    "GET /v1/batches": Call(roles=(RM, RISK, ADMIN)),
    "GET /v1/batches/{batch_id}": Call(
        roles=(RM, RISK, ADMIN), done=404, path={"batch_id": "7"}, owner="key"
    ),
    "GET /v1/batches/{batch_id}/results": Call(
        roles=(RM, RISK, ADMIN), done=404, path={"batch_id": "7"}, owner="key"
    ),
    "DELETE /v1/batches/{batch_id}": Call(
        roles=(RM, RISK, ADMIN), done=404, path={"batch_id": "7"}, owner="key"
    ),
    "GET /v1/jobs/{job_id}": Call(
        roles=(RISK, ADMIN), done=404, path={"job_id": "7"}, owner="role"
    ),
}  # fmt: skip
PAGES = {
    "/", "/apply", "/apply/style.css", "/apply/{product}",
    "/apply/{product}/decisions/{decision_id}", "/apply/{product}/decisions/{decision_id}/letter",
    "/docs", "/openapi.json",
}  # fmt: skip


@pytest.fixture
def headers(lender: Lender) -> dict[str, dict[str, str]]:
    """The headers of every kind of caller."""
    record, plain = lender.service.keys.create(Role.ADMIN, name="left", created_at=1)
    lender.service.keys.revoke(record.id, 2)
    return {
        NOBODY: {}, WRONG: {"Authorization": f"Bearer slv_{'x' * 43}"},
        REVOKED: {"Authorization": f"Bearer {plain}"},
        **{str(role): lender.headers(role) for role in Role},
    }  # fmt: skip


def made(api: httpx.Client, lender: Lender, user: str = "C1") -> dict[str, Any]:
    """Have somebody decided by the admin."""
    body = {"user_id": user, "attributes": RISKY}
    found = api.post("/v1/products/shop/decisions", json=body, headers=lender.headers(Role.ADMIN))
    assert found.status_code == 201
    return dict(found.json())


def wanted(call: Call, caller: str) -> int:
    """Return the status a caller is owed."""
    if call.roles is None or caller in call.roles:
        return call.done
    return 401 if caller in STRANGERS else 403


def sent(api: httpx.Client, endpoint: str, call: Call, headers: dict[str, str]) -> Any:
    """Make a call."""
    method, path = endpoint.split(" ")
    return api.request(
        method, path.format(**call.path), json=call.body, content=call.content,
        params=call.path.get("query", ""), headers={**headers, **call.headers},
    )  # fmt: skip


def documented(api: httpx.Client) -> Iterator[str]:
    """Yield every endpoint of the OpenAPI document."""
    for path, methods in api.get("/openapi.json").json()["paths"].items():
        for method in methods:
            yield f"{method.upper()} {path}"


def test_every_endpoint_answers_each_caller_as_the_table_says(
    api: httpx.Client, lender: Lender, headers: dict[str, dict[str, str]]
) -> None:
    known = made(api, lender)
    found, table = {}, {}
    for endpoint in documented(api):
        call = TABLE[endpoint]
        path = {"decision_id": known["id"], **call.path}
        for caller in CALLERS:
            filled = replace(call, path=path)
            answer = sent(api, endpoint, filled, headers[caller])
            found[endpoint, caller] = answer.status_code
            table[endpoint, caller] = wanted(call, caller)
            if answer.status_code >= 400:
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["status"] == answer.status_code
            if answer.status_code == 401:
                assert answer.headers["www-authenticate"].startswith("Bearer")
    assert found == table


def test_the_table_knows_every_endpoint_and_no_other(api: httpx.Client, lender: Lender) -> None:
    """What is added without a line in the table is found, hidden routes too."""
    assert set(documented(api)) == set(TABLE)
    paths = {
        route.path.replace(":path", "")
        for route in iter_route_contexts(create_api(lender.service).routes)
    }
    assert paths == {endpoint.split(" ")[1] for endpoint in TABLE} | PAGES


def test_the_document_says_who_may_call_as_the_table_does(api: httpx.Client) -> None:
    for path, methods in api.get("/openapi.json").json()["paths"].items():
        for method, told in methods.items():
            roles = TABLE[f"{method.upper()} {path}"].roles
            if path.startswith("/v1/decisions/{decision_id}"):
                roles = EVERYBODY  # an applicant's key with the decision's token
            assert told.get("x-roles") == (None if roles is None else list(roles)), path
            assert bool(told["security"]) == (roles is not None)
            assert told.get("x-owner", "") == TABLE[f"{method.upper()} {path}"].owner, path
            # A path that names what somebody made says whose it is.
            assert ("x-owner" in told) == ("_id}" in path), path


OWN, OTHERS, NO_TOKEN = "the token of its own", "another's token", "no token"


def test_who_holds_a_token_opens_their_own_decision_and_no_other(
    api: httpx.Client, lender: Lender, headers: dict[str, dict[str, str]]
) -> None:
    """Every endpoint that a token opens, by every kind of caller and every kind of token."""
    mine, other = made(api, lender), made(api, lender, "C2")
    tokens = {OWN: mine["token"], OTHERS: other["token"], NO_TOKEN: ""}
    opened = [endpoint for endpoint, call in TABLE.items() if call.owner == "token"]
    assert opened
    found, table = {}, {}
    for endpoint in opened:
        method, path = endpoint.split(" ")
        call = TABLE[endpoint]
        assert call.roles is not None
        for caller in CALLERS:
            for kind, token in tokens.items():
                answer = api.request(
                    method, path.format(decision_id=mine["id"]), params={"token": token},
                    headers=headers[caller],
                )  # fmt: skip
                found[endpoint, caller, kind] = answer.status_code
                opens = kind == OWN and caller not in {WRONG, REVOKED}
                table[endpoint, caller, kind] = 200 if opens else wanted(call, caller)
                if answer.status_code == 200:
                    staff = caller in call.roles and path.endswith("{decision_id}")
                    assert ("pd" in answer.json()) == staff, (endpoint, caller, kind)
    assert found == table


def test_whoever_made_it_alone_is_answered_with_what_a_key_made(
    api: httpx.Client, lender: Lender
) -> None:
    """An idempotency key is its owner's: under another's nothing of it is seen, nor refused."""
    _, other = lender.service.keys.create(Role.APPLICANT, name="another", created_at=1)
    path, headers = (
        "/v1/products/shop/decisions",
        lender.headers(Role.APPLICANT, "one-name-for-all"),
    )
    mine = api.post(path, json={"attributes": RISKY}, headers=headers)
    theirs = {**headers, "Authorization": f"Bearer {other}"}
    first, second = (
        api.post(path, json={"attributes": attributes}, headers=theirs)
        for attributes in (RISKY, SAFE)
    )
    assert (mine.status_code, first.status_code, second.status_code) == (201, 201, 422)
    assert mine.json()["id"] != first.json()["id"]
    assert mine.json()["token"] not in first.text + second.text


def test_a_batch_is_seen_and_ended_by_whoever_sent_it_and_by_no_other_manager(
    api: httpx.Client, lender: Lender, headers: dict[str, dict[str, str]]
) -> None:
    """Every endpoint whose thing is a key's own, by every kind of caller."""
    _, other = lender.service.keys.create(Role.RELATIONSHIP_MANAGER, name="another", created_at=1)
    callers = {**headers, "another manager": {"Authorization": f"Bearer {other}"}}
    opened = [endpoint for endpoint, call in TABLE.items() if call.owner == "key"]
    assert opened
    found, table = {}, {}
    for endpoint in opened:
        method, path = endpoint.split(" ")
        for caller, own in callers.items():
            sender = lender.headers(Role.RELATIONSHIP_MANAGER)
            batch = sent(api, "POST /v1/batches", TABLE["POST /v1/batches"], sender).json()
            answer = api.request(method, path.format(batch_id=batch["id"]), headers=own)
            found[endpoint, caller] = answer.status_code
            owed = replace(TABLE[endpoint], done=200)
            table[endpoint, caller] = 404 if caller == "another manager" else wanted(owed, caller)
    assert found == table


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "slv_x", "bearer x", "é"])
def test_no_other_header_opens(api: httpx.Client, header: str) -> None:
    answer = api.get("/v1/me", headers={"Authorization": header.encode("latin-1")})
    assert answer.status_code == 401


def test_an_applicant_sees_their_own_decision_and_no_figure(
    api: httpx.Client, lender: Lender
) -> None:
    applicant = lender.headers(Role.APPLICANT)
    answer = api.post("/v1/products/shop/decisions", json={"attributes": RISKY}, headers=applicant)
    told = answer.json()
    assert set(told) == {
        "id", "token", "product", "title", "decided_at", "verdict", "offer", "alternatives",
        "reasons", "next_step", "hints",
    }  # fmt: skip
    assert all(set(reason) == {"text"} for reason in told["reasons"])
    kept = lender.service.decisions.get(told["id"])
    assert kept is not None
    for figure in (
        repr(kept.pd),
        repr(1 - kept.pd),
        f'"score":{kept.score}',
        "effect",
        "approve_below",
    ):
        assert figure not in answer.text.replace(" ", "")
    for headers in (applicant, {}):
        again = api.get(
            f"/v1/decisions/{told['id']}", params={"token": told["token"]}, headers=headers
        )
        assert again.json() == told


def test_an_applicant_sees_a_products_form_and_no_figure(api: httpx.Client, lender: Lender) -> None:
    applicant, staff = lender.headers(Role.APPLICANT), lender.headers(Role.RELATIONSHIP_MANAGER)
    told = api.get("/v1/products/shop", headers=applicant).json()
    assert set(told) == {"name", "title", "currency", "form", "key_words"}
    whole = api.get("/v1/products/shop", headers=staff).json()
    assert told == {name: whole[name] for name in told}
    lines = api.get("/v1/products", headers=applicant).json()["products"]
    assert [set(one) for one in lines] == [{"name", "title", "currency"}] * 2
    assert lines[0] == {name: whole[name] for name in lines[0]}


def test_another_decisions_token_opens_nothing(api: httpx.Client, lender: Lender) -> None:
    mine, other = made(api, lender), made(api, lender, "C2")
    for token in ("", other["token"], mine["token"][:-1], f"{mine['token']}x", "é"):
        for headers, status in ((lender.headers(Role.APPLICANT), 403), ({}, 401)):
            address = f"/v1/decisions/{mine['id']}"
            answer = api.get(address, params={"token": token}, headers=headers)
            assert answer.status_code == status
            page = api.get(
                f"/apply/shop/decisions/{mine['id']}", params={"token": token}, headers=headers
            )
            assert page.status_code == 404
    # Whether an id exists is not told to whoever has no token.
    absent = api.get(f"/v1/decisions/{'0' * 32}", headers=lender.headers(Role.APPLICANT))
    assert absent.status_code == 403


def test_ids_and_tokens_cannot_be_guessed(api: httpx.Client, lender: Lender) -> None:
    """128 random bits an id, and a token of 256 bits that only this installation can make."""
    some = [made(api, lender) for _ in range(40)]
    ids = [int(one["id"], 16) for one in some]
    assert len(set(ids)) == 40
    assert all(len(one["token"]) == 43 for one in some)
    # No bit of the free 122 stands still, and none follows the order.
    ones = [sum(one >> bit & 1 for one in ids) for bit in range(128)]
    assert sum(0 < count < 40 for count in ones) >= 122
    assert ids != sorted(ids)


def test_staff_read_a_decision_as_it_was_answered(api: httpx.Client, lender: Lender) -> None:
    mine = made(api, lender)
    for role in (Role.RELATIONSHIP_MANAGER, Role.RISK_MANAGER, Role.ADMIN):
        answer = api.get(f"/v1/decisions/{mine['id']}", headers=lender.headers(role))
        assert answer.json() == mine
    for decision_id in ("0" * 32, "x", "%00", "é"):
        answer = api.get(f"/v1/decisions/{decision_id}", headers=lender.headers(Role.ADMIN))
        assert answer.status_code == 404


@pytest.mark.parametrize(
    "more",
    [
        {"user_id": "C1"}, {"application_at": "2024-01-01T00:00:00Z"}, {"events": {}},
        {"user_id": None},
    ],
)  # fmt: skip
def test_an_applicant_answers_for_themselves_alone(
    api: httpx.Client, lender: Lender, more: dict[str, Any]
) -> None:
    path, body = "/v1/products/shop/decisions", {"attributes": RISKY, **more}
    answer = api.post(path, json=body, headers=lender.headers(Role.APPLICANT))
    assert (answer.status_code, answer.json()["field"]) == (403, next(iter(more)))
    assert lender.service.clients.count("shop") == 0
    answer = api.post(path, json=body, headers=lender.headers(Role.RELATIONSHIP_MANAGER))
    assert answer.status_code == 201
