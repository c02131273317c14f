"""Raw tables from files: found, read once, typed, and every row judged."""

from solvent.sources.connection import connect
from solvent.sources.files import fingerprint
from solvent.sources.layout import ALWAYS, known_name
from solvent.sources.opened import OpenTable, open_table
from solvent.sources.refusals import Refusals, RefusedRow, refusals, refused_rows

__all__ = [
    "ALWAYS", "OpenTable", "Refusals", "RefusedRow", "connect", "fingerprint", "known_name",
    "open_table", "refusals", "refused_rows",
]  # fmt: skip
