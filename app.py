"""The web app: chooses the tools, builds the page, and serves it on this machine or as a Hugging Face Space."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from grounding.machine.errors import machine_error

QUIET = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TRANSFORMERS_OFFLINE": "1"}
SEAMS = ("detector", "generator", "grounder", "tracker", "follower", "captioner")
EMBEDDERS = ("https://huggingface.co", "https://*.hf.space")  # who may show a Space inside a page
VISITOR = {"members": 60, "member_bytes": 60 << 20, "total_bytes": 120 << 20}  # of an archive on a Space


def create(folder: str | Path | None = None, space: bool = False):
    """The whole app over one data folder. On a `space` every visitor has a project of an hour, and sees no other."""
    os.environ.update(QUIET)  # before Gradio is imported, so that nothing is ever asked of another host
    from grounding import catalog
    from grounding.exchange.archive import Limits
    from grounding.services.access import Everyone, Visitors
    from grounding.services.job_services import Tools, Works
    from grounding.services.jobs import Jobs
    from grounding.store import Store
    from grounding.tasks.intake.demo import make_demo

    store = Store.open(folder)
    tools = Tools(**{seam: partial(catalog.make, seam) for seam in SEAMS}, trained=catalog.trained, eyes=catalog.eyes,
                  shipped=catalog.ASSETS / "grounder-default.json", model=catalog.make)
    guests = Visitors(store, seed=partial(make_demo, store)) if space else Everyone(store)
    limits = Limits(**VISITOR) if space else Limits()
    works = Works(store, Jobs(store, may_start=guests.may_start), tools, limits, guests.take, VISITOR["total_bytes"] if space else None)
    if not space and not store.projects() and not store.projects(trashed=True):
        print("Drawing the demo project, this once ...", flush=True)
        make_demo(store)
    return assemble(works, guests, catalog, space)


def assemble(works, guests, catalog, space: bool):
    """Routes first, the page at "/" behind them, and around both what a Space needs."""
    import gradio as gr
    from starlette.middleware import Middleware

    from grounding.ui import Desk, assets, page
    from grounding.web import create_api
    from grounding.web.allowed_routes import allow_only_used
    from grounding.web.request_limits import RequestLimits
    from grounding.web.visits import Visits, brought, person_of

    os.environ["GRADIO_TEMP_DIR"] = str(works.store.folder / "cache" / "page")
    rules = space_rules(guests) if space else {}
    entry = {"auth_dependency": lambda request: brought(request.scope)} if space else {}
    app = create_api(works.store, works.jobs, works, who=lambda request: person_of(request.scope), **rules)
    app.router.routes += assets.routes()
    blocks = page.build(Desk(works, guests, catalog))
    gr.mount_gradio_app(app, blocks, path="/", run_history=False, footer_links=[], ssr_mode=False, pwa=False, mcp_server=False,
                        enable_monitoring=False, show_error=False, max_file_size=1, **page.looks(), **entry)  # fmt: skip
    allow_only_used(app, blocks, partial(enter, guests) if space else None)
    if space:
        app.user_middleware.append(Middleware(RequestLimits, address_of=address_on_space))  # the innermost: inside of Guard
        app.add_middleware(Visits)
        threading.Thread(target=sweep, args=(guests,), daemon=True).start()
    app.state.warm = [getattr(works.tools, seam) for seam in SEAMS]
    return app


def space_rules(guests) -> dict:
    """What the routes of a Space go by: each visitor sees the own project, and it is made when the list of projects is
    asked for."""
    from grounding.web.visits import brought

    return {
        "hosts": None,
        "frames": EMBEDDERS,
        "visitor": lambda request: guests.ids(brought(request.scope)),
        "room_for": guests.room_for,
        "reserved": guests.reserved,
        "enter": lambda request: brought(request.scope) and enter(guests, request.scope),
        "most_upload": guests.max_bytes,
    }


def enter(guests, scope) -> None:
    """Makes the project of the visitor who sent this request, if there is none yet."""
    from grounding.web.visits import brought

    token = brought(scope)
    if not token:
        raise PermissionError(
            "This browser sends no cookie, so nothing can be kept for you here. Allow cookies for this page and "
            "reload it."
        )
    guests.enter(token, address_on_space(scope))


def address_on_space(scope) -> str:
    """Where a request comes from, behind as many proxies as the environment says."""
    from grounding.web.visits import address_of

    return address_of(scope, number("DEIXIS_PROXIES", 1, 100))


def sweep(guests, every_s: float = 60) -> None:
    """Purges the projects of visitors whose hour is over, for ever."""
    while True:
        time.sleep(every_s)
        try:
            guests.sweep()
        except Exception as error:  # a disk that is full just now: the next sweep does it
            logging.getLogger("deixis").warning("visits could not be purged: %s", machine_error(error) or error)


def warm_up(app, url: str) -> None:
    """Loads the models once the page answers, so that the first person waits for neither."""
    while not _answers(url):
        time.sleep(0.1)
    print(f"Deixis is open on {url}", flush=True)
    for make in app.state.warm:
        make()


def _answers(url: str) -> bool:
    host, port = url.rsplit("/", 1)[-1].split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def number(name: str, usual: int, most: int) -> int:
    """A whole number of the environment; what is none ends the program with one sentence."""
    text = os.environ.get(name) or str(usual)
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) > most:
        sys.exit(f"deixis: {name} is a whole number from 0 to {most}; got {text!r}. Change it or unset it.")
    return int(text)


def begun(folder: str | None, space: bool):
    """The app; where the machine refuses (a full disk, a damaged database), one sentence ends the program."""
    try:
        return create(folder, space)
    except Exception as error:
        refusal = machine_error(error)
        if refusal is None:
            raise
        sys.exit(f"deixis: {refusal}")


@contextlib.contextmanager
def visitors_folder() -> Iterator[str]:
    """A data folder for a Space, which goes with all that visitors sent when the app ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # else nothing below would be removed
    with tempfile.TemporaryDirectory(prefix="deixis-", ignore_cleanup_errors=True) as folder:
        yield folder


def work_in_an_empty_folder(data: Path) -> None:
    """Gradio may hand out files of the folder that it runs in; in this one there are none."""
    empty = data / "cache" / "empty"
    empty.mkdir(parents=True, exist_ok=True)
    os.chdir(empty)


def main() -> None:
    space, port = "SPACE_ID" in os.environ, number("PORT", 7860, 65535)
    number("DEIXIS_PROXIES", 1, 100)  # a wrong one is told now, not to each visitor
    if _answers(f"http://127.0.0.1:{port}"):
        sys.exit(
            f"Port {port} is taken, perhaps by a Deixis that is open already. Close it, or choose another: "
            f"PORT={port + 1} make run"
        )
    with visitors_folder() if space else contextlib.nullcontext() as folder:
        serve(begun(folder, space), space, port)


def serve(app, space: bool, port: int) -> None:
    """Answers requests until the program is stopped."""
    import uvicorn

    from grounding.services.upkeep import look_after
    from grounding.web.connections import settings

    store = app.state.context.store
    work_in_an_empty_folder(store.folder)
    threading.Thread(target=warm_up, args=(app, f"http://127.0.0.1:{port}"), daemon=True).start()
    if not space:
        threading.Thread(target=look_after, args=(store,), daemon=True).start()
    host, limits = ("0.0.0.0", settings()) if space else ("127.0.0.1", {})
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=2, **limits)


if __name__ == "__main__":
    main()
