"""Compressed text is read as the text it holds, and a cut file is told."""

from __future__ import annotations

import bz2
import gzip
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from solvent.errors import UnreadableFileError
from solvent.features import Csv, category
from solvent.sources import sniff
from tests.sources.tables import applications, opened, rows


def zstd(body: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(body)
    return sink.getvalue().to_pybytes()


Pack = Callable[[bytes], bytes]
PACKS = [(".gz", gzip.compress), (".bz2", bz2.compress), (".zst", zstd)]
LINES = "".join(f"{n},u{n},ção {n * 7919 % 1000}\n" for n in range(5_000))
BODY = f"id,user,word\n{LINES}"


def read(folder: Path, name: str, csv: Csv | None = None) -> list[tuple[object, ...]]:
    with opened(applications({"word": category()}, files=name, csv=csv), folder) as one:
        return rows(one)


@pytest.mark.parametrize("kind", [".csv", ".tsv", ".txt"])
@pytest.mark.parametrize(("suffix", "pack"), PACKS)
def test_it_reads_as_the_plain_text_does(
    tmp_path: Path, kind: str, suffix: str, pack: Pack
) -> None:
    """Also where it is several compressed pieces in one file, and in another encoding."""
    body = BODY.replace(",", "\t") if kind == ".tsv" else BODY
    csv = Csv(separator="\t" if kind == ".tsv" else ",", encoding="utf-16")
    packed, plain = body.encode("utf-16"), f"plain{kind}"
    (tmp_path / plain).write_bytes(packed)
    half = len(packed) // 2 + 1
    (tmp_path / f"one{kind}{suffix}").write_bytes(pack(packed))
    (tmp_path / f"two{kind}{suffix}").write_bytes(pack(packed[:half]) + pack(packed[half:]))
    expected = read(tmp_path, plain, csv)
    assert len(expected) == 5_000
    for name in ("one", "two"):
        assert read(tmp_path, f"{name}{kind}{suffix}", csv) == expected


@pytest.mark.parametrize(("suffix", "pack"), PACKS)
def test_a_cut_or_misnamed_file_is_told(tmp_path: Path, suffix: str, pack: Pack) -> None:
    """Rows that are missing at its end must not be missing in silence."""
    whole = pack(BODY.encode())
    for body in (whole[:-20], whole[: len(whole) // 2], whole[:9], BODY.encode(), whole + b"junk"):
        (tmp_path / f"a.csv{suffix}").write_bytes(body)
        with pytest.raises(UnreadableFileError, match=rf"a\.csv{suffix} is cut or damaged"):
            read(tmp_path, f"a.csv{suffix}")


@pytest.mark.parametrize(("suffix", "pack"), PACKS)
def test_a_folder_and_a_first_look_read_it_too(tmp_path: Path, suffix: str, pack: Pack) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / f"a.csv{suffix}").write_bytes(pack(BODY.encode()))
    assert len(read(tmp_path, "in")) == 5_000
    assert sniff(tmp_path / "in" / f"a.csv{suffix}").rows == 5_000
