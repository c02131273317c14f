"""The command line: one file per command."""

from solvent.cli.main import main

__all__ = ["main"]
