"""Applications, features and outcomes put together: maturity, splits, the leakage gate."""

from solvent.dataset.bad import Bad, Equals, Unpaid, equals, unpaid
from solvent.dataset.build import Dataset, OpenData, build_dataset, open_data
from solvent.dataset.funnel import Fingerprint, Refusal, Stage
from solvent.dataset.gate import Check, require_no_leak, run_gate
from solvent.dataset.plan import Plan, Waiver
from solvent.dataset.splits import Split

__all__ = [
    "Bad",
    "Check",
    "Dataset",
    "Equals",
    "Fingerprint",
    "OpenData",
    "Plan",
    "Refusal",
    "Split",
    "Stage",
    "Unpaid",
    "Waiver",
    "build_dataset",
    "equals",
    "open_data",
    "require_no_leak",
    "run_gate",
    "unpaid",
]
