"""What people say of an item, and what an export in COCO's layout then holds."""

import json

from grounding.data import new_id, run_to_end
from grounding.tasks.publish.publish import publish
from tests.annotated import annotation


def say(store, item, kind, author="person:ann", **value):
    made = annotation(item.id, kind, {"state": "accepted"} | value, author)
    store.append(item.id, [made], edit=new_id())
    return made.object


def box(store, item, x=1.0, label="dog", **more):
    return say(store, item, "box", box=[x, 2.0, x + 10.25, 20.5], label=label, **more)


def out(store, project, folder, **options):
    report = run_to_end(publish(store, project.id, folder, **options))
    body = json.loads((folder / "annotations/instances_default.json").read_text())
    grefs = json.loads((folder / "annotations/grefs(default).json").read_text())
    return report, body, grefs
