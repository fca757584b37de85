"""Lint: what does not agree between a phrase somebody wrote and the box it was written for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pseudo_query.beside import RELATIONS
from pseudo_query.lexicon import SEVERAL, english
from pseudo_query.parse import Reading, read
from pseudo_query.phrases import Candidate, Meaning
from pseudo_query.scenes import Scene
from pseudo_query.settings import DEFAULT, Settings
from pseudo_query.facts import Facts, members

OPPOSITE = {"left": "right", "leftmost": "rightmost", "top": "bottom", "topmost": "bottommost", "front": "behind",
            "larger": "smaller", "largest": "smallest", "top left corner": "bottom right corner",
            "top right corner": "bottom left corner"}
OPPOSITE |= {there: here for here, there in OPPOSITE.items()}
SPOKEN = {"left": "left", "right": "right", "leftmost": "left-most", "rightmost": "right-most", "front": "in front",
          "behind": "in the back"}


class Remark(NamedTuple):
    """One disagreement in plain words. `kind` is noun, colour, place, relation, number, ambiguous (it fits others too), forgotten
    (several are meant, and it fits more) or something (it is said to fit nothing).

    `fits` are the regions the phrase does fit, for the page to show.
    """

    kind: str
    message: str
    fits: tuple[int, ...] = ()


def fits(query: str | Candidate, scene: Scene, settings: Settings = DEFAULT) -> tuple[int, ...] | None:
    """The regions a phrase fits, judged by the scene; None for a text of which no noun is known."""
    facts = Facts(scene, settings)
    meaning = query.meaning if isinstance(query, Candidate) else None
    reading = Reading(meaning) if meaning else _read(query, scene)
    return None if reading.meaning is None else _regions(_fitting(reading, facts), scene)


def lint(text: str, targets: Sequence[int], scene: Scene, settings: Settings = DEFAULT, facts: Facts | None = None) -> list[Remark]:
    """What does not agree between a phrase and the regions `targets` it is meant for; [] if nothing is known to be wrong.

    Words the lexicon does not know are given the benefit of the doubt. `facts` of the scene may be passed in for many phrases.
    """
    reading, facts = _read(text, scene), facts or Facts(scene, settings)
    if reading.meaning is None:
        return []
    if not targets:
        return _something(reading, facts)
    rows = [row for row, thing in enumerate(scene.things) if thing.index in set(targets)]
    if not rows:
        return []
    remarks = _number(reading, [facts.scene.things[row] for row in rows])
    for row in rows:
        remarks += _noun(reading.meaning, row, facts) or (
            _colour(reading.meaning, row, facts)
            + _place(reading.meaning, row, facts)
            + _relation(reading.meaning, row, facts)
            + _denied(reading, row, facts)
        )
    return list(dict.fromkeys(remarks)) or _ambiguous(reading, rows, facts)


def _read(query, scene) -> Reading:
    text = query.query if isinstance(query, Candidate) else query
    return read(text, [thing.label for thing in scene.things])


def _regions(bits, scene) -> tuple[int, ...]:
    return tuple(scene.things[row].index for row in members(bits))


def _noun(meaning, row, facts) -> list[Remark]:
    thing = facts.scene.things[row]
    if facts.named(meaning.noun).fits >> row & 1 or thing.concept.name == "thing":  # an "object" may be anything
        return []
    return [Remark("noun", f"you wrote {meaning.noun}, the box is labelled {thing.label}",
                   _regions(facts.named(meaning.noun).fits, facts.scene))]


def _colour(meaning, row, facts) -> list[Remark]:
    """Only where the box has a colour that is sure, and the written one does not even come near."""
    thing, remarks = facts.scene.things[row], []
    seen = [a.word for a in facts.said[row] if a.kind == "colour"]
    for word in meaning.attributes:
        if seen and not facts.looks.get(word, (0, 0))[1] >> row & 1:
            remarks.append(Remark("colour", f"you wrote {word}, the box looks {seen[0]}",
                                  _regions(facts.looks.get(word, (0, 0))[1] & facts.named(meaning.noun).fits, facts.scene)))
    if meaning.wearing and meaning.wearing[0] and thing.garments:
        worn = [a.word for garment in thing.garments for a in garment.attributes]
        if worn and meaning.wearing[0] not in worn and not meaning.wearing[1]:
            remarks.append(Remark("colour", f"you wrote in {meaning.wearing[0]}, the clothes look {worn[0]}",
                                  _regions(facts.wearing(*meaning.wearing).fits, facts.scene)))
    return remarks


def _place(meaning, row, facts) -> list[Remark]:
    """The written place against where the box is among all that the rest of the phrase fits."""
    if not meaning.place:
        return []
    among = facts.among(meaning).fits | 1 << row
    if not among & (among - 1):
        return _alone(meaning, row, facts)
    places = facts.places(among)
    if meaning.place not in places or places[meaning.place].fits >> row & 1:
        return []
    where = _where(meaning.place, row, places)
    if not where:
        return []
    return [Remark("place", f"you wrote {SPOKEN.get(meaning.place, meaning.place)}, the box is {where}",
                   _regions(places[meaning.place].fits, facts.scene))]


def _where(written, row, places) -> str:
    """Where the box is instead, in words: the opposite first, then a place of the same kind."""
    opposite = OPPOSITE.get(written, "")
    sharper = {"left": "leftmost", "right": "rightmost"}.get(opposite, opposite)
    for name in (sharper, opposite):
        if name in places and places[name].fits >> row & 1:
            return f"the {SPOKEN.get(name, name)} one" if name not in ("front", "behind") else SPOKEN[name]
    if " from the " in written or written in ("leftmost", "rightmost", "left", "right"):
        for name, place in places.items():
            if place.says >> row & 1 and (" from the " in name or name in ("leftmost", "rightmost", "middle")):
                return f"the {SPOKEN.get(name, name)}" + ("" if " from the " in name else " one")
    return ""


def _alone(meaning, row, facts) -> list[Remark]:
    """A thing with no rival is wherever one says it is, unless it lies plainly on the other side of the picture."""
    x0, y0, x1, y1 = facts.scene.things[row].box
    x, y = (x0 + x1) / 2 / facts.scene.size.width, (y0 + y1) / 2 / facts.scene.size.height
    share = {"left": x, "leftmost": x, "right": 1 - x, "rightmost": 1 - x, "top": y, "bottom": 1 - y}.get(meaning.place, 0.0)
    if share < 2 / 3:
        return []
    return [Remark("place", f"you wrote {meaning.place}, the box is on the {OPPOSITE[meaning.place].replace('most', '')} of the picture")]


def _relation(meaning, row, facts) -> list[Remark]:
    if not meaning.relation:
        return []
    name, other = meaning.relation
    there = facts.named(other.noun).fits & ~(1 << row)
    if not there or facts.pairs.perhaps(name)[row] & there:
        return []
    return [Remark("relation", f"you wrote {_spoken(name)} {other.noun}, the box is not {_spoken(name)} one",
                   _regions(there, facts.scene))]


def _denied(reading: Reading, row, facts) -> list[Remark]:
    """What the thing is said not to be, where it surely is."""
    remarks = []
    for meaning, words in reading.denied:
        if facts.pointing(meaning).says >> row & 1:
            place = SPOKEN.get(meaning.place, meaning.place)
            where = place if meaning.place in ("front", "behind") else f"the {place} one"
            kind = (
                "place"
                if place
                else "relation" if meaning.relation else "colour" if meaning.attributes or meaning.wearing else "noun"
            )
            said = f"you wrote not {place}, the box is {where}" if place else f"you wrote not {words}, the box looks so"
            remarks.append(Remark(kind, said, _regions(_fitting(reading, facts), facts.scene)))
    return remarks


def _fitting(reading: Reading, facts, surely: bool = False) -> int:
    """The things a phrase fits, without those that surely are what it denies; or those it is surely true of."""
    says, fits = facts.pointing(_single(reading.meaning))
    for meaning, _ in reading.denied:
        denied = facts.pointing(meaning)
        says, fits = says & ~denied.fits, fits & ~denied.says
    return says if surely else fits


def _spoken(name) -> str:
    return RELATIONS[name].words[0]


def _number(reading, things) -> list[Remark]:
    """How many are written against how many are chosen; nobody knows how many a box of several holds."""
    noun, count = reading.meaning.noun, len(things)
    if any(thing.concept.number == SEVERAL for thing in things):
        return []
    if reading.count and reading.count != count:
        return [Remark("number", f"you wrote {reading.count}, {count} boxes are chosen" if count > 1
                       else f"you wrote {reading.count}, one box is chosen")]
    if reading.meaning.many and not reading.count and count == 1 and noun not in _plural_labels():
        return [Remark("number", f"you wrote {noun}, one box is chosen")]
    return []


def _plural_labels() -> frozenset[str]:
    """Plurals that are said of one box too: a crowd drawn as one, a pair of shoes."""
    return frozenset(concept.plural for concept in english().concepts.values() if concept.group in ("people", "clothes", "scene"))


def _ambiguous(reading: Reading, rows, facts) -> list[Remark]:
    """How many others the phrase fits; nothing is said where a word was not understood, for it may tell them apart."""
    if reading.unknown:
        return []
    others = _fitting(reading, facts)
    for row in rows:
        others &= ~(1 << row)
    count = others.bit_count()
    if not count:
        return []
    kind = "forgotten" if reading.meaning.many or len(rows) > 1 else "ambiguous"
    return [Remark(kind, f"fits {count} other{'s' if count > 1 else ''}", _regions(others, facts.scene))]


def _something(reading: Reading, facts) -> list[Remark]:
    """A phrase that is said to fit nothing, although something here is surely called so."""
    sure = 0 if reading.unknown else _fitting(reading, facts, surely=True)
    if not sure:
        return []
    count = sure.bit_count()
    return [Remark("something", f"it is kept as fitting nothing, but fits {count} box{'es' if count > 1 else ''}", _regions(sure, facts.scene))]


def _single(meaning: Meaning) -> Meaning:
    return meaning._replace(many=False)
