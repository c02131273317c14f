"""Who a key belongs to."""

from __future__ import annotations

from dataclasses import dataclass

APPLICANT = "applicant"
RELATIONSHIP_MANAGER = "relationship_manager"
RISK_MANAGER = "risk_manager"
ADMIN = "admin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Me:
    """The holder of an API key.

    Args:
        role: applicant, relationship_manager, risk_manager, validator, auditor, monitor or admin.
        name: What the administrator named the key.
    """

    role: str
    name: str
