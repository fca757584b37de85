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
    UNCOUNTED,
    article_by_spelling,
    article_of,
    headed,
    plural_by_spelling,
    plural_of,
    singular_of_plural,
)
from pseudo_query.names import LONGEST_NAME, capitals_tell, normal, said, titled, words_of

COUNTED, MASS, PAIR, SEVERAL = "counted", "mass", "pair", "several"
LIVING = ("people", "animals")
_VAGUE = {"thing", "clothing", "body part", "scene", "container", "furniture", "sports equipment", "device", "tool", "appliance",
          "adult", "utensil", "dish", "equipment", "machinery", "headwear", "footwear", "cutlery", "luggage"}


@dataclass(frozen=True)
class Concept:
    """One kind of thing. `names` are the words people say, the usual one first; `understood` further ones.

    `parents` are the concepts it is a kind of; `group` is people, animals, clothes, things, parts or scene;
    `slot` is hat, shirt, pants or shoes for garments; `number` is "counted", "mass" (water), "pair" (scissors) or
    "several" (people: the name stands for more than one, so nothing of that name is "the left one"). `plural` is ""
    where none is known. `unsaid` are those understood that take no article: nobody says "the left someone".
    """

    name: str
    names: tuple[str, ...]
    plural: str
    parents: tuple[str, ...] = ()
    group: str = "things"
    slot: str = ""
    number: str = COUNTED
    understood: tuple[str, ...] = ()
    unsaid: tuple[str, ...] = ()


class Lexicon:
    """Finds the concept of any class name, and the words that surely or possibly fit a concept."""

    def __init__(self, concepts, uses=None):
        self.uses = uses or {}
        self.concepts = {concept.name: concept for concept in concepts}
        self._by_word = defaultdict(list)
        for concept in self.concepts.values():
            for word in self._words(concept):
                if concept not in self._by_word[word]:
                    self._by_word[word].append(concept)
        self._found: dict[str, Concept | None] = {}
        self._above: dict[str, tuple[str, ...]] = {}
        self._wider: dict[str, tuple[str, ...]] = {}
        self._judged: dict[tuple, tuple[bool, ...]] = {}
        # articles go by spelling there
        self.vocabulary = {word.split()[0] for word in self._by_word} | {*COLOURS, "light", "dark", ""}

    def find(self, label: str) -> Concept | None:
        """The concept of a detector's class name; one made from its head noun if unknown; None if it has no letter."""
        if label not in self._found:
            self._found[label] = self._make(label)
        return self._found[label]

    def concepts_of(self, word: str) -> tuple[Concept, ...]:
        """Every concept a word can stand for, singular or plural; () for a word the lexicon does not know."""
        return tuple(self._by_word.get(word, ()))

    def ancestors(self, concept: Concept) -> tuple[str, ...]:
        """Names of the concepts it is a kind of, nearest first, itself left out."""
        if concept.name not in self._above:
            names: list[str] = []
            for parent in concept.parents:
                above = self.ancestors(self.concepts[parent]) if parent in self.concepts else ()
                names += [name for name in (parent, *above) if name not in names]
            self._above[concept.name] = tuple(names)
        return self._above[concept.name]

    def hypernyms(self, concept: Concept) -> tuple[str, ...]:
        """Wider words somebody would really say for it: "animal" for a dog, never "thing"."""
        if concept.name not in self._wider:
            self._wider[concept.name] = tuple(name for name in self.ancestors(concept) if name not in _VAGUE)
        return self._wider[concept.name]

    def kinds(self, concept: Concept) -> tuple[str, ...]:
        """Narrower words, which may or may not be true of one example: "woman" for a person."""
        return tuple(other.name for other in self.concepts.values() if concept.name in self.ancestors(other))

    def surely(self, word: str, concept: Concept) -> bool:
        """Is everything of this concept a `word`? The word may be a synonym, a plural or a wider one."""
        return self.judged(word, concept)[0]

    def possibly(self, word: str, concept: Concept) -> bool:
        """Could something of this concept be a `word`? True of wider words and of narrower ones."""
        return self.judged(word, concept)[1]

    def used(self, use: str, concept: Concept) -> bool:
        """Is this a thing people `use` so ("hold", "ride"), or of this group ("people")? Anything is for ""."""
        key = f"@{use}", concept.name
        if key not in self._judged:
            listed = self.uses.get(use, ())
            family = {concept.name, *self.ancestors(concept)}
            held = not use or concept.group == use or concept.group in listed or any(name in family for name in listed)
            self._judged[key] = held, held
        return self._judged[key][0]

    def kin(self, one: Concept, other: Concept) -> bool:
        """Could one thing be mistaken for the other? Both live, or a wider word fits both."""
        if one.group in LIVING and other.group in LIVING:
            return True
        return not {one.name, *self.hypernyms(one)}.isdisjoint((other.name, *self.hypernyms(other)))

    def uses_of(self, concept: Concept, uses: tuple[str, ...]) -> tuple[bool, ...]:
        """`used` for each of several uses."""
        key = concept.name, uses
        if key not in self._judged:
            self._judged[key] = tuple(self.used(use, concept) for use in uses)
        return self._judged[key]

    def judged(self, word: str, concept: Concept) -> tuple[bool, bool]:
        """`surely` and `possibly` in one look."""
        key = word, concept.name
        if key not in self._judged:
            family = {concept.name, *self.ancestors(concept)}
            meant = self.concepts_of(word.lower())
            sure = word.lower() in map(str.lower, self._words(concept)) or any(other.name in family for other in meant)
            self._judged[key] = sure, sure or any(concept.name in self.ancestors(other) for other in meant)
        return self._judged[key]

    def called(self, label: str, beside: Iterable[str] = ()) -> str:
        """What a class is called in a phrase: as it is said, a name of an unknown thing as it is written ("Ferrari",
        "Eiffel Tower"), unless the labels `beside` it are all written with capitals."""
        concept = self.find(label)
        if concept.name in self.concepts or concept.name != normal(label) or not titled(label):
            return said(label)
        tell = capitals_tell(label, beside)
        return words_of(label) if tell or tell is None and not concept.parents else said(label)

    def plural(self, name: str) -> str:
        """The plural of any name; "" where none is known."""
        known = self._by_word.get(name)
        if known:
            return known[0].plural if name in (known[0].name, known[0].plural) else plural_by_spelling(name)
        head = name.rpartition(" ")[2]
        if head != name and head in self._by_word and headed(name)[0] == name:
            return f"{name[:-len(head)]}{self.plural(head)}"
        return plural_of(name)

    def singular(self, name: str) -> str:
        """The name for one of a name for several; any other name as it is."""
        for concept in self._by_word.get(name, ()):
            return next(
                (
                    word
                    for word in (concept.name, *concept.names, *concept.understood)
                    if name in (word, self.plural(word))
                ),
                name,
            )
        return singular_of_plural(name) or name

    def _words(self, concept: Concept) -> tuple[str, ...]:
        """Every name of a concept, for one and for several."""
        if concept.name not in self.concepts or concept.number != COUNTED:
            return (concept.name, *concept.names, *concept.understood, concept.plural)
        return (
            *concept.names,
            *concept.understood,
            concept.plural,
            *map(plural_by_spelling, (*concept.names, *concept.understood)),
        )

    def _make(self, label: str) -> Concept | None:
        name = normal(label)
        if len(name) > LONGEST_NAME or not re.search(r"[^\W\d_]", name):
            return None
        known = self._known(name) or self._known(name.replace("-", " "))
        if known and not name.startswith("pair of ") and not _several(name, known):
            return known
        part, kind = next(
            ((part, self._by_word[part][0]) for part in _heads(name) if part in self._by_word), ("", None)
        )
        text = said(label)
        number = _number(name, text, part, kind)
        plural = {COUNTED: self.plural(text), MASS: ""}.get(number, text)
        return Concept(name, (text,), plural, *((kind.name,), kind.group, kind.slot) if kind else (), number=number)

    def _known(self, name: str) -> Concept | None:
        """The concept of the lexicon that has this name."""
        return self.concepts.get(name) or next(iter(self._by_word.get(name, ())), None)


