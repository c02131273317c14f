"""Endpoints of outcomes: what became of loans, and whether it is what was predicted."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse, Response

from solvent.app.outcomes import add_outcomes
from solvent.app.realised import BandedBy, Counted, Wish, realised_csv, realised_json
from solvent.features import instant
from solvent.features.cells import read_time
from solvent.serve.access import Realising, Steering, Wired
from solvent.serve.bodies import RawBody, parse
from solvent.serve.documented import documented
from solvent.serve.outcome_bodies import OutcomeReceipt, OutcomesBody, RealisedAnswer
from solvent.serve.paths import ProductName
from solvent.serve.steering import CSV, ERRORS, STEERERS
from solvent.store import Role

router = APIRouter(tags=["outcomes"])
READERS = (Role.RELATIONSHIP_MANAGER, Role.RISK_MANAGER, Role.VALIDATOR)
ByBand = Annotated[
    BandedBy | None,
    Query(description="Bands of the policy, or deciles of PD; left out: the policy's if any."),
]
Which = Annotated[
    Counted,
    Query(description="Loans that were approved, or also others whose outcome was told."),
]
At = Annotated[
    str | None,
    Query(
        max_length=40,
        description="ISO 8601 instant: what was known then; left out: now.",
    ),
]  # fmt: skip


@router.post(
    "/v1/products/{product}/outcomes",
    **documented(
        OutcomeReceipt, summary="Tell what became of loans", roles=STEERERS,
        errors=(404, 413, 422), body=OutcomesBody,
    ),
)  # fmt: skip
def add(product: ProductName, _: Steering, raw: RawBody, service: Wired) -> JSONResponse:
    """Keep every row that can be kept, in one commit, and tell of each that cannot.

    A row told twice counts once. A row that says otherwise of the same loan is a correction: both
    are kept, and the one known last counts.
    """
    body, live = parse(raw, OutcomesBody), service.product(product)
    found = add_outcomes(service, live, body.outcomes)
    return JSONResponse(
        {
            "accepted": found.accepted, "repeated": found.repeated, "corrected": found.corrected,
            "refused": [
                {"row": one.place, "field": one.field, "detail": one.reason, "hint": one.hint}
                for one in found.refused
            ],
        }
    )  # fmt: skip


@router.get(
    "/v1/products/{product}/outcomes/realised",
    **documented(
        RealisedAnswer, summary="Realised against predicted", roles=READERS, errors=ERRORS
    ),
)
def get_realised(
    product: ProductName, _: Realising, service: Wired,
    bands: ByBand = None, loans: Which = Counted.APPROVED, at: At = None,
) -> JSONResponse:  # fmt: skip
    """Return bads against those expected, by month of decision and band, and over all.

    Loans whose performance window is not over are counted apart: they are neither good nor bad.
    """
    return JSONResponse(realised_json(service, product, _wish(bands, loans, at)))


_AS_CSV = documented(
    None, summary="Realised against predicted, as a file", roles=READERS, errors=ERRORS
)
_AS_CSV["responses"][200] = {
    "description": "A heading and a line a month, a band, and each of both.",
    "content": {CSV: {"schema": {"type": "string"}}},
}


@router.get(
    "/v1/products/{product}/outcomes/realised.csv", response_class=Response, **_AS_CSV
)  # fmt: skip
def get_realised_csv(
    product: ProductName, _: Realising, service: Wired,
    bands: ByBand = None, loans: Which = Counted.APPROVED, at: At = None,
) -> Response:  # fmt: skip
    """Return the same figures as CSV; no cell starts a formula."""
    answer = realised_json(service, product, _wish(bands, loans, at))
    return Response(
        realised_csv(answer), media_type=f"{CSV}; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="realised.csv"'},
    )  # fmt: skip


def _wish(bands: BandedBy | None, loans: Counted, at: str | None) -> Wish:
    moment = read_time(at, instant(), zone=None, field="at")
    return Wish(by=bands, counted=loans, at=None if moment is None else moment.time)
