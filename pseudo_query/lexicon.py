"""Lexicon: what things are called, what they are a kind of, and how their names are counted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

from pseudo_query.colours import COLOURS
from pseudo_query.inflection import (
    MASS_NOUNS,
    article_by_sound,
    article_by_spelling,
    plural_by_spelling,
    pluralize,
    singularize,
    split_head_noun,
)
from pseudo_query.names import MAX_NAME_LENGTH, are_capitals_informative, is_title_case, normalize_label, split_words, spoken_form

COUNTABLE, MASS, PAIR, PLURAL = "counted", "mass", "pair", "several"
ANIMATE_GROUPS = ("people", "animals")
_VAGUE_HYPERNYMS = {"thing", "clothing", "body part", "scene", "container", "furniture", "sports equipment", "device", "tool", "appliance",
          "adult", "utensil", "dish", "equipment", "machinery", "headwear", "footwear", "cutlery", "luggage"}


@dataclass(frozen=True)
class Concept:
    """One kind of thing. `names` are the words used in phrases, the usual one first; `recognized_names` further synonyms.

    `parents` are the concepts it is a kind of; `group` is people, animals, clothes, things, parts or scene;
    `slot` is hat, shirt, pants or shoes for garments; `number` is "counted", "mass" (water), "pair" (scissors) or
    "several" (people: the name stands for more than one, so nothing of that name is "the left one"). `plural` is ""
    where none is known. `names_without_article` are recognized names that take no article: nobody says "the left someone".
    """

    name: str
    names: tuple[str, ...]
    plural: str
    parents: tuple[str, ...] = ()
    group: str = "things"
    slot: str = ""
    number: str = COUNTABLE
    recognized_names: tuple[str, ...] = ()
    names_without_article: tuple[str, ...] = ()


class Lexicon:
    """Finds the concept of any class name, and the words that surely or possibly fit a concept."""

    def __init__(self, concepts, uses=None):
        self.uses = uses or {}
        self.concepts = {concept.name: concept for concept in concepts}
        self._by_word = defaultdict(list)
        for concept in self.concepts.values():
            for word in self._all_names(concept):
                if concept not in self._by_word[word]:
                    self._by_word[word].append(concept)
        self._concept_cache: dict[str, Concept | None] = {}
        self._ancestor_cache: dict[str, tuple[str, ...]] = {}
        self._hypernym_cache: dict[str, tuple[str, ...]] = {}
        self._judgement_cache: dict[tuple, tuple[bool, ...]] = {}
        # articles go by spelling there
        self.vocabulary = {word.split()[0] for word in self._by_word} | {*COLOURS, "light", "dark", ""}

    def find(self, label: str) -> Concept | None:
        """The concept of a detector's class name; one made from its head noun if unknown; None if it has no letter."""
        if label not in self._concept_cache:
            self._concept_cache[label] = self._resolve(label)
        return self._concept_cache[label]

    def concepts_of(self, word: str) -> tuple[Concept, ...]:
        """Every concept a word can stand for, singular or plural; () for a word the lexicon does not know."""
        return tuple(self._by_word.get(word, ()))

    def ancestors(self, concept: Concept) -> tuple[str, ...]:
        """Names of the concepts it is a kind of, nearest first, itself left out."""
        if concept.name not in self._ancestor_cache:
            names: list[str] = []
            for parent in concept.parents:
                above = self.ancestors(self.concepts[parent]) if parent in self.concepts else ()
                names += [name for name in (parent, *above) if name not in names]
            self._ancestor_cache[concept.name] = tuple(names)
        return self._ancestor_cache[concept.name]

    def hypernyms(self, concept: Concept) -> tuple[str, ...]:
        """Wider words somebody would really say for it: "animal" for a dog, never "thing"."""
        if concept.name not in self._hypernym_cache:
            self._hypernym_cache[concept.name] = tuple(name for name in self.ancestors(concept) if name not in _VAGUE_HYPERNYMS)
        return self._hypernym_cache[concept.name]

    def hyponyms(self, concept: Concept) -> tuple[str, ...]:
        """Narrower words, which may or may not be true of one example: "woman" for a person."""
        return tuple(other.name for other in self.concepts.values() if concept.name in self.ancestors(other))

    def certainly_named(self, word: str, concept: Concept) -> bool:
        """Is everything of this concept a `word`? The word may be a synonym, a plural or a wider one."""
        return self.judge_name(word, concept)[0]

    def possibly_named(self, word: str, concept: Concept) -> bool:
        """Could something of this concept be a `word`? True of wider words and of narrower ones."""
        return self.judge_name(word, concept)[1]

    def has_use(self, use: str, concept: Concept) -> bool:
        """Is this a thing people `use` so ("hold", "ride"), or of this group ("people")? Anything is for ""."""
        key = f"@{use}", concept.name
        if key not in self._judgement_cache:
            listed = self.uses.get(use, ())
            family = {concept.name, *self.ancestors(concept)}
            held = not use or concept.group == use or concept.group in listed or any(name in family for name in listed)
            self._judgement_cache[key] = held, held
        return self._judgement_cache[key][0]

    def are_confusable(self, one: Concept, other: Concept) -> bool:
        """Could one thing be mistaken for the other? Both live, or a wider word fits both."""
        if one.group in ANIMATE_GROUPS and other.group in ANIMATE_GROUPS:
            return True
        return not {one.name, *self.hypernyms(one)}.isdisjoint((other.name, *self.hypernyms(other)))

    def has_uses(self, concept: Concept, uses: tuple[str, ...]) -> tuple[bool, ...]:
        """`has_use` for each of several uses."""
        key = concept.name, uses
        if key not in self._judgement_cache:
            self._judgement_cache[key] = tuple(self.has_use(use, concept) for use in uses)
        return self._judgement_cache[key]

    def judge_name(self, word: str, concept: Concept) -> tuple[bool, bool]:
        """`certainly_named` and `possibly_named` in one lookup."""
        key = word, concept.name
        if key not in self._judgement_cache:
            family = {concept.name, *self.ancestors(concept)}
            meant = self.concepts_of(word.lower())
            sure = word.lower() in map(str.lower, self._all_names(concept)) or any(other.name in family for other in meant)
            self._judgement_cache[key] = sure, sure or any(concept.name in self.ancestors(other) for other in meant)
        return self._judgement_cache[key]

    def spoken_name(self, label: str, other_labels: Iterable[str] = ()) -> str:
        """What a class is called in a phrase: as it is said, a name of an unknown thing as it is written ("Ferrari",
        "Eiffel Tower"), unless the `other_labels` are all written with capitals."""
        concept = self.find(label)
        if concept.name in self.concepts or concept.name != normalize_label(label) or not is_title_case(label):
            return spoken_form(label)
        informative = are_capitals_informative(label, other_labels)
        return split_words(label) if informative or informative is None and not concept.parents else spoken_form(label)

    def plural(self, name: str) -> str:
        """The plural of any name; "" where none is known."""
        known = self._by_word.get(name)
        if known:
            return known[0].plural if name in (known[0].name, known[0].plural) else plural_by_spelling(name)
        head = name.rpartition(" ")[2]
        if head != name and head in self._by_word and split_head_noun(name)[0] == name:
            return f"{name[:-len(head)]}{self.plural(head)}"
        return pluralize(name)

    def singular(self, name: str) -> str:
        """The name for one of a name for several; any other name as it is."""
        for concept in self._by_word.get(name, ()):
            return next(
                (
                    word
                    for word in (concept.name, *concept.names, *concept.recognized_names)
                    if name in (word, self.plural(word))
                ),
                name,
            )
        return singularize(name) or name

    def _all_names(self, concept: Concept) -> tuple[str, ...]:
        """Every name of a concept, for one and for several."""
        if concept.name not in self.concepts or concept.number != COUNTABLE:
            return (concept.name, *concept.names, *concept.recognized_names, concept.plural)
        return (
            *concept.names,
            *concept.recognized_names,
            concept.plural,
            *map(plural_by_spelling, (*concept.names, *concept.recognized_names)),
        )

    def _resolve(self, label: str) -> Concept | None:
        name = normalize_label(label)
        if len(name) > MAX_NAME_LENGTH or not re.search(r"[^\W\d_]", name):
            return None
        known = self._lookup(name) or self._lookup(name.replace("-", " "))
        if known and not name.startswith("pair of ") and not _is_plural_name(name, known):
            return known
        part, kind = next(
            ((part, self._by_word[part][0]) for part in _head_candidates(name) if part in self._by_word), ("", None)
        )
        text = spoken_form(label)
        number = _infer_number(name, text, part, kind)
        plural = {COUNTABLE: self.plural(text), MASS: ""}.get(number, text)
        return Concept(name, (text,), plural, *((kind.name,), kind.group, kind.slot) if kind else (), number=number)

    def _lookup(self, name: str) -> Concept | None:
        """The concept of the lexicon that has this name."""
        return self.concepts.get(name) or next(iter(self._by_word.get(name, ())), None)


