"""A thousand names, numbers and addresses of people, sent wherever a caller can put text.

None of them may be in a log record of any level, on stderr, in the answer to something refused, in
the figures, or in a file beside the database; and none in the database's own files once everybody
was erased.
"""

from __future__ import annotations

import dataclasses
import json
import logging
import random
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from solvent.app.campaign import refresh
from solvent.app.events import load_files
from solvent.app.limits import Limits, Rate
from solvent.app.worker import Worker
from solvent.errors import SolventError
from solvent.serve import clients, decisions, form
from solvent.store import Audit, Role
from solvent.store import erasing as erasing_module
from solvent.store.erasing import erase_person, forget_pages
from tests.serve.lender import NOW, SAFE, Lender, open_lender
from tests.serve.test_access import TABLE

MANY = 1_000
FREE = Rate(per_second=0.0, at_once=1.0)
DECIDE, EVENTS = "/v1/products/shop/decisions", "/v1/products/shop/events"
FAMILY = ("Okonkwo", "Lindqvist", "Haddad", "Novák", "Ferreira", "Tanaka", "O'Brien")
Send = Callable[[httpx.Client, dict[str, str], str], httpx.Response]


def canaries() -> list[str]:
    """Return strings as people have them, each another; all can stand in a header."""
    draw = random.Random(11)  # noqa: S311 - figures, not secrets
    found = []
    for n in range(MANY):
        family, number = FAMILY[n % len(FAMILY)], draw.randrange(10**8, 10**9)
        found.append(
            (
                f"Zora-{family}-{number}", f"+49-170-{number}", f"zora.{number}@mail.example",
                f"ID{number}Z{n}",
            )[n % 4]
        )  # fmt: skip
    assert len(set(found)) == MANY
    return found


def ascii_of(text: str) -> str:
    return text.encode("ascii", "replace").decode().replace("?", "x")


def decided(**more: Any) -> Callable[[str], Any]:
    """Return a sound application with a canary put where CANARY stands."""
    body = json.dumps({"attributes": SAFE, **more})
    return lambda canary: json.loads(body.replace('"CANARY"', json.dumps(canary)))


def visit(**more: Any) -> dict[str, Any]:
    return {
        "source": "visits",
        "rows": [{"customer": "CANARY", "at": "2025-05-01T10:00:00Z", "minutes": 3, **more}],
    }


def posted(path: str, body: Any) -> Send:
    """Return what posts a body with the canary where CANARY stands."""
    text = json.dumps(body)

    def send(api: httpx.Client, headers: dict[str, str], canary: str) -> httpx.Response:
        told = text.replace('"CANARY"', json.dumps(canary))
        named = {**headers, "Idempotency-Key": f"key-{ascii_of(canary)}"}
        return api.post(path, content=told, headers=named)

    return send


def raw(path: str, text: str) -> Send:
    """Return what posts a text with the canary where CANARY stands."""

    def send(api: httpx.Client, headers: dict[str, str], canary: str) -> httpx.Response:
        return api.post(path, content=text.replace("CANARY", canary).encode(), headers=headers)

    return send


def headed(name: str) -> Send:
    """Return what sends the canary as a header."""

    def send(api: httpx.Client, headers: dict[str, str], canary: str) -> httpx.Response:
        own = {**headers, name: ascii_of(canary)}
        return api.post(DECIDE, json={"attributes": SAFE}, headers=own)

    return send


def got(path: str) -> Send:
    """Return what asks for an address with the canary in it."""

    def send(api: httpx.Client, headers: dict[str, str], canary: str) -> httpx.Response:
        return api.get(path.replace("CANARY", urllib.parse.quote(canary, safe="")), headers=headers)

    return send


def asked(endpoint: str) -> Iterator[Send]:
    """Yield what sends the canary to an endpoint: as each name in its path, and in its query."""
    method, path = endpoint.split(" ")
    names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
    known = {"product": "shop", "key": "C0001", "feature": "income", "job_id": "1"}
    for chosen in [*names, ""]:
        filled = path
        for name in names:
            filled = filled.replace(
                f"{{{name}}}", "CANARY" if name == chosen else known.get(name, "x")
            )
        address = filled if chosen else f"{filled}?CANARY=CANARY&search=CANARY&group=CANARY"

        def send(
            api: httpx.Client, headers: dict[str, str], canary: str, address: str = address
        ) -> httpx.Response:
            url = address.replace("CANARY", urllib.parse.quote(canary, safe=""))
            return api.request(
                method, url, headers=headers, json={"a": canary} if method == "POST" else None
            )

        yield send


