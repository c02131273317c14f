"""Object storage (`s3://BUCKET/KEY`): what lies there, and copies of it on this machine.

Who may read comes from the environment alone (`.env.example` lists the variables); nothing is
looked for in files of the home folder, and no server is asked for credentials.
"""

from __future__ import annotations

import difflib
import fnmatch
import hashlib
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from solvent.errors import DataError, DeclarationError, MissingFileError, UnreadableFileError
from solvent.progress import Step
from solvent.sources.files import is_data_name, is_hidden, listed

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, S3FileSystem

SCHEME = "s3://"
DEFAULT_REGION = "us-east-1"
CONNECT_SECONDS, ANSWER_SECONDS = 10, 60
_PIECE = 8 << 20
_YES = {"1", "true", "yes"}
_ENDPOINT = re.compile(r"(https?)://([^/@\s]+)/?")
_DENIED = ("ACCESS_DENIED", "INVALID_ACCESS_KEY", "SIGNATURE", "EXPIRED", "TOKEN", "STATUS 403")
_MOVED = ("REDIRECT", "STATUS 301", "STATUS 307")
_SILENT = ("NETWORK", "TIMEOUT", "TIMED OUT", "SLOW_DOWN", "UNAVAILABLE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who reads, and where the storage answers; told by the environment.

    Args:
        key: AWS_ACCESS_KEY_ID.
        secret: AWS_SECRET_ACCESS_KEY.
        token: AWS_SESSION_TOKEN.
        region: AWS_REGION, else AWS_DEFAULT_REGION.
        endpoint: (is https, host) of SOLVENT_S3_ENDPOINT, else AWS_ENDPOINT_URL_S3, else
            AWS_ENDPOINT_URL; None: Amazon's own.
        anonymous: SOLVENT_S3_ANONYMOUS: reads public buckets without credentials.
    """

    key: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(repr=False)
    region: str
    endpoint: tuple[bool, str] | None
    anonymous: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object in a bucket.

    Args:
        path: `BUCKET/KEY`.
        size: Bytes.
        changed: When it was last changed, nanoseconds.
    """

    path: str
    size: int
    changed: int

    @property
    def address(self) -> str:
        """Its address, as messages name it."""
        return SCHEME + self.path


def read_access(environment: Mapping[str, str] = os.environ) -> Access:
    """Return what the environment says about object storage.

    Raises:
        UnreadableFileError: It holds no credentials.
        DeclarationError: The endpoint is no address.
    """
    anonymous = environment.get("SOLVENT_S3_ANONYMOUS", "").strip().lower() in _YES
    key = environment.get("AWS_ACCESS_KEY_ID", "")
    secret = environment.get("AWS_SECRET_ACCESS_KEY", "")
    if not anonymous and not (key and secret):
        missing = "AWS_SECRET_ACCESS_KEY" if key else "AWS_ACCESS_KEY_ID"
        raise UnreadableFileError(
            f"object storage cannot be read: {missing} is not set in the environment",
            hint="set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (and AWS_SESSION_TOKEN where "
            "they are temporary), or SOLVENT_S3_ANONYMOUS=1 for a public bucket",
            field="s3",
        )
    region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    return Access(
        key=key, secret=secret, token=environment.get("AWS_SESSION_TOKEN", ""),
        region=region or DEFAULT_REGION, endpoint=_endpoint(environment), anonymous=anonymous,
    )  # fmt: skip


def _endpoint(environment: Mapping[str, str]) -> tuple[bool, str] | None:
    for name in ("SOLVENT_S3_ENDPOINT", "AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"):
        text = environment.get(name, "").strip()
        if text:
            found = _ENDPOINT.fullmatch(text)
            if found is None:
                raise DeclarationError(
                    "is no address of an object storage",
                    hint="write http://HOST:PORT or https://HOST, without a name or password",
                    field=name,
                )
            return found[1] == "https", found[2]
    return None


class Storage:
    """Reads buckets. Nothing is asked before the first question.

    Args:
        access: Who reads; None: as the environment says.
        field: The table's name, for messages.
    """

    def __init__(self, access: Access | None = None, *, field: str = "") -> None:
        self._access = access or read_access()
        self._field = field
        self._files = _file_system(self._access)

    def find(self, address: str) -> tuple[StoredObject, ...]:
        """Return the data objects that an address names: one, all below a folder, or a pattern's.

        Args:
            address: `s3://BUCKET/...`; `*`, `?` and `[...]` stand for signs of one name, `**` for
                any folders.

        Raises:
            MissingFileError: There is no such bucket or no such object.
            UnreadableFileError: The storage does not answer, or may not be read.
        """
        path = address.removeprefix(SCHEME).strip("/")
        with self._asked(address):
            found = self._pattern(path) if _is_pattern(path) else self._place(path)
            if found:
                return tuple(sorted(found, key=lambda one: one.path))
            raise self._nothing(path)

    def copy(self, one: StoredObject, target: Path, step: Step) -> str:
        """Copy an object to a file of this machine.

        Args:
            one: The object, as it was found.
            target: The file.
            step: Told of every byte.

        Returns:
            SHA-256 of its bytes.

        Raises:
            MissingFileError: It is gone.
            UnreadableFileError: It cannot be read, or was changed meanwhile.
        """
        digest, size = hashlib.sha256(), 0
        with (
            self._asked(one.address),
            self._files.open_input_stream(one.path, compression=None) as stream,
            target.open("wb") as file,
        ):
            while piece := stream.read(_PIECE):
                file.write(piece)
                digest.update(piece)
                size += len(piece)
                step.advance(float(len(piece)))
            now = self._files.get_file_info(one.path)
        if (size, now.size, now.mtime_ns) != (one.size, one.size, one.changed):
            raise UnreadableFileError(
                f"{one.address} was changed while it was read", hint="try again", field=self._field
            )
        return digest.hexdigest()

    def _place(self, path: str) -> list[StoredObject]:
        info = self._files.get_file_info(path)
        if info.is_file:
            return [_stored(info)]
        if "/" in path and info.type.name == "NotFound":
            return []
        return [one for one in self._below(path) if is_data_name(one.path.rpartition("/")[2])]

    def _pattern(self, path: str) -> list[StoredObject]:
        parts = path.split("/")
        fixed = next(place for place, part in enumerate(parts) if _is_pattern(part))
        base, wanted = "/".join(parts[:fixed]), parts[fixed:]
        hidden = any(is_hidden(part) for part in wanted)
        deep = len(wanted) > 1 or "**" in wanted
        return [
            one
            for one in self._below(base, deep=deep, hidden=hidden)
            if _matches(one.path.removeprefix(f"{base}/").split("/"), wanted)
        ]

    def _below(self, folder: str, *, deep: bool = True, hidden: bool = False) -> list[StoredObject]:
        from pyarrow.fs import FileSelector

        selector = FileSelector(folder, recursive=deep, allow_not_found=True)
        return [
            _stored(info)
            for info in self._files.get_file_info(selector)
            if info.is_file
            and (hidden or not _any_hidden(info.path.removeprefix(f"{folder}/").split("/")))
        ]

    def _nothing(self, path: str) -> MissingFileError:
        from pyarrow.fs import FileSelector

        bucket, _, key = path.partition("/")
        if self._files.get_file_info(bucket).type.name == "NotFound":
            return _no_bucket(bucket, self._field)
        fixed = [part for part in key.split("/") if part]
        while fixed:
            last, folder = fixed.pop(), "/".join((bucket, *fixed))
            if _is_pattern(folder):
                continue
            infos = self._files.get_file_info(FileSelector(folder, allow_not_found=True))
            names = sorted(one.base_name for one in infos if not is_hidden(one.base_name))
            if names:
                close = difflib.get_close_matches(last, names, n=1)
                guess = f"did you mean {close[0]!r}? " if close else ""
                where = f"{guess}{SCHEME}{folder} holds: {listed(names)}"
                return self._missing(path, where)
        return self._missing(path, f"the bucket {bucket!r} holds no table")

    def _missing(self, path: str, hint: str) -> MissingFileError:
        return MissingFileError(f"no object {SCHEME}{path}", hint=hint, field=self._field)

    @contextmanager
    def _asked(self, address: str) -> Iterator[None]:
        """Tell a refusal of the storage in our words: its own may repeat a key."""
        try:
            yield
        except OSError as error:
            raise _told(address, str(error).upper(), self._access, self._field) from None


def _file_system(access: Access) -> S3FileSystem:
    from pyarrow.fs import S3FileSystem

    secure, host = access.endpoint or (True, None)
    return S3FileSystem(
        access_key=None if access.anonymous else access.key,
        secret_key=None if access.anonymous else access.secret,
        session_token=None if access.anonymous else access.token or None,
        anonymous=access.anonymous,
        region=access.region,
        scheme="https" if secure else "http",
        endpoint_override=host,
        connect_timeout=CONNECT_SECONDS,
        request_timeout=ANSWER_SECONDS,
    )


def _stored(info: FileInfo) -> StoredObject:
    return StoredObject(path=info.path, size=int(info.size or 0), changed=int(info.mtime_ns or 0))


def _is_pattern(text: str) -> bool:
    return any(sign in text for sign in "*?[")


def _any_hidden(parts: Sequence[str]) -> bool:
    return any(is_hidden(part) for part in parts)


def _matches(names: Sequence[str], wanted: Sequence[str]) -> bool:
    """Tell whether the parts of a path fit the parts of a pattern."""
    if not wanted:
        return not names
    if wanted[0] == "**":
        return any(_matches(names[skipped:], wanted[1:]) for skipped in range(len(names) + 1))
    return (
        bool(names) and fnmatch.fnmatchcase(names[0], wanted[0]) and _matches(names[1:], wanted[1:])
    )


def _no_bucket(bucket: str, field: str) -> MissingFileError:
    return MissingFileError(
        f"there is no bucket {bucket!r}",
        hint="check its name, and SOLVENT_S3_ENDPOINT where it is not Amazon's", field=field,
    )  # fmt: skip


def _told(address: str, words: str, access: Access, field: str) -> DataError:
    bucket = address.removeprefix(SCHEME).partition("/")[0]
    if "NO_SUCH_BUCKET" in words:
        return _no_bucket(bucket, field)
    if "NO_SUCH_KEY" in words:
        return MissingFileError(f"{address} is gone", hint="try again", field=field)
    if any(sign in words for sign in _DENIED):
        return UnreadableFileError(
            f"{address} may not be read with the credentials in the environment",
            hint="check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, and that "
            f"they may list and read the bucket {bucket!r}", field=field,
        )  # fmt: skip
    if any(sign in words for sign in _MOVED):
        return UnreadableFileError(
            f"the bucket {bucket!r} does not lie in the region {access.region}",
            hint="set AWS_REGION to the bucket's own", field=field,
        )  # fmt: skip
    if any(sign in words for sign in _SILENT):
        where = "Amazon's" if access.endpoint is None else access.endpoint[1]
        return UnreadableFileError(
            f"the object storage does not answer, so {address} cannot be read",
            hint=f"asked {where}: check the network and SOLVENT_S3_ENDPOINT", field=field,
        )  # fmt: skip
    return UnreadableFileError(
        f"{address} cannot be read", hint="try again; check the credentials in the environment "
        "and the room for temporary files", field=field,
    )  # fmt: skip
