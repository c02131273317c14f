"""A fake of the API over real HTTP on this machine: the contract, a made-up lender behind it."""

from __future__ import annotations

import contextlib
import threading
from dataclasses import dataclass, field
from typing import Any, Self

import uvicorn
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, PlainTextResponse

from tests.ui import fake_batches, fake_outcomes
from tests.ui import fake_views as views
from tests.ui.fake_data import (
    FORM,
    NOW,
    Json,
    client_keys,
    for_applicant,
    pd_of,
    product,
    score_of,
    summary,
)

ROLES = {
    "applicant-key": "applicant",
    "manager-key": "relationship_manager",
    "risk-key": "risk_manager",
    "admin-key": "admin",
}
STAFF = {"relationship_manager", "admin"}
RISK = {"risk_manager", "admin"}
TAKERS = {"applicant", "relationship_manager", "admin"}


@dataclass
class State:
    """What a test sets, and what the server remembers."""

    products: list[str] = field(default_factory=lambda: ["instant_card", "airtime_loans"])
    campaign: str = "done"
    job_state: str = "running"
    writable: bool = True
    drops: int = 0  # connections to break before an answer is given
    decisions: dict[str, Json] = field(default_factory=dict)
    by_key: dict[str, str] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    polls: int = 0
    batches: dict[str, Json] = field(default_factory=dict)


class Problem(HTTPException):
    """An answer that is not a success."""

    def __init__(self, status: int, detail: str, **more: str) -> None:
        super().__init__(status, detail)
        self.more = more


def _role(request: Request, allowed: set[str] | None = None) -> str:
    key = request.headers.get("Authorization", "").removeprefix("Bearer ")
    role = ROLES.get(key)
    if role is None:
        raise Problem(401, "this key is not known", hint="ask your administrator for a key")
    if allowed is not None and role not in allowed:
        raise Problem(403, f"the role {role} may not read this")
    return role


def _allow(request: Request, roles: set[str]) -> None:
    _role(request, roles)


def _known(state: State, name: str) -> None:
    if name not in state.products:
        raise Problem(404, "there is no such product")


def _job(state: State) -> Json:
    done = min(412, 120 * state.polls)
    return {
        "id": "job-1", "kind": "campaign", "state": state.job_state, "done": done, "total": 412,
        "created_at": NOW,
        "message": "the store was full" if state.job_state == "failed" else "",
    }  # fmt: skip


def _check_form(name: str, attributes: Json) -> None:
    if name != "instant_card":
        return
    for asked in FORM:
        value = attributes.get(asked["column"])
        if value is None and asked["required"]:
            raise Problem(422, "is missing", field=asked["column"], hint="answer this question")
    if attributes["income"] == 13:
        raise Problem(
            422, "is not an income we can use", field="attributes.income",
            hint="write it in whole roubles",
        )  # fmt: skip


def build(state: State) -> FastAPI:
    app = FastAPI()

    @app.exception_handler(Problem)
    async def problem(_: Request, error: Problem) -> JSONResponse:
        body = {"type": "about:blank", "title": "no", "status": error.status_code}
        body |= {"detail": error.detail, **error.more}
        return JSONResponse(body, error.status_code, media_type="application/problem+json")

    @app.middleware("http")
    async def remember(request: Request, go_on: Any) -> Any:
        state.asked.append((request.method, request.url.path))
        return await go_on(request)

    _public(app, state)
    _decisions(app, state)
    _clients(app, state)
    _risk(app, state)
    fake_batches.serve(app, state.batches, lambda request: _allow(request, STAFF | RISK))
    return app


def _public(app: FastAPI, state: State) -> None:
    @app.get("/health")
    def health() -> Json:
        return {"status": "ok"}

    @app.get("/ready")
    def ready() -> Json:
        if not state.writable:
            raise Problem(503, "the store cannot be written")
        return {"status": "ready", "products": state.products}

    @app.get("/v1/me")
    def me(request: Request) -> Json:
        role = _role(request)
        return {"role": role, "name": f"Ana, {role.replace('_', ' ')}"}

    @app.get("/v1/products")
    def products(request: Request) -> Json:
        role = _role(request)
        lines = [summary(name) for name in state.products]
        return {"products": [*map(for_applicant, lines)] if role == "applicant" else lines}

    @app.get("/v1/products/{name}")
    def one(request: Request, name: str) -> Json:
        role = _role(request)
        _known(state, name)
        return for_applicant(product(name)) if role == "applicant" else product(name)


def _decisions(app: FastAPI, state: State) -> None:
    @app.post("/v1/products/{name}/decisions", status_code=201)
    async def decide(request: Request, name: str) -> Json:
        role = _role(request, TAKERS)
        _known(state, name)
        if not state.writable:
            raise Problem(503, "the store cannot be written", hint="try again in a minute")
        key = request.headers.get("Idempotency-Key", "")
        body = await request.json()
        if key not in state.by_key:
            attributes = body.get("attributes", {})
            _check_form(name, attributes)
            user = body.get("user_id") or f"new-{attributes.get('income', 0):.0f}"
            number = len(state.decisions) + 1
            made = views.decision(user, name, number)
            state.decisions[made["id"]] = made
            state.by_key[key] = made["id"]
        made = state.decisions[state.by_key[key]]
        return views.applicant_decision(made) if role == "applicant" else made

    @app.get("/v1/decisions/{number}")
    def decision(request: Request, number: str, token: str = "") -> Json:
        if number not in state.decisions:
            raise Problem(404, "there is no such decision")
        made = state.decisions[number]
        if token and token == made["token"]:
            return views.applicant_decision(made)
        _role(request, STAFF | RISK)
        return made

    @app.post("/v1/products/{name}/score")
    async def score(request: Request, name: str) -> Json:
        _role(request, STAFF | RISK)
        pd = pd_of((await request.json()).get("user_id", name))
        rest = {"repayment_probability": 1 - pd, "score": score_of(pd), "model_version": 3}
        return {"pd": pd} | rest

    @app.post("/v1/products/{name}/events")
    async def events(request: Request, name: str) -> Json:
        _role(request, RISK)
        _known(state, name)
        return {"accepted": len((await request.json())["rows"]), "repeated": 0, "sequence": 1205}


