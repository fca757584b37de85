"""Shapes: what the browser gets of projects, items, annotations and jobs."""

from __future__ import annotations

from grounding.data import Annotation
from grounding.store import Item, JobRow, Label, Project, Store
from grounding.web.photos import DECODING


def project_shape(store: Store, project: Project) -> dict:
    return {"id": project.id, "name": project.name, "labels": labels_shape(project.labels), "counts": store.counts(project.id),
            "created": project.created, "trashed": project.trashed}


def labels_shape(labels: tuple[Label, ...]) -> list[dict]:
    return [{"id": label.id, "name": label.name, "color": label.color} for label in labels]


def item_shape(item: Item) -> dict:
    """What a list of items shows."""
    return {"id": item.id, "project": item.project, "kind": item.kind, "name": item.name, "width": item.width,
            "height": item.height, "frames": item.frame_count, "status": item.status, "revision": item.revision,
            "trashed": item.trashed, "thumb": media_address(item, "thumb")}


def open_item_shape(store: Store, item: Item, annotations: list[Annotation]) -> dict:
    """Everything the editor needs of one item."""
    place = store.place(item.id)
    image = media_address(item, "image" if item.kind == "photo" else "frames/0")
    return {**item_shape(item), "prev": place.previous, "next": place.next, "position": place.position + 1, "count": place.count,
            "image": image, "video": None if item.kind == "photo" else _video(store, item),
            "labels": labels_shape(store.project(item.project).labels), "annotations": [annotation_shape(a) for a in annotations]}


def media_address(item: Item, what: str) -> str:
    """Where a browser finds a picture of the item; the version changes when pictures are decoded in another way."""
    return f"/media/{item.id}/{what}?v={DECODING}"


def annotation_shape(a: Annotation) -> dict:
    return {"id": a.id, "object": a.object, "kind": a.kind, "value": a.value, "author": a.author, "replaces": list(a.replaces), "at": a.at}


def job_shape(job: JobRow) -> dict:
    return {"id": job.id, "kind": job.kind, "project": job.project, "item": job.item, "state": job.state, "done": job.done,
            "total": job.total, "note": job.note, "result": job.result, "error": job.error, "created": job.created,
            "updated": job.updated}


def _video(store: Store, item: Item) -> dict:
    """`pts` in seconds as the container says; `playable`: whether a browser shows this file frame for frame."""
    return {"src": media_address(item, "video"), "playable": bool(store.meta(item.id).get("playable")), "frames": item.frame_count,
            "pts": [round(second, 6) for second in store.pts(item.id).tolist()], "frame_src": media_address(item, "frames/{n}")}