def _is_plural_name(name: str, concept: Concept) -> bool:
    """Does a name of this concept stand for several: "dogs", "people"?"""
    return (
        concept.number == PLURAL
        or concept.number == COUNTABLE
        and name not in (concept.name, *concept.names, *concept.recognized_names)
    )


def _infer_number(name: str, text: str, part: str, kind: Concept | None) -> str:
    """How a name is counted of which the lexicon knows at most a `part`, its head noun, as one of `kind`."""
    if name.startswith("pair of "):
        return COUNTABLE
    if kind is not None:
        return PLURAL if _is_plural_name(part, kind) else kind.number
    if split_head_noun(name)[0].rpartition(" ")[2] in MASS_NOUNS or not pluralize(text):
        return MASS
    return PLURAL if singularize(text) else COUNTABLE


def indefinite_article(text: str) -> str:
    """ "a" or "an" by the sound of what follows."""
    word = text.split(" ", 1)[0]
    return article_by_spelling(word) if word in english_lexicon().vocabulary else article_by_sound(word)


def _head_candidates(name: str):
    """The parts of a name that may be its head noun, longest first: "old fire truck" gives "fire truck", "truck"."""
    words = (
        (name.removeprefix("pair of ") if name.startswith("pair of ") else split_head_noun(name)[0]).replace("-", " ").split()
    )
    for start in range(len(words)):
        yield " ".join(words[start:])


