"""Follow: every thing of a video tracked through its frames, with one phrase each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from grounding.data import Boxes, Progress, Regions, Track
from grounding.data.media import Video
from grounding.protocols import Detector, TrackCaptioner, Tracker

MIN_VIEW_SHARE = 0.6  # a view of a thing this large, against its largest, is good enough to describe it from
MIN_CAPTION_SCORE = 0.6  # chance of being good from which a captioner's sentence replaces a phrase
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


def follow(video: Video, detector: Detector, tracker: Tracker, generator: Callable | None = None, every: int = 1,
           start: int = 0, stop: int | None = None, captioner: TrackCaptioner | None = None) -> Iterator[Progress]:
    """Detects in each `every`-th frame, links, describes. Progress carries the tracks so far now and then, and all at last.

    `generator(regions, size, pixels)` gives phrases with `.query, .targets, .unique, .template`; without it captions stay empty.
    A `captioner` (`encode_tracks`, `describe_tracks`) has the last word where it is sure enough of what it says of a track.
    Closing the iterator cancels; the last result seen still holds.
    """
    if every < 1:
        raise ValueError(f"every how many frames to look is 1 or more; got {every}")
    tracks, done = [], 0
    for progress in tracker.follow(video, detector, every, start, stop):
        tracks, done = progress.result if progress.result is not None else tracks, progress.done
        yield progress
    if generator is not None and tracks:
        yield Progress(done, done, "describing the tracks", tracks)
        tracks = caption_with_phrases(video, tracks, generator)
        yield Progress(done, done, "tracks described", tracks)
    if captioner is not None and tracks:
        yield Progress(done, done, "tracks told", caption_with_model(video, tracks, captioner))


def caption_with_model(
    video: Video, tracks: Sequence[Track], captioner: TrackCaptioner, min_score: float = MIN_CAPTION_SCORE
) -> list[Track]:
    """The same tracks with the captioner's sentences, where these are likely to be good; the others keep theirs."""
    captions = captioner.describe_tracks(captioner.encode_tracks(video, tracks))
    return [replace(track, caption=caption.text) if caption.score >= min_score else track for track, caption in zip(tracks, captions)]


def caption_with_phrases(video: Video, tracks: Sequence[Track], generator: Callable) -> list[Track]:
    """The same tracks, each with a phrase of its own as caption, said from a frame that shows it well."""
    phrases: dict[int, list] = {}
    for index in sorted(_choose_frames(tracks)):
        visible = [row for row, track in enumerate(tracks) if track.box_at(index) is not None]
        frame = video.frame(index)
        for phrase in generator(_regions(tracks, visible, index), video.size, frame.pixels):
            if len(phrase.targets) == 1:
                phrases.setdefault(visible[phrase.targets[0]], []).append(phrase)
    return _assign_phrases(tracks, phrases)


def _choose_frames(tracks: Sequence[Track]) -> list[int]:
    """Few frames in which every track has a good view, the fullest first."""
    views = [_good_views(track) for track in tracks]
    frames = []
    missing = set(range(len(tracks)))
    while missing:
        counts: dict[int, int] = {}
        for row in sorted(missing):
            for frame in views[row]:
                counts[frame] = counts.get(frame, 0) + 1
        best = max(sorted(counts), key=counts.__getitem__)
        frames.append(best)
        missing = {row for row in missing if best not in views[row]}
    return frames


def _good_views(track: Track) -> set[int]:
    """Frames where the track's box is not much smaller than at its largest."""
    area = track.boxes.area
    return set(track.frames[area >= MIN_VIEW_SHARE * area.max()].tolist())


def _regions(tracks: Sequence[Track], rows: list[int], frame: int) -> Regions:
    boxes = Boxes(np.array([tracks[row].box_at(frame) for row in rows]))
    return Regions(boxes, np.array([tracks[row].score for row in rows]), tuple(tracks[row].label for row in rows))


def _assign_phrases(tracks: Sequence[Track], phrases: dict[int, list]) -> list[Track]:
    """Each track with the best phrase nobody before it has; where there is none, by its turn: "the second dog"."""
    alike = [sum(other.label == track.label for other in tracks) for track in tracks]
    taken: set[str] = set()
    named = []
    for row, track in enumerate(tracks):
        usable = [phrase for phrase in phrases.get(row, []) if phrase.query not in taken
                  and (alike[row] == 1 or phrase.template != "noun")]
        caption = min(usable, key=_phrase_rank).query if usable else _ordinal_caption(track.label, taken)
        taken.add(caption)
        named.append(replace(track, caption=caption))
    return named


def _phrase_rank(phrase) -> tuple:
    """Unique before ambiguous; looks before places, for looks last; short before long."""
    passing = any(word in phrase.template for word in ("spatial", "relation", "place"))
    return not phrase.unique, passing, len(phrase.query), phrase.query


def _ordinal_caption(label: str, taken: set[str]) -> str:
    captions = [f"the {label}", *(f"the {ordinal} {label} to appear" for ordinal in ORDINALS[1:])]
    unused = [caption for caption in captions if caption not in taken]
    return unused[0] if unused else f"another {label}"
