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
from typing import TYPE_CHECKING

from grounding.machine.errors import as_machine_error

if TYPE_CHECKING:
    from grounding.services.access import AccessPolicy, VisitorSessions
    from grounding.services.job_services import JobServices

OFFLINE_ENV = {"GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TRANSFORMERS_OFFLINE": "1"}
FRAME_ANCESTORS = ("https://huggingface.co", "https://*.hf.space")  # who may show a Space inside a page
SPACE_ARCHIVE_LIMITS = {"members": 60, "member_bytes": 60 << 20, "total_bytes": 120 << 20}  # of an archive on a Space


def create_app(folder: str | Path | None = None, space: bool = False):
    """The whole app over one data folder. On a `space` every visitor has a project of an hour, and sees no other."""
    os.environ.update(OFFLINE_ENV)  # before Gradio is imported, so that nothing is ever asked of another host
    from grounding import catalog, model_cache
    from grounding.exchange.archive import Limits
    from grounding.services.access import OpenAccess, VisitorSessions
    from grounding.services.job_services import JobServices
    from grounding.services.jobs import Jobs
    from grounding.services.model_provider import ModelProvider
    from grounding.store import Store
    from grounding.tasks.intake.demo import make_demo

    store = Store.open(folder)
    shipped = {seam: partial(model_cache.make, seam) for seam in catalog.SEAMS}
    base_weights = catalog.ASSETS / "grounder-default.json"
    models = ModelProvider(shipped, model_cache.load_trained_grounder, base_weights, model_by_name=model_cache.make)
    access_policy = VisitorSessions(store, create_project=partial(make_demo, store)) if space else OpenAccess(store)
    limits = Limits(**SPACE_ARCHIVE_LIMITS) if space else Limits()
    max_bytes = SPACE_ARCHIVE_LIMITS["total_bytes"] if space else None
    job_services = JobServices(store, Jobs(store, admit_job=access_policy.admit_job), models, limits, access_policy.admit_file, max_bytes)
    if not space and not store.projects() and not store.projects(trashed=True):
        print("Drawing the demo project, this once ...", flush=True)
        make_demo(store)
    return assemble(job_services, access_policy, catalog, space)


def assemble(job_services: JobServices, access_policy: AccessPolicy, catalog, space: bool):
    """Routes first, the page at "/" behind them, and around both what a Space needs."""
    import gradio as gr
    from starlette.middleware import Middleware

    from grounding.ui import UIContext, assets, page
    from grounding.web import create_api
    from grounding.web.allowed_routes import restrict_routes
    from grounding.web.request_limits import RequestLimits
    from grounding.web.visits import VisitMiddleware, confirmed_token, read_name_cookie

    os.environ["GRADIO_TEMP_DIR"] = str(job_services.store.folder / "cache" / "page")
    rules = space_rules(access_policy) if space else {}
    entry = {"auth_dependency": lambda request: confirmed_token(request.scope)} if space else {}
    app = create_api(
        job_services.store, job_services.jobs, job_services, user_name=lambda request: read_name_cookie(request.scope), **rules
    )
    app.router.routes += assets.routes()
    blocks = page.build(UIContext(job_services, access_policy, catalog))
    gr.mount_gradio_app(app, blocks, path="/", run_history=False, footer_links=[], ssr_mode=False, pwa=False, mcp_server=False,
                        enable_monitoring=False, show_error=False, max_file_size=1, **page.style_options(), **entry)  # fmt: skip
    restrict_routes(app, blocks, partial(open_session, access_policy) if space else None)
    if space:
        app.user_middleware.append(Middleware(RequestLimits, address_of=address_on_space))  # the innermost: inside of RequestGuard
        app.add_middleware(VisitMiddleware)
        threading.Thread(target=purge_sessions_forever, args=(access_policy,), daemon=True).start()
    app.state.preload = list(job_services.models.provider.shipped.values())
    return app


def space_rules(access_policy: VisitorSessions) -> dict:
    """What the routes of a Space go by: each visitor sees the own project, and it is made when the list of projects is
    asked for."""
    from grounding.web.visits import confirmed_token

    return {
        "hosts": None,
        "frame_ancestors": FRAME_ANCESTORS,
        "visible_projects": lambda request: access_policy.project_ids(confirmed_token(request.scope)),
        "admit_upload": access_policy.admit_upload,
        "reserve_upload": access_policy.reserve_upload,
        "prepare_visit": lambda request: confirmed_token(request.scope) and open_session(access_policy, request.scope),
        "max_upload_bytes": access_policy.max_bytes,
    }


