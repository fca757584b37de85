"""Follow item: the track of one thing that a person showed in a video of a project, kept while it grows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from grounding.data import Annotation, Keyframe, Progress, Track, TrackValue, new_id
from grounding.data.media import FrameTable, open_video
from grounding.protocols import BoxFollower, Detector
from grounding.store import Conflict, Item, NotFound, Store
from grounding.tasks.label.annotate import check_value
from grounding.tasks.label.propose import model_author
from grounding.tasks.video.follow_box import follow_box, follow_from, splice_tracks

UNNAMED = "thing"


@dataclass(frozen=True)
class FollowReport:
    """Which track grew, and through how many frames it is seen now."""

    object: str
    frames: int

    def summary(self) -> str:
        return f"followed through {self.frames} frames"


def follow_item(store: Store, item: Item, follower: BoxFollower, detector: Detector | None, frame: int, box: Sequence[float] | None = None,
                object: str = "", label: str = "", until: int | None = None, every: int = 1) -> Iterator[Progress]:
    """Follows what `box` shows in `frame` to `until` (before `frame`: backwards; None: the end); the last progress holds a FollowReport.

    Where `object` is a track that stands, it grows anew from `frame` to its next keyframe or to `until`, with `box` as its
    keyframe there if one is given; else a new track of that id is proposed. What is followed is kept now and then, so that
    stopping leaves the frames done. Keyframes that a person set stay. When a person changes the track meanwhile, following
    ends and their version stays.
    """
    stored = _StoredTrack(store, item, object or new_id(), model_author(follower))
    existing = stored.load()
    with open_video(store.media_path(item), FrameTable(store.pts(item.id)), item.name) as video:
        if existing is None:
            if box is None:
                raise ValueError("there is no box to follow; draw one")
            stored.drawn_frame = frame
            steps = follow_box(video, follower, detector, frame, box, until, every, label)
        else:
            stored.drawn_frame = None if box is None else frame
            track = existing.value.to_track()
            track = track if box is None else track.with_box(frame, box)
            backwards = until is not None and until < frame
            steps = _follow_backwards(video, follower, detector, track, frame, until, every) if backwards else \
                follow_from(video, follower, detector, track, frame, until, every, stored.person_frames())
        frame_count = 0
        for step in steps:
            if step.result is not None and len(step.result):
                if not stored.save(step.result):
                    yield Progress(
                        step.done,
                        step.total,
                        "the track was changed meanwhile and stays as it is",
                        FollowReport(stored.object, frame_count),
                    )
                    return
                frame_count = len(step.result)
            yield Progress(step.done, step.total, f"{item.name}: {step.note}")
    yield Progress(1, 1, f"{item.name}: followed", FollowReport(stored.object, frame_count))


class _StoredTrack:
    """One track in the store that nobody else changes while it grows."""

    def __init__(self, store: Store, item: Item, object: str, author: str):
        self._store, self._item, self.object, self._author = store, item, object, author
        self._last: Annotation | None = None
        self.drawn_frame: int | None = None  # the frame in which a person drew the box now

    def person_frames(self) -> set[int]:
        """Frames of the keyframes that a person set. Where nobody noted who set them: all, if a person made the track."""
        keys, persons = (self._last.value.keyframes, self._last.by_person) if self._last else ((), False)
        noted = any(key.by for key in keys)
        return {key.frame for key in keys if (key.by == "person" if noted else persons)} - {self.drawn_frame}

    def load(self) -> Annotation | None:
        """The version that stands. Raises NotFound where the object is something else than a track."""
        found = next((a for a in self._store.current(self._item.id) if a.object == self.object), None)
        if found is not None and found.kind != "track":
            raise NotFound("this is no track; name one, or draw a box")
        if found is not None and found.value.locked:
            raise ValueError("this track is locked; unlock it first")
        self._last = found
        return found

    def save(self, track: Track) -> bool:
        """Writes the next version; False where a person was faster."""
        old, state = (self._last.value, self._last.state) if self._last else (None, "proposed")
        new = TrackValue.from_track(replace(track, label=track.label or UNNAMED), state)
        before = {key.frame: key for key in old.keyframes} if old else {}
        new = replace(new, keyframes=tuple(self._with_source(key, before.get(key.frame)) for key in new.keyframes))
        new = replace(new, captions=old.captions, locked=old.locked, extra=old.extra) if old else new
        value = check_value("track", new.to_json(), self._item)
        if self._last is not None and self._last.value == value:
            return True
        replaces = (self._last.id,) if self._last else ()
        version = Annotation(
            self._item.id, "track", value, self._author, replaces, id=new_id() if self._last else self.object, object=self.object
        )
        try:
            self._store.append(self._item.id, [version], edit=new_id())
        except Conflict:
            return False
        self._last = version
        return True


    def _with_source(self, key: Keyframe, before: Keyframe | None) -> Keyframe:
        """A keyframe as it was, if it did not change; else with who set it."""
        if before and before.outside == key.outside and before.box == key.box:
            return before
        return replace(key, by="person" if key.frame == self.drawn_frame else "model")


def _follow_backwards(video, follower, detector, track: Track, frame: int, until: int, every: int) -> Iterator[Progress]:
    """The track, grown backwards from `frame` to `until`; what came after stays."""
    box = track.box_at(frame)
    if box is None:
        raise ValueError(f"the track is not seen in frame {frame}; begin in a frame where it is")
    for step in follow_box(video, follower, detector, frame, box, until, every, track.label):
        whole = None if step.result is None else splice_tracks(track, step.result, int(step.result.frames[0]), frame)
        yield replace(step, result=whole)
