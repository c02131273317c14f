"""The catalogue of a product's features, as data and as a page to read and search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from solvent.report.figures import count, counted, percent
from solvent.report.page import Cell, Column, Page, Section, Table, Tile, Tone

_UNFOLDED = 12
"""Up to so many features of a group are shown without being opened."""
_SHARES = {
    "boosted_trees": "share of the gain of all splits",
    "logistic": "share of the spread that weights give the log-odds",
}  # fmt: skip
_DIRECTIONS = {1: "more of it: riskier", -1: "more of it: safer", 0: ""}


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueLine:
    """One feature in words.

    Args:
        name: Its name.
        title: Words a person reads.
        unit: Unit of the value, possibly empty.
        sentence: Window, condition, and what nothing means.
        kind: "number" or "category".
        sources: Tables it reads.
        subject: What it is about.
        columns: Columns it reads.
        known_at: Which of them are known later than their row, and when.
        note: What is special about it; may be empty.
        reason: What an applicant reads where it weighed against them; may be empty.
        share: Its share of what the model leans on, in [0, 1]; None without a model.
        direction: 1 where more of it is riskier, -1 where safer, 0 where neither.
    """

    name: str
    title: str
    unit: str
    sentence: str
    kind: str
    sources: tuple[str, ...]
    subject: str
    columns: tuple[str, ...]
    known_at: tuple[str, ...]
    note: str = ""
    reason: str = ""
    share: float | None = None
    direction: int = 0

    @property
    def reads(self) -> str:
        """The columns in words, with those known later."""
        named = ", ".join(self.columns) or "the rows themselves"
        return "; ".join((named, *self.known_at))

    @property
    def leaning(self) -> str:
        """Which way the model takes it; empty where neither, or without a model."""
        return _DIRECTIONS[self.direction]


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueGroup:
    """The features of one source.

    Args:
        name: Name of the source.
        title: Words for it.
        facts: Where its rows come from and when they count: (word, fact).
        lines: Its features.
    """

    name: str
    title: str
    facts: tuple[tuple[str, str], ...]
    lines: tuple[CatalogueLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """The features of a product, by source.

    Args:
        product: Its name.
        title: Words for it.
        version: Version of the model whose features these are; None for the declaration's.
        technique: How that model is made; empty without one.
        every: Features there are, those left out by a filter included.
        groups: By source.
        filters: What was asked for; empty for all.
    """

    product: str
    title: str
    version: int | None
    technique: str
    every: int
    groups: tuple[CatalogueGroup, ...]
    filters: tuple[str, ...] = ()

    @property
    def lines(self) -> tuple[CatalogueLine, ...]:
        """Every feature listed."""
        return tuple(line for group in self.groups for line in group.lines)

    @property
    def share_words(self) -> str:
        """What a feature's share is a share of; empty without a model."""
        if self.version is None:
            return ""
        return _SHARES.get(self.technique, "share of what the model leans on")

    @property
    def of_what(self) -> str:
        """Whose features these are."""
        return "as declared" if self.version is None else f"model version {self.version}"


def build_catalogue(catalogue: Catalogue) -> Page:
    """Return the catalogue as a page: a chapter for each source, its features by subject.

    Args:
        catalogue: The features.
    """
    lines, sources = catalogue.lines, len(catalogue.groups)
    late = sum(bool(line.known_at) for line in lines)
    categories = sum(line.kind == "category" for line in lines)
    left_out = sum(bool(line.note) for line in lines)
    tiles = [
        Tile(label="Features", value=count(len(lines)), note=_of(catalogue)),
        Tile(label="Sources", value=count(sources), note="tables they are computed from"),
        Tile(label="Categories", value=count(categories), note="labels; the others are numbers"),
        Tile(label="Wait for a value", value=count(late), note="null until a column is known"),
    ]
    if left_out:
        tiles.append(
            Tile(
                label="Protected", value=count(left_out), note="never given to a model",
                tone=Tone.WARN,
            )
        )  # fmt: skip
    facts = [("Product", catalogue.product), ("Features", catalogue.of_what)]
    facts += [("Technique", catalogue.technique.replace("_", " "))] if catalogue.technique else []
    return Page(
        kind="feature catalogue", title=f"{catalogue.title}: features",
        subtitle=f"Feature catalogue, {catalogue.of_what}", facts=tuple(facts),
        tiles=tuple(tiles),
        verdict="Each feature is computed for an application from what was known at its instant. "
        "An event counts if it happened before that instant, within the window, and could be read "
        "by then.",
        answers=(),
        note=f"{_shares(catalogue)}Search this page with your browser (Ctrl+F); what is folded "
        "opens where it fits.",
        sections=tuple(_section(group) for group in catalogue.groups),
    )  # fmt: skip


def _shares(catalogue: Catalogue) -> str:
    words = catalogue.share_words
    return f"The share of a feature is its {words}. " if words else ""


def _of(catalogue: Catalogue) -> str:
    if not catalogue.filters:
        return "all there are"
    return f"of {count(catalogue.every)}: those that fit {' and '.join(catalogue.filters)}"


def _section(group: CatalogueGroup) -> Section:
    told = "; ".join(f"{word}: {fact}" for word, fact in group.facts)
    lead = [f"{counted(len(group.lines), 'feature')}."]
    lead += [f"{told[:1].upper()}{told[1:]}."] if told else []
    return Section(
        anchor=group.name, heading=group.title, lead=tuple(lead),
        tables=tuple(_tables(group.lines)),
    )  # fmt: skip


def _tables(lines: Sequence[CatalogueLine]) -> Iterator[Table]:
    subjects: dict[str, list[CatalogueLine]] = {}
    for line in lines:
        subjects.setdefault(line.subject, []).append(line)
    folded = len(lines) > _UNFOLDED
    weighed = any(line.share is not None for line in lines)
    for subject, held in subjects.items():
        title = f"{subject[:1].upper()}{subject[1:]}"
        yield Table(
            title=f"{title}: {counted(len(held), 'feature')}" if folded else title,
            columns=_columns(weighed), rows=tuple(_row(line, weighed) for line in held),
            folded=folded,
        )  # fmt: skip


def _reason(line: CatalogueLine) -> str:
    return f"An applicant reads: {line.reason}" if line.reason else ""


def _columns(weighed: bool) -> tuple[Column, ...]:
    found = [Column(title="Feature", width=35), Column(title="How it is computed")]
    found += [Column(title="Reads", width=18)]
    return (*found, Column(title="Share", width=15)) if weighed else tuple(found)


def _row(line: CatalogueLine, weighed: bool) -> tuple[Cell, ...]:
    cells = [
        Cell(text=line.title, small=line.name, code=True),
        Cell(text=line.sentence, small=line.note or _reason(line)),
        Cell(text=", ".join(line.columns) or "the rows themselves", small="; ".join(line.known_at)),
    ]
    if weighed:
        cells.append(Cell(text=percent(line.share), small=line.leaning))
    return tuple(cells)