def open_session(access_policy: AccessPolicy, scope) -> None:
    """Makes the project of the visitor who sent this request, if there is none yet."""
    from grounding.web.visits import confirmed_token

    token = confirmed_token(scope)
    if not token:
        raise PermissionError(
            "This browser sends no cookie, so nothing can be kept for you here. Allow cookies for this page and "
            "reload it."
        )
    access_policy.open_session(token, address_on_space(scope))


def address_on_space(scope) -> str:
    """Where a request comes from, behind as many proxies as the environment says."""
    from grounding.web.visits import client_address

    return client_address(scope, env_integer("DEIXIS_PROXIES", 1, 100))


def purge_sessions_forever(access_policy: VisitorSessions, every_s: float = 60) -> None:
    """Purges the projects of visitors whose hour is over, for ever."""
    while True:
        time.sleep(every_s)
        try:
            access_policy.purge_expired()
        except Exception as error:  # a disk that is full just now: the next sweep does it
            logging.getLogger("deixis").warning("visits could not be purged: %s", as_machine_error(error) or error)


def preload_models(app, url: str) -> None:
    """Loads the models once the page answers, so that the first person waits for neither."""
    while not _answers(url):
        time.sleep(0.1)
    print(f"Deixis is open on {url}", flush=True)
    for make in app.state.preload:
        make()


def _answers(url: str) -> bool:
    host, port = url.rsplit("/", 1)[-1].split(":")
    with socket.socket() as probe:
        return probe.connect_ex((host, int(port))) == 0


def env_integer(name: str, default: int, maximum: int) -> int:
    """A whole number of the environment; what is none ends the program with one sentence."""
    text = os.environ.get(name) or str(default)
    if not re.fullmatch("[0-9]{1,9}", text) or int(text) > maximum:
        sys.exit(f"deixis: {name} is a whole number from 0 to {maximum}; got {text!r}. Change it or unset it.")
    return int(text)


def create_app_or_exit(folder: str | None, space: bool):
    """The app; where the machine refuses (a full disk, a damaged database), one sentence ends the program."""
    try:
        return create_app(folder, space)
    except Exception as error:
        refusal = as_machine_error(error)
        if refusal is None:
            raise
        sys.exit(f"deixis: {refusal}")


@contextlib.contextmanager
def temporary_data_folder() -> Iterator[str]:
    """A data folder for a Space, which goes with all that visitors sent when the app ends."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # else nothing below would be removed
    with tempfile.TemporaryDirectory(prefix="deixis-", ignore_cleanup_errors=True) as folder:
        yield folder


def chdir_to_empty_folder(data: Path) -> None:
    """Gradio may hand out files of the folder that it runs in; in this one there are none."""
    empty = data / "cache" / "empty"
    empty.mkdir(parents=True, exist_ok=True)
    os.chdir(empty)


def main() -> None:
    space, port = "SPACE_ID" in os.environ, env_integer("PORT", 7860, 65535)
    env_integer("DEIXIS_PROXIES", 1, 100)  # a wrong one is told now, not to each visitor
    if _answers(f"http://127.0.0.1:{port}"):
        sys.exit(
            f"Port {port} is taken, perhaps by a Deixis that is open already. Close it, or choose another: "
            f"PORT={port + 1} make run"
        )
    with temporary_data_folder() if space else contextlib.nullcontext() as folder:
        serve(create_app_or_exit(folder, space), space, port)


def serve(app, space: bool, port: int) -> None:
    """Answers requests until the program is stopped."""
    import uvicorn

    from grounding.services.upkeep import run_maintenance
    from grounding.web.connections import uvicorn_settings

    store = app.state.context.store
    chdir_to_empty_folder(store.folder)
    threading.Thread(target=preload_models, args=(app, f"http://127.0.0.1:{port}"), daemon=True).start()
    if not space:
        threading.Thread(target=run_maintenance, args=(store,), daemon=True).start()
    host, limits = ("0.0.0.0", uvicorn_settings()) if space else ("127.0.0.1", {})
    uvicorn.run(app, host=host, port=port, log_level="warning", timeout_graceful_shutdown=2, **limits)


if __name__ == "__main__":
    main()
