"""Lexicon: what things are called, what they are a kind of, and how their names are counted."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

COUNTED, MASS, PAIR = "counted", "mass", "pair"
LIVING = ("people", "animals")
_VAGUE = {"thing", "clothing", "body part", "scene", "container", "furniture", "sports equipment", "device", "tool", "appliance",
          "adult", "utensil", "dish"}


@dataclass(frozen=True)
class Concept:
    """One kind of thing. `names` are the words people say, the usual one first; `understood` further ones.

    `parents` are the concepts it is a kind of; `group` is people, animals, clothes, things, parts or scene;
    `slot` is hat, shirt, pants or shoes for garments; `number` is "counted", "mass" (water) or "pair" (scissors). `unsaid` are
    those understood that take no article: nobody says "the left someone".
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
            meant = self.concepts_of(word)
            sure = word in self._words(concept) or any(other.name in family for other in meant)
            self._judged[key] = sure, sure or any(concept.name in self.ancestors(other) for other in meant)
        return self._judged[key]

    @staticmethod
    def _words(concept) -> tuple[str, ...]:
        plurals = () if concept.number != COUNTED else map(plural_of, (*concept.names, *concept.understood))
        return (*concept.names, *concept.understood, concept.plural, *plurals)

    def _make(self, label: str) -> Concept | None:
        name = normal(label)
        if not re.search(r"[^\W\d_]", name):
            return None
        known = self.concepts.get(name) or next(iter(self._by_word.get(name, ())), None)
        if known:
            return known
        head = next((self._by_word[part] for part in _heads(name) if part in self._by_word), None)
        if not head:
            return Concept(name, (name,), plural_of(name))
        kind = head[0]
        return Concept(name, (name,), plural_of(name), (kind.name,), kind.group, kind.slot, kind.number)


@lru_cache(maxsize=4096)
def normal(label: str) -> str:
    """A class name as words: lower case, "_" and repeated blanks as one blank; "traffic_Light" is "traffic light"."""
    return " ".join(re.sub(r"[_/]+", " ", str(label)).lower().split())


def plural_of(name: str) -> str:
    """The plural by rule; the head of "glass of wine" is "glass"."""
    head, of, rest = name.partition(" of ")
    if re.search(r"(s|x|z|ch|sh)$", head):
        head += "es"
    elif re.search(r"[^aeiou]y$", head):
        head = head[:-1] + "ies"
    elif head.endswith("man"):
        head = head[:-3] + "men"
    else:
        head += "s"
    return head + of + rest


def article(text: str) -> str:
    """"a" or "an" by the sound of what follows, as far as spelling tells."""
    if re.match(r"(uni|use|one|eu|uk)", text) or not text:
        return "a"
    return "an" if text[0] in "aeiou" or re.match(r"(hour|honest|x-ray|suv|mp)\b", text) else "a"


def _heads(name: str):
    """The parts of a name that may be its head noun, longest first: "old fire truck" gives "fire truck", "truck"."""
    words = name.partition(" of ")[0].split()
    for start in range(len(words)):
        yield " ".join(words[start:])
        yield singular_of(" ".join(words[start:]))


def singular_of(name: str) -> str:
    """The singular by rule, for names the lexicon does not hold; it may be no word at all."""
    for end, new in (("ies", "y"), ("ses", "s"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"), ("ss", "ss"), ("s", "")):
        if name.endswith(end):
            return name[: -len(end)] + new
    return name


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
    number = {"~": MASS, "+": PAIR}.get(plural, COUNTED)
    spelled = {"": plural_of(name), "=": name, "~": name, "+": name}.get(plural, plural)
    said, _, understood = others.partition(";")
    synonyms = _listed(said)
    first = [word[1:] for word in synonyms if word.startswith("*")]
    names = (*first, name, *(word for word in synonyms if not word.startswith("*")))
    unsaid = tuple(word[1:] for word in _listed(understood) if word.startswith("-"))
    return Concept(name, names, spelled, _listed(parents), group, slot, number,
                   tuple(word.removeprefix("-") for word in _listed(understood)), unsaid)


def _listed(field) -> tuple[str, ...]:
    return tuple(word.strip() for word in field.split(",") if word.strip())
