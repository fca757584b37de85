"""Film samples: clips in which it is known which thing is which, drawn ones and ones made from photos."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from grounding.learning.captioning.clip_cache import FilmCache, SeenPlay, shaken
from grounding.learning.captioning.disjoint import Sample, Switches
from grounding.learning.captioning.examples import Told
from grounding.learning.captioning.sources import Album, alone
from grounding.nn.association.matching import LOOK
from grounding.nn.captioning.aggregate import HARD, SOFT, VIEWS, WEIGHTED, spread, times
from grounding.nn.captioning.batches import Clip, Sight, sightings
from grounding.nn.captioning.vocabulary import Vocabulary
from grounding.nn.files.features import Features
from grounding.nn.tokens import SIDE, Looks, looks
from grounding.synthetic.clips import NOUNS
from grounding.synthetic.motions import Move, draw_move

WAYS = (HARD, HARD, HARD, WEIGHTED, SOFT)  # how views are put together, by chance
MISSED = 0.12  # of the things in a frame


@dataclass(frozen=True)
class DrawnFilms:
    """Plays teach everything: boxes, tracks, and sentences that need time. Half of them run backwards, half are seen in a mirror."""

    cache: FilmCache
    seeds: tuple[int, ...]
    words: Vocabulary
    films: int = 6
    seed: int = 0

    def __call__(self, step: int) -> Sample:
        rng = np.random.default_rng([self.seed, 2, step])
        way = str(rng.choice(WAYS))
        clips, identity, told = [], [], []
        for _ in range(self.films):
            play = self.cache.read(self.seeds[rng.integers(len(self.seeds))])
            play = backwards(play) if rng.random() < 0.5 else play
            play = in_a_mirror(play) if rng.random() < 0.5 else play
            clip, things = clip_of(play, rng)
            clips.append(clip)
            identity.append(things)
            told += tracks_told(play, way, rng)
        return Sample(Switches(boxes=1, tracks=1, sentences=1), seen=sightings(clips), identity=side_by_side(identity), **alone(told, self.words))


@dataclass(frozen=True)
class FakeFilms:
    """Films made from photos: the boxes of a photo move, its features stay. They teach tracks, and sentences that say how a thing of a
    photo moved. In the other half the whole picture is panned and zoomed; of these nothing is said."""

    album: Album
    words: Vocabulary
    films: int = 5
    frames: int = 8
    seed: int = 0

    def __call__(self, step: int) -> Sample:
        rng = np.random.default_rng([self.seed, 3, step])
        clips, identity, told = [], [], []
        while len(clips) < self.films:
            features, rows = self.album.draw(rng)
            chosen = _apart([row for row in rows if row.kind != "sentence"], rng)
            if chosen:
                clip, things, sayings = fake_film(features, chosen, self.frames, rng, panned=len(clips) % 2 == 1)
                clips.append(clip)
                identity.append(things)
                told += sayings
        knows = Switches(boxes=1, tracks=1, sentences=int(bool(told)))
        return Sample(knows, seen=sightings(clips), identity=side_by_side(identity), **(alone(told, self.words) if told else {}))


def clip_of(play: SeenPlay, rng: np.random.Generator) -> tuple[Clip, np.ndarray]:
    """What a poor detector would have seen of a play, and which thing each detection is (0: none, a false alarm)."""
    things, rows = len(play.parts), []
    for frame, thing in zip(*np.nonzero(play.there)):
        if thing >= things or rng.random() > MISSED:
            rows.append((frame, thing, rng.integers(play.boxes.shape[2])))
    frame, thing, version = np.array(rows, np.int64).reshape(-1, 3).T
    kinds = np.array([NOUNS.index(part.noun) for part in play.parts] + [-1])
    unsure = rng.random(len(rows)) < 0.15
    look = play.whole[frame, thing, version, :LOOK] * (rng.random() > 0.15)  # now and then nothing but boxes
    clip = Clip(look, play.boxes[frame, thing, version], frame * float(rng.integers(1, 4)), np.where(unsure, -1, kinds[thing]),
                rng.uniform(0.4, 1, len(rows)))
    return clip, np.where(thing < things, thing + 1, 0)


def tracks_told(play: SeenPlay, way: str, rng: np.random.Generator) -> list[tuple[str, Sight]]:
    """Each thing's sentence, and what it is to be said from."""
    told = []
    for thing, part in enumerate(play.parts):
        frames = np.flatnonzero(play.there[:, thing] & ((rng.random(len(play.there)) > MISSED) | (play.there[:, thing].sum() < 3)))
        if len(frames) < 2:
            continue
        kept = frames if way == SOFT else frames[spread(len(frames), VIEWS if rng.random() < 0.7 else int(rng.integers(1, VIEWS + 1)))]
        version = rng.integers(play.boxes.shape[2], size=len(kept))
        seen = Looks(*(array[kept, thing, version].astype(np.float32) for array in (play.whole, play.cells, play.boxes)))
        told.append((part.sentence, sight(seen, times(kept, frames[0], frames[-1]), way, rng)))
    return told


