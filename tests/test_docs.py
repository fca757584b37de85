"""What the documentation says is so."""

import re
from pathlib import Path

from grounding.exchange.archive import Limits
from grounding.exchange.coco import DIGITS
from grounding.tasks.label.annotate import LONGEST_TEXT

ROOT = Path(__file__).resolve().parents[1]
CONVENTIONS = (ROOT / "docs/conventions.md").read_text()


def test_every_key_of_the_conventions_does_something_in_the_page():
    table = CONVENTIONS[CONVENTIONS.index("## Keys"):]
    told = {key for row in table.splitlines() if row.startswith("|") for key in re.findall(r"`([^`]+)`", row.split("|")[2])}
    known = set(re.findall(r'\["([^"]+)", "\w+", "', (ROOT / "grounding/ui/canvas/keys.js").read_text()))
    assert len(told) > 20 and {key.lower() for key in told} <= {key.lower() for key in known}


def test_the_numbers_of_the_conventions_are_those_of_the_code():
    limits = Limits()
    for words in (f"above {limits.members:,} files or {limits.total_bytes >> 30} GB", f"over {limits.ratio:.0f} times its size",
                  f"1 to {LONGEST_TEXT:,} characters", f"{10 ** -DIGITS:.4f} px"):
        assert words in " ".join(CONVENTIONS.split()), words


def test_the_shell_commands_of_the_readme_exist():
    from grounding.__main__ import app, evaluate_app, train_app

    names = {command.name or command.callback.__name__ for part in (app, train_app, evaluate_app) for command in part.registered_commands}
    names |= {group.name for group in app.registered_groups}
    told = set(re.findall(r"python -m grounding (\w+)", (ROOT / "README.md").read_text() + CONVENTIONS))
    assert told and told <= names
