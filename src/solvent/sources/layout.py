"""Which columns of a table's files are read, and the names they get.

| table | columns besides the declared ones |
|---|---|
| Applications | `key`, `id`, `as_of` |
| Events | `key`, `event_time`, `available_time`, and `event_id` where an id is declared |
| Attributes | `key`, `event_time` (valid from), `available_time` |

A time that others name in `known_at` also comes as `known_name(name)`: the same, except that a bare
day is known from its end.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from solvent.errors import DeclarationError, MissingColumnError, UnreadableFileError
from solvent.features import Applications, Attributes, ColumnType, Events, Table, instant

HIDDEN = ("solvent_refusal", "solvent_file", "solvent_row")
"""What stands beside the typed columns of every row: reason, file number, row number."""
REFUSAL, FILE, ROW = HIDDEN
RESERVED = ("key", "id", "as_of", "event_time", "available_time", "event_id", *HIDDEN)
_NAMES_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What is read of a table and where it goes.

    Args:
        table: The declaration.
        declared: Every typed column by name: the table's own and the extra ones.
        names: Output name -> column, of the key and the ids.
        time: Output name and column of the row's time; the column is None where none is declared.
        available: Column of the time from which the row could be read, if one is declared.
        since: Rows available before this instant (UTC microseconds) are left out; None: all stay.
    """

    table: Table
    declared: Mapping[str, ColumnType]
    names: Mapping[str, str]
    time: tuple[str, str | None] | None
    available: str | None
    since: int | None = None

    @property
    def has_available(self) -> bool:
        """True for events and attributes."""
        return isinstance(self.table, Events | Attributes)

    @property
    def times(self) -> tuple[str, ...]:
        """Columns read as times, each once."""
        own = (self.time[1] if self.time else None, self.available)
        declared = (name for name, declared in self.declared.items() if declared.kind.is_time)
        return tuple(dict.fromkeys(name for name in (*own, *declared) if name is not None))

    @property
    def needed(self) -> tuple[str, ...]:
        """Every column that must be in the files, each once."""
        return tuple(dict.fromkeys((*self.names.values(), *self.times, *self.declared)))

    @property
    def known(self) -> tuple[str, ...]:
        """Time columns that others name in `known_at`."""
        targets = {declared.known_at for declared in self.declared.values()}
        return tuple(name for name in self.times if name in targets)

    @property
    def ends(self) -> frozenset[str]:
        """Time columns for which it matters when a bare day was over."""
        own = (self.available or self.time[1]) if self.time and self.has_available else None
        return frozenset(self.known) | ({own} if own else set())

    def type_of(self, column: str) -> ColumnType:
        """Return a column's declared type; a time or id that declares none has a plain one."""
        return self.declared.get(column, instant())


def layout_of(table: Table, extra: Mapping[str, ColumnType], *, since: int | None = None) -> Layout:
    """Return what is read of a table.

    Args:
        table: The declaration.
        extra: Further columns to type the same way.
        since: Rows available before this instant are left out.

    Raises:
        DeclarationError: Two columns would have one name, or a column has two types.
    """
    for name, declared in extra.items():
        if table.columns.get(name, declared) != declared:
            raise DeclarationError(
                "it is declared with two types", hint="declare one", field=f"{table.name}.{name}"
            )
    names = {"key": table.key}
    time: tuple[str, str | None] | None = None
    available = None
    if isinstance(table, Applications):
        names["id"] = table.id
        time = ("as_of", table.as_of)
    elif isinstance(table, Events):
        if table.id is not None:
            names["event_id"] = table.id
        time, available = ("event_time", table.at), table.available
    elif isinstance(table, Attributes):
        time, available = ("event_time", table.valid_from), table.available
    layout = Layout(
        table=table, declared={**table.columns, **extra}, names=names, time=time,
        available=available, since=since,
    )  # fmt: skip
    _check_names(layout)
    return layout


def _check_names(layout: Layout) -> None:
    seen: dict[str, str] = {}
    for name in layout.declared:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            raise DeclarationError(
                f"columns {other!r} and {name!r} differ only in case",
                hint="rename one of them in the file",
                field=layout.table.name,
            )
        if name.lower() in RESERVED and not _is_same_time(layout, name):
            raise DeclarationError(
                f"a declared column cannot be called {name!r}: solvent uses that word",
                hint=f"rename it in the file; words in use: {', '.join(RESERVED)}",
                field=f"{layout.table.name}.{name}",
            )


def _is_same_time(layout: Layout, name: str) -> bool:
    """Tell whether a declared column is the very time that solvent calls by that name."""
    return layout.type_of(name).kind.is_time and layout.time == (name, name)


def require_columns(layout: Layout, file: str, have: Sequence[str], *, text: bool = False) -> None:
    """Check that a file has every needed column once.

    Args:
        layout: What is needed.
        file: Its name, for messages.
        have: The columns it has.
        text: True for a text table: its separator may be another one.

    Raises:
        MissingColumnError: One is not there; the hint names the closest.
        UnreadableFileError: One is there twice.
    """
    for name in layout.needed:
        times = have.count(name)
        field = f"{layout.table.name}.{name}"
        if times > 1:
            raise UnreadableFileError(
                f"{file} has the column {name!r} {times} times",
                hint="rename all but one in its header",
                field=field,
            )
        if times == 0:
            raise MissingColumnError(
                f"{file} has no column {name!r}", hint=_closest(name, have, text=text), field=field
            )


def _closest(name: str, have: Sequence[str], *, text: bool) -> str:
    folded = {other.lower(): other for other in have}
    close = difflib.get_close_matches(name.lower(), folded, n=3, cutoff=0.6)
    if close:
        return f"did you mean {' or '.join(repr(folded[word]) for word in close)}?"
    separator = " (is the separator right?)" if text else ""
    more = f" and {len(have) - _NAMES_SHOWN} more" if len(have) > _NAMES_SHOWN else ""
    return f"it has: {', '.join(have[:_NAMES_SHOWN])}{more}{separator}"
