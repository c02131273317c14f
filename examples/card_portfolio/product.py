"""Card portfolio: credit cards in Brazil, one form each, no times in the data.

The outcome column is literally called `TARGET_LABEL_BAD=1`. Columns that never vary in this
lender's data (CLERK_TYPE, EDUCATION_LEVEL, ...) are left out.
"""

from solvent import Applications, Product, behaviour, category, equals, flag, integer, money, number

forms = Applications(
    name="forms",
    title="application form",
    files="applications.parquet",
    id="ID_CLIENT",
    key="ID_CLIENT",
    columns={
        "PAYMENT_DAY": category(title="payment day"),
        "APPLICATION_SUBMISSION_TYPE": category(title="way of applying"),
        "QUANT_ADDITIONAL_CARDS": integer(title="additional cards"),
        "POSTAL_ADDRESS_TYPE": category(title="kind of postal address"),
        "SEX": category(title="sex"),
        "MARITAL_STATUS": category(title="marital status"),
        "QUANT_DEPENDANTS": integer(title="dependants"),
        "STATE_OF_BIRTH": category(title="state of birth"),
        "CITY_OF_BIRTH": category(title="city of birth"),
        "NACIONALITY": category(title="nationality"),
        "RESIDENCIAL_STATE": category(title="state of residence"),
        "RESIDENCIAL_CITY": category(title="city of residence"),
        "RESIDENCIAL_BOROUGH": category(title="borough of residence"),
        "FLAG_RESIDENCIAL_PHONE": flag(title="has a phone at home"),
        "RESIDENCIAL_PHONE_AREA_CODE": category(title="area code at home"),
        "RESIDENCE_TYPE": category(title="kind of residence"),
        "MONTHS_IN_RESIDENCE": number("months", title="time at this residence"),
        "FLAG_EMAIL": flag(title="gave an e-mail address"),
        "PERSONAL_MONTHLY_INCOME": money("BRL", title="monthly income"),
        "OTHER_INCOMES": money("BRL", title="other income"),
        "FLAG_VISA": flag(title="has a Visa card"),
        "FLAG_MASTERCARD": flag(title="has a Mastercard"),
        "FLAG_DINERS": flag(title="has a Diners card"),
        "FLAG_AMERICAN_EXPRESS": flag(title="has an American Express card"),
        "FLAG_OTHER_CARDS": flag(title="has other cards"),
        "QUANT_BANKING_ACCOUNTS": integer(title="bank accounts"),
        "QUANT_SPECIAL_BANKING_ACCOUNTS": integer(title="special bank accounts"),
        "PERSONAL_ASSETS_VALUE": money("BRL", title="assets"),
        "QUANT_CARS": integer(title="cars"),
        "COMPANY": flag(title="gave an employer"),
        "PROFESSIONAL_STATE": category(title="state of work"),
        "PROFESSIONAL_CITY": category(title="city of work"),
        "PROFESSIONAL_BOROUGH": category(title="borough of work"),
        "FLAG_PROFESSIONAL_PHONE": flag(title="has a phone at work"),
        "PROFESSIONAL_PHONE_AREA_CODE": category(title="area code at work"),
        "MONTHS_IN_THE_JOB": integer("months", title="time in this job"),
        "PROFESSION_CODE": category(title="profession"),
        "OCCUPATION_TYPE": category(title="occupation"),
        "MATE_PROFESSION_CODE": category(title="partner's profession"),
        "EDUCATION_LEVEL_2": category(title="partner's education"),
        "PRODUCT": category(title="card asked for"),
        "AGE": integer("years", title="age"),
        "RESIDENCIAL_ZIP_3": category(title="postal area of residence"),
        "PROFESSIONAL_ZIP_3": category(title="postal area of work"),
    },
)

product = Product(
    name="card_portfolio",
    title="Card portfolio",
    applications=forms,
    features=[behaviour(forms)],
    bad=equals("TARGET_LABEL_BAD=1", 1, matured="given"),
)
