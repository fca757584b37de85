"""What is sent to the routes: pictures, edits; and the boxes that then stand."""

import io
import uuid

from PIL import Image as Pillow


def picture(form="JPEG", size=(64, 48), color=(200, 40, 40), **options) -> bytes:
    """The bytes of a picture of one colour."""
    out = io.BytesIO()
    Pillow.new("RGB", size, color).save(out, form, **options)
    return out.getvalue()


def box(corners=(1, 1, 9, 9), label="dog"):
    return {"box": list(corners), "label": label, "state": "accepted"}


def change(value=None, object=None, replaces=(), kind="box"):
    id = uuid.uuid4().hex
    return {"id": id, "object": object or id, "kind": kind, "value": value, "replaces": list(replaces)}


def edit(*changes, id=None, revision=0):
    return {"edit": id or uuid.uuid4().hex, "revision": revision, "annotations": list(changes)}


def boxes(web, item):
    return [a for a in web.get(f"/api/items/{item['id']}").json()["annotations"] if a["kind"] == "box"]
