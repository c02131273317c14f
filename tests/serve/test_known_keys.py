"""A key is looked up once a second; a revoked one stops within that second."""

from __future__ import annotations

import httpx
import pytest

from solvent.serve import known_keys
from solvent.serve.known_keys import LIFE, KnownKeys
from solvent.store import Role
from tests.serve.lender import Lender


class Clock:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.at = 100.0

    def monotonic(self) -> float:
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    found = Clock()
    monkeypatch.setattr(known_keys, "time", found)
    return found


def test_a_revoked_key_stops_within_the_stated_second(
    lender: Lender, api: httpx.Client, clock: Clock
) -> None:
    record, plain = lender.service.keys.create(Role.RISK_MANAGER, name="left", created_at=1)
    headers = {"Authorization": f"Bearer {plain}"}
    assert api.get("/v1/me", headers=headers).status_code == 200
    lender.service.keys.revoke(record.id, 2)
    clock.at += LIFE / 2
    assert api.get("/v1/me", headers=headers).status_code == 200
    clock.at += LIFE / 2
    assert api.get("/v1/me", headers=headers).status_code == 401


def test_the_stated_time_is_no_longer_than_a_second() -> None:
    assert 0.0 < LIFE <= 1.0


def test_a_key_in_use_is_not_kept_open_by_its_use(lender: Lender, clock: Clock) -> None:
    record, plain = lender.service.keys.create(Role.ADMIN, name="busy", created_at=1)
    keys = KnownKeys(lender.service)
    assert keys.find(plain) == record
    lender.service.keys.revoke(record.id, 2)
    for _ in range(7):
        assert keys.held(plain) == record
        clock.at += LIFE / 8
    clock.at += LIFE / 8
    assert keys.held(plain) is None
    assert keys.find(plain) is None
    assert keys.held(plain) is None


def test_an_unknown_key_is_looked_up_every_time_and_a_new_one_opens_at_once(
    lender: Lender, clock: Clock
) -> None:
    keys = KnownKeys(lender.service)
    assert keys.find(f"slv_{'x' * 43}") is None
    record, plain = lender.service.keys.create(Role.APPLICANT, name="new", created_at=1)
    assert keys.held(plain) is None
    assert keys.find(plain) == keys.held(plain) == record


def test_memory_of_keys_is_bounded_and_holds_none_of_them(
    lender: Lender, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(known_keys, "MOST", 2)
    keys = KnownKeys(lender.service)
    made = [lender.service.keys.create(Role.ADMIN, name="one", created_at=1) for _ in range(3)]
    for _, plain in made:
        keys.find(plain)
    held = [keys.held(plain) for _, plain in made]
    assert held == [None, None, made[2][0]]
    assert all(plain not in repr(vars(keys)) for _, plain in made)
