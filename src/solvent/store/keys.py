"""API keys: who may call, and as what. Of a key itself only a keyed digest is kept."""

from __future__ import annotations

import hmac
import re
import secrets
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import ColumnElement, bindparam, select, update

from solvent.store.database import Database
from solvent.store.tables import API_KEYS

PREFIX: Final = "slv_"
KEY_LETTERS: Final = len(PREFIX) + 43
_KEY: Final = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}", re.ASCII)
_FEWEST_LETTERS: Final = 16
"""Different letters of a key; among 43 that are random there are about 31."""


class Role(StrEnum):
    """What the holder of a key may do."""

    APPLICANT = "applicant"
    RELATIONSHIP_MANAGER = "relationship_manager"
    RISK_MANAGER = "risk_manager"
    VALIDATOR = "validator"
    AUDITOR = "auditor"
    MONITOR = "monitor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """What is known of a key.

    Args:
        id: 8 hex digits that name it; they are no part of the key.
        role: What its holder may do.
        name: Whose it is, or what for.
        created_at: Int UTC microseconds.
        revoked_at: Int UTC microseconds; None where it still opens.
    """

    id: str
    role: Role
    name: str
    created_at: int
    revoked_at: int | None


_RECORD: Final = (
    API_KEYS.c.id,
    API_KEYS.c.role,
    API_KEYS.c.name,
    API_KEYS.c.created_at,
    API_KEYS.c.revoked_at,
)
_BY_DIGEST: Final = select(*_RECORD).where(
    API_KEYS.c.digest == bindparam("digest"), API_KEYS.c.revoked_at.is_(None)
)


class Keys:
    """The keys of this installation.

    Args:
        database: Where they are kept.
        secret: The installation's secret; keys made with another one are unknown.
    """

    def __init__(self, database: Database, secret: bytes) -> None:
        self._database = database
        self._secret = secret

    def create(self, role: Role, *, name: str, created_at: int) -> tuple[KeyRecord, str]:
        """Make a key; return what is kept of it, and the key, which can be shown only now.

        Args:
            role: What its holder may do.
            name: Whose it is, or what for.
            created_at: Int UTC microseconds.
        """
        plain = PREFIX + secrets.token_urlsafe(32)
        while True:
            record = self._keep(plain, role, name, created_at)
            if record is not None:  # else the id is taken: another
                return record, plain

    def adopt(self, plain: str, role: Role, *, name: str, created_at: int) -> KeyRecord | None:
        """Let a key made elsewhere open; one that is known stays as it is.

        Args:
            plain: The key: slv_ and 43 random letters.
            role: What its holder may do.
            name: Whose it is, or what for.
            created_at: Int UTC microseconds.

        Returns:
            What is kept of it; None where it has not the form of a key, is too regular to be
            random, is known with another role, or was revoked.
        """
        letters = plain.removeprefix(PREFIX)
        if _KEY.fullmatch(plain) is None or len(set(letters)) < _FEWEST_LETTERS:
            return None
        for _ in range(2):  # the second time where the id was taken, by chance or by this key
            found = self.find(plain) or self._keep(plain, role, name, created_at)
            if found is not None:
                return found if found.role is role else None
        return None

    def _keep(self, plain: str, role: Role, name: str, created_at: int) -> KeyRecord | None:
        """Keep a key; None where its id or the key itself is there."""
        record = KeyRecord(
            id=secrets.token_hex(4), role=role, name=name, created_at=created_at, revoked_at=None
        )
        statement = self._database.insert_missing(API_KEYS).values(
            id=record.id, digest=self._digest(plain), role=str(role), name=name,
            created_at=created_at,
        )  # fmt: skip
        with self._database.transaction() as connection:
            return record if connection.execute(statement).rowcount else None

    def find(self, plain: str) -> KeyRecord | None:
        """Return the record of a key; None where it is unknown or revoked.

        What is compared is a keyed digest, so the time it takes tells nothing of any key.
        """
        if len(plain) != KEY_LETTERS or not plain.startswith(PREFIX):
            return None
        with self._database.reading() as connection:
            row = connection.execute(_BY_DIGEST, {"digest": self._digest(plain)}).first()
        return None if row is None else _record(*row)

    def revoke(self, key_id: str, at: int) -> bool:
        """Revoke a key for ever; False where there is none that still opens.

        Args:
            key_id: Its id.
            at: Int UTC microseconds.
        """
        statement = (
            update(API_KEYS)
            .where(API_KEYS.c.id == key_id, API_KEYS.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        with self._database.transaction() as connection:
            return connection.execute(statement).rowcount == 1

    def all(self) -> tuple[KeyRecord, ...]:
        """Return every key ever made, oldest first."""
        return self._read()

    def any_admin(self) -> bool:
        """Return True where an admin's key still opens."""
        is_admin = API_KEYS.c.role == str(Role.ADMIN)
        return bool(self._read(is_admin, API_KEYS.c.revoked_at.is_(None)))

    def _read(self, *conditions: ColumnElement[bool]) -> tuple[KeyRecord, ...]:
        statement = (
            select(*_RECORD).where(*conditions).order_by(API_KEYS.c.created_at, API_KEYS.c.id)
        )
        with self._database.reading() as connection:
            return tuple(_record(*row) for row in connection.execute(statement))

    def _digest(self, plain: str) -> str:
        return hmac.digest(self._secret, plain.encode(errors="replace"), "sha256").hex()


def _record(
    key_id: str, role: str, name: str, created_at: int, revoked_at: int | None
) -> KeyRecord:
    return KeyRecord(
        id=key_id, role=Role(role), name=name, created_at=created_at, revoked_at=revoked_at
    )
