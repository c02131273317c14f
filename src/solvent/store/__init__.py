"""What solvent keeps: models, policies, decisions, live rows, API keys, jobs and standings."""

from importlib import import_module as _import_module
from typing import TYPE_CHECKING

from solvent.store.models import ModelRegistry, RegisteredModel, home
from solvent.store.policies import PolicyRegistry, RegisteredPolicy
from solvent.store.secret import load_secret

if TYPE_CHECKING:
    from solvent.store._keeping import Answer
    from solvent.store.audit import Audit, Checkpoint
    from solvent.store.batch import Batch, BatchMode, BatchState, Chunk
    from solvent.store.batches import Batches
    from solvent.store.clients import Clients
    from solvent.store.database import Database
    from solvent.store.decisions import Decisions, StoredDecision
    from solvent.store.jobs import Job, Jobs
    from solvent.store.keys import KeyRecord, Keys, Role
    from solvent.store.live_row import LiveRow
    from solvent.store.outcomes import KnownLoan, Outcomes, Recorded
    from solvent.store.rows import Added, Rows
    from solvent.store.standings import Standing, Standings

__all__ = [
    "Added", "Answer", "Audit", "Batch", "BatchMode", "BatchState", "Batches", "Checkpoint",
    "Chunk", "Clients", "Database", "Decisions", "Job", "Jobs",
    "KeyRecord", "Keys", "KnownLoan", "LiveRow", "ModelRegistry", "Outcomes", "PolicyRegistry",
    "Recorded", "RegisteredModel", "RegisteredPolicy", "Role", "Rows", "Standing", "Standings",
    "StoredDecision", "home", "load_secret",
]  # fmt: skip

_FILES = {
    "Audit": "audit", "Checkpoint": "audit",
    "Batch": "batch", "BatchMode": "batch", "BatchState": "batch", "Batches": "batches",
    "Chunk": "batch",
    "Clients": "clients",
    "Database": "database",
    "Answer": "_keeping", "Decisions": "decisions", "StoredDecision": "decisions",
    "Job": "jobs", "Jobs": "jobs",
    "KeyRecord": "keys", "Keys": "keys", "Role": "keys",
    "LiveRow": "live_row",
    "KnownLoan": "outcomes", "Outcomes": "outcomes", "Recorded": "outcomes",
    "Added": "rows", "Rows": "rows",
    "Standing": "standings", "Standings": "standings",
}  # fmt: skip


def __getattr__(name: str) -> object:
    """Import a name when it is first asked for: training needs no database."""
    if name not in _FILES:
        raise AttributeError(f"module 'solvent.store' has no attribute {name!r}")
    return getattr(_import_module(f"solvent.store.{_FILES[name]}"), name)
