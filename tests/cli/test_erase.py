"""`solvent erase`: nothing without a word, then for good; the audit holds."""

from __future__ import annotations

from tests.cli.shops import Shop, told_once


def held(bank: Shop, word: str) -> bool:
    return any(word.encode() in path.read_bytes() for path in bank.home.glob("solvent.db*"))


def test_nothing_is_erased_without_a_word(bank: Shop) -> None:
    told_once(bank.invoke("erase", "shop", "Ada 1"), "--yes: nothing was erased", "say --yes")
    assert held(bank, "Ada 1")


def test_a_client_is_erased_for_good_and_the_audit_holds(bank: Shop) -> None:
    done = bank.invoke("erase", "shop", "Ada 1", "--yes")
    assert done.exit_code == 0, done.output
    assert "emptied  4 decisions" in done.output
    assert not held(bank, "Ada 1")
    assert held(bank, "Ada 2")
    checked = bank.invoke("audit", "verify")
    assert checked.exit_code == 0, checked.output
    told_once(
        bank.invoke("erase", "shop", "Ada 1", "--yes"), "client: nothing is kept of such a client"
    )
