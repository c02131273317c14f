"""What a column's name says: words of lenders in a few languages."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|\d+|[A-Z]+")
_GLUED = (
    "date", "time", "days", "months", "years", "amount", "number", "code", "type", "flag", "due",
    "datum", "nummer", "betrag",
)  # fmt: skip
_NOUNS = ("customer", "client", "user", "borrower", "member", "loan", "application", "account",
          "contract", "request", "applicant", "person", "row", "record")  # fmt: skip

CUSTOMER = frozenset({
    "customer", "client", "user", "borrower", "member", "applicant", "person", "debtor", "uuid",
    "cust", "cliente", "usuario", "kunde", "kunden", "emprunteur", "prestatario", "klient", "cpf",
    "msisdn", "kreditnehmer", "darlehensnehmer", "antragsteller", "клиент", "клиента", "заемщик",
})  # fmt: skip
APPLICATION = frozenset({
    "application", "app", "loan", "contract", "request", "case", "deal", "credit", "solicitud",
    "solicitacao", "contrato", "emprestimo", "prestamo", "antrag", "vertrag", "demande", "pret",
    "antrags", "vertrags", "darlehen", "darlehens", "kredit",
    "заявка", "заявки", "договор", "договора", "кредит", "кредита",
})  # fmt: skip
IDENTIFIER = frozenset({
    "id", "uuid", "guid", "key", "ref", "reference", "no", "nr", "number", "num", "hash", "ident",
    "identifier", "numero", "nummer", "номер", "index",
})  # fmt: skip
PERSONAL = frozenset({
    "phone", "telephone", "mobile", "email", "mail", "ssn", "cpf", "iban", "passport", "account",
    "name", "surname", "telefone", "telefon", "телефон",
})  # fmt: skip
MONEY = frozenset({
    "amount", "amt", "amnt", "income", "incomes", "salary", "wage", "price", "revenue", "turnover",
    "renda", "ingreso", "ingresos", "valor", "importe", "monto", "montant", "betrag", "einkommen",
    "gehalt", "salaire", "sum", "revenu", "доход", "зарплата", "сумма",
})  # fmt: skip
PERHAPS_MONEY = frozenset({
    "balance", "bal", "limit", "credit", "loan", "debt", "due", "cost", "costs", "fee", "value",
    "assets", "asset", "payment", "payments", "pymnt", "installment", "instalment", "annuity",
    "rent", "savings", "deposit", "principal", "parcela", "prestamo", "emprestimo", "kredit",
    "saldo", "limite", "cuota",
})  # fmt: skip
COUNTING = frozenset({
    "num", "count", "cnt", "quant", "quantity", "qty", "score", "rating", "rank", "ratio", "rate",
    "pct", "percent", "percentage", "share", "months", "month", "mths", "days", "day", "years",
    "year", "yrs", "age", "term", "tenure", "duration", "hours", "hour", "weeks", "dependants",
    "dependents", "children", "idade", "edad", "alter", "возраст", "meses", "anos", "dias",
})  # fmt: skip
FIRST_COUNTS = frozenset({"number", "no", "n", "nr"})
CODE = frozenset({
    "code", "type", "kind", "status", "zip", "zipcode", "postal", "postcode", "area", "region",
    "district", "state", "city", "town", "county", "province", "branch", "store", "shop", "agency",
    "product", "segment", "channel", "category", "class", "group", "cluster", "sex", "gender",
    "marital", "marriage", "race", "nation", "nationality", "nacionality", "ethnic", "ethnicity",
    "religion", "education", "occupation", "profession", "job", "employer", "industry", "sector",
    "address", "housing", "purpose", "reason", "country", "currency", "language", "weekday",
    "codigo", "tipo", "typ", "plz", "cep", "sexo", "sexe", "estado", "ciudad", "cidade", "bairro",
    "geschlecht", "регион", "тип", "код", "пол", "город",
})  # fmt: skip
CODE_OF_TWO = frozenset({
    "sex", "gender", "sexo", "sexe", "geschlecht", "пол", "marital", "marriage", "race", "type",
    "kind", "code", "tipo", "typ", "product", "channel", "branch",
})  # fmt: skip
LAST_IS_CODE = frozenset({"code", "type", "kind", "codigo", "tipo", "typ", "group"})
BIRTH = frozenset({
    "birth", "birthdate", "birthday", "dob", "born", "nascimento", "nacimiento", "naissance",
    "geburts", "geburt", "geboren", "рождения",
})  # fmt: skip
PROTECTED = BIRTH | {
    "sex", "gender", "race", "ethnic", "ethnicity", "religion", "nationality", "nacionality",
    "citizenship", "marital", "marriage", "married", "disability", "disabled", "pregnant",
    "pregnancy", "orientation", "caste", "veteran", "sexo", "sexe", "genero", "geschlecht",
    "familienstand", "religiao", "raza", "raca", "nacionalidad", "nacionalidade", "nationalite",
    "staatsangehorigkeit", "пол", "национальность", "гражданство", "edad", "idade", "alter",
    "возраст",
}  # fmt: skip
OF_A_THING = frozenset({
    "car", "vehicle", "account", "file", "company", "house", "building", "loan", "credit",
    "business", "job", "card", "device",
})  # fmt: skip
AFTERWARDS = frozenset({
    "default", "defaulted", "paid", "repaid", "repayment", "closed", "closing", "settled",
    "outcome", "chargeoff", "charged", "writeoff", "written", "recovery", "recoveries", "recovered",
    "collection", "collections", "target", "label", "bad", "delinquent", "arrears", "overdue",
    "approved", "decision", "declined", "granted", "accepted", "rejected", "refused", "disbursed",
    "after", "final", "pymnt", "payoff", "payback", "settlement", "closure", "ruckzahlung",
    "ruckzahlungs", "zuruckgezahlt", "bezahlt", "beglichen", "getilgt", "abgelost", "geschlossen",
    "abgeschlossen", "ausfall", "ausgefallen", "rembourse", "remboursement", "quitado", "quitacao",
    "liquidado", "pagado", "погашения", "погашено",
})  # fmt: skip
HISTORY = frozenset({
    "prev", "previous", "prior", "earlier", "past", "hist", "history", "historical", "bureau",
    "before", "ago", "cnt", "count", "num", "number", "quant", "bki",
})  # fmt: skip
OWN_STATUS = frozenset({"loan", "account", "application", "app", "contract", "final", "credit"})
GOOD = frozenset({"good", "paid", "repaid", "settled", "performing", "ok", "success", "returned"})
BAD = frozenset({"bad", "default", "defaulted", "unpaid", "delinquent", "target", "risk"})
APPLIED = (
    frozenset({
        "application", "applied", "app", "request", "requested", "submitted", "submission",
        "solicitud", "solicitacao", "antrag", "antrags", "demande", "заявки", "заявка", "asof",
    }),
    frozenset({"decision", "created", "creation", "entry", "entered", "registered", "criacao",
               "creado", "erstellt", "создания", "scoring"}),
    frozenset({"issue", "issued", "origination", "originated", "opened", "start", "loan",
               "disbursed", "disbursement", "contract", "выдачи"}),
)  # fmt: skip
JUST_A_TIME = frozenset({"date", "time", "datetime", "timestamp", "day", "month", "data", "fecha",
                         "datum", "дата", "at", "on", "ts", "dt"})  # fmt: skip
LATER = (BIRTH | AFTERWARDS | {
    "due", "end", "ended", "maturity", "expiry", "expires", "updated", "modified", "last", "next",
    "first", "vencimento", "vencimiento", "pagamento", "pago", "payment", "payments", "pay",
    "close", "settle", "cancelled", "canceled", "cancelado", "resolved", "zahlung", "zahlungs",
    "fallig", "falligkeit", "falligkeits", "tilgung", "tilgungs", "echeance", "ende", "until",
    "bis",
}) - {"decision"}  # fmt: skip
PAID = frozenset({
    "paid", "repaid", "repayment", "payment", "closed", "settled", "pago", "pagamento", "bezahlt",
    "payoff", "payback", "ruckzahlung", "ruckzahlungs", "zuruckgezahlt", "getilgt", "beglichen",
    "rembourse", "remboursement", "pagado", "quitado", "погашения",
})  # fmt: skip
ASKED_FOR = (
    ("loan", "amount"), ("amount",), ("loan", "amnt"), ("amt", "credit"), ("credit", "amount"),
    ("amount", "requested"), ("requested", "amount"), ("application", "amount"), ("loan", "amt"),
)  # fmt: skip


@lru_cache(maxsize=4096)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a column's name, lower case, without accents.

    >>> words_of("PAY_AMT1"), words_of("customerId"), words_of("loanamount"), words_of("Código")
    (('pay', 'amt', '1'), ('customer', 'id'), ('loan', 'amount'), ('codigo',))
    """
    composed = unicodedata.normalize("NFKD", name)
    bare = "".join(sign for sign in composed if not unicodedata.combining(sign))
    found: list[str] = []
    for part in _PARTS.findall(bare):
        found += _unglued(part.casefold())
    return tuple(found)


def says(name: str, vocabulary: frozenset[str]) -> bool:
    """Tell whether a column's name holds one of some words.

    >>> says("mortgage", PROTECTED), says("CLIENT_SEX", PROTECTED)
    (False, True)
    """
    return not vocabulary.isdisjoint(words_of(name))


def _unglued(word: str) -> list[str]:
    """Part a word such as "creationdate" or "customerid" that was written without a gap."""
    if word.endswith("id") and word[:-2].endswith(_NOUNS):
        return [*_unglued(word[:-2]), "id"]
    for ending in _GLUED:
        rest = word.removesuffix(ending)
        if rest != word and len(rest) >= 4:
            return [*_unglued(rest), ending]
    return [word]
