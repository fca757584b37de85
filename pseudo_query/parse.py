"""Reading: from a phrase somebody wrote to its meaning, as far as the lexicon and the places reach."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pseudo_query.colours import COLOURS
from pseudo_query.beside import RELATIONS
from pseudo_query.lexicon import SEVERAL, english
from pseudo_query.names import normal
from pseudo_query.negation import split
from pseudo_query.phrases import Meaning
from pseudo_query.relations import ALONE, ORDINALS
from pseudo_query.templates import PLACES
from pseudo_query.wording import NUMBERS


class Reading(NamedTuple):
    """The `meaning` (None where no known noun was found), how many things it says there are (0 = it does not say),
    and the words nobody understood; with such a word the phrase may say more than the meaning. `denied` is what the
    thing is said not to be: (meaning, words) each."""

    meaning: Meaning | None
    count: int = 0
    unknown: tuple[str, ...] = ()
    denied: tuple[tuple[Meaning, str], ...] = ()


class Item(NamedTuple):
    """A piece of a phrase: what kind of word it is, what it stands for, and how it was written."""

    kind: str
    value: object
    text: str


_SKIPPED = frozenset("the a an of is are that which who one ones it there this his her its their some standing sitting "
                     "at from and pair pairs piece side hand very".split())
_OTHER_COLOURS = {"grey": "gray", "violet": "purple", "beige": "brown", "tan": "brown", "golden": "yellow",
                  "maroon": "red", "navy": "blue", "silver": "gray"}
_MORE_PLACES = {
    "left": ("on left", "left side", "left hand", "left-hand", "lefthand", "at left", "at the left", "to left"),
    "right": ("on right", "right side", "right hand", "right-hand", "righthand", "at right", "at the right", "to right"),
    "leftmost": ("left most", "left-most", "furthest left", "farthest left", "most left", "first from the left",
                 "first from left"),
    "rightmost": ("right most", "right-most", "furthest right", "farthest right", "most right", "first from the right",
                  "first from right"),
    "middle": ("centre", "in the centre", "in middle", "in center", "central"),
    "top": ("on top", "at top", "on the top"), "bottom": ("at bottom", "on the bottom", "on bottom"),
    "front": ("in the front", "foreground", "up front", "closest to us", "near"),
    "behind": ("back", "in back", "rear", "background", "furthest", "further", "far away", "in the distance"),
    "larger": ("big", "large", "taller"), "smaller": ("small", "little", "shorter"),
    "largest": ("tallest",), "smallest": ("shortest", "tiniest")}
_MORE_RELATIONS = {"next to": ("near", "close to", "alongside", "near to"), "in front of": ("before",),
                   "left of": ("on the left of", "on left of"), "right of": ("on the right of", "on right of"),
                   "above": ("over",), "below": ("underneath",), "with": ("carrying",), "on": ("on top of", "sitting on", "standing on"),
                   "riding": ("sitting on",), "behind": ("in back of",)}


def read(text: str, names=()) -> Reading:
    """What a phrase means. `names` are further class names to know, a project's own labels for instance."""
    known, parts = known_names(names), split(text)
    found = _reading(pieces(parts.positive, known))
    if not parts.clear or found.meaning is None:
        return found if parts.clear else Reading(None, 0, (text[:100],))
    denied = [(_reading(_with_noun(found.meaning.noun, part, pieces(part, known))), part) for part in parts.negated]
    odd = [part for reading, part in denied if reading.meaning is None or reading.unknown]
    return found._replace(
        unknown=(*found.unknown, *odd), denied=tuple((r.meaning, part) for r, part in denied if part not in odd)
    )


def _with_noun(noun: str, part: str, items: list[Item]) -> list[Item]:
    """The pieces of what is denied, said of the thing itself: "on the left" of "dog"; the noun of a garment behind
    "with" is not the thing's, and "orange" is a colour of it where no article says that it is the fruit."""
    if _leads(items) == "noun" or items and items[0].kind == "either" and re.match("(?:the|an?) ", part, re.I):
        return items
    first = int(bool(items) and items[0].kind == "either")
    return [*items[:first], Item("noun", noun, noun), *items[first:]]


def names_a_thing(text: str) -> bool:
    """Does a piece of a phrase begin with a thing ("black cat"), and not with what is said of one ("in a hat")?"""
    return not re.match(r"(?:\w+ing )?(?:on|in|at|to|by|near|behind)\b", text, re.I) and _leads(pieces(text, ())) == "noun"


def _leads(items: list[Item]) -> str:
    return next((item.kind for item in items if item.kind in ("noun", "relation")), "")


def known_names(labels) -> tuple[str, ...]:
    """The words for class names, for one and for several of each; those the lexicon holds anyway are left out."""
    new = dict.fromkeys(label for label in labels if not english().concepts_of(normal(label)))
    return tuple(
        dict.fromkeys(
            name for label in new for name in (normal(label), (english().plural(label) or "").lower()) if name
        )
    )


def pieces(text: str, names: tuple[str, ...]) -> list[Item]:
    """The pieces of a phrase, each the longest run of words that is known."""
    tokens = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", text.lower())[:200]
    items, at = [], 0
    while at < len(tokens):
        for length in range(min(5, len(tokens) - at), 0, -1):
            words = " ".join(tokens[at:at + length])
            item = _known(words, names, items)
            if item is not None:
                break
        items.append(item or Item("unknown", words, words))
        at += length
    return [item for item in items if item.kind != "skip"]


