"""Job services: the long tasks of the app, started as jobs with the models that were chosen for it."""

from __future__ import annotations

import functools
import math
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from grounding.catalog import SEAMS
from grounding.data import Progress, Query, new_id
from grounding.data.media import FrameTable, Image, open_image, open_video
from grounding.exchange.archive import Limits, UploadTree
from grounding.exchange.names import portable_name
from grounding.machine.disk import part_files_of
from grounding.protocols import ClassNameDetector
from grounding.services import model_choice, upkeep
from grounding.services.jobs import Jobs
from grounding.store import Item, JobRow, NotFound, Store
from grounding.tasks.improve import improve, mistakes, weights
from grounding.tasks.intake.load import load
from grounding.tasks.label import templates
from grounding.tasks.label.check import CheckRequest, check, downscale
from grounding.tasks.label.describe import describe
from grounding.tasks.label.encodings import EncodingCache
from grounding.tasks.label.ground import ground, ground_caption
from grounding.tasks.label.propose import propose
from grounding.tasks.publish.publish import publish
from grounding.tasks.video.follow_item import follow_item
from pseudo_query.naming import find_label


@dataclass(frozen=True)
class ModelProvider:
    """The models of the app; each is made when it is first asked for, so that the app starts at once. `shipped` makes, by
    seam, the model that comes with the app."""

    shipped: Mapping[str, Callable[[], Any]]
    load_trained_grounder: Callable[[Path], Any] | None = None  # a grounder from the JSON page of weights learned here
    base_weights: Path | None = None  # the JSON page of the weights that learning starts from
    model_by_name: Callable[[str, str], Any] | None = None  # a model of the catalog, by seam and name

    def get(self, seam: str, name: str = "") -> Any:
        """The model of that name, without one what ships. Raises ValueError where nothing ships for the seam."""
        return self.model_by_name(seam, name) if name else self.maker(seam)()

    def maker(self, seam: str) -> Callable[[], Any]:
        """Makes the model that ships. Raises ValueError where there is none."""
        if seam not in self.shipped:
            raise ValueError(f"this app was started without a {SEAMS[seam].noun}; choose one of the catalog")
        return self.shipped[seam]


