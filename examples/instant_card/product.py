"""Instant card: a bank decides on a card within a minute, from a short form and a bureau score."""

from solvent import Applications, Product, behaviour, category, equals, flag, integer, money, number

YES_NO = {"true": ("Y",)}

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
        "car": flag(**YES_NO, title="has a car"),
        "car_type": flag(**YES_NO, title="has a foreign car"),
        "decline_app_cnt": integer(title="earlier applications declined"),
        "good_work": flag(title="has a good job"),
        "score_bki": number(title="bureau score"),
        "bki_request_cnt": integer(title="bureau inquiries"),
        "region_rating": integer(title="rating of the region"),
        "home_address": category(title="category of the home address"),
        "work_address": category(title="category of the work address"),
        "income": money("RUB", title="monthly income"),
        "sna": category(title="tie to the bank's other clients"),
        "first_time": category(title="age of the file"),
        "foreign_passport": flag(**YES_NO, title="has a passport for travel"),
    },
)

product = Product(
    name="instant_card",
    title="Instant card",
    applications=forms,
    features=[behaviour(forms)],
    bad=equals("default", 1, matured="given"),
)
