"""The catalogue: every feature of a product in words, with where it reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from solvent.app.feature_names import matching, no_feature
from solvent.dataset.plan import reads
from solvent.errors import BundleError, DeclarationError
from solvent.features import (
    Aggregate,
    Applications,
    Attributes,
    Column,
    Events,
    Feature,
    Own,
    Table,
    from_json,
)
from solvent.features.aggregates import tables_of
from solvent.features.describe import capital, plural
from solvent.features.words import row_words
from solvent.product import LoadedProduct
from solvent.report import Catalogue, CatalogueGroup, CatalogueLine
from solvent.scoring import text_of
from solvent.store import RegisteredModel

_SEVERAL = "several sources"


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRequest:
    """What to list.

    Args:
        loaded: The product.
        pattern: Pattern or part of a name or title; empty for all.
        source: Name of the one source wanted; empty for all.
        registered: The registered model whose features are wanted; None for those of product.py.
    """

    loaded: LoadedProduct
    pattern: str = ""
    source: str = ""
    registered: RegisteredModel | None = None


def catalogue(request: CatalogueRequest) -> Catalogue:
    """Return the features of a product, or of a registered model, by source.

    Args:
        request: What to list.

    Raises:
        DeclarationError: There is no such source, or no feature fits.
        BundleError: The model does not tell its declaration.
    """
    declared = _declared(request)
    tables = {table.name: table for table in (declared.applications, *declared.sources)}
    if request.source and request.source not in tables:
        raise DeclarationError(
            f"the product has no source {request.source!r}",
            hint=f"sources: {', '.join(tables)}", field="source",
        )  # fmt: skip
    chosen = matching(declared.features, request.pattern)
    if not chosen:
        raise no_feature(declared.features, request.pattern, field="pattern")
    lines = [_line(feature, declared) for feature in chosen]
    if request.source:
        lines = [line for line in lines if request.source in line.sources]
        if not lines:
            raise DeclarationError(
                "no feature that fits reads this source", hint="leave the pattern out",
                field=request.source,
            )  # fmt: skip
    product, registered = request.loaded.product, request.registered
    return Catalogue(
        product=product.name, title=product.title or product.name.replace("_", " "),
        version=None if registered is None else registered.version,
        technique="" if registered is None else str(registered.about["technique"]),
        every=len(declared.features), groups=tuple(_groups(lines, tables)),
        filters=tuple(filter(None, (request.pattern, request.source))),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class _Declared:
    """A declaration: that of product.py, or the one a model was trained with."""

    applications: Applications
    sources: tuple[Events | Attributes, ...]
    features: tuple[Feature, ...]
    protected: frozenset[str]
    reasons: Mapping[str, str | None]
    weights: Mapping[str, Mapping[str, Any]]


def _declared(request: CatalogueRequest) -> _Declared:
    registered = request.registered
    if registered is None:
        product = request.loaded.product
        plan = product.plan
        return _Declared(
            applications=plan.applications, sources=plan.sources, features=plan.features,
            protected=frozenset(plan.protected),
            reasons={f.name: text_of(f.name, product.reasons) for f in plan.features}, weights={},
        )  # fmt: skip
    try:
        told, weights = registered.about["plan"], registered.about["features"]
        used = set(registered.model.features)
        return _Declared(
            applications=from_json(told["applications"]),
            sources=tuple(from_json(told["sources"])),
            features=tuple(f for f in from_json(told["features"]) if f.name in used),
            protected=frozenset(told["protected"]),
            reasons=registered.about.get("live", {}).get("reasons", {}),
            weights={line["name"]: line for line in weights},
        )  # fmt: skip
    except KeyError as error:
        raise BundleError(
            f"version {registered.version} does not tell its features", hint="train it again",
            field=registered.product,
        ) from error  # fmt: skip


def _line(feature: Feature, declared: _Declared) -> CatalogueLine:
    weight = declared.weights.get(feature.name)
    columns = tuple(_columns(feature))
    protected = bool(declared.protected & {column.name for column in columns})
    return CatalogueLine(
        name=feature.name, title=feature.title, unit=feature.unit, sentence=feature.describe(),
        kind="category" if feature.is_category else "number",
        sources=tuple(sorted(tables_of(feature))) or (declared.applications.name,),
        subject=_subject(feature), columns=tuple(column.name for column in columns),
        known_at=tuple(
            f"{column.name} known at {column.declared.known_at}"
            for column in columns
            if column.declared.known_at
        ),
        note="protected: never given to a model" if protected else "",
        reason=declared.reasons.get(feature.name) or "",
        share=None if weight is None else float(weight["importance"]),
        direction=0 if weight is None else int(weight["direction"]),
    )  # fmt: skip


def _columns(feature: Feature) -> Iterator[Column]:
    """Yield every column a feature reads, each once."""
    found = {column.name: column for column in reads(feature)}
    yield from found.values()


def _subject(feature: Feature) -> str:
    """Return what a feature is about, to set those of one thing together."""
    if feature.parts:
        return "compared with one another"
    if isinstance(feature, Aggregate):
        if feature.value is not None:
            return feature.value.words
        return plural(feature.rows) if feature.where is None else feature.where.words
    if isinstance(feature, Own):
        return "values of the application"
    return "others"


def _groups(
    lines: Sequence[CatalogueLine], tables: Mapping[str, Table]
) -> Iterator[CatalogueGroup]:
    """Yield the lines by source, in declared order; those of several sources come last."""
    for name, table in tables.items():
        held = tuple(line for line in lines if line.sources == (name,))
        if held:
            yield CatalogueGroup(
                name=name, title=capital(_many(table)), facts=_facts(table), lines=held
            )
    mixed = tuple(line for line in lines if len(line.sources) > 1)
    if mixed:
        yield CatalogueGroup(name="several", title=capital(_SEVERAL), facts=(), lines=mixed)


def _many(table: Table) -> str:
    """Return what a table holds, as a person says it."""
    if isinstance(table, Events):
        return plural(row_words(table.name, table.title))
    return table.title or table.name.replace("_", " ")


def _facts(table: Table) -> tuple[tuple[str, str], ...]:
    """Return where a table's rows come from and when they count: (word, fact)."""
    facts = [("files", ", ".join(table.paths)), ("customer", table.key)]
    if isinstance(table, Applications):
        facts += [("id", table.id), ("instant", table.as_of or "none")]
    if isinstance(table, Events):
        facts += [("time", _time(table)), ("could be read from", table.available or "at once")]
        facts += [("id", table.id or "none: every row counts")]
    if isinstance(table, Attributes):
        facts += [("valid from", table.valid_from or "always")]
        facts += [("could be read from", table.available or "when it is valid")]
    if table.zone is not None:
        facts.append(("zone", table.zone))
    if table.optional:
        facts.append(("optional", "the product works without it"))
    return tuple(facts)


def _time(table: Events) -> str:
    if table.relative is None:
        return table.at
    return f"{table.at}, in {table.relative} from the application"
