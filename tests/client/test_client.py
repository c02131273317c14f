"""The client against a server: every endpoint, every error, and what is repeated."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from solvent.client import ApplicantDecision, Application, Client, Decision, JobState, Verdict
from solvent.errors import (
    ClientError,
    InvalidError,
    NotFoundError,
    NotSignedInError,
    RefusedError,
    UnavailableError,
    UnreadableAnswerError,
)
from tests.ui.fake_api import FakeApi
from tests.ui.fake_data import NOW, client_keys

KEYS = client_keys("airtime_loans")
ANSWERS = {"age": 34, "education": "GRD", "income": 42_000, "car": True}


@pytest.fixture
def server() -> Iterator[FakeApi]:
    with FakeApi() as running:
        yield running


@pytest.fixture
def admin(server: FakeApi) -> Iterator[Client]:
    with Client(server.url, "admin-key") as client:
        yield client


def test_what_needs_no_key(server: FakeApi) -> None:
    """Health and readiness are told to anyone."""
    with Client(server.url) as client:
        assert client.health() == "ok"
        assert client.ready() == ("instant_card", "airtime_loans")
        server.state.writable = False
        with pytest.raises(UnavailableError):
            client.ready()


def test_every_noun_is_read(admin: Client) -> None:
    """Each endpoint's answer becomes its dataclass."""
    assert (admin.me().role, admin.me().name) == ("admin", "Ana, admin")
    card, airtime = admin.products()
    assert (card.title, airtime.currency) == ("Instant card", "BRL")
    product = admin.product("instant_card")
    assert [question.column for question in product.form][:2] == ["age", "education"]
    assert product.bands[-1].score_from is None
    page = admin.clients("airtime_loans", search="1", limit=3, offset=1)
    assert (page.total, len(page.clients)) == (sum(key.startswith("1") for key in KEYS), 3)
    key = page.clients[0].key
    record = admin.client("airtime_loans", key, group="band")
    assert (record.key, record.group.name, record.standing.origin) == (key, "band", "decision")
    spread = admin.distribution("airtime_loans", key, record.values[0].feature, group="band")
    assert sum(each.all for each in spread.bins) == pytest.approx(1.0, abs=1e-4)
    portfolio = admin.portfolio("instant_card", cutoff=0.15)
    assert (portfolio.at.cutoff, portfolio.policy_cutoff) == (0.15, 0.12)
    campaign = admin.campaign("airtime_loans", confidence=0.95)
    assert campaign.eligible == len(
        admin.campaign_csv("airtime_loans", confidence=0.95).splitlines()
    ) - 1  # fmt: skip
    job = admin.refresh_campaign("airtime_loans")
    assert not job.is_over
    while not job.is_over:
        job = admin.job(job.id)
    assert job.state is JobState.DONE


def test_outcomes_are_told_and_read(server: FakeApi, admin: Client) -> None:
    """Refused rows come back; told on a broken connection they are told again, and count once."""
    server.state.drops = 1
    rows = [{"application_id": "L1", "bad": bad, "observed_at": NOW} for bad in (True, "maybe")]
    told = admin.send_outcomes("airtime_loans", rows)
    assert (told.accepted, told.refused[0].row, told.refused[0].field) == (1, 1, "bad")
    now = admin.realised("airtime_loans", bands="deciles")
    assert (now.banded_by, now.whole.bads, now.months[-1].bad_rate) == ("deciles", 123, None)
    assert now.ranking is not None
    assert now.ranking.gini == 0.48
    assert len(admin.realised_csv("airtime_loans").splitlines()) == 1 + len(now.months)


def test_a_decision_is_the_staffs_or_the_applicants(server: FakeApi, admin: Client) -> None:
    """Who asks decides what is read; the token lets the applicant read it again."""
    application = Application(user_id="42587-000", attributes=ANSWERS)
    decision = admin.decide("instant_card", application)
    assert isinstance(decision, Decision)
    assert (decision.user_id, decision.verdict) == ("42587-000", Verdict.APPROVE)
    assert admin.decision(decision.id) == decision
    with Client(server.url) as nobody:
        seen = nobody.decision(decision.id, token=decision.token)
        assert isinstance(seen, ApplicantDecision)
        assert seen.next_step
        with pytest.raises(NotSignedInError):
            nobody.decision(decision.id)


