"""Synthetic videos: drawn scenes in which people and dogs enter, cross, stop and leave, with the ground truth of every frame."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from grounding.data import Boxes, Size, TimeSpan, Track
from grounding.data.keyframe_simplification import simplify_keyframes
from grounding.synthetic import objects as a
from grounding.synthetic.backgrounds import Background, park
from grounding.synthetic.objects import DrawnObject
from grounding.synthetic.scenes import render_objects

GAIT_PHASES = 12  # poses of one double pace


@dataclass(frozen=True)
class MovingObject:
    """An object and its motion: `draw(x, phase, flip)` draws it; `waypoints` are (frame, x in pixels); `action` are the words for it."""

    draw: Callable[[float, float | None, bool], DrawnObject]
    waypoints: tuple[tuple[int, float], ...]
    strides_per_pixel: float
    action: str

    def pose_at(self, frame: int) -> tuple[float, float | None, bool]:
        """Its x, its gait phase (None: standing) and whether it faces left."""
        times, xs = zip(*self.waypoints)
        x = float(np.interp(frame, times, xs))
        later, earlier = (float(np.interp(frame + d, times, xs)) for d in (1, -1))
        distance = float(np.abs(np.diff(np.interp(np.arange(frame + 1), times, xs))).sum())
        still = abs(later - earlier) < 0.05
        phase = round(distance * self.strides_per_pixel * GAIT_PHASES) % GAIT_PHASES / GAIT_PHASES
        return x, None if still else phase, self._faces_left(frame)

    def _faces_left(self, frame: int) -> bool:
        """It faces the direction of motion; where it stands, the last one."""
        flip = False
        for (_, x0), (arrival, x1) in zip(self.waypoints, self.waypoints[1:]):
            flip = x1 < x0 if x1 != x0 else flip
            if frame < arrival:
                break
        return flip


@dataclass(frozen=True)
class VideoSentence:
    """A sentence that is true of one track (its row in `SyntheticVideo.tracks`) during `span`; `needs_time` if one frame does not
    show it."""

    text: str
    track: int
    span: TimeSpan
    needs_time: bool = True


class SyntheticVideo:
    """`num_frames` frames at `fps`, rendered on demand, so that a video takes no memory."""

    def __init__(self, background: np.ndarray, static_objects: list[DrawnObject], moving_objects: list[MovingObject], num_frames: int,
                 fps: int):
        self.size = Size(background.shape[1], background.shape[0])
        self.num_frames, self.fps = num_frames, fps
        self.moving_objects = moving_objects
        self._background, self._static_objects = background, static_objects
        self._draw_cache: dict[tuple, DrawnObject] = {}
        self._boxes: dict[int, list] = {}  # of each frame rendered so far, the visible box of each object

    def frame(self, index: int) -> np.ndarray:
        """(H, W, 3) uint8."""
        pixels, self._boxes[index] = render_objects(self._background, self._objects_at(index))
        return pixels

    def frames(self) -> Iterator[np.ndarray]:
        return (self.frame(index) for index in range(self.num_frames))

    @cached_property
    def tracks(self) -> list[Track]:
        """One for each object that is ever visible, static ones first; occluded where too little of it is visible."""
        objects = self._objects_at(0)
        visible: list[list] = [[] for _ in objects]
        for index in range(self.num_frames):
            if index not in self._boxes:
                self.frame(index)
            for rows, box in zip(visible, self._boxes[index]):
                if box is not None:
                    rows.append((index, box))
        return [_track(obj, rows) for obj, rows in zip(objects, visible) if rows]

    @cached_property
    def sentences(self) -> list[VideoSentence]:
        """The action of each moving object, and its name alone."""
        result, moving = [], {object_name(obj): obj for obj in self.moving_objects}
        for row, track in enumerate(self.tracks):
            span = TimeSpan(float(track.frames[0] / self.fps), float((track.frames[-1] + 1) / self.fps))
            result.append(VideoSentence(f"the {track.caption}", row, span, needs_time=False))
            if track.caption in moving:
                who = "who" if track.label == "person" else "that"
                result.append(VideoSentence(f"the {track.caption} {who} {moving[track.caption].action}", row, span))
        return result

    def _objects_at(self, index: int) -> list[DrawnObject]:
        return [*self._static_objects, *(self._pose_object(number, obj, index) for number, obj in enumerate(self.moving_objects))]

    def _pose_object(self, number: int, obj: MovingObject, index: int) -> DrawnObject:
        x, phase, flip = obj.pose_at(index)
        key = (number, phase, flip)
        if key not in self._draw_cache:
            self._draw_cache[key] = obj.draw(0.0, phase, flip)
        return replace(self._draw_cache[key], x=x)


def object_name(obj: MovingObject) -> str:
    """The most specific name of the object."""
    return obj.draw(0.0, None, False).names[-1]


def draw_video(seed: int, size: Size = Size(640, 360), num_frames: int = 125, fps: int = 25) -> SyntheticVideo:
    """A video of a park from nothing but its seed: two people cross, one stops and turns back, a dog runs after a ball."""
    rng = np.random.default_rng(seed)
    background = park(size, rng)
    background = replace(background, metre_scale=background.metre_scale * 1.5)  # nearer than in a photo, because videos are small
    w, h = size
    static_objects = [a.bench(w * 0.17, h * 0.62, background.pixels_per_metre(h * 0.62)),
                      a.bicycle(w * 0.86, h * 0.64, background.pixels_per_metre(h * 0.64), "red")]
    return SyntheticVideo(background.pixels, static_objects, _park_objects(background, size, num_frames, rng), num_frames, fps)


def _park_objects(background: Background, size: Size, num_frames: int, rng: np.random.Generator) -> list[MovingObject]:
    w, h = size
    colours, coats = rng.permutation(a.BRIGHT_COLOURS).tolist(), rng.permutation(["brown", "white", "black"]).tolist()
    late, off = int(num_frames * rng.uniform(0.2, 0.3)), 0.12 * w
    turn = w * rng.uniform(0.5, 0.62)
    return [
        _walker(background, h * 0.72, colours[0], ((0, -off * 0.2), (int(num_frames * 0.9), w + off)), "walks to the right", rng),
        _walker(background, h * 0.80, colours[1], ((0, w * 0.9), (num_frames, w * 0.04)), "walks to the left", rng),
        _walker(background, h * 0.88, colours[2],
                ((0, w + off), (late, w + off), (int(num_frames * 0.55), turn), (int(num_frames * 0.68), turn), (num_frames, w * 0.9)),
                "walks in, stops and turns back", rng, child=True),
        _ball(background, h * 0.94, colours[3],
              ((0, w * 0.30), (int(num_frames * 0.2), w * 0.34), (int(num_frames * 0.75), w * 0.83), (num_frames, w * 0.86))),
        _dog(background, h * 0.965, str(coats[0]),
             ((0, -off), (int(num_frames * 0.12), -off), (int(num_frames * 0.8), w * 0.70), (num_frames, w * 0.735)),
             "runs after the ball"),
    ]


def _walker(background: Background, y, colour, waypoints, action, rng, child=False) -> MovingObject:
    appearance, metre = replace(a.random_appearance(rng, colour, child), bag=""), background.pixels_per_metre(y)
    return MovingObject(lambda x, phase, flip: a.person(x, y, metre, appearance, colour, phase, flip), waypoints,
                        1 / (metre * (0.9 if child else 1.35)), action)


def _dog(background: Background, y, coat, waypoints, action) -> MovingObject:
    metre = background.pixels_per_metre(y)
    return MovingObject(lambda x, phase, flip: a.dog(x, y, metre, coat, phase, flip, "blue"), waypoints, 1 / (metre * 0.9), action)


def _ball(background: Background, y, colour, waypoints) -> MovingObject:
    metre = background.pixels_per_metre(y)
    return MovingObject(lambda x, phase, flip: a.ball(x, y, metre, colour, -2 * np.pi * (phase or 0)), waypoints, 1 / (metre * 1.1),
                        "rolls to the right")


def _track(obj: DrawnObject, rows: list[tuple[int, tuple]]) -> Track:
    frames, boxes = np.array([frame for frame, _ in rows]), Boxes(np.array([box for _, box in rows]))
    breaks = (np.flatnonzero(np.diff(frames) > 1) + 1).tolist()
    return Track.from_keyframes(simplify_keyframes(frames, boxes, breaks), obj.label, obj.names[-1])
