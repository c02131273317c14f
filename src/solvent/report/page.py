"""The page as data: numbers already written, charts as specifications, nothing about HTML."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a word is coloured: one accent, one warning, greys."""

    PLAIN = "plain"
    GOOD = "good"
    WARN = "warn"


class Mark(StrEnum):
    """How a series is drawn, and keyed."""

    ACCENT = "accent"
    WARN = "warn"
    GREY = "grey"
    DASHED = "dashed"
    INK = "ink"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A figure of the summary.

    Attributes:
        label: What it is.
        value: The figure as written.
        note: Its interval or meaning.
        tone: WARN where a reader should stop.
    """

    label: str
    value: str
    note: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A question a risk manager asks, with its answer.

    Attributes:
        question: Short.
        topic: What it is about, to be named in a sentence.
        mark: One word: "Yes", "Caution".
        tone: GOOD or WARN.
        words: The answer in a sentence.
    """

    question: str
    topic: str
    mark: str
    tone: Tone
    words: str

    @classmethod
    def told(cls, asked: tuple[str, str], good: bool, words: str, no: str = "Caution") -> Answer:
        """Answer yes, or with a word of warning.

        Args:
            asked: The question and its topic.
            good: Whether the answer is yes.
            words: The answer in a sentence.
            no: The word where it is not.
        """
        return cls(
            question=asked[0],
            topic=asked[1],
            mark="Yes" if good else no,
            tone=Tone.GOOD if good else Tone.WARN,
            words=words,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A drawing.

    Attributes:
        name: Unique on the page.
        title: Its heading.
        sentence: What it shows, in a sentence with figures.
        keys: Series drawn: (mark, label).
        spec: Vega-Lite specification as JSON.
        wide: Whether it takes the page's whole width.
    """

    name: str
    title: str
    sentence: str
    keys: tuple[tuple[Mark, str], ...]
    spec: str
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a table.

    Attributes:
        title: Its heading.
        numeric: Whether it is set right, in figures of one width.
        width: Share of the table's width in per cent; None shares what is left evenly.
    """

    title: str
    numeric: bool = False
    width: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A cell of a table.

    Attributes:
        text: What it says.
        small: A second line in small grey.
        code: Whether the second line is a name from the declaration.
        bar: Length of a bar behind the text in [0, 1]; None for none.
        tone: Its colour; anything but PLAIN is drawn as a label.
    """

    text: str
    small: str = ""
    code: bool = False
    bar: float | None = None
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table, or what is said where it would be empty.

    Attributes:
        title: Its heading; may be empty.
        columns: Of the table.
        rows: Each as long as `columns`.
        empty: The sentence shown without rows.
        note: A sentence below it; may be empty.
        folded: Whether a reader opens it first.
        half: Whether half the page's width is enough.
    """

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = ""
    note: str = ""
    folded: bool = False
    half: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One thing looked at closely: its facts and its charts side by side.

    Attributes:
        over: A short line above the heading.
        heading: What it is.
        code: Its name in the declaration.
        sentence: What was found.
        facts: (word, figure, note).
        charts: Drawn side by side.
        table: Folded below them; None for none.
    """

    over: str
    heading: str
    code: str
    sentence: str
    facts: tuple[tuple[str, str, str], ...]
    charts: tuple[Chart, ...]
    table: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A chapter of the page.

    Attributes:
        anchor: Unique on the page.
        heading: Its heading.
        lead: Sentences that open it.
        charts: Drawn in order.
        tables: Set in order, below the charts.
        cards: Things looked at closely, below the tables.
        reading: How to read it: (word, meaning).
    """

    anchor: str
    heading: str
    lead: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()
    cards: tuple[Card, ...] = ()
    reading: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A report, ready to be rendered.

    Attributes:
        kind: What is told: "train report", "simulation".
        title: What the model is for.
        subtitle: Technique, version and when.
        facts: Short facts under the title: (word, fact).
        tiles: Figures of the summary.
        verdict: The summary in plain language.
        answers: Questions and answers of the summary.
        note: How to take the summary.
        sections: The chapters after the summary.
    """

    kind: str
    title: str
    subtitle: str
    facts: tuple[tuple[str, str], ...]
    tiles: tuple[Tile, ...]
    verdict: str
    answers: tuple[Answer, ...]
    note: str
    sections: tuple[Section, ...]
