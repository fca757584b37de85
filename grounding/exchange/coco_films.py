"""Tracks in COCO: frames of a video that were written one by one become tracks of that video again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from grounding.data import Boxes, Size, Track
from grounding.exchange.films import Film, FilmPhrase, Stretch, Tube
from grounding.exchange.pictures import FilmTable, Phrase, Picture, Thing


def film_of(table: FilmTable, pictures: Sequence[Picture], labels: Mapping[int, str]) -> Film:
    """A film with the tracks that stand in its frames (`pictures`), and their phrases.

    Where every frame with something in it was written, a frame without a thing is one in which it is not seen; where only
    keyframes were, boxes between them are interpolated. Things without a track_id stay out.
    """
    seen: dict[object, list[tuple[int, Thing]]] = defaultdict(list)
    said: dict[tuple[str, tuple[object, ...]], Phrase] = {}
    for picture in sorted(pictures, key=lambda picture: picture.frame.index):
        for thing in picture.things:
            seen[_number(thing)].append((picture.frame.index, thing))
        for phrase in picture.phrases:
            said.setdefault((phrase.text, tuple(_number(picture.things[place]) for place in phrase.targets)), phrase)
    seen.pop(None, None)
    places = {number: place for place, number in enumerate(seen, 1)}
    stretches = [(number, Stretch(*rest)) for number, *rest in table.captions]
    tubes = tuple(_tube(places[number], rows, labels, table.written == "keyframes", sorted(part for other, part in stretches if other == number))
                  for number, rows in seen.items())
    phrases = tuple(FilmPhrase(phrase.text, tuple(places[number] for number in numbers), phrase.attributes)
                    for (_, numbers), phrase in said.items() if set(numbers) <= places.keys())
    return Film(table.name, Size(0, 0), table.pts_s, tubes, phrases, original=table.original)


def _number(thing: Thing) -> object:
    number = thing.attributes.get("track_id")
    return number if isinstance(number, (int, str)) and not isinstance(number, bool) else None


def _tube(number: int, rows: list[tuple[int, Thing]], labels: Mapping[int, str], keyframes_only: bool, stretches: Sequence[Stretch]) -> Tube:
    rows = list({frame: (frame, thing) for frame, thing in rows}.values())
    things = [thing for _, thing in rows]
    flags = [thing.attributes.get("keyframe") is not False for thing in things]
    caption, score = (next((thing.attributes[key] for thing in things if key in thing.attributes), None) for key in ("caption", "score"))
    sound = isinstance(score, (int, float)) and not isinstance(score, bool) and 0 <= score <= 1
    track = Track(np.array([frame for frame, _ in rows]), Boxes(np.array([thing.box for thing in things])), flags, labels[things[0].category],
                  caption if isinstance(caption, str) else "", float(score) if sound else 1.0)
    covered = {frame for frame, thing in rows if thing.attributes.get("occluded") is True}
    if keyframes_only:
        keys = [key for key in track.keyframe_list() if not key.outside]
        ends = [key.frame for key in keys[1:]] + [keys[-1].frame + 1]
        covered = {frame for key, end in zip(keys, ends) if key.frame in covered for frame in range(key.frame, end)}
        track = Track.from_keyframes(keys, track.label, track.caption, track.score)
    return Tube(number, things[0].category, track, frozenset(covered), tuple(stretches))
