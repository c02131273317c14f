"""Choosing a cutoff against trying every one, and writing it without touching anything else."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from solvent.app.cutoff import choose_cutoff, digits, short, write_cutoff
from solvent.errors import DeclarationError, MissingFileError
from solvent.features import NumberColumn
from solvent.store import ModelRegistry
from tests.cli.shops import POLICY, Shop, open_live_shop

LENT, RATE, LGD = 100.0, 0.2, 0.6


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with a model."""
    return open_live_shop(tmp_path_factory.mktemp("shop"))


def _side(shop: Shop, side: str) -> list[tuple[float, bool, bool]]:
    """Return (PD, bad, caught by the rule) of each application of a side."""
    found = ModelRegistry(shop.home).population("shop", 1, side)
    (months,) = (
        column.values
        for column in found.frame
        if column.name == "months" and isinstance(column, NumberColumn)
    )
    return list(zip(found.pd.tolist(), found.bad.tolist(), (months < 12).tolist(), strict=True))


def _money(rows: list[tuple[float, bool, bool]], cutoff: float) -> float:
    approved = [bad for pd, bad, caught in rows if pd < cutoff and not caught]
    return math.fsum(-LENT * LGD if bad else LENT * RATE for bad in approved)


def test_the_most_profitable_cutoff_is_the_best_of_all_tried_in_turn(shop: Shop) -> None:
    learnt, tested = _side(shop, "train"), _side(shop, "test")
    pds = sorted({pd for pd, _, _ in learnt})
    tried = [_money(learnt, cutoff) for cutoff in (*pds, 1.0)]
    found = choose_cutoff("shop", shop.folder, shop.home)
    assert found.best is not None
    assert _money(learnt, found.cutoff) == pytest.approx(max(tried))
    assert found.best.profit == pytest.approx(max(tried))
    assert found.best.low <= found.cutoff <= found.best.high
    # judged on the other side, where it was not chosen
    approved = [bad for pd, bad, caught in tested if pd < found.cutoff and not caught]
    assert found.at.approved == len(approved)
    assert found.at.profit == pytest.approx(_money(tested, found.cutoff))
    assert found.compared.policy == pytest.approx(_money(tested, found.cutoff))
    assert found.matrix.bad_approved.n == sum(approved)
    assert found.policy.profit == pytest.approx(_money(tested, 0.35))


@pytest.mark.parametrize("recall", [0.1, 0.5, 0.8, 1.0])
def test_a_recall_is_reached_by_the_highest_cutoff_that_reaches_it(
    shop: Shop, recall: float
) -> None:
    learnt = _side(shop, "train")
    bads = [pd for pd, bad, _ in learnt if bad]
    found = choose_cutoff("shop", shop.folder, shop.home, recall=recall)
    assert found.best is None
    assert sum(pd >= found.cutoff for pd in bads) >= recall * len(bads)
    higher = min(pd for pd in (*bads, 2.0) if pd > found.cutoff and pd not in _at(bads, found))
    assert sum(pd >= higher for pd in bads) < recall * len(bads) or higher == 2.0


def _at(bads: list[float], found: object) -> set[float]:
    """Return the defaulters' PD the cutoff stands for: it is that PD with fewer decimals."""
    cutoff = found.cutoff  # type: ignore[attr-defined]
    return {min(pd for pd in bads if pd >= cutoff)}


@given(
    st.lists(st.floats(1e-9, 1.0, exclude_min=True), min_size=1, max_size=30),
    st.floats(1e-6, 1.0),
)
def test_fewer_decimals_decide_everybody_the_same(pds: list[float], cutoff: float) -> None:
    pd = np.array(pds)
    rounded = short(cutoff, pd)
    assert rounded <= cutoff
    assert np.array_equal(pd < rounded, pd < cutoff)
    assert float(digits(rounded)) == rounded
    assert len(digits(rounded)) <= len(digits(cutoff))
    assert yaml.safe_load(f"x: {digits(rounded)}") == {"x": rounded}


# ---- writing

FLOW = POLICY.replace(
    "cutoffs:\n  approve_below: 0.35   # a PD below it gets a loan\n  refer_below: 0.6\n",
    "cutoffs: {refer_below: 0.6, approve_below: 0.35}  # both\n",
)
QUOTED = POLICY.replace("cutoffs:\n  approve_below", "\"cutoffs\":\n  'approve_below'")
LAST = "# approve_below: 0.35\n" + POLICY.replace(
    "cutoffs:\n  approve_below: 0.35   # a PD below it gets a loan\n  refer_below: 0.6\n\n", ""
) + "cutoffs:\n    refer_below: 0.6\n    approve_below   :  3.5e-1"  # fmt: skip


@pytest.mark.parametrize("text", [POLICY, FLOW, QUOTED, LAST, POLICY.replace("\n", "\r\n")])
def test_only_the_number_of_the_cutoff_changes(tmp_path: Path, text: str) -> None:
    assert yaml.safe_load(text) == yaml.safe_load(POLICY)
    path = tmp_path / "policy.yaml"
    path.write_bytes(text.encode())
    path.chmod(0o640)
    write_cutoff(tmp_path, 0.4125)
    written = path.read_bytes().decode()
    old = "3.5e-1" if text is LAST else "0.35"
    places = [at for at in range(len(text)) if text.startswith(old, at)]
    assert written in {text[:at] + "0.4125" + text[at + len(old) :] for at in places}
    changed = yaml.safe_load(POLICY)
    changed["cutoffs"]["approve_below"] = 0.4125
    assert yaml.safe_load(written) == changed
    assert path.stat().st_mode & 0o777 == 0o640
    assert [one.name for one in tmp_path.iterdir()] == ["policy.yaml"]


def test_a_small_cutoff_is_written_so_that_yaml_reads_a_number(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    write_cutoff(tmp_path, 5e-05)
    assert "approve_below: 0.00005   # a PD" in (tmp_path / "policy.yaml").read_text("utf-8")


SHARED = POLICY.replace("approve_below: 0.35 ", "approve_below: &cut 0.35 ").replace(
    "approve_below: 0.65", "approve_below: *cut"
)


@pytest.mark.parametrize(
    ("text", "cutoff", "field"),
    [
        (POLICY, 0.0, "cutoffs.approve_below"),
        (POLICY, 1.5, "cutoffs.approve_below"),
        (POLICY, 0.61, "cutoffs.refer_below"),
        (POLICY.replace("  refer_below: 0.6\n", ""), 0.7, "alternatives.voucher.approve_below"),
        (SHARED, 0.4, "policy.yaml"),
        ("product: [", 0.4, "policy.yaml"),
    ],
)
def test_an_unsound_cutoff_leaves_the_file_as_it_was(
    tmp_path: Path, text: str, cutoff: float, field: str
) -> None:
    path = tmp_path / "policy.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        write_cutoff(tmp_path, cutoff)
    assert caught.value.field == field
    assert path.read_text("utf-8") == text


def test_there_must_be_a_policy(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"policy\.yaml"):
        write_cutoff(tmp_path, 0.2)
