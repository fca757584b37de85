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
from grounding.data import Progress, Regions, Size, Track, last
from grounding.data.keyframe_simplification import thinned
from grounding.data.media import Image, open_video
from grounding.data.media_write import mp4_of, png_of
from grounding.store import Item, Store
from grounding.synthetic import draw_film, draw_scene
from grounding.tasks.label.propose import Phraser, Proposal, keep, propose_item, track_proposal

NAME = "Demo: drawn worlds"
AUTHOR = "model:worlds@1"
PERSON = "person:demo"
PHOTOS = (("1 park.png", "park", 5), ("2 street.png", "street", 5), ("3 kitchen.png", "kitchen", 2), ("4 beach.png", "beach", 4),
          ("5 park.png", "park", 4), ("6 kitchen.png", "kitchen", 4))
FILM = ("7 park film.mp4", 3)
DONE, BEGUN = 1, 2  # so many items are shown done, and in so many the first things are accepted


@dataclass(frozen=True)
class _Truth:
    """What the drawing knows of one picture, in the form of a detector."""

    regions: Regions
    version: str = AUTHOR.removeprefix("model:")

    def detect(self, image: Image) -> Regions:
        return self.regions


@dataclass(frozen=True)
class _Drawn:
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
    return last(demo(store, name))


def demo(store: Store, name: str = NAME) -> Iterator[Progress]:
    """The same in steps; the last progress holds the project's id. It is there whole or not at all."""
    for project in [*store.projects(), *store.projects(trashed=True)]:
        if project.name == name:
            yield Progress(1, 1, f"{name} is there already", project.id)
            return
    pieces, total = [], len(PHOTOS) + 1
    for number, (photo, place, seed) in enumerate(PHOTOS):
        yield Progress(number, total, f"drawing {photo}")
        pieces.append(_photo(photo, place, seed))
    yield Progress(total - 1, total, f"drawing {FILM[0]}")
    pieces.append(_film(*FILM))
    yield Progress(total, total, f"{name} is ready", _keep(store, name, pieces))


@cache
def _photo(name: str, place: str, seed: int) -> _Drawn:
    scene = draw_scene(seed, place=place)
    phraser = Phraser(pseudo_query.generate, pseudo_query.version)
    proposals = propose_item(scene.image, _Truth(scene.regions), phraser)
    return _Drawn(name, "photo", "png", png_of(scene.image.pixels), scene.image.size, tuple(proposals))


@cache
def _film(name: str, seed: int) -> _Drawn:
    film = draw_film(seed)
    data = mp4_of(film.frames(), film.size, film.fps)
    tracks = [track_proposal(_easy(replace(track, caption=f"the {track.caption}")), AUTHOR) for track in film.tracks]
    told = [Proposal("phrase", {"text": sentence.text, "targets": [sentence.track], "state": "proposed", "origin": "template",
                                "rule": "what it does", "unique": True, "score": 1.0}, AUTHOR)
            for sentence in film.sentences if sentence.needs_time]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        with open_video(path) as video:
            meta = {"codec": video.codec, "container": video.container, "playable": video.playable}
            return _Drawn(name, "video", "mp4", data, video.size, (*tracks, *told), video.frames.pts_s, meta)


def _easy(track: Track) -> Track:
    """With as few keyframes as a patient person would set, not one for every swing of a leg."""
    breaks = (np.flatnonzero(np.diff(track.frames) > 1) + 1).tolist()
    keys = thinned(track.frames, track.boxes, breaks, pixels=9, share=0.14)
    return Track.from_keyframes(keys, track.label, track.caption, track.score)


def _keep(store: Store, name: str, pieces: list[_Drawn]) -> str:
    """Files first, then everything said of them in one transaction."""
    labels = Counter(p.value["label"] for piece in pieces for p in piece.proposals if p.kind != "phrase")
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder) / piece.name for piece in pieces]
        for piece, path in zip(pieces, paths):
            path.write_bytes(piece.data)
        files = [store.keep_file(path, piece.ext) for piece, path in zip(pieces, paths)]
        with store.writing():
            project = store.create_project(name, [label for label, _ in labels.most_common()])
            for number, (piece, path, sha256) in enumerate(zip(pieces, paths, files)):
                item = store.add_item(project.id, name=piece.name, kind=piece.kind, path_sha256=sha256, ext=piece.ext,
                                      size=piece.size, pts=piece.pts_s, meta=piece.meta, source=path)
                keep(store, item, piece.proposals, dict.fromkeys(p.author for p in piece.proposals))
                _review(store, item, number)
    return project.id


def _review(store: Store, item: Item, number: int):
    """What a first visitor finds decided: all of the first item, the first three things of the next."""
    if number >= BEGUN:
        return
    standing = store.current(item.id)
    chosen = standing if number < DONE else [a for a in standing if a.kind == "box"][:3]
    store.append(item.id, [a.edited({**a.value, "state": "accepted"}, PERSON) for a in chosen], edit=f"demo-{item.id}")
    if number < DONE:
        store.set_status(item.id, "done")
