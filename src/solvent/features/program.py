"""Features compiled to arrays: one program per source, the same offline and live."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from solvent.errors import DeclarationError
from solvent.features import _codes as k
from solvent.features.aggregates import Aggregate, Feature, Op, Own, with_parts
from solvent.features.expressions import Expression, Type
from solvent.features.frame import FloatArray, IntArray
from solvent.features.tables import Applications, Attributes, Events
from solvent.features.windows import EVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A row expression the kernel reads, with a variant per set of late columns already known.

    Args:
        expression: What is computed.
        late: Distinct `known_at` columns it depends on, at most three.
        base: Row of the first variant in the kernel's 2-d array; 2 ** len(late) rows follow.
        as_bits: True where only equality counts (distinct values).
    """

    expression: Expression
    late: tuple[str, ...]
    base: int
    as_bits: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceProgram:
    """Everything one source's kernel run needs.

    Args:
        table: The source.
        features: The aggregates, in the order of the output columns.
        columns: Columns read, in declared order, those with `known_at` last: they also settle ties
            and make up an event's body.
        exacts, floats, truths: Row expressions by kind of array.
        late: `known_at` columns, in the order the kernel numbers them.
        windows: Lengths in microseconds, ascending.
        accumulators, outputs, numbers: The kernel's tables.
        below: What the rows of other tables add up to for one row of this one; None where nothing.
    """

    table: Events | Attributes
    features: tuple[Aggregate, ...]
    columns: tuple[str, ...]
    exacts: tuple[Slot, ...]
    floats: tuple[Slot, ...]
    truths: tuple[Slot, ...]
    late: tuple[str, ...]
    windows: IntArray
    accumulators: IntArray
    outputs: IntArray
    numbers: FloatArray
    below: Program | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """All features of a product, compiled.

    Args:
        applications: The application table.
        sources: One program per source that has features.
        features: The features in declared order: the columns of the result.
    """

    applications: Applications
    sources: tuple[SourceProgram, ...]
    features: tuple[Feature, ...]

    def source(self, name: str) -> SourceProgram:
        """Return one source's program."""
        for source in self.sources:
            if source.table.name == name:
                return source
        raise DeclarationError("no feature reads this source", field=name)

    @property
    def own_columns(self) -> tuple[str, ...]:
        """Application columns the features read, with those that say when these became known."""
        names: dict[str, None] = {}
        for feature in with_parts(self.features):
            if isinstance(feature, Own):
                names |= {column.name: None for column in feature.value.columns()}
                names |= dict.fromkeys(late_columns(feature.value))
        return tuple(name for name in names if name in self.applications.columns)


def compile_features(
    applications: Applications, sources: Sequence[Events | Attributes], features: Sequence[Feature]
) -> Program:
    """Compile features into arrays.

    Args:
        applications: The application table.
        sources: The declared sources.
        features: The features, each name once.

    Raises:
        DeclarationError: If a name stands twice or a feature reads an undeclared source.
    """
    by_name = {source.name: source for source in sources}
    return _compile(applications, by_name, tuple(features), parent="")


def _compile(
    applications: Applications,
    sources: Mapping[str, Events | Attributes],
    features: tuple[Feature, ...],
    *,
    parent: str,
) -> Program:
    """Compile features of the customer, or (with `parent`) of one row of a table."""
    _require_names_once(features)
    needed: dict[str, dict[str, Aggregate]] = {}
    for aggregate in with_parts(features):
        if isinstance(aggregate, Aggregate):
            _require_place(aggregate, sources, parent)
            needed.setdefault(aggregate.table, {})[aggregate.name] = aggregate
    compiled = []
    for name, parts in needed.items():
        found = tuple(parts.values())
        below = _details(found)
        inner = _compile(applications, sources, below, parent=name) if below else None
        compiled.append(compile_source(sources[name], found, below=inner))
    return Program(applications=applications, sources=tuple(compiled), features=features)


def _require_place(
    aggregate: Aggregate, sources: Mapping[str, Events | Attributes], parent: str
) -> None:
    """Refuse a table nobody declared, and one whose keys are not what is asked about."""
    if aggregate.table not in sources:
        raise DeclarationError(
            f"feature {aggregate.name!r} reads a source that is not declared",
            hint=f"add it to sources=[...]; declared: {', '.join(sources) or 'none'}",
            field=aggregate.table,
        )
    table = sources[aggregate.table]
    above = table.parent if isinstance(table, Events) else ""
    if above != parent:
        raise DeclarationError(
            f"feature {aggregate.name!r} takes its keys for those of {parent or 'the customer'}",
            hint=_place_hint(table, above, parent, sources), field=aggregate.table,
        )  # fmt: skip


