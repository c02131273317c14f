"""Home credit: consumer credit for people with little history, told by eight related tables.

All times count from the application, in days or months before it. What is done to each table, what
other preparations of these data do, and what each part brings: docs/home_credit_preparation.md.
"""

from solvent import (
    Applications,
    Events,
    Product,
    behaviour,
    category,
    count,
    days,
    distinct,
    equals,
    flag,
    instant,
    integer,
    last,
    longest_streak,
    maximum,
    mean,
    minimum,
    money,
    months,
    most_common,
    number,
    own,
    ratio,
    share,
    shares,
    since_first,
    since_last,
    total,
    trend,
)

UNKNOWN = ("XNA", "XAP")
NEVER = ("365243", "365243.0")  # how these tables write "not yet" or "never" in a count of days

loans = Applications(
    name="loans",
    files="application_train.parquet",
    id="SK_ID_CURR",
    key="SK_ID_CURR",
    columns={
        "NAME_CONTRACT_TYPE": category(title="kind of loan"),
        "CODE_GENDER": category(title="sex", missing=UNKNOWN),
        "FLAG_OWN_CAR": flag(title="owns a car"),
        "FLAG_OWN_REALTY": flag(title="owns a home"),
        "CNT_CHILDREN": integer(title="children"),
        "AMT_INCOME_TOTAL": money("CU", scale=3, title="yearly income"),
        "AMT_CREDIT": money("CU", title="amount of the loan"),
        "AMT_ANNUITY": money("CU", scale=3, title="yearly payment"),
        "AMT_GOODS_PRICE": money("CU", scale=3, title="price of the goods"),
        "NAME_TYPE_SUITE": category(title="company at the application"),
        "NAME_INCOME_TYPE": category(title="kind of income"),
        "NAME_EDUCATION_TYPE": category(title="education"),
        "NAME_FAMILY_STATUS": category(title="family status"),
        "NAME_HOUSING_TYPE": category(title="kind of home"),
        "REGION_POPULATION_RELATIVE": number(title="population of the region"),
        "DAYS_BIRTH": integer("days", title="birth, against the application"),
        "DAYS_EMPLOYED": integer("days", title="start of the job", missing=NEVER),
        "DAYS_REGISTRATION": number("days", title="last change of registration"),
        "DAYS_ID_PUBLISH": integer("days", title="issue of the identity card"),
        "OWN_CAR_AGE": number("years", title="age of the car"),
        "FLAG_EMP_PHONE": flag(title="gave a phone at work"),
        "FLAG_WORK_PHONE": flag(title="gave a work phone"),
        "FLAG_PHONE": flag(title="gave a home phone"),
        "FLAG_EMAIL": flag(title="gave an e-mail address"),
        "OCCUPATION_TYPE": category(title="occupation"),
        "CNT_FAM_MEMBERS": number(title="family members"),
        "REGION_RATING_CLIENT": integer(title="rating of the region"),
        "REGION_RATING_CLIENT_W_CITY": integer(title="rating of the region with the city"),
        "HOUR_APPR_PROCESS_START": integer(title="hour of the application"),
        "REG_CITY_NOT_LIVE_CITY": flag(title="lives outside the registered city"),
        "REG_CITY_NOT_WORK_CITY": flag(title="works outside the registered city"),
        "LIVE_CITY_NOT_WORK_CITY": flag(title="works outside the home city"),
        "ORGANIZATION_TYPE": category(title="kind of employer", missing=UNKNOWN),
        "EXT_SOURCE_1": number(title="external score 1"),
        "EXT_SOURCE_2": number(title="external score 2"),
        "EXT_SOURCE_3": number(title="external score 3"),
        "APARTMENTS_AVG": number(title="size of the building"),
        "YEARS_BUILD_AVG": number(title="age of the building"),
        "FLOORSMAX_AVG": number(title="floors of the building"),
        "TOTALAREA_MODE": number(title="area of the building"),
        "OBS_30_CNT_SOCIAL_CIRCLE": number(title="acquaintances with a loan"),
        "DEF_30_CNT_SOCIAL_CIRCLE": number(title="acquaintances 30 days late"),
        "DEF_60_CNT_SOCIAL_CIRCLE": number(title="acquaintances 60 days late"),
        "DAYS_LAST_PHONE_CHANGE": number("days", title="last change of phone"),
        "FLAG_DOCUMENT_3": flag(title="gave document 3"),
        "AMT_REQ_CREDIT_BUREAU_QRT": number(title="bureau enquiries in the quarter"),
        "AMT_REQ_CREDIT_BUREAU_YEAR": number(title="bureau enquiries in the year"),
    },
)

