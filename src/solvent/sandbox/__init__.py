"""Simulated lenders whose true probability of default is known: one file per lender."""

from solvent.sandbox._lender import Lender
from solvent.sandbox._simulate import LENDERS, simulate
from solvent.sandbox._write import Written, WrittenTable

__all__ = ["LENDERS", "Lender", "Written", "WrittenTable", "simulate"]
