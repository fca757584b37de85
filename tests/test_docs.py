"""What the documentation says is so."""

import re
from pathlib import Path

from grounding.data.constraints import MAX_TEXT_LENGTH
from grounding.exchange.archive import Limits
from grounding.exchange.coco import PIXEL_DECIMALS
from grounding.services.access import VisitorSessions
from grounding.services.quota import Quota
from grounding.store import backups
from grounding.web import allowed_routes, answers, connections, request_limits, sessions

ROOT = Path(__file__).resolve().parents[1]
CONVENTIONS = (ROOT / "docs/conventions.md").read_text()


def test_every_key_of_the_conventions_does_something_in_the_page():
    table = CONVENTIONS[CONVENTIONS.index("## Keys"):]
    told = {key for row in table.splitlines() if row.startswith("|") for key in re.findall(r"`([^`]+)`", row.split("|")[2])}
    known = set(re.findall(r'\["([^"]+)", "\w+", "', (ROOT / "grounding/ui/frontend/editor/keymap.js").read_text()))
    assert len(told) > 20 and {key.lower() for key in told} <= {key.lower() for key in known}


def test_the_numbers_of_the_conventions_are_those_of_the_code():
    limits = Limits()
    for words in (f"above {limits.members:,} files or {limits.total_bytes >> 30} GB", f"over {limits.ratio:.0f} times its size",
                  f"1 to {MAX_TEXT_LENGTH:,} characters", f"{10 ** -PIXEL_DECIMALS:.4f} px"):
        assert words in " ".join(CONVENTIONS.split()), words


def test_the_shell_commands_of_the_readme_exist():
    from grounding.__main__ import app, evaluate_app, train_app

    names = {command.name or command.callback.__name__ for part in (app, train_app, evaluate_app) for command in part.registered_commands}
    names |= {group.name for group in app.registered_groups}
    told = set(re.findall(r"python -m grounding (\w+)", (ROOT / "README.md").read_text() + CONVENTIONS))
    assert told and told <= names


def page(name: str) -> str:
    return " ".join((ROOT / "docs" / name).read_text().split())


def test_the_caps_of_the_security_page_are_those_of_the_code():
    caps, (streams, models, uploads, others) = (
        VisitorSessions,
        [f"({limit.per_address} and {limit.overall})" for limit in request_limits.REQUEST_LIMITS],
    )
    for words in (
        f"At most {caps.max_per_address} visits of one address and {caps.max_sessions} in all",
        f"{caps.max_items} items and {caps.max_bytes // 10**6} MB at most, all of them {Quota.max_total_bytes // 10**9} GB",
        f"at most {Quota.max_active_jobs} jobs that wait or run and starts at most {Quota.max_jobs_per_hour} "
        f"an hour; all visitors together have {Quota.max_total_active_jobs}",
        f"streams of events {streams}, questions to the models {models}, uploads {uploads}, others {others}",
        f"{request_limits.MAX_WRITTEN_BYTES >> 20} MB of edits and events an hour",
        f"pauses for {request_limits.MAX_PAUSE_S} s or brings less than {request_limits.MIN_BYTES_PER_S >> 10} KB a second",
        f"within {connections.HEADERS_TIMEOUT_S} s, and {connections.MAX_CONNECTIONS} connections",
        f"has {sessions.MAX_PER_VISIT} sessions",
        f"up to {sessions.MAX_UNREAD_MESSAGES} messages",
        f"at most {allowed_routes.MAX_EVENT_BYTES >> 20} MB",
    ):
        assert words in page("security.md"), words
    assert f"A JSON body holds {answers.MAX_JSON_BYTES >> 20} MB at most" in page("api.md")


def test_the_page_about_backups_says_how_many_are_kept():
    numbers = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight"]
    assert f"The newest {numbers[backups.KEEP_NEWEST]} stay" in page(
        "backup.md"
    ) and f"the latest {numbers[backups.KEEP_DAYS]} days" in page("backup.md")
    assert f"leaves {backups.MIN_FREE_BYTES >> 20} MB free" in page("backup.md")
