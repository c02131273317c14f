# ruff: noqa: S608 - every name comes quoted from `sources`
"""How many applications have rows in a source: where none has, the keys are not the same keys."""

from __future__ import annotations

from dataclasses import dataclass

from solvent.dataset.build import OpenData
from solvent.errors import DataError
from solvent.features import Events
from solvent.progress import Progress, Silent
from solvent.sources import OpenTable

SAME_KEYS = (
    "is key the customer's column in both tables, written alike? 007 and 7 are different keys"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """Applications whose customer has a row in a source, at whatever time.

    Args:
        source: Name of the source.
        applications: Applications that fit the declaration.
        matched: Those whose customer has at least one row, visible at `as_of` or not.
        optional: True where the product works without the source.
    """

    source: str
    applications: int
    matched: int
    optional: bool

    @property
    def share(self) -> float:
        """Matched applications over all, in [0, 1]."""
        return self.matched / self.applications if self.applications else 0.0

    @property
    def words(self) -> str:
        """The share as a person says it."""
        return f"{self.source}: {share_words(self.share)} of applications have a row"


def share_words(share: float) -> str:
    """Return a share in percent, which reads 0 or 100 only where it is.

    >>> share_words(0.0), share_words(0.00001), share_words(0.5), share_words(0.9999)
    ('0 %', '0.1 %', '50.0 %', '99.9 %')
    """
    if share in {0.0, 1.0}:
        return f"{share:.0%}".replace("%", " %")
    return f"{min(max(share, 0.001), 0.999) * 100:.1f} %"


def match_sources(data: OpenData, *, progress: Progress | None = None) -> tuple[Match, ...]:
    """Count, for each source that is there, the applications whose customer has a row in it.

    Args:
        data: The open tables.
        progress: Told of every source done.
    """
    found = []
    with (progress or Silent()).step("matching sources", len(data.sources)) as step:
        for source in data.plan.sources:
            table = data.sources.get(source.name)
            if table is not None:
                found.append(_match(data, table))
            step.advance()
    return tuple(found)


def require_matches(matches: tuple[Match, ...]) -> None:
    """Refuse a source that says nothing of any applicant, unless it is optional.

    Args:
        matches: From `match_sources`.

    Raises:
        DataError: No application has a row in a source.
    """
    for match in matches:
        if match.applications and match.matched == 0 and not match.optional:
            raise DataError("0 % of applications have a row", hint=SAME_KEYS, field=match.source)


def by_customer(data: OpenData, source: OpenTable) -> tuple[str, bool]:
    """Return the rows of a source, each with its customer's key, as SQL.

    A table below another one is keyed by that one's ids, which lead to the customer.

    Args:
        data: The open tables.
        source: One of them.

    Returns:
        The SQL, and whether its `key` is a whole number.
    """
    table = source.table
    parent = table.parent if isinstance(table, Events) else ""
    if not parent:
        return source.sql, source.integer_key
    if parent not in data.sources:
        return f"SELECT * FROM ({source.sql}) WHERE false", source.integer_key
    above, whole = by_customer(data, data.sources[parent])
    named = f"SELECT DISTINCT key, CAST(event_id AS VARCHAR) AS name FROM ({above})"
    same = "CAST(s.key AS VARCHAR) = p.name"
    rows = f"SELECT s.* REPLACE (p.key AS key) FROM ({source.sql}) s JOIN ({named}) p ON {same}"
    return rows, whole


def _match(data: OpenData, source: OpenTable) -> Match:
    applications = data.applications
    rows, whole = by_customer(data, source)
    same = "s.key = a.key"
    if whole != applications.integer_key:
        same = "CAST(s.key AS VARCHAR) = CAST(a.key AS VARCHAR)"
    counted = f"SELECT key, count(*) AS n FROM ({applications.sql}) GROUP BY key"
    met = f"SELECT DISTINCT a.key, a.n FROM ({rows}) s JOIN a ON {same}"
    row = (
        data.connection.cursor()
        .execute(
            f"WITH a AS MATERIALIZED ({counted}) SELECT "
            f"(SELECT coalesce(sum(n), 0) FROM a), (SELECT coalesce(sum(n), 0) FROM ({met}))"
        )
        .fetchone()
    )
    every, matched = (0, 0) if row is None else (int(row[0]), int(row[1]))
    return Match(
        source=source.table.name, applications=every, matched=matched,
        optional=source.table.optional,
    )  # fmt: skip
