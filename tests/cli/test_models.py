"""From the machine that trains to the one that serves: key, trust, verify, sign."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.cli.shops import Shop, open_live_shop, told_once


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a model and a policy, on the machine that trained it."""
    shop = open_live_shop(tmp_path_factory.mktemp("training"))
    assert shop.run("policy").exit_code == 0
    return shop


@pytest.fixture
def shop(trained: Shop, tmp_path: Path) -> Shop:
    """The same with a home of the test's own."""
    shutil.copytree(trained.home, tmp_path / "home")
    return Shop(folder=trained.folder, home=tmp_path / "home")


@pytest.fixture
def serving(trained: Shop, tmp_path: Path) -> Shop:
    """Another machine, with what was trained and none of the keys."""
    home = tmp_path / "serving"
    home.mkdir(mode=0o700)
    for kept in ("models", "policies"):
        shutil.copytree(trained.home / kept, home / kept)
    return Shop(folder=trained.folder, home=home)


def test_what_was_trained_elsewhere_is_used_once_its_key_is_trusted(
    trained: Shop, serving: Shop, tmp_path: Path
) -> None:
    loans, target = serving.data / "loans.csv", tmp_path / "p.csv"
    told_once(serving.score(loans, target), "manifest.sig: ", "solvent models trust KEY.pem")
    refused = serving.invoke("models", "verify", "shop")
    told_once(refused, "2 of 2 versions would be refused", "not trusted here")
    file = tmp_path / "training.pem"
    made = trained.invoke("models", "key", file)
    assert made.exit_code == 0
    assert "PRIVATE" not in file.read_text()
    name = made.output.split()[1]
    believed = serving.invoke("models", "trust", file)
    assert f"trusted  {name}" in believed.output
    whole = serving.invoke("models", "verify", "shop")
    assert whole.exit_code == 0
    assert serving.score(loans, target).exit_code == 0
    assert not (serving.home / "signing.key").exists()
    served = serving.invoke("serve", "--check")
    assert served.output == "nothing stands against a start\n"


def _unsign(shop: Shop) -> None:
    """Make a home as a solvent that did not sign left it."""
    (shop.home / "models" / "shop" / "1" / "manifest.sig").unlink()
    file = shop.home / "policies" / "shop" / "1.json"
    content = json.loads(file.read_bytes())
    del content["signature"]
    file.write_text(json.dumps(content, sort_keys=True, separators=(",", ":")), "utf-8")
    (shop.home / "signing.key").unlink()


def test_a_registry_made_before_there_were_signatures_is_signed_by_one_command(
    shop: Shop, tmp_path: Path
) -> None:
    _unsign(shop)
    loans, target = shop.data / "loans.csv", tmp_path / "p.csv"
    told_once(shop.score(loans, target), "is not signed", "solvent models sign shop")
    told_once(shop.run("policy"), "is not signed", "solvent models sign shop")
    before = (shop.home / "models" / "shop" / "1" / "manifest.json").read_bytes()
    signed = shop.invoke("models", "sign", "shop")
    assert signed.output == "model    shop 1 signed\npolicy   shop 1 signed\n"
    assert (shop.home / "models" / "shop" / "1" / "manifest.json").read_bytes() == before
    assert shop.score(loans, target).exit_code == 0
    assert shop.invoke("models", "verify", "shop").exit_code == 0
    again = shop.invoke("models", "sign", "shop")
    assert again.output.count("was signed already") == 2


def test_signing_looks_at_every_byte_and_at_the_number(shop: Shop) -> None:
    _unsign(shop)
    first = shop.home / "models" / "shop" / "1"
    shutil.copytree(first, first.with_name("2"))
    told_once(shop.invoke("models", "sign", "shop"), "was made as version 1")
    shutil.rmtree(first.with_name("2"))
    (first / "manifest.sig").unlink()
    raw = (first / "line.json").read_bytes()
    (first / "line.json").write_bytes(raw.replace(b"1", b"2", 1))
    told_once(shop.invoke("models", "sign", "shop"), "line.json: was changed")
    assert not (first / "manifest.sig").exists()


def test_a_stranger_s_signature_is_not_replaced(serving: Shop) -> None:
    file = serving.home / "models" / "shop" / "1" / "manifest.sig"
    before = file.read_bytes()
    told_once(serving.invoke("models", "sign", "shop"), "not trusted here")
    assert file.read_bytes() == before


@pytest.mark.parametrize("command", ["sign", "verify"])
def test_a_product_nobody_knows_is_told_with_those_there_are(shop: Shop, command: str) -> None:
    told_once(shop.invoke("models", command, "kiosk"), "no model of kiosk", "registered: shop")


def test_a_file_that_is_no_key_is_not_trusted(shop: Shop, tmp_path: Path) -> None:
    told_once(shop.invoke("models", "trust", shop.folder / "product.py"), "no ed25519 public key")
    told_once(shop.invoke("models", "key", tmp_path / "no" / "where"), "cannot be written")


def test_the_list_may_leave_its_word_out(shop: Shop) -> None:
    long, short = shop.invoke("models", "list", shop.folder), shop.run("models")
    assert long.exit_code == short.exit_code == 0
    assert long.output == short.output
    assert "Models of shop" in long.output


def test_a_policy_s_file_moved_to_another_number_or_product_is_refused(shop: Shop) -> None:
    folder = shop.home / "policies" / "shop"
    shutil.copy(folder / "1.json", folder / "2.json")
    told_once(shop.invoke("models", "verify", "shop"), "1 of 3 versions", "refused")