def _clients(app: FastAPI, state: State) -> None:
    @app.get("/v1/products/{name}/clients")
    def clients(
        request: Request, name: str, search: str = "", limit: int = 50, offset: int = 0
    ) -> Json:
        _role(request, STAFF)
        _known(state, name)
        keys = [key for key in client_keys(name) if key.startswith(search)]
        shown = [views.summary_of(key, name) for key in keys[offset : offset + limit]]
        return {"clients": shown, "total": len(keys)}

    @app.get("/v1/products/{name}/clients/{key}")
    def client(request: Request, name: str, key: str, group: str | None = None) -> Json:
        _role(request, STAFF)
        _known(state, name)
        if key not in client_keys(name) and not state.decisions:
            raise Problem(404, "no client has this number")
        return views.client(key, name, group)

    @app.get("/v1/products/{name}/clients/{key}/values/{feature}")
    def value(
        request: Request, name: str, key: str, feature: str, group: str | None = None
    ) -> Json:
        _role(request, STAFF)
        return views.distribution(key, name, feature, group)


def _risk(app: FastAPI, state: State) -> None:
    @app.get("/v1/products/{name}/portfolio")
    def portfolio(request: Request, name: str, cutoff: float | None = None) -> Json:
        _role(request, RISK)
        return views.portfolio(name, cutoff)

    @app.get("/v1/products/{name}/outcomes/realised")
    def realised(request: Request, name: str, bands: str | None = None) -> Json:
        _role(request, STAFF | RISK)
        return fake_outcomes.realised(name, bands)

    @app.get("/v1/products/{name}/outcomes/realised.csv")
    def realised_file(request: Request, name: str, bands: str | None = None) -> PlainTextResponse:
        _role(request, STAFF | RISK)
        months = (one["month"] for one in fake_outcomes.realised(name, bands)["months"])
        return PlainTextResponse("\n".join(["month", *months, ""]), media_type="text/csv")

    @app.post("/v1/products/{name}/outcomes")
    async def outcomes(request: Request, name: str) -> Json:
        _role(request, RISK)
        rows = (await request.json())["outcomes"]
        refused = {"row": 1, "field": "bad", "detail": "is neither true nor false", "hint": "1, 0"}
        return {
            "accepted": len(rows) - 1, "repeated": 0, "corrected": 0, "refused": [refused],
        }  # fmt: skip

    @app.get("/v1/products/{name}/campaign")
    def campaign(request: Request, name: str, confidence: float = 0.9) -> Json:
        _role(request, RISK)
        job = _job(state) if state.campaign == "running" else None
        return views.campaign(name, confidence, state.campaign, job)

    @app.get("/v1/products/{name}/campaign.csv")
    def file(request: Request, name: str, confidence: float = 0.9) -> PlainTextResponse:
        _role(request, RISK)
        head = "user_id,probability_of_default,repayment_probability,score,band,offer,amount,"
        head += "fee,currency"
        lines = [
            f"{key},{pd_of(key)},{1 - pd_of(key):.4f},{score_of(pd_of(key))},B,x,5,0.75,BRL"
            for key in views.eligible_keys(name, confidence)
        ]
        return PlainTextResponse("\n".join([head, *lines, ""]), media_type="text/csv")

    @app.post("/v1/products/{name}/campaign/refresh", status_code=202)
    def refresh(request: Request, name: str) -> Json:
        _role(request, RISK)
        _known(state, name)
        state.polls = 0
        if state.job_state == "running":
            state.campaign = "running"
        return _job(state)

    @app.get("/v1/jobs/{job}")
    def job(request: Request, job: str) -> Json:
        _role(request, RISK)
        if job != "job-1":
            raise Problem(404, "there is no such job")
        state.polls += 1
        if state.job_state == "running" and state.polls >= 4:
            state.campaign = "done"
            return _job(state) | {"state": "done", "done": 412}
        return _job(state)


class Breaking:
    """The app, whose answers are lost on the way while `state.drops` lasts: the work is done."""

    def __init__(self, app: FastAPI, state: State) -> None:
        self.app, self.state = app, state

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if not self.state.drops:
            await self.app(scope, receive, send)
            return
        self.state.drops -= 1

        async def lose(_: Any) -> None: ...

        await self.app(scope, receive, lose)
        # Promise a body and leave: uvicorn closes the connection.
        headers = [(b"content-length", b"10")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})


class FakeApi:
    """The server in a thread of its own; `with FakeApi() as api: api.url`."""

    def __init__(self, port: int = 0) -> None:
        self.state = State()
        config = uvicorn.Config(
            Breaking(build(self.state), self.state), host="127.0.0.1", port=port,
            log_level="critical", ws="none", lifespan="off", loop="asyncio",
        )  # fmt: skip
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self.url = ""

    def __enter__(self) -> Self:
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the fake API did not start")
            self._thread.join(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(5)


if __name__ == "__main__":
    import sys

    with FakeApi(int(sys.argv[1])) as running:
        sys.stdout.write(running.url + "\n")
        sys.stdout.flush()
        with contextlib.suppress(KeyboardInterrupt):
            threading.Event().wait()
