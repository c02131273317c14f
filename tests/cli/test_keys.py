"""`solvent keys`: shown once, kept as a digest, revoked for good."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli.shops import Shop, told_once

SPELT = re.compile(r"slv_[A-Za-z0-9_-]{20,}")


@pytest.fixture
def bare(tmp_path: Path) -> Shop:
    """A home where nothing was ever kept."""
    return Shop(folder=tmp_path / "none", home=tmp_path / "home")


def test_a_key_is_printed_once_and_kept_nowhere(bare: Shop) -> None:
    result = bare.invoke("keys", "create", "--role", "risk_manager", "--name", "branch 12")
    assert result.exit_code == 0, result.output
    (plain,) = SPELT.findall(result.output)
    assert "shown this once" in result.output
    assert "role     risk_manager" in result.output
    listed = bare.invoke("keys", "list")
    assert "branch 12" in listed.output
    assert not SPELT.findall(listed.output)
    for path in bare.kept:
        assert plain.encode() not in path.read_bytes()


def test_two_keys_differ_and_a_name_may_hold_anything(bare: Shop) -> None:
    plain = {
        SPELT.findall(bare.invoke("keys", "create", "--role", "admin", "--name", name).output)[0]
        for name in ("[red]x[/]", "=1+1 Zürich")
    }
    assert len(plain) == 2
    shown = bare.invoke("keys", "list").output
    assert "[red]x[/]" in shown
    assert "=1+1 Zürich" in shown


def test_a_revoked_key_says_since_when_and_is_revoked_once(bare: Shop) -> None:
    bare.invoke("keys", "create", "--role", "admin")
    (row,) = [line for line in bare.invoke("keys", "list").output.splitlines() if "admin" in line]
    name = row.split()[0]
    assert "revoked  " in bare.invoke("keys", "revoke", name).output
    (row,) = [line for line in bare.invoke("keys", "list").output.splitlines() if "admin" in line]
    assert len(re.findall(r"\d{4}-\d\d-\d\dT\d\d:\d\d", row)) == 2
    told_once(bare.invoke("keys", "revoke", name), "ID: there is no such key", "solvent keys list")
    told_once(bare.invoke("keys", "revoke", "nobody"), "ID: there is no such key")


def test_without_a_key_the_way_to_one_is_told(bare: Shop) -> None:
    result = bare.invoke("keys", "list")
    assert result.exit_code == 0
    assert "no key has been made yet: solvent keys create --role admin" in result.output


def test_an_unknown_role_is_told_the_known_ones(bare: Shop) -> None:
    result = bare.invoke("keys", "create", "--role", "king")
    assert result.exit_code == 2
    for role in ("applicant", "relationship_manager", "risk_manager", "admin"):
        assert role in result.output
    assert bare.kept == []
