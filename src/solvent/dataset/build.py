# ruff: noqa: S608 - every name comes quoted from `sources`
"""From a plan and a data folder to features and outcomes a model can be trained on."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from solvent.dataset._feed import Feed, KeyedApplications, flat, values_of
from solvent.dataset.bad import STANDINGS, Bad, Equals, Standing, Unpaid
from solvent.dataset.funnel import Fingerprint, Refusal, Stage
from solvent.dataset.plan import Plan, matures, parse_instant, reads
from solvent.dataset.splits import Split, split_at_random, split_by_time
from solvent.errors import (
    DataError,
    DeclarationError,
    NoRowsError,
    OneClassError,
    UnreadableFileError,
    WriteError,
)
from solvent.features import ApplicationRows, ColumnType, Events, FeatureFrame, Values
from solvent.features.aggregates import tables_of
from solvent.features.evaluate import assemble
from solvent.features.program import Program, compile_features
from solvent.features.rows import known_name
from solvent.features.windows import DAY
from solvent.progress import Progress, Silent
from solvent.sources import OpenTable, connect, open_table, refusals

if TYPE_CHECKING:
    from collections.abc import Iterator

_A_DAY_NOT_OVER_ANYWHERE = 2 * DAY
"""A bare day counts as known from its end, which may lie ahead while the day lasts."""
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]
USABLE, APART = "Outcome mature", "After keeping customers apart"
"""Steps of the funnel that a report looks up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenData:
    """The tables of a plan, open on a data folder.

    Args:
        plan: The plan without features whose optional source is absent.
        program: Its features, compiled.
        connection: The DuckDB connection the tables live on.
        applications: The application table.
        sources: Open sources by name.
        absent: Names of optional sources that are not there.
    """

    plan: Plan
    program: Program
    connection: duckdb.DuckDBPyConnection
    applications: OpenTable
    sources: Mapping[str, OpenTable]
    absent: tuple[str, ...]

    def feed(self, *, threads: int = 2) -> Feed:
        """Return a feed of the sources' rows."""
        return Feed(self.connection, self.program, self.sources, threads=threads)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dataset:
    """Usable applications: features as known at `as_of`, and what became of the loan.

    Args:
        open_data: Where they came from.
        ids: Application ids, shape (n,).
        applications: Keys, instants and own columns, n of them.
        frame: Every feature, n rows.
        extras: Application values that no model reads and a policy may, n rows.
        bad: True where the loan went bad, shape (n,).
        matured_at: Instant from which that could be trusted, shape (n,).
        customer: Customer number of each application, shape (n,).
        split: Train and test.
        observed_until: Instant up to which outcomes are known; None without times.
        immature: Applications set aside because their performance window was not over.
        funnel: Rows read to rows used.
        refusals: Refused rows by table and reason.
        fingerprints: The files.
    """

    open_data: OpenData
    ids: pa.Array[Any]
    applications: KeyedApplications
    frame: FeatureFrame
    extras: FeatureFrame
    bad: BoolArray
    matured_at: IntArray
    customer: IntArray
    split: Split
    observed_until: int | None
    immature: int
    funnel: tuple[Stage, ...]
    refusals: tuple[Refusal, ...]
    fingerprints: tuple[Fingerprint, ...]


@contextmanager
def open_data(
    plan: Plan,
    data: Path,
    *,
    outcomes: bool = True,
    keep_order: bool = False,
    progress: Progress | None = None,
) -> Iterator[OpenData]:
    """Open a plan's tables on a data folder.

    Args:
        plan: What to read.
        data: The folder.
        outcomes: True where the outcome columns are wanted too.
        keep_order: True where applications must come out as they stand in the file.
        progress: Told how far reading is.

    Raises:
        DataError: If a table or column is absent or unreadable.
        WriteError: If there is no room for the rows read, here or in the body.
    """
    connection = connect(keep_order=keep_order)
    try:
        extra = dict(plan.bad.columns) if outcomes and plan.bad is not None else {}
        applications = open_table(
            connection, plan.applications, data, extra=extra, progress=progress
        )
        opened = {
            source.name: open_table(connection, source, data, progress=progress)
            for source in plan.sources
        }
        absent = tuple(name for name, table in opened.items() if table.missing)
        kept = tuple(
            feature
            for feature in plan.features
            if not any(table in absent for table in tables_of(feature))
        )
        if not kept:
            raise DeclarationError(
                "no feature is left to compute",
                hint="declare features, or check --data: every source they read is absent",
                field="features",
            )
        plan = replace(plan, features=kept)
        _require_own_ids(connection, opened)
        program = compile_features(plan.applications, plan.sources, kept)
        yield OpenData(
            plan=plan, program=program, connection=connection, applications=applications,
            sources={name: table for name, table in opened.items() if not table.missing},
            absent=absent,
        )  # fmt: skip
    except duckdb.InvalidInputException as error:
        raise UnreadableFileError(
            "a table cannot be read to its end", hint="is one of its Parquet files damaged inside?"
        ) from error
    except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
        raise WriteError(
            "a table could not be read to its end and sorted",
            hint="is a file damaged or changed meanwhile, or the disk for temporary files full? "
            "TMPDIR names another folder for those",
            field="TMPDIR",
        ) from error
    finally:
        connection.close()


