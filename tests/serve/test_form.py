"""The form for anybody: no JavaScript, faults beside their fields, one decision a form."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import httpx
import pytest

from solvent.store import Role, StoredDecision
from tests.serve.lender import RISKY, SAFE, Lender
from tests.serve.test_decisions import fails_at_commit

ANSWERS = {
    "amount": "1000", "income": "4 800.50", "months": "80", "city": "Bergen", "owner": "yes",
    "born": "1980-05-06", "ratio": "0.05",
}  # fmt: skip
POOR = {**ANSWERS, "income": "600", "ratio": "0.95", "months": "10", "owner": "no"}


def _decisions(lender: Lender) -> list[StoredDecision]:
    """Return the newest decision about each client."""
    service = lender.service
    return [service.decisions.by_key("shop", key, 1)[0] for key in service.clients.all("shop")]


class Page(HTMLParser):
    """What a page holds: fields with their values, faults, links, and the text.

    Args:
        html: The page.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.append(tag)
        self.addresses += [told[name] or "" for name in ("href", "src", "action") if name in told]
        name = told.get("name") or ""
        if tag == "input" and ("checked" in told or told.get("type") != "radio"):
            self.values[name] = told.get("value") or ""

    def handle_data(self, data: str) -> None:
        self.text += f" {data.strip()}" if data.strip() else ""


def opened(api: httpx.Client) -> dict[str, str]:
    """Open the form; return its hidden fields."""
    page = Page(api.get("/apply/shop").text)
    return {"form_id": page.values["form_id"]}


def test_a_form_is_answered_by_an_offer(api: httpx.Client, lender: Lender) -> None:
    answer = api.post("/apply/shop", data={**opened(api), **ANSWERS})
    assert answer.status_code == 303
    page = api.get(answer.headers["location"])
    assert page.status_code == 200
    text = Page(page.text).text
    for words in ("Approved", "Loan for owners", "1,000 EUR", "50 EUR", "90 days"):
        assert words in text
    (kept,) = _decisions(lender)
    for figure in (str(kept.score), f"{kept.pd:.3f}", kept.key):
        assert figure not in page.text


def test_a_refusal_names_reasons_and_something_else(api: httpx.Client) -> None:
    answer = api.post("/apply/shop", data={**opened(api), **POOR})
    page = Page(api.get(answer.headers["location"]).text)
    assert "What you earn" in page.text
    assert "=Savings <plan>" in page.text


def test_the_form_decides_as_the_api_does(api: httpx.Client, lender: Lender) -> None:
    api.post("/apply/shop", data={**opened(api), **ANSWERS})
    (kept,) = _decisions(lender)
    told = api.post(
        "/v1/products/shop/score", json={"attributes": {**SAFE, "income": 4800.5}},
        headers=lender.headers(Role.ADMIN),
    )  # fmt: skip
    assert told.json()["pd"] == kept.pd


@pytest.mark.parametrize(
    ("column", "typed"),
    [
        ("income", ""), ("income", "<b>much</b>"), ("income", "-1"), ("income", "1e400"),
        ("income", "nan"), ("income", "4,800"), ("income", "1_000"), ("income", "1.005"),
        ("amount", "99"), ("amount", "5001"), ("months", "1.5"), ("months", "9" * 60),
        ("ratio", "inf"), ("ratio", "a\0b"), ("born", "1980-02-30"), ("born", "6 May"),
        ("income", "x" * 300), ("income", "\ud800".encode("utf-8", "replace").decode()),
    ],
)  # fmt: skip
def test_a_fault_stands_beside_its_field_and_what_was_typed_stays(
    api: httpx.Client, lender: Lender, column: str, typed: str
) -> None:
    answer = api.post("/apply/shop", data={**opened(api), **ANSWERS, column: typed})
    assert answer.status_code == 422
    page = Page(answer.text)
    assert {**page.values, column: ""} == {**page.values, **ANSWERS, column: ""} | {
        "city": page.values["city"]
    }
    assert page.values[column] == typed.replace("\0", page.values[column][1:2] or "\0")
    assert "<b>" not in answer.text
    question = answer.text.split(f'name="{column}"')[1].split("</div>")[0]
    assert 'class="fault" role="alert"' in question
    assert answer.text.count('class="fault" role="alert"') == 1
    assert lender.service.decisions.count("shop") == 0


@pytest.mark.parametrize(("column", "typed"), [("city", "Atlantis"), ("owner", "perhaps")])
def test_a_choice_is_one_of_those_offered(api: httpx.Client, column: str, typed: str) -> None:
    answer = api.post("/apply/shop", data={**opened(api), **ANSWERS, column: typed})
    assert answer.status_code == 422
    assert "Please choose" in answer.text


