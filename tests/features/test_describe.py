"""What a risk manager reads: titles, units and whole sentences."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from solvent.features import (
    DAY,
    EVER,
    Applications,
    Attributes,
    Events,
    Feature,
    Op,
    Window,
    active_days,
    attribute,
    behaviour,
    category,
    count,
    date,
    days,
    flag,
    hours,
    instant,
    last,
    mean,
    money,
    number,
    own,
    ratio,
    share,
    since_first,
    since_last,
    std,
    total,
)
from solvent.features.describe import plural, small
from tests.features.wishes import every_aggregate, wishes
from tests.features.worlds import APPLICATIONS, FACTS, LOG

TOP_UPS = Events(
    name="top_ups", files="t.csv", key="user", at="at", zone="Africa/Lagos", title="top-up",
    columns={
        "amount": money("BRL"), "method": category(levels=("voucher", "card")),
        "ok": flag(title="successful"), "due": date(), "paid": instant(known_at="paid"),
        "score": number("points"),
    },
)  # fmt: skip
UNTITLED = Events(name="card_enquiries", files="c.csv", key="user", at="at")
PROFILE = Attributes(
    name="profile", files="p.csv", key="user", valid_from="since",
    columns={"city": category(), "income": money("BRL"), "born": date()},
)  # fmt: skip
ASKED = Applications(
    name="applications", files="a.csv", key="user", id="id",
    columns={"amount": money("BRL"), "birth": date()},
)  # fmt: skip
AMOUNT, OK = TOP_UPS["amount"], TOP_UPS["ok"]
VOUCHER = TOP_UPS["method"] == "voucher"
WEEK, MONTH = days(7), days(30)

TITLES: list[tuple[Feature, str]] = [
    (count(TOP_UPS, over=WEEK), "Top-ups in the last 7 days"),
    (count(TOP_UPS), "Top-ups so far"),
    (count(TOP_UPS, over=hours(1)), "Top-ups in the last hour"),
    (count(TOP_UPS, over=days(1)), "Top-ups in the last day"),
    (count(TOP_UPS, where=VOUCHER, over=MONTH), "Top-ups where method is voucher, last 30 days"),
    (count(UNTITLED, over=WEEK), "Card enquiries in the last 7 days"),
    (since_last(UNTITLED), "Days since the last card enquiry"),
    (total(TOP_UPS, AMOUNT, over=MONTH), "Top-ups: amount summed, last 30 days (BRL)"),
    (total(TOP_UPS, AMOUNT), "Top-ups: amount summed, so far (BRL)"),
    (mean(TOP_UPS, AMOUNT, where=~OK), "Top-ups where successful is no: mean amount, so far (BRL)"),
    (std(TOP_UPS, TOP_UPS["score"]), "Top-ups: spread of score, so far (points)"),
    (last(TOP_UPS, AMOUNT), "Top-ups: latest amount (BRL)"),
    (last(TOP_UPS, TOP_UPS["due"]), "Top-ups: latest days since due"),
    (since_last(TOP_UPS), "Days since the last top-up"),
    (since_first(TOP_UPS, over=WEEK), "Days since the first top-up in the last 7 days"),
    (
        since_last(TOP_UPS, where=AMOUNT > 100, over=WEEK),
        "Days since the last top-up where amount is above 100 BRL, last 7 days",
    ),
    (share(TOP_UPS, VOUCHER, over=MONTH), "Share of top-ups where method is voucher, last 30 days"),
    (active_days(TOP_UPS, zone="UTC", over=WEEK), "Days with top-ups in the last 7 days"),
    (
        mean(TOP_UPS, TOP_UPS["paid"] - TOP_UPS.time),
        "Top-ups: mean days from the top-up to paid, so far",
    ),
    (
        count(TOP_UPS, where=(TOP_UPS["paid"] > TOP_UPS["due"]) | (OK & VOUCHER)),
        "Top-ups where paid is later than due or (successful is yes and method is voucher), so far",
    ),
    (
        count(TOP_UPS, where=~TOP_UPS["paid"].is_missing() & TOP_UPS["method"].is_in("a", "b")),
        "Top-ups where paid is known and method is a or b, so far",
    ),
    (
        ratio(count(TOP_UPS, over=WEEK), count(TOP_UPS, over=MONTH)),
        "Top-ups in the last 7 days as a share of the last 30 days",
    ),
    (
        ratio(total(TOP_UPS, AMOUNT, over=WEEK), total(TOP_UPS, AMOUNT)),
        "Top-ups: amount summed, last 7 days as a share of all so far",
    ),
    (
        ratio(mean(TOP_UPS, AMOUNT, over=WEEK), mean(TOP_UPS, AMOUNT)),
        "Top-ups: mean amount, last 7 days relative to all so far",
    ),
    (
        ratio(total(TOP_UPS, AMOUNT, over=WEEK), own(ASKED, ASKED["amount"])),
        "Top-ups: amount summed, last 7 days (BRL), divided by amount (BRL)",
    ),
    (attribute(PROFILE, PROFILE["income"]), "Profile: income (BRL)"),
    (attribute(PROFILE, PROFILE["born"]), "Profile: age in days"),
    (own(ASKED, ASKED["amount"]), "Amount (BRL)"),
    (own(ASKED, ASKED["birth"]), "Age in days"),
    (own(ASKED, ASKED.time.hour("Africa/Lagos")), "Hour of the application"),
]


@pytest.mark.parametrize(("feature", "title"), TITLES, ids=lambda each: getattr(each, "name", ""))
def test_a_title_reads_as_a_person_says_it(feature: Feature, title: str) -> None:
    """The words beside a value: what, when, and in which unit."""
    assert feature.title == title


LATE = TOP_UPS["paid"] - TOP_UPS["due"] > 0.0


@pytest.mark.parametrize(
    ("feature", "sentence"),
    [
        (
            count(TOP_UPS, where=VOUCHER, over=WEEK),
            "In the last 7 days before the application; 0 when there are none.",
        ),
        (
            mean(TOP_UPS, AMOUNT),
            "At any time before the application; unknown when there are none.",
        ),
        (
            std(TOP_UPS, AMOUNT),
            "Standard deviation, at any time before the application; unknown below two of them.",
        ),
        (
            attribute(PROFILE, PROFILE["city"]),
            "As last known before the application; unknown when there is none.",
        ),
        (
            count(TOP_UPS, where=VOUCHER, over=WEEK).called("weekly", title="Weekly"),
            (
                "Top-ups where method is voucher, last 7 days:"
                " in the last 7 days before the application; 0 when there are none."
            ),
        ),
        (own(ASKED, ASKED["birth"]), "Days from birth to the application."),
        (own(ASKED, ASKED["amount"]), "As given in the application."),
        (
            ratio(count(TOP_UPS, over=WEEK), count(TOP_UPS)),
            (
                "Top-ups in the last 7 days, divided by top-ups so far;"
                " unknown when either is unknown or the second is 0."
            ),
        ),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_a_sentence_adds_what_the_title_leaves_open(feature: Feature, sentence: str) -> None:
    """Over which time and what nothing means; the whole where the title is someone's own."""
    assert feature.describe() == sentence


