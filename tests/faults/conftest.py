"""What was counted is told at the end, whether or not the test held."""

from __future__ import annotations

from collections.abc import Callable

import pytest

Tell = Callable[[str], None]
FIGURES = pytest.StashKey[list[str]]()


@pytest.fixture
def tell(request: pytest.FixtureRequest) -> Tell:
    """Note a line of figures of the test."""
    noted = request.config.stash.setdefault(FIGURES, [])
    return lambda words: noted.append(f"{request.node.name}: {words}")


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print all of them."""
    if noted := config.stash.get(FIGURES, []):
        terminalreporter.section("what was counted")
        for line in noted:
            terminalreporter.line(line)
