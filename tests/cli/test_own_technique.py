"""A technique in a file beside product.py: declared or named, it trains, scores and is kept."""

from __future__ import annotations

import json
from pathlib import Path

from tests.app.own_techniques import CONSTANT, MINE
from tests.cli.shops import PRODUCT, open_shop


def test_a_product_may_declare_its_own_technique_and_its_model_needs_the_file_no_more(
    tmp_path: Path,
) -> None:
    shop = open_shop(tmp_path, product=PRODUCT.replace('"logistic"', '"mine"'))
    own = shop.folder / "mine.py"
    own.write_text(MINE, encoding="utf-8")
    trained = shop.run("train")
    assert trained.exit_code == 0, trained.output
    manifest = json.loads(
        (shop.home / "models" / "shop" / "1" / "manifest.json").read_text(encoding="utf-8")
    )
    assert (manifest["technique"], manifest["about"]["technique"]) == ("mine", "mine")
    own.unlink()
    scored = shop.score(shop.data / "loans.csv", tmp_path / "predictions.csv")
    assert scored.exit_code == 0, scored.output


def test_a_technique_beside_the_product_comes_before_one_of_the_same_name(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    (shop.folder / "logistic.py").write_text("raise SystemExit(1)\n", encoding="utf-8")
    refused = shop.run("train")
    assert refused.exit_code == 1
    assert "logistic.py cannot be run" in refused.output


def test_what_cannot_be_saved_can_be_compared_and_not_kept(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    (shop.folder / "constant.py").write_text(CONSTANT, encoding="utf-8")
    refused = shop.run("train", "--technique", "constant")
    assert refused.exit_code == 1
    assert "no native scorer" in refused.output