bureau = Events(
    name="bureau",
    title="outside loan",
    files="bureau.parquet",
    key="SK_ID_CURR",
    id="SK_ID_BUREAU",
    at="DAYS_CREDIT",
    available="DAYS_CREDIT_UPDATE",
    relative="days",
    optional=True,
    columns={
        "CREDIT_ACTIVE": category(levels=("Active", "Closed"), title="state"),
        "CREDIT_TYPE": category(
            levels=("Consumer credit", "Credit card", "Microloan"), title="kind"
        ),
        "CREDIT_DAY_OVERDUE": integer("days", title="days overdue"),
        "DAYS_CREDIT_ENDDATE": number("days", title="days left"),
        "AMT_CREDIT_MAX_OVERDUE": money("CU", scale=3, title="largest amount overdue"),
        "CNT_CREDIT_PROLONG": integer(title="prolongations"),
        "AMT_CREDIT_SUM": money("CU", scale=3, title="amount"),
        "AMT_CREDIT_SUM_DEBT": money("CU", scale=3, title="debt"),
        "AMT_CREDIT_SUM_OVERDUE": money("CU", scale=3, title="amount overdue"),
    },
)

bureau_months = Events(
    name="bureau_months",
    title="month of an outside loan",
    files="bureau_balance.parquet",
    parent="bureau",
    key="SK_ID_BUREAU",
    at="MONTHS_BALANCE",
    relative="months",
    optional=True,
    columns={"STATUS": category(levels=("0", "1", "C", "X"), title="status")},
)

previous = Events(
    name="previous",
    title="earlier application",
    files="previous_application.parquet",
    key="SK_ID_CURR",
    id="SK_ID_PREV",
    at="DAYS_DECISION",
    relative="days",
    optional=True,
    columns={
        "NAME_CONTRACT_STATUS": category(
            levels=("Approved", "Refused", "Canceled"), title="answer"
        ),
        "NAME_CONTRACT_TYPE": category(title="kind of loan", missing=UNKNOWN),
        "NAME_YIELD_GROUP": category(
            levels=("high", "middle", "low_normal"), title="price group", missing=UNKNOWN
        ),
        "NAME_PRODUCT_TYPE": category(
            levels=("x-sell", "walk-in"), title="way of sale", missing=UNKNOWN
        ),
        "CODE_REJECT_REASON": category(
            levels=("HC", "LIMIT", "SCO"), title="reason of refusal", missing=UNKNOWN
        ),
        "PRODUCT_COMBINATION": category(title="product"),
        "AMT_ANNUITY": money("CU", scale=3, title="payment"),
        "AMT_APPLICATION": money("CU", scale=3, title="amount asked for"),
        "AMT_CREDIT": money("CU", scale=3, title="amount lent"),
        "AMT_DOWN_PAYMENT": money("CU", scale=3, title="down payment"),
        "CNT_PAYMENT": number(title="number of payments"),
        "DAYS_LAST_DUE_1ST_VERSION": number("days", title="first agreed end", missing=NEVER),
        "DAYS_LAST_DUE": number("days", title="last payment due", missing=NEVER),
    },
)

cash_months = Events(
    name="cash_months",
    title="month of an earlier loan",
    files="POS_CASH_balance.parquet",
    key="SK_ID_CURR",
    at="MONTHS_BALANCE",
    relative="months",
    optional=True,
    columns={
        "SK_ID_PREV": integer(title="earlier loan"),
        "CNT_INSTALMENT": number(title="instalments agreed"),
        "CNT_INSTALMENT_FUTURE": number(title="instalments left"),
        "NAME_CONTRACT_STATUS": category(levels=("Active", "Completed"), title="state"),
        "SK_DPD": integer("days", title="days past due"),
        "SK_DPD_DEF": integer("days", title="days past due, small debts apart"),
    },
)

