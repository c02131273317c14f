"""Progress on the terminal: what was found so far stands beside its bar."""

from __future__ import annotations

from solvent.cli.terminal import TerminalProgress


def test_words_said_stand_beside_the_label_as_they_are(monkeypatch) -> None:
    told: list[object] = []
    progress = TerminalProgress()
    monkeypatch.setattr(
        progress._bars,
        "update",
        lambda _task, **values: told.append(values.get("description")),
    )
    with progress.step("tuning [mine]", 3) as step:
        step.say("best [bold]0.4[/]")
        step.advance()
    assert told[0] == r"tuning \[mine]: best \[bold]0.4\[/]"
