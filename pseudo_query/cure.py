"""Cures: other words for a phrase that does not agree with its box, or other boxes for its words; each is checked before it is offered."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pseudo_query.beside import RELATIONS
from pseudo_query.facts import Facts
from pseudo_query.lexicon import english_lexicon, indefinite_article
from pseudo_query.lint import OPPOSITE_LOCATIONS, LintIssue, lint
from pseudo_query.parse import PhraseChunk, inflected_class_names, parse_phrase, split_chunks
from pseudo_query.phrases import Meaning
from pseudo_query.relations import SOLE_OBJECT_SUFFIX
from pseudo_query.scenes import Scene
from pseudo_query.settings import DEFAULT, Settings
from pseudo_query.templates import LOCATION_WORDINGS
from pseudo_query.wording import NUMBER_WORDS, plural

OPPOSITE_RELATIONS = {"left of": "right of", "above": "below", "in front of": "behind"}
OPPOSITE_RELATIONS |= {there: here for here, there in OPPOSITE_RELATIONS.items()}
POSTNOMINAL_STARTS = ("on ", "in ", "at ", "to ")  # how a place begins that stands behind its noun
MAX_WORDINGS = 12  # wordings that are looked at for one remark


class Fix(NamedTuple):
    """Either other words (`text`) for the same regions, or other regions (`targets`) for the same words."""

    text: str | None = None
    targets: tuple[int, ...] | None = None


class _LocatedPhrase(NamedTuple):
    """What a cure works on: the text with its pieces (and where each begins and ends), its meaning, and one row it is for."""

    text: str
    chunks: tuple[tuple[PhraseChunk, int, int], ...]
    meaning: Meaning
    row: int
    count: int


def suggest_fixes(remark: LintIssue, text: str, targets: Sequence[int], scene: Scene, settings: Settings = DEFAULT,
          facts: Facts | None = None) -> list[Fix]:
    """What would settle a remark: at most one of other words and one of other regions, words first; [] where nothing is sure to."""
    facts = facts or Facts(scene, settings)
    allowed_kinds = {other.kind for other in lint(text, targets, scene, settings, facts)} - {remark.kind}
    kinds_by_wording = {words: {other.kind for other in lint(words, targets, scene, settings, facts)}
              for words in _candidate_wordings(remark, text, targets, facts) if words != text}
    resolved = [words for words, kinds in kinds_by_wording.items() if kinds <= allowed_kinds]
    ambiguous = [
        words for words, kinds in kinds_by_wording.items() if kinds <= allowed_kinds | {"ambiguous"} and remark.kind != "ambiguous"
    ]
    found = [Fix(text=words) for words in (resolved or ambiguous)[:1]]
    others = _fitting_targets(remark, targets)
    if others and not lint(text, others, scene, settings, facts):
        found.append(Fix(targets=others))
    return found


def _fitting_targets(remark: LintIssue, targets) -> tuple[int, ...]:
    """The regions the words do fit, if there are as many as were chosen; all of them where some were forgotten."""
    if remark.kind == "forgotten":
        return tuple(sorted({*targets, *remark.fitting_regions}))
    if remark.kind == "something":
        return remark.fitting_regions
    return remark.fitting_regions if len(remark.fitting_regions) == len(targets) and remark.kind != "ambiguous" else ()


def _candidate_wordings(remark: LintIssue, text: str, targets, facts: Facts) -> Iterator[str]:
    """Texts that may settle the remark, likelier ones first."""
    phrase = _locate_phrase(text, targets, facts)
    rewriters = {"place": _replace_location, "ambiguous": _add_location, "colour": _replace_colour, "noun": _replace_noun,
            "number": _replace_number, "relation": _replace_relation}
    if phrase is None or remark.kind not in rewriters:
        return
    for _, words in zip(range(MAX_WORDINGS), rewriters[remark.kind](phrase, facts)):
        yield re.sub(r"\s+", " ", words).strip()


def _locate_phrase(text, targets, facts) -> _LocatedPhrase | None:
    labels = [obj.label for obj in facts.scene.objects]
    rows = [row for row, obj in enumerate(facts.scene.objects) if obj.region_index in set(targets)]
    reading = parse_phrase(text, labels)
    meaning = reading.meaning
    if meaning is None or reading.negated or not rows:
        return None  # words are not changed inside of what is denied
    found, at = [], 0
    for item in split_chunks(text, inflected_class_names(labels)):
        where = re.compile(r"\b" + r"[\W_]+".join(map(re.escape, item.text.split())) + r"\b", re.I).search(text, at)
        if where:
            found.append((item, *where.span()))
            at = where.end()
    return _LocatedPhrase(text, tuple(found), meaning, rows[0], len(rows))


def _replace_span(text: str, start: int, end: int, words: str) -> str:
    """The text with other words from start to end; a capital letter stays one."""
    if words and text[start:end][:1].isupper():
        words = words[:1].upper() + words[1:]
    return text[:start] + words + text[end:]


def _replace_location(phrase: _LocatedPhrase, facts: Facts) -> Iterator[str]:
    """The written place taken out, and one where the thing is put in: the opposite one first."""
    written = [(item, start, end) for item, start, end in phrase.chunks if item.kind in ("place", "rank", "from")]
    behind = bool(written) and written[0][0].text.startswith(POSTNOMINAL_STARTS)
    bare = phrase.text
    for _, start, end in reversed(written):
        bare = _replace_span(bare, start, end, "")
    opposite = OPPOSITE_LOCATIONS.get(phrase.meaning.location, "")
    first = (opposite, {"left": "leftmost", "right": "rightmost"}.get(opposite, opposite))
    targets = [facts.scene.objects[phrase.row].region_index]
    rest = _locate_phrase(re.sub(r"\s+", " ", bare).strip(), targets, facts)
    yield from _insert_valid_locations(rest, facts, first, behind) if rest else ()


def _add_location(phrase: _LocatedPhrase, facts: Facts) -> Iterator[str]:
    """A place added that tells the thing from the others it may be confused with."""
    if phrase.count == 1 and not phrase.meaning.location:
        yield from _insert_valid_locations(phrase, facts)


def _insert_valid_locations(
    phrase: _LocatedPhrase, facts: Facts, preferred: tuple[str, ...] = (), postnominal: bool = False
) -> Iterator[str]:
    """The phrase with each place that holds for its thing, those in `preferred` before all others."""
    comparison_set = facts.match_except_location(phrase.meaning).possible | 1 << phrase.row
    holds = {name: place for name, place in facts.locations(comparison_set).items() if place.certain >> phrase.row & 1}
    order = sorted(holds, key=lambda name: (name not in preferred, holds[name].possible != 1 << phrase.row))
    for name in order:
        yield from _insert_location(phrase, name.removesuffix(SOLE_OBJECT_SUFFIX), postnominal)


def _insert_location(phrase: _LocatedPhrase, name: str, postnominal: bool) -> Iterator[str]:
    """The phrase with a place put before its noun, or behind it."""
    wording = LOCATION_WORDINGS[name]
    described = [(start, end) for item, start, end in phrase.chunks if item.kind in ("noun", "colour", "either")]
    nouns = [end for item, start, end in phrase.chunks if item.kind in ("noun", "either")]
    if not described or not nouns:
        return
    begin, end = described[0][0], nouns[0]
    before = [phrase.text[:begin] + f"{word} " + phrase.text[begin:] for word in wording.before[:1]]
    after = [phrase.text[:end] + f" {words}" + phrase.text[end:] for words in wording.after[:1]]
    around = [
        phrase.text[:begin] + f"{word} " + phrase.text[begin:end] + f" {rest}" + phrase.text[end:] for word, rest in wording.around[:1]
    ]
    for words in (*around, *(after + before if postnominal else before + after)):
        yield re.sub(r"^(an?) ", "the ", words, flags=re.I)


def _replace_colour(phrase: _LocatedPhrase, facts: Facts) -> Iterator[str]:
    """The colour that is seen, in place of each that was written."""
    obj = facts.scene.objects[phrase.row]
    visible = [a.word for a in facts.certain_attributes[phrase.row] if a.kind == "colour"]
    worn = [a.word for garment in obj.garments for a in garment.attributes]
    for item, start, end in phrase.chunks:
        if item.kind in ("colour", "either"):
            yield from (_replace_span(phrase.text, start, end, word) for word in (*visible, *worn))


def _replace_noun(phrase: _LocatedPhrase, facts: Facts) -> Iterator[str]:
    """The box's label in place of the noun."""
    label = facts.scene.objects[phrase.row].label
    noun_form = plural(label) if phrase.meaning.plural else label
    for item, start, end in phrase.chunks:
        if item.kind == "noun" and noun_form:
            yield re.sub(
                r"^(A|a)n? (?=(\w.*))",
                lambda found: indefinite_article(found[2]).replace("a", found[1], 1) + " ",
                _replace_span(phrase.text, start, end, noun_form),
            )
            return


def _replace_number(phrase: _LocatedPhrase, facts: Facts) -> Iterator[str]:
    """As many as there are; of one, the noun for one."""
    numbers = [(start, end) for item, start, end in phrase.chunks if item.kind == "number"]
    if phrase.count > 1 and numbers and phrase.count < len(NUMBER_WORDS):
        yield _replace_span(phrase.text, *numbers[0], NUMBER_WORDS[phrase.count])
    for item, start, end in phrase.chunks:
        if phrase.count == 1 and item.kind == "noun":
            one = english_lexicon().singular(item.value)
            text = _replace_span(phrase.text, start, end, one)
            yield _replace_span(text, *numbers[0], "") if numbers else text
            return


def _replace_relation(phrase: _LocatedPhrase, facts: Facts) -> Iterator[str]:
    """Left of in place of right of, and so on."""
    for item, start, end in phrase.chunks:
        if item.kind == "relation" and item.value in OPPOSITE_RELATIONS:
            yield _replace_span(phrase.text, start, end, RELATIONS[OPPOSITE_RELATIONS[item.value]].words[0])
