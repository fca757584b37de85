"""Cures: other words for a phrase that does not agree with its box, or other boxes for its words; each is checked before it is offered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pseudo_query.facts import Facts
from pseudo_query.lexicon import article, english
from pseudo_query.lint import OPPOSITE, Remark, lint
from pseudo_query.parse import Item, known_names, pieces, read
from pseudo_query.relations import ALONE
from pseudo_query.beside import RELATIONS
from pseudo_query.scenes import Scene
from pseudo_query.settings import DEFAULT, Settings
from pseudo_query.templates import PLACES
from pseudo_query.wording import NUMBERS, plural

OTHER_SIDE = {"left of": "right of", "above": "below", "in front of": "behind"}
OTHER_SIDE |= {there: here for here, there in OTHER_SIDE.items()}
AFTER = ("on ", "in ", "at ", "to ")  # how a place begins that stands behind its noun
MOST_TRIED = 12  # wordings that are looked at for one remark


class Cure(NamedTuple):
    """Either other words (`text`) for the same regions, or other regions (`targets`) for the same words."""

    text: str | None = None
    targets: tuple[int, ...] | None = None


class _Phrase(NamedTuple):
    """What a cure works on: the text with its pieces (and where each begins and ends), its meaning, and one row it is for."""

    text: str
    pieces: tuple[tuple[Item, int, int], ...]
    meaning: object
    row: int
    count: int


def cures(remark: Remark, text: str, targets: Sequence[int], scene: Scene, settings: Settings = DEFAULT,
          facts: Facts | None = None) -> list[Cure]:
    """What would settle a remark: at most one of other words and one of other regions, words first; [] where nothing is sure to."""
    facts = facts or Facts(scene, settings)
    left = {other.kind for other in lint(text, targets, scene, settings, facts)} - {remark.kind}
    judged = {words: {other.kind for other in lint(words, targets, scene, settings, facts)}
              for words in _wordings(remark, text, targets, facts) if words != text}
    better = [words for words, kinds in judged.items() if kinds <= left]
    vaguer = [words for words, kinds in judged.items() if kinds <= left | {"ambiguous"} and remark.kind != "ambiguous"]
    found = [Cure(text=words) for words in (better or vaguer)[:1]]
    others = _other_regions(remark, targets)
    if others and not lint(text, others, scene, settings, facts):
        found.append(Cure(targets=others))
    return found


def _other_regions(remark: Remark, targets) -> tuple[int, ...]:
    """The regions the words do fit, if there are as many as were chosen; all of them where some were forgotten."""
    if remark.kind == "forgotten":
        return tuple(sorted({*targets, *remark.fits}))
    if remark.kind == "something":
        return remark.fits
    return remark.fits if len(remark.fits) == len(targets) and remark.kind != "ambiguous" else ()


def _wordings(remark: Remark, text: str, targets, facts: Facts) -> Iterator[str]:
    """Texts that may settle the remark, likelier ones first."""
    phrase = _phrase(text, targets, facts)
    ways = {"place": _other_places, "ambiguous": _with_place, "colour": _other_colour, "noun": _other_noun,
            "number": _other_number, "relation": _other_relation}
    if phrase is None or remark.kind not in ways:
        return
    for _, words in zip(range(MOST_TRIED), ways[remark.kind](phrase, facts)):
        yield re.sub(r"\s+", " ", words).strip()


def _phrase(text, targets, facts) -> _Phrase | None:
    labels = [thing.label for thing in facts.scene.things]
    rows = [row for row, thing in enumerate(facts.scene.things) if thing.index in set(targets)]
    reading = read(text, labels)
    meaning = reading.meaning
    if meaning is None or reading.denied or not rows:
        return None  # words are not changed inside of what is denied
    found, at = [], 0
    for item in pieces(text, known_names(labels)):
        where = re.compile(r"\b" + r"[\W_]+".join(map(re.escape, item.text.split())) + r"\b", re.I).search(text, at)
        if where:
            found.append((item, *where.span()))
            at = where.end()
    return _Phrase(text, tuple(found), meaning, rows[0], len(rows))


def _put(text: str, start: int, end: int, words: str) -> str:
    """The text with other words from start to end; a capital letter stays one."""
    if words and text[start:end][:1].isupper():
        words = words[:1].upper() + words[1:]
    return text[:start] + words + text[end:]


def _other_places(phrase: _Phrase, facts: Facts) -> Iterator[str]:
    """The written place taken out, and one where the thing is put in: the opposite one first."""
    written = [(item, start, end) for item, start, end in phrase.pieces if item.kind in ("place", "rank", "from")]
    behind = bool(written) and written[0][0].text.startswith(AFTER)
    bare = phrase.text
    for _, start, end in reversed(written):
        bare = _put(bare, start, end, "")
    opposite = OPPOSITE.get(phrase.meaning.place, "")
    first = (opposite, {"left": "leftmost", "right": "rightmost"}.get(opposite, opposite))
    targets = [facts.scene.things[phrase.row].index]
    rest = _phrase(re.sub(r"\s+", " ", bare).strip(), targets, facts)
    yield from _placed(rest, facts, first, behind) if rest else ()


def _with_place(phrase: _Phrase, facts: Facts) -> Iterator[str]:
    """A place added that tells the thing from the others it may be confused with."""
    if phrase.count == 1 and not phrase.meaning.place:
        yield from _placed(phrase, facts)


def _placed(phrase: _Phrase, facts: Facts, first: tuple[str, ...] = (), behind: bool = False) -> Iterator[str]:
    """The phrase with each place that holds for its thing, those in `first` before all others."""
    among = facts.among(phrase.meaning).fits | 1 << phrase.row
    holds = {name: place for name, place in facts.places(among).items() if place.says >> phrase.row & 1}
    order = sorted(holds, key=lambda name: (name not in first, holds[name].fits != 1 << phrase.row))
    for name in order:
        yield from _with_words(phrase, name.removesuffix(ALONE), behind)


def _with_words(phrase: _Phrase, name: str, behind: bool) -> Iterator[str]:
    """The phrase with a place put before its noun, or behind it."""
    wording = PLACES[name]
    described = [(start, end) for item, start, end in phrase.pieces if item.kind in ("noun", "colour", "either")]
    nouns = [end for item, start, end in phrase.pieces if item.kind in ("noun", "either")]
    if not described or not nouns:
        return
    begin, end = described[0][0], nouns[0]
    before = [phrase.text[:begin] + f"{word} " + phrase.text[begin:] for word in wording.before[:1]]
    after = [phrase.text[:end] + f" {words}" + phrase.text[end:] for words in wording.after[:1]]
    around = [phrase.text[:begin] + f"{word} " + phrase.text[begin:end] + f" {rest}" + phrase.text[end:] for word, rest in wording.around[:1]]
    for words in (*around, *(after + before if behind else before + after)):
        yield re.sub(r"^(an?) ", "the ", words, flags=re.I)


def _other_colour(phrase: _Phrase, facts: Facts) -> Iterator[str]:
    """The colour that is seen, in place of each that was written."""
    thing = facts.scene.things[phrase.row]
    seen = [a.word for a in facts.said[phrase.row] if a.kind == "colour"]
    worn = [a.word for garment in thing.garments for a in garment.attributes]
    for item, start, end in phrase.pieces:
        if item.kind in ("colour", "either"):
            yield from (_put(phrase.text, start, end, word) for word in (*seen, *worn))


def _other_noun(phrase: _Phrase, facts: Facts) -> Iterator[str]:
    """The box's label in place of the noun."""
    label = facts.scene.things[phrase.row].label
    several = plural(label) if phrase.meaning.many else label
    for item, start, end in phrase.pieces:
        if item.kind == "noun" and several:
            yield re.sub(
                r"^(A|a)n? (?=(\w.*))",
                lambda found: article(found[2]).replace("a", found[1], 1) + " ",
                _put(phrase.text, start, end, several),
            )
            return


def _other_number(phrase: _Phrase, facts: Facts) -> Iterator[str]:
    """As many as there are; of one, the noun for one."""
    numbers = [(start, end) for item, start, end in phrase.pieces if item.kind == "number"]
    if phrase.count > 1 and numbers and phrase.count < len(NUMBERS):
        yield _put(phrase.text, *numbers[0], NUMBERS[phrase.count])
    for item, start, end in phrase.pieces:
        if phrase.count == 1 and item.kind == "noun":
            one = english().singular(item.value)
            text = _put(phrase.text, start, end, one)
            yield _put(text, *numbers[0], "") if numbers else text
            return


def _other_relation(phrase: _Phrase, facts: Facts) -> Iterator[str]:
    """Left of in place of right of, and so on."""
    for item, start, end in phrase.pieces:
        if item.kind == "relation" and item.value in OTHER_SIDE:
            yield _put(phrase.text, start, end, RELATIONS[OTHER_SIDE[item.value]].words[0])
