"""What solvent reads from the environment is listed where its users look."""

from __future__ import annotations

import re

from tests.laws import ROOT

_NAME = re.compile(r"\"((?:SOLVENT|AWS)_[A-Z0-9_]+)\"")


def test_the_example_names_every_variable_and_no_value_that_is_secret() -> None:
    """Whoever copies .env.example learns every variable the code reads."""
    read = {
        name
        for path in (ROOT / "src").rglob("*.py")
        for name in _NAME.findall(path.read_text(encoding="utf-8"))
    }
    told = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert len(read) > 8
    assert {name for name in read if not re.search(rf"\b{name}\b", told)} == set()
    assert re.search(r"^AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)=.+", told, re.MULTILINE) is None
