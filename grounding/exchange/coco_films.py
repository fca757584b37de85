"""Tracks in COCO: frames of a video that were written one by one become tracks of that video again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from grounding.data import Boxes, Track
from grounding.exchange.pictures import FilmTable, Phrase, Picture, Thing


Scored = tuple[Track, float]
Pointing = tuple[Phrase, tuple[int, ...]]


def tracks_of(film: FilmTable, pictures: Sequence[Picture], labels: Mapping[int, str]) -> tuple[list[Scored], list[Pointing]]:
    """The tracks of a film, each with its score, and its phrases with the places of the tracks they point at.

    `pictures` are its frames. Where every frame with something in it was written, a frame without a thing is one in which
    it is not seen; where only keyframes were, boxes between them are interpolated. Things without a track_id stay out.
    """
    seen: dict[object, list[tuple[int, Thing]]] = defaultdict(list)
    said: dict[tuple[str, tuple[object, ...]], Phrase] = {}
    for picture in sorted(pictures, key=lambda picture: picture.frame.index):
        for thing in picture.things:
            seen[_number(thing)].append((picture.frame.index, thing))
        for phrase in picture.phrases:
            said.setdefault((phrase.text, tuple(_number(picture.things[place]) for place in phrase.targets)), phrase)
    seen.pop(None, None)
    places = {number: place for place, number in enumerate(seen)}
    tracks = [_track(rows, labels, film.written == "keyframes") for rows in seen.values()]
    phrases = [(phrase, tuple(places[number] for number in numbers)) for (_, numbers), phrase in said.items()
               if set(numbers) <= places.keys()]
    return tracks, phrases


def _number(thing: Thing) -> object:
    number = thing.attributes.get("track_id")
    return number if isinstance(number, (int, str)) and not isinstance(number, bool) else None


def _track(rows: list[tuple[int, Thing]], labels: Mapping[int, str], keyframes_only: bool) -> Scored:
    rows = list({frame: (frame, thing) for frame, thing in rows}.values())
    things = [thing for _, thing in rows]
    flags = [thing.attributes.get("keyframe") is not False for thing in things]
    caption, score = (next((thing.attributes[key] for thing in things if key in thing.attributes), None) for key in ("caption", "score"))
    frames = np.array([frame for frame, _ in rows])
    told = caption if isinstance(caption, str) else ""
    track = Track(frames, Boxes(np.array([thing.box for thing in things])), flags, labels[things[0].category], told)
    if keyframes_only:
        keys = [key for key in track.keyframe_list() if not key.outside]
        track = Track.from_keyframes(keys, track.label, track.caption)
    sound = isinstance(score, (int, float)) and not isinstance(score, bool) and 0 <= score <= 1
    return track, float(score) if sound else 1.0
