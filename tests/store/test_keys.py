"""API keys: found by who has them, and in no file."""

from __future__ import annotations

import re
import secrets
from pathlib import Path

import pytest

from solvent.store import Database, Keys, Role

SECRET = b"s" * 32


def test_a_key_opens_what_its_role_says_until_it_is_revoked(database: Database) -> None:
    keys = Keys(database, SECRET)
    record, plain = keys.create(Role.RISK_MANAGER, name="Ada", created_at=5)
    assert (record.role, record.name, record.created_at) == ("risk_manager", "Ada", 5)
    assert re.fullmatch(r"slv_[A-Za-z0-9_-]{43}", plain)
    assert re.fullmatch(r"[0-9a-f]{8}", record.id)
    assert keys.find(plain) == record
    assert keys.revoke(record.id, 9)
    assert keys.find(plain) is None
    assert [one.revoked_at for one in keys.all()] == [9]


def test_a_key_is_revoked_once(database: Database) -> None:
    keys = Keys(database, SECRET)
    record, _ = keys.create(Role.ADMIN, name="Ada", created_at=5)
    assert [keys.revoke(record.id, at) for at in (9, 10)] == [True, False]
    assert not keys.revoke("00000000", 9)
    assert keys.all()[0].revoked_at == 9


@pytest.mark.parametrize("wrong", ["", "slv_", "slv_" + "A" * 43, "slv_" + "é" * 43, "x" * 47])
def test_another_key_opens_nothing(database: Database, wrong: str) -> None:
    keys = Keys(database, SECRET)
    _, plain = keys.create(Role.ADMIN, name="Ada", created_at=5)
    for tried in (wrong, plain + "A", plain[:-1], "slv_\udcff" + plain[5:]):
        assert keys.find(tried) is None


def test_under_another_secret_no_key_opens(database: Database) -> None:
    _, plain = Keys(database, SECRET).create(Role.ADMIN, name="Ada", created_at=5)
    assert Keys(database, b"t" * 32).find(plain) is None


def test_an_admin_is_there_while_an_admin_s_key_opens(database: Database) -> None:
    keys = Keys(database, SECRET)
    keys.create(Role.APPLICANT, name="form", created_at=1)
    assert not keys.any_admin()
    record, _ = keys.create(Role.ADMIN, name="Ada", created_at=2)
    assert keys.any_admin()
    keys.revoke(record.id, 3)
    assert not keys.any_admin()


def test_keys_are_listed_oldest_first(database: Database) -> None:
    keys = Keys(database, SECRET)
    for at in (3, 1, 2):
        keys.create(Role.APPLICANT, name=f"n{at}", created_at=at)
    assert [one.name for one in keys.all()] == ["n1", "n2", "n3"]


def test_an_id_that_is_taken_is_not_given_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = iter(["0000000a", "0000000a", "0000000b"])
    monkeypatch.setattr("secrets.token_hex", lambda _: next(ids))
    keys = Keys(database, SECRET)
    made = [keys.create(Role.APPLICANT, name="n", created_at=1) for _ in range(2)]
    assert [record.id for record, _ in made] == ["0000000a", "0000000b"]
    assert all(keys.find(plain) == record for record, plain in made)


def test_no_key_stands_in_any_file(tmp_path: Path) -> None:
    database = Database.open(tmp_path)
    made = [Keys(database, SECRET).create(Role.ADMIN, name="Ada", created_at=n) for n in range(20)]

    def written() -> bytes:
        return b"".join(path.read_bytes() for path in tmp_path.iterdir())

    before = written()  # with what SQLite has not moved into the database yet
    database.close()
    for kept in (before, written()):
        assert b"Ada" in kept
        for _, plain in made:
            assert plain.encode() not in kept
            assert plain.removeprefix("slv_").encode() not in kept


def test_a_key_made_elsewhere_is_adopted_once_and_opens(database: Database) -> None:
    keys, plain = Keys(database, SECRET), f"slv_{secrets.token_urlsafe(32)}"
    first = keys.adopt(plain, Role.ADMIN, name="file", created_at=5)
    assert first is not None
    assert keys.find(plain) == first
    assert keys.adopt(plain, Role.ADMIN, name="again", created_at=9) == first
    assert keys.all() == (first,)


def test_a_key_that_was_revoked_or_has_another_role_is_not_adopted(database: Database) -> None:
    keys = Keys(database, SECRET)
    record, plain = keys.create(Role.APPLICANT, name="Ada", created_at=5)
    assert keys.adopt(plain, Role.ADMIN, name="file", created_at=6) is None
    keys.revoke(record.id, 9)
    assert keys.adopt(plain, Role.APPLICANT, name="file", created_at=10) is None
    assert keys.find(plain) is None


@pytest.mark.parametrize(
    "wrong", ["", "slv_", "slv_" + "ab" * 21 + "c", "x" * 47, "slv_" + "é" * 43]
)
def test_what_nobody_drew_at_random_is_no_key(database: Database, wrong: str) -> None:
    keys = Keys(database, SECRET)
    assert keys.adopt(wrong, Role.ADMIN, name="file", created_at=5) is None
    assert keys.all() == ()
