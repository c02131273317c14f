"""Reading a report as a browser does."""

from __future__ import annotations

from html.parser import HTMLParser

from solvent.report import build, render
from tests.report.records import record


class Reader(HTMLParser):
    """What a browser would take from the page: its words, elements and addresses."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.badly_nested: list[str] = []
        self.goes_on = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        self.goes_on = tag == "wbr"
        if tag not in {"meta", "col", "link", "img", "br", "wbr"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        self.goes_on = False
        if not self.open or self.open.pop() != tag:
            self.badly_nested.append(tag)

    def handle_data(self, data: str) -> None:
        if self.goes_on and data.strip():
            self.words[-1] += " ".join(data.split())
        elif data.strip() and self.open[-1] != "style":
            self.words.append(" ".join(data.split()))

    @property
    def text(self) -> str:
        return " | ".join(self.words)


RECORD = record()
HTML = render(build(RECORD))
PAGE = Reader(HTML)
HEADINGS = (
    "Summary",
    "From rows read to rows used",
    "How well it ranks risk",
    "How much of the reachable it reaches",
    "Whether a PD means what it says",
    "Whether it holds over time",
    "What the stated cutoff would have done",
    "What the model looks at",
    "The leakage gate",
    "All figures",
    "Where it comes from",
)


def text_of(**changes: object) -> str:
    """What a reader sees when something about the run is changed."""
    return Reader(render(build(record(**changes)))).text
