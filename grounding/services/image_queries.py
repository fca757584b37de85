"""Image queries: what a model answers at once about a photo or a frame: phrases, captions, phrase checks."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from grounding.data import Query
from grounding.data.media import FrameTable, Image, open_image, open_video
from grounding.services.model_provider import ProjectModels
from grounding.store import Item, NotFound, Store
from grounding.tasks.label.check import CheckRequest, check, downscale
from grounding.tasks.label.describe import describe
from grounding.tasks.label.encodings import EncodingCache
from grounding.tasks.label.ground import ground, ground_caption
from pseudo_query.naming import find_label


class ImageQueries:
    """Answers about one image as JSON; encoded images are kept, so that each further phrase is cheap. Thread-safe."""

    def __init__(self, store: Store, models: ProjectModels):
        self.store, self.models = store, models
        self._encoding_cache, self._pixel_cache = EncodingCache(), EncodingCache(8)

    def ground(self, item: Item, text: str, frame: int | None = None) -> dict:
        """What a phrase points at in a photo, or in a frame of a video (the first by default); see tasks/label/ground.py."""
        open_picture, key = self._image_source(item, frame)
        return ground(open_picture, text, self.models.grounder(item.project), self._encoding_cache, key).to_json()

    def ground_caption(self, item: Item, caption: str | Query, frame: int | None = None) -> dict:
        """What each phrase of a caption points at; see tasks/label/ground.py."""
        open_picture, key = self._image_source(item, frame)
        return ground_caption(open_picture, caption, self.models.grounder(item.project), self._encoding_cache, key).to_json()

    def check(self, item: Item, request: CheckRequest) -> list[list[dict] | None]:
        """What does not agree between phrases and boxes of a photo, or of a frame of a video; see tasks/label/check.py."""
        open_picture, key = self._image_source(item, request.frame)
        return check(request, item.size, lambda: self._pixel_cache.get(key, lambda: downscale(open_picture().pixels)))

    def describe(self, item: Item, frame: int | None = None, **options: Any) -> dict:
        """A sentence for a box or a point of a photo or a frame, or the places of a sentence's words; see tasks/label/describe.py."""
        captioner = self.models.provider.get("captioner")
        open_picture, key = self._image_source(item, frame)
        return describe(open_picture, captioner, encodings=self._encoding_cache, key=key, **options)

    def add_project_labels(self, item: Item, answer: dict) -> dict:
        """An answer of `ground`, `ground_caption` or `describe`; each of its regions (or itself) with "project_label":
        the label of the project that its words name, "" where none surely does."""
        labels = [label.name for label in self.store.project(item.project).labels]
        named = functools.lru_cache(lambda text: find_label(text, labels))
        for part in answer.get("phrases", (answer,)):
            for region in part.get("regions", ()):
                region["project_label"] = region["label"] if region["label"] in labels else named(region["label"])
        return answer if "query" in answer else answer | {"project_label": named(answer["text"])}

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
