"""Requests and answers as the documentation shows them, by the model they are examples of."""

from __future__ import annotations

from typing import Any, Final

from solvent.serve.outcome_examples import OUTCOME_EXAMPLES

_OFFER: Final = {
    "name": "airtime", "title": "Airtime",
    "amount": {"amount": 10.0, "minor": 1000, "currency": "BRL", "words": "10 BRL"},
    "fee": {"amount": 1.8, "minor": 180, "currency": "BRL", "words": "1.80 BRL"},
    "price": 0.18, "term_days": 30, "detail": "Credit for calls, messages and data",
}  # fmt: skip
_ID: Final = "0f8c1d7e5a2b4c6d9e3f1a2b3c4d5e6f"
_TOKEN: Final = "wq3vT0mX9cR7bJ1kYh2dLs8fGz5nPe4aUo6iVtMxCrA"  # noqa: S105 - an example
_SUMMARY: Final = {
    "name": "airtime_loans", "title": "Airtime loans", "model_version": 3, "policy_version": 2,
    "policy_name": "2026-11", "clients": 10_000, "currency": "BRL",
}  # fmt: skip
_POINT: Final = {
    "cutoff": 0.15, "approval_rate": 0.62, "bad_rate": 0.08, "profit": 1240.5, "recall": 0.71,
    "approved": 620,
}  # fmt: skip
_JOB: Final = {
    "id": "12", "kind": "standings", "state": "running", "done": 400, "total": 10_000,
    "created_at": "2026-11-02T09:30:00Z", "message": "",
}  # fmt: skip
_EFFECTS: Final = [
    {
        "text": "How quickly you repaid earlier loans", "effect": 0.41,
        "features": ["earlier_loans_mean_paid_at_minus_time_90d"],
    },
    {"text": "The amount of the loan", "effect": -0.12, "features": ["amount"]},
]  # fmt: skip
_SECOND: Final = "all 2,000 applicants the model was tested on"
_GROUP: Final = {"name": "all", "words": "all 2,000 clients", "size": 2000}

