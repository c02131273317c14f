"""Settings: the environment read once, safe where it says nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from solvent.app.settings import EVERYWHERE, LOOPBACK, Settings, read_settings
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
    names = (
        "HOME", "DATABASE_URL", "DATABASE_URL_FILE", "DATABASE_PLAIN", "REDIS_URL", "HOST",
        "REDIS_URL_FILE", "UI_HOST", "API_PORT", "UI_PORT", "API_URL", "TLS_CERT", "TLS_KEY",
        "TRUSTED_PROXY", "ADMIN_KEY_FILE", "SIGNING_KEY_FILE", "TRUSTED_KEYS_FILE",
    )  # fmt: skip
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


def test_the_pages_look_for_the_api_on_its_own_address_and_by_its_scheme() -> None:
    assert read_settings({"SOLVENT_HOST": EVERYWHERE[0]}).api_url == "http://127.0.0.1:8000"
    assert read_settings({"SOLVENT_HOST": "10.0.0.7"}).api_url == "http://10.0.0.7:8000"
    told = {"SOLVENT_HOST": "fd00::7", "SOLVENT_TLS_CERT": "c", "SOLVENT_TLS_KEY": "k"}
    assert read_settings(told).api_url == "https://[fd00::7]:8000"


@pytest.mark.parametrize("name", ["SOLVENT_DATABASE_URL", "SOLVENT_REDIS_URL"])
def test_an_address_may_be_given_by_a_file_that_holds_it(tmp_path: Path, name: str) -> None:
    file = tmp_path / "address"
    file.write_text("redis://:word@queue/0\n")
    found = read_settings({f"{name}_FILE": str(file)})
    assert {found.database_url, found.redis_url} == {None, "redis://:word@queue/0"}
    assert found.secret_files == ((f"{name}_FILE", file),)
    with pytest.raises(DeclarationError, match="give one of the two"):
        read_settings({f"{name}_FILE": str(file), name: "sqlite:///x"})


@pytest.mark.parametrize("content", [b"", b"\n", b"one\ntwo", b"\xff\xfe", b"x" * 9_000, None])
def test_a_file_that_holds_no_value_is_refused_by_its_setting(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "address"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(DeclarationError) as caught:
        read_settings({"SOLVENT_DATABASE_URL_FILE": str(file)})
    assert caught.value.field == "SOLVENT_DATABASE_URL_FILE"
    assert caught.value.hint


@pytest.mark.parametrize("text", ["yes", "2", "true", " 1"])
def test_a_switch_is_on_or_off(text: str) -> None:
    with pytest.raises(DeclarationError, match="write 1 or 0"):
        read_settings({"SOLVENT_DATABASE_PLAIN": text})
