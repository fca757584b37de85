"""Synthetic clips: short videos of a few objects that move, turn, enter, leave, get occluded and change colour, with one true
caption each.

Made to train and to test what single frames do not show: similar objects cross, different ones meet and turn back, one passes behind
another. `draw_video` is for people to look at; a clip is small and quick to render.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np

from grounding.data import Boxes, Size, TimeSpan, Track
from grounding.synthetic import objects as a
from grounding.synthetic.backgrounds import BACKGROUNDS
from grounding.synthetic.motions import Motion, sample_motion
from grounding.synthetic.objects import DrawnObject
from grounding.synthetic.scenes import render_objects
from grounding.synthetic.videos import VideoSentence

NOUNS = ("ball", "kite", "car", "person", "dog", "cat", "bird", "cup", "bottle", "boat")
ANIMAL_COLOURS = {"dog": ("brown", "white", "black"), "cat": ("orange", "gray", "black")}  # the others come in BRIGHT_COLOURS
RELATIVE_HEIGHTS = {"person": 1.5, "bottle": 1.2, "kite": 1.2, "car": 0.8, "dog": 0.9}  # relative to the other objects


@dataclass(frozen=True)
class ClipObject:
    """One object of a clip: a `noun` of NOUNS in a `colour`, its `height` as a fraction of the image's height, and its `motion`."""

    noun: str
    colour: str
    height: float
    motion: Motion
    seed: int = 0

    @property
    def name(self) -> str:
        """"red ball", "person in blue"."""
        return object_name(self.noun, self.colour)

    @property
    def caption(self) -> str:
        """The name and the action, if there is one."""
        name = self.noun if self.motion.kind == "change" else self.name
        return " ".join(filter(None, ("the", name, self.motion.action)))

    def draw(self, size: Size, time: float) -> DrawnObject:
        """As it is at `time` in [0, 1]."""
        colour = self.colour if self.motion.kind != "change" else (self.motion.first if time < 0.5 else self.motion.then)
        x, y = self.motion.at(time)
        faces_left = self.motion.at(min(time + 0.02, 1))[0] < self.motion.at(max(time - 0.02, 0))[0]
        drawn = _draw_object(self.noun, colour, self.height * size.height, faces_left, self.seed)
        return replace(drawn, x=x * size.width, y=y * size.height)


class SyntheticClip:
    """`num_frames` frames at `fps`, rendered on demand; the same interface as SyntheticVideo."""

    def __init__(self, background: np.ndarray, clip_objects: list[ClipObject], num_frames: int, fps: int):
        self.size = Size(background.shape[1], background.shape[0])
        self.objects, self.num_frames, self.fps, self._background = clip_objects, num_frames, fps, background

    def frame(self, index: int) -> np.ndarray:
        """(H, W, 3) uint8."""
        return self._render(index)[0]

    def frames(self) -> Iterator[np.ndarray]:
        return (self.frame(index) for index in range(self.num_frames))

    @cached_property
    def tracks(self) -> list[Track]:
        """One for each object that is ever visible, with its caption; frames where too little of it is visible are missing."""
        visible = [self._render(index)[1] for index in range(self.num_frames)]
        return [self._track(row, visible) for row in self._visible_rows(visible)]

    @cached_property
    def visible_objects(self) -> list[ClipObject]:
        """The object of each track."""
        return [self.objects[row] for row in self._visible_rows([self._render(index)[1] for index in range(self.num_frames)])]

    @cached_property
    def sentences(self) -> list[VideoSentence]:
        """One a track; `needs_time` where the object moves or changes."""
        spans = [TimeSpan(float(track.frames[0] / self.fps), float((track.frames[-1] + 1) / self.fps)) for track in self.tracks]
        return [VideoSentence(obj.caption, row, span, obj.motion.kind != "still")
                for row, (obj, span) in enumerate(zip(self.visible_objects, spans))]

    def _visible_rows(self, visible: list) -> list[int]:
        return [row for row in range(len(self.objects)) if any(boxes[row] is not None for boxes in visible)]

    def _track(self, row: int, visible: list) -> Track:
        frames = [index for index, boxes in enumerate(visible) if boxes[row] is not None]
        label = self.objects[row].draw(self.size, 0.0).label
        boxes = Boxes(np.array([visible[index][row] for index in frames]))
        return Track(np.array(frames, int), boxes, np.ones(len(frames), bool), label, self.objects[row].caption)

    def _render(self, index: int) -> tuple[np.ndarray, list]:
        time = index / max(1, self.num_frames - 1)
        return render_objects(self._background, [obj.draw(self.size, time) for obj in self.objects])


