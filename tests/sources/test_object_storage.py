"""Tables in object storage are read as the same files on this machine are."""

from __future__ import annotations

import gzip
import hashlib
import urllib.request
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from solvent.errors import (
    DeclarationError,
    MissingColumnError,
    MissingFileError,
    SolventError,
    UnreadableFileError,
)
from solvent.features import Applications, category, money
from solvent.sources import refused_rows
from solvent.sources.object_storage import Storage, StoredObject, read_access
from tests.places import Lake
from tests.sources.tables import applications, opened, rows

SECRET = "hush-hush"  # noqa: S105 - a sign to look for
AMOUNT = {"amount": money()}


def text(*lines: str) -> bytes:
    return "\n".join(["id,user,amount", *lines, ""]).encode()


def ids(table: Applications, data: Path) -> list[object]:
    with opened(table, data) as one:
        return sorted(int(str(row[0])) for row in rows(one, "id"))


def test_an_object_is_read_as_the_same_file_is(lake: Lake, tmp_path: Path) -> None:
    """Values, refusals, names and fingerprints are those of the bytes in the bucket."""
    body = text("1,a,2.50", "2,b,much", "3,c")
    address = lake.put("in/loans.csv", body)
    with opened(applications(AMOUNT, files=address), tmp_path) as one:
        assert rows(one, "id", "amount") == [("1", 250)]
        assert [(row.file, row.row) for row in refused_rows(one)] == [(address, 3), (address, 2)]
        assert one.fingerprint() == ((address, len(body), hashlib.sha256(body).hexdigest()),)


def test_parquet_is_read_from_a_bucket(lake: Lake, tmp_path: Path) -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"id": [1, 2], "user": ["a", "b"], "amount": [1.5, 2.25]}), sink)
    address = lake.put("loans.parquet", sink.getvalue().to_pybytes())
    with opened(applications(AMOUNT, files=address), tmp_path) as one:
        assert rows(one, "id", "amount") == [(1, 150), (2, 225)]


def test_a_folder_a_pattern_and_several_files(lake: Lake, tmp_path: Path) -> None:
    """What is hidden, explains the data or lies elsewhere is not read."""
    for key, number in (
        ("in/a.csv", 1), ("in/b.csv", 2), ("in/deep/c.csv", 3), ("in/deep/er/d.csv", 4),
        ("in/_tmp/e.csv", 5), ("in/.f.csv", 6), ("in/_SUCCESS", 7), ("in/about.xlsx", 8),
        ("inn/g.csv", 9), ("in/day=1/h.csv.gz", 10),
    ):  # fmt: skip
        body = text(f"{number},u,1")
        lake.put(key, gzip.compress(body) if key.endswith("gz") else body)
    lake.put("in/empty/", b"")
    whole = f"s3://{lake.bucket}"
    for files, expected in (
        ("in", [1, 2, 3, 4, 10]), ("in/", [1, 2, 3, 4, 10]), ("in/*.csv", [1, 2]),
        ("in/**/*.csv", [1, 2, 3, 4]), ("in/*/c.csv", [3]), ("in/[ab].csv", [1, 2]),
        ("in/_tmp/*.csv", [5]), ("in/deep/??/d.csv", [4]), ("*/g.csv", [9]),
        ("", [1, 2, 3, 4, 9, 10]),
    ):  # fmt: skip
        assert ids(applications(files=f"{whole}/{files}"), tmp_path) == expected, files
    several = Applications(
        name="loans", files=(f"{whole}/in/a.csv", f"{whole}/in/*.csv", f"{whole}/inn"),
        key="user", id="id",
    )  # fmt: skip
    assert ids(several, tmp_path) == [1, 2, 9]


def test_a_data_folder_may_lie_in_a_bucket(lake: Lake, tmp_path: Path) -> None:
    lake.put("2024/in/loans.csv", text("1,a,1"))
    assert ids(applications(files="in/loans.csv"), Path(f"s3://{lake.bucket}/2024")) == [1]
    (tmp_path / "b.csv").write_bytes(text("2,a,1"))
    both = Applications(
        name="loans", files=("b.csv", f"s3://{lake.bucket}/2024/in/loans.csv"), key="user", id="id"
    )
    assert ids(both, tmp_path) == [1, 2]


