"""How many rows were read, refused, set aside and used: nothing disappears in silence."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of the funnel.

    Args:
        label: What is left, as a person says it.
        rows: Applications left.
        note: Why applications fell out here; may be empty.
    """

    label: str
    rows: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Rows of a table that were refused for one reason.

    Args:
        table: Name of the table.
        reason: What was wrong, without the value.
        rows: How many.
    """

    table: str
    reason: str
    rows: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fingerprint:
    """One file the data came from.

    Args:
        table: Name of the table.
        file: File name.
        rows: Rows it holds.
        size: Bytes.
        sha256: Digest of the content.
    """

    table: str
    file: str
    rows: int
    size: int
    sha256: str
