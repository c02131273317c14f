"""Starting to serve: refused in words before anything listens, and the admin key printed once."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from solvent.app.settings import Settings
from solvent.cli import running
from solvent.cli.running import open_for_serving
from solvent.store import PolicyRegistry
from tests.cli.shops import LIVE, POLICY, Shop, open_live_shop, open_shop, told_once

STARTED = "uvicorn was started"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a model whose features have reasons; no policy is registered."""
    return open_live_shop(tmp_path_factory.mktemp("shop"))


@pytest.fixture
def ports() -> Iterator[dict[str, str]]:
    """Two free ports."""
    with socket.socket() as one, socket.socket() as two:
        for each in (one, two):
            each.bind(("127.0.0.1", 0))
        free = [str(each.getsockname()[1]) for each in (one, two)]
    return {"SOLVENT_API_PORT": free[0], "SOLVENT_UI_PORT": free[1]}


@pytest.fixture
def shop(
    trained: Shop, tmp_path: Path, ports: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Shop:
    """The same model in a home of the test's own; nothing may be started."""
    shutil.copytree(trained.home, tmp_path / "home")
    shutil.copytree(trained.folder, tmp_path / "shop")
    for name in ("run_api", "run_both"):
        monkeypatch.setattr(f"solvent.cli.up.{name}", _never)
    return Shop(folder=tmp_path / "shop", home=tmp_path / "home", environment=ports)


def _never(*_: object, **__: object) -> None:
    raise AssertionError(STARTED)


COMMANDS = pytest.mark.parametrize("command", ["up", "serve"])


@COMMANDS
def test_without_a_model_the_way_to_one_is_told(shop: Shop, tmp_path: Path, command: str) -> None:
    bare = replace(shop, home=tmp_path / "bare")
    told_once(bare.invoke(command), "SOLVENT_HOME: no product in", "solvent train DIR")
    told_once(bare.invoke(command, "--product", shop.folder), "can decide", "solvent train DIR")


@COMMANDS
def test_a_model_without_a_policy_is_named(shop: Shop, command: str) -> None:
    result = shop.invoke(command)
    told_once(result, "can decide", "--product DIR")
    assert "warning: shop is not served: " in result.output
    shop.policy.unlink()
    told_once(shop.invoke(command, "--product", shop.folder), "there is no policy.yaml")


@COMMANDS
def test_features_without_a_reason_are_named(tmp_path: Path, shop: Shop, command: str) -> None:
    bare = open_shop(
        tmp_path / "bare", product=LIVE.replace('"*": "Other things you told us",', "")
    )
    bare = replace(bare, environment=shop.environment)
    bare.policy.write_text(POLICY, encoding="utf-8")
    assert bare.run("train").exit_code == 0
    result = bare.invoke(command, "--product", bare.folder)
    told_once(result, "can decide")
    words = " ".join(result.output.split())
    assert "shop is not served: shop: " in words
    assert "features have no reason text, so a refusal could not be explained: " in words
    assert "ratio" in words
    assert 'reasons={"pattern_*"' in words


@COMMANDS
def test_an_unsound_policy_registers_nothing(shop: Shop, command: str) -> None:
    shop.policy.write_text(POLICY.replace("refer_below: 0.6", "refer_below: 0.1"), "utf-8")
    told_once(shop.invoke(command, "--product", shop.folder), "cutoffs.refer_below: ")
    assert PolicyRegistry(shop.home).versions("shop") == ()


@COMMANDS
def test_a_port_that_is_taken_or_none_is_told_by_its_setting(shop: Shop, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        busy = replace(shop, environment={**shop.environment, "SOLVENT_API_PORT": port})
        told_once(busy.invoke(command), f"SOLVENT_API_PORT: port {port} cannot be listened on")
    none = replace(shop, environment={**shop.environment, "SOLVENT_API_PORT": "eighty"})
    told_once(none.invoke(command), "SOLVENT_API_PORT: is no port")


def test_what_is_served_is_said_and_the_admin_key_printed_once(
    shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(running.out, "print", lambda *words, **_: told.append(str(words[0])))
    for first in (True, False):
        service = open_for_serving(Settings(home=shop.home), [shop.folder])
        service.close()
        assert told[0] == "serving  shop: model 1, policy 1 (first)"
        assert bool(re.search(r"slv_[\w-]{20,}", " ".join(told))) == first
        told.clear()


def test_a_second_product_that_cannot_decide_does_not_stop_the_first(
    shop: Shop, tmp_path: Path
) -> None:
    other = open_shop(tmp_path / "other", product=LIVE.replace('name="shop"', 'name="kiosk"'))
    other = replace(other, home=shop.home, environment=shop.environment)
    assert other.run("train").exit_code == 0
    result = shop.invoke("serve", "--product", shop.folder)
    assert "warning: kiosk is not served: " in result.output
    assert "serving  shop: model 1" in result.output
