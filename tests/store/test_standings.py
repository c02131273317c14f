"""Standings: how every client stands, job by job."""

from __future__ import annotations

import dataclasses

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from solvent.domain import Verdict
from solvent.store import Database, Standing, Standings


def standing(key: str, pd: float = 0.1) -> Standing:
    return Standing(key=key, as_of=7, pd=pd, score=600, verdict=Verdict.DECLINE, rule="AGE")


WHOLE = Standing(
    key="ädä", as_of=7, pd=1 / 3, score=-5, verdict=Verdict.APPROVE, band="A",
    amount_minor=125_000, fee_minor=0, currency="BRL", scale=3, offer_name="plus",
    offer_title="Plus loan",
)  # fmt: skip


def test_a_standing_comes_back_as_it_was_kept(database: Database) -> None:
    standings = Standings(database)
    standings.add("shop", 1, [WHOLE, standing("bob")])
    assert standings.of_job(1) == (standing("bob"), WHOLE)
    assert standings.of_job(2) == ()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(st.dictionaries(st.sampled_from("abcXYZé"), st.sampled_from([0.1, 0.2, 0.3])))
def test_the_safest_client_of_a_job_comes_first(database: Database, pds: dict[str, float]) -> None:
    standings = Standings(database)
    standings.drop_before("shop", 2)
    standings.add("shop", 1, (standing(key, pd) for key, pd in pds.items()))
    found = [(one.pd, one.key) for one in standings.of_job(1)]
    assert found == sorted((pd, key) for key, pd in pds.items())


def test_a_job_begun_again_replaces_what_it_left(database: Database) -> None:
    standings = Standings(database)
    standings.add("shop", 1, [standing("a", 0.1), standing("b", 0.2)])
    standings.add("shop", 1, [standing("b", 0.9), standing("b", 0.3), standing("c", 0.4)])
    assert [(one.key, one.pd) for one in standings.of_job(1)] == [
        ("a", 0.1), ("b", 0.3), ("c", 0.4),
    ]  # fmt: skip


def test_earlier_runs_of_the_product_are_dropped_and_no_more(database: Database) -> None:
    standings = Standings(database)
    for job, pd in ((1, 0.1), (3, 0.3), (2, 0.2)):
        standings.add("shop", job, [standing("a", pd)])
    standings.add("car", 9, [standing("a", 0.9)])
    assert standings.drop_before("shop", 2) == 1
    assert standings.of_job(1) == ()
    assert standings.of_job(2) == (standing("a", 0.2),)
    assert standings.of_job(3) == (standing("a", 0.3),)  # a later run, not done yet perhaps
    assert standings.of_job(9) == (standing("a", 0.9),)


def test_more_than_a_chunk_is_kept(database: Database) -> None:
    standings = Standings(database)
    many = [dataclasses.replace(WHOLE, key=f"{n:05d}") for n in range(12_000)]
    standings.add("shop", 1, many)
    assert standings.of_job(1) == tuple(many)
