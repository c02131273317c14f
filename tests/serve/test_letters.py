"""Letters about refusals: as the decision was kept, for whom it concerns, with gaps named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

from solvent.app.bootstrap import register_policy
from solvent.cli.main import app
from solvent.serve.letters import LEFT, Letter, letter_html
from solvent.store import Role
from tests.serve.lender import CANARY, NEW, POLICY, RISKY, SAFE, Lender, write_policy

LIMA = {**SAFE, "city": "Lima"}
"""Referred by a rule, with a safer product offered."""
COUNTERED = {**RISKY, "income": 2500, "ratio": 0.4}


def decided(api: httpx.Client, lender: Lender, product: str = "shop", **more: Any) -> Any:
    body = {"user_id": "C1", "application_id": "A-9", "attributes": RISKY, **more}
    answer = api.post(
        f"/v1/products/{product}/decisions", json=body, headers=lender.headers(Role.ADMIN)
    )
    assert answer.status_code == 201
    return answer.json()


def letter(api: httpx.Client, lender: Lender, decision: Any) -> httpx.Response:
    address = f"/v1/decisions/{decision['id']}/letter"
    return api.get(address, headers=lender.headers(Role.RELATIONSHIP_MANAGER))


@pytest.mark.parametrize("product", ["shop", "trees"])
def test_a_letter_says_what_was_decided_and_names_what_is_left(
    api: httpx.Client, lender: Lender, product: str
) -> None:
    decision = decided(api, lender, product)
    assert decision["verdict"] == "decline"
    answer = letter(api, lender, decision)
    assert answer.status_code == 200
    told = answer.json()
    Letter.model_validate(told)
    assert [one["text"] for one in told["reasons"]] == [r["text"] for r in decision["reasons"]]
    assert [one["order"] for one in told["reasons"]] == [*range(1, len(told["reasons"]) + 1)]
    assert told["key_factors"] == [
        {"order": place, "text": one["text"]}
        for place, one in enumerate([e for e in decision["effects"] if e["effect"] > 0][:4], 1)
    ]
    assert told["rests_on"] == "model"
    score = told["score"]
    assert score["lowest"] <= score["value"] == decision["score"] <= score["highest"]
    assert score["lowest"] < score["needed"] == decision["approve_score"] < score["highest"]
    assert (told["application_id"], told["verdict"]) == ("A-9", "decline")
    assert told["date"] == score["date"] == decision["decided_at"]
    assert score["model_digest"] == decision["model_digest"]
    assert (told["creditor"], told["rights"]) == ("Shop & Sons", ["You may ask <us> why."])
    assert told["counter_offers"] == decision["alternatives"]
    assert told["to_fill"] == ["recipient_name", "recipient_address", "address", "contact"]
    assert repr(decision["pd"]) not in answer.text
    assert CANARY not in answer.text


def test_a_rule_that_decided_is_the_reason_and_key_factors_are_the_models(
    api: httpx.Client, lender: Lender
) -> None:
    told = letter(api, lender, decided(api, lender, attributes=NEW)).json()
    assert told["rests_on"] == "rule"
    texts = [one["text"] for one in told["reasons"]]
    assert texts == ["You have worked for less than three months"]
    assert not set(texts) & {one["text"] for one in told["key_factors"]}


def test_a_request_answered_with_another_offer_has_a_letter(
    api: httpx.Client, lender: Lender
) -> None:
    decision = decided(api, lender, attributes=LIMA)
    assert (decision["verdict"], bool(decision["alternatives"])) == ("refer", True)
    told = letter(api, lender, decision).json()
    assert told["counter_offers"] == decision["alternatives"]


def test_there_is_no_letter_where_none_is_due(api: httpx.Client, lender: Lender) -> None:
    approved = letter(api, lender, decided(api, lender, attributes=SAFE))
    assert approved.status_code == 404
    assert "it was approved" in approved.json()["detail"]
    write_policy(lender.folder, POLICY[: POLICY.index("alternatives:")] + POLICY[
        POLICY.index("economics:") :
    ])  # fmt: skip
    register_policy(lender.service.policies, lender.folder)
    lender.service.refresh()
    waiting = decided(api, lender, attributes=LIMA)
    assert (waiting["verdict"], waiting["alternatives"]) == ("refer", [])
    found = letter(api, lender, waiting)
    assert found.status_code == 404
    assert "a person is to decide it first" in found.json()["detail"]
    nobody = letter(api, lender, {"id": "0" * 32})
    assert (nobody.status_code, nobody.json()["field"]) == (404, "decision")


def test_a_letter_is_of_the_model_and_policy_that_decided(
    api: httpx.Client, lender: Lender
) -> None:
    """Another policy is served since: the letter says the same."""
    decision = decided(api, lender)
    before = letter(api, lender, decision).json()
    write_policy(lender.folder, POLICY.replace("approve_below: 0.25", "approve_below: 0.39"))
    register_policy(lender.service.policies, lender.folder)
    lender.service.refresh()
    assert lender.service.product("shop").policy.cutoffs.approve_below == 0.39
    assert letter(api, lender, decision).json() == before


def test_an_applicant_reads_their_own_letter_by_its_token(
    api: httpx.Client, lender: Lender
) -> None:
    decision, other = decided(api, lender), decided(api, lender, user_id="C2")
    address, token = f"/v1/decisions/{decision['id']}/letter", {"token": decision["token"]}
    applicant = lender.headers(Role.APPLICANT)
    assert api.get(address, params=token).json() == letter(api, lender, decision).json()
    assert api.get(address, params=token, headers=applicant).status_code == 200
    wrong = {"token": other["token"]}
    assert api.get(address, params=wrong, headers=applicant).status_code == 403
    assert api.get(address, params=wrong).status_code == 401
    page = f"/apply/shop/decisions/{decision['id']}/letter"
    shown = api.get(page, params=token)
    assert shown.status_code == 200
    assert "Shop &amp; Sons" in shown.text
    assert "You may ask &lt;us&gt; why." in shown.text
    assert "style=" not in shown.text
    assert api.get(page, params=wrong).status_code == 404
    assert api.get(page.replace("shop", "trees"), params=token).status_code == 404
    links = api.get(f"/apply/shop/decisions/{decision['id']}", params=token).text
    assert f"{page}?token=" in links


def test_the_page_stands_alone_and_marks_what_is_left(api: httpx.Client, lender: Lender) -> None:
    told = letter(api, lender, decided(api, lender)).json()
    html = letter_html(told)
    assert "<style>" in html
    assert "href=" not in html
    for name in told["to_fill"]:
        assert f"[to be filled in: {LEFT[name]}]" in html
    bare = letter_html({**told, "rights": [], "creditor": ""})
    assert f"[to be filled in: {LEFT['rights']}]" in bare
    assert f"[to be filled in: {LEFT['creditor']}]" in bare


def test_the_command_writes_a_page_or_the_data(
    api: httpx.Client, lender: Lender, tmp_path: Path
) -> None:
    decision = decided(api, lender)
    approved = decided(api, lender, attributes=SAFE)
    home = {"SOLVENT_HOME": str(lender.root / "home")}
    out = tmp_path / "letter.html"
    run = CliRunner().invoke(app, ["letter", decision["id"], "-o", str(out)], env=home)
    assert run.exit_code == 0, run.output
    assert "to fill  address of the lender" in run.output
    assert out.read_text(encoding="utf-8") == letter_html(letter(api, lender, decision).json())
    data = tmp_path / "letter.json"
    assert (
        CliRunner().invoke(app, ["letter", decision["id"], "-o", str(data)], env=home).exit_code
        == 0
    )
    assert json.loads(data.read_bytes()) == letter(api, lender, decision).json()
    none = tmp_path / "none.html"
    refused = CliRunner().invoke(app, ["letter", approved["id"], "-o", str(none)], env=home)
    assert refused.exit_code == 1
    assert "it was approved" in " ".join(refused.output.split())
    assert not none.exists()


def test_hints_reach_staff_and_the_applicant_in_their_own_words(
    api: httpx.Client, lender: Lender
) -> None:
    decision = decided(api, lender, attributes=COUNTERED)
    assert decision["hints"]
    staff = api.get(f"/v1/decisions/{decision['id']}", headers=lender.headers(Role.ADMIN)).json()
    assert staff["hints"] == decision["hints"]
    token = {"token": decision["token"]}
    own = api.get(f"/v1/decisions/{decision['id']}", params=token).json()
    assert own["hints"] == [{"text": one["told"]} for one in decision["hints"]]
    page = api.get(f"/apply/shop/decisions/{decision['id']}", params=token).text
    assert "This is no promise" in page
    for one in decision["hints"]:
        assert one["told"] in page
        assert one["value_text"] in one["told"]
        assert "this would be approved" in one["text"]
    client = api.get(
        "/v1/products/shop/clients/C1", headers=lender.headers(Role.RELATIONSHIP_MANAGER)
    ).json()
    assert client["standing"]["hints"] == decision["hints"]
    assert client["standing"]["second_reasons"] == decision["second_reasons"] != []
    assert client["standing"]["second_reference"].startswith("all ")
