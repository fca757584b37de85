"""Tracks in COCO: frames of a video that were written one by one become tracks of that video again."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from grounding.data import Boxes, Size, Track
from grounding.data.keyframe_simplification import thinned_track
from grounding.exchange.photos import Fault, FilmTable, Phrase, Picture, Thing
from grounding.exchange.values import identity, is_id
from grounding.exchange.videos import Film, FilmPhrase, Stretch, Tube


def film_of(table: FilmTable, pictures: Sequence[Picture], labels: Mapping[int, str], faults: list[Fault] | None = None) -> Film:
    """A film with the tracks that stand in its frames (`pictures`), and their phrases; what stays out is added to `faults`.

    Where every frame with something in it was written, a frame without a thing is one in which it is not seen; where only
    keyframes were, boxes between them are interpolated. Things without a track_id stay out.
    """
    faults = [] if faults is None else faults
    pictures, size = _frames(table, pictures, faults)
    seen: dict[object, dict[int, Thing]] = defaultdict(dict)
    said: dict[tuple[str, tuple[object, ...]], Phrase] = {}
    twice = 0
    for picture in pictures:
        for thing in picture.things:
            twice += _number(thing) is not None and picture.frame.index in seen[_number(thing)]
            seen[_number(thing)].setdefault(picture.frame.index, thing)
        for phrase in picture.phrases:
            said.setdefault((phrase.text, tuple(_number(picture.things[place]) for place in phrase.targets)), phrase)
    seen.pop(None, None)
    places = {number: place for place, number in enumerate(seen, 1)}
    stretches = [(number, Stretch(*rest)) for number, *rest in table.captions]
    tubes = tuple(_tube(places[number], list(rows.items()), labels, table.written == "keyframes", sorted(part for other, part in stretches if other == number))
                  for number, rows in seen.items())
    phrases = tuple(FilmPhrase(phrase.text, tuple(places[number] for number in numbers), phrase.attributes)
                    for (_, numbers), phrase in said.items() if set(numbers) <= places.keys())
    _name_lost(table.name, {
        "boxes without a track_id, so nobody can know their thing": sum(_number(thing) is None for picture in pictures for thing in picture.things),
        "boxes of a track_id that the same frame holds already; the first was kept": twice,
        "captions of a track_id that no box has": sum(number not in places for number, _ in stretches),
        "phrases about a box without a track_id": len(said) - len(phrases)}, faults)
    return Film(table.name, size, table.pts_s, tubes, phrases, original=table.original)


def _frames(table: FilmTable, pictures: Sequence[Picture], faults: list[Fault]) -> tuple[list[Picture], Size]:
    """The frames of the film in order, one for each index and of one size, and that size, (0, 0) where none is told."""
    sizes = Counter(picture.size for picture in pictures if all(picture.size))
    size = max(sizes, key=sizes.__getitem__, default=Size(0, 0))
    frames: dict[int, Picture] = {}
    astray = other = again = 0
    for picture in sorted(pictures, key=lambda picture: picture.frame.index):
        if not 0 <= picture.frame.index < len(table.pts_s):
            astray += 1
        elif all(picture.size) and picture.size != size:
            other += 1
        else:
            again += picture.frame.index in frames
            frames.setdefault(picture.frame.index, picture)
    _name_lost(table.name, {f"images whose frame_index is none of its {len(table.pts_s)} frames": astray,
                            f"images of another size than {size.width} x {size.height}, which its other frames have": other,
                            "images of a frame that an earlier image is of; the first was kept": again}, faults)
    return list(frames.values()), size


def _name_lost(name: str, counts: Mapping[str, int], faults: list[Fault]) -> None:
    faults += [Fault(name, f"has {count} {what}; left out: correct the file") for what, count in counts.items() if count]


def _number(thing: Thing) -> object:
    number = thing.attributes.get("track_id")
    return identity(number) if is_id(number) else None


def _tube(number: int, rows: list[tuple[int, Thing]], labels: Mapping[int, str], keyframes_only: bool, stretches: Sequence[Stretch]) -> Tube:
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
    else:
        track = thinned_track(track, track.frames[track.keyframes].tolist())
    return Tube(number, things[0].category, track, frozenset(covered), tuple(stretches))
