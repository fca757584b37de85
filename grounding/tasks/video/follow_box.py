"""Follow a box: a person shows one thing in one frame, and its track grows from there, forwards or backwards."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

import numpy as np

from grounding.data import Boxes, Keyframe, Progress, Regions, Track, iou
from grounding.data.keyframe_simplification import simplify_keyframes
from grounding.data.media import Frame, MediaError, Video
from grounding.protocols import BoxFollower, Detector, ProposalDetector

FIRST_RESULT_AFTER = 20  # frames after which the track so far is first told
BLOCK = 24  # frames kept at a time where a video is read backwards
MAX_UNREPORTED = 50  # frames that a stop may lose
MAX_LOST = 90  # frames out of sight after which there is no looking on
MIN_CORRECTION_IOU = 0.3  # least overlap with the next keyframe for what was followed to be bent to it


def follow_box(video: Video, follower: BoxFollower, detector: Detector | None, frame: int, box: Sequence[float],
               until: int | None = None, every: int = 1, label: str = "") -> Iterator[Progress]:
    """Follows the thing in `box` (x0, y0, x1, y1) of `frame` to the frame `until`, which may lie before it; by default the last.

    Results are the track so far: where the thing is out of sight it has gaps. `detector` helps in each `every`-th frame; None
    leaves it out. Without a `label` the track has the class by which the detector knows the thing, if it does.
    Closing the iterator cancels; the last result seen still holds.
    """
    until = len(video) - 1 if until is None else until
    _check(video, frame, box, until, every)
    step = 1 if until >= frame else -1
    total, observations = abs(until - frame) + 1, [(frame, np.asarray(box, np.float64), 1.0)]
    frames = _frames(video, frame, until)
    first = next(frames).image
    target = follower.begin(first, box, _proposals(detector, first))
    class_label, next_look, lost = label or target.label, FIRST_RESULT_AFTER, 0
    for done, current in enumerate(_readable_frames(frames), 2):
        found = follower.update(target, current.image, _proposals(detector if done % every == 0 else None, current.image))
        lost = 0 if found else lost + 1
        if found:
            observations.append((current.index, *found))
        so_far = _track(observations[::step], class_label) if done == next_look else None
        next_look += min(max(FIRST_RESULT_AFTER, done // 8), MAX_UNREPORTED) if done == next_look else 0
        note = f"frame {current.index + 1} of {len(video)}" + (", out of sight" if lost else "")
        yield Progress(done, total, note, so_far)
        if lost >= MAX_LOST:
            break
    yield Progress(total, total, "followed", _track(observations[::step], label or target.label))


def follow_from(video: Video, follower: BoxFollower, detector: Detector | None, track: Track, frame: int,
                until: int | None = None, every: int = 1, fixed_frames: Collection[int] | None = None) -> Iterator[Progress]:
    """After a person corrected `track` in `frame`: follows its box there anew to its next keyframe, or to `until`.

    `fixed_frames` are those of the keyframes that count as such, those a person set; by default all. Behind the last of them
    it is followed to the end of the video.

    Results are whole tracks: before `frame` as it was, then as followed, then as it was. Where a keyframe ends the new part,
    the way there is bent to meet it; if what was followed ends far from it, the straight way between both stays.
    """
    box = track.box_at(frame)
    if box is None:
        raise ValueError(f"the track is not seen in frame {frame}; correct it in a frame where it is")
    coming = [key for key in track.keyframe_list() if key.frame > frame and (fixed_frames is None or key.frame in fixed_frames)]
    if until is None:
        until = coming[0].frame if coming else len(video) - 1
    last_frame = min(until, len(video) - 1)
    end_box = track.box_at(last_frame) if any(key.frame == last_frame and not key.outside for key in coming) else None
    if last_frame <= frame:
        yield Progress(1, 1, "nothing lies between these keyframes", track)
        return
    for step in follow_box(video, follower, detector, frame, box, last_frame, every, track.label):
        if step.result is None:
            yield step
            continue
        finished = step.done == step.total
        new = correct_drift(step.result, end_box, last_frame) if finished and end_box is not None else step.result
        whole = track if new is None else splice_tracks(track, new, frame, last_frame if finished else int(new.frames[-1]))
        yield Progress(step.done, step.total, step.note, whole)


def correct_drift(track: Track, box: Sequence[float], frame: int) -> Track | None:
    """The track, moved more and more until in `frame` it is `box`; None where it ends before, or far from there."""
    end = track.box_at(frame)
    if end is None or float(iou(Boxes([end]), Boxes([box])).item()) < MIN_CORRECTION_IOU:
        return None
    part = ((track.frames - track.frames[0]) / max(frame - int(track.frames[0]), 1))[:, None]
    boxes = track.boxes.xyxy + part * (np.asarray(box) - np.asarray(end))
    boxes = np.concatenate([np.minimum(boxes[:, :2], boxes[:, 2:] - 1), boxes[:, 2:]], 1)
    return _track([(int(index), row, track.score) for index, row in zip(track.frames, boxes)], track.label)


def splice_tracks(track: Track, new: Track, first: int, last: int) -> Track:
    """`track` with its frames `first` to `last` as in `new`; the keyframes before and after stay."""
    before = [key for key in track.keyframe_list() if key.frame < first]
    after = [key for key in track.keyframe_list() if key.frame > last]
    inside = [key for key in new.keyframe_list() if first <= key.frame <= last]
    if before and not before[-1].outside and before[-1].frame < first - 1 and not inside:
        before.append(Keyframe(first, before[-1].box, outside=True))
    if inside and int(new.frames[-1]) < last and (after or last > int(new.frames[-1])):
        inside.append(Keyframe(int(new.frames[-1]) + 1, inside[-1].box, outside=True))
    while after and after[0].outside and (not inside or inside[-1].outside):
        after = after[1:]
    keys = [*before, *inside, *after]
    while keys and keys[-1].outside:
        keys.pop()
    return Track.from_keyframes(keys, track.label, track.caption, track.score)


def nearest_track(tracks: Sequence[Track], frame: int, box: Sequence[float]) -> Track | None:
    """The track that overlaps the box most in that frame; None where none does."""
    overlaps = [
        (float(iou(Boxes([at]), Boxes([box])).item()), row) for row, track in enumerate(tracks) if (at := track.box_at(frame)) is not None
    ]
    best, row = max(overlaps, default=(0.0, -1))
    return tracks[row] if best > 0 else None


def _check(video: Video, frame: int, box: Sequence[float], until: int, every: int) -> None:
    count = len(video)
    if not (0 <= frame < count and 0 <= until < count):
        raise ValueError(f"the video has frames 0 to {count - 1}; frames {frame} to {until} were asked for")
    if every < 1:
        raise ValueError(f"every how many frames to look is 1 or more; got {every}")
    x0, y0, x1, y1 = box
    width, height = video.size
    if min(x1, width) - max(x0, 0) < 2 or min(y1, height) - max(y0, 0) < 2:
        raise ValueError(f"the box {[round(float(x), 1) for x in box]} shows nothing of the {width} x {height} picture; draw it inside")


def _frames(video: Video, frame: int, until: int) -> Iterator[Frame]:
    """Frame by frame from `frame` to `until`; backwards block by block, since films are coded forwards."""
    if until >= frame:
        yield from video.read(frame, until + 1)
        return
    for end in range(frame + 1, until, -BLOCK):
        yield from reversed(list(video.read(max(end - BLOCK, until), end)))


def _readable_frames(frames: Iterator[Frame]) -> Iterator[Frame]:
    """The frames up to where the video can no longer be decoded; what was followed until there counts."""
    try:
        yield from frames
    except MediaError:
        return


def _proposals(detector: Detector | None, image) -> Regions:
    """All regions of a detector that returns those below its threshold too, else its detections; none without a detector."""
    if detector is None:
        return Regions.empty()
    return detector.proposals(image) if isinstance(detector, ProposalDetector) else detector.detect(image)


def _track(observations: Sequence[tuple[int, np.ndarray, float]], label: str) -> Track:
    """From (frame, box, sureness), frames rising, as keyframes between which boxes move straight."""
    frames, boxes = np.array([row[0] for row in observations]), Boxes(np.array([row[1] for row in observations]))
    breaks = (np.flatnonzero(np.diff(frames) > 1) + 1).tolist()
    return Track.from_keyframes(simplify_keyframes(frames, boxes, breaks), label, score=float(np.mean([row[2] for row in observations])))
