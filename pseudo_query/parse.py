"""Reading: from a phrase somebody wrote to its meaning, as far as the lexicon and the places reach."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pseudo_query.beside import RELATIONS
from pseudo_query.colours import COLOURS
from pseudo_query.lexicon import PLURAL, english_lexicon
from pseudo_query.names import normalize_label
from pseudo_query.negation import split_negation
from pseudo_query.phrases import Meaning
from pseudo_query.relations import ORDINALS, SOLE_OBJECT_SUFFIX
from pseudo_query.templates import LOCATION_WORDINGS
from pseudo_query.wording import NUMBER_WORDS


class ParsedPhrase(NamedTuple):
    """The `meaning` (None where no known noun was found), how many things it says there are (0 = it does not say),
    and the words that were not understood; with such a word the phrase may say more than the meaning. `negated` is what the
    object is said not to be: (meaning, words) each."""

    meaning: Meaning | None
    count: int = 0
    unknown_words: tuple[str, ...] = ()
    negated: tuple[tuple[Meaning, str], ...] = ()


class PhraseChunk(NamedTuple):
    """A piece of a phrase: what kind of word it is, what it stands for, and how it was written."""

    kind: str
    value: object
    text: str


_STOP_WORDS = frozenset("the a an of is are that which who one ones it there this his her its their some standing sitting "
                     "at from and pair pairs piece side hand very".split())
_COLOUR_SYNONYMS = {"grey": "gray", "violet": "purple", "beige": "brown", "tan": "brown", "golden": "yellow",
                  "maroon": "red", "navy": "blue", "silver": "gray"}
_LOCATION_SYNONYMS = {
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
_RELATION_SYNONYMS = {"next to": ("near", "close to", "alongside", "near to"), "in front of": ("before",),
                   "left of": ("on the left of", "on left of"), "right of": ("on the right of", "on right of"),
                   "above": ("over",), "below": ("underneath",), "with": ("carrying",), "on": ("on top of", "sitting on", "standing on"),
                   "riding": ("sitting on",), "behind": ("in back of",)}


def parse_phrase(text: str, names=()) -> ParsedPhrase:
    """What a phrase means. `names` are further class names to know, a project's own labels for instance."""
    known, parts = inflected_class_names(names), split_negation(text)
    found = _build_parse(split_chunks(parts.positive, known))
    if not parts.resolved or found.meaning is None:
        return found if parts.resolved else ParsedPhrase(None, 0, (text[:100],))
    negated = [(_build_parse(_supply_noun(found.meaning.noun, part, split_chunks(part, known))), part) for part in parts.negated]
    unparsed = [part for reading, part in negated if reading.meaning is None or reading.unknown_words]
    return found._replace(
        unknown_words=(*found.unknown_words, *unparsed), negated=tuple((r.meaning, part) for r, part in negated if part not in unparsed)
    )


def _supply_noun(noun: str, part: str, items: list[PhraseChunk]) -> list[PhraseChunk]:
    """The pieces of what is denied, said of the thing itself: "on the left" of "dog"; the noun of a garment behind
    "with" is not the thing's, and "orange" is a colour of it where no article says that it is the fruit."""
    if _leading_kind(items) == "noun" or items and items[0].kind == "either" and re.match("(?:the|an?) ", part, re.I):
        return items
    first = int(bool(items) and items[0].kind == "either")
    return [*items[:first], PhraseChunk("noun", noun, noun), *items[first:]]


def starts_with_noun(text: str) -> bool:
    """Does a piece of a phrase begin with a thing ("black cat"), and not with what is said of one ("in a hat")?"""
    return not re.match(r"(?:\w+ing )?(?:on|in|at|to|by|near|behind)\b", text, re.I) and _leading_kind(split_chunks(text, ())) == "noun"


def _leading_kind(items: list[PhraseChunk]) -> str:
    return next((item.kind for item in items if item.kind in ("noun", "relation")), "")


def inflected_class_names(labels) -> tuple[str, ...]:
    """The words for class names, for one and for several of each; those the lexicon holds anyway are left out."""
    new = dict.fromkeys(label for label in labels if not english_lexicon().concepts_of(normalize_label(label)))
    return tuple(
        dict.fromkeys(
            name for label in new for name in (normalize_label(label), (english_lexicon().plural(label) or "").lower()) if name
        )
    )


def split_chunks(text: str, names: tuple[str, ...]) -> list[PhraseChunk]:
    """The pieces of a phrase, each the longest run of words that is known."""
    tokens = re.findall(r"[^\W_]+(?:['-][^\W_]+)*", text.lower())[:200]
    items, at = [], 0
    while at < len(tokens):
        for length in range(min(5, len(tokens) - at), 0, -1):
            words = " ".join(tokens[at:at + length])
            item = _lookup_chunk(words, names, items)
            if item is not None:
                break
        items.append(item or PhraseChunk("unknown", words, words))
        at += length
    return [item for item in items if item.kind != "skip"]


def _lookup_chunk(words, names, preceding) -> PhraseChunk | None:
    kind, value = _phrase_table().get(words, ("", None))
    after_colour = bool(preceding) and preceding[-1].kind == "colour"
    is_noun = words in names or bool(english_lexicon().concepts_of(words))
    if is_noun and (kind in ("", "colour") or after_colour and kind == "place"):
        if kind == "colour":
            return PhraseChunk("either", value, words)
        return PhraseChunk("noun", words, words)
    return PhraseChunk(kind, value, words) if kind else None


