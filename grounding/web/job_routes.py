"""Routes of long work: how far it is, stopping and resuming it, and fetching what an export wrote."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse

from grounding.services.job_kinds.publish import exported_file
from grounding.web.answers import JsonErrorRoute, json_response
from grounding.web.context import ApiContext
from grounding.web.shapes import job_to_json


def job_routes(context: ApiContext) -> APIRouter:
    router = APIRouter(prefix="/api", route_class=JsonErrorRoute)

    @router.get("/jobs/{job}")
    def status(request: Request, job: str):
        return json_response(job_to_json(context.job(request, job)))

    @router.post("/jobs/{job}/cancel")
    def cancel(request: Request, job: str):
        return json_response(job_to_json(context.jobs.cancel(context.job(request, job).id)))

    @router.post("/jobs/{job}/resume")
    def resume(request: Request, job: str):
        return json_response(job_to_json(context.jobs.resume(context.job(request, job).id)))

    @router.get("/exports/{job}")
    def export(request: Request, job: str):
        path, name = exported_file(context.store, context.job(request, job))
        return FileResponse(path, media_type="application/zip", filename=name, headers={"Cache-Control": "no-store"})

    return router