def formed(field: str) -> Send:
    """Return what answers the public form with the canary."""
    answers = {"amount": "1000", "income": "4800", "months": "80", "city": "Oslo", "owner": "yes"}

    def send(api: httpx.Client, _: dict[str, str], canary: str) -> httpx.Response:
        told = {**answers, field.replace("CANARY", canary): canary}
        return api.post("/apply/shop", data=told)

    return send


SOUND: list[Send] = [
    posted(DECIDE, {"user_id": "CANARY", "attributes": SAFE}),
    posted(DECIDE, {"user_id": "CANARY", "application_id": "CANARY", "attributes": SAFE}),
    posted(DECIDE, {"attributes": {**SAFE, "city": "CANARY"}}),
    posted(DECIDE, {"user_id": "CANARY", "attributes": SAFE, "events": {
        "members": [{"since": "2024-01-01T00:00:00Z", "tier": "CANARY"}]}}),
    posted(EVENTS, visit()),
    posted(EVENTS, {"source": "members", "rows": [
        {"customer": "CANARY", "since": "2024-01-01T00:00:00Z", "tier": "CANARY"}]}),
    posted("/v1/products/shop/score", {"user_id": "CANARY", "attributes": SAFE}),
    formed("city"), headed("User-Agent"), headed("Referer"), headed("Cookie"),
    headed("X-Forwarded-For"), headed("Idempotency-Key"),
]  # fmt: skip
WRONG: list[Send] = [
    posted(DECIDE, {"user_id": "CANARY", "attributes": {"income": "CANARY"}}),
    posted(DECIDE, {"user_id": ["CANARY"], "attributes": SAFE}),
    posted(DECIDE, {"CANARY": "CANARY", "attributes": SAFE}),
    posted(DECIDE, {"attributes": {**SAFE, "CANARY": "CANARY"}}),
    posted(DECIDE, {"attributes": {**SAFE, "born": "CANARY", "faith": "CANARY"}}),
    posted(DECIDE, {"attributes": SAFE, "application_at": "CANARY"}),
    posted(DECIDE, {"attributes": SAFE, "events": {"CANARY": [{"CANARY": "CANARY"}]}}),
    posted(DECIDE, {"attributes": SAFE, "events": {"visits": [{"at": "CANARY"}]}}),
    posted(EVENTS, visit(minutes="CANARY")), posted(EVENTS, visit(at="CANARY")),
    posted(EVENTS, visit(CANARY="CANARY")), posted(EVENTS, {"source": "CANARY", "rows": [{}]}),
    posted("/v1/products/shop/score", {"attributes": {"months": "CANARY"}}),
    raw(DECIDE, '{"user_id": "CANARY'), raw(DECIDE, "CANARY"), raw(DECIDE, '"CANARY"'),
    raw(DECIDE, '{"CANARY": 1, "CANARY": 2}'), raw(DECIDE, '{"user_id": "CANARY\\ud800"}'),
    raw(DECIDE, '{"user_id": "CANARY", "attributes": {"income": NaN}}'),
    raw(EVENTS, '[["CANARY"]]'), raw("/v1/CANARY", "CANARY"),
    headed("Authorization"), headed("Content-Length"), headed("Transfer-Encoding"),
    got("/CANARY"), got("/v1/products/CANARY"), got("/v1/products/shop/clients/CANARY"),
    got("/v1/products/shop/clients?search=CANARY"), got("/v1/products/shop/clients?CANARY=1"),
    got("/v1/products/shop/clients?limit=CANARY"), got("/v1/jobs/CANARY"),
    got("/v1/decisions/CANARY?token=CANARY"), got("/apply/CANARY"),
    got("/apply/shop/decisions/CANARY?token=CANARY"),
    got("/v1/products/shop/portfolio?cutoff=CANARY"),
    *(send for endpoint in TABLE for send in asked(endpoint)),
]  # fmt: skip
ECHOED = ("/apply/shop",)
"""What a person typed into the form stands in the form they are asked to mend."""


OWN_CLIENT = ("httpx", "httpcore")
"""Loggers of the client that sends, which is no part of the server."""