def test_a_form_sent_twice_is_decided_once(api: httpx.Client, lender: Lender) -> None:
    form = {**opened(api), **ANSWERS}
    places = {api.post("/apply/shop", data=form).headers["location"] for _ in range(3)}
    assert len(places) == 1
    assert lender.service.decisions.count("shop") == 1


def test_answers_changed_after_the_decision_are_no_second_try(
    api: httpx.Client, lender: Lender
) -> None:
    form = opened(api)
    api.post("/apply/shop", data={**form, **POOR})
    answer = api.post("/apply/shop", data={**form, **ANSWERS})
    assert answer.status_code == 422
    assert "You have sent this form already" in answer.text
    assert lender.service.decisions.count("shop") == 1


def test_a_corrected_form_is_decided(api: httpx.Client, lender: Lender) -> None:
    form = opened(api)
    first = api.post("/apply/shop", data={**form, **ANSWERS, "months": "many"})
    again = Page(first.text).values
    assert again["form_id"] == form["form_id"]
    answer = api.post("/apply/shop", data={**again, **ANSWERS})
    assert answer.status_code == 303


def test_optional_questions_may_be_left_out(api: httpx.Client, lender: Lender) -> None:
    answer = api.post("/apply/shop", data={**opened(api), **ANSWERS, "born": "", "ratio": ""})
    assert answer.status_code == 303


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xfe", b"&" * 1_000, b"income=%ED%A0%80", b"form_id=x"]
)
def test_no_form_at_all_is_asked_again(api: httpx.Client, lender: Lender, body: bytes) -> None:
    answer = api.post("/apply/shop", content=body)
    assert answer.status_code == 422
    assert "Please answer this question." in answer.text
    assert re.fullmatch("[0-9a-f]{32}", Page(answer.text).values["form_id"])


def test_only_products_with_a_form_are_public(api: httpx.Client) -> None:
    page = Page(api.get("/apply").text)
    assert "/apply/shop" in page.addresses
    assert "/apply/trees" not in page.addresses
    for address in ("/apply/trees", "/apply/nothing", "/apply/%3Cb%3E"):
        for answer in (api.get(address), api.post(address, data=ANSWERS)):
            assert answer.status_code == 404
            assert answer.headers["content-type"].startswith("text/html")
            assert "There is no such page" in answer.text


def test_a_store_that_fails_is_said_in_words(api: httpx.Client, lender: Lender) -> None:
    form = {**opened(api), **ANSWERS}
    with fails_at_commit(lender):
        answer = api.post("/apply/shop", data=form)
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "Nothing was decided" in answer.text
    assert api.post("/apply/shop", data=form).status_code == 303


def test_pages_keep_a_browser_in_its_place(api: httpx.Client) -> None:
    """No script, no other host, no frame, no cache; on answers, errors and redirects too."""
    done = api.post("/apply/shop", data={**opened(api), **POOR})
    pages = [
        api.get("/"), api.get("/apply"), api.get("/apply/shop"), done,
        api.get(done.headers["location"]), api.get("/docs"), api.get("/apply/nothing"),
        api.post("/apply/shop", data={}), api.get("/apply/shop/decisions/x?token=y"),
    ]  # fmt: skip
    for answer in pages:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-frame-options"] == "DENY"
        assert answer.headers["cache-control"] == "no-store"
        page = Page(answer.text)
        assert not {"script", "iframe", "object", "img"} & set(page.tags)
        assert not re.search(r"\son\w+=|style=|javascript:", answer.text)
        assert all(one.startswith(("/", "#")) and "//" not in one for one in page.addresses)
    style = api.get("/apply/style.css")
    assert style.headers["content-type"].startswith("text/css")
    assert not re.search(r"url\(|@import|//", style.text)


def test_what_people_write_is_escaped(api: httpx.Client) -> None:
    assert "Shop &lt;credit&gt;" in api.get("/apply/shop").text
    assert "<credit>" not in api.get("/apply").text


def test_the_answers_of_one_product_are_not_shown_as_anothers(
    api: httpx.Client, lender: Lender
) -> None:
    told = api.post(
        "/v1/products/trees/decisions", json={"attributes": RISKY},
        headers=lender.headers(Role.APPLICANT),
    ).json()  # fmt: skip
    address = "/apply/{}/decisions/{}".format("{}", told["id"])
    for product, status in (("trees", 200), ("shop", 404), ("nothing", 404)):
        answer = api.get(address.format(product), params={"token": told["token"]})
        assert answer.status_code == status