def sight(seen: Looks, when: np.ndarray, way: str, rng: np.random.Generator) -> Sight:
    """Views put together the `way` it is to be learned."""
    weights = rng.uniform(0.3, 1, len(seen)).astype(np.float32) if way == WEIGHTED else np.ones(len(seen), np.float32)
    mix = None
    if way == SOFT:
        sure = rng.uniform(0.5, 1, len(seen)).astype(np.float32)
        mix = (sure / sure.sum())[None]
    return Sight(seen, when, weights, mix=mix)


def backwards(play: SeenPlay) -> SeenPlay:
    """The film run from its end to its beginning; the sentences say so."""
    parts = tuple(_replaced(part, part.move.reversed()) for part in play.parts)
    return SeenPlay(parts, *(array[::-1] for array in (play.there, play.boxes, play.whole, play.cells)))


def in_a_mirror(play: SeenPlay) -> SeenPlay:
    """Boxes and cells change sides; what a network would see in the mirrored cell itself is taken to be the same."""
    boxes = play.boxes[..., [2, 1, 0, 3]] * np.float32([-1, 1, -1, 1]) + np.float32([1, 0, 1, 0])
    cells = play.cells.reshape(*play.cells.shape[:3], SIDE, SIDE, -1)[..., ::-1, :].reshape(play.cells.shape)
    parts = tuple(_replaced(part, part.move.mirrored()) for part in play.parts)
    return SeenPlay(parts, play.there, boxes, play.whole, cells)


def fake_film(features: Features, chosen: Sequence[Told], count: int, rng: np.random.Generator, panned: bool):
    """A clip, the identity of each of its detections, and [(sentence, sight)]."""
    moves = [draw_move(rng, start=tuple(rng.uniform(0.3, 0.7, 2))) for _ in chosen]
    paths = _camera(chosen, count, rng) if panned else np.stack([_path(row.box, move, count, rng) for row, move in zip(chosen, moves)])
    places, seen = _cut(paths), _visible(paths) & (rng.random(paths.shape[:2]) > MISSED)  # (things, frames, 4), (things, frames)
    frames = np.round(np.linspace(0, rng.integers(count, 3 * count), count))
    told = [] if panned else [(f"{row.text} {move.says}".strip(), _fake_sight(features, row.box, places[n], seen[n], rng))
                              for n, (row, move) in enumerate(zip(chosen, moves)) if seen[n].sum() >= 3]
    thing, frame = np.nonzero(seen)
    empty = rng.uniform(0, 0.7, (int(rng.integers(0, count)), 2))
    nothing = np.concatenate([empty, empty + rng.uniform(0.1, 0.3, empty.shape)], 1).astype(np.float32)
    boxes = np.concatenate([np.stack([row.box for row in chosen])[thing], nothing])
    whole = looks(features, shaken(boxes, 0.06, rng)).whole[:, :LOOK]
    kinds = np.concatenate([np.array([_kind(features, row.box) for row in chosen], int)[thing], np.full(len(nothing), -1)])
    clip = Clip(whole * (rng.random() > 0.15), np.concatenate([shaken(places[thing, frame], 0.03, rng), nothing]),
                np.concatenate([frames[frame], rng.choice(frames, len(nothing))]), kinds, rng.uniform(0.4, 1, len(boxes)))
    return clip, np.concatenate([thing + 1, np.zeros(len(nothing), int)]), told


