"""A decision made again has the same bytes, whatever was told, corrected or registered since."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from solvent.app.bootstrap import open_service, register_policy
from solvent.app.decisions import DecisionRequest, decide
from solvent.app.events import add_rows
from solvent.app.intake import RawApplication
from solvent.app.replay import Replayed, Replays, Unreplayed, require_share
from solvent.app.settings import Settings
from solvent.cli.main import app
from solvent.errors import BundleError, DataError, NotServedError, RangeError, StoreError
from solvent.models.documents import to_bytes
from solvent.store import Audit, PolicyRegistry
from solvent.store.keyring import Keyring
from tests.postgres import new_database
from tests.serve.lender import (
    NEW,
    NOW,
    POLICY,
    RISKY,
    SAFE,
    Lender,
    Row,
    folder_of,
    open_lender,
    write_policy,
)

NUMBERS = count(1)
MANY = 20_000
TODAY = datetime.fromtimestamp(NOW / 1_000_000, tz=UTC)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lender(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Lender]:
    opened = open_lender(tmp_path_factory.mktemp("replayed"))
    if request.param == "sqlite":
        yield opened
        opened.service.close()
        return
    opened.service.close()
    with new_database() as address:
        where = Settings(home=opened.root / "home", database_url=address)
        opened.service = open_service(where)
        opened.service.now = lambda: NOW
        yield opened
        opened.service.close()


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Lender]:
    """A lender whose registries a test may harm."""
    opened = open_lender(tmp_path)
    yield opened
    opened.service.close()


def ago(days: float) -> str:
    return (TODAY - timedelta(days=days)).isoformat()


def payment(number: int, days: float, late: float, amount: float, note: str) -> Row:
    return {
        "payment_id": number, "paid_at": ago(days), "booked_at": ago(max(days - late, 0.0)),
        "amount": amount, "note": note,
    }  # fmt: skip


def asked(
    lender: Lender, product: str, customer: str, attributes: Row, **more: Any
) -> dict[str, Any]:
    application = RawApplication(user_id=customer, attributes=attributes, **more)
    return decide(
        lender.service,
        DecisionRequest(
            product=product, application=application, owner="me", idempotency_key=None, body=b"{}"
        ),
    )  # fmt: skip


def tell(lender: Lender, product: str, source: str, row: Row) -> None:
    live = lender.service.product(product)
    add_rows(lender.service, live, source, [row], batch=f"batch-{next(NUMBERS)}")


PRODUCTS = st.sampled_from(("shop", "trees"))
PEOPLE = st.integers(0, 2)
DAYS = st.floats(0.0, 200.0)
PAYMENTS = st.builds(
    payment, st.integers(0, 4), DAYS, st.floats(0.0, 30.0),
    st.integers(1, 500_000).map(lambda cents: cents / 100), st.sampled_from(("cash", "card")),
)  # fmt: skip
ATTRIBUTES = st.sampled_from((SAFE, RISKY, NEW, {})).flatmap(
    lambda base: st.fixed_dictionaries(
        {},
        optional={
            "amount": st.sampled_from((100, 750.5, 2000, 5000)), "income": st.integers(0, 90_000),
            "months": st.integers(0, 600), "city": st.sampled_from(("Oslo", "Lima", "nowhere")),
            "ratio": st.one_of(st.floats(0.0, 2.0), st.none()), "owner": st.booleans(),
        },
    ).map(lambda changed: {**base, **changed})
)  # fmt: skip
STEPS = st.one_of(
    st.tuples(st.just("payments"), PRODUCTS, PEOPLE, PAYMENTS),
    st.tuples(
        st.just("visits"), PRODUCTS, PEOPLE,
        st.builds(lambda days, m: {"at": ago(days), "minutes": m}, DAYS, st.floats(0.0, 1e6)),
    ),
    st.tuples(
        st.just("members"), PRODUCTS, PEOPLE,
        st.builds(
            lambda days, tier: {"since": ago(days), "tier": tier}, DAYS,
            st.sampled_from(("silver", "gold", "tin")),
        ),
    ),
    st.tuples(
        st.just("decide"), PRODUCTS, PEOPLE, ATTRIBUTES, st.one_of(st.none(), DAYS),
        st.lists(PAYMENTS, max_size=2),
    ),
    st.tuples(st.just("policy"), PRODUCTS, st.integers(1, 39)),
)  # fmt: skip


def walk(lender: Lender, world: str, steps: list[tuple[Any, ...]]) -> list[str]:
    """Let things happen in some order; return the ids of what was decided."""
    made = []
    for kind, product, *rest in steps:
        if kind == "policy":
            folder = folder_of(lender.root, product)
            write_policy(folder, POLICY.replace("below: 0.25", f"below: 0.{rest[0]:02}5"))
            register_policy(lender.service.policies, folder)
            lender.service.refresh()
            continue
        customer = f"{world} {rest[0]}"
        try:
            if kind != "decide":
                number = "payment_id"
                row = {**rest[1], "customer": customer}
                if number in row:
                    row[number] += 1_000 * int(world)
                tell(lender, product, kind, row)
                continue
            _, attributes, days, sent = rest
            sent = [
                {**one, "customer": customer, "payment_id": one["payment_id"] + 1_000 * int(world)}
                for one in sent
            ]
            events = {"payments": sent} if sent else {}
            at = None if days is None else ago(days)
            answer = asked(lender, product, customer, attributes, events=events, application_at=at)
            made.append(answer["id"])
        except DataError as error:  # one id with two contents among the rows sent along
            if not error.field.startswith("events"):
                raise
    return made


@settings(
    max_examples=20, suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)  # fmt: skip
@given(before=st.lists(STEPS, max_size=12), after=st.lists(STEPS, max_size=8), last=ATTRIBUTES)
def test_nothing_that_happens_later_changes_a_decision(
    lender: Lender, before: list[Any], after: list[Any], last: Row
) -> None:
    """Rows, late ones and corrections, policies and other decisions come in any order."""
    world = str(next(NUMBERS))
    always = [("decide", product, 0, last, None, []) for product in ("shop", "trees")]
    made = walk(lender, world, [*before, *always])
    made += walk(lender, world, after)
    replays = Replays(lender.service)
    for decision_id in made:
        assert replays.replay(decision_id).differs == ()
    assert len(made) >= 2


def test_late_rows_and_corrections_would_have_changed_it(lender: Lender) -> None:
    """So the law above has something to hold: decided now, the same application gets another PD."""
    row = {**payment(77, 20, 5, 10.0, "cash"), "customer": "changed"}
    tell(lender, "trees", "payments", row)
    first = asked(lender, "trees", "changed", SAFE)
    correction = {**row, "amount": 4_000.0, "booked_at": ago(1)}
    tell(lender, "trees", "payments", correction)
    for number in range(78, 90):
        tell(
            lender, "trees", "payments",
            {**payment(number, 3, 0, 900.0, "card"), "customer": "changed"},
        )  # fmt: skip
    again = Replays(lender.service).replay(first["id"])
    assert (again.differs, again.rows) == ((), 1)
    assert again.compared > 60
    now = asked(lender, "trees", "changed", SAFE)
    assert now["rows_read"] == 14
    kept, later = (lender.service.decisions.get(one["id"]) for one in (first, now))
    assert kept is not None
    assert later is not None
    assert json.loads(kept.document)["values"] != json.loads(later.document)["values"]


def many(lender: Lender, decisions: int) -> None:
    """Decide about many people, with rows told all the time; then make every decision again."""
    draw, made = random.Random(6), 0  # noqa: S311 - chance, no secret
    while made < decisions:
        product, customer = draw.choice(("shop", "trees")), f"M{draw.randrange(decisions // 4)}"
        if draw.random() < 0.5:
            number = draw.randrange(10**6) * 10**6 + int(customer[1:])
            late, cents = draw.random() * 20, draw.randrange(1, 900_000)
            row = payment(number, draw.random() * 150, late, cents / 100, "cash")
            tell(lender, product, "payments", {**row, "customer": customer})
            continue
        attributes = {**draw.choice((SAFE, RISKY, NEW)), "income": draw.randrange(90_000)}
        asked(lender, product, customer, attributes)
        made += 1
    before = lender.service.decisions.count("shop") + lender.service.decisions.count("trees")
    found = list(Replays(lender.service).sample(since=0, share=1.0))
    assert len(found) == before >= decisions
    assert [one for one in found if isinstance(one, Unreplayed) or one.differs] == []


def test_every_decision_of_a_busy_day_is_the_same_again(lender: Lender) -> None:
    many(lender, 60)


@pytest.mark.long
def test_twenty_thousand_decisions_are_the_same_again(own: Lender) -> None:
    many(own, MANY)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("answer.pd", 0.123), ("answer.score", 501), ("answer.verdict", "approve"),
        ("answer.reasons", []), ("answer.alternatives.0.title", "Gold"), ("answer.offer", 0),
        ("answer.model_version", True), ("values.income", 1.0), ("weights.income", 0.5),
        ("answer.effects.0.effect", -0.0),
    ],
)  # fmt: skip
def test_a_decision_that_is_not_what_its_model_says_is_seen(
    lender: Lender, place: str, value: object
) -> None:
    """Kept with another value anywhere, as by a program that decides otherwise."""
    kept = lender.service.decisions.get(asked(lender, "shop", "C0001", RISKY)["id"])
    assert kept is not None
    document = json.loads(kept.document)
    names, inner = place.split("."), document
    for name in names[:-1]:
        inner = inner[int(name)] if isinstance(inner, list) else inner[name]
    assert inner[names[-1]] != value or place == "answer.model_version"
    inner[names[-1]] = value
    number = f"{next(NUMBERS):032x}"
    document["answer"]["id"] = number
    forged = replace(kept, id=number, sequence=0, document=to_bytes(document))
    lender.service.decisions.add(
        forged, answer=b"", owner="me", idempotency_key=None, request_digest=""
    )
    differs = Replays(lender.service).replay(number).differs
    assert differs
    assert all(one.startswith(place) for one in differs)
    columns = replace(kept, id=f"{next(NUMBERS):032x}", sequence=0, pd=0.5, score=1)
    document["answer"]["id"] = columns.id
    lender.service.decisions.add(
        columns, answer=b"", owner="me", idempotency_key=None, request_digest=""
    )
    assert {"pd", "score"} <= set(Replays(lender.service).replay(columns.id).differs)


def test_a_model_or_policy_that_is_gone_or_another_is_told(own: Lender) -> None:
    made = asked(own, "shop", "C0001", RISKY)
    policies = own.root / "home" / "policies" / "shop"
    write_policy(own.folder, POLICY.replace("0.40", "0.41"))
    register_policy(own.service.policies, own.folder)
    assert Replays(own.service).replay(made["id"]).differs == ()
    kept = (policies / "1.json").read_bytes()
    other = PolicyRegistry(own.root / "other", Keyring(own.root / "home"))
    other.add("shop", own.service.policies.load("shop", 2).document)  # signed as a version 1
    shutil.copy(own.root / "other" / "policies" / "shop" / "1.json", policies / "1.json")
    with pytest.raises(StoreError, match="is not the policy that made"):
        Replays(own.service).replay(made["id"])
    (policies / "1.json").unlink()
    with pytest.raises(StoreError, match="no version 1"):
        Replays(own.service).replay(made["id"])
    (policies / "1.json").write_bytes(kept)
    models = own.root / "home" / "models"
    shutil.rmtree(models / "shop" / "1")
    with pytest.raises(BundleError):
        Replays(own.service).replay(made["id"])
    (told,) = Replays(own.service).sample(since=0, share=1.0)
    assert isinstance(told, Unreplayed)
    shutil.copytree(models / "trees" / "1", models / "shop" / "1")
    with pytest.raises(BundleError):
        Replays(own.service).replay(made["id"])


def test_who_was_erased_is_not_decided_again(own: Lender) -> None:
    made, other = (asked(own, "shop", name, SAFE)["id"] for name in ("C0001", "C0002"))
    Audit(own.service.database).erase("shop", "C0001", at=NOW)
    with pytest.raises(NotServedError, match="was erased"):
        Replays(own.service).replay(made)
    (found,) = Replays(own.service).sample(since=0, share=1.0)
    assert found.decision == other


def test_a_sample_is_the_same_every_time_and_about_as_large_as_asked(own: Lender) -> None:
    kept = own.service.decisions.get(asked(own, "shop", "C0001", SAFE)["id"])
    assert kept is not None
    draw = random.Random(3)  # noqa: S311 - chance, no secret
    ids = [f"{draw.getrandbits(128):032x}" for _ in range(5_000)]
    for place, one in enumerate(ids):
        if place < 400:
            made = replace(kept, id=one, sequence=0, decided_at=NOW + place)
            own.service.decisions.add(
                made, answer=b"", owner="me", idempotency_key=None, request_digest=""
            )
    decisions = own.service.decisions
    tenth = list(decisions.sampled(since=NOW, share=0.1))
    assert tenth == list(decisions.sampled(since=NOW, share=0.1))
    assert 20 <= len(tenth) <= 65
    assert set(tenth) <= set(decisions.sampled(since=NOW, share=0.3))
    assert len(list(decisions.sampled(since=NOW + 300, share=1.0))) == 100
    assert list(decisions.sampled(since=NOW + 400, share=1.0)) == []


@pytest.mark.parametrize("text", ["0", "0%", "101%", "1.01", "-1%", "x", "", "%", "nan", "inf"])
def test_a_share_is_above_0_and_at_most_all(text: str) -> None:
    with pytest.raises(RangeError):
        require_share(text)


def test_the_command_ends_with_1_where_a_decision_differs(own: Lender) -> None:
    made = asked(own, "shop", "C0001", RISKY)["id"]

    def run(*words: str) -> tuple[int, str]:
        environment = {"SOLVENT_HOME": str(own.root / "home"), "COLUMNS": "200"}
        done = CliRunner().invoke(app, ["replay", *words], env=environment)
        return done.exit_code, done.output

    code, told = run(made)
    assert (code, "to the last byte" in told) == (0, True), told
    code, told = run("--sample", "100%", "--since", "2025-01-01T00:00:00Z")
    assert (code, "1 of 1 decisions" in told) == (0, True), told
    kept = own.service.decisions.get(made)
    assert kept is not None
    forged = replace(kept, id="f" * 32, sequence=0, pd=0.5)
    own.service.decisions.add(
        forged, answer=b"", owner="me", idempotency_key=None, request_digest=""
    )
    code, told = run("f" * 32)
    assert (code, "differs  pd" in told) == (1, True), told
    code, told = run("--sample", "1.0")
    assert (code, "same     1 of 2 decisions" in told) == (1, True), told
    for words in ((), (made, "--sample", "1%"), (made, "--since", "2025-01-01T00:00:00Z")):
        code, told = run(*words)
        assert (code, "hint" in told) == (1, True), told
    for words in (("0" * 32,), ("--sample", "2"), ("--sample", "1%", "--since", "yesterday")):
        code, told = run(*words)
        assert code == 1, told


def test_what_a_replay_found_is_typed(own: Lender) -> None:
    found = Replays(own.service).replay(asked(own, "trees", "C0007", SAFE)["id"])
    assert isinstance(found, Replayed)
    assert found.made_by