def _place_hint(
    table: Events | Attributes, above: str, parent: str, sources: Mapping[str, Events | Attributes]
) -> str:
    """Return how a table is asked, that was asked by the wrong key."""
    if above and above not in sources:
        close = difflib.get_close_matches(above, sources, n=1)
        guess = f"; did you mean {close[0]!r}?" if close else ""
        return f"parent={above!r} is no source of the product{guess}"
    if above:
        return f"aggregate it to its parent first: {above}.of(...)"
    other = sources.get(parent)
    if isinstance(other, Events) and other.parent == table.name:
        return f"{parent} lies below {table.name}: write {table.name}.of(a feature of {parent})"
    return f'declare parent="{parent}" on it, if its key is the id of that table'


def _details(features: Sequence[Aggregate]) -> tuple[Feature, ...]:
    """Return the features of tables below that these read, each once."""
    found: dict[str, Feature] = {}
    for feature in features:
        for expression in feature.expressions:
            for detail in expression.details():
                held = found.setdefault(detail.feature.name, detail.feature)
                if _meaning(held) != _meaning(detail.feature):
                    raise _named_twice(held.name)
    return tuple(found.values())


def _require_names_once(features: Sequence[Feature]) -> None:
    """Refuse two features of one name, and a part of a ratio named like another value."""
    listed = Counter(feature.name for feature in features)
    meanings: dict[str, set[str]] = {}
    for part in with_parts(features):
        meanings.setdefault(part.name, set()).add(_meaning(part))
    for name, times in listed.items():
        if times > 1:
            raise _named_twice(name)
    for name, found in meanings.items():
        if len(found) > 1:
            raise _named_twice(name)


def _named_twice(name: str) -> DeclarationError:
    return DeclarationError(
        f"two features are called {name!r}",
        hint='give one another name: feature.called("...")',
        field="features",
    )


def _meaning(feature: Feature) -> str:
    return repr(replace(feature, title=""))


_FINALISERS = {
    Op.SUM: k.AS_SUM, Op.MEAN: k.AS_MEAN, Op.STD: k.AS_STD, Op.MIN: k.AS_MIN, Op.MAX: k.AS_MAX,
}  # fmt: skip
_OF_ROWS = {
    Op.COUNT: (k.COUNT, k.AS_VALUE), Op.SHARE: (k.SHARE, k.AS_VALUE),
    Op.SINCE_LAST: (k.NEWEST, k.AS_VALUE), Op.SINCE_FIRST: (k.OLDEST, k.AS_VALUE),
    Op.SESSIONS: (k.GAPS, k.AS_SESSIONS), Op.MEAN_GAP: (k.GAPS, k.AS_MEAN),
    Op.STD_GAP: (k.GAPS, k.AS_STD), Op.SHORTEST_GAP: (k.GAPS, k.AS_MIN),
    Op.LONGEST_GAP: (k.GAPS, k.AS_MAX),
}  # fmt: skip
_OF_INTEGERS = {
    Op.ENTROPY: (k.LEVELS, k.AS_ENTROPY), Op.MOST_COMMON: (k.LEVELS, k.AS_MODE),
    Op.STREAK: (k.STREAK, k.AS_VALUE), Op.ACTIVE_STREAK: (k.STEPS, k.AS_VALUE),
}  # fmt: skip
_OF_VALUES = {
    Op.LAST: (k.LAST_EXACT, k.LAST_FLOAT), Op.FIRST: (k.FIRST_EXACT, k.FIRST_FLOAT),
    Op.ATTRIBUTE: (k.ROW_EXACT, k.ROW_FLOAT), Op.TREND: (k.TREND_EXACT, k.TREND_FLOAT),
    Op.QUANTILE: (k.QUANTILE_EXACT, k.QUANTILE_FLOAT),
}  # fmt: skip
"""The kernel's kind for whole numbers, and for floats."""


