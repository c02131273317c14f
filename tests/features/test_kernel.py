"""The compiled kernel is never older than the files it is made of."""

from __future__ import annotations

import hashlib
from pathlib import Path

from solvent.features import _codes, _kernel, _sequences, _walks, _wide


def test_the_kernel_names_the_digest_of_its_parts() -> None:
    """A part that changes changes this file too, so the cache of compiled code is made anew."""
    parts = (_codes, _wide, _walks, _sequences)
    texts = b"".join(Path(part.__file__).read_bytes() for part in parts)
    digest = hashlib.sha256(texts).hexdigest()[:16]
    assert digest == _kernel.PARTS, f'write PARTS = "{digest}" in _kernel.py'
