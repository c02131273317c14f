"""Airtime loans: a telecom lends airtime, unasked, to prepaid customers who have run out.

A loan is repaid out of the next top-ups; it is bad when it is not repaid in full within 30 days.
Simulated data: `solvent sandbox airtime_loans --out demo/data`. A lender who only has loans and
earlier loans can use the same file: the other sources are optional.
"""

from solvent import (
    Applications,
    Attributes,
    Events,
    Product,
    behaviour,
    category,
    count,
    date,
    days,
    instant,
    integer,
    mean,
    money,
    number,
    own,
    share,
    since_last,
    unpaid,
)

loans = Applications(
    name="loans",
    files="loans.parquet",
    id="loan_id",
    key="uuid",
    as_of="created_at",
    zone="UTC",
    columns={"amount": money("BRL", title="airtime lent")},
)

earlier_loans = Events(
    name="earlier_loans",
    title="earlier loan",
    files=("previous_loans.parquet", "loans.parquet"),
    id="loan_id",
    key="uuid",
    at="created_at",
    zone="UTC",
    columns={
        "amount": money("BRL", title="airtime lent"),
        "paid_at": instant(known_at="paid_at", title="repayment"),
    },
)

top_ups = Events(
    name="top_ups",
    title="top-up",
    files="top_ups.parquet",
    id="top_up_id",
    key="uuid",
    at="topped_up_at",
    available="uploaded_at",
    zone="UTC",
    optional=True,
    columns={
        "amount": money("BRL", title="amount topped up"),
        "method": category(levels=("voucher", "app"), title="way of topping up"),
    },
)

usage = Events(
    name="usage",
    title="use of the network",
    files="usage.parquet",
    id="usage_id",
    key="uuid",
    at="at",
    available="uploaded_at",
    zone="UTC",
    optional=True,
    columns={
        "kind": category(levels=("data",), title="kind of use"),
        "units": number(title="units used"),
        "network": category(title="network"),
    },
)

repayments = Events(
    name="repayments",
    title="repayment",
    files="repayments.parquet",
    id="repayment_id",
    key="uuid",
    at="paid_on",
    zone="UTC",
    optional=True,
    columns={"amount": money("BRL", title="amount repaid")},
)

loyalty = Attributes(
    name="loyalty",
    title="loyalty programme",
    files="loyalty.parquet",
    key="uuid",
    valid_from="valid_from",
    available="recorded_at",
    zone="UTC",
    optional=True,
    columns={"tier": category(title="loyalty tier"), "points": integer(title="loyalty points")},
)

customers = Attributes(
    name="customers",
    title="customer",
    files="customers.parquet",
    key="uuid",
    valid_from="joined_at",
    zone="UTC",
    optional=True,
    columns={
        "joined_at": instant(title="joining"),
        "birth_date": date(title="birth"),
        "region": category(),
        "sex": category(),
        "handset": category(),
    },
)

days_to_repay = earlier_loans["paid_at"] - earlier_loans.time
still_open = earlier_loans["paid_at"].is_missing()

product = Product(
    name="airtime_loans",
    title="Airtime loans",
    applications=loans,
    amount="amount",
    sources=(earlier_loans, top_ups, usage, repayments, loyalty, customers),
    features=[
        behaviour(loans),
        own(loans, loans.time.hour("UTC")),
        own(loans, loans.time.day_of_month("UTC")),
        behaviour(earlier_loans, over=(30, 90)),
        share(earlier_loans, days_to_repay > 30.0),
        share(earlier_loans, days_to_repay > 7.0, over=days(90)),
        count(earlier_loans, where=still_open),
        since_last(earlier_loans, where=still_open),
        mean(earlier_loans, days_to_repay, where=earlier_loans["amount"] > 5),
        behaviour(top_ups),
        behaviour(usage, over=(7, 30)),
        behaviour(repayments, over=(30,)),
        behaviour(loyalty),
        behaviour(customers),
    ],
    protected=("sex",),
    bad=unpaid("paid_at", after=30),
)