class JobServices:
    """Starts jobs and hands out their ids. Every kind can be resumed after a restart; a double click starts one."""

    def __init__(
        self,
        store: Store,
        jobs: Jobs,
        models: ModelProvider,
        limits: Limits = Limits(),
        admit_file: Callable[[str, int], None] = lambda project_id, size: None,
        max_export_bytes: int | None = None,
    ):
        """`limits` hold for each archive that is loaded; `admit_file(project_id, size)` raises where a project may not keep a file.

        Where an export may hold `max_export_bytes` bytes only, a new one takes the place of the one before.
        """
        self.store, self.jobs, self.models, self.limits, self.admit_file, self.max_export_bytes = (
            store,
            jobs,
            models,
            limits,
            admit_file,
            max_export_bytes,
        )
        self._encoding_cache, self._pixel_cache, self._training_lock = EncodingCache(), EncodingCache(8), threading.Lock()
        makers = {"load": self._load, "propose": self._propose, "follow": self._propose, "export": self._export}
        makers |= {"follow_box": self._follow_box, "train": self._train, "bring": self._select_model, "mistakes": self._find_mistakes}
        for kind, maker in makers.items():
            jobs.register(kind, maker)
        upkeep.remove_leftovers(store)

    def load(
        self, project_id: str, folder: Path, files: dict[str, str], proposals: bool = True, sent_as: dict[str, str] | None = None
    ) -> str:
        """Brings uploaded files in: `files` maps what a person calls them to their names in `folder`, which goes afterwards; `sent_as`
        to the names they were sent under, where two of them may be one."""
        twins = {name: sent for name, sent in (sent_as or {}).items() if name != sent}
        params = {"project": project_id, "folder": folder.name, "files": files, "propose": proposals, "sent_as": twins}
        return self.jobs.start("load", project_id, params=params)

    def propose(self, project_id: str, item_ids: Sequence[str] | None = None) -> str:
        """For these items, or all that are not done."""
        return self.jobs.start_once("propose", project_id, {"project": project_id, "items": item_ids and list(item_ids)})

    def follow(self, item: Item, frame: int | None = None, box: Sequence[float] | None = None, **options: Any) -> str:
        """Detects and links everything in a video; with a frame follows one thing from there, see tasks/video/follow_item.py."""
        if item.kind != "video":
            raise ValueError(f"{item.name} is a photo; only things in videos can be followed")
        if frame is not None:
            return self._start_follow_box(item, frame, box, options)
        return self.jobs.start_once("follow", item.project, {"project": item.project, "items": [item.id]}, item.id)

    def export(self, project_id: str, include: str = "accepted", frames: str = "annotated", empty: bool = True,
               format: str = "coco", photos: bool = True, frame_format: str = "png") -> str:
        """Writes a .zip that `export_file` finds once the job is done; the settings are those of tasks/publish/publish.py."""
        options = {"include": include, "frames": frames, "empty": empty, "format": format, "photos": photos, "frame_format": frame_format}
        params = {"project": project_id, "file": f"{project_id}-{new_id()}.zip", **options}
        return self.jobs.start_once("export", project_id, params, ignored_param="file")

    def export_file(self, job: JobRow) -> tuple[Path, str]:
        """Where the .zip of a finished export lies, and what to call it."""
        path = self.store.folder / "exports" / job.params.get("file", "none")
        if job.kind != "export" or job.state != "done" or not path.is_file():
            raise NotFound("this export is not there; start it again on the Export tab")
        name = re.sub(r"[/\\]", "_", self.store.project(job.project).name).lstrip(". ")
        return path, portable_name(f"{name or 'export'}.zip")

    def train(self, project_id: str) -> str:
        """Lets the grounder learn from the project's corrections; new weights serve if they are better. One such job a project."""
        params = {"project": project_id, "name": f"weights-{new_id()[:8]}"}
        return self.jobs.start_once("train", project_id, params, ignored_param="name", within_s=math.inf)

    def select_model(self, project_id: str, seam: str, name: str) -> str:
        """Loads a model of the catalog and asks it about a picture; if that works, it serves in the project from then on."""
        return self.jobs.start_once("bring", project_id, {"project": project_id, "seam": seam, "name": name})

    def find_mistakes(self, project_id: str, folder: str = "") -> str:
        """Looks for the worst mistakes of the project's grounder, on the project's photos or on a folder with known answers."""
        return self.jobs.start_once("mistakes", project_id, {"project": project_id, "folder": folder})

    def tracker(self, project_id: str) -> Any:
        """The tracker that was chosen for a project."""
        return self._chosen(project_id, "tracker")

    def detector(self, project_id: str) -> Any:
        """The detector that was chosen for a project; one that finds what it is told to looks for the labels of the project."""
        model = self._chosen(project_id, "detector")
        labels = [label.name for label in self.store.project(project_id).labels]
        return model.with_class_names(labels) if labels and isinstance(model, ClassNameDetector) else model

    def grounder(self, project_id: str) -> Any:
        """The grounder that was chosen for a project; ours with what it learned there, if that is in use."""
        name = model_choice.chosen_models(self.store, project_id)["grounder"]
        if name:
            return self.models.get("grounder", name)
        page = weights.active_weights(self.store, project_id)
        return self.models.get("grounder") if page is None else self.models.load_trained_grounder(page)

    def _chosen(self, project_id: str, seam: str) -> Any:
        return self.models.get(seam, model_choice.chosen_models(self.store, project_id)[seam])

    def ground(self, item: Item, text: str, frame: int | None = None) -> dict:
        """What a phrase points at in a photo, or in a frame of a video (the first by default), as JSON; see tasks/label/ground.py."""
        open_picture, key = self._image_source(item, frame)
        return ground(open_picture, text, self.grounder(item.project), self._encoding_cache, key).to_json()

    def ground_caption(self, item: Item, caption: str | Query, frame: int | None = None) -> dict:
        """What each phrase of a caption points at, as JSON; see tasks/label/ground.py."""
        open_picture, key = self._image_source(item, frame)
        return ground_caption(open_picture, caption, self.grounder(item.project), self._encoding_cache, key).to_json()

    def check(self, item: Item, request: CheckRequest) -> list[list[dict] | None]:
        """What does not agree between phrases and boxes of a photo, or of a frame of a video; see tasks/label/check.py."""
        open_picture, key = self._image_source(item, request.frame)
        return check(request, item.size, lambda: self._pixel_cache.get(key, lambda: downscale(open_picture().pixels)))

    def add_project_labels(self, item: Item, answer: dict) -> dict:
        """An answer of `ground`, `ground_caption` or `describe`; each of its regions (or itself) with "project_label":
        the label of the project that its words name, "" where none surely does."""
        labels = [label.name for label in self.store.project(item.project).labels]
        named = functools.lru_cache(lambda text: find_label(text, labels))
        for part in answer.get("phrases", (answer,)):
            for region in part.get("regions", ()):
                region["project_label"] = region["label"] if region["label"] in labels else named(region["label"])
        return answer if "query" in answer else answer | {"project_label": named(answer["text"])}

    def describe(self, item: Item, frame: int | None = None, **options) -> dict:
        """A sentence for a box or a point of a photo or a frame, or the places of a sentence's words; see tasks/label/describe.py."""
        captioner = self.models.get("captioner")
        open_picture, key = self._image_source(item, frame)
        return describe(open_picture, captioner, encodings=self._encoding_cache, key=key, **options)

    def _image_source(self, item: Item, frame: int | None) -> tuple[Callable[[], Image], tuple[str, int | None]]:
        """What decodes a photo, or a frame of a video (the first by default), and the key of its encoding."""
        frame = None if item.kind == "photo" else frame or 0
        return lambda: self._open_image(item, frame), (item.sha256, frame)

    def _open_image(self, item: Item, frame: int | None) -> Image:
        path = self.store.media_path(item)
        if frame is None:
            return open_image(path, item.name, size=item.size)
        if not 0 <= frame < (item.frame_count or 0):
            raise NotFound(f"{item.name} has frames 0 to {(item.frame_count or 0) - 1}; frame {frame} was asked for")
        with open_video(path, FrameTable(self.store.pts(item.id)), item.name) as video:
            return video.frame(frame).image

    def _load(self, params: dict) -> Iterator[Progress]:
        folder = self.upload_folder() / params["folder"]
        tree = UploadTree({name: folder / stored for name, stored in params["files"].items()}, "the upload", params.get("sent_as"))
        project, models = params["project"], {}
        if params["propose"]:
            models = {"detector": self.detector(project), "generator": self._generator(project), "tracker": self.tracker(project)}
        yield from load(self.store, project, [tree], limits=self.limits, admit_file=partial(self.admit_file, project), **models)
        shutil.rmtree(folder, ignore_errors=True)

    def _propose(self, params: dict) -> Iterator[Progress]:
        return propose(self.store, params["project"], self.detector(params["project"]), self._generator(params["project"]), params["items"],
                       tracker=self.tracker(params["project"]))

    def _generator(self, project_id: str) -> Any:
        """The generator of phrases, without the templates that are switched off in the project."""
        return templates.without_templates(self.models.get("generator"), templates.disabled_templates(self.store, project_id))

    def _start_follow_box(self, item: Item, frame: int, box: Sequence[float] | None, options: dict) -> str:
        self.models.maker("follower")
        last = (item.frame_count or 0) - 1
        if max(frame, options.get("until") or 0) > last:
            raise NotFound(f"{item.name} has frames 0 to {last}; frame {max(frame, options.get('until') or 0)} was asked for")
        named = options.get("object")
        params = {"item": item.id, "frame": frame, "box": box and list(box), **options, "object": named or new_id()}
        return self.jobs.start_once("follow_box", item.project, params, item.id, ignored_param="" if named else "object")

    def _follow_box(self, params: dict) -> Iterator[Progress]:
        item = self.store.item(params["item"])
        options = {name: value for name, value in params.items() if name != "item"}
        return follow_item(self.store, item, self.models.get("follower"), self.models.get("detector"), **options)

    def _export(self, params: dict) -> Iterator[Progress]:
        out = self.store.folder / "exports" / params["file"]
        options = {name: params[name] for name in ("format", "include", "frames", "empty", "photos", "frame_format") if name in params}
        if self.max_export_bytes:
            upkeep.discard_exports(self.store.folder, params["project"])
        for step in publish(self.store, params["project"], out, **options):
            if self.max_export_bytes and sum(part.stat().st_size for part in part_files_of(out)) > self.max_export_bytes:
                raise ValueError(
                    f"an export from this page holds {self.max_export_bytes // 1_000_000} MB at most; choose annotated "
                    "frames or JPEG, or run Deixis on your own machine"
                )
            yield step if step.result is None else replace(step, result=replace(step.result, out=out.name))

    def _select_model(self, params: dict) -> Iterator[Progress]:
        for step in model_choice.try_model(self.models.model_by_name, params["seam"], params["name"]):
            if step.result is not None:
                model_choice.choose_model(self.store, params["project"], params["seam"], params["name"])
            yield step

    def _find_mistakes(self, params: dict) -> Iterator[Progress]:
        grounder = self.grounder(params["project"])
        if params["folder"]:
            return mistakes.find_in_folder(Path(params["folder"]).expanduser(), grounder)
        return mistakes.find_in_project(self.store, params["project"], grounder)

    def _train(self, params: dict) -> Iterator[Progress]:
        project, name = params["project"], params["name"]
        if not self._training_lock.acquire(blocking=False):
            raise ValueError("another project is learning just now; start this again when that has ended")
        try:
            out = weights.project_folder(self.store, project) / f"{name}.safetensors"
            out.parent.mkdir(parents=True, exist_ok=True)
            context = improve.training_context(self.models.maker("backbone"), self.store.folder / "cache" / "features")
            start = weights.active_weights(self.store, project) or self.models.base_weights
            for step in improve.improve_project(self.store, project, out, context, start, resume=True):
                if step.result and step.result["better"]:
                    weights.activate(self.store, project, name)
                yield step
        finally:
            self._training_lock.release()

    def upload_folder(self) -> Path:
        """Where uploads wait until they are loaded."""
        return upkeep.uploads_folder(self.store.folder)
