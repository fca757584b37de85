"""The editor alone on a real store and the real routes, with scripted models: starts in seconds, needs no weights.

    python tests/browser/canvas/server.py PORT FOLDER [PHOTO_OR_VIDEO ...]
"""

from __future__ import annotations

import os
import random
import sys
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import gradio as gr  # noqa: E402
import numpy as np  # noqa: E402
import uvicorn  # noqa: E402
from PIL import Image, ImageDraw  # noqa: E402

from grounding.data import Boxes, Progress, Query, Regions, Size  # noqa: E402
from grounding.models.scripted import ScriptedCaptioner, ScriptedDetector, ScriptedEncoding  # noqa: E402
from grounding.models.tracking.box_follower import BoxFollower  # noqa: E402
from grounding.services.image_queries import ImageQueries  # noqa: E402
from grounding.services.job_kinds import FollowJob, Job, LoadJob  # noqa: E402
from grounding.services.job_services import JobServices  # noqa: E402
from grounding.services.jobs import Jobs  # noqa: E402
from grounding.services.model_provider import ModelProvider  # noqa: E402
from grounding.store import Item, Store  # noqa: E402
from grounding.tasks.intake.load import load  # noqa: E402
from grounding.tasks.label.ground import ground  # noqa: E402
from grounding.ui.assets import routes  # noqa: E402
from grounding.ui.editor_component import EditorComponent  # noqa: E402
from grounding.web import create_api  # noqa: E402
from grounding.web.allowed_routes import restrict_routes  # noqa: E402
from tests.annotated import annotation  # noqa: E402

AUTHOR = "model:scripted@1"
COUNTS = {"two thousand": 2000, "two hundred": 200}
LABELS = ["dog", "person", "ball", "car"]


class RuleGrounder:
    """Finds two things whatever is asked, but no unicorn."""

    version = "rule@1"

    def encode(self, size: Size) -> ScriptedEncoding:
        return ScriptedEncoding(size)

    def ground_in(self, encoded: ScriptedEncoding, query: Query) -> Regions:
        w, h = encoded.size
        found = Boxes([[w * (0.1 + 0.4 * k), h * 0.2, w * (0.4 + 0.4 * k), h * 0.8] for k in range(2)])
        return Regions.empty() if "unicorn" in query.text else Regions(found, [0.9, 0.6], query.phrase_texts() * 2)


class ScriptedQueries(ImageQueries):
    """Answers phrases by a rule."""

    def ground(self, item: Item, text: str, frame: int | None = None) -> dict:
        time.sleep(0.6 if "slow" in text else 0)
        return ground(lambda: Size(item.width, item.height), text, RuleGrounder()).to_json() | {"ms": {"encode": 212.4, "phrase": 8.6}}


class ScriptedJobServices(JobServices):
    """Loads without proposals, and follows everything by doing nothing for a while; one box it follows in earnest."""

    def start(self, job: Job) -> str:
        if isinstance(job, LoadJob):
            return super().start(replace(job, propose=False))
        if not isinstance(job, FollowJob):
            return super().start(job)

        def steps():
            for n in range(200):
                time.sleep(0.1)
                yield Progress(n, 200, f"frame {n}")
            yield Progress(200, 200, "", {"tracks": 0})

        return self.jobs.start("follow", job.project, steps, item_id=job.items[0])


def no_model(*_args, **_settings):
    raise RuntimeError("this server has no models")


def draw_photo(path: Path, size: tuple[int, int], seed: int) -> Path:
    """A drawn picture of discs."""
    pick, image = random.Random(seed), Image.new("RGB", size, (206, 212, 208))
    draw = ImageDraw.Draw(image)
    for _ in range(40):
        x, y, r = pick.random() * size[0], pick.random() * size[1], 20 + pick.random() * 90
        draw.ellipse([x - r, y - r, x + r, y + r], fill=tuple(pick.randrange(90, 220) for _ in range(3)))
    image.save(path)
    return path


