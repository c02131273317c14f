"""The audit: a chain of entries, one for each decision, and the secrets that seal them."""

from __future__ import annotations

import hashlib
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
FACTS = ("sequence", "id", "product", "as_of", "decided_at", "verdict", "pd", "score")

# What is personal in a decision may be emptied, once; nothing else of it is ever changed.
_EMPTIES = "NEW.key = '' AND NEW.application = '' AND NEW.document = ''"
SQLITE_GUARDS = (
    "DROP TRIGGER decisions_refuse_update",
    f"""
    CREATE TRIGGER decisions_refuse_update BEFORE UPDATE ON decisions
    WHEN NOT ({_EMPTIES} AND {" AND ".join(f"NEW.{name} IS OLD.{name}" for name in FACTS)})
    BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END
    """,
    """
    CREATE TRIGGER audit_refuse_update BEFORE UPDATE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is never changed'); END
    """,
    """
    CREATE TRIGGER audit_refuse_delete BEFORE DELETE ON audit
    BEGIN SELECT RAISE(ABORT, 'the audit is never shortened'); END
    """,
    """
    CREATE TRIGGER audit_refuse_replace BEFORE INSERT ON audit
    WHEN EXISTS (SELECT 1 FROM audit WHERE number = NEW.number OR decision = NEW.decision)
    BEGIN SELECT RAISE(ABORT, 'the audit is never replaced'); END
    """,
)
POSTGRESQL_GUARDS = (
    "DROP TRIGGER decisions_refuse_change ON decisions",
    """
    CREATE TRIGGER decisions_refuse_delete BEFORE DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION decisions_refuse()
    """,
    f"""
    CREATE TRIGGER decisions_refuse_update BEFORE UPDATE ON decisions FOR EACH ROW
    WHEN (NOT ({_EMPTIES}
        AND {" AND ".join(f"NEW.{name} IS NOT DISTINCT FROM OLD.{name}" for name in FACTS)}))
    EXECUTE FUNCTION decisions_refuse()
    """,
    """
    CREATE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'the audit is never changed or shortened'; END $$
    """,
    """
    CREATE TRIGGER audit_refuse_change BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_refuse()
    """,
    """
    CREATE TRIGGER audit_refuse_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()
    """,
)


def upgrade() -> None:
    """Make the tables, and begin the chain."""
    op.create_table(
        "subjects",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("product", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subjects"),
        sa.UniqueConstraint("product", "key", name="uq_subjects_product_key"),
    )
    op.create_table(
        "audit",
        sa.Column("number", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("facts", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("link", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_audit"),
        sa.UniqueConstraint("decision", name="uq_audit_decision"),
    )
    op.create_index("ix_answers_decision_id", "answers", ["decision_id"])
    _begin()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        op.execute(guard)


def _begin() -> None:
    """Make entry 1: it tells this chain from others, and which decisions are older than it."""
    older = sa.text("SELECT coalesce(max(sequence), 0), count(*) FROM decisions")
    last, count = op.get_bind().execute(older).one()
    values = {
        "number": 1, "at": 0, "kind": "began", "subject": secrets.token_hex(16), "decision": None,
        "detail": f"{last} {count}", "facts": b"", "sealed": b"",
    }  # fmt: skip
    values["link"] = hashlib.sha256(b"".join(map(_told, (b"", *values.values())))).digest()
    marks = ", ".join(f":{name}" for name in values)
    begun = sa.text(f"INSERT INTO audit ({', '.join(values)}) VALUES ({marks})")  # noqa: S608 - our own
    op.get_bind().execute(begun, values)


def _told(value: object) -> bytes:
    """Return a value with its kind and length, as the chain hashes it."""
    if value is None:
        tag, raw = b"n", b""
    elif isinstance(value, bytes):
        tag, raw = b"b", value
    else:
        tag, raw = (b"s" if isinstance(value, str) else b"i"), str(value).encode()
    return tag + len(raw).to_bytes(8, "big") + raw