def _require_own_ids(
    connection: duckdb.DuckDBPyConnection, opened: Mapping[str, OpenTable]
) -> None:
    """Refuse ids shared by two customers in a table that others lie below.

    What lies below is found by the id alone, so one customer would be given the other's.
    """
    parents = {t.table.parent for t in opened.values() if isinstance(t.table, Events)} - {""}
    for name in sorted(parents & opened.keys()):
        found = connection.execute(
            f"SELECT count(*) FROM (SELECT event_id FROM ({opened[name].sql}) "
            "GROUP BY event_id HAVING count(DISTINCT key) > 1)"
        ).fetchone()
        if found is not None and found[0]:
            raise DataError(
                f"{found[0]:,} ids stand at two customers, so what lies below them has two owners",
                hint="name each row of the table with an id of its own", field=name,
            )  # fmt: skip


def build_dataset(
    data: OpenData, *, seed: int, now: int, progress: Progress | None = None
) -> Dataset:
    """Read applications, set the immature aside, compute features, split.

    Args:
        data: The open tables.
        seed: Decides a random split.
        now: Today's instant (microseconds): no outcome can be known later.
        progress: Told how far it is.

    Raises:
        DataError: If it is not declared until when outcomes are known, and a time lies ahead.
        NoRowsError: If no usable application is left.
        OneClassError: If every usable application is bad, or none is.
    """
    progress = progress or Silent()
    plan = data.plan
    if plan.bad is None:
        raise DeclarationError("no bad definition", hint="declare bad=equals(...)", field="bad")
    with progress.step("reading applications") as step:
        table = read_applications(data, outcomes=True)
        step.advance()
    as_of = values_of(table["as_of"]).array.astype(np.int64)
    outcomes = outcome_values(plan.bad, table)
    observed_until = last_observed(data, as_of, outcomes, now) if plan.has_times else None
    standing = plan.bad.standings(as_of, outcomes, observed_until or 0)
    usable = np.isin(standing, [STANDINGS.index(Standing.GOOD), STANDINGS.index(Standing.BAD)])
    bad = standing[usable] == STANDINGS.index(Standing.BAD)
    _require_two_classes(bad, standing, plan.bad.words)
    table = table.filter(pa.array(usable))
    applications = keyed(data, table)
    matured_at = plan.bad.matured_at(as_of, outcomes)[usable]
    customer = applications.keys.dictionary_encode().indices.to_numpy().astype(np.int64)
    frame = data.feed().features(applications, progress=progress)
    split = _split(plan, applications.as_of, customer, bad, seed)
    found = _refusals(data)
    return Dataset(
        open_data=data, ids=flat(table["id"]), applications=applications, frame=frame,
        extras=own_values(plan, applications), bad=bad, matured_at=matured_at,
        customer=customer, split=split, observed_until=observed_until,
        immature=_count(standing, Standing.IMMATURE), refusals=found,
        funnel=_funnel(data, found, standing, split, outcomes),
        fingerprints=fingerprints(data, progress),
    )  # fmt: skip


def outcome_values(bad: Bad, table: pa.Table) -> dict[str, Values]:
    """Return the outcome columns of applications that were read with them."""
    outcomes = {name: values_of(table[f"outcome.{name}"]) for name in bad.columns}
    for name, declared in bad.columns.items():
        if declared.known_at is not None:
            outcomes[known_name(name)] = values_of(table[f"outcome.{known_name(name)}"])
    if isinstance(bad, Equals):
        bad.require_clear(outcomes)
    return outcomes