_FORM = [
    {
        "column": "amount", "text": "How much airtime do you need?", "detail": "",
        "kind": "money", "unit": "BRL", "choices": [], "at_least": 5.0, "at_most": 20.0,
        "required": True,
    }
]  # fmt: skip
_LINE = {name: _SUMMARY[name] for name in ("name", "title", "currency")}
EXAMPLES: Final[dict[str, Any]] = {
    "ApplicationBody": {
        "user_id": "55-1198", "application_at": "2026-11-02T09:29:58Z",
        "attributes": {"amount": 20},
    },
    "EventsBody": {
        "source": "top_ups",
        "rows": [
            {
                "uuid": "55-1198", "top_up_id": 90_812, "topped_up_at": "2026-11-01T18:04:11Z",
                "uploaded_at": "2026-11-01T18:06:00Z", "amount": 15, "method": "voucher",
            }
        ],
    },
    "Alive": {"status": "ok"},
    "AuditState": {
        "solvent_audit_checkpoint": 1, "number": 41_207,
        "link": "5b0c6f9d1e2a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4",
    },
    "Ready": {"status": "ready", "products": ["airtime_loans"]},
    "Me": {"role": "relationship_manager", "name": "branch 7"},
    "Products": {"products": [_SUMMARY]},
    "ApplicantProducts": {"products": [_LINE]},
    "ApplicantProduct": {**_LINE, "form": _FORM, "key_words": "customer number"},
    "Product": {
        **_SUMMARY,
        "form": _FORM,
        "approve_below": 0.15, "refer_below": 0.15, "approve_score": 553,
        "bands": [{"name": "A", "score_from": 610}],
        "alternatives": [
            {
                "name": "starter", "title": "Starter airtime", "approve_below": 0.22,
                "detail": "A small first loan",
            }
        ],
        "sources": [{"name": "top_ups", "title": "Top-ups"}], "key_words": "customer number",
        "features": 147, "trained_at": "2026-11-01T08:00:00Z", "test_auc": 0.781,
        "bad_words": "not repaid in full within 30 days", "bad_rate": 0.16,
        "reference": "the 200 tested applicants who were approved most narrowly",
        "offer_unit": "BRL", "pdo": 20.0,
    },
    "Decision": {
        "id": _ID, "token": _TOKEN, "product": "airtime_loans", "user_id": "55-1198",
        "application_id": "", "application_at": "2026-11-02T09:29:58Z",
        "decided_at": "2026-11-02T09:30:00Z", "verdict": "approve", "pd": 0.071,
        "repayment_probability": 0.929, "score": 577, "band": "C", "approve_below": 0.15,
        "approve_score": 553, "offer": _OFFER, "alternatives": [], "reasons": [],
        "effects": _EFFECTS,
        "reference": "the 200 tested applicants who were approved most narrowly",
        "model_version": 3, "model_digest": "9f2c…", "policy_version": 2,
        "policy_digest": "41ab…", "policy_name": "2026-11", "solvent": "0.1.0",
        "high_water": 481_220, "rows_read": 212, "second_reference": _SECOND,
        "second_reasons": [], "hints": [],
    },
    "ApplicantDecision": {
        "id": _ID, "token": _TOKEN, "product": "airtime_loans", "title": "Airtime loans",
        "decided_at": "2026-11-02T09:30:00Z", "verdict": "decline", "offer": None,
        "alternatives": [], "reasons": [{"text": "How quickly you repaid earlier loans"}],
        "hints": [{"text": "Airtime lent: 5 BRL or less"}],
        "next_step": "We cannot offer this now. You may ask for a review, or apply again later.",
    },
    "Score": {"pd": 0.071, "repayment_probability": 0.929, "score": 577, "model_version": 3},
    "Receipt": {"accepted": 1, "repeated": 0, "sequence": 481_221},
    "ClientPage": {
        "clients": [
            {
                "key": "55-1198", "verdict": "approve", "score": 577, "pd": 0.071,
                "decided_at": "2026-11-02T09:30:00Z",
            }
        ],
        "total": 1,
    },
    "Client": {
        "key": "55-1198", "product": "airtime_loans",
        "standing": {
            "from": "now", "decision_id": None, "as_of": "2026-11-02T09:30:00Z",
            "verdict": "approve", "pd": 0.071, "repayment_probability": 0.929, "score": 577,
            "approve_score": 553, "approve_below": 0.15, "band": "C",
            "sentence": "Score 577: 24 points above the 553 needed for approval.",
            "meaning": "Of 100 clients like this, about 7 do not repay.", "effects": _EFFECTS,
            "reasons": [], "reference": "all 2,000 applicants the model was tested on",
            "offer": _OFFER, "alternatives": [], "second_reference": _SECOND,
            "second_reasons": [], "hints": [],
        },
        "decisions": [],
        "values": [
            {
                "feature": "amount", "title": "Airtime lent", "unit": "BRL",
                "theme": "Application", "text": "20 BRL", "value": 20.0, "percentile": 0.9,
                "typical_text": "5 to 10 BRL", "low": 5.0, "median": 5.0, "high": 10.0,
                "share": None, "effect": -0.12,
            }
        ],
        "group": _GROUP, "groups": [_GROUP], "themes": ["Application"],
    },
    "Distribution": {
        "feature": "amount", "title": "Airtime lent", "unit": "BRL", "kind": "number",
        "value": 20.0, "text": "20 BRL",
        "bins": [{"low": 5.0, "high": 6.0, "label": "5 to 6 BRL", "all": 1.0, "group": 1.0}],
        "group": _GROUP,
    },
    "Portfolio": {
        "product": "airtime_loans", "currency": "BRL", "cutoff": 0.15, "policy_cutoff": 0.15,
        "best_cutoff": 0.17, "best_low": 0.13, "best_high": 0.2, "level": 0.9,
        "chosen_on": "8,000 training applications of model 3, each with a PD from folds that had "
        "not seen it",
        "judged_on": "1,000 test applications the model had not seen, later than the training data",
        "applications": 1000, "bad_rate_all": 0.16, "curve": [_POINT], "at": _POINT,
        "at_policy": _POINT, "at_best": _POINT, "approve_all": {"profit": 310.0},
        "oracle": {"profit": 2210.0},
        "confusion": {
            "bad_declined": 110, "bad_approved": 50, "good_declined": 270, "good_approved": 570,
        },
        "confusion_money": {
            "bad_declined": 0.0, "bad_approved": -402.0, "good_declined": 0.0,
            "good_approved": 1642.5,
        },
        "economics": [["A repaid loan brings", "17 % of what is lent"]],
    },
    "Campaign": {
        "product": "airtime_loans", "currency": "BRL", "confidence": 0.9, "status": "done",
        "job": {**_JOB, "state": "done", "done": 10_000}, "as_of": "2026-11-02T09:30:00Z",
        "clients": 10_000, "eligible": 4200, "expected_bad_rate": 0.06,
        "expected_bad_debt": {
            "amount": 1890.0, "minor": 189_000, "currency": "BRL", "words": "1,890 BRL",
        },
        "expected_profit": {
            "amount": 4210.0, "minor": 421_000, "currency": "BRL", "words": "4,210 BRL",
        },
        "lent": {
            "amount": 39_500.0, "minor": 3_950_000, "currency": "BRL", "words": "39,500 BRL",
        },
        "funnel": [{"label": "All clients", "clients": 10_000, "note": ""}],
        "curve": [
            {
                "confidence": 0.9, "eligible": 4200, "expected_bad_rate": 0.06,
                "expected_profit": 4210.0,
            }
        ],
        "note": "",
        "sample": [
            {
                "user_id": "55-1198", "pd": 0.011, "score": 651, "band": "A", "offer": "Airtime",
                "amount": _OFFER["amount"], "fee": _OFFER["fee"],
            }
        ],
    },
    "Job": _JOB,
    **OUTCOME_EXAMPLES,
}  # fmt: skip
