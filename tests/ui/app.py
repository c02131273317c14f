"""The pages as a user meets them, without a browser."""

from __future__ import annotations

import re
from typing import Any

import pyarrow as pa
from streamlit.testing.v1 import AppTest

from solvent.ui.launch import APP

SECONDS = 20


def opened(key: str = "", product: str = "") -> AppTest:
    """Return the app, signed in where a key is given, looking at a product."""
    app = AppTest.from_file(str(APP), default_timeout=SECONDS).run()
    if key:
        app.text_input(key="api_key").input(key)
        pressed(app, "Sign in")
    if product:
        app.selectbox(key="product_choice").select(product).run()
    return app


def pressed(app: AppTest, label: str) -> AppTest:
    """Press the button of a label."""
    (button,) = [each for each in app.button if each.label == label]
    button.click().run()
    return app


def at(app: AppTest, page: str) -> AppTest:
    """Go to a page by its address, as a click in the sidebar does."""
    pages: dict[str, Any] = app._registered_pages
    (app._page_hash,) = [
        name for name, page_info in pages.items() if page_info["url_pathname"] == page
    ]
    return app.run()


def pages(app: AppTest) -> list[str]:
    """Return the addresses of the pages there are."""
    return [each["url_pathname"] for each in app._registered_pages.values()]


def text(app: AppTest) -> str:
    """Return every word on the page, as it is read: Markdown's signs and hard spaces undone."""
    parts = [str(each.value) for kind in ("title", "subheader", "markdown", "caption") for each in
             app.get(kind)]  # fmt: skip
    parts += [str(each.value) for kind in ("info", "warning", "error") for each in app.get(kind)]
    parts += [f"{each.label} {each.value} {each.delta}" for each in app.metric]
    joined = re.sub(r"\\(.)", r"\1", "\n".join(parts))
    return joined.replace("\u00a0", " ").replace("**", "")


def drawn(app: AppTest) -> list[list[dict[str, Any]]]:
    """Return the rows of every layer of every chart; Streamlit sends them as Arrow."""
    return [
        pa.ipc.open_stream(each.data.data).read_all().to_pylist()
        for chart in app.get("vega_lite_chart")
        for each in chart.proto.datasets
    ]
