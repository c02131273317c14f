"""The page as HTML: one file, no script, nothing loaded from elsewhere."""

from __future__ import annotations

import functools
import importlib
import re
from types import ModuleType
from typing import TYPE_CHECKING

from solvent.errors import MissingExtraError
from solvent.report.page import Chart, Page

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

VEGA_LITE = "6.4"
# A narrow space before the sign, as everywhere on the page.
NUMBERS = {
    "decimal": ".",
    "thousands": ",",
    "grouping": [3],
    "currency": ["", ""],
    "percent": "\u202f%",
}


def render(page: Page) -> str:
    """Render a page.

    The same page gives the same text, byte for byte, on one machine.

    Args:
        page: From `build` or `build_simulation`.

    Returns:
        A self-contained HTML document: styles and drawings are inside, scripts there are none.

    Raises:
        MissingExtraError: the `train` extra is not installed.
    """
    return render_template("page.html.j2", page=page)


def render_template(name: str, **values: object) -> str:
    """Render a template of this folder.

    Args:
        name: Its file.
        values: What it names.

    Raises:
        MissingExtraError: the `train` extra is not installed.
    """
    return _templates().get_template(name).render(**values)


def optional(module: str) -> ModuleType:
    """Import a library of the `train` extra.

    Raises:
        MissingExtraError: it is not installed.
    """
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(
            f"a report needs {error.name}, which is not installed",
            hint="install solvent with its train extra: solvent[train]",
            field="report",
        ) from error


@functools.cache
def _templates() -> Environment:
    jinja2 = optional("jinja2")
    environment: Environment = jinja2.Environment(
        loader=jinja2.PackageLoader("solvent.report", "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["draw"] = _draw
    environment.filters["breakable"] = _breakable
    return environment


def _breakable(name: str) -> Markup:
    """Let a long name go on in the next line after an underscore, not in the middle of a word."""
    markupsafe = optional("markupsafe")
    escaped: Markup = markupsafe.escape(name).replace("_", markupsafe.Markup("_<wbr>"))
    return escaped


def _draw(chart: Chart) -> Markup:
    """Draw a chart as an SVG element named by the title and the sentence beside it."""
    vl_convert = optional("vl_convert")
    svg = vl_convert.vegalite_to_svg(
        chart.spec, vl_version=VEGA_LITE, allowed_base_urls=[], format_locale=NUMBERS
    )
    box = re.search(r'viewBox="([\d. -]+)"', svg)
    drawing = re.sub(r"^<svg[^>]*>", "", svg)
    # Two drawings on one page may use one id.
    drawing = re.sub(r'(\bid="|url\(#|href="#)', rf"\g<1>{chart.name}-", drawing)
    opening = (
        f'<svg class="drawing" viewBox="{box.group(1) if box else "0 0 480 300"}" role="img" '
        f'aria-labelledby="{chart.name}-title {chart.name}-words">'
    )
    markup: Markup = optional("markupsafe").Markup(opening + drawing)
    return markup