def _several(name: str, concept: Concept) -> bool:
    """Does a name of this concept stand for several: "dogs", "people"?"""
    return (
        concept.number == SEVERAL
        or concept.number == COUNTED
        and name not in (concept.name, *concept.names, *concept.understood)
    )


def _number(name: str, text: str, part: str, kind: Concept | None) -> str:
    """How a name is counted of which the lexicon knows at most a `part`, its head noun, as one of `kind`."""
    if name.startswith("pair of "):
        return COUNTED
    if kind is not None:
        return SEVERAL if _several(part, kind) else kind.number
    if headed(name)[0].rpartition(" ")[2] in UNCOUNTED or not plural_of(text):
        return MASS
    return SEVERAL if singular_of_plural(text) else COUNTED


def article(text: str) -> str:
    """ "a" or "an" by the sound of what follows."""
    word = text.split(" ", 1)[0]
    return article_by_spelling(word) if word in english().vocabulary else article_of(word)


def _heads(name: str):
    """The parts of a name that may be its head noun, longest first: "old fire truck" gives "fire truck", "truck"."""
    words = (
        (name.removeprefix("pair of ") if name.startswith("pair of ") else headed(name)[0]).replace("-", " ").split()
    )
    for start in range(len(words)):
        yield " ".join(words[start:])


@lru_cache(maxsize=1)
def english() -> Lexicon:
    """The lexicon of the package, read once from lexicon.txt."""
    return read(resources.files(__package__).joinpath("lexicon.txt").read_text("utf-8"))


def read(text: str) -> Lexicon:
    """A lexicon from the lines of its file; the first of them say how one is written."""
    concepts, uses, group = [], {}, "things"
    for line in text.splitlines():
        if line.startswith("["):
            group = line.strip("[] ")
        elif line.startswith("@"):
            use, _, names = line[1:].partition("=")
            uses[use.strip()] = tuple(other for name in _listed(names) for other in uses.get(name, (name,)))
        elif line.strip() and not line.startswith("#"):
            concepts.append(_concept(group, *(field.strip() for field in line.split("|"))))
    return Lexicon(concepts, uses)


def _concept(group, name, plural="", others="", parents="", slot="") -> Concept:
    number = {"~": MASS, "+": PAIR, "&": SEVERAL}.get(plural, COUNTED)
    spelled = {"": plural_by_spelling(name), "=": name, "~": name, "+": name, "&": name}.get(plural, plural)
    said, _, understood = others.partition(";")
    synonyms = _listed(said)
    first = [word[1:] for word in synonyms if word.startswith("*")]
    names = (*first, name, *(word for word in synonyms if not word.startswith("*")))
    unsaid = tuple(word[1:] for word in _listed(understood) if word.startswith("-"))
    return Concept(name, names, spelled, _listed(parents), group, slot, number,
                   tuple(word.removeprefix("-") for word in _listed(understood)), unsaid)


def _listed(field) -> tuple[str, ...]:
    return tuple(word.strip() for word in field.split(",") if word.strip())