def test_folders_give_columns_in_a_bucket_too(lake: Lake, tmp_path: Path) -> None:
    for region in ("north", "S%C3%A3o"):
        lake.put(f"in/region={region}/part-0.csv", text(f"{len(region)},u,1"))
    table = applications({"region": category()}, files=f"s3://{lake.bucket}/in")
    with opened(table, tmp_path) as one:
        assert rows(one, "id", "region") == [("5", "north"), ("8", "São")]


def test_what_is_not_there_is_told_the_closest(lake: Lake, tmp_path: Path) -> None:
    lake.put("in/loans.csv", text("1,a,1"))
    for files, told, hint in (
        (f"s3://{lake.bucket}/in/laons.csv", "no object s3://", "did you mean 'loans.csv'?"),
        (f"s3://{lake.bucket}/inn/*.csv", "no object s3://", "did you mean 'in'?"),
        ("s3://nowhere-at-all/x.csv", "no bucket 'nowhere-at-all'", "SOLVENT_S3_ENDPOINT"),
        ("s3://nowhere-at-all", "no bucket 'nowhere-at-all'", "check its name"),
        ("s3://nowhere-at-all/a/*.csv", "no bucket 'nowhere-at-all'", "check its name"),
    ):
        with pytest.raises(MissingFileError, match=told) as found:
            ids(applications(files=files), tmp_path)
        assert hint in found.value.hint
        assert found.value.field == "loans"


def test_a_wrong_column_names_the_object(lake: Lake, tmp_path: Path) -> None:
    address = lake.put("loans.csv", text("1,a,1"))
    with pytest.raises(MissingColumnError, match=f"{address} has no column 'amuont'"):
        ids(applications({"amuont": money()}, files=address), tmp_path)


def test_a_damaged_object_is_named_with_its_bucket(lake: Lake, tmp_path: Path) -> None:
    for key, body in (
        ("a.csv.gz", gzip.compress(text("1,a,1") * 99)[:-20]), ("b.parquet", b"PAR1 is cut"),
        ("c.csv", text("1,ação,1").decode().encode("latin-1")), ("d.csv", b""),
        ("e.xlsx", b"no spreadsheet"),
    ):  # fmt: skip
        address = lake.put(key, body)
        with pytest.raises(UnreadableFileError) as found:
            ids(applications(files=address), tmp_path)
        assert address in found.value.message
        assert found.value.field in {address, "loans"}


