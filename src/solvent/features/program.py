"""Features compiled to arrays: one program per source, the same offline and live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from solvent.errors import DeclarationError
from solvent.features import _kernel as k
from solvent.features.aggregates import Aggregate, Feature, Op, Own, Ratio
from solvent.features.expressions import Column, Expression, Type
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
        accumulators, outputs, divisors: The kernel's tables.
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
    divisors: FloatArray


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
        for feature in _parts(self.features):
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
    _require_names_once(features)
    by_name = {source.name: source for source in sources}
    needed: dict[str, dict[str, Aggregate]] = {}
    for aggregate in _parts(features):
        if not isinstance(aggregate, Aggregate):
            continue
        if aggregate.table not in by_name:
            raise DeclarationError(
                f"feature {aggregate.name!r} reads a source that is not declared",
                hint=f"add it to sources=[...]; declared: {', '.join(by_name) or 'none'}",
                field=aggregate.table,
            )
        needed.setdefault(aggregate.table, {})[aggregate.name] = aggregate
    compiled = tuple(
        compile_source(by_name[name], tuple(parts.values())) for name, parts in needed.items()
    )
    return Program(applications=applications, sources=compiled, features=tuple(features))


def _require_names_once(features: Sequence[Feature]) -> None:
    """Refuse two features of one name, and a part of a ratio named like another value."""
    listed = Counter(feature.name for feature in features)
    meanings: dict[str, set[str]] = {}
    for part in _parts(features):
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


def _parts(features: Sequence[Feature]) -> list[Feature]:
    """Return the features and, after each ratio, the two it divides."""
    found: list[Feature] = []
    for feature in features:
        found.append(feature)
        if isinstance(feature, Ratio):
            found += _parts((feature.top, feature.bottom))
    return found


_FINALISERS = {
    Op.SUM: k.AS_SUM, Op.MEAN: k.AS_MEAN, Op.STD: k.AS_STD, Op.MIN: k.AS_MIN, Op.MAX: k.AS_MAX,
}  # fmt: skip
_ROW_KINDS = {
    Op.COUNT: k.COUNT, Op.SHARE: k.SHARE, Op.SINCE_LAST: k.NEWEST, Op.SINCE_FIRST: k.OLDEST,
}  # fmt: skip


@dataclass(slots=True)
class _Builder:
    """Collects slots and accumulators while features are read; shared ones are stored once."""

    table: Events | Attributes
    slots: dict[str, dict[str, Slot]] = field(
        default_factory=lambda: {"exact": {}, "float": {}, "truth": {}}
    )
    late: dict[str, int] = field(default_factory=dict)
    outputs: dict[tuple[int, ...], list[tuple[int, int, float, int]]] = field(default_factory=dict)

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
        )
        self.outputs.setdefault(row, []).append((feature.over.length, final, divisor, target))

    def _late_of(self, slot: Slot | None) -> tuple[int, ...]:
        late = () if slot is None else tuple(self.late[name] for name in slot.late)
        return late + (-1,) * (k.MAX_KNOWN - len(late))

    def _value_of(self, feature: Aggregate) -> tuple[int, Slot | None, float, int]:
        """Return (kind, slot, divisor, finaliser)."""
        if feature.op in _ROW_KINDS:
            return _ROW_KINDS[feature.op], None, 1.0, k.AS_VALUE
        value = feature.value
        if value is None:
            raise DeclarationError(f"{feature.op} needs a value", field=feature.name)
        if feature.op is Op.DISTINCT:
            return k.DISTINCT, self.slot("exact", value, as_bits=True), 1.0, k.AS_VALUE
        is_float = value.type is Type.FLOAT
        slot = self.slot("float" if is_float else "exact", value)
        divisor = 10.0**value.scale
        if feature.op in _FINALISERS:
            return (k.FLOAT if is_float else k.EXACT), slot, divisor, _FINALISERS[feature.op]
        whole_row = feature.op is Op.ATTRIBUTE
        final = k.AS_AGE if value.type is Type.TIME else k.AS_VALUE
        if is_float:
            return (k.ROW_FLOAT if whole_row else k.LAST_FLOAT), slot, divisor, final
        return (k.ROW_EXACT if whole_row else k.LAST_EXACT), slot, divisor, final


def late_columns(expression: Expression) -> tuple[str, ...]:
    """Return the distinct `known_at` columns an expression depends on."""
    found = {c.declared.known_at: None for c in expression.columns() if c.declared.known_at}
    return tuple(name for name in found if name is not None)


def compile_source(table: Events | Attributes, features: tuple[Aggregate, ...]) -> SourceProgram:
    """Compile the aggregates of one source.

    Args:
        table: The source.
        features: Its aggregates: output column j is features[j].
    """
    builder = _Builder(table)
    for target, feature in enumerate(features):
        builder.add(feature, target)
    lengths = sorted({feature.over.length for feature in features} or {EVER.length})
    accumulators: list[tuple[int, ...]] = []
    outputs: list[tuple[int, int, int]] = []
    divisors: list[float] = []
    for row, parts in builder.outputs.items():
        first = len(outputs)
        for length, final, divisor, target in sorted(parts):
            outputs.append((lengths.index(length), final, target))
            divisors.append(divisor)
        accumulators.append((*row, first, len(outputs)))
    slots = builder.slots
    return SourceProgram(
        table=table, features=features, columns=_columns_read(table, features, tuple(builder.late)),
        exacts=tuple(slots["exact"].values()), floats=tuple(slots["float"].values()),
        truths=tuple(slots["truth"].values()), late=tuple(builder.late),
        windows=np.array(lengths, np.int64),
        accumulators=np.array(accumulators, np.int64).reshape(-1, k.ACCUMULATOR_WIDTH),
        outputs=np.array(outputs, np.int64).reshape(-1, 3), divisors=np.array(divisors, np.float64),
    )  # fmt: skip


def _columns_read(
    table: Events | Attributes, features: tuple[Aggregate, ...], late: tuple[str, ...]
) -> tuple[str, ...]:
    names = set(late)
    for feature in features:
        for part in (feature.value, feature.where):
            names |= {column.name for column in _columns(part)}
    names.discard(table.time_column or "")
    # An undeclared time column adds nothing to the row's own time. Late columns settle ties last:
    # what is not known yet must not decide which of two rows is the newer one.
    declared = [name for name in table.columns if name in names]
    return tuple(sorted(declared, key=lambda name: table.columns[name].known_at is not None))


def _columns(part: Expression | None) -> tuple[Column, ...]:
    return () if part is None else tuple(part.columns())
