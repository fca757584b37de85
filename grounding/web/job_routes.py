"""Routes of long work: how far it is, stopping and resuming it, and fetching what an export wrote."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from grounding.web.answers import PlainRoute, answer
from grounding.web.context import Context
from grounding.web.shapes import job_shape


def job_routes(on: Context) -> APIRouter:
    router = APIRouter(prefix="/api", route_class=PlainRoute)

    @router.get("/jobs/{job}")
    def status(request: Request, job: str):
        return answer(job_shape(on.job(request, job)))

    @router.post("/jobs/{job}/cancel")
    def cancel(request: Request, job: str):
        return answer(job_shape(on.jobs.cancel(on.job(request, job).id)))

    @router.post("/jobs/{job}/resume")
    def resume(request: Request, job: str):
        return answer(job_shape(on.jobs.resume(on.job(request, job).id)))

    @router.get("/exports/{job}")
    def export(request: Request, job: str):
        path, name = on.works.export_file(on.job(request, job))
        return FileResponse(path, media_type="application/zip", filename=name, headers={"Cache-Control": "no-store"})

    return router
