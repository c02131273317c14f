"""Instant card: a bank decides on a card within a minute, from six questions anybody can answer.

Runs on simulated data (`solvent sandbox instant_card --out demo/card`) and on a bank's own card
applications (sf_scoring). Only what applicants say of themselves is used: neither a bureau nor a
rating of the region.
"""

from solvent import (
    Applications,
    Product,
    Question,
    behaviour,
    category,
    equals,
    flag,
    integer,
    money,
)

YES_NO = {"true": ("Y",)}
ASKED = ("education", "age", "income", "car_type", "foreign_passport", "home_address")

forms = Applications(
    name="forms",
    title="application form",
    files="applications.parquet",
    id="client_id",
    key="client_id",
    as_of="app_date",
    zone="Europe/Moscow",
    columns={
        "education": category(title="education"),
        "age": integer("years", title="age"),
        "income": money("RUB", title="monthly income"),
        "car_type": flag(**YES_NO, title="has a foreign car"),
        "foreign_passport": flag(**YES_NO, title="has a passport for travel"),
        "home_address": category(title="kind of home address"),
    },
)

product = Product(
    name="instant_card",
    title="Instant card",
    applications=forms,
    features=[behaviour(forms, only=ASKED)],
    bad=equals("default", 1, matured="given"),
    recall=0.5,
    reasons={
        "education": "Your education",
        "age": "Your age",
        "income": "Your monthly income",
        "car_type": "Whether you own a foreign car",
        "foreign_passport": "Whether you have a passport for travel",
        "home_address": "Where you live",
    },
    form=(
        Question(
            column="education",
            text="What is your highest education?",
            choices={
                "SCH": "School",
                "UGR": "University, not finished",
                "GRD": "University degree",
                "PGR": "Second degree",
                "ACD": "Academic degree",
            },
        ),
        Question(column="age", text="How old are you?", at_least=18, at_most=100),
        Question(
            column="income",
            text="What do you earn a month, after tax?",
            detail="All regular income together",
            at_least=0,
            at_most=10_000_000,
        ),
        Question(column="car_type", text="Do you own a foreign car?"),
        Question(column="foreign_passport", text="Do you have a passport for travel abroad?"),
        Question(
            column="home_address",
            text="Where do you live?",
            choices={"1": "In the city centre", "2": "In the city", "3": "Outside the city"},
        ),
    ),
)
