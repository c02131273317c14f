"""A draft as the text of a product.py, laid out as `ruff format` does.

Names and texts from outside become Python literals; in comments they stand quoted and escaped, so
that none of them can end a line or a string.
"""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Sequence

from solvent.app.scaffold.draft import Draft, Fate, Guess
from solvent.app.scaffold.names import ASKED_FOR, OF_A_THING, PROTECTED, says, words_of
from solvent.dataset import Unpaid
from solvent.features import ColumnType, Csv, Kind, flag

WIDTH = 100
AFTERWARDS = "looks like it is known only after the decision: check before you use it"
MATURED = (
    "each flag is taken as final; if young loans may still go bad, import days and write "
    'performance=days(90) instead of matured="given"'
)
NO_ZONE = "guessed: the times carry no zone"
_NEAR = 2
_LONGEST_NAME = 60
_SIGN_OF = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}
_TABLE = "applications"


def product_source(draft: Draft) -> str:
    """Return the text of the product file."""
    parts = [
        _opening(draft),
        *_careful(draft),
        _imports(draft),
        "\n".join([f"{_TABLE} = Applications(", *_applications(draft), ")"]),
        "\n".join(["product = Product(", *_product(draft), ")"]),
    ]
    return "\n\n".join(parts) + "\n"


def python_literal(text: str) -> str:
    r"""Return a text as a Python literal, in the quotes `ruff format` would choose.

    >>> print(python_literal("Zins"), python_literal('a "b" c'), python_literal("two\nlines"))
    "Zins" 'a "b" c' "two\nlines"
    """
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(_sign(sign, quote) for sign in text) + quote


def _sign(sign: str, quote: str) -> str:
    if sign == quote:
        return "\\" + sign
    if sign in _SIGN_OF:
        return _SIGN_OF[sign]
    return sign if sign.isprintable() else repr(sign)[1:-1]


def _spoken(text: str) -> str:
    """Return a text that cannot break a comment."""
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


# ---- the parts of the file


def _opening(draft: Draft) -> str:
    title = _spoken(draft.title or f"Product {draft.name}").replace("\\", "/").replace('"', "'")
    split = (
        ""
        if draft.roles.as_of
        else " The table has no times, so train and test are split at random."
    )
    text = (
        "Scaffolded from a plain table by `solvent new`. Everything is a guess, and the comment "
        f"beside it says from what: mend what is wrong and delete the comments.{split}"
    )
    body = "\n".join(textwrap.wrap(text, WIDTH))
    return f'"""{title}.\n\n{body}\n"""'


def _careful(draft: Draft) -> list[str]:
    """Return a block of warnings for the top of the file, or none."""
    lines = []
    for one in draft.roles.passed_over:
        text = f"CAREFUL: {_short(one.column)} is not used as {one.part}, though its name says so: "
        lines += _comment(0, f"{text}{one.why}.")
    return ["\n".join(lines)] if lines else []


def _imports(draft: Draft) -> str:
    names = {"Applications", "Product", "behaviour"}
    names.add("unpaid" if isinstance(draft.roles.bad.bad, Unpaid) else "equals")
    if draft.csv is not None:
        names.add("Csv")
    names |= {guess.declared.kind.value for guess in draft.guesses if guess.declared is not None}
    # classes before functions, each by the alphabet, as ruff sorts them
    ordered = sorted(names, key=lambda name: (name[0].islower(), name))
    line = f"from solvent import {', '.join(ordered)}"
    if _width(line) <= WIDTH:
        return line
    return "\n".join(["from solvent import (", *(f"    {name}," for name in ordered), ")"])