card_months = Events(
    name="card_months",
    title="month of a credit card",
    files="credit_card_balance.parquet",
    key="SK_ID_CURR",
    at="MONTHS_BALANCE",
    relative="months",
    optional=True,
    columns={
        "AMT_BALANCE": money("CU", scale=3, title="balance"),
        "AMT_CREDIT_LIMIT_ACTUAL": money("CU", scale=3, title="limit"),
        "AMT_DRAWINGS_ATM_CURRENT": money("CU", scale=3, title="cash drawn"),
        "AMT_DRAWINGS_CURRENT": money("CU", scale=3, title="amount drawn"),
        "AMT_INST_MIN_REGULARITY": money("CU", scale=3, title="least payment"),
        "AMT_PAYMENT_CURRENT": money("CU", scale=3, title="payment"),
        "CNT_DRAWINGS_ATM_CURRENT": number(title="cash withdrawals"),
        "CNT_DRAWINGS_CURRENT": integer(title="drawings"),
        "SK_DPD": integer("days", title="days past due"),
        "SK_DPD_DEF": integer("days", title="days past due, small debts apart"),
    },
)

instalments = Events(
    name="instalments",
    title="instalment",
    files="installments_payments.parquet",
    key="SK_ID_CURR",
    at="DAYS_INSTALMENT",
    relative="days",
    optional=True,
    columns={
        "NUM_INSTALMENT_VERSION": number(title="version of the plan"),
        "DAYS_ENTRY_PAYMENT": instant(known_at="DAYS_ENTRY_PAYMENT", title="payment"),
        "AMT_INSTALMENT": money("CU", scale=3, title="amount due"),
        "AMT_PAYMENT": money("CU", scale=3, known_at="DAYS_ENTRY_PAYMENT", title="amount paid"),
    },
)

# One outside loan, told by its months.
late_month = bureau_months["STATUS"].is_in("1", "2", "3", "4", "5")
per_loan = [
    bureau.of(count(bureau_months)),
    bureau.of(share(bureau_months, late_month)),
    bureau.of(count(bureau_months, where=late_month, over=months(12))),
    bureau.of(since_last(bureau_months, where=late_month)),
    bureau.of(share(bureau_months, bureau_months["STATUS"] == "C")),
]
active, closed = bureau["CREDIT_ACTIVE"] == "Active", bureau["CREDIT_ACTIVE"] == "Closed"
debt_share = bureau["AMT_CREDIT_SUM_DEBT"] / bureau["AMT_CREDIT_SUM"]

approved = previous["NAME_CONTRACT_STATUS"] == "Approved"
refused = previous["NAME_CONTRACT_STATUS"] == "Refused"
granted_share = previous["AMT_CREDIT"] / previous["AMT_APPLICATION"]
down_share = previous["AMT_DOWN_PAYMENT"] / previous["AMT_CREDIT"]
interest = previous["AMT_ANNUITY"] * previous["CNT_PAYMENT"] / previous["AMT_CREDIT"] - 1.0
ended_early = previous["DAYS_LAST_DUE_1ST_VERSION"] - previous["DAYS_LAST_DUE"]

use = card_months["AMT_BALANCE"] / card_months["AMT_CREDIT_LIMIT_ACTUAL"]
paid_over_least = card_months["AMT_PAYMENT_CURRENT"] / card_months["AMT_INST_MIN_REGULARITY"]

days_late = instalments["DAYS_ENTRY_PAYMENT"] - instalments.time
shortfall = instalments["AMT_INSTALMENT"] - instalments["AMT_PAYMENT"]
paid_share = instalments["AMT_PAYMENT"] / instalments["AMT_INSTALMENT"]

