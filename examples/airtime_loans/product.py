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
    attribute,
    behaviour,
    category,
    count,
    date,
    days,
    instant,
    integer,
    maximum,
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
largest_repaid = maximum(earlier_loans, earlier_loans["amount"], where=~still_open)

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
        largest_repaid.called("largest_repaid", title="Largest loan repaid before (BRL)"),
        behaviour(top_ups),
        behaviour(usage, over=(7, 30)),
        behaviour(repayments, over=(30,)),
        behaviour(loyalty),
        behaviour(customers),
        attribute(customers, customers["joined_at"]),
    ],
    protected=("sex",),
    bad=unpaid("paid_at", after=30),
    key_words="customer number",
    changeable={
        "amount": "lower",
        "loyalty_points": "higher",
        "top_ups_amount_sum_30d": "higher",
    },
    reasons={
        "loyalty_*": "Your standing in the loyalty programme",
        "top_ups_since_last": "How long ago you last topped up",
        "top_ups_*method*": "How you top up: by voucher or in the app",
        "top_ups_*amount*": "How much you top up",
        "top_ups_*": "How often and how regularly you top up",
        "usage_*kind*": "What you use the network for",
        "usage_*": "How much and how regularly you use the network",
        "earlier_loans_*paid_at_missing*": "Earlier loans that are not repaid yet",
        "earlier_loans_*paid_at*": "How quickly you repaid earlier loans",
        "earlier_loans_*amount*": "The size of your earlier loans",
        "earlier_loans_*": "How many loans you had before, and how long ago",
        "largest_repaid": "The largest loan you have repaid",
        "repayments_*": "Your repayments of earlier loans",
        "customers_joined_at": "How long you have been our customer",
        "customers_birth_date": "Your age",
        "customers_region": "The region you live in",
        "customers_handset": "The kind of handset you use",
        "as_of_*": "The time of your request",
        "amount": "The amount of the loan",
    },
)
