"""Demo: the project of the first start. Drawn photos and a film, with proposals to accept, correct and play with."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

import pseudo_query
from grounding.data import PhraseValue, Progress, Regions, Size, Track, run_to_end
from grounding.data.keyframe_simplification import simplify_keyframes
from grounding.data.media import Image, open_video
from grounding.data.media_write import encode_mp4, encode_png
from grounding.store import Item, Store
from grounding.synthetic import draw_scene, draw_video
from grounding.tasks.label.propose import PhraseGenerator, Proposal, propose_item, store_proposals, track_proposal

NAME = "Demo: drawn worlds"
AUTHOR = "model:worlds@1"
PERSON = "person:demo"
PHOTOS = (("1 park.png", "park", 5), ("2 street.png", "street", 5), ("3 kitchen.png", "kitchen", 2), ("4 beach.png", "beach", 4),
          ("5 park.png", "park", 4), ("6 kitchen.png", "kitchen", 4))
VIDEO = ("7 park film.mp4", 3)
DONE, STARTED = 1, 2  # so many items are shown done, and in so many the first things are accepted


@dataclass(frozen=True)
class _GroundTruthDetector:
    """What the drawing knows of one picture, in the form of a detector."""

    regions: Regions
    version: str = AUTHOR.removeprefix("model:")

    def detect(self, image: Image) -> Regions:
        return self.regions


@dataclass(frozen=True)
class _DemoFile:
    """A file and what is proposed for it; kept between projects, since every one of them is the same."""

    name: str
    kind: str
    ext: str
    data: bytes
    size: Size
    proposals: tuple[Proposal, ...]
    pts_s: np.ndarray | None = None
    meta: dict | None = None


def make_demo(store: Store, name: str = NAME) -> str:
    """Makes the demo project, if there is none of this name; its id."""
    return run_to_end(demo_steps(store, name))


def demo_steps(store: Store, name: str = NAME) -> Iterator[Progress]:
    """The same in steps; the last progress holds the project's id. It is there whole or not at all."""
    for project in [*store.projects(), *store.projects(trashed=True)]:
        if project.name == name:
            yield Progress(1, 1, f"{name} is there already", project.id)
            return
    files, total = [], len(PHOTOS) + 1
    for number, (photo, background, seed) in enumerate(PHOTOS):
        yield Progress(number, total, f"drawing {photo}")
        files.append(_photo(photo, background, seed))
    yield Progress(total - 1, total, f"drawing {VIDEO[0]}")
    files.append(_video(*VIDEO))
    yield Progress(total, total, f"{name} is ready", _store_demo(store, name, files))


@cache
def _photo(name: str, background: str, seed: int) -> _DemoFile:
    scene = draw_scene(seed, background=background)
    phraser = PhraseGenerator(pseudo_query.generate, pseudo_query.version)
    proposals = propose_item(scene.image, _GroundTruthDetector(scene.regions), phraser)
    return _DemoFile(name, "photo", "png", encode_png(scene.image.pixels), scene.image.size, tuple(proposals))


@cache
def _video(name: str, seed: int) -> _DemoFile:
    clip = draw_video(seed)
    data = encode_mp4(clip.frames(), clip.size, clip.fps)
    tracks = [track_proposal(_simplify(replace(track, caption=f"the {track.caption}")), AUTHOR) for track in clip.tracks]
    phrases = [_phrase_proposal(sentence) for sentence in clip.sentences if sentence.needs_time]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        with open_video(path) as video:
            meta = {"codec": video.codec, "container": video.container, "playable": video.playable}
            return _DemoFile(name, "video", "mp4", data, video.size, (*tracks, *phrases), video.frames.pts_s, meta)


def _phrase_proposal(sentence) -> Proposal:
    value = PhraseValue(text=sentence.text, state="proposed", origin="template", rule="what it does", unique=True)
    return Proposal("phrase", value, AUTHOR, (sentence.track,))


def _simplify(track: Track) -> Track:
    """With as few keyframes as a patient person would set, not one for every swing of a leg."""
    breaks = (np.flatnonzero(np.diff(track.frames) > 1) + 1).tolist()
    keys = simplify_keyframes(track.frames, track.boxes, breaks, max_error_px=9, max_error_share=0.14)
    return Track.from_keyframes(keys, track.label, track.caption, track.score)


def _store_demo(store: Store, name: str, demo_files: list[_DemoFile]) -> str:
    """Files first, then everything said of them in one transaction."""
    labels = Counter(p.value.label for piece in demo_files for p in piece.proposals if p.kind != "phrase")
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / piece.name for piece in demo_files]
        for piece, path in zip(demo_files, paths):
            path.write_bytes(piece.data)
        files = [store.add_file(path, piece.ext) for piece, path in zip(demo_files, paths)]
        with store.transaction():
            project = store.create_project(name, [label for label, _ in labels.most_common()])
            for number, (piece, path, sha256) in enumerate(zip(demo_files, paths, files)):
                item = store.add_item(project.id, name=piece.name, kind=piece.kind, sha256=sha256, ext=piece.ext,
                                      size=piece.size, pts=piece.pts_s, meta=piece.meta, source=path)
                store_proposals(store, item, piece.proposals, dict.fromkeys(p.author for p in piece.proposals))
                _review(store, item, number)
    return project.id


def _review(store: Store, item: Item, number: int):
    """What a first visitor finds decided: all of the first item, the first three things of the next."""
    if number >= STARTED:
        return
    standing = store.current(item.id)
    chosen = standing if number < DONE else [a for a in standing if a.kind == "box"][:3]
    store.append(item.id, [a.edited(replace(a.value, state="accepted"), PERSON) for a in chosen], edit=f"demo-{item.id}")
    if number < DONE:
        store.set_status(item.id, "done")
