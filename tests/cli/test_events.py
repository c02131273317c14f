"""`solvent events load`: rows read as in training, once, for all customers or for a share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path

import pytest

from solvent.app.bootstrap import Service, open_service
from solvent.app.events import Wanted, add_rows, load_files
from solvent.app.settings import Settings
from solvent.errors import RangeError
from solvent.store import LiveRow
from tests.cli.shops import (
    CANARY,
    LIVE,
    POLICY,
    Shop,
    loan_rows,
    open_shop,
    payment_rows,
    read_rows,
    told_once,
    write_rows,
)

# visits have no id: two equal ones are two
SHOP = LIVE.replace(
    "product = Product(",
    'visits = Events(\n    name="visits", files="visits.csv", key="customer", at="visited_at",\n'
    '    columns={"minutes": integer()},\n)\nproduct = Product(',
).replace("sources=(payments,)", "sources=(payments, visits)").replace(
    "behaviour(payments, over=(90,))", "behaviour(payments, over=(90,)), behaviour(visits)"
).replace('"*": "Other', '"visits*": "Your visits", "*": "Other')  # fmt: skip


def _visits() -> list[dict[str, str]]:
    rows = []
    for n, loan in enumerate(loan_rows()):
        row = {"customer": loan["customer"], "visited_at": "2022-12-0" + str(1 + n % 9) +
               "T10:00:00Z", "minutes": str(n % 50), "who": CANARY}  # fmt: skip
        rows += [row] * (1 + n % 3)
    return rows


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """A shop with two sources, a model and a registered policy."""
    shop = open_shop(tmp_path_factory.mktemp("shop"), product=SHOP)
    write_rows(shop.data / "visits.csv", _visits())
    shop.policy.write_text(POLICY, encoding="utf-8")
    for command in ("train", "policy"):
        result = shop.run(command)
        assert result.exit_code == 0, result.output
    return shop


@pytest.fixture
def shop(trained: Shop, tmp_path: Path) -> Shop:
    """The same shop, whose store is empty: it lies elsewhere."""
    url = f"sqlite:///{tmp_path / 'rows.db'}"
    return Shop(folder=trained.folder, home=trained.home, environment={"SOLVENT_DATABASE_URL": url})


@contextmanager
def _service(shop: Shop) -> Iterator[Service]:
    settings = Settings(home=shop.home, database_url=shop.environment["SOLVENT_DATABASE_URL"])
    service = open_service(settings)
    try:
        yield service
    finally:
        service.close()


def _kept(shop: Shop) -> dict[str, list[LiveRow]]:
    with _service(shop) as service:
        keys = [loan["customer"] for loan in loan_rows()]
        found = {key: list(service.rows.read("shop", key)) for key in keys}
    return {key: rows for key, rows in found.items() if rows}


def _told(shop: Shop, *words: str | Path) -> dict[str, list[str]]:
    """Load; return (new, there already, refused) by source, as printed."""
    result = shop.invoke("events", "load", "shop", *words)
    assert result.exit_code == 0, result.output
    assert CANARY not in result.output
    lines = [line.split() for line in result.output.splitlines()]
    return {line[0]: line[1:] for line in lines if line and line[0] in {"payments", "visits"}}


def test_a_folder_is_loaded_source_by_source_and_once(shop: Shop) -> None:
    first, again = _told(shop, shop.data), _told(shop, shop.data)
    payments, visits = str(len(payment_rows(loan_rows()))), str(len(_visits()))
    assert first == {"payments": [payments, "0", "0"], "visits": [visits, "0", "0"]}
    assert again == {"payments": ["0", payments, "0"], "visits": ["0", visits, "0"]}
    kept = _kept(shop)
    assert sum(map(len, kept.values())) == int(payments) + int(visits)


def test_a_file_loads_the_source_its_name_tells(shop: Shop, tmp_path: Path) -> None:
    assert _told(shop, shop.data / "payments.csv") == {"payments": ["301", "0", "0"]}
    other = tmp_path / "january.csv"
    write_rows(other, read_rows(shop.data / "payments.csv")[:7])
    told_once(
        shop.invoke("events", "load", "shop", other),
        "FILE: no source reads a file called january.csv", "--source payments|visits",
    )  # fmt: skip
    assert _told(shop, other, "--source", "payments") == {"payments": ["0", "7", "0"]}


def test_files_and_the_api_keep_the_same_values(shop: Shop, trained: Shop, tmp_path: Path) -> None:
    _told(shop, shop.data)
    other = Shop(
        folder=trained.folder, home=trained.home,
        environment={"SOLVENT_DATABASE_URL": f"sqlite:///{tmp_path / 'api.db'}"},
    )  # fmt: skip
    with _service(other) as service:
        live = service.product("shop")
        for name, table in live.sources.items():
            read = {
                table.key,
                *table.columns,
                *filter(None, (table.time_column, getattr(table, "id", None))),
            }
            rows = [
                {column: cell for column, cell in row.items() if column in read}
                for row in read_rows(shop.data / f"{name}.csv")
            ]
            add_rows(service, live, name, rows, batch="all")
    mine, theirs = _kept(shop), _kept(other)
    assert mine.keys() == theirs.keys()
    for key, rows in mine.items():
        assert sorted(map(_plain, rows)) == sorted(map(_plain, theirs[key]))


def _plain(row: LiveRow) -> tuple[str, ...]:
    """Return a row's content with its types; a row without an id is named by its batch."""
    own = row.event_id if row.source == "payments" else None
    return (
        row.source, repr(own), repr(row.event_time), repr(row.available_time),
        repr(sorted(row.body.items())), repr(dict(row.known)),
    )  # fmt: skip


