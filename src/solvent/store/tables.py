"""The tables of the database, in types SQLite and Postgres share.

The tables are made and changed by `migrations`, never from here; a test holds the two together.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)

NAMING: Final = {
    "pk": "pk_%(table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
}
METADATA: Final = MetaData(naming_convention=NAMING)

# SQLite numbers rows by itself only where the column is called INTEGER.
SEQUENCE: Final = BigInteger().with_variant(Integer(), "sqlite")
# Postgres would sort by the language of the machine; keys are sorted by code point everywhere.
NAME: Final = Text().with_variant(Text(collation="C"), "postgresql")

DECISIONS: Final = Table(
    "decisions",
    METADATA,
    Column("sequence", SEQUENCE, autoincrement=True, nullable=False),
    Column("id", Text, nullable=False),
    Column("product", NAME, nullable=False),
    Column("key", NAME, nullable=False),
    Column("application", Text, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("decided_at", BigInteger, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("pd", Double, nullable=False),
    Column("score", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    PrimaryKeyConstraint("sequence"),
    UniqueConstraint("id"),
    Index(None, "product", "key", "sequence"),
    Index(None, "product", "sequence"),
    # Outcomes name loans as the lender does.
    Index(
        "ix_decisions_product_application",
        "product",
        "application",
        sqlite_where=text("application <> ''"),
        postgresql_where=text("application <> ''"),
    ),
    sqlite_autoincrement=True,
)

# What became of loans: everything that was ever told, corrections beside what they correct.
OUTCOMES: Final = Table(
    "outcomes",
    METADATA,
    Column("number", SEQUENCE, autoincrement=True, nullable=False),
    Column("decision", Text, nullable=False),
    Column("word", Text, nullable=False),
    Column("observed_at", BigInteger, nullable=False),
    Column("known_from", BigInteger, nullable=False),
    Column("paid_minor", BigInteger, nullable=True),
    Column("lost_minor", BigInteger, nullable=True),
    Column("currency", Text, nullable=False),
    Column("scale", Integer, nullable=False),
    Column("arrived_at", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("number"),
    UniqueConstraint("digest"),
    ForeignKeyConstraint(["decision"], ["decisions.id"]),
    Index(None, "decision", "known_from"),
    sqlite_autoincrement=True,
)

ANSWERS: Final = Table(
    "answers",
    METADATA,
    Column("owner", Text, nullable=False),
    Column("idempotency_key", Text, nullable=False),
    Column("request_digest", Text, nullable=False),
    Column("decision_id", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("owner", "idempotency_key"),
    # The answer is claimed first, so that of two requests at once only one decides.
    ForeignKeyConstraint(
        ["decision_id"], ["decisions.id"], deferrable=True, initially="DEFERRED"
    ),
    Index(None, "decision_id"),
)  # fmt: skip

# One entry for each decision and each erasure, each with a digest of the entry before it.
AUDIT: Final = Table(
    "audit",
    METADATA,
    Column("number", BigInteger, nullable=False, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("decision", Text, nullable=True),
    Column("detail", Text, nullable=False),
    Column("facts", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("link", LargeBinary, nullable=False),
    PrimaryKeyConstraint("number"),
    UniqueConstraint("decision"),
)

# Whom entries are about, and the secret that seals what is personal; erased with the person.
SUBJECTS: Final = Table(
    "subjects",
    METADATA,
    Column("id", Text, nullable=False),
    Column("product", NAME, nullable=False),
    Column("key", NAME, nullable=False),
    Column("secret", LargeBinary, nullable=False),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("product", "key"),
)

# What was told of a row, as it was told. Found by its client's records in PACKED_ROWS.
LIVE_ROWS: Final = Table(
    "live_rows",
    METADATA,
    Column("sequence", SEQUENCE, autoincrement=True, nullable=False),
    Column("client", BigInteger, nullable=False),
    Column("feed", BigInteger, nullable=False),
    Column("batch", BigInteger, nullable=False),
    Column("event_id", Text, nullable=True),
    Column("event_time", BigInteger, nullable=False),
    Column("available_time", BigInteger, nullable=False),
    Column("body", Text, nullable=False),
    Column("known", Text, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    PrimaryKeyConstraint("sequence"),
    UniqueConstraint("digest"),
    sqlite_autoincrement=True,
)

# The same rows as records of fixed width, the one thing an evaluator reads. SQLite keeps the table
# in the order of its key; Postgres has the records in the key's index, so reads touch nothing else.
PACKED_ROWS: Final = Table(
    "packed_rows",
    METADATA,
    Column("client", BigInteger, nullable=False),
    Column("feed", BigInteger, nullable=False),
    Column("part", SmallInteger, nullable=False),
    Column("event_time", BigInteger, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("packed", LargeBinary, nullable=False),
    PrimaryKeyConstraint(
        "client", "feed", "part", "event_time", "sequence", postgresql_include=["packed"]
    ),
    sqlite_with_rowid=False,
)  # fmt: skip

# Texts of categories, UTF-8 (Postgres keeps no NUL in a text), numbered from 0 within a feed.
LABELS: Final = Table(
    "labels",
    METADATA,
    Column("feed", BigInteger, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("text", LargeBinary, nullable=False),
    PrimaryKeyConstraint("feed", "number"),
    UniqueConstraint("feed", "digest"),
)

BATCHES: Final = Table(
    "batches",
    METADATA,
    Column("number", SEQUENCE, autoincrement=True, nullable=False),
    Column("name", Text, nullable=False),
    Column("arrived_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("number"),
    sqlite_autoincrement=True,
)

API_KEYS: Final = Table(
    "api_keys",
    METADATA,
    Column("id", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("revoked_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("id"),
    UniqueConstraint("digest"),
)

JOBS: Final = Table(
    "jobs",
    METADATA,
    Column("id", SEQUENCE, autoincrement=True, nullable=False),
    Column("kind", Text, nullable=False),
    Column("product", NAME, nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("worker", Text, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("total", BigInteger, nullable=False),
    Column("result", Text, nullable=True),
    Column("message", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    PrimaryKeyConstraint("id"),
    Index(None, "kind", "product", "id"),
    Index(
        "uq_jobs_waiting",
        "kind",
        "product",
        unique=True,
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    sqlite_autoincrement=True,
)

STANDINGS: Final = Table(
    "standings",
    METADATA,
    Column("product", NAME, nullable=False),
    Column("job_id", BigInteger, nullable=False),
    Column("key", NAME, nullable=False),
    Column("as_of", BigInteger, nullable=False),
    Column("pd", Double, nullable=False),
    Column("score", BigInteger, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("band", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=True),
    Column("fee_minor", BigInteger, nullable=True),
    Column("currency", Text, nullable=False),
    Column("scale", Integer, nullable=False),
    Column("offer_name", Text, nullable=False),
    Column("offer_title", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("at_risk", Double, nullable=True),
    Column("if_good", Double, nullable=True),
    Column("if_bad", Double, nullable=True),
    PrimaryKeyConstraint("job_id", "key"),
    Index(None, "product", "job_id"),
)

# Everybody a row or a decision is about; kept with them, so that nobody counts rows to list people.
CLIENTS: Final = Table(
    "clients",
    METADATA,
    Column("number", SEQUENCE, autoincrement=True, nullable=False),
    Column("product", NAME, nullable=False),
    Column("key", NAME, nullable=False),
    Column("decided", BigInteger, nullable=False),
    Column("owner", BigInteger, nullable=True),
    PrimaryKeyConstraint("number"),
    UniqueConstraint("product", "key"),
    Index(None, "product", "decided", "key"),
    sqlite_autoincrement=True,
)

# Every source that told of rows: how far they reach, how many there are, the declaration that
# typed them.
FEEDS: Final = Table(
    "feeds",
    METADATA,
    Column("number", SEQUENCE, autoincrement=True, nullable=False),
    Column("product", NAME, nullable=False),
    Column("source", NAME, nullable=False),
    Column("typing", Text, nullable=False),
    Column("newest_available", BigInteger, nullable=True),
    Column("newest_sequence", BigInteger, nullable=False),
    Column("kept", BigInteger, nullable=False),
    PrimaryKeyConstraint("number"),
    UniqueConstraint("product", "source"),
    sqlite_autoincrement=True,
)

# Many applications sent at once; what is said of one is never changed but for how far it is.
QUEUED_BATCHES: Final = Table(
    "queued_batches",
    METADATA,
    Column("number", SEQUENCE, autoincrement=True, nullable=False),
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("product", NAME, nullable=False),
    Column("owner", Text, nullable=False),
    Column("idempotency_key", Text, nullable=True),
    Column("request_digest", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("reasons", Integer, nullable=False),
    Column("model", BigInteger, nullable=False),
    Column("policy", BigInteger, nullable=False),
    Column("high_water", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("chunk_rows", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("begun_at", BigInteger, nullable=True),
    Column("ended_at", BigInteger, nullable=True),
    PrimaryKeyConstraint("number"),
    UniqueConstraint("id"),
    UniqueConstraint("owner", "idempotency_key"),
    sqlite_autoincrement=True,
)

# The rows of a batch that one worker does at a time. A fence is raised with every lease: who holds
# an older one writes nothing.
QUEUED_CHUNKS: Final = Table(
    "queued_chunks",
    METADATA,
    Column("batch", BigInteger, nullable=False),
    Column("first_row", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("worker", Text, nullable=False),
    Column("lease_until", BigInteger, nullable=False),
    Column("fence", BigInteger, nullable=False),
    PrimaryKeyConstraint("batch", "first_row"),
    ForeignKeyConstraint(["batch"], ["queued_batches.number"]),
    Index(None, "state", "batch", "first_row"),
)

# What became of a chunk's rows; one chunk has one result, however often it was begun.
QUEUED_RESULTS: Final = Table(
    "queued_results",
    METADATA,
    Column("batch", BigInteger, nullable=False),
    Column("first_row", BigInteger, nullable=False),
    Column("rows", BigInteger, nullable=False),
    Column("set_aside", BigInteger, nullable=False),
    Column("body", LargeBinary, nullable=False),
    PrimaryKeyConstraint("batch", "first_row"),
    ForeignKeyConstraint(
        ["batch", "first_row"], ["queued_chunks.batch", "queued_chunks.first_row"]
    ),
)  # fmt: skip
