"""The first tables: decisions, answers, rows, clients, API keys, jobs and standings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NAME = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

# A decision is kept for ever as it was made. INSERT OR REPLACE removes a row without a word, so
# SQLite also refuses what would replace one.
SQLITE_GUARDS = (
    """
    CREATE TRIGGER decisions_refuse_update BEFORE UPDATE ON decisions
    BEGIN SELECT RAISE(ABORT, 'a decision is never changed'); END
    """,
    """
    CREATE TRIGGER decisions_refuse_delete BEFORE DELETE ON decisions
    BEGIN SELECT RAISE(ABORT, 'a decision is never removed'); END
    """,
    """
    CREATE TRIGGER decisions_refuse_replace BEFORE INSERT ON decisions
    WHEN EXISTS (SELECT 1 FROM decisions WHERE sequence = NEW.sequence OR id = NEW.id)
    BEGIN SELECT RAISE(ABORT, 'a decision is never replaced'); END
    """,
)
POSTGRESQL_GUARDS = (
    """
    CREATE FUNCTION decisions_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'a decision is never changed or removed'; END $$
    """,
    """
    CREATE TRIGGER decisions_refuse_change BEFORE UPDATE OR DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION decisions_refuse()
    """,
    """
    CREATE TRIGGER decisions_refuse_truncate BEFORE TRUNCATE ON decisions
    FOR EACH STATEMENT EXECUTE FUNCTION decisions_refuse()
    """,
)


def upgrade() -> None:
    """Make the tables."""
    _make_decisions()
    _make_answers()
    _make_live_rows()
    _make_packed_rows()
    _make_api_keys()
    _make_jobs()
    _make_standings()
    _make_clients()
    sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        op.execute(guard)


def _make_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("sequence", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("product", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("application", sa.Text(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("pd", sa.Double(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_decisions"),
        sa.UniqueConstraint("id", name="uq_decisions_id"),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "ix_decisions_product_key_sequence", "decisions", ["product", "key", "sequence"]
    )
    op.create_index("ix_decisions_product_sequence", "decisions", ["product", "sequence"])


def _make_answers() -> None:
    op.create_table(
        "answers",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("idempotency_key", sa.Text(), nullable=False),
        sa.Column("request_digest", sa.Text(), nullable=False),
        sa.Column("decision_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("owner", "idempotency_key", name="pk_answers"),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decisions.id"], name="fk_answers_decision_id",
            deferrable=True, initially="DEFERRED",
        ),
    )  # fmt: skip


def _make_live_rows() -> None:
    op.create_table(
        "live_rows",
        sa.Column("sequence", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("client", sa.BigInteger(), nullable=False),
        sa.Column("feed", sa.BigInteger(), nullable=False),
        sa.Column("batch", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=True),
        sa.Column("event_time", sa.BigInteger(), nullable=False),
        sa.Column("available_time", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("known", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sequence", name="pk_live_rows"),
        sa.UniqueConstraint("digest", name="uq_live_rows_digest"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "batches",
        sa.Column("number", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_batches"),
        sqlite_autoincrement=True,
    )


def _make_packed_rows() -> None:
    op.create_table(
        "packed_rows",
        sa.Column("client", sa.BigInteger(), nullable=False),
        sa.Column("feed", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        sa.Column("event_time", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("packed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "client", "feed", "part", "event_time", "sequence",
            name="pk_packed_rows", postgresql_include=["packed"],
        ),
        sqlite_with_rowid=False,
    )  # fmt: skip
    if op.get_bind().dialect.name == "postgresql":
        # An index is read alone only where the pages of its table were seen to since they grew.
        op.execute(
            "ALTER TABLE packed_rows SET (autovacuum_vacuum_insert_scale_factor = 0.02, "
            "autovacuum_analyze_scale_factor = 0.02)"
        )
    op.create_table(
        "labels",
        sa.Column("feed", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "number", name="pk_labels"),
        sa.UniqueConstraint("feed", "digest", name="uq_labels_feed_digest"),
    )


def _make_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
    )


def _make_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("product", NAME, nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("lease_until", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_kind_product_id", "jobs", ["kind", "product", "id"])
    waiting = sa.text("state = 'waiting'")
    op.create_index(
        "uq_jobs_waiting", "jobs", ["kind", "product"], unique=True,
        sqlite_where=waiting, postgresql_where=waiting,
    )  # fmt: skip


def _make_standings() -> None:
    op.create_table(
        "standings",
        sa.Column("product", NAME, nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("pd", sa.Double(), nullable=False),
        sa.Column("score", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("offer_name", sa.Text(), nullable=False),
        sa.Column("offer_title", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("at_risk", sa.Double(), nullable=True),
        sa.Column("if_good", sa.Double(), nullable=True),
        sa.Column("if_bad", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("job_id", "key", name="pk_standings"),
    )
    op.create_index("ix_standings_product_job_id", "standings", ["product", "job_id"])


def _make_clients() -> None:
    op.create_table(
        "clients",
        sa.Column("number", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("product", NAME, nullable=False),
        sa.Column("key", NAME, nullable=False),
        sa.Column("decided", sa.BigInteger(), nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_clients"),
        sa.UniqueConstraint("product", "key", name="uq_clients_product_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_clients_product_decided_key", "clients", ["product", "decided", "key"])
    op.create_table(
        "feeds",
        sa.Column("number", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("product", NAME, nullable=False),
        sa.Column("source", NAME, nullable=False),
        sa.Column("typing", sa.Text(), nullable=False),
        sa.Column("newest_available", sa.BigInteger(), nullable=True),
        sa.Column("newest_sequence", sa.BigInteger(), nullable=False),
        sa.Column("kept", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_feeds"),
        sa.UniqueConstraint("product", "source", name="uq_feeds_product_source"),
        sqlite_autoincrement=True,
    )
