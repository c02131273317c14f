"""A campaign: the clients a policy would approve now, with offers, and where the others fell out.

`campaign` serves the page from the clients scored last; `score_clients` is the job that scores
them; `campaign_file` does the same for a file of customers, from the command line.
"""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from solvent.app.answers import instant_json, money_json
from solvent.app.bootstrap import Service
from solvent.app.csv_cells import CsvWriter
from solvent.app.decide import Application, prepare_applicant
from solvent.app.live_product import LiveProduct
from solvent.app.standing import Named, standing_of
from solvent.dataset import Stage
from solvent.domain import JobState, Money, Verdict
from solvent.errors import DataError, NotServedError, RangeError
from solvent.models.documents import Json
from solvent.policy import Policy
from solvent.progress import Progress, Silent, Step
from solvent.report.figures import percent
from solvent.store import Job, Standing

KIND = "standings"
COLUMNS = (
    "user_id", "probability_of_default", "repayment_probability", "score", "band", "offer",
    "amount", "fee", "currency",
)  # fmt: skip
CURVE = tuple(round(0.5 + 0.01 * step, 2) for step in range(50))
SAMPLE = 10
KEPT_AT_ONCE = 500
FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What lending to some clients can be expected to bring.

    Args:
        clients: How many.
        bad_rate: Mean PD; None for nobody.
        bad_debt: Money lost to those who do not repay, in major units; None where not known.
        profit: Expected profit, in major units; None where not known.
        lent: Money at risk, in major units; None where not known.
        currency: Code of the currency.
    """

    clients: int
    bad_rate: float | None
    bad_debt: float | None
    profit: float | None
    lent: float | None
    currency: str


def require_confidence(confidence: float) -> None:
    """Refuse a confidence that is no probability.

    Raises:
        RangeError: It is outside (0, 1).
    """
    if not 0.0 < confidence < 1.0:
        raise RangeError(
            "must lie between 0 and 1", hint="0.9 asks for clients who repay nine times in ten",
            field="confidence",
        )  # fmt: skip


def eligible(standings: Sequence[Standing], confidence: float) -> list[Standing]:
    """Return whom the policy approves and who repay with at least a confidence, safest first."""
    found = [
        one for one in standings
        if one.verdict == Verdict.APPROVE.value and 1.0 - one.pd >= confidence
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.pd, one.key))


def funnel(
    policy: Policy, standings: Sequence[Standing], confidence: float, unscored: int = 0
) -> tuple[Stage, ...]:
    """Return who is left after each step, and why the others are not.

    Args:
        policy: The policy.
        standings: How each scored client stands.
        confidence: Repayment probability asked for.
        unscored: Clients who could not be scored.
    """
    caught = Counter(one.rule for one in standings if one.rule)
    reasons = {rule.code: rule.reason for rule in policy.knock_outs}
    free = [one for one in standings if not one.rule]
    costly = sum(one.pd >= policy.cutoffs.approve_below for one in free)
    approved = [one for one in free if one.verdict == Verdict.APPROVE.value]
    sure = eligible(standings, confidence)
    rules = "; ".join(f"{count:,} {_small(reasons[code])}" for code, count in caught.most_common())
    cutoff = policy.cutoffs.approve_below
    fitting = len(free) - len(approved) - costly
    refused = [f"{costly:,} with a PD of {percent(cutoff)} or more"] if costly else []
    refused += [f"{fitting:,} whom no amount can be lent to"] if fitting > 0 else []
    unsure = len(approved) - len(sure)
    return (
        Stage(
            label="All clients", rows=len(standings) + unscored,
            note=f"{unscored:,} could not be scored: their rows do not fit" if unscored else "",
        ),
        Stage(label="No rule against them", rows=len(free), note=rules),
        Stage(
            label="Approved by the policy", rows=len(approved),
            note="; ".join(refused),
        ),
        Stage(
            label=f"Repay with at least {percent(confidence)} confidence", rows=len(sure),
            note=f"{unsure:,} less sure than that" if unsure else "",
        ),
    )  # fmt: skip


def outlook(policy: Policy, chosen: Sequence[Standing]) -> Outlook:
    """Return what lending to some clients can be expected to bring, by their PDs.

    Each is worth what the policy's economics say at the amount offered, as in a simulation. Where
    they cannot say it of somebody, money is not known: never taken for nothing.
    """
    pd = np.array([one.pd for one in chosen], np.float64)
    good, bad, lent = (
        np.array([np.nan if value is None else value for value in values], np.float64)
        for values in zip(*((one.if_good, one.if_bad, one.at_risk) for one in chosen), strict=True)
    ) if chosen else (pd, pd, pd)  # fmt: skip
    return Outlook(
        clients=len(chosen), bad_rate=float(pd.mean()) if len(chosen) else None,
        bad_debt=_known((pd * -bad).sum()), profit=_known(((1.0 - pd) * good + pd * bad).sum()),
        lent=_known(lent.sum()), currency=policy.economics.currency,
    )  # fmt: skip


def _known(total: float) -> float | None:
    return None if np.isnan(total) else float(total)


def campaign(service: Service, product: str, confidence: float) -> dict[str, Any]:
    """Return what the Campaign page shows.

    Raises:
        NotServedError: No such product is served.
        RangeError: The confidence is no probability.
    """
    require_confidence(confidence)
    live = service.product(product)
    job, running = last_job(service, live), service.jobs.newest(KIND, live.name)
    base: dict[str, Any] = {
        "product": live.name, "currency": live.currency, "confidence": confidence,
        "status": _status(job, running), "job": None if running is None else job_json(running),
        "as_of": None, "clients": service.clients.count(live.name), "eligible": 0,
        "expected_bad_rate": None, "expected_bad_debt": None, "expected_profit": None,
        "lent": None, "funnel": [], "curve": [], "sample": [], "note": _outdated(service, live),
    }  # fmt: skip
    if job is None:
        return base
    standings = service.standings.of_job(job.id)
    chosen = eligible(standings, confidence)
    found = outlook(live.policy, chosen)
    scale = live.policy.offer.scale
    money = {
        "expected_bad_debt": found.bad_debt, "expected_profit": found.profit, "lent": found.lent,
    }  # fmt: skip
    return {
        **base, "as_of": _as_of(standings), "clients": len(standings), "eligible": len(chosen),
        "expected_bad_rate": found.bad_rate,
        **{
            name: None if value is None else money_json(Money.of(value, found.currency, scale))
            for name, value in money.items()
        },
        "funnel": [
            {"label": one.label, "clients": one.rows, "note": one.note}
            for one in funnel(live.policy, standings, confidence, _unscored(job))
        ],
        "curve": list(_curve(live.policy, standings)),
        "sample": [_row(one) for one in chosen[:SAMPLE]],
    }  # fmt: skip


def _unscored(job: Job) -> int:
    found = (job.result or {}).get("unscored", 0)
    return found if isinstance(found, int) else 0


def _curve(policy: Policy, standings: Sequence[Standing]) -> Iterator[dict[str, Any]]:
    for confidence in CURVE:
        found = outlook(policy, eligible(standings, confidence))
        yield {
            "confidence": confidence, "eligible": found.clients,
            "expected_bad_rate": found.bad_rate, "expected_profit": found.profit,
        }  # fmt: skip


def _as_of(standings: Sequence[Standing]) -> str | None:
    newest = max((one.as_of for one in standings), default=0)
    return instant_json(newest) if newest else None


def _status(done: Job | None, newest: Job | None) -> str:
    if newest is not None and newest.state in {JobState.WAITING, JobState.RUNNING}:
        return "running"
    return "none" if done is None else "done"


def last_job(service: Service, live: LiveProduct) -> Job | None:
    """Return the newest finished scoring by the model and policy that decide now; else None."""
    job = service.jobs.newest(KIND, live.name, JobState.DONE)
    made_by = _versions(live)
    result = {} if job is None else job.result or {}
    return job if made_by.items() <= result.items() else None


def _versions(live: LiveProduct) -> dict[str, Json]:
    return {"model": live.registered.version, "policy": live.versioned.version}


def _outdated(service: Service, live: LiveProduct) -> str:
    """Return why the last scoring does not count any more; empty where it does."""
    job = service.jobs.newest(KIND, live.name, JobState.DONE)
    if job is None or last_job(service, live) is not None:
        return ""
    told = job.result or {}
    return (
        f"Clients were scored with model {told.get('model')} and policy {told.get('policy')}; "
        f"now model {live.registered.version} and policy {live.versioned.version} decide."
    )


def campaign_csv(service: Service, product: str, confidence: float) -> str:
    """Return the eligible clients as CSV text; no cell starts a formula.

    Raises:
        NotServedError: No such product is served, or its clients were never scored.
        RangeError: The confidence is no probability.
    """
    require_confidence(confidence)
    live = service.product(product)
    job = last_job(service, live)
    if job is None:
        raise NotServedError(
            "its clients have not been scored with what decides now",
            hint="refresh the campaign first",
            field=live.name,
        )  # fmt: skip
    out = io.StringIO(newline="")
    write_csv(out, eligible(service.standings.of_job(job.id), confidence))
    return out.getvalue()


def write_csv(out: io.TextIOBase, chosen: Sequence[Standing]) -> None:
    """Write eligible clients as CSV, with a heading."""
    writer = CsvWriter(out)
    writer.write(COLUMNS)
    for one in chosen:
        row = _row(one)
        writer.write(
            [
                row["user_id"], row["pd"], 1.0 - row["pd"], row["score"], row["band"],
                row["offer"], _plain(one.amount_minor, one.scale),
                _plain(one.fee_minor, one.scale), one.currency,
            ]
        )  # fmt: skip


def _plain(minor: int | None, scale: int) -> str:
    if minor is None:
        return ""
    return str(Money(minor=minor, scale=scale).words).replace(",", "")


def _row(one: Standing) -> dict[str, Any]:
    def money(minor: int | None) -> dict[str, Any] | None:
        if minor is None:
            return None
        return money_json(Money(minor=minor, currency=one.currency, scale=one.scale))

    return {
        "user_id": one.key, "pd": one.pd, "score": one.score, "band": one.band,
        "offer": one.offer_title, "amount": money(one.amount_minor), "fee": money(one.fee_minor),
    }  # fmt: skip


def refresh(service: Service, product: str) -> dict[str, Any]:
    """Ask for all clients of a product to be scored; the worker does it.

    Raises:
        NotServedError: No such product is served.
    """
    live = service.product(product)
    return job_json(service.jobs.add(KIND, live.name, {}, service.now()))


def job_json(job: Job) -> dict[str, Any]:
    """Return a job as the API tells it."""
    return {
        "id": str(job.id), "kind": job.kind, "state": job.state.value, "done": job.done,
        "total": job.total, "created_at": instant_json(job.created_at), "message": job.message,
    }  # fmt: skip


def score_clients(
    service: Service, live: LiveProduct, job: Job, progress: Progress | None = None
) -> dict[str, Json]:
    """Score every client of a product and keep how each stands; return how many.

    Args:
        service: Everything that is wired together.
        live: The product.
        job: Names the run.
        progress: Told of every client done.
    """
    as_of = service.data_clock(live.name) if live.has_times else 0
    total, unscored = service.clients.count(live.name), list[str]()
    with (progress or Silent()).step("scoring clients", total) as step:
        scored = _scored(service, live, as_of, step, unscored)
        # some at a time: whoever decides meanwhile writes between them
        while batch := list(islice(scored, KEPT_AT_ONCE)):
            service.standings.add(live.name, job.id, batch)
    return {"clients": total, "unscored": len(unscored), **_versions(live)}


def _scored(
    service: Service, live: LiveProduct, as_of: int, step: Step, unscored: list[str]
) -> Iterator[Standing]:
    for key in service.clients.all(live.name):
        application = _application(service, live, key, as_of)
        try:
            applicants = prepare_applicant(live, application, service.rows, until=None)
        except DataError:  # rows that do not fit what the model learnt from: counted, not guessed
            unscored.append(key)
        else:
            yield standing_of(live, applicants, 0, Named(key=key, as_of=as_of))
        step.advance()


def _application(service: Service, live: LiveProduct, key: str, as_of: int) -> Application:
    """Return what to score a client with: what they said last, if they applied."""
    newest = service.decisions.by_key(live.name, key, 1)
    if not newest:
        return Application(key=key, as_of=as_of)
    request = json.loads(newest[0].document)["request"]
    if request["typing"] != live.typings[live.applications.name].name:
        return Application(key=key, as_of=as_of)  # typed under another declaration
    return Application(
        key=key, as_of=as_of, attributes=request["attributes"], known=request["known"]
    )


def _small(words: str) -> str:
    return words[:1].lower() + words[1:]
