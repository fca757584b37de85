"""Fuzz: whatever is sent, the app answers with what was asked or with one sentence, and a refused request leaves nothing behind.

`corpus.json` keeps the requests that were once answered wrongly, and their like; others are made from a seed.
"""

import json
import random
import re
import sqlite3
import time
from pathlib import Path

import pytest

from tests.web.test_allowed_routes import flat, gradio_routes

CORPUS = json.loads((Path(__file__).parent / "corpus.json").read_text())
MADE = 250
ROOT = Path(__file__).resolve().parents[3]
PATHS = re.compile(re.escape(str(ROOT)).encode() + rb"|(?:/tmp|/home|/root|/usr|/etc|/var|/opt|/proc)/\w|site-packages|Traceback|File \"")
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
IDS = [
    "{item}", "{project}", "x", "..", "%2e%2e%2f", "%00", "%ff", "%ed%a0%80", "-1", "0", "9" * 30, "a" * 3000,
    "%2fetc%2fpasswd", "~", "%F0%9F%91%89", "'--", "*",
]
NAMES = [
    "Host", "Origin", "Range", "If-Range", "If-None-Match", "Cookie", "Content-Type", "Sec-Fetch-Site",
    "X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-For", "Accept", "Accept-Encoding", "Authorization", "Referer",
    "Content-Encoding", "X-Gradio-User",
]  # fmt: skip
WORDS = [
    "", "[", "http://[", "bytes=0-", "bytes=5-1", "bytes=-9999999", "\xff\xfe", "%00", "gzip", "null", "a" * 3000,
    "deixis_visit=" + "v" * 24, "multipart/form-data; boundary=", "application/json", "https", "1.2.3.4, [",
    "text/html;q=x", "\x7f", "::1", ";=,",
]  # fmt: skip
BODIES = [
    "", "{}", "[]", "null", "{\"name\": \"x\"}", "{\"edit\": \"e\", \"annotations\": [{}]}", "{\"text\": \"the dog\"}",
    "[" * 5000, "\xff\xfe\x00", "{\"status\": \"lost\"}",
    "{\"data\": [{\"path\": \"/etc/passwd\", \"meta\": {\"_type\": \"gradio.FileData\"}}], \"fn_index\": 1, \"session_hash\": \"x\"}",
    "{\"frame\": -1, \"box\": [1e999, 0, 1, 1]}", "{\"labels\": [{\"name\": \"\\ud800\"}]}",
    "--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"../../x.png\"\r\n\r\nx\r\n--x--\r\n",
]  # fmt: skip


@pytest.fixture(scope="module")
def ground(whole):
    """What stands in the place of names in a request: an open visit with its project and an item."""
    client = whole.open()
    project = client.get("/api/projects").json()[0]["id"]
    item = client.get(f"/api/projects/{project}/items").json()["items"][0]["id"]
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    return {"host": f"127.0.0.1:{whole.port}", "project": project, "item": item, "cookie": cookie}


def spelled(case: dict, ground: dict) -> bytes:
    """The bytes of a request; headers that it does not bring are those of the page."""
    given = case.get("headers", [])
    own = {
        "Host": ground["host"],
        "Cookie": ground["cookie"],
        "Content-Length": str(len(case.get("body", "").encode("latin-1"))),
        "Connection": "close",
    }
    names = {name.title() for name, _ in given}
    headers = [*([name, value] for name, value in own.items() if name not in names), *given]
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    text = case.get("raw") or f"{case.get('method', 'GET')} {case['path']} HTTP/1.1\r\n{lines}\r\n{case.get('body', '')}"
    for name in ("host", "project", "item"):
        text = text.replace("{" + name + "}", ground[name])
    return text.encode("latin-1")


class Watched:
    """What the data folder holds: `changed()` says whether it did since the last time."""

    def __init__(self, whole):
        self.folder, self.jobs = whole.folder, whole.app.state.context.jobs
        self.database = sqlite3.connect(self.folder / "deixis.sqlite")
        self.changed()

    def settle(self, project: str, patience_s: float = 30) -> None:
        """Waits until the work that a request began is done."""
        until = time.monotonic() + patience_s
        while time.monotonic() < until and any(job.state in ("queued", "running") for job in self.jobs.recent(project)):
            time.sleep(0.02)
        time.sleep(0.02)
        self.changed()

    def changed(self) -> bool:
        encoded = self.folder / "cache" / "pictures"  # made of what is there, on demand
        files = {
            path
            for path in self.folder.rglob("*")
            if path.is_file() and not path.name.startswith("deixis.sqlite") and encoded not in path.parents
        }
        now = self.database.execute("PRAGMA data_version").fetchone(), files
        before, self.seen = getattr(self, "seen", now), now
        return before != now


def faults(whole, watched: Watched, case: dict, ground: dict) -> list:
    """What is wrong with the answer to a request, and what it left; after that the case and the answer."""
    status, answer = whole.sent(spelled(case, ground))
    body = answer.partition(b"\r\n\r\n")[2]
    if 0 < status < 400:
        watched.settle(ground["project"])
        return []
    by_the_protocol = body.startswith(b"Invalid HTTP request") or case.get("method") == "HEAD"
    found = {"no answer, or an error of ours": not 0 < status < 500, "refused, and changed all the same": watched.changed(),
             "tells a path of this machine": PATHS.search(body), "no sentence": not by_the_protocol and not says_a_sentence(body)}
    return [*(fault for fault, true in found.items() if true), case, answer] if any(found.values()) else []


def says_a_sentence(body: bytes) -> bool:
    try:
        return 10 < len(json.loads(body)["error"]) < 500
    except (ValueError, LookupError, TypeError):
        return False


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: case["why"])
def test_each_request_of_the_corpus_is_answered_plainly(whole, ground, case):
    assert faults(whole, Watched(whole), case, ground) == []


def made(pick: random.Random, known: list[str]) -> dict:
    """A request to a route that exists, with odd ids, headers and bodies."""
    path = re.sub(r"\{[^}]*\}", lambda _: pick.choice(IDS), pick.choice(known))
    query = pick.choice([
        "", "", f"?after={pick.choice(IDS)}", f"?limit={pick.choice(IDS)}", f"?trashed={pick.choice(IDS)}",
        "?session_hash=%00&deep_link=../x",
    ])
    headers = [[pick.choice(NAMES), pick.choice(WORDS)] for _ in range(pick.randrange(3))]
    return {"method": pick.choice(METHODS), "path": path + query, "headers": headers, "body": pick.choice(BODIES)}


def test_random_requests_are_answered_plainly_and_refused_ones_leave_nothing(whole, ground):
    streams = ("heartbeat", "queue/data")  # these answer until the page is closed
    own = [route.path for route in flat(whole.app.router.routes) if getattr(route, "methods", None)]
    known = [path for path in {*own, *(path for _, path in gradio_routes(whole))} if not any(name in path for name in streams)]
    pick, watched = random.Random(20240607), Watched(whole)
    for _ in range(MADE):
        assert faults(whole, watched, made(pick, sorted(known)), ground) == []
