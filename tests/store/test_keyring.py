"""Laws of the keyring: what a signature vouches for, and whose is believed."""

from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from solvent.errors import StoreError
from solvent.store.keyring import Keyring, key_id, public_keys

SUBJECT = "model shop 1"


def _ring(home: Path, **environment: str) -> Keyring:
    return Keyring(home, environment)


def test_the_key_is_made_at_first_use_for_this_user_alone_and_stays(tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert _ring(home).trusted() == {}
    assert not home.exists()  # looking makes nothing
    first = _ring(home).sign(SUBJECT, b"x")
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert stat.S_IMODE((home / "signing.key").stat().st_mode) == 0o600
    assert _ring(home).sign(SUBJECT, b"x") == first
    assert _ring(home).fault(SUBJECT, b"x", first) is None


def test_processes_that_start_at_once_sign_with_the_same_key(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        asked = [threads.submit(_ring(tmp_path / "home").sign, SUBJECT, b"x") for _ in range(16)]
    assert len({one.result() for one in asked}) == 1
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["signing.key"]


@given(content=st.binary(max_size=50), other=st.binary(max_size=50), data=st.data())
def test_a_signature_vouches_for_nothing_but_what_was_signed(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, other: bytes, data: st.DataObject
) -> None:
    ring = _ring(tmp_path_factory.getbasetemp() / "laws")
    signature = ring.sign(SUBJECT, content)
    assert ring.fault(SUBJECT, content, signature) is None
    assert (ring.fault(SUBJECT, other, signature) is None) == (other == content)
    for subject in ("model shop 2", "model sho 1", "policy shop 1"):
        assert ring.fault(subject, content, signature) is not None
    place = data.draw(st.integers(0, len(signature) - 1))
    flipped = bytearray(signature)
    flipped[place] ^= 1 << data.draw(st.integers(0, 7))
    assert ring.fault(SUBJECT, content, bytes(flipped)) is not None


def test_what_belongs_to_the_subject_cannot_be_moved_into_the_content(tmp_path: Path) -> None:
    ring = _ring(tmp_path)
    signature = ring.sign("model shop 1", b"2\nrest")
    assert ring.fault("model shop 12", b"rest", signature) is not None
    assert ring.fault("model shop 1\n2", b"rest", signature) is not None


def test_a_stranger_is_believed_once_trusted_and_not_after(tmp_path: Path) -> None:
    ours, theirs = _ring(tmp_path / "ours"), _ring(tmp_path / "theirs")
    signature = theirs.sign(SUBJECT, b"x")
    fault = ours.fault(SUBJECT, b"x", signature)
    assert fault is not None
    assert "solvent models trust" in fault.hint
    file = tmp_path / "theirs.pem"
    file.write_bytes(theirs.public_pem())
    (name,) = ours.trust(file)
    assert ours.fault(SUBJECT, b"x", signature) is None
    kept = tmp_path / "ours" / "trusted" / f"{name}.pem"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    kept.unlink()
    assert ours.fault(SUBJECT, b"x", signature) is not None


def test_a_file_of_trusted_keys_replaces_all_others(tmp_path: Path) -> None:
    ours, theirs = _ring(tmp_path / "ours"), _ring(tmp_path / "theirs")
    file = tmp_path / "keys.pem"
    file.write_bytes(b"# of the training machines\n" + theirs.public_pem() + b"\n")
    given_ = _ring(tmp_path / "ours", SOLVENT_TRUSTED_KEYS_FILE=str(file))
    assert given_.fault(SUBJECT, b"x", theirs.sign(SUBJECT, b"x")) is None
    assert given_.fault(SUBJECT, b"x", ours.sign(SUBJECT, b"x")) is not None
    with pytest.raises(StoreError, match="add the key to that file"):
        given_.trust(file)


def test_a_key_file_of_one_s_own_is_used_and_never_made(tmp_path: Path) -> None:
    file = tmp_path / "own.key"
    ring = _ring(tmp_path / "home", SOLVENT_SIGNING_KEY_FILE=str(file))
    with pytest.raises(StoreError, match="cannot be made or read"):
        ring.sign(SUBJECT, b"x")
    assert not file.exists()
    _ring(tmp_path / "other").sign(SUBJECT, b"x")
    (tmp_path / "other" / "signing.key").rename(file)
    assert ring.fault(SUBJECT, b"x", ring.sign(SUBJECT, b"x")) is None
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_signing_key_others_may_read_signs_nothing(tmp_path: Path, mode: int) -> None:
    ring = _ring(tmp_path)
    ring.sign(SUBJECT, b"x")
    (tmp_path / "signing.key").chmod(mode)
    with pytest.raises(StoreError, match="chmod 600"):
        ring.sign(SUBJECT, b"x")


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_trusted_keys_others_may_change_are_not_believed(tmp_path: Path, mode: int) -> None:
    ours, theirs = _ring(tmp_path / "ours"), _ring(tmp_path / "theirs")
    file = tmp_path / "theirs.pem"
    file.write_bytes(theirs.public_pem())
    (name,) = ours.trust(file)
    for place in (f"{name}.pem", "."):
        path = tmp_path / "ours" / "trusted" / place
        before = path.stat().st_mode
        path.chmod(mode | (0o700 if path.is_dir() else 0))
        with pytest.raises(StoreError, match="chmod go-w"):
            ours.fault(SUBJECT, b"x", theirs.sign(SUBJECT, b"x"))
        path.chmod(stat.S_IMODE(before))


def _private(kind: str) -> bytes:
    ed, ec = Ed25519PrivateKey.generate(), generate_private_key(SECP256R1())
    locked = BestAvailableEncryption(b"word")
    return {
        "nothing": b"",
        "text": b"hello",
        "another kind": ec.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
        "locked": ed.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked),
        "cut": ed.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())[:60],
        "public": ed.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    }[kind]


@pytest.mark.parametrize("kind", ["nothing", "text", "another kind", "locked", "cut", "public"])
def test_a_file_that_is_no_signing_key_is_told_with_how_to_make_one(
    tmp_path: Path, kind: str
) -> None:
    file = tmp_path / "signing.key"
    file.write_bytes(_private(kind))
    file.chmod(0o600)
    with pytest.raises(StoreError, match="openssl genpkey -algorithm ed25519"):
        _ring(tmp_path).sign(SUBJECT, b"x")


def test_a_file_without_a_public_key_is_not_trusted(tmp_path: Path) -> None:
    ring = _ring(tmp_path / "home")
    ec = generate_private_key(SECP256R1()).public_key()
    other = ec.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    sound = _ring(tmp_path / "a").public_pem()
    for content in (b"", b"hello", _private("locked"), other, sound + other, sound + b"x" * 70_000):
        file = tmp_path / "keys.pem"
        file.write_bytes(content)
        with pytest.raises(StoreError, match="solvent models key"):
            ring.trust(file)
    assert ring.trusted() == {}
    with pytest.raises(StoreError, match="No such file"):
        ring.trust(tmp_path / "nowhere.pem")


def test_a_key_is_called_by_its_digest(tmp_path: Path) -> None:
    pem = _ring(tmp_path).public_pem()
    ((name, key),) = public_keys(pem, "here").items()
    assert name == key_id(key)
    assert len(name) == 16