def _in(share: float, key: str) -> bool:
    return int(md5(key.encode(), usedforsecurity=False).hexdigest()[:16], 16) / 2**64 < share


def test_a_share_keeps_the_same_customers_of_every_source(shop: Shop) -> None:
    told = _told(shop, shop.data, "--share", "0.3")
    chosen = {loan["customer"] for loan in loan_rows() if _in(0.3, loan["customer"])}
    assert 60 < len(chosen) < 120
    kept = _kept(shop)
    assert kept.keys() == chosen
    for rows in kept.values():
        assert {row.source for row in rows} == {"payments", "visits"}
    for source, rows in (("payments", payment_rows(loan_rows())), ("visits", _visits())):
        wanted = sum(row["customer"] in chosen for row in rows)
        assert told[source] == [str(wanted), "0", "0"]


def test_a_larger_share_adds_what_is_missing_and_nothing_twice(shop: Shop) -> None:
    counts = [_told(shop, shop.data, "--share", share) for share in ("0.2", "0.6", "1", "0.4")]
    for source, total in (("payments", 301), ("visits", len(_visits()))):
        assert sum(int(told[source][0]) for told in counts) == total
        assert counts[-1][source][0] == "0"
        seen = int(counts[0][source][0])
        assert int(counts[1][source][1]) == seen
    shares = _kept(shop)
    assert sum(map(len, shares.values())) == 301 + len(_visits())


def test_a_customer_s_rows_stand_as_in_the_file_whatever_the_share(
    shop: Shop, trained: Shop, tmp_path: Path
) -> None:
    _told(shop, shop.data)
    part = Shop(
        folder=trained.folder, home=trained.home,
        environment={"SOLVENT_DATABASE_URL": f"sqlite:///{tmp_path / 'part.db'}"},
    )  # fmt: skip
    _told(part, part.data, "--share", "0.5")
    whole = _kept(shop)
    for key, rows in _kept(part).items():
        assert [_plain(row) for row in rows] == [_plain(row) for row in whole[key]]


@pytest.mark.parametrize("share", ["0", "-0.5", "1.01", "nan", "inf"])
def test_a_share_is_a_share(shop: Shop, share: str) -> None:
    told_once(
        shop.invoke("events", "load", "shop", shop.data, "--share", share),
        "share: must be above 0 and at most 1",
    )
    with _service(shop) as service, pytest.raises(RangeError):
        load_files(service, service.product("shop"), shop.data, wanted=Wanted(share=float(share)))
    assert not _kept(shop)


def test_refused_rows_are_told_by_reason_and_the_others_kept(shop: Shop, tmp_path: Path) -> None:
    rows = payment_rows(loan_rows())[:20]
    rows[0]["amount"], rows[1]["paid_at"], rows[2]["payment_id"] = CANARY, CANARY, ""
    table = write_rows(tmp_path / "payments.csv", rows)
    result = shop.invoke("events", "load", "shop", table)
    assert result.exit_code == 0, result.output
    assert CANARY not in result.output
    for reason in ("amount: not money", "paid_at: not a time", "payment_id: missing"):
        assert reason in result.output
    assert sum(map(len, _kept(shop).values())) == 17
    whole = b"".join(path.read_bytes() for path in tmp_path.glob("rows.db*"))
    assert CANARY.encode() not in whole


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("shp", "."), ("product: no such product is served", "served: shop")),
        (("shop", "nowhere.csv"), ("FILE: there is no file nowhere.csv",)),
        (("shop", ".", "--source", "paymnts"), ()),
    ],
)
def test_what_is_not_there_is_told_what_is(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...],
    told: tuple[str, ...],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    told_once(shop.invoke("events", "load", *words), *told)


def test_a_folder_without_the_product_s_files_is_told_their_names(
    shop: Shop, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    told_once(
        shop.invoke("events", "load", "shop", tmp_path / "empty"),
        "holds none of the product's files", "payments.csv, visits.csv",
    )  # fmt: skip