def draw_clip(seed: int, size: Size = Size(320, 240), num_frames: int = 10, fps: int = 4) -> SyntheticClip:
    """A clip from nothing but its seed: two to five objects on one of the backgrounds."""
    rng = np.random.default_rng([seed, 31])
    background_name = str(rng.choice(list(BACKGROUNDS)))
    background = BACKGROUNDS[background_name](size, rng).pixels
    pairs = {"cross": _crossing_pair, "meet": _meeting_pair, "hide": _occluding_pair}
    clip_objects = pairs[str(rng.choice(["cross", "meet", "hide"]))](rng)
    while len(clip_objects) < rng.integers(3, 6):
        clip_objects.append(_random_object(rng, "change" if rng.random() < 0.2 else ""))
    return SyntheticClip(background, _remove_duplicates(clip_objects), num_frames, fps)


def object_name(noun: str, colour: str) -> str:
    return f"person in {colour}" if noun == "person" else f"{colour} {noun}"


def _crossing_pair(rng) -> list[ClipObject]:
    """Two objects that look the same pass one another."""
    one, y = _random_object(rng, "still"), float(rng.uniform(0.4, 0.9))
    reach = float(rng.uniform(0.5, 0.65))
    motions = [Motion("straight", direction, start=(0.5 - sign * reach / 2, y + 0.03 * sign), reach=reach)
               for direction, sign in (("right", 1), ("left", -1))]
    return [replace(one, motion=motion) for motion in motions]


def _meeting_pair(rng) -> list[ClipObject]:
    """Two objects of one class in two colours meet and turn back: with constant velocity they would be exchanged."""
    one, y = _random_object(rng, "still"), float(rng.uniform(0.4, 0.9))
    other = replace(one, colour=_random_colour(rng, one.noun, exclude=one.colour))
    return [replace(obj, motion=Motion("back", direction, start=(0.5 - sign * 0.36, y + 0.02 * sign), reach=0.33))
            for obj, direction, sign in ((one, "right", 1), (other, "left", -1))]


def _occluding_pair(rng) -> list[ClipObject]:
    """An object passes behind a larger one."""
    y = float(rng.uniform(0.5, 0.8))
    front = replace(_random_object(rng, "still", str(rng.choice(["car", "boat"]))), height=0.34)
    front = replace(front, motion=Motion(start=(float(rng.uniform(0.4, 0.6)), y + 0.12)))
    direction, sign = (("right", 1), ("left", -1))[int(rng.integers(2))]
    behind = replace(_random_object(rng, "still"), height=float(rng.uniform(0.18, 0.24)))
    return [front, replace(behind, motion=Motion("straight", direction, start=(0.5 - sign * 0.36, y), reach=0.72))]


def _random_object(rng, kind: str = "", noun: str = "") -> ClipObject:
    noun = noun or str(rng.choice([noun for noun in NOUNS if kind != "change" or noun not in ANIMAL_COLOURS]))
    motion, colour = sample_motion(rng, kind), _random_colour(rng, noun)
    if motion.kind == "change":
        motion = replace(motion, first=colour, then=_random_colour(rng, noun, exclude=colour))
    return ClipObject(noun, colour, float(rng.uniform(0.2, 0.3)) * RELATIVE_HEIGHTS.get(noun, 1.0), motion, int(rng.integers(1000)))


def _random_colour(rng, noun: str, exclude: str = "") -> str:
    return str(rng.choice([colour for colour in ANIMAL_COLOURS.get(noun, a.BRIGHT_COLOURS) if colour != exclude]))


def _remove_duplicates(clip_objects: list[ClipObject]) -> list[ClipObject]:
    """Without those that would have the same caption as one before."""
    kept: dict[str, ClipObject] = {}
    for obj in clip_objects:
        kept.setdefault(obj.caption, obj)
    return list(kept.values())


@lru_cache(maxsize=256)
def _draw_object(noun: str, colour: str, height: float, faces_left: bool, seed: int) -> DrawnObject:
    """The object at (0, 0), `height` pixels tall, facing left or right."""
    if noun == "person":
        appearance = replace(a.random_appearance(np.random.default_rng(seed), colour), bag="", hair_style="short", dress=False)
        return a.person(0, 0, height / 1.75, appearance, colour, None, faces_left)
    if noun == "boat":
        return a.boat(0, 0, height, colour)
    if noun == "kite":
        return a.kite(0, 0, height, colour, "white")
    if noun in ("cup", "bottle"):
        return a.tabletop(noun, 0, 0, height / {"cup": 0.105, "bottle": 0.30}[noun], colour)
    make, metres = {"ball": (a.ball, 0.34), "car": (a.car, 1.05), "dog": (a.dog, 0.68), "cat": (a.cat, 0.46), "bird": (a.bird, 0.3)}[noun]
    options = {} if noun == "ball" else {"flip": faces_left}
    return make(0, 0, height / metres, colour, **options)
