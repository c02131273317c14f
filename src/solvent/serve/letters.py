"""Letters about refusals: their data for the lender's own systems, and a page to print."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query
from fastapi.responses import HTMLResponse, JSONResponse
from pydantic import BaseModel, Field

from solvent.app.letters import letter
from solvent.errors import SolventError
from solvent.serve.access import MaybeCaller, Wired
from solvent.serve.answers import Instant, Offer
from solvent.serve.decisions import is_reader
from solvent.serve.documented import EVERYBODY, Owner, documented
from solvent.serve.pages import page, sorry, templates
from solvent.serve.paths import DecisionId
from solvent.serve.problems import status_of
from solvent.serve.reasons import ANSWER

router = APIRouter(tags=["decisions"])
pages = APIRouter()
LEFT: Final = {
    "creditor": "name of the lender", "address": "address of the lender",
    "contact": "telephone, e-mail or web address of the lender",
    "recipient_name": "name of the person", "recipient_address": "address of the person",
    "rights": "what the law lets the person know and do",
}  # fmt: skip
"""What a lender may have to fill in, in words."""


class Factor(BaseModel):
    """A reason or a key factor, and its place: 1 weighed most."""

    model_config = ANSWER
    order: int
    text: str


class LetterScore(BaseModel):
    """The score, where scores lie, and by what it was made."""

    model_config = ANSWER
    value: int
    lowest: int = Field(description="Of those the model was tested on, and this one.")
    highest: int
    needed: int = Field(description="Score at the policy's cutoff.")
    date: Instant
    model_version: int
    model_digest: str
    model_date: str = Field(description="When the model was trained.")


class Letter(BaseModel):
    """What a letter about a refusal says; no PD, and nobody's name."""

    model_config = ANSWER
    decision_id: str
    product: str
    title: str
    date: Instant
    application_id: str
    application_at: Instant | None
    verdict: Literal["refer", "decline"]
    counter_offers: list[Offer]
    creditor: str
    address: str
    contact: str
    rests_on: Literal["model", "rule"]
    reasons: Annotated[list[Factor], Field(max_length=4)]
    key_factors: Annotated[list[Factor], Field(max_length=4)]
    score: LetterScore
    rights: list[str] = Field(description="The lender's own words.")
    to_fill: list[str] = Field(description="What the lender has still to fill in.")


@router.get(
    "/v1/decisions/{decision_id}/letter",
    **documented(
        Letter, summary="Read the letter about a refusal", roles=EVERYBODY, errors=(404, 422),
        keyless=True, owner=Owner.TOKEN,
    ),
)  # fmt: skip
def get_letter(
    decision_id: DecisionId, caller: MaybeCaller, service: Wired,
    token: str = Query(default="", max_length=100, description="From the applicant's answer."),
) -> JSONResponse:  # fmt: skip
    """Return what an adverse-action letter says, for staff and for whoever holds the token.

    There is one for requests that were declined, or answered with another offer.
    """
    is_reader(service, caller, decision_id, token)
    return JSONResponse(letter(service, decision_id))


@pages.get("/apply/{product}/decisions/{decision_id}/letter")
def show_letter(
    product: str, decision_id: str, service: Wired, token: str = Query(default="", max_length=100)
) -> HTMLResponse:
    """Show an applicant the letter about their request, to print."""
    if not service.is_token(decision_id, token):
        return sorry(404, "There is no such letter", "The link is not complete, or not yours.")
    try:
        told = letter(service, decision_id)
    except SolventError as error:
        return sorry(status_of(error), "There is no letter", "None is due about this request.")
    if told["product"] != product:
        return sorry(404, "There is no such letter", "The link is not complete, or not yours.")
    return page("letter.html.j2", letter=told, left=LEFT, css="")


def letter_html(told: Mapping[str, Any]) -> str:
    """Return a letter as one page of HTML that needs nothing else, to print or to send.

    Args:
        told: From `app.letters.letter`.
    """
    css = templates().get_template("form.css").render()
    return templates().get_template("letter.html.j2").render(letter=told, left=LEFT, css=css)
