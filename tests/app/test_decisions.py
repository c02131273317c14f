"""Decisions are kept as they were made: nothing later changes what is read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from solvent.app.bootstrap import register_policy
from solvent.app.decisions import DecisionRequest, decide, read_decision, score_application
from solvent.app.intake import RawApplication
from solvent.errors import IdempotencyError, NotServedError, StoreError
from solvent.features.live import typing_of
from solvent.store import Decisions
from tests.serve.lender import POLICY, RISKY, SAFE, Lender, open_lender, write_policy
from tests.store.hostile import prepare


@pytest.fixture
def lender(tmp_path: Path) -> Iterator[Lender]:
    opened = open_lender(tmp_path)
    yield opened
    opened.service.close()


def request(key: str | None = None, body: bytes = b"{}", **attributes: Any) -> DecisionRequest:
    return DecisionRequest(
        product="shop", owner="me", idempotency_key=key, body=body,
        application=RawApplication(user_id="C1", attributes=attributes or SAFE),
    )  # fmt: skip


def test_what_was_decided_is_read_as_it_was_kept(lender: Lender, tmp_path: Path) -> None:
    """Another policy, another model, other words: the same answer, token and all."""
    made = decide(lender.service, request(**RISKY))
    harsh = POLICY.replace("approve_below: 0.25", "approve_below: 0.01").replace(
        '"first"', '"second"'
    )
    write_policy(lender.folder, harsh)
    register_policy(lender.service.policies, lender.folder)
    prepare(lender.root / "home", "shop", 1, tmp_path)  # a second version, soundly signed
    lender.service.refresh()
    live = lender.service.product("shop")
    assert (live.policy.name, live.registered.version) == ("second", 2)
    assert read_decision(lender.service, made["id"]) == made
    again = decide(lender.service, request(**RISKY))
    assert (again["policy_version"], again["model_version"]) == (2, 2)
    assert again["policy_digest"] != made["policy_digest"]


def test_a_new_policy_decides_from_then_on(lender: Lender) -> None:
    assert decide(lender.service, request())["verdict"] == "approve"
    write_policy(lender.folder, POLICY.replace("approve_below: 0.25", "approve_below: 0.001"))
    register_policy(lender.service.policies, lender.folder)
    assert decide(lender.service, request())["verdict"] == "approve"  # not looked at yet
    assert lender.service.refresh()
    assert decide(lender.service, request())["verdict"] == "refer"


def test_a_decision_that_is_not_kept_is_none(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> None:
        raise StoreError("the database: the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(Decisions, "add", full)
        with pytest.raises(StoreError, match="full"):
            decide(lender.service, request("k" * 8))
    assert lender.service.decisions.count("shop") == 0
    assert decide(lender.service, request("k" * 8))["verdict"] == "approve"


def test_a_key_belongs_to_one_request_of_one_owner(lender: Lender) -> None:
    first = decide(lender.service, request("k" * 8))
    assert decide(lender.service, request("k" * 8)) == first
    with pytest.raises(IdempotencyError):
        decide(lender.service, request("k" * 8, body=b"{ }"))


def test_everything_a_decision_rests_on_is_kept(lender: Lender) -> None:
    """Attributes, values and weights stand in the document, so that it can be made again."""
    made = decide(lender.service, request(**RISKY))
    kept = lender.service.decisions.get(made["id"])
    assert kept is not None
    document = json.loads(kept.document)
    assert document["request"]["attributes"]["income"] == 60_000
    live = lender.service.product("shop")
    assert document["request"]["typing"] == typing_of(live.applications, False)
    assert set(live.model.features) <= set(document["values"])
    assert set(document["weights"]) == set(live.model.features)
    assert "token" not in document["answer"]


def test_nobody_knows_of_what_is_not_there(lender: Lender) -> None:
    for decision_id in ("", "x", "0" * 32, "0" * 31 + "\0"):
        with pytest.raises(NotServedError):
            read_decision(lender.service, decision_id)
    with pytest.raises(NotServedError, match="no such product"):
        score_application(lender.service, "nothing", RawApplication())


def test_a_token_is_the_installations_own(lender: Lender, tmp_path: Path) -> None:
    token = lender.service.token("a" * 32)
    assert lender.service.is_token("a" * 32, token)
    assert not lender.service.is_token("b" * 32, token)
    lender.service.secret = b"another" * 5
    assert not lender.service.is_token("a" * 32, token)


def test_what_cannot_go_live_is_read_once(lender: Lender, monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker looks twice a second: a product refused is not loaded until something is new."""
    bad = POLICY.replace("feature: months", "feature: nobody_computes_this")
    write_policy(lender.folder, bad)
    register_policy(lender.service.policies, lender.folder)
    loads = []
    load = type(lender.service)._load
    monkeypatch.setattr(
        type(lender.service), "_load", lambda own, name: (loads.append(name), load(own, name))[1]
    )
    for _ in range(3):
        assert not lender.service.refresh()
    assert loads == ["shop"]
    assert "nobody_computes_this" in lender.service.not_live["shop"]
    assert lender.service.product("shop").policy.name == "first"  # the old one goes on
    write_policy(lender.folder, POLICY.replace('"first"', '"third"'))
    register_policy(lender.service.policies, lender.folder)
    assert lender.service.refresh()
    assert "shop" not in lender.service.not_live
    assert lender.service.product("shop").policy.name == "third"