def _known(words, names, before) -> Item | None:
    kind, value = _phrasebook().get(words, ("", None))
    after_colour = bool(before) and before[-1].kind == "colour"
    is_noun = words in names or bool(english().concepts_of(words))
    if is_noun and (kind in ("", "colour") or after_colour and kind == "place"):
        if kind == "colour":
            return Item("either", value, words)
        return Item("noun", words, words)
    return Item(kind, value, words) if kind else None


@lru_cache(maxsize=1)
def _phrasebook() -> dict[str, tuple[str, object]]:
    """Everything that is no noun: words -> (kind, value)."""
    book: dict[str, tuple[str, object]] = {word: ("skip", None) for word in _SKIPPED}
    book |= {word: ("number", count) for count, word in enumerate(NUMBERS) if count}
    book |= {str(count): ("number", count) for count in range(1, 11)} | {"both": ("number", 2), "all": ("all", None)}
    for name, relation in RELATIONS.items():
        for word in (*relation.words, *_MORE_RELATIONS.get(name, ())):
            book.setdefault(word, ("relation", name))
    for name, wording in PLACES.items():
        if name.endswith(ALONE):
            continue  # worded like the place among others
        for word in (*wording.before, *wording.after, *_MORE_PLACES.get(name, ())):
            book[word] = ("place", name)
    for rank, word in enumerate(ORDINALS[2:], start=2):
        for spelled in (word, f"{rank}{'nd' if rank == 2 else 'rd' if rank == 3 else 'th'}"):
            book[spelled] = ("rank", word)
    for side in ("left", "right"):
        book |= {f"from the {side}": ("from", side), f"from {side}": ("from", side)}
    colours = dict.fromkeys(COLOURS, None) | _OTHER_COLOURS
    for word, other in colours.items():
        book[word] = ("colour", other or word)
        book |= {f"{shade} {word}": ("colour", other or word) for shade in ("light", "dark", "bright", "pale")}
    return book | {"last": ("last", None)}


def _reading(items: list[Item]) -> Reading:
    """Puts the pieces together: words before the first relation describe the thing, what follows it the other."""
    fields = {"noun": "", "attributes": [], "place": "", "wearing": None, "relation": None, "many": False}
    count, rank, unknown, at = 0, "", [], 0
    while at < len(items):
        kind, value, text = items[at]
        if kind == "either":
            kind = "colour" if at + 1 < len(items) and items[at + 1].kind in ("noun", "either") else "noun"
            value = value if kind == "colour" else text
        if kind == "noun":
            fields["noun"], fields["many"] = value, fields["many"] or _is_plural(value)
        elif kind == "colour":
            fields["attributes"].append(value)
        elif kind == "place":
            fields["place"] = _joined(fields["place"], value)
        elif kind == "number":
            count = value
            fields["many"] |= value > 1
        elif kind == "rank":
            rank = value
        elif kind == "from" and rank:
            fields["place"] = f"{rank} from the {value}"
        elif kind == "all":
            fields["many"] = True
        elif kind == "relation" and fields["noun"]:
            at = _after_relation(items, at, fields, unknown)
            continue
        else:
            unknown.append(text)
        at += 1
    if not fields["noun"]:
        return Reading(None, count, tuple(unknown))
    fields["attributes"] = tuple(fields["attributes"])
    return Reading(Meaning(**fields), count, tuple(unknown))


def _after_relation(items, at, fields, unknown) -> int:
    """Reads the garment or the other thing behind a relation word; the index of the piece after it."""
    name, start = items[at].value, at + 1
    end = start
    while end < len(items) and items[end].kind in ("colour", "either", "noun"):
        end += 1
    described = items[start:end]
    nouns = [item for item in described if item.kind == "noun"] or [item for item in described if item.kind == "either"]
    cloth = nouns[-1].text if nouns else ""
    colours = [item.value for item in described if item.kind in ("colour", "either") and item.text != cloth]
    if name in ("in", "inside", "with", "wearing", "holding") and described and _is_garment(cloth, colours):
        fields["wearing"] = (colours[0] if colours else "", cloth)
    elif cloth:
        fields["relation"] = (name, Meaning(cloth, tuple(colours), many=_is_plural(cloth)))
    else:
        unknown.append(items[at].text)
    return max(end, at + 1)


def _is_garment(cloth, colours) -> bool:
    if not cloth:
        return bool(colours)
    return any(concept.group == "clothes" for concept in english().concepts_of(cloth))


def _is_plural(noun) -> bool:
    return english().find(noun).number == SEVERAL


def _joined(first, second) -> str:
    """ "top" and then "left" are a corner; otherwise the later place counts."""
    corner = f"{first} {second} corner"
    return corner if corner in PLACES else second


def named_colours(phrase: str) -> list[bool]:
    """(11,) which of COLOURS a phrase names, known words or not. Not "the orange", which is a thing, nor "a black man", which is no colour."""
    words = [_OTHER_COLOURS.get(word, word) for word in re.findall(r"[a-z]+", split(phrase).positive.lower())]
    said = {word for word, after in zip(words, words[1:]) if all(concept.group != "people" for concept in english().concepts_of(after))}
    if len(words) > 1 and words[-2] in ("in", "wearing"):  # "the man in red"
        said.add(words[-1])
    return [colour in said for colour in COLOURS]


def named_place(phrase: str) -> str:
    """The place among its like that a phrase names ("left", "behind", "bottom left corner"), known words or not; "" for none.

    Where something stands to another thing is no such place: "the man behind the car", "left of the tree", "the top of the hill".
    """
    meaning = None if _TO_ANOTHER.search(phrase.lower()) else read(phrase).meaning
    return meaning.place.removesuffix(ALONE) if meaning else ""


_TO_ANOTHER = re.compile(r"\bbehind \w|\b(left|right|top|bottom|front|back|side|middle|corner|edge) of\b")