def read_applications(data: OpenData, *, outcomes: bool) -> pa.Table:
    """Return accepted applications: id, key, as_of, own columns, `outcome.` columns.

    Args:
        data: The open tables.
        outcomes: True to read the outcome columns too.
    """
    names = own_selection(data, outcomes=outcomes)
    opened = data.applications
    with data.connection.cursor() as cursor:
        table = cursor.sql(f"SELECT {', '.join(names)} FROM ({opened.sql})").to_arrow_table()
    if table.num_rows == 0:
        why = "; ".join(f"{rows:,} {reason}" for reason, rows in refusals(opened).reasons[:5])
        raise NoRowsError(
            f"no application could be used ({why})",
            hint="mend the table, or declare how its columns are written",
            field=data.plan.applications.name,
        )
    ordered: pa.Table = table.sort_by([("as_of", "ascending"), ("id", "ascending")])
    return ordered


def own_selection(data: OpenData, *, outcomes: bool = False) -> list[str]:
    """Return the SQL columns an application is read with: id, key, as_of, `own.`, `outcome.`."""
    opened, plan = data.applications, data.plan
    extra = list(plan.bad.columns) if outcomes and plan.bad is not None else []
    return [
        "id", "key", "as_of",
        *(f"{opened.column(name)} AS {_quote('own.' + name)}" for name in own_columns(plan)),
        *(f"{opened.known(name)} AS {_quote('known.' + name)}" for name in late_columns(plan)),
        *(f"{opened.column(name)} AS {_quote('outcome.' + name)}" for name in extra),
        *(
            f"{opened.known(name)} AS {_quote('outcome.' + known_name(name))}"
            for name in extra
            if opened.columns[name].known_at is not None
        ),
    ]  # fmt: skip


def own_columns(plan: Plan) -> dict[str, ColumnType]:
    """Return the application columns that features read, with the columns they wait for."""
    declared = plan.applications.columns
    names: dict[str, None] = {}
    for feature in (*plan.features, *plan.extras):
        for column in reads(feature):
            if column.table == plan.applications.name and column.name in declared:
                names[column.name] = None
    for name in list(names):
        late = declared[name].known_at
        if late is not None:
            names[late] = None
    return {name: declared[name] for name in names}


def own_values(plan: Plan, applications: KeyedApplications) -> FeatureFrame:
    """Return the plan's extras of every application."""
    program = compile_features(plan.applications, (), plan.extras)
    rows = ApplicationRows(
        as_of=applications.as_of, entity=np.zeros(len(applications), np.int64),
        columns=applications.columns,
    )  # fmt: skip
    return assemble(program, rows, {})


def late_columns(plan: Plan) -> tuple[str, ...]:
    """Return the `known_at` columns that the application columns read wait for."""
    found = {declared.known_at: None for declared in own_columns(plan).values()}
    return tuple(name for name in found if name is not None)


def keyed(data: OpenData, table: pa.Table) -> KeyedApplications:
    """Return a table of `read_applications` as arrays."""
    columns = {name: values_of(table[f"own.{name}"]) for name in own_columns(data.plan)}
    for name in late_columns(data.plan):
        columns[known_name(name)] = values_of(table[f"known.{name}"])
    return KeyedApplications(
        keys=flat(table["key"]), as_of=values_of(table["as_of"]).array.astype(np.int64),
        columns=columns,
    )  # fmt: skip