@lru_cache(maxsize=1)
def english_lexicon() -> Lexicon:
    """The lexicon of the package, read once from lexicon.txt."""
    return parse_lexicon(resources.files(__package__).joinpath("lexicon.txt").read_text("utf-8"))


def parse_lexicon(text: str) -> Lexicon:
    """A lexicon from the lines of its file; the first of them say how one is written."""
    concepts, uses, group = [], {}, "things"
    for line in text.splitlines():
        if line.startswith("["):
            group = line.strip("[] ")
        elif line.startswith("@"):
            use, _, names = line[1:].partition("=")
            uses[use.strip()] = tuple(other for name in _split_list(names) for other in uses.get(name, (name,)))
        elif line.strip() and not line.startswith("#"):
            concepts.append(_parse_concept(group, *(field.strip() for field in line.split("|"))))
    return Lexicon(concepts, uses)


def _parse_concept(group, name, plural="", other_names="", parents="", slot="") -> Concept:
    number = {"~": MASS, "+": PAIR, "&": PLURAL}.get(plural, COUNTABLE)
    spelled = {"": plural_by_spelling(name), "=": name, "~": name, "+": name, "&": name}.get(plural, plural)
    used, _, recognized = other_names.partition(";")
    synonyms = _split_list(used)
    first = [word[1:] for word in synonyms if word.startswith("*")]
    names = (*first, name, *(word for word in synonyms if not word.startswith("*")))
    without_article = tuple(word[1:] for word in _split_list(recognized) if word.startswith("-"))
    return Concept(name, names, spelled, _split_list(parents), group, slot, number,
                   tuple(word.removeprefix("-") for word in _split_list(recognized)), without_article)


def _split_list(field) -> tuple[str, ...]:
    return tuple(word.strip() for word in field.split(",") if word.strip())