@lru_cache(maxsize=1)
def _phrase_table() -> dict[str, tuple[str, object]]:
    """Everything that is no noun: words -> (kind, value)."""
    table: dict[str, tuple[str, object]] = dict.fromkeys(_STOP_WORDS, ("skip", None))
    table |= {word: ("number", count) for count, word in enumerate(NUMBER_WORDS) if count}
    table |= {str(count): ("number", count) for count in range(1, 11)} | {"both": ("number", 2), "all": ("all", None)}
    for name, relation in RELATIONS.items():
        for word in (*relation.words, *_RELATION_SYNONYMS.get(name, ())):
            table.setdefault(word, ("relation", name))
    for name, wording in LOCATION_WORDINGS.items():
        if name.endswith(SOLE_OBJECT_SUFFIX):
            continue  # worded like the place among others
        for word in (*wording.before, *wording.after, *_LOCATION_SYNONYMS.get(name, ())):
            table[word] = ("place", name)
    for rank, word in enumerate(ORDINALS[2:], start=2):
        for spelled in (word, f"{rank}{'nd' if rank == 2 else 'rd' if rank == 3 else 'th'}"):
            table[spelled] = ("rank", word)
    for side in ("left", "right"):
        table |= {f"from the {side}": ("from", side), f"from {side}": ("from", side)}
    colours = dict.fromkeys(COLOURS, None) | _COLOUR_SYNONYMS
    for word, other in colours.items():
        table[word] = ("colour", other or word)
        table |= {f"{shade} {word}": ("colour", other or word) for shade in ("light", "dark", "bright", "pale")}
    return table | {"last": ("last", None)}


def _build_parse(items: list[PhraseChunk]) -> ParsedPhrase:
    """Puts the pieces together: words before the first relation describe the thing, what follows it the other."""
    fields = {"noun": "", "attributes": [], "location": "", "wearing": None, "relation": None, "plural": False}
    count, rank, unknown, at = 0, "", [], 0
    while at < len(items):
        kind, value, text = items[at]
        if kind == "either":
            kind = "colour" if at + 1 < len(items) and items[at + 1].kind in ("noun", "either") else "noun"
            value = value if kind == "colour" else text
        if kind == "noun":
            fields["noun"], fields["plural"] = value, fields["plural"] or _is_plural(value)
        elif kind == "colour":
            fields["attributes"].append(value)
        elif kind == "place":
            fields["location"] = _combine_locations(fields["location"], value)
        elif kind == "number":
            count = value
            fields["plural"] |= value > 1
        elif kind == "rank":
            rank = value
        elif kind == "from" and rank:
            fields["location"] = f"{rank} from the {value}"
        elif kind == "all":
            fields["plural"] = True
        elif kind == "relation" and fields["noun"]:
            at = _parse_relation_object(items, at, fields, unknown)
            continue
        else:
            unknown.append(text)
        at += 1
    if not fields["noun"]:
        return ParsedPhrase(None, count, tuple(unknown))
    fields["attributes"] = tuple(fields["attributes"])
    return ParsedPhrase(Meaning(**fields), count, tuple(unknown))


def _parse_relation_object(items, at, fields, unknown) -> int:
    """Reads the garment or the other thing behind a relation word; the index of the piece after it."""
    name, start = items[at].value, at + 1
    end = start
    while end < len(items) and items[end].kind in ("colour", "either", "noun"):
        end += 1
    described = items[start:end]
    nouns = [item for item in described if item.kind == "noun"] or [item for item in described if item.kind == "either"]
    head_noun = nouns[-1].text if nouns else ""
    colours = [item.value for item in described if item.kind in ("colour", "either") and item.text != head_noun]
    if name in ("in", "inside", "with", "wearing", "holding") and described and _is_garment(head_noun, colours):
        fields["wearing"] = (colours[0] if colours else "", head_noun)
    elif head_noun:
        fields["relation"] = (name, Meaning(head_noun, tuple(colours), plural=_is_plural(head_noun)))
    else:
        unknown.append(items[at].text)
    return max(end, at + 1)


def _is_garment(noun, colours) -> bool:
    if not noun:
        return bool(colours)
    return any(concept.group == "clothes" for concept in english_lexicon().concepts_of(noun))


def _is_plural(noun) -> bool:
    return english_lexicon().find(noun).number == PLURAL


def _combine_locations(first, second) -> str:
    """ "top" and then "left" are a corner; otherwise the later place counts."""
    corner = f"{first} {second} corner"
    return corner if corner in LOCATION_WORDINGS else second


def named_colours(phrase: str) -> list[bool]:
    """(11,) which of COLOURS a phrase names, known words or not. Not "the orange", which is a thing, nor "a black man",
    which is no colour."""
    words = [_COLOUR_SYNONYMS.get(word, word) for word in re.findall(r"[a-z]+", split_negation(phrase).positive.lower())]
    colour_modifiers = {
        word for word, after in zip(words, words[1:]) if all(concept.group != "people" for concept in english_lexicon().concepts_of(after))
    }
    if len(words) > 1 and words[-2] in ("in", "wearing"):  # "the man in red"
        colour_modifiers.add(words[-1])
    return [colour in colour_modifiers for colour in COLOURS]


def named_location(phrase: str) -> str:
    """The place among its like that a phrase names ("left", "behind", "bottom left corner"), known words or not; "" for none.

    Where something stands to another thing is no such place: "the man behind the car", "left of the tree", "the top of the hill".
    """
    meaning = None if _RELATIVE_LOCATION.search(phrase.lower()) else parse_phrase(phrase).meaning
    return meaning.location.removesuffix(SOLE_OBJECT_SUFFIX) if meaning else ""


_RELATIVE_LOCATION = re.compile(r"\bbehind \w|\b(left|right|top|bottom|front|back|side|middle|corner|edge) of\b")