def _quote(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def last_observed(data: OpenData, as_of: IntArray, outcomes: Mapping[str, Values], now: int) -> int:
    """Return the declared instant, else the latest time at which anything was seen to happen.

    Where loans must be paid, only the loans themselves tell: a log that is fresher than they are
    would call unpaid loans bad whose payments have not been written down yet. Agreed future times
    (a due date) do not count: they are no observation.
    """
    plan = data.plan
    if plan.observed_until is not None:
        return parse_instant(plan.observed_until, plan.applications.zone)
    latest = {plan.applications.name: int(as_of.max())}
    if isinstance(plan.bad, Unpaid):
        latest[plan.bad.paid] = int(outcomes[plan.bad.paid].array.max())
    else:
        latest |= latest_times(data)
    where = max(latest, key=lambda name: latest[name])
    if latest[where] > now + _A_DAY_NOT_OVER_ANYWHERE and matures(plan.bad):
        raise DataError(
            f"its latest time, {instant_text(latest[where])}, lies ahead, so it does not tell "
            "until when outcomes are known",
            hint='mend that row, or declare observed_until="..." on the product', field=where,
        )  # fmt: skip
    return latest[where]


def latest_times(data: OpenData) -> dict[str, int]:
    """Return how far each source reaches: its latest time, int64 microseconds."""
    found = {}
    for name, table in data.sources.items():
        newest = (
            data.connection.cursor()
            .execute(f"SELECT greatest(max(event_time), max(available_time)) FROM ({table.sql})")
            .fetchone()
        )
        if newest is not None and newest[0] is not None:
            found[name] = int(newest[0])
    return found


def _require_two_classes(bad: BoolArray, standing: NDArray[np.int8], words: str) -> None:
    if len(bad) == 0:
        immature = _count(standing, Standing.IMMATURE)
        raise NoRowsError(
            f"no application has a usable outcome ({immature} are not mature yet)",
            hint="check observed_until and the performance window", field="bad",
        )  # fmt: skip
    if bad.all() or not bad.any():
        every = "every" if bad.all() else "no"
        raise OneClassError(
            f"{every} application is bad by the definition: {words}",
            hint="check the column and the value that means bad", field="bad",
        )  # fmt: skip


def _split(plan: Plan, as_of: IntArray, customer: IntArray, bad: BoolArray, seed: int) -> Split:
    if plan.has_times and not plan.at_random and int(as_of.min()) != int(as_of.max()):
        split = split_by_time(as_of, customer, test_share=plan.test_share, seed=seed)
    else:
        split = split_at_random(bad, customer, test_share=plan.test_share, seed=seed)
    for side, mask in (("train", split.train), ("test", split.test)):
        part = bad[mask]
        if len(part) == 0 or part.all() or not part.any():
            raise OneClassError(
                f"the {side} side has {len(part)} applications and {int(part.sum())} bads",
                hint="more data is needed, or another test_share", field="test_share",
            )  # fmt: skip
    return split


def _refusals(data: OpenData) -> tuple[Refusal, ...]:
    tables = {data.plan.applications.name: data.applications, **data.sources}
    return tuple(
        Refusal(table=name, reason=reason, rows=rows)
        for name, table in tables.items()
        for reason, rows in refusals(table).reasons
    )


def _funnel(
    data: OpenData,
    found: tuple[Refusal, ...],
    standing: NDArray[np.int8],
    split: Split,
    outcomes: Mapping[str, Values],
) -> tuple[Stage, ...]:
    refused = [refusal for refusal in found if refusal.table == data.plan.applications.name]
    lost = sum(refusal.rows for refusal in refused)
    unknown, immature = _count(standing, Standing.UNKNOWN), _count(standing, Standing.IMMATURE)
    accepted, used = len(standing), len(split.train)
    why = "; ".join(f"{refusal.rows:,} {refusal.reason}" for refusal in refused)
    bad = data.plan.bad
    told = bad.told(outcomes) if isinstance(bad, Equals) else ""
    return (
        Stage(label="Applications read", rows=accepted + lost),
        Stage(label="As declared", rows=accepted, note=_lost(lost, f"refused ({why})")),
        Stage(
            label="Outcome known", rows=accepted - unknown,
            note="; ".join(filter(None, (_lost(unknown, "without an outcome"), told))),
        ),
        Stage(
            label=USABLE, rows=used,
            note=_lost(immature, "whose performance window was not over: never counted as good"),
        ),
        Stage(
            label=APART, rows=used - split.set_aside,
            note=_lost(split.set_aside, "set aside: no customer may stand on both sides"),
        ),
        Stage(label="Train", rows=int(split.train.sum()), note=_split_words(data.plan, split)),
        Stage(label="Test", rows=int(split.test.sum())),
    )  # fmt: skip


def _split_words(plan: Plan, split: Split) -> str:
    if split.cut is not None:
        return "split by time"
    return f"split at random: {random_words(plan)}"


def random_words(plan: Plan) -> str:
    """Return why a split is at random."""
    if plan.at_random:
        return "asked for, though the data have times"
    return "every application has the same time" if plan.has_times else "the data have no times"


def _count(standing: NDArray[np.int8], which: Standing) -> int:
    return int((standing == STANDINGS.index(which)).sum())


def _lost(rows: int, words: str) -> str:
    return f"{rows:,} {words}" if rows else ""


def fingerprints(data: OpenData, progress: Progress) -> tuple[Fingerprint, ...]:
    """Return name, size and digest of every file that was read."""
    tables = {data.plan.applications.name: data.applications, **data.sources}
    found = []
    with progress.step("fingerprinting files", len(tables)) as step:
        for name, table in tables.items():
            for (file, size, sha256), rows in zip(
                table.fingerprint(), (one.rows for one in table.staged), strict=True
            ):
                found.append(
                    Fingerprint(table=name, file=file, rows=rows, size=size, sha256=sha256)
                )
            step.advance()
    return tuple(found)


def instant_text(microseconds: int) -> str:
    """Return an instant as ISO text in UTC, to the second."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).isoformat().replace("+00:00", "Z")
