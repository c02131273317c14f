"""What became of what was decided: realised against predicted."""

from solvent.monitor.maturity import Told, Windowed, settle
from solvent.monitor.realised import Group, Loans, Realised, realised

__all__ = ["Group", "Loans", "Realised", "Told", "Windowed", "realised", "settle"]
