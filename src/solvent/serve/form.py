"""The application form for anybody: plain HTML, no JavaScript, answered at once."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from solvent.app.answers import for_applicant
from solvent.app.decisions import DecisionRequest, decide, read_decision
from solvent.app.intake import RawApplication
from solvent.app.live_product import LiveProduct
from solvent.errors import DataError, NotServedError, SolventError
from solvent.serve.access import Wired
from solvent.serve.bodies import RawBody
from solvent.serve.pages import page, sorry, templates
from solvent.serve.problems import status_of

router = APIRouter()
OWNER = "public form"
MOST_ANSWER = 200
_FORM_ID = re.compile(r"[0-9a-f]{32}")
_NUMBERS = {"number", "money", "integer"}
_VERDICTS = {
    "approve": ("good", "Approved"),
    "refer": ("open", "We are looking at it"),
    "decline": ("no", "Not this time"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Fault:
    """What is wrong with one answer."""

    column: str
    words: str


@router.get("/")
def home() -> RedirectResponse:
    """Lead people to the form."""
    return RedirectResponse("/apply")


@router.get("/apply/style.css")
def style() -> Response:
    """Return the stylesheet of the form."""
    return Response(
        templates().get_template("form.css").render(), media_type="text/css",
        headers={"Cache-Control": "public, max-age=300"},
    )  # fmt: skip


@router.get("/apply")
def choose(service: Wired) -> HTMLResponse:
    """Show what can be applied for."""
    return page("choose.html.j2", products=[one for one in service.live.values() if _open(one)])


@router.get("/apply/{product}")
def show_form(product: str, service: Wired) -> HTMLResponse:
    """Show the form."""
    live = _public(service, product)
    return page(
        "form.html.j2", live=live, questions=live.facts["form"], given={}, faults={},
        form_id=uuid.uuid4().hex,
    )  # fmt: skip


@router.post("/apply/{product}")
def answer_form(product: str, raw: RawBody, service: Wired) -> Response:
    """Decide what was filled in; a form sent twice is decided once."""
    live = _public(service, product)
    given = _fields(raw)
    form_id = given.pop("form_id", "")
    if not _FORM_ID.fullmatch(form_id):
        form_id = uuid.uuid4().hex
    attributes, faults = _read(live, given)
    if not faults:
        try:
            answer = decide(
                service,
                DecisionRequest(
                    product=product, application=RawApplication(attributes=attributes),
                    owner=OWNER, idempotency_key=form_id, body=raw,
                ),
            )  # fmt: skip
        except DataError as error:
            faults = [_Fault(column=_column_of(error), words=_words_of(error))]
        else:
            token = quote(answer["token"])
            return RedirectResponse(
                f"/apply/{product}/decisions/{answer['id']}?token={token}", status_code=303
            )
    return page(
        "form.html.j2", status=422, live=live, questions=live.facts["form"], given=given,
        faults={one.column: one.words for one in faults}, form_id=form_id,
    )  # fmt: skip


@router.get("/apply/{product}/decisions/{decision_id}")
def show_decision(
    product: str, decision_id: str, service: Wired, token: str = Query(default="", max_length=100)
) -> HTMLResponse:
    """Show an applicant what was decided about them."""
    if not service.is_token(decision_id, token):
        return sorry(404, "There is no such answer", "The link is not complete, or not yours.")
    try:
        answer = read_decision(service, decision_id)
    except SolventError as error:
        return sorry(status_of(error), "There is no such answer", "Please apply again.")
    if answer["product"] != product:
        return sorry(404, "There is no such answer", "The link is not complete, or not yours.")
    live = service.live.get(product)
    title = product.replace("_", " ") if live is None else live.title
    tone, heading = _VERDICTS[answer["verdict"]]
    return page(
        "decision.html.j2", told=for_applicant(answer, title), tone=tone, heading=heading,
        title=title, product=product,
        letter=f"/apply/{product}/decisions/{decision_id}/letter?token={quote(token)}"
        if answer["verdict"] == "decline" else "",
    )  # fmt: skip


def _open(live: LiveProduct) -> bool:
    """Return whether anybody may apply: products with a declared form."""
    return bool(live.facts["public"])


def _public(service: Wired, product: str) -> LiveProduct:
    live = service.product(product)
    if not _open(live):
        raise NotServedError(
            "this product has no public form", hint="declare form=(...) in product.py",
            field="product",
        )  # fmt: skip
    return live


def _fields(raw: bytes) -> dict[str, str]:
    """Return what a form sent; of a field sent twice, the last."""
    try:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, max_num_fields=200)
    except (UnicodeDecodeError, ValueError):
        return {}
    return {name: value.strip() for name, value in pairs}


def _read(live: LiveProduct, given: Mapping[str, str]) -> tuple[dict[str, object], list[_Fault]]:
    """Return the answers as attributes, and what is wrong with them."""
    attributes: dict[str, object] = {}
    faults = []
    for question in live.facts["form"]:
        text = given.get(question["column"], "")
        words = _fault_of(question, text)
        if words:
            faults.append(_Fault(column=question["column"], words=words))
        elif text:
            attributes[question["column"]] = _plain(question, text)
    return attributes, faults


def _plain(question: Mapping[str, Any], text: str) -> object:
    if question["kind"] == "yes_no":
        return text == "yes"
    return _number_text(text) if question["kind"] in _NUMBERS else text


def _number_text(text: str) -> str:
    """Return a number as it is written without thousands: spaces and narrow spaces go."""
    return "".join(text.split()).replace("\u202f", "")


def _fault_of(question: Mapping[str, Any], text: str) -> str:
    """Return what is wrong with one answer; empty where it will do."""
    if not text:
        return "Please answer this question." if question["required"] else ""
    if len(text) > MOST_ANSWER:
        return "This is too long."
    kind = question["kind"]
    if kind == "choice" and text not in {one["value"] for one in question["choices"]}:
        return "Please choose one of these."
    if kind == "yes_no" and text not in {"yes", "no"}:
        return "Please choose yes or no."
    if kind in _NUMBERS:
        return _number_fault(question, _number_text(text))
    return ""


def _number_fault(question: Mapping[str, Any], text: str) -> str:
    try:
        value = float(text)
    except ValueError:
        whole = question["kind"] == "integer"
        return f"Please give a {'whole number' if whole else 'number, with a point for decimals'}."
    low, high = question["at_least"], question["at_most"]
    if low is not None and value < low:
        return f"Please give a number of at least {low:g}."
    if high is not None and not value <= high:
        return f"Please give a number of at most {high:g}."
    if question["kind"] == "integer" and not value.is_integer():
        return "Please give a whole number."
    return ""


def _column_of(error: DataError) -> str:
    return error.field.rpartition(".")[2]


def _words_of(error: DataError) -> str:
    return f"This cannot be read: {error.message}."