APPLICATION = [
    behaviour(loans),
    own(loans, loans["AMT_ANNUITY"] / loans["AMT_CREDIT"]),
    own(loans, loans["AMT_CREDIT"] / loans["AMT_INCOME_TOTAL"]),
    own(loans, loans["AMT_ANNUITY"] / loans["AMT_INCOME_TOTAL"]),
    own(loans, loans["AMT_GOODS_PRICE"] / loans["AMT_CREDIT"]),
    own(loans, loans["AMT_INCOME_TOTAL"] / loans["CNT_FAM_MEMBERS"]),
    own(loans, loans["DAYS_EMPLOYED"] / loans["DAYS_BIRTH"]),
    own(loans, loans["EXT_SOURCE_2"] * loans["EXT_SOURCE_3"]),
    own(loans, loans["EXT_SOURCE_1"] * loans["EXT_SOURCE_2"]),
    own(loans, loans["EXT_SOURCE_1"] * loans["EXT_SOURCE_3"]),
    own(loans, loans["EXT_SOURCE_2"] + loans["EXT_SOURCE_3"]),
]
BUREAU = [
    count(bureau),
    count(bureau, where=active),
    count(bureau, over=days(365)),
    since_last(bureau),
    since_first(bureau),
    mean(bureau, debt_share, where=active),
    *(total(bureau, bureau[c], where=active) for c in ("AMT_CREDIT_SUM", "AMT_CREDIT_SUM_DEBT")),
    mean(bureau, bureau["AMT_CREDIT_SUM"]),
    maximum(bureau, bureau["AMT_CREDIT_SUM"], where=closed),
    maximum(bureau, bureau["AMT_CREDIT_MAX_OVERDUE"]),
    maximum(bureau, bureau["CREDIT_DAY_OVERDUE"]),
    total(bureau, bureau["AMT_CREDIT_SUM_OVERDUE"]),
    total(bureau, bureau["CNT_CREDIT_PROLONG"]),
    maximum(bureau, bureau["DAYS_CREDIT_ENDDATE"], where=active),
    mean(bureau, bureau["DAYS_CREDIT_ENDDATE"], where=active),
    *shares(bureau, bureau["CREDIT_TYPE"]),
    distinct(bureau, bureau["CREDIT_TYPE"]),
    share(bureau, active),
]
BUREAU_MONTHS = [
    *(mean(bureau, value) for value in per_loan),
    *(maximum(bureau, value) for value in per_loan[1:3]),
    minimum(bureau, per_loan[3]),
    mean(bureau, per_loan[1], where=active),
    mean(bureau, per_loan[1], newest=3),
]
PREVIOUS = [
    count(previous),
    count(previous, where=refused),
    share(previous, refused),
    share(previous, refused, newest=3),
    since_last(previous),
    since_last(previous, where=refused),
    since_last(previous, where=approved),
    since_first(previous),
    mean(previous, granted_share, where=approved),
    mean(previous, down_share, where=approved),
    mean(previous, interest, where=approved),
    last(previous, interest, where=approved),
    mean(previous, ended_early, where=approved),
    mean(previous, previous["CNT_PAYMENT"], where=approved),
    last(previous, previous["CNT_PAYMENT"], where=approved),
    mean(previous, previous["AMT_ANNUITY"], where=approved),
    mean(previous, previous["AMT_APPLICATION"], where=refused),
    *shares(previous, previous["NAME_YIELD_GROUP"]),
    *shares(previous, previous["NAME_PRODUCT_TYPE"]),
    *shares(previous, previous["CODE_REJECT_REASON"]),
    last(previous, previous["PRODUCT_COMBINATION"]),
    most_common(previous, previous["NAME_CONTRACT_TYPE"]),
]
CASH_MONTHS = [
    count(cash_months),
    distinct(cash_months, cash_months["SK_ID_PREV"]),
    maximum(cash_months, cash_months["SK_DPD"]),
    maximum(cash_months, cash_months["SK_DPD_DEF"], over=months(12)),
    mean(cash_months, cash_months["SK_DPD_DEF"], over=months(24)),
    share(cash_months, cash_months["SK_DPD"] > 0, over=months(24)),
    since_last(cash_months, where=cash_months["SK_DPD_DEF"] > 0),
    longest_streak(cash_months, cash_months["SK_DPD"] > 0),
    mean(cash_months, cash_months["CNT_INSTALMENT_FUTURE"], newest=3),
    mean(cash_months, cash_months["CNT_INSTALMENT"]),
    share(cash_months, cash_months["NAME_CONTRACT_STATUS"] == "Completed"),
]
CARD_MONTHS = [
    count(card_months),
    mean(card_months, use),
    mean(card_months, use, newest=3),
    maximum(card_months, use),
    trend(card_months, use, over=months(12)),
    mean(card_months, card_months["AMT_BALANCE"], newest=3),
    mean(card_months, card_months["AMT_CREDIT_LIMIT_ACTUAL"]),
    mean(card_months, card_months["CNT_DRAWINGS_ATM_CURRENT"]),
    mean(card_months, card_months["CNT_DRAWINGS_CURRENT"], newest=6),
    ratio(
        total(card_months, card_months["AMT_DRAWINGS_ATM_CURRENT"]),
        total(card_months, card_months["AMT_DRAWINGS_CURRENT"]),
    ),
    mean(card_months, paid_over_least),
    maximum(card_months, card_months["SK_DPD_DEF"]),
    share(card_months, card_months["SK_DPD"] > 0),
    longest_streak(card_months, card_months["SK_DPD"] > 0),
]
INSTALMENTS = [
    count(instalments),
    mean(instalments, days_late),
    mean(instalments, days_late, newest=5),
    mean(instalments, days_late, over=days(365)),
    maximum(instalments, days_late),
    maximum(instalments, days_late, over=days(365)),
    share(instalments, days_late > 0.0),
    share(instalments, days_late > 0.0, newest=10),
    share(instalments, days_late > 5.0, over=days(365)),
    longest_streak(instalments, days_late > 0.0),
    trend(instalments, days_late, over=days(365)),
    mean(instalments, paid_share),
    minimum(instalments, paid_share, over=days(365)),
    total(instalments, shortfall),
    share(instalments, shortfall > 0.0),
    share(instalments, instalments["DAYS_ENTRY_PAYMENT"].is_missing()),
    mean(instalments, instalments["AMT_INSTALMENT"], over=days(365)),
    distinct(instalments, instalments["NUM_INSTALMENT_VERSION"]),
]