@dataclass(slots=True)
class _Builder:
    """Collects slots and accumulators while features are read; shared ones are stored once."""

    table: Events | Attributes
    slots: dict[str, dict[str, Slot]] = field(
        default_factory=lambda: {"exact": {}, "float": {}, "truth": {}}
    )
    late: dict[str, int] = field(default_factory=dict)
    outputs: dict[tuple[int, ...], list[tuple[int, int, float, float, int]]] = field(
        default_factory=dict
    )

    def slot(self, kind: str, expression: Expression, *, as_bits: bool = False) -> Slot:
        """Return the slot of an expression, making it once."""
        key = f"{'bits ' if as_bits else ''}{expression!r}"
        held = self.slots[kind]
        if key not in held:
            late = late_columns(expression)
            if len(late) > k.MAX_KNOWN:
                raise DeclarationError(
                    f"{expression.slug!r} depends on {len(late)} different known_at columns",
                    hint=f"use at most {k.MAX_KNOWN} in one expression", field=self.table.name,
                )  # fmt: skip
            base = sum(2 ** len(slot.late) for slot in held.values())
            held[key] = Slot(expression=expression, late=late, base=base, as_bits=as_bits)
            for name in late:
                self.late.setdefault(name, len(self.late))
        return held[key]

    def add(self, feature: Aggregate, target: int) -> None:
        """Add one feature's output to the accumulator it shares with its like."""
        kind, value, divisor, final = self._value_of(feature)
        where = None if feature.where is None else self.slot("truth", feature.where)
        row = (
            kind,
            -1 if value is None else value.base,
            -1 if where is None else where.base,
            *self._late_of(value),
            *self._late_of(where),
            feature.newest or -1,
            feature.gap,
        )
        self.outputs.setdefault(row, []).append(
            (feature.over.length, final, divisor, feature.quantile, target)
        )

    def _late_of(self, slot: Slot | None) -> tuple[int, ...]:
        late = () if slot is None else tuple(self.late[name] for name in slot.late)
        return late + (-1,) * (k.MAX_KNOWN - len(late))

    def _value_of(self, feature: Aggregate) -> tuple[int, Slot | None, float, int]:
        """Return (kind, slot, divisor, finaliser)."""
        if feature.op in _OF_ROWS:
            kind, final = _OF_ROWS[feature.op]
            return kind, None, 1.0, final
        value = feature.value
        if value is None:
            raise DeclarationError(f"{feature.op} needs a value", field=feature.name)
        if feature.op is Op.DISTINCT:
            return k.DISTINCT, self.slot("exact", value, as_bits=True), 1.0, k.AS_VALUE
        divisor = 10.0**value.scale
        if feature.op in _OF_INTEGERS:
            kind, final = _OF_INTEGERS[feature.op]
            return kind, self.slot("exact", value), divisor, final
        is_float = value.type is Type.FLOAT
        slot = self.slot("float" if is_float else "exact", value)
        if feature.op in _FINALISERS:
            return (k.FLOAT if is_float else k.EXACT), slot, divisor, _FINALISERS[feature.op]
        final = k.AS_AGE if value.type is Type.TIME else k.AS_VALUE
        return _OF_VALUES[feature.op][is_float], slot, divisor, final


def late_columns(expression: Expression) -> tuple[str, ...]:
    """Return the distinct `known_at` columns an expression depends on."""
    found = {c.declared.known_at: None for c in expression.columns() if c.declared.known_at}
    return tuple(name for name in found if name is not None)


def compile_source(
    table: Events | Attributes, features: tuple[Aggregate, ...], *, below: Program | None
) -> SourceProgram:
    """Compile the aggregates of one source.

    Args:
        table: The source.
        features: Its aggregates: output column j is features[j].
        below: What they take from tables below this one.
    """
    builder = _Builder(table)
    for target, feature in enumerate(features):
        builder.add(feature, target)
    lengths = sorted({feature.over.length for feature in features} or {EVER.length})
    accumulators: list[tuple[int, ...]] = []
    outputs: list[tuple[int, int, int]] = []
    numbers: list[tuple[float, float]] = []
    for row, parts in builder.outputs.items():
        first = len(outputs)
        for length, final, divisor, quantile, target in sorted(parts):
            outputs.append((lengths.index(length), final, target))
            numbers.append((divisor, quantile))
        accumulators.append((*row, first, len(outputs)))
    slots = builder.slots
    return SourceProgram(
        table=table, features=features, columns=_columns_read(table, features, tuple(builder.late)),
        exacts=tuple(slots["exact"].values()), floats=tuple(slots["float"].values()),
        truths=tuple(slots["truth"].values()), late=tuple(builder.late),
        windows=np.array(lengths, np.int64),
        accumulators=np.array(accumulators, np.int64).reshape(-1, k.ACCUMULATOR_WIDTH),
        outputs=np.array(outputs, np.int64).reshape(-1, 3),
        numbers=np.array(numbers, np.float64).reshape(-1, 2), below=below,
    )  # fmt: skip


def _columns_read(
    table: Events | Attributes, features: tuple[Aggregate, ...], late: tuple[str, ...]
) -> tuple[str, ...]:
    names = set(late)
    for feature in features:
        for part in feature.expressions:
            names |= {column.name for column in part.columns()}
    names.discard(table.time_column or "")
    # An undeclared time column adds nothing to the row's own time. Late columns settle ties last:
    # what is not known yet must not decide which of two rows is the newer one.
    declared = [name for name in table.columns if name in names]
    return tuple(sorted(declared, key=lambda name: table.columns[name].known_at is not None))