def test_an_applicants_key_reads_the_form_and_the_staffs_too(
    server: FakeApi, admin: Client
) -> None:
    """An applicant's key is told no figure; what it is told is read the same by every key."""
    with Client(server.url, "applicant-key") as applicant:
        form = applicant.form("instant_card")
        assert (form.title, form.key_words) == ("Instant card", "client number")
        assert form == admin.form("instant_card")
        assert form.form == admin.product("instant_card").form
        card, _ = applicant.products()
        assert (card.name, card.title, card.model_version) == ("instant_card", "Instant card", None)
        assert admin.products()[0].model_version == 1


def test_scores_and_events(admin: Client) -> None:
    """A score stores nothing; rows are counted."""
    score = admin.score("airtime_loans", Application(user_id=client_keys("airtime_loans")[0]))
    assert 0 < score.pd < 1
    receipt = admin.send_events("airtime_loans", "top_ups", [{"amount": 5.0}, {"amount": 7.5}])
    assert receipt.accepted == 2


@pytest.mark.parametrize(
    ("key", "error"),
    [("", NotSignedInError), ("wrong", NotSignedInError), ("risk-key", RefusedError)],
)
def test_errors_have_their_kind(server: FakeApi, key: str, error: type[ClientError]) -> None:
    """401 and 403 are told apart, in the server's words."""
    with Client(server.url, key) as client, pytest.raises(error) as told:
        client.clients("airtime_loans")
    assert told.value.message
    assert key not in str(told.value) or not key


def test_a_refused_answer_names_its_field(admin: Client) -> None:
    """422 carries field and hint."""
    with pytest.raises(InvalidError) as told:
        admin.decide("instant_card", Application(attributes=ANSWERS | {"income": 13}))
    assert told.value.field == "attributes.income"
    assert told.value.hint == "write it in whole roubles"
    with pytest.raises(NotFoundError):
        admin.product("no such/product")


def test_a_key_that_cannot_be_sent_is_refused_at_once() -> None:
    """Line ends or other alphabets never reach a header; the key is in no message."""
    for key in ("a\nb", "ключ"):
        with pytest.raises(NotSignedInError) as told:
            Client("http://127.0.0.1:1", key)
        assert key not in str(told.value)
    assert "secret" not in repr(Client("http://127.0.0.1:1", "secret"))


def test_nobody_there_is_said() -> None:
    """A refused connection names the address and the command that starts the API."""
    with Client("http://127.0.0.1:9", "key") as client, pytest.raises(UnavailableError) as told:
        client.me()
    assert "127.0.0.1:9" in told.value.message
    assert "solvent serve" in told.value.hint


def test_a_broken_connection_never_doubles_a_decision(server: FakeApi, admin: Client) -> None:
    """decide() is repeated under one idempotency key; what carries none is not repeated."""
    server.state.drops = 1
    admin.decide("instant_card", Application(attributes=ANSWERS))
    posts = [path for method, path in server.state.asked if method == "POST"]
    assert len(posts) == 2
    assert len(server.state.decisions) == 1
    server.state.drops = 1
    with pytest.raises(UnavailableError):
        admin.refresh_campaign("airtime_loans")
    server.state.drops = 2
    with pytest.raises(UnavailableError):
        admin.me()


def test_each_call_to_decide_is_a_decision_of_its_own(server: FakeApi, admin: Client) -> None:
    """Without a key of the caller's, two calls are two applications; with one, one."""
    application = Application(attributes=ANSWERS)
    admin.decide("instant_card", application)
    admin.decide("instant_card", application)
    assert len(server.state.decisions) == 2
    for _ in range(2):
        admin.decide("instant_card", application, idempotency_key="chosen-by-the-caller")
    assert len(server.state.decisions) == 3


def test_what_is_no_api_is_said(server: FakeApi) -> None:
    """A page of something else is not read as an answer."""
    with Client(server.url + "/docs#", "admin-key") as client, pytest.raises(UnreadableAnswerError):
        client.me()


def test_an_application_needs_a_zone() -> None:
    """A time without a zone is refused; one with a zone is sent in UTC."""
    naive = Application(application_at=datetime(2026, 3, 2))  # noqa: DTZ001  that is the fault
    with pytest.raises(InvalidError) as told:
        naive.body()
    assert told.value.field == "application_at"
    aware = Application(application_at=datetime(2026, 3, 2, tzinfo=UTC))
    assert aware.body() == {"application_at": "2026-03-02T00:00:00Z"}


def test_a_forgotten_client_leaves_no_connection(server: FakeApi) -> None:
    """Warnings are errors: an unclosed socket would fail this test."""
    client = Client(server.url)
    client.health()
    del client
    gc.collect()