def _applications(draft: Draft) -> list[str]:
    roles = draft.roles
    lines = [
        f'    name="{_TABLE}",',
        '    title="application",',
        f"    files={python_literal(draft.file)},",
        *_line(1, f"id={python_literal(roles.id.column)},", roles.id.why),
        *_line(1, f"key={python_literal(roles.key.column)},", roles.key.why),
    ]
    if roles.as_of is not None:
        lines += _line(1, f"as_of={python_literal(roles.as_of.column)},", roles.as_of.why)
    else:
        lines.append("    # no application time found: the split will be at random")
        for name in roles.times:
            lines += _comment(1, f"as_of={_short(name)},  # if this is when they applied")
    if draft.zone is not None:
        why = NO_ZONE
        lines += _line(1, f"zone={python_literal(draft.zone)},", why)
    if draft.csv is not None:
        lines += _line(1, f"csv={_csv(draft.csv)},", draft.csv_why)
    lines.append("    columns={")
    for guess in draft.used:
        lines += _column(guess)
    lines += _afterwards(draft)
    lines += _left_out(draft)
    lines.append("    },")
    return lines


def _product(draft: Draft) -> list[str]:
    bad = draft.roles.bad
    lines = [
        f"    name={python_literal(draft.name)},",
        *([f"    title={python_literal(draft.title)},"] if draft.title else []),
        *_line(1, f"data={python_literal(draft.data)},", _where(draft.data)),
        f"    applications={_TABLE},",
    ]
    asked = next((g for g in draft.used if _is_asked_for(g)), None)
    if asked is not None:
        lines += _line(1, f"amount={python_literal(asked.name)},", "guessed: the amount asked for")
    lines.append(f"    features=[behaviour({_TABLE})],")
    lines += _protected(draft)
    if draft.roles.as_of is not None and not isinstance(bad.bad, Unpaid):
        lines += _comment(1, MATURED)
    for note in bad.notes:
        lines += _comment(1, note)
    lines += _line(1, f"bad={_bad(draft)},", bad.why)
    return [*lines, *_reasons(draft)]


def _reasons(draft: Draft) -> list[str]:
    """Return a reason text for every column a model may read, in the column's own words."""
    lines = ["    # what an applicant reads where it counted against them: mend the words"]
    lines.append("    reasons={")
    for guess in draft.used:
        words = " ".join(words_of(guess.name)) or guess.name
        text = f"Your {words}"
        lines.append(f"        {python_literal(guess.name)}: {python_literal(text)},")
    return [*lines, "    },"]


def _where(data: str) -> str:
    where = "where the table lies, seen from here"
    return (
        f"{where}; `--data FOLDER` overrides it" if data.split("/").count("..") > _NEAR else where
    )


def _is_asked_for(guess: Guess) -> bool:
    money = guess.declared is not None and guess.declared.kind is Kind.MONEY
    return money and words_of(guess.name) in ASKED_FOR


def _protected(draft: Draft) -> list[str]:
    """Return candidates in a comment: which attributes are protected is the lender's choice."""
    found = [guess.name for guess in draft.used if _may_be_protected(guess.name)]
    if not found:
        return []
    names = ", ".join(python_literal(name) for name in found) + ("," if len(found) == 1 else "")
    line, note = f"    # protected=({names}),", "# candidates: yours to choose"
    if _width(line) + 2 + len(note) <= WIDTH:
        return [f"{line}  {note}"]
    if _width(line) <= WIDTH:
        return [f"    {note}", line]
    each = [f"    #     {python_literal(name)}," for name in found]
    return [f"    # protected=(  {note}", *each, "    # ),"]


def _may_be_protected(name: str) -> bool:
    if "age" in words_of(name):
        return not says(name, OF_A_THING)
    return says(name, PROTECTED)


def _column(guess: Guess, *, note: str = "") -> list[str]:
    if guess.declared is None:
        return []
    entry = f"{python_literal(guess.name)}: "
    name, arguments = _declaration(guess.declared)
    whole = f"{entry}{name}({', '.join(arguments)}),"
    if 8 + _width(whole) <= WIDTH or not arguments:
        return _line(2, whole, note or guess.why)
    inner = ", ".join(arguments)
    if 12 + _width(inner) <= WIDTH:
        body = [f"            {inner}"]
    else:
        body = [f"            {argument}," for argument in arguments]
    return [*_comment(2, note or guess.why), f"        {entry}{name}(", *body, "        ),"]