product = Product(
    name="home_credit",
    title="Home credit",
    applications=loans,
    amount="AMT_CREDIT",
    changeable={"AMT_CREDIT": "lower"},
    sources=(bureau, bureau_months, previous, cash_months, card_months, instalments),
    features=[
        APPLICATION,
        BUREAU,
        BUREAU_MONTHS,
        PREVIOUS,
        CASH_MONTHS,
        CARD_MONTHS,
        INSTALMENTS,
    ],
    bad=equals("TARGET", 1, matured="given"),
    protected=("CODE_GENDER",),
    key_words="client number",
    reasons={
        "bureau_*months*": "How you repaid loans from other lenders, month by month",
        "bureau_*active*": "Loans you still have with other lenders",
        "bureau_*debt*": "How much you owe other lenders",
        "bureau_*overdue*": "Payments overdue with other lenders",
        "bureau_*": "Your loans from other lenders",
        "previous_*efused*": "Applications that we refused before",
        "previous_*": "Your earlier applications with us",
        "cash_months_*": "How you repaid earlier loans with us",
        "card_months_*": "How you use your credit card with us",
        "instalments_*": "How punctually you paid instalments to us",
        "EXT_SOURCE_*": "Scores that other bureaus give you",
        "AMT_CREDIT*": "The amount of the loan",
        "AMT_ANNUITY*": "What the loan costs you a year",
        "AMT_GOODS_PRICE*": "The price of what you buy",
        "AMT_INCOME*": "Your income",
        "AMT_REQ*": "How often lenders asked about you",
        "DAYS_BIRTH": "Your age",
        "DAYS_EMPLOYED*": "How long you have had your job",
        "DAYS_REGISTRATION": "How long you have been registered where you live",
        "DAYS_ID_PUBLISH": "How old your identity card is",
        "DAYS_LAST_PHONE_CHANGE": "How long you have had your phone number",
        "OWN_CAR_AGE": "Your car",
        "FLAG_OWN_CAR": "Your car",
        "FLAG_OWN_REALTY": "The home you live in",
        "NAME_HOUSING_TYPE": "The home you live in",
        "*_AVG": "The building you live in",
        "TOTALAREA_MODE": "The building you live in",
        "REGION_*": "The region you live in",
        "*_CITY_*": "Where you live and work",
        "*_SOCIAL_CIRCLE": "Loans of people you know",
        "FLAG_*PHONE": "The ways to reach you",
        "FLAG_EMAIL": "The ways to reach you",
        "FLAG_DOCUMENT_3": "The documents you gave",
        "NAME_CONTRACT_TYPE": "The kind of loan",
        "NAME_TYPE_SUITE": "Who came with you to apply",
        "NAME_INCOME_TYPE": "The kind of your income",
        "NAME_EDUCATION_TYPE": "Your education",
        "NAME_FAMILY_STATUS": "Your family situation",
        "CNT_*": "Your family situation",
        "OCCUPATION_TYPE": "Your occupation",
        "ORGANIZATION_TYPE": "Your employer",
        "HOUR_APPR_PROCESS_START": "The time of your application",
    },
)
