"""Lint: what does not agree between a phrase somebody wrote and the box it was written for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from pseudo_query.beside import RELATIONS
from pseudo_query.facts import Facts, bit_indices
from pseudo_query.lexicon import PLURAL, english_lexicon
from pseudo_query.parse import ParsedPhrase, parse_phrase
from pseudo_query.phrases import Meaning, PseudoQuery
from pseudo_query.scenes import Scene
from pseudo_query.settings import DEFAULT, Settings

OPPOSITE_LOCATIONS = {"left": "right", "leftmost": "rightmost", "top": "bottom", "topmost": "bottommost", "front": "behind",
            "larger": "smaller", "largest": "smallest", "top left corner": "bottom right corner",
            "top right corner": "bottom left corner"}
OPPOSITE_LOCATIONS |= {there: here for here, there in OPPOSITE_LOCATIONS.items()}
SPOKEN_LOCATIONS = {"left": "left", "right": "right", "leftmost": "left-most", "rightmost": "right-most", "front": "in front",
          "behind": "in the back"}


class LintIssue(NamedTuple):
    """One disagreement in plain words. `kind` is noun, colour, place, relation, number, ambiguous (it fits others too), forgotten
    (several are meant, and it fits more) or something (it is said to fit nothing).

    `fitting_regions` are the regions the phrase does fit, for the page to show.
    """

    kind: str
    message: str
    fitting_regions: tuple[int, ...] = ()


def find_fitting_regions(query: str | PseudoQuery, scene: Scene, settings: Settings = DEFAULT) -> tuple[int, ...] | None:
    """The regions a phrase fits, judged by the scene; None for a text of which no noun is known."""
    facts = Facts(scene, settings)
    meaning = query.meaning if isinstance(query, PseudoQuery) else None
    reading = ParsedPhrase(meaning) if meaning else _parse_query(query, scene)
    return None if reading.meaning is None else _region_indices(_matching_objects(reading, facts), scene)


def lint(text: str, targets: Sequence[int], scene: Scene, settings: Settings = DEFAULT, facts: Facts | None = None) -> list[LintIssue]:
    """What does not agree between a phrase and the regions `targets` it is meant for; [] if nothing is known to be wrong.

    Words the lexicon does not know are given the benefit of the doubt. `facts` of the scene may be passed in for many phrases.
    """
    reading, facts = _parse_query(text, scene), facts or Facts(scene, settings)
    if reading.meaning is None:
        return []
    if not targets:
        return _check_negative(reading, facts)
    rows = [row for row, obj in enumerate(scene.objects) if obj.region_index in set(targets)]
    if not rows:
        return []
    remarks = _check_number(reading, [facts.scene.objects[row] for row in rows])
    for row in rows:
        remarks += _check_noun(reading.meaning, row, facts) or (
            _check_colour(reading.meaning, row, facts)
            + _check_location(reading.meaning, row, facts)
            + _check_relation(reading.meaning, row, facts)
            + _check_negated(reading, row, facts)
        )
    return list(dict.fromkeys(remarks)) or _check_ambiguity(reading, rows, facts)


def _parse_query(query, scene) -> ParsedPhrase:
    text = query.query if isinstance(query, PseudoQuery) else query
    return parse_phrase(text, [obj.label for obj in scene.objects])


def _region_indices(bits, scene) -> tuple[int, ...]:
    return tuple(scene.objects[row].region_index for row in bit_indices(bits))


def _check_noun(meaning, row, facts) -> list[LintIssue]:
    obj = facts.scene.objects[row]
    if facts.match_noun(meaning.noun).possible >> row & 1 or obj.concept.name == "thing":  # an "object" may be anything
        return []
    return [LintIssue("noun", f"you wrote {meaning.noun}, the box is labelled {obj.label}",
                   _region_indices(facts.match_noun(meaning.noun).possible, facts.scene))]


def _check_colour(meaning, row, facts) -> list[LintIssue]:
    """Only where the box has a colour that is sure, and the written one does not even come near."""
    obj, remarks = facts.scene.objects[row], []
    visible = [a.word for a in facts.certain_attributes[row] if a.kind == "colour"]
    for word in meaning.attributes:
        if visible and not facts.objects_by_attribute.get(word, (0, 0))[1] >> row & 1:
            remarks.append(
                LintIssue(
                    "colour",
                    f"you wrote {word}, the box looks {visible[0]}",
                    _region_indices(facts.objects_by_attribute.get(word, (0, 0))[1] & facts.match_noun(meaning.noun).possible, facts.scene),
                )
            )
    if meaning.wearing and meaning.wearing[0] and obj.garments:
        worn = [a.word for garment in obj.garments for a in garment.attributes]
        if worn and meaning.wearing[0] not in worn and not meaning.wearing[1]:
            remarks.append(LintIssue("colour", f"you wrote in {meaning.wearing[0]}, the clothes look {worn[0]}",
                                  _region_indices(facts.match_garment(*meaning.wearing).possible, facts.scene)))
    return remarks


def _check_location(meaning, row, facts) -> list[LintIssue]:
    """The written place against where the box is among all that the rest of the phrase fits."""
    if not meaning.location:
        return []
    comparison_set = facts.match_except_location(meaning).possible | 1 << row
    if not comparison_set & (comparison_set - 1):
        return _check_sole_object(meaning, row, facts)
    places = facts.locations(comparison_set)
    if meaning.location not in places or places[meaning.location].possible >> row & 1:
        return []
    where = _actual_location(meaning.location, row, places)
    if not where:
        return []
    return [LintIssue("place", f"you wrote {SPOKEN_LOCATIONS.get(meaning.location, meaning.location)}, the box is {where}",
                   _region_indices(places[meaning.location].possible, facts.scene))]


def _actual_location(written, row, places) -> str:
    """Where the box is instead, in words: the opposite first, then a place of the same kind."""
    opposite = OPPOSITE_LOCATIONS.get(written, "")
    superlative = {"left": "leftmost", "right": "rightmost"}.get(opposite, opposite)
    for name in (superlative, opposite):
        if name in places and places[name].possible >> row & 1:
            return f"the {SPOKEN_LOCATIONS.get(name, name)} one" if name not in ("front", "behind") else SPOKEN_LOCATIONS[name]
    if " from the " in written or written in ("leftmost", "rightmost", "left", "right"):
        for name, place in places.items():
            if place.certain >> row & 1 and (" from the " in name or name in ("leftmost", "rightmost", "middle")):
                return f"the {SPOKEN_LOCATIONS.get(name, name)}" + ("" if " from the " in name else " one")
    return ""


def _check_sole_object(meaning, row, facts) -> list[LintIssue]:
    """A thing with no rival is wherever one says it is, unless it lies plainly on the other side of the picture."""
    x0, y0, x1, y1 = facts.scene.objects[row].box
    x, y = (x0 + x1) / 2 / facts.scene.size.width, (y0 + y1) / 2 / facts.scene.size.height
    share = {"left": x, "leftmost": x, "right": 1 - x, "rightmost": 1 - x, "top": y, "bottom": 1 - y}.get(meaning.location, 0.0)
    if share < 2 / 3:
        return []
    return [
        LintIssue(
            "place",
            f"you wrote {meaning.location}, the box is on the {OPPOSITE_LOCATIONS[meaning.location].replace('most', '')} of the picture",
        )
    ]


def _check_relation(meaning, row, facts) -> list[LintIssue]:
    if not meaning.relation:
        return []
    name, other = meaning.relation
    there = facts.match_noun(other.noun).possible & ~(1 << row)
    if not there or facts.pairs.possibly_related_sets(name)[row] & there:
        return []
    return [LintIssue("relation", f"you wrote {_relation_words(name)} {other.noun}, the box is not {_relation_words(name)} one",
                   _region_indices(there, facts.scene))]


def _check_negated(reading: ParsedPhrase, row, facts) -> list[LintIssue]:
    """What the thing is said not to be, where it surely is."""
    remarks = []
    for meaning, words in reading.negated:
        if facts.referents(meaning).certain >> row & 1:
            place = SPOKEN_LOCATIONS.get(meaning.location, meaning.location)
            where = place if meaning.location in ("front", "behind") else f"the {place} one"
            kind = (
                "place"
                if place
                else "relation" if meaning.relation else "colour" if meaning.attributes or meaning.wearing else "noun"
            )
            said = f"you wrote not {place}, the box is {where}" if place else f"you wrote not {words}, the box looks so"
            remarks.append(LintIssue(kind, said, _region_indices(_matching_objects(reading, facts), facts.scene)))
    return remarks


def _matching_objects(reading: ParsedPhrase, facts, certain_only: bool = False) -> int:
    """The things a phrase fits, without those that surely are what it denies; or those it is surely true of."""
    certain, possible = facts.referents(_as_singular(reading.meaning))
    for meaning, _ in reading.negated:
        denied = facts.referents(meaning)
        certain, possible = certain & ~denied.possible, possible & ~denied.certain
    return certain if certain_only else possible


def _relation_words(name) -> str:
    return RELATIONS[name].words[0]


def _check_number(reading, objects) -> list[LintIssue]:
    """How many are written against how many are chosen; nobody knows how many a box of several holds."""
    noun, count = reading.meaning.noun, len(objects)
    if any(obj.concept.number == PLURAL for obj in objects):
        return []
    if reading.count and reading.count != count:
        return [LintIssue("number", f"you wrote {reading.count}, {count} boxes are chosen" if count > 1
                       else f"you wrote {reading.count}, one box is chosen")]
    if reading.meaning.plural and not reading.count and count == 1 and noun not in _plural_labels():
        return [LintIssue("number", f"you wrote {noun}, one box is chosen")]
    return []


def _plural_labels() -> frozenset[str]:
    """Plurals that are said of one box too: a crowd drawn as one, a pair of shoes."""
    return frozenset(concept.plural for concept in english_lexicon().concepts.values() if concept.group in ("people", "clothes", "scene"))


def _check_ambiguity(reading: ParsedPhrase, rows, facts) -> list[LintIssue]:
    """How many others the phrase fits; nothing is said where a word was not understood, for it may tell them apart."""
    if reading.unknown_words:
        return []
    others = _matching_objects(reading, facts)
    for row in rows:
        others &= ~(1 << row)
    count = others.bit_count()
    if not count:
        return []
    kind = "forgotten" if reading.meaning.plural or len(rows) > 1 else "ambiguous"
    return [LintIssue(kind, f"fits {count} other{'s' if count > 1 else ''}", _region_indices(others, facts.scene))]


def _check_negative(reading: ParsedPhrase, facts) -> list[LintIssue]:
    """A phrase that is said to fit nothing, although something here is surely called so."""
    sure = 0 if reading.unknown_words else _matching_objects(reading, facts, certain_only=True)
    if not sure:
        return []
    count = sure.bit_count()
    return [
        LintIssue(
            "something",
            f"it is kept as fitting nothing, but fits {count} box{'es' if count > 1 else ''}",
            _region_indices(sure, facts.scene),
        )
    ]


def _as_singular(meaning: Meaning) -> Meaning:
    return meaning._replace(plural=False)