def _afterwards(draft: Draft) -> list[str]:
    found = [guess for guess in draft.guesses if guess.fate is Fate.AFTERWARDS]
    lines = [f"        # {AFTERWARDS}"] if found else []
    for guess in found:
        if guess.declared is None:
            continue
        name, arguments = _declaration(guess.declared)
        code = f"{python_literal(guess.name)}: {name}({', '.join(arguments)}),"
        lines.append(f"        # {code}  # {_spoken(guess.why)}")
    return lines


def _left_out(draft: Draft) -> list[str]:
    reasons: dict[str, list[str]] = {}
    for guess in draft.guesses:
        if guess.fate is Fate.LEFT_OUT:
            reasons.setdefault(guess.why, []).append(_short(guess.name))
    return [
        line
        for why, names in reasons.items()
        for line in _comment(2, f"left out, {why}: {', '.join(names)}")
    ]


# ---- the parts of a line


def _line(depth: int, code: str, why: str) -> list[str]:
    """Return code with its reason beside it, or above it where the line would be too long."""
    indent = "    " * depth
    if not why:
        return [f"{indent}{code}"]
    line = f"{indent}{code}  # {_spoken(why)}"
    return [line] if _width(line) <= WIDTH else [*_comment(depth, why), f"{indent}{code}"]


def _comment(depth: int, text: str) -> list[str]:
    start = "    " * depth + "# "
    wrapped = textwrap.wrap(
        _spoken(text), WIDTH - len(start), break_long_words=False, break_on_hyphens=False
    )
    return [start + line for line in wrapped]


def _short(name: str) -> str:
    """Return a name for a comment, cut where it is very long."""
    spelt = python_literal(name)
    return spelt if len(spelt) <= _LONGEST_NAME else f"{spelt[: _LONGEST_NAME - 1]}…"


def _declaration(declared: ColumnType) -> tuple[str, list[str]]:
    """Return the function that declares a type, and its arguments as Python writes them."""
    arguments = [python_literal(declared.unit)] if declared.unit else []
    if declared.kind is Kind.MONEY and declared.scale != 2:
        arguments.append(f"scale={declared.scale}")
    if declared.kind is Kind.FLAG and declared.true != flag().true:
        arguments.append(f"true={_texts(declared.true)}")
    if declared.format is not None:
        arguments.append(f"format={python_literal(declared.format)}")
    if declared.missing:
        arguments.append(f"missing={_texts(declared.missing)}")
    return declared.kind.value, arguments


def _texts(texts: Sequence[str]) -> str:
    inner = ", ".join(python_literal(text) for text in texts)
    return f"({inner},)" if len(texts) == 1 else f"({inner})"


def _csv(csv: Csv) -> str:
    usual = Csv()
    given = [
        f"{name}={python_literal(getattr(csv, name))}"
        for name in ("separator", "decimal", "encoding", "quote")
        if getattr(csv, name) != getattr(usual, name)
    ]
    return f"Csv({', '.join(given)})"


def _bad(draft: Draft) -> str:
    bad = draft.roles.bad.bad
    if isinstance(bad, Unpaid):
        due = "" if bad.due is None else f", due={python_literal(bad.due)}"
        return f"unpaid({python_literal(bad.paid)}{due}, after={bad.after:g})"
    digits = bad.value.isascii() and bad.value.isdigit() and str(int(bad.value)) == bad.value
    value = bad.value if digits else python_literal(bad.value)
    missing = f", missing={_texts(bad.missing)}" if bad.missing else ""
    return f'equals({python_literal(bad.column)}, {value}, matured="given"{missing})'
