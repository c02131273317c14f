"""Outcomes: what became of loans, with every correction beside what it corrects."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SQLITE_GUARDS = (
    """
    CREATE TRIGGER outcomes_refuse_update BEFORE UPDATE ON outcomes
    BEGIN SELECT RAISE(ABORT, 'an outcome is never changed: tell a correction'); END
    """,
    """
    CREATE TRIGGER outcomes_refuse_delete BEFORE DELETE ON outcomes
    BEGIN SELECT RAISE(ABORT, 'an outcome is never removed: tell a correction'); END
    """,
)
POSTGRESQL_GUARDS = (
    """
    CREATE FUNCTION outcomes_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'an outcome is never changed or removed: tell a correction'; END $$
    """,
    """
    CREATE TRIGGER outcomes_refuse_change BEFORE UPDATE OR DELETE ON outcomes
    FOR EACH ROW EXECUTE FUNCTION outcomes_refuse()
    """,
    """
    CREATE TRIGGER outcomes_refuse_truncate BEFORE TRUNCATE ON outcomes
    FOR EACH STATEMENT EXECUTE FUNCTION outcomes_refuse()
    """,
)


def upgrade() -> None:
    """Make the table, and find decisions by the lender's name of the application."""
    op.create_table(
        "outcomes",
        sa.Column("number", SEQUENCE, autoincrement=True, nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("observed_at", sa.BigInteger(), nullable=False),
        sa.Column("known_from", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=True),
        sa.Column("lost_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("scale", sa.Integer(), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_outcomes"),
        sa.UniqueConstraint("digest", name="uq_outcomes_digest"),
        sa.ForeignKeyConstraint(["decision"], ["decisions.id"], name="fk_outcomes_decision"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outcomes_decision_known_from", "outcomes", ["decision", "known_from"])
    named = sa.text("application <> ''")
    op.create_index(
        "ix_decisions_product_application", "decisions", ["product", "application"],
        sqlite_where=named, postgresql_where=named,
    )  # fmt: skip
    sqlite = op.get_bind().dialect.name == "sqlite"
    for guard in SQLITE_GUARDS if sqlite else POSTGRESQL_GUARDS:
        op.execute(guard)
