"""Who calls: an API key in `Authorization: Bearer`, its role, and what the role may do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.concurrency import run_in_threadpool

from solvent.app.bootstrap import Service
from solvent.serve.known_keys import KnownKeys
from solvent.serve.problems import Problem
from solvent.store import Role

KNOWN = "solvent.known"
"""Stands in the scope of a request whose key was found."""
CHALLENGE = {"WWW-Authenticate": 'Bearer realm="solvent"'}
VIEWERS = tuple(role for role in Role if role is not Role.MONITOR)
"""Roles that may look at products."""
READERS = (Role.RELATIONSHIP_MANAGER, Role.RISK_MANAGER, Role.AUDITOR)
"""Roles that may read any decision, whole."""
ASK = "ask your administrator for a key: solvent keys create --role ROLE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who calls.

    Args:
        key_id: Id of the API key.
        role: What it may do.
        name: What the key was made for.
    """

    key_id: str
    role: Role
    name: str


async def service_of(request: Request) -> Service:
    """Return the service the API was made with.

    It only looks something up: as a coroutine it costs no change of threads.
    """
    service: Service = request.app.state.service
    return service


Wired = Annotated[Service, Depends(service_of)]


async def caller_or_nobody(request: Request) -> Caller | None:
    """Return who calls; None where no key was sent.

    A key that opened within the last second is not looked up again.

    Raises:
        Problem: The key is not known.
    """
    header = request.headers.get("authorization")
    if header is None:
        return None
    scheme, _, plain = header.partition(" ")
    found = None
    if scheme.lower() == "bearer" and plain.strip():
        keys: KnownKeys = request.app.state.keys
        found = keys.held(plain.strip()) or await run_in_threadpool(keys.find, plain.strip())
    if found is None:
        raise Problem(401, "the API key is not known", hint=ASK, headers=CHALLENGE)
    request.scope[KNOWN] = True
    return Caller(key_id=found.id, role=found.role, name=found.name)


MaybeCaller = Annotated[Caller | None, Depends(caller_or_nobody)]


def allowed(*roles: Role) -> Callable[[Caller | None], Awaitable[Caller]]:
    """Return a check that lets only some roles in; an administrator may do everything."""
    welcome = {Role.ADMIN, *roles}

    async def check(caller: MaybeCaller) -> Caller:
        if caller is None:
            raise Problem(
                401, "an API key is needed", hint=f"send Authorization: Bearer KEY; {ASK}",
                headers=CHALLENGE,
            )  # fmt: skip
        if caller.role not in welcome:
            names = ", ".join(sorted(role.value for role in welcome))
            raise Problem(403, f"this is for other roles: {names}", hint=ASK)
        return caller

    return check


AnyCaller = Annotated[Caller, Depends(allowed(*Role))]
Viewing = Annotated[Caller, Depends(allowed(*VIEWERS))]
Applying = Annotated[Caller, Depends(allowed(Role.APPLICANT, Role.RELATIONSHIP_MANAGER))]
Advising = Annotated[Caller, Depends(allowed(Role.RELATIONSHIP_MANAGER))]
Steering = Annotated[Caller, Depends(allowed(Role.RISK_MANAGER))]
Realising = Annotated[
    Caller,
    Depends(allowed(Role.RELATIONSHIP_MANAGER, Role.RISK_MANAGER, Role.VALIDATOR)),
]
Weighing = Annotated[Caller, Depends(allowed(Role.RISK_MANAGER, Role.VALIDATOR))]
Auditing = Annotated[Caller, Depends(allowed(Role.AUDITOR))]
Watching = Annotated[Caller, Depends(allowed(Role.AUDITOR, Role.MONITOR))]
Staff = Annotated[Caller, Depends(allowed(Role.RELATIONSHIP_MANAGER, Role.RISK_MANAGER))]
