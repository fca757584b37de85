"""The app that serves the routes; the page is mounted into it."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from typing import Any

from fastapi import FastAPI, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from grounding.services.jobs import Jobs
from grounding.store import Store
from grounding.web.answers import answer
from grounding.web.context import Context
from grounding.web.describe_routes import describe_routes
from grounding.web.guard import LOOPBACK, Guard
from grounding.web.item_routes import item_routes
from grounding.web.job_routes import job_routes
from grounding.web.media_routes import media_routes
from grounding.web.project_routes import project_routes
from grounding.web.refusals import SENTENCES, UNREADABLE

ROUTES = (project_routes, item_routes, describe_routes, job_routes, media_routes)


def create_api(store: Store, jobs: Jobs, works: Any, *, hosts: Collection[str] | None = LOOPBACK, frames: Collection[str] = (),
               **rules) -> FastAPI:
    """`works` starts long work and grounds phrases (grounding.services.job_services). `rules` are those of Context: `visitor`,
    `who`, `room_for`, `enter`, `most_upload`. `hosts` are the names the app answers to, None = any; `frames` the sites
    that may embed it."""
    on = Context(store, jobs, works, **rules)

    @contextlib.asynccontextmanager
    async def lifespan(_app):
        yield
        await run_in_threadpool(jobs.close)
        on.films.close()
        await run_in_threadpool(store.close)

    app = FastAPI(title="Deixis", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_exception_handler(HTTPException, no_route)
    app.add_middleware(Guard, hosts=hosts, frames=frames)
    for routes in ROUTES:
        app.include_router(routes(on))
    app.state.context, app.state.frames = on, tuple(frames)
    return app


async def no_route(_request, error: HTTPException) -> Response:
    """What is answered where no route fits."""
    return answer({"error": SENTENCES.get(error.status_code, UNREADABLE)}, error.status_code)
