"""Small COCO sets, written as people write them: JSON of one's own and files that stand for photos."""

import json

from grounding.exchange import coco


def image(**values):
    return drop_missing({"id": 1, "file_name": "a.jpg", "width": 100, "height": 80} | values)


def annotation(**values):
    return drop_missing({"id": 4, "image_id": 1, "category_id": 1, "bbox": [10, 20, 30, 40]} | values)


def ref(**values):
    return drop_missing({"ref_id": 1, "image_id": 1, "ann_id": [4], "sentences": [{"raw": "the dog"}]} | values)


def drop_missing(row):
    return {key: value for key, value in row.items() if value != "missing"}


def coco_json(**more):
    return {"images": [image()], "annotations": [annotation()], "categories": [{"id": 1, "name": "dog"}]} | more


def write(folder, value, photos=("a.jpg",), grefs=None, name="instances.json"):
    """The folder, with a JSON file, perhaps phrases beside it, and a file for each photo, no two with the same bytes."""
    json_path = folder / name
    json_path.parent.mkdir(parents=True, exist_ok=True)
    json_path.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    if grefs is not None:
        json_path.with_name("grefs.json").write_text(json.dumps(grefs))
    for photo in photos:
        (folder / photo).parent.mkdir(parents=True, exist_ok=True)
        (folder / photo).write_bytes(photo.encode())
    return folder


def read(folder, value, *args, **kwargs):
    """The dataset that is read from what `write` wrote."""
    return coco.read(write(folder, value, *args, **kwargs))


def boxes(data):
    return [annotation.box for image in data.images for annotation in image.objects]


def fault_text(data):
    """Everything that is wrong, in one text."""
    return " | ".join(f"{fault.where} {fault.why}" for fault in data.faults)
