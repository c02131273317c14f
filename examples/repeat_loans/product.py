"""Repeat loans: a mobile lender decides on the next loan of customers it has lent to before.

What is known of an earlier loan changes with time: while it is open, nobody knows when it will be
closed. `known_at` says so, column by column.
"""

from solvent import (
    Applications,
    Attributes,
    Events,
    Product,
    Waiver,
    behaviour,
    category,
    count,
    date,
    days,
    equals,
    instant,
    integer,
    maximum,
    mean,
    money,
    own,
    share,
)

LAGOS = "Africa/Lagos"

loans = Applications(
    name="loans",
    files="trainperf.parquet",
    id="systemloanid",
    key="customerid",
    as_of="creationdate",
    zone=LAGOS,
    columns={
        "loannumber": integer(title="number of the loan"),
        "loanamount": money("NGN", title="amount lent"),
        "totaldue": money("NGN", title="amount due"),
        "termdays": integer("days", title="term"),
        "referredby": category(title="referrer"),
    },
)

earlier_loans = Events(
    name="earlier_loans",
    title="earlier loan",
    files="trainprevloans.parquet",
    id="systemloanid",
    key="customerid",
    at="creationdate",
    zone=LAGOS,
    columns={
        "loanamount": money("NGN", title="amount lent"),
        "totaldue": money("NGN", title="amount due"),
        "termdays": integer("days", title="term"),
        "firstduedate": date(title="first due date"),
        "firstrepaiddate": instant(known_at="firstrepaiddate", title="first repayment"),
        "closeddate": instant(known_at="closeddate", title="closing"),
    },
)

people = Attributes(
    name="people",
    title="customer",
    files="traindemographics.parquet",
    key="customerid",
    zone=LAGOS,
    optional=True,
    columns={
        "birthdate": date(title="birth"),
        "bank_account_type": category(title="kind of bank account"),
        "bank_name_clients": category(title="bank"),
        "employment_status_clients": category(title="employment"),
        "level_of_education_clients": category(title="education"),
    },
)

days_late = earlier_loans["firstrepaiddate"] - earlier_loans["firstduedate"]
days_open = earlier_loans["closeddate"] - earlier_loans.time
price = earlier_loans["totaldue"] / earlier_loans["loanamount"]

product = Product(
    name="repeat_loans",
    title="Repeat mobile loans",
    applications=loans,
    amount="loanamount",
    sources=(earlier_loans, people),
    features=[
        behaviour(loans),
        own(loans, loans["totaldue"] / loans["loanamount"]),
        own(loans, loans.time.hour(LAGOS)),
        behaviour(earlier_loans, over=(60, 180), only=("loanamount", "termdays")),
        mean(earlier_loans, days_late),
        mean(earlier_loans, days_late, over=days(90)),
        maximum(earlier_loans, days_late),
        share(earlier_loans, days_late > 0.0),
        share(earlier_loans, days_late > 0.0, over=days(90)),
        mean(earlier_loans, days_open),
        maximum(earlier_loans, days_open),
        mean(earlier_loans, price),
        count(earlier_loans, where=earlier_loans["closeddate"].is_missing()),
        behaviour(people),
    ],
    bad=equals("good_bad_flag", "Bad", matured="given"),
    key_words="customer number",
    reasons={
        "loannumber": "How many loans you have had from us",
        "loanamount": "The amount you asked for",
        "totaldue*": "What the loan costs",
        "termdays": "The term you asked for",
        "referredby": "Who referred you to us",
        "as_of_hour": "The time of your request",
        "earlier_loans_*firstrepaiddate*": "How punctually you repaid earlier loans",
        "earlier_loans_*closeddate_missing*": "Loans that are still open",
        "earlier_loans_*closeddate*": "How long your earlier loans were open",
        "earlier_loans_*totaldue*": "What your earlier loans cost",
        "earlier_loans_*loanamount*": "The size of your earlier loans",
        "earlier_loans_*termdays*": "The terms of your earlier loans",
        "earlier_loans_*": "How many loans you had before, and how long ago",
        "people_birthdate": "Your age",
        "people_bank_*": "Your bank",
        "people_employment_status_clients": "Your employment",
        "people_level_of_education_clients": "Your education",
    },
    waivers=(
        Waiver(
            check="people: no valid_from",
            reason="The lender takes these facts down when a customer signs up, before any loan.",
        ),
        Waiver(
            check="earlier_loans.firstduedate: later than the application",
            reason="A due date is agreed when the loan is made, so it is known from then on.",
        ),
    ),
)