def test_no_network_is_asked_where_nothing_lies_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A product of local files needs no credentials."""
    monkeypatch.delenv("AWS_ACCESS_KEY_ID", raising=False)
    monkeypatch.setattr("solvent.sources.object_storage.Storage", None)
    (tmp_path / "a.csv").write_bytes(text("1,a,1"))
    assert ids(applications(), tmp_path) == [1]


def test_credentials_come_from_the_environment_and_are_asked_for(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = lake.put("a.csv", text("1,a,1"))
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(UnreadableFileError, match="AWS_SECRET_ACCESS_KEY is not set") as found:
        ids(applications(files=address), tmp_path)
    assert "SOLVENT_S3_ANONYMOUS=1" in found.value.hint
    monkeypatch.setenv("SOLVENT_S3_ANONYMOUS", "1")
    lake.client.put_object_acl(Bucket=lake.bucket, Key="a.csv", ACL="public-read")
    assert ids(applications(files=address), tmp_path) == [1]


def test_what_the_environment_says_is_read_in_order() -> None:
    keys = {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": SECRET}
    plain = read_access(keys)
    assert (plain.region, plain.endpoint, plain.token) == ("us-east-1", None, "")
    assert SECRET not in repr(plain)
    told = read_access(
        {
            **keys, "AWS_DEFAULT_REGION": "x", "AWS_REGION": "eu-west-1", "AWS_SESSION_TOKEN": "t",
            "AWS_ENDPOINT_URL": "http://c", "AWS_ENDPOINT_URL_S3": "https://b:9",
        }
    )  # fmt: skip
    assert (told.region, told.endpoint, told.token) == ("eu-west-1", (True, "b:9"), "t")
    for wrong in ("b:9", f"http://ann:{SECRET}@host", "ftp://x"):
        with pytest.raises(DeclarationError) as found:
            read_access({**keys, "SOLVENT_S3_ENDPOINT": wrong})
        assert found.value.field == "SOLVENT_S3_ENDPOINT"
        assert SECRET not in str(found.value)


def test_an_endpoint_that_does_not_answer_is_told(
    lake: Lake, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLVENT_S3_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(UnreadableFileError, match="does not answer") as found:
        ids(applications(files=f"s3://{lake.bucket}/a.csv"), tmp_path)
    assert "127.0.0.1:1" in found.value.hint
    assert SECRET not in str(found.value)


def test_denied_access_is_told_without_the_credentials(lake: Lake, tmp_path: Path) -> None:
    """A store that checks who asks answers with the key; we do not repeat it."""
    address = lake.put("a.csv", text("1,a,1"))
    _ask_for_rights(lake.endpoint, after=0)
    try:
        for files in (address, f"s3://{lake.bucket}/*.csv"):
            with pytest.raises(UnreadableFileError, match="may not be read") as found:
                ids(applications(files=files), tmp_path)
            assert found.value.__cause__ is None
            assert "reader" not in str(found.value)
            assert lake.bucket in found.value.hint
    finally:
        _ask_for_rights(lake.endpoint, after=10**9)


def _ask_for_rights(endpoint: str, *, after: int) -> None:
    """Let moto check signatures and rights after some more requests."""
    asked = urllib.request.Request(  # noqa: S310 - this machine
        f"{endpoint}/moto-api/reset-auth", data=str(after).encode(),
        headers={"Content-Type": "text/plain"},
    )  # fmt: skip
    urllib.request.urlopen(asked).close()  # noqa: S310


def test_an_object_that_changes_while_it_is_read_is_refused(lake: Lake, tmp_path: Path) -> None:
    """Its bytes would be half of one and half of another."""

    class Silent:
        def advance(self, amount: float = 1.0) -> None: ...

    lake.put("a.csv", text("1,a,1"))
    storage = Storage()
    (one,) = storage.find(f"s3://{lake.bucket}/a.csv")
    assert storage.copy(one, tmp_path / "a", Silent()) == hashlib.sha256(text("1,a,1")).hexdigest()
    for other in (
        StoredObject(path=one.path, size=one.size + 1, changed=one.changed),
        StoredObject(path=one.path, size=one.size, changed=one.changed - 1),
    ):
        with pytest.raises(UnreadableFileError, match="was changed while it was read"):
            storage.copy(other, tmp_path / "a", Silent())
    gone = StoredObject(path=f"{lake.bucket}/b.csv", size=1, changed=1)
    with pytest.raises(SolventError):
        storage.copy(gone, tmp_path / "a", Silent())


def test_progress_is_told_in_bytes(lake: Lake, tmp_path: Path) -> None:
    from contextlib import contextmanager

    told: list[tuple[str, float | None, list[float]]] = []

    class Listener:
        @contextmanager
        def step(self, label: str, total: float | None = None):  # type: ignore[no-untyped-def]
            done: list[float] = []
            told.append((label, total, done))

            class Step:
                def advance(self, amount: float = 1.0) -> None:
                    done.append(amount)

            yield Step()

    from solvent.sources import connect, open_table

    bodies = [text("1,a,1"), text("2,a,1", "3,b,2")]
    for place, body in enumerate(bodies):
        lake.put(f"in/{place}.csv", body)
    with connect() as connection:
        table = applications(files=f"s3://{lake.bucket}/in")
        open_table(connection, table, tmp_path, progress=Listener()).close()
    label, total, done = told[0]
    assert label == "fetching loans"
    assert total == sum(done) == sum(map(len, bodies))


@pytest.mark.parametrize(
    "files", [f"s3://key:{SECRET}@bucket/x.csv", "s3://", "s3:///x", "s3://a*/x"]
)
def test_an_address_names_a_bucket_and_no_secret(files: str) -> None:
    with pytest.raises(DeclarationError) as found:
        applications(files=files)
    assert SECRET not in str(found.value)
