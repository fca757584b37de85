"""Serialization: the JSON form of projects, items, annotations and jobs."""

from __future__ import annotations

from grounding.data import Annotation
from grounding.store import Item, JobRow, Label, Project, Store
from grounding.web.photos import DECODING_VERSION


def project_to_json(store: Store, project: Project) -> dict:
    return {"id": project.id, "name": project.name, "labels": labels_to_json(project.labels), "counts": store.counts(project.id),
            "created": project.created, "trashed": project.trashed}


def labels_to_json(labels: tuple[Label, ...]) -> list[dict]:
    return [{"id": label.id, "name": label.name, "color": label.color} for label in labels]


def item_to_json(item: Item) -> dict:
    """What a list of items shows."""
    return {"id": item.id, "project": item.project, "kind": item.kind, "name": item.name, "width": item.width,
            "height": item.height, "frames": item.frame_count, "status": item.status, "revision": item.revision,
            "trashed": item.trashed, "thumb": media_url(item, "thumb")}


def open_item_to_json(store: Store, item: Item, annotations: list[Annotation]) -> dict:
    """Everything the editor needs of one item."""
    position = store.item_position(item.id)
    image = media_url(item, "image" if item.kind == "photo" else "frames/0")
    return {
        **item_to_json(item),
        "prev": position.previous,
        "next": position.next,
        "position": position.position + 1,
        "count": position.count,
        "image": image,
        "video": None if item.kind == "photo" else _video_to_json(store, item),
        "labels": labels_to_json(store.project(item.project).labels),
        "annotations": [annotation_to_json(a) for a in annotations],
    }


def media_url(item: Item, variant: str) -> str:
    """Where a browser finds a picture of the item; the version changes when pictures are decoded in another way."""
    return f"/media/{item.id}/{variant}?v={DECODING_VERSION}"


def annotation_to_json(annotation: Annotation) -> dict:
    return {
        "id": annotation.id, "object": annotation.object, "kind": annotation.kind, "value": annotation.value and annotation.value.to_json(),
        "author": annotation.author, "replaces": list(annotation.replaces), "at": annotation.at,
    }


def job_to_json(job: JobRow) -> dict:
    return {"id": job.id, "kind": job.kind, "project": job.project, "item": job.item, "state": job.state, "done": job.done,
            "total": job.total, "note": job.note, "result": job.result, "error": job.error, "created": job.created,
            "updated": job.updated}


def _video_to_json(store: Store, item: Item) -> dict:
    """`pts` in seconds as the container says; `playable`: whether a browser shows this file frame for frame."""
    return {"src": media_url(item, "video"), "playable": bool(store.meta(item.id).get("playable")), "frames": item.frame_count,
            "pts": [round(second, 6) for second in store.pts(item.id).tolist()], "frame_src": media_url(item, "frames/{n}")}