def test_a_whole_number_has_no_decimals() -> None:
    """A bound of 0.0 days reads as 0 days, one of 0.5 days keeps its half."""
    assert share(TOP_UPS, LATE).title.endswith("is above 0 days, so far")
    half = TOP_UPS["paid"] - TOP_UPS["due"] > 0.5
    assert share(TOP_UPS, half).title.endswith("is above 0.5 days, so far")


def test_the_head_of_a_noun_takes_the_plural() -> None:
    """Several of "use of the network" are uses of one network."""
    assert plural("use of the network") == "uses of the network"
    assert plural("enquiry") == "enquiries"


def test_an_empty_level_is_seen() -> None:
    """A category's empty value is named wherever it stands."""
    condition = TOP_UPS["method"].is_in("card", "")
    assert count(TOP_UPS, where=condition).title.endswith("method is card or (empty), so far")


def test_every_op_says_what_nothing_means() -> None:
    """One sentence for every op, ended by a period."""
    ops = set()
    for feature in [*every_aggregate(), *behaviour(TOP_UPS), *behaviour(PROFILE)]:
        sentence, op = feature.describe(), getattr(feature, "op", None)
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert sentence.count(".") == 1
        assert op is None or "when" in sentence or "below" in sentence
        ops.add(op)
    assert ops >= set(Op)


@given(wishes())
@settings(max_examples=40)
def test_any_feature_can_be_described(features: list[Feature]) -> None:
    """Whatever is declared has a title that begins with a capital and a sentence that ends."""
    for feature in features:
        assert feature.describe().endswith(".")
        assert feature.title == feature.title.strip()
        assert feature.title[:1] == feature.title[:1].upper()


@pytest.mark.parametrize("table", [LOG, FACTS, APPLICATIONS, TOP_UPS], ids=lambda t: t.name)
def test_behaviour_names_every_feature_once(table: Events | Attributes | Applications) -> None:
    """Over a table with all kinds of columns, names and titles are unique."""
    features = behaviour(table, over=(1, 7, 30, 90))
    assert len({feature.name for feature in features}) == len(features)
    assert len({feature.title for feature in features}) == len(features)


def test_names_are_stable_keys() -> None:
    """Renaming a table for people does not rename its features."""
    assert (
        count(TOP_UPS, where=VOUCHER, over=WEEK).name == "top_ups_count_where_method_is_voucher_7d"
    )
    assert total(TOP_UPS, AMOUNT - 1).name == "top_ups_amount_minus_1_sum"
    assert active_days(TOP_UPS, zone="UTC", over=hours(6)).name == "top_ups_active_days_6h"
    assert share(TOP_UPS, ~OK).name == "top_ups_share_not_ok"
    assert mean(TOP_UPS, TOP_UPS["due"] - TOP_UPS.time).name == "top_ups_due_minus_at_mean"
    assert Window(DAY + 1).label == "86400000001us"
    assert EVER.label == "ever"


def test_a_feature_may_be_given_words_of_its_own() -> None:
    """`called` renames, and keeps the title unless another is given."""
    feature = count(TOP_UPS, over=WEEK).called("weekly", title="Weekly top-ups")
    assert (feature.name, feature.title) == ("weekly", "Weekly top-ups")
    assert count(TOP_UPS).called("n").title == "Top-ups so far"
    assert ratio(feature, count(TOP_UPS)).title == "Weekly top-ups, divided by top-ups so far"


def test_an_abbreviation_keeps_its_capitals() -> None:
    """Inside a sentence a title begins small, unless it begins with an abbreviation."""
    assert (small("Top-ups"), small("BRL paid"), small("A top-up")) == (
        "top-ups", "BRL paid", "a top-up",
    )  # fmt: skip
