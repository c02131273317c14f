"""A contest of techniques: its table is on the terminal, on the page and in the bundle."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.shops import open_shop

OWN = '''"""The techniques this shop would put up with."""

from solvent.models.techniques.{kind} import {named}

technique = {named}(name="ours", members=("logistic", "boosted_trees"))
'''


def test_what_was_tried_is_told_and_the_model_bears_the_chosen_name(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    (shop.folder / "ours.py").write_text(OWN.format(kind="best", named="Best"), encoding="utf-8")
    page = tmp_path / "page.html"
    trained = shop.run("train", "--technique", "ours", "--report", str(page))
    assert trained.exit_code == 0, trained.output
    assert "Techniques tried" in trained.output
    assert "3 techniques were tried on the same folds." in " ".join(trained.output.split())
    manifest = json.loads(
        (shop.home / "models" / "shop" / "1" / "manifest.json").read_text(encoding="utf-8")
    )
    contest = manifest["about"]["contest"]
    assert [one["technique"] for one in contest] == ["logistic", "boosted_trees", "blend"]
    chosen = [one["technique"] for one in contest if one["chosen"]]
    assert [manifest["technique"]] == [manifest["about"]["technique"]] == chosen
    assert "Techniques tried" in page.read_text(encoding="utf-8")


def test_a_shops_own_blend_bears_its_name_and_scores_from_the_bundle(tmp_path: Path) -> None:
    shop = open_shop(tmp_path)
    own = shop.folder / "ours.py"
    own.write_text(OWN.format(kind="blend", named="Blend"), encoding="utf-8")
    trained = shop.run("train", "--technique", "ours")
    assert trained.exit_code == 0, trained.output
    assert "in the blend" in trained.output
    own.unlink()
    scored = shop.score(shop.data / "loans.csv", tmp_path / "predictions.csv")
    assert scored.exit_code == 0, scored.output
    manifest = json.loads(
        (shop.home / "models" / "shop" / "1" / "manifest.json").read_text(encoding="utf-8")
    )
    assert (manifest["technique"], manifest["scorer"]) == ("ours", "blend")