def propose_boxes(store: Store, item: Item, count: int, seed: int = 0) -> list[str]:
    """Proposes boxes in a photo, with two phrases each where they are few; the objects of the boxes."""
    pick, annotations = random.Random(seed), []
    for n in range(count):
        w, h = (
            (item.width * pick.uniform(0.12, 0.3), item.height * pick.uniform(0.15, 0.4))
            if count < 50
            else (pick.uniform(12, 50), pick.uniform(12, 50))
        )
        x, y = pick.uniform(0, item.width - w), pick.uniform(0, item.height - h)
        label = LABELS[n % len(LABELS)]
        box = {"box": [x, y, x + w, y + h], "label": label, "score": round(pick.uniform(0.4, 0.99), 2), "state": "proposed"}
        annotations.append(annotation(item.id, "box", box, AUTHOR))
        for text, unique in ((f"the {label} on the left", True), (f"the large {label}", n % 2 == 0)) if count < 50 else ():
            phrase = {
                "text": text,
                "targets": [annotations[-1].object if annotations[-1].kind == "box" else annotations[-2].object],
                "state": "proposed", "origin": "template", "rule": "noun spatial", "unique": unique, "score": 0.8,
            }
            annotations.append(annotation(item.id, "phrase", phrase, AUTHOR))
    store.propose(item.id, AUTHOR, annotations)
    return [a.object for a in annotations if a.kind == "box"]


def propose_tracks(store: Store, item: Item) -> None:
    last, annotations = (item.frame_count or 1) - 1, []
    for n, label in enumerate(LABELS):
        keys = []
        for k in range(n % 2, 6):
            x, y = item.width * (0.05 + 0.1 * n + 0.05 * k), item.height * (0.1 + 0.15 * n)
            keys.append(
                {"frame": k * last // 5, "box": [x, y, x + item.width * 0.15, y + item.height * 0.25], "outside": k == 3 and n == 1}
            )
        value = {"label": label, "caption": f"the {label} that moves to the right", "state": "proposed", "score": 0.8, "keyframes": keys}
        annotations.append(annotation(item.id, "track", value, AUTHOR))
    store.propose(item.id, AUTHOR, annotations)


def seed(store: Store, paths: list[Path], scratch: Path) -> str:
    """One project with these files and four drawn ones: with 3 boxes, 2,000, none and 200."""
    project = store.create_project("Trial", LABELS)
    drawn = [
        draw_photo(scratch / name, size, n)
        for n, (name, size) in enumerate(
            [
                ("zz 0 few.png", (1280, 720)),
                ("zz 1 two thousand.png", (2400, 1600)),
                ("zz 2 empty.png", (640, 480)),
                ("zz 3 two hundred.png", (1600, 1200)),
            ]
        )
    ]
    for step in load(store, project.id, [*paths, *drawn]):
        if step.result and step.result.skipped:
            print(step.result.skipped)
    for n, item in enumerate(store.all_items(project.id)):
        if item.kind == "video":
            propose_tracks(store, item)
        elif "empty" not in item.name:
            propose_boxes(store, item, next((count for words, count in COUNTS.items() if words in item.name), 3), n)
    return project.id


def build(folder: Path, paths: list[Path]):
    store = Store.open(folder)
    scratch = folder / "scratch"
    scratch.mkdir(exist_ok=True)
    project = store.projects()[0].id if store.projects() else seed(store, paths, scratch)
    job_services = ScriptedJobServices(
        store,
        Jobs(store),
        ModelProvider(
            dict.fromkeys(("generator", "grounder", "tracker"), no_model)
            | {"detector": ScriptedDetector, "captioner": ScriptedCaptioner, "follower": BoxFollower}
        ),
    )
    job_services.queries = ScriptedQueries(store, job_services.models)
    app = create_api(store, job_services.jobs, job_services)
    app.router.routes += routes()
    style = {}
    try:
        from grounding.ui.page import style_options
        style = style_options()
    except ImportError as missing:
        print("without the page's theme:", missing)
    with gr.Blocks(fill_width=True) as page:
        EditorComponent({"project": project, "item": None, "user": "me"})
    return restrict_routes(gr.mount_gradio_app(app, page, path="/", run_history=False, footer_links=[], **style), page)


if __name__ == "__main__":
    np.seterr(all="raise")
    place = Path(sys.argv[2])
    place.mkdir(parents=True, exist_ok=True)
    uvicorn.run(build(place, [Path(p) for p in sys.argv[3:]]), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
