"""How the rows of a test are typed."""

from __future__ import annotations

from solvent.features.packed import Layout, Typing


def typed(name: str) -> Typing:
    """Return a typing of a source without declared columns: its rows may hold anything."""
    return Typing(name=name, layout=Layout())


T = typed("t")
