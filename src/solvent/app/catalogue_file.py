"""The catalogue as a file: CSV, JSON, Markdown or one page of HTML."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

from solvent.app._targets import whole_file
from solvent.app.csv_cells import CsvWriter
from solvent.models.documents import Json, to_bytes
from solvent.report import build_catalogue, render
from solvent.report.catalogue import Catalogue, CatalogueGroup, CatalogueLine

_COLUMNS = (
    "source", "name", "title", "unit", "kind", "meaning", "reads", "known_at", "note", "reason",
    "share", "direction",
)  # fmt: skip


def write_catalogue(catalogue: Catalogue, path: Path) -> None:
    """Write a catalogue as the ending of its file says.

    Args:
        catalogue: The features.
        path: A .csv, .json, .md or .html file; a file of that name is replaced.

    Raises:
        MissingExtraError: The `train` extra is not installed, which a page needs.
        WriteError: It cannot be written; nothing half-written is left.
    """
    content = _WRITERS[path.suffix.lower()](catalogue)
    with whole_file(path) as file:
        file.write(content)


def _csv(catalogue: Catalogue) -> bytes:
    out = io.StringIO(newline="")
    writer = CsvWriter(out)
    writer.write(_COLUMNS)
    for line in catalogue.lines:
        held = _plain(line)
        writer.write([_cell(held[name]) for name in _COLUMNS])
    return out.getvalue().encode()


def _cell(value: Json) -> str | float:
    if isinstance(value, list):
        return "; ".join(map(str, value))
    if isinstance(value, int | float):
        return value
    return "" if value is None else str(value)


def _json(catalogue: Catalogue) -> bytes:
    document: dict[str, Json] = {
        "product": catalogue.product, "title": catalogue.title, "model_version": catalogue.version,
        "sources": [
            {"name": group.name, "title": group.title, "facts": dict(group.facts)}
            for group in catalogue.groups
        ],
        "features": [_plain(line) for line in catalogue.lines],
    }  # fmt: skip
    return to_bytes(document) + b"\n"


def _plain(line: CatalogueLine) -> dict[str, Json]:
    return {
        "source": list(line.sources), "name": line.name, "title": line.title, "unit": line.unit,
        "kind": line.kind, "meaning": line.sentence, "reads": list(line.columns),
        "known_at": list(line.known_at), "note": line.note, "reason": line.reason,
        "share": line.share,
        "direction": None if line.share is None else line.direction,
    }  # fmt: skip


def _markdown(catalogue: Catalogue) -> bytes:
    text = "\n".join(_markdown_lines(catalogue))
    return f"{text}\n".encode()


def _markdown_lines(catalogue: Catalogue) -> Iterator[str]:
    yield f"# {catalogue.title}: features"
    yield f"\n{len(catalogue.lines):,} features, {catalogue.of_what}."
    for group in catalogue.groups:
        yield from _markdown_group(group)


def _markdown_group(group: CatalogueGroup) -> Iterator[str]:
    yield f"\n## {group.title} (`{group.name}`)\n"
    yield from (f"- {word}: {fact}" for word, fact in group.facts)
    weighed = any(line.share is not None for line in group.lines)
    heads = ["feature", "what it is", "unit", "how it is computed", "reads"]
    heads += ["share"] if weighed else []
    yield f"\n| {' | '.join(heads)} |"
    yield f"|{'---|' * len(heads)}"
    for line in group.lines:
        note = f" *{line.note}*" if line.note else ""
        cells = [f"`{line.name}`", line.title, line.unit, line.sentence + note, line.reads]
        cells += [f"{line.share or 0.0:.4f}"] if weighed else []
        yield f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |"


def _html(catalogue: Catalogue) -> bytes:
    return render(build_catalogue(catalogue)).encode()


_WRITERS: dict[str, Callable[[Catalogue], bytes]] = {
    ".csv": _csv, ".json": _json, ".md": _markdown, ".html": _html
}  # fmt: skip
SUFFIXES = tuple(_WRITERS)
