"""Mobile lender: an app lends small sums by what the phone tells and by ten masked numbers.

A loan is bad when it is not repaid 15 days after its due date. The four tables are read as they
were known when each loan was asked for: positions that were uploaded later do not count.
Simulated data: `solvent sandbox mobile_lender --out demo/mobile`.
"""

from solvent import (
    Applications,
    Attributes,
    Events,
    Product,
    Question,
    active_days,
    behaviour,
    category,
    count,
    days,
    distinct,
    equals,
    instant,
    integer,
    last,
    maximum,
    mean,
    minimum,
    money,
    number,
    own,
    ratio,
    share,
    since_first,
    since_last,
    std,
)

WEEK, MONTH, QUARTER = days(7), days(30), days(90)
PERIODS = (WEEK, MONTH, QUARTER)

loans = Applications(
    name="loans",
    files="loan_outcomes.parquet",
    id="loan_id",
    key="user_id",
    as_of="application_at",
    zone="UTC",
    columns={
        "amount": money("USD", title="amount asked for"),
        "term_days": category(title="term in days"),
    },
)

earlier_loans = Events(
    name="earlier_loans",
    title="earlier loan",
    files="loan_outcomes.parquet",
    id="loan_id",
    key="user_id",
    at="application_at",
    zone="UTC",
    columns={
        "amount": money("USD", title="amount lent"),
        "loan_outcome": category(known_at="outcome_at", title="outcome"),
        "outcome_at": instant(known_at="outcome_at", title="outcome"),
    },
)

gps = Events(
    name="gps",
    title="GPS signal",
    files="gps.parquet",
    id="position_id",
    key="user_id",
    at="recorded_at",
    available="uploaded_at",
    zone="UTC",
    optional=True,
    # Where the customer was stays out: the rhythm of the signals says enough.
    columns={
        "accuracy": number("m", title="radius of accuracy"),
        "speed": number("m/s", title="speed"),
    },
)

events = Events(
    name="events",
    title="app event",
    files="events.parquet",
    id="event_id",
    key="user_id",
    at="event_at",
    available="uploaded_at",
    zone="UTC",
    optional=True,
    columns={
        "session_id": integer(title="session"),
        "action": category(levels=("view", "tap", "submit", "error"), title="action"),
        "screen": category(levels=("loans", "repay", "profile", "terms", "help"), title="screen"),
        "network": category(levels=("wifi", "4g", "2g"), title="network"),
    },
)

masked = Attributes(
    name="masked",
    title="data broker",
    files="features.parquet",
    key="user_id",
    valid_from="valid_from",
    available="recorded_at",
    zone="UTC",
    optional=True,
    columns={f"feature_{n}": number(title=f"masked number {n}") for n in range(1, 11)},
)

moving = gps["speed"] > 1.0
at_night = events.time.hour("UTC") < 5
defaulted = earlier_loans["loan_outcome"] == "defaulted"
largest_repaid = maximum(
    earlier_loans, earlier_loans["amount"], where=earlier_loans["loan_outcome"] == "repaid"
)
days_to_outcome = earlier_loans["outcome_at"] - earlier_loans.time


def sessions(over):
    """Number of sessions: an event belongs to one, so different session ids are counted."""
    return distinct(events, events["session_id"], over=over)


# Missing values stay missing (no signal in the window, a number the broker does not give): boosted
# trees learn where to send them, which keeps what a median would hide. Features are plain Python:
# add an aggregate to a list and train again.
gps_features = [
    since_last(gps),
    since_last(gps, where=moving),
    since_first(gps),
    *(count(gps, over=over) for over in PERIODS),
    ratio(count(gps, over=WEEK), count(gps, over=MONTH)),
    ratio(count(gps, over=MONTH), count(gps, over=QUARTER)),
    *(active_days(gps, zone="UTC", over=over) for over in PERIODS),
    *(make(gps, gps["accuracy"], over=over) for make in (mean, std) for over in PERIODS[1:]),
    minimum(gps, gps["accuracy"], over=QUARTER),
    last(gps, gps["accuracy"]),
    *(make(gps, gps["speed"], over=over) for make in (mean, maximum) for over in PERIODS[1:]),
    *(share(gps, moving, over=over) for over in PERIODS[1:]),
    share(gps, gps["speed"].is_missing(), over=QUARTER),
]
event_features = [
    *behaviour(events, only=("action", "screen", "network"), over=(7, 30)),
    *(sessions(over) for over in PERIODS),
    ratio(count(events, over=MONTH), sessions(MONTH)),
    ratio(sessions(WEEK), sessions(MONTH)),
    *(share(events, at_night, over=over) for over in PERIODS[1:]),
]

product = Product(
    name="mobile_lender",
    title="Mobile lender",
    applications=loans,
    amount="amount",
    changeable={"amount": "lower"},
    sources=(earlier_loans, gps, events, masked),
    features=[
        behaviour(loans),
        own(loans, loans.time.hour("UTC")),
        count(earlier_loans),
        count(earlier_loans, where=earlier_loans["loan_outcome"].is_missing()),
        share(earlier_loans, defaulted),
        since_last(earlier_loans, where=defaulted),
        mean(earlier_loans, days_to_outcome),
        largest_repaid.called("largest_repaid", title="Largest loan repaid before (USD)"),
        gps_features,
        event_features,
        behaviour(masked),
    ],
    bad=equals("loan_outcome", "defaulted", performance=days(45)),
    key_words="user number",
    reasons={
        "amount": "The amount you asked for",
        "term_days": "The term you asked for",
        "as_of_hour": "The time of your request",
        "earlier_loans_*loan_outcome*": "How your earlier loans ended",
        "earlier_loans_*outcome_at*": "How quickly you repaid earlier loans",
        "earlier_loans_*amount*": "The size of your earlier loans",
        "earlier_loans_*": "How many loans you had before",
        "largest_repaid": "The largest loan you have repaid",
        "gps_since_last*": "How long ago your phone last shared its location",
        "gps_*speed*": "How much your phone is on the move",
        "gps_*accuracy*": "How exactly your phone knows its location",
        "gps_*": "How often your phone shares its location",
        "events_*network*": "The networks over which you use the app",
        "events_*screen*": "Which parts of the app you use",
        "events_*action*": "What you do in the app",
        "events_*hour*": "At what time of day you use the app",
        "events_*": "How often and how regularly you use the app",
        "masked_*": "Figures about you from a data broker",
    },
    form=(
        Question(
            column="amount", text="How much do you need?", detail="20 to 120 USD",
            at_least=20, at_most=120,
        ),
        Question(
            column="term_days", text="For how long?", choices={"14": "14 days", "30": "30 days"}
        ),
    ),
)  # fmt: skip
