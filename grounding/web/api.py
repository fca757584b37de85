"""The app that serves the routes; the page is mounted into it."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from grounding.services.job_services import JobServices
from grounding.services.jobs import Jobs
from grounding.store import Store
from grounding.web.answers import json_response
from grounding.web.context import (
    MAX_UPLOAD_BYTES,
    ApiContext,
    accept_any_upload,
    default_user_name,
    no_preparation,
    reserve_nothing,
    see_all_projects,
)
from grounding.web.describe_routes import describe_routes
from grounding.web.guard import LOOPBACK, RequestGuard
from grounding.web.item_routes import item_routes
from grounding.web.job_routes import job_routes
from grounding.web.media_routes import media_routes
from grounding.web.project_routes import project_routes
from grounding.web.refusals import ERROR_MESSAGES, UNREADABLE_MESSAGE

ROUTES = (project_routes, item_routes, describe_routes, job_routes, media_routes)


def create_api(
    store: Store,
    jobs: Jobs,
    job_services: JobServices,
    *,
    hosts: Collection[str] | None = LOOPBACK,
    frame_ancestors: Collection[str] = (),
    visible_projects: Callable[[Request], Collection[str] | None] = see_all_projects,
    user_name: Callable[[Request], str] = default_user_name,
    admit_upload: Callable[[str, int, int], None] = accept_any_upload,
    reserve_upload: Callable[[str, int], contextlib.AbstractContextManager[int]] = reserve_nothing,
    prepare_visit: Callable[[Request], object] = no_preparation,
    max_upload_bytes: int = MAX_UPLOAD_BYTES,
) -> FastAPI:
    """`job_services` starts jobs and grounds phrases. `hosts` are the names the app answers to, None = any; `frame_ancestors` the
    sites that may embed it. The others are the fields of `ApiContext`; by default whoever reaches the app may do everything."""
    context = ApiContext(
        store, jobs, job_services, visible_projects, user_name, admit_upload, reserve_upload, prepare_visit, max_upload_bytes
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app):
        yield
        await run_in_threadpool(jobs.close)
        context.videos.close()
        await run_in_threadpool(store.close)

    app = FastAPI(title="Deixis", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.add_exception_handler(HTTPException, route_not_found)  # pyright: ignore[reportArgumentType]  (wants any Exception)
    app.add_middleware(RequestGuard, hosts=hosts, frame_ancestors=frame_ancestors)
    for routes in ROUTES:
        app.include_router(routes(context))
    app.state.context, app.state.frame_ancestors = context, tuple(frame_ancestors)
    return app


async def route_not_found(_request, error: HTTPException) -> Response:
    """The JSON error for a request that no route matches."""
    return json_response({"error": ERROR_MESSAGES.get(error.status_code, UNREADABLE_MESSAGE)}, error.status_code)
