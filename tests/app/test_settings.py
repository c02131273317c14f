"""Settings: the environment read once, safe where it says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from solvent.app.settings import LOOPBACK, Settings, read_settings
from solvent.errors import DeclarationError


def test_without_an_environment_everything_stays_on_this_machine() -> None:
    found = read_settings({})
    assert found == Settings(home=Path(".solvent"))
    assert found.host == LOOPBACK == "127.0.0.1"
    assert found.api_url == "http://127.0.0.1:8000"
    assert found.database_url is None


def test_the_pages_look_for_the_api_where_it_listens_unless_told_otherwise() -> None:
    assert read_settings({"SOLVENT_API_PORT": "8123"}).api_url == "http://127.0.0.1:8123"
    told = {"SOLVENT_API_PORT": "8123", "SOLVENT_API_URL": "http://api.lender:80"}
    assert read_settings(told).api_url == "http://api.lender:80"


def test_what_is_set_to_nothing_is_not_set() -> None:
    names = ("HOME", "DATABASE_URL", "API_PORT", "UI_PORT", "API_URL")
    assert read_settings({f"SOLVENT_{name}": "" for name in names}) == read_settings({})


def test_every_setting_has_its_variable(tmp_path: Path) -> None:
    found = read_settings(
        {"SOLVENT_HOME": str(tmp_path), "SOLVENT_DATABASE_URL": "sqlite://", "SOLVENT_UI_PORT": "9"}
    )
    assert (found.home, found.database_url, found.ui_port) == (tmp_path, "sqlite://", 9)


@pytest.mark.parametrize("name", ["SOLVENT_API_PORT", "SOLVENT_UI_PORT"])
@pytest.mark.parametrize("text", ["0", "65536", "-1", "80a", "8 0", "٣", "²", "1.5", "9" * 5000])
def test_a_port_is_a_number_a_machine_has(name: str, text: str) -> None:
    with pytest.raises(DeclarationError, match="is no port") as caught:
        read_settings({name: text})
    assert caught.value.field == name
    assert caught.value.hint
