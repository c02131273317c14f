"""Raw tables from files: found, read once, typed, and every row judged."""

from solvent.features.rows import ALWAYS
from solvent.sources.connection import connect
from solvent.sources.files import fingerprint
from solvent.sources.guesses import Looks
from solvent.sources.opened import OpenTable, open_table
from solvent.sources.refusals import Refusals, RefusedRow, refusals, refused_rows
from solvent.sources.sniff import Sniffed, SniffedColumn, sniff

__all__ = [
    "ALWAYS", "Looks", "OpenTable", "Refusals", "RefusedRow", "Sniffed", "SniffedColumn",
    "connect", "fingerprint", "open_table", "refusals", "refused_rows", "sniff",
]  # fmt: skip
