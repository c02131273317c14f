"""The Client page's figures, against plain Python on the population itself."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pytest

from solvent.app import comparison
from solvent.app.clients import client, distribution, list_clients
from solvent.app.decisions import DecisionRequest, decide
from solvent.app.events import load_files
from solvent.app.intake import RawApplication
from solvent.app.live_product import LiveProduct
from solvent.errors import NotServedError
from solvent.features import CategoryColumn
from solvent.policy import band_of
from tests.serve.lender import NEW, RISKY, SAFE, Lender, open_lender


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lender]:
    """The lender with every row of its files, and three clients decided."""
    opened = open_lender(tmp_path_factory.mktemp("clients"))
    patched = pytest.MonkeyPatch()
    patched.setattr(comparison, "FEWEST_IN_GROUP", 10)  # so small a lender has few alike
    load_files(opened.service, opened.service.product("shop"), opened.folder / "data")
    for user, attributes in (("C0000", SAFE), ("C0001", RISKY), ("C0002", NEW), ("C0000", RISKY)):
        asked(opened, user, attributes)
    asked(opened, "a/b c?", SAFE)
    yield opened
    patched.undo()
    opened.service.close()


def asked(lender: Lender, user: str, attributes: dict[str, Any]) -> dict[str, Any]:
    return decide(
        lender.service,
        DecisionRequest(
            product="shop", owner="me", idempotency_key=None, body=b"",
            application=RawApplication(user_id=user, attributes=attributes),
        ),
    )  # fmt: skip


def plain(live: LiveProduct, feature: str) -> list[Any]:
    """Return a feature of the population as plain values, None where it is not known."""
    column = live.population.frame[feature]
    if isinstance(column, CategoryColumn):
        return [None if code < 0 else column.levels[code] for code in column.codes.tolist()]
    return [None if math.isnan(value) else value for value in column.values.tolist()]


def members_of(live: LiveProduct, group: dict[str, Any], told: dict[str, Any]) -> list[int]:
    """Return who belongs to a group, by its meaning."""
    people, pd = range(len(live.population)), live.population.pd.tolist()
    name, own = group["name"], told["standing"]["pd"]
    if name == "similar":
        logit = [math.log(p / (1 - p)) for p in pd]
        mine = math.log(own / (1 - own))
        return sorted(people, key=lambda n: (abs(logit[n] - mine), n))[: group["size"]]
    if name == "band":
        score = [round(600 + 20 / math.log(2) * (math.log((1 - p) / p) - math.log(30))) for p in pd]
        band = band_of(live.policy.bands, told["standing"]["score"])
        return [n for n in people if band_of(live.policy.bands, score[n]) == band]
    if name.startswith("level:"):
        feature = name.removeprefix("level:")
        level = next(one["value"] for one in told["values"] if one["feature"] == feature)
        return [n for n in people if plain(live, feature)[n] == level]
    return list(people)


@pytest.mark.parametrize("key", ["C0000", "C0001", "C0003"])
def test_percentiles_and_quartiles_are_those_of_the_group(lender: Lender, key: str) -> None:
    live = lender.service.product("shop")
    groups = client(lender.service, "shop", key, "all")["groups"]
    assert {"all", "similar"} <= {one["name"] for one in groups}
    for group in groups:
        told = client(lender.service, "shop", key, group["name"])
        assert told["group"] == group
        members = members_of(live, group, told)
        assert len(members) == group["size"]
        for one in told["values"]:
            every = plain(live, one["feature"])
            others = [every[n] for n in members if every[n] is not None]
            if isinstance(live.population.frame[one["feature"]], CategoryColumn):
                share = sum(other == one["value"] for other in others) / len(members)
                assert one["share"] == (None if one["value"] is None else pytest.approx(share))
                assert one["percentile"] is None
            elif others and one["value"] is not None:
                below = sum(other < one["value"] for other in others)
                ties = sum(other == one["value"] for other in others)
                assert one["percentile"] == pytest.approx((below + ties / 2) / len(others))
                assert one["low"] <= one["median"] <= one["high"]
                assert sum(other < one["median"] for other in others) <= len(others) / 2
                assert sum(other > one["median"] for other in others) <= len(others) / 2


def test_a_distribution_is_whole(lender: Lender) -> None:
    """The shares of all clients and of the group sum to one over the bins; each is a share."""
    live = lender.service.product("shop")
    for feature in live.program.features:
        for group in ("all", "similar"):
            told = distribution(lender.service, "shop", "C0000", feature.name, group)
            for side in ("all", "group"):
                assert sum(one[side] for one in told["bins"]) == pytest.approx(1)
                assert all(0 <= one[side] <= 1 for one in told["bins"])
            unknown = [one for one in told["bins"] if one["label"] == "not known"]
            gaps = sum(value is None for value in plain(live, feature.name))
            assert sum(one["all"] for one in unknown) == pytest.approx(gaps / len(live.population))
            if told["kind"] == "category" and isinstance(told["value"], str):
                labels = [one["label"] for one in told["bins"]]
                assert told["value"] in labels or any("others" in label for label in labels)


def test_somebody_decided_stands_as_decided(lender: Lender) -> None:
    told = client(lender.service, "shop", "C0000", "all")
    assert [one["verdict"] for one in told["decisions"]] == ["decline", "approve"]
    standing = told["standing"]
    assert (standing["from"], standing["decision_id"]) == ("decision", told["decisions"][0]["id"])
    assert standing["pd"] == told["decisions"][0]["pd"]
    effects = {name: one["effect"] for one in told["values"] for name in [one["feature"]]}
    assert sum(value for value in effects.values() if value is not None) == pytest.approx(
        sum(one["effect"] for one in standing["effects"])
    )
    assert [abs(one["effect"] or 0) for one in told["values"]] == sorted(
        (abs(one["effect"] or 0) for one in told["values"]), reverse=True
    )
    by_name = {one["feature"]: one for one in told["values"]}
    assert by_name["income"]["text"] == "600 EUR"
    assert by_name["owner"]["text"] == "no"
    assert by_name["born"]["text"] == "not known"


def test_somebody_only_known_stands_as_of_the_data(lender: Lender) -> None:
    before = lender.service.decisions.count("shop")
    standing = client(lender.service, "shop", "C0003", "all")["standing"]
    assert (standing["from"], standing["decision_id"]) == ("now", None)
    assert standing["as_of"] < "2024-09"
    assert lender.service.decisions.count("shop") == before


def test_a_rule_is_said_in_the_sentence(lender: Lender) -> None:
    words = client(lender.service, "shop", "C0002", "all")["standing"]["sentence"]
    assert "a rule stops it: you have worked for less than three months" in words


def test_the_list_has_those_decided_first(lender: Lender) -> None:
    page = list_clients(lender.service, "shop", search="", limit=5, offset=0)
    assert page["total"] == lender.service.clients.count("shop") == 395
    keys = [one["key"] for one in page["clients"]]
    assert keys[:4] == ["a/b c?", "C0000", "C0002", "C0001"]
    assert page["clients"][4]["verdict"] is None
    found = list_clients(lender.service, "shop", search="C001", limit=50, offset=0)
    assert found["total"] == len(found["clients"]) == 10
    rest = list_clients(lender.service, "shop", search="C001", limit=50, offset=8)
    assert len(rest["clients"]) == 2
    assert list_clients(lender.service, "shop", search="%", limit=5, offset=0)["total"] == 0


def test_nobody_and_nothing_are_told(lender: Lender) -> None:
    service = lender.service
    for key, group in (("C9999", "all"), ("C0000", "level:faith"), ("C0000", "x")):
        with pytest.raises(NotServedError):
            client(service, "shop", key, group)
    for feature in ("faith", "nothing", ""):
        with pytest.raises(NotServedError):
            distribution(service, "shop", "C0000", feature, "all")


def test_a_number_may_hold_any_sign(lender: Lender) -> None:
    headers = lender.headers("admin")
    with lender.serving() as api:
        for address in ("a%2Fb%20c%3F", "a%2Fb%20c%3F/values/income"):
            answer = api.get(f"/v1/products/shop/clients/{address}", headers=headers)
            assert answer.status_code == 200