def side_by_side(rows: Sequence[np.ndarray]) -> torch.Tensor:
    """(B, M) identities, 0 where a clip has fewer things."""
    table = torch.zeros(len(rows), max(max(map(len, rows)), 1), dtype=torch.long)
    for place, row in enumerate(rows):
        table[place, : len(row)] = torch.from_numpy(np.ascontiguousarray(row))
    return table


def _fake_sight(features: Features, box: np.ndarray, places: np.ndarray, seen: np.ndarray, rng) -> Sight:
    frames = np.flatnonzero(seen)
    kept = frames[spread(len(frames))]
    found = looks(features, shaken(np.tile(box, (len(kept), 1)), 0.05, rng))
    return sight(Looks(found.whole, found.cells, places[kept]), times(kept, frames[0], frames[-1]), HARD, rng)


def _path(box: np.ndarray, move: Move, count: int, rng) -> np.ndarray:
    """(count, 4): the box on its way, made smaller if it fills the picture."""
    extent = box[2:] - box[:2]
    half = extent * min(1.0, float(rng.uniform(0.25, 0.5)) / float(extent.max())) / 2
    middles = np.array([move.at(time) for time in np.linspace(0, 1, count)], np.float32)
    return np.concatenate([middles - half, middles + half], 1)


def _camera(chosen: Sequence[Told], count: int, rng) -> np.ndarray:
    """(things, count, 4): all boxes as a camera sees them that pans and zooms steadily from one view to another."""
    scale = np.linspace(*rng.uniform(0.5, 1.0, 2), count)[:, None]
    corner = np.linspace(*(rng.uniform(0, 1, (2, 2)) * (1 - scale[[0, -1]])), count)
    boxes = np.stack([row.box for row in chosen])[:, None]
    return ((boxes - np.tile(corner, 2)) / scale).astype(np.float32)


def _cut(paths: np.ndarray) -> np.ndarray:
    return np.clip(paths, 0, 1)


def _visible(paths: np.ndarray) -> np.ndarray:
    """Where at least three tenths of a box are in the picture."""
    area, inside = ((p[..., 2:] - p[..., :2]).prod(-1) for p in (paths, _cut(paths)))
    return inside > 0.3 * area


def _apart(rows: Sequence[Told], rng, most: int = 4) -> list[Told]:
    """A few things that lie in different boxes, those of which more is said the likelier."""
    kept: list[Told] = []
    for place in rng.permutation(len(rows)):
        row = rows[place]
        large = (row.box[2:] - row.box[:2]).min() > 0.04
        if large and len(kept) < most and all(np.abs(row.box - other.box).max() > 0.1 for other in kept):
            joined = [other for other in rows if other.kind == "joined" and np.array_equal(other.box, row.box)]
            kept.append(joined[rng.integers(len(joined))] if joined and rng.random() < 0.5 else row)
    return kept


def _kind(features: Features, box: np.ndarray) -> int:
    """The detector's class there, -1 if it saw nothing of the kind."""
    low, high = np.maximum(features.boxes[:, :2], box[:2]), np.minimum(features.boxes[:, 2:], box[2:])
    shared = np.clip(high - low, 0, None).prod(1)
    union = (features.boxes[:, 2:] - features.boxes[:, :2]).prod(1) + (box[2:] - box[:2]).prod() - shared
    overlap = shared / np.maximum(union, 1e-6) * (features.scores > 0.2)
    return int(features.classes[overlap.argmax()]) if overlap.max(initial=0) >= 0.5 else -1


def _replaced(part, move: Move):
    return replace(part, move=move, colour=move.first if move.kind == "change" else part.colour)