class Kept(logging.Handler):
    """Keeps every record as a careless formatter would write it, tracebacks with it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(OWN_CLIENT):
            return
        told = logging.Formatter("%(name)s %(message)s").format(record)
        self.lines.append(f"{told} {record.__dict__!r}")


@pytest.fixture
def records() -> Iterator[list[str]]:
    """Every record of every logger, whatever its level."""
    kept, root = Kept(), logging.getLogger()
    before = root.level
    root.setLevel(logging.DEBUG)
    root.addHandler(kept)
    yield kept.lines
    root.removeHandler(kept)
    root.setLevel(before)


@pytest.fixture
def watched(records: list[str], tmp_path: Path) -> Iterator[Lender]:
    """A lender opened when all loggers listen; nobody is held back."""
    del records
    lender = open_lender(tmp_path)
    free = Limits(key=FREE, public=FREE, wrong_keys=FREE)
    lender.service.settings = dataclasses.replace(lender.service.settings, limits=free)
    yield lender
    lender.service.close()


def hits(text: str, planted: list[str]) -> list[str]:
    """Return the canaries in a text, however it is written."""
    plain = urllib.parse.unquote(text).replace("\\u00e1", "á").replace("\\xe1", "á")
    return [one for one in planted if one in plain or ascii_of(one) in plain]


def files(root: Path, *, database: bool) -> Iterator[Path]:
    for path in root.rglob("*"):
        if path.is_file() and path.name.startswith("solvent.db") == database:
            yield path


def send_all(api: httpx.Client, lender: Lender, planted: list[str]) -> Counter[int]:
    """Send each canary from another place; nothing refused may repeat it."""
    sends, statuses = [*SOUND, *WRONG], Counter[int]()
    headers = {**lender.headers(Role.ADMIN), "Content-Type": "application/json"}
    for place, canary in enumerate(planted):
        try:
            answer = sends[place % len(sends)](api, headers, canary)
        except httpx.HTTPError:  # not even the client sends that
            statuses[0] += 1
            continue
        statuses[answer.status_code] += 1
        if answer.status_code >= 400 and not answer.request.url.path.startswith(ECHOED):
            assert not hits(answer.text + str(answer.headers), planted), (place, answer.text)
    return statuses


def plant_bugs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what decides and what lists clients fail with words that hold what was sent."""

    def broken(*given: Any, **named: Any) -> Any:
        raise RuntimeError(f"{given} {named}")

    monkeypatch.setattr(decisions, "decide", broken)
    monkeypatch.setattr(form, "decide", broken)
    monkeypatch.setattr(clients, "list_clients", broken)


def test_what_was_planted_is_nowhere_but_in_the_store(
    watched: Lender, records: list[str], capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    planted, service = canaries(), watched.service
    with watched.serving() as api:
        statuses = send_all(api, watched, planted)
        assert not [status for status in statuses if status >= 500], statuses
        assert min(statuses[201], statuses[404], statuses[422]) >= 50, statuses
        with monkeypatch.context() as patched:
            plant_bugs(patched)
            broken = send_all(api, watched, planted[:200])
            assert broken[500] >= 10
        load_bad_file(watched, planted)
        refresh(service, "shop")
        assert Worker(service).work_once()
        figures = api.get("/metrics", headers=watched.headers(Role.MONITOR)).text
    caught = capfd.readouterr()
    assert len(records) > 20
    for name, text in {
        "records": "\n".join(records), "stdout": caught.out, "stderr": caught.err,
        "figures": figures,
    }.items():  # fmt: skip
        assert not hits(text, planted), name
    for path in files(watched.root, database=False):
        assert not hits(path.read_bytes().decode("latin-1"), planted), path
    # The store holds them, by need: the search finds what is there.
    assert len(hits(stored(watched), planted)) > 60


def load_bad_file(lender: Lender, planted: list[str]) -> None:
    """Load a file whose cells cannot be read; its error holds none of them."""
    folder = lender.root / "bad"
    folder.mkdir()
    rows = "\n".join(f"{one},{one},{one}" for one in planted[:9])
    (folder / "visits.csv").write_text(f"customer,at,minutes\n{rows}\n", encoding="utf-8")
    with pytest.raises(SolventError) as told:
        load_files(lender.service, lender.service.product("shop"), folder)
    assert not hits(f"{told.value} {told.value!r}", planted)
    (folder / "visits.csv").unlink()


def stored(lender: Lender) -> str:
    """Return the bytes of the database's files as text."""
    found = [path.read_bytes() for path in files(lender.root / "home", database=True)]
    return b"\n".join(found).decode("utf-8", "replace")


def test_once_everybody_is_erased_the_database_holds_none_of_it(
    watched: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file, its log and its free pages; the chain of the audit still holds."""
    planted, service = canaries()[:400], watched.service
    with watched.serving() as api:
        send_all(api, watched, planted)
    refresh(service, "shop")
    assert Worker(service).work_once()
    assert len(hits(stored(watched), planted)) > 25
    with monkeypatch.context() as patched:
        patched.setattr(erasing_module, "forget_pages", lambda _: None)
        for key in list(service.clients.all("shop")):
            erase_person(service.database, "shop", key, at=NOW)
    forget_pages(service.database)
    assert hits(stored(watched), planted) == []
    assert Audit(service.database).checkpoint().number > 25
