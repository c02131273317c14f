"""Instant card: a bank decides on a card within a minute, from six questions anybody can answer.

Runs on simulated data (`solvent sandbox instant_card --out demo/card`) and on a bank's own card
applications (sf_scoring). Applicants are asked for what they know of themselves alone. The bank
looks each up among its clients: who is found is scored with all that is known of them, who is not
with the six answers. Where there is no such table everybody is scored with the six answers.
"""

from solvent import (
    Applications,
    Attributes,
    Link,
    Product,
    Question,
    behaviour,
    category,
    equals,
    flag,
    integer,
    money,
    number,
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
        "sex": category(title="sex"),
        "age": integer("years", title="age"),
        "income": money("RUB", title="monthly income"),
        "car_type": flag(**YES_NO, title="has a foreign car"),
        "foreign_passport": flag(**YES_NO, title="has a passport for travel"),
        "home_address": category(title="kind of home address"),
    },
)

clients = Attributes(
    name="clients",
    title="client",
    files="clients.parquet",
    key="client_id",
    valid_from="valid_from",
    available="recorded_at",
    zone="Europe/Moscow",
    optional=True,
    columns={
        "region_rating": integer(title="rating of the region"),
        "bureau_score": number(title="score of the credit bureau"),
        "months_with_bank": integer("months", title="time as a client"),
        "past_products": integer(title="products so far"),
        "arrears": integer(title="times in arrears"),
        "days_late_most": integer("days", title="longest time in arrears"),
    },
)

product = Product(
    name="instant_card",
    title="Instant card",
    applications=forms,
    sources=(clients,),
    features=[behaviour(forms, only=ASKED), behaviour(clients)],
    bad=equals("default", 1, matured="given"),
    protected=("sex",),
    chain=(
        Link(name="client", needs=("clients",), words="clients the bank knows"),
        Link(name="newcomer", words="people new to the bank"),
    ),
    recall=0.5,
    changeable={"income": "higher", "clients_past_products": "higher"},
    reasons={
        "education": "Your education",
        "age": "Your age",
        "income": "Your monthly income",
        "car_type": "Whether you own a foreign car",
        "foreign_passport": "Whether you have a passport for travel",
        "home_address": "Where you live",
        "clients_arrears": "How punctually you have paid us",
        "clients_days_late_most": "How punctually you have paid us",
        "clients_bureau_score": "Your record at the credit bureau",
        "clients_region_rating": "The region you live in",
        "clients_*": "How long and for what you have been our client",
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
