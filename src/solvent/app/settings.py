"""Settings: read from the environment once, at the edge; every one has a default that is safe."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from solvent.errors import DeclarationError
from solvent.store import home

LOOPBACK = "127.0.0.1"
API_PORT, UI_PORT = 8000, 8501


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things are kept and listened to.

    Args:
        home: Folder of models, policies, keys and the database (`SOLVENT_HOME`).
        database_url: SQLAlchemy URL (`SOLVENT_DATABASE_URL`); None keeps SQLite in `home`.
        host: Address to listen on: this machine alone.
        api_port: Port of the API (`SOLVENT_API_PORT`).
        ui_port: Port of the pages (`SOLVENT_UI_PORT`).
        api_url: Where the pages find the API (`SOLVENT_API_URL`).
    """

    home: Path
    database_url: str | None = None
    host: str = LOOPBACK
    api_port: int = API_PORT
    ui_port: int = UI_PORT
    api_url: str = f"http://{LOOPBACK}:{API_PORT}"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings the environment gives.

    Raises:
        DeclarationError: A port is no port.
    """
    api_port = _port(environment, "SOLVENT_API_PORT", API_PORT)
    return Settings(
        home=home(environment), database_url=environment.get("SOLVENT_DATABASE_URL") or None,
        api_port=api_port, ui_port=_port(environment, "SOLVENT_UI_PORT", UI_PORT),
        api_url=environment.get("SOLVENT_API_URL") or f"http://{LOOPBACK}:{api_port}",
    )  # fmt: skip


def _port(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name) or str(default)
    digits = text.isascii() and text.isdecimal() and len(text) <= len("65535")
    if not digits or not 0 < int(text) < 65_536:
        raise DeclarationError("is no port", hint=f"give a number such as {default}", field=name)
    return int(text)
