"""Asking: what is to be found for a typed text, or why it cannot be looked for and what to write instead."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pseudo_query.asking_words import (
    AND,
    COMMAND,
    COUNTED,
    DETERMINED,
    ENGLISH,
    FOREIGN,
    HOW_MANY,
    NUMBER_AFTER_NOUN,
    NUMBERED,
    ONES,
    PLACED,
    PRONOUNS,
    QUESTION,
    SOME_OF,
    TAIL,
    UNMEASURED,
    UNPRONOUNCEABLE,
    WHERE,
    WHICH,
    WHO,
)
from pseudo_query.colours import COLOURS
from pseudo_query.inflection import headed
from pseudo_query.lexicon import SEVERAL, english
from pseudo_query.negation import split
from pseudo_query.parse import names_a_thing, read
from pseudo_query.patterns import one_of
from pseudo_query.relations import ORDINALS
from pseudo_query.wording import NUMBERS


class Asked(NamedTuple):
    """`parts`: the phrases to look for, each by itself; () if the text is declined. `without`: phrases that the answer
    must not fit. `count`: how many things are wanted, 0 = not said.

    `plain` is the text without commands and polite words, which is the phrase to keep. `kind` names what was special
    ("" for a plain phrase) and `say` is one sentence for the person: why the phrase is declined and what to write
    instead, or what to know beside the answer.
    """

    parts: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    count: int = 0
    kind: str = ""
    say: str = ""
    plain: str = ""

    @property
    def declined(self) -> bool:
        return not self.parts


LONGEST = 1000  # characters that are read
MOST = 10  # things named side by side
EMPTY = "Type what to look for, for example: the dog on the left."
LANGUAGE = "Only English is understood here; write for example: the dog on the left."
NOT_WORDS = "There is no English word in this that could be looked for; write for example: the dog on the left."
NEGATED = (
    "This says what a thing is not, in a way that is not understood; say what it is, for example: the dog on the right."
)
EITHER = "With “or” it stays open which is meant; ask for one thing at a time."
NO_NUMBERS = (
    "Numbers and track ids cannot be read in a picture; "
    "say what it looks like or where it is, for example: the man on the left."
)
SOME = "It stays open which of them are meant; name them by their look or place, or ask for all."
NO_QUESTIONS = "Questions are not answered here; name the thing to look for, for example: the dog on the left."
NO_COUNTING = "It is not counted here; ask for “{}” to see those that are found."
PRONOUN = "“{}” does not say what kind of thing is meant; name it, for example: the dog on the left."
MANY = "This names several things; each has its own answer."
ONE = "This is read as one thing; Shift+Enter in the ask box, or --each in the shell, looks for each thing it names."
UNSEEN = "“{}” cannot be measured in a picture; this is what fits the other words best."


@lru_cache(maxsize=1024)
def asked(text: str) -> Asked:
    """What a text asks for, without commands and polite words ("find the dog, please")."""
    text = " ".join(text.split())
    if len(text) > LONGEST:
        return Asked((text,), plain=text)
    plain = _plain(text)
    for judge in (_no_english, _unanswerable, _numbered, _denied, _open, _pronoun, _several, _counted):
        found = judge(plain)
        if found is not None:
            return found._replace(plain=plain)
    if unseen := UNMEASURED.search(plain):
        return Asked((plain,), kind="unseen", say=UNSEEN.format(unseen.group()), plain=plain)
    return Asked((plain,), plain=plain)


def _plain(text: str) -> str:
    """The thing that a command or a question "where is" is about, in the words of the person."""
    for _ in range(3):
        before = text
        text = TAIL.sub("", text.rstrip(" ?!.,;:") if len(text) > 1 else text) or text
        for pattern in (COMMAND, WHERE):
            text = pattern.sub("", text, count=1)
        if which := WHICH.match(text):
            text = f"the {which['noun']} {which['rest']}"
        text = WHO.sub("the person ", text)
        if before.lower().startswith("where ") or " where " in before.lower():
            text = re.sub(r" (?:is|are)$", "", text)
        if text == before:
            break
    return text


def _no_english(text: str) -> Asked | None:
    words = re.findall(r"[^\W_]+", text)
    letters = [sign for word in words for sign in word if sign.isalpha()]
    if not words:
        return Asked(kind="empty", say=EMPTY)
    latin = [sign for sign in letters if sign < "\u0250"]
    if letters and len(latin) < len(letters) / 2 or _foreign(text):
        return Asked(kind="language", say=LANGUAGE)
    if not letters:
        return Asked(kind="number", say=NO_NUMBERS)
    unknown = all(map(_no_word, words)) and read(text).meaning is None
    return Asked(kind="gibberish", say=NOT_WORDS) if unknown else None


def _foreign(text: str) -> bool:
    """Does it look like another language in Latin letters?

    No noun is known, no small word is English, and some words are of another language or have accents.
    """
    words = set(re.findall(r"[^\W\d_]+", text.lower()))
    odd = words & FOREIGN or len(words) > 1 and not text.isascii() and any(not word.isascii() for word in words)
    return bool(odd) and not words & ENGLISH and read(text).meaning is None


def _no_word(word: str) -> bool:
    """Could nobody pronounce it? "tv" and "BMW" are short enough to be spelled."""
    if not word.isalpha() or len(word) == 1 or UNPRONOUNCEABLE.search(word.lower()):
        return True
    return len(word) > 4 and not re.search(r"[aeiouy]", word.lower())


def _unanswerable(text: str) -> Asked | None:
    if found := HOW_MANY.match(text):
        return Asked(kind="question", say=NO_COUNTING.format(found["noun"][:60]))
    return Asked(kind="question", say=NO_QUESTIONS) if QUESTION.match(text) else None


def _numbered(text: str) -> Asked | None:
    after = NUMBER_AFTER_NOUN.match(text)
    known = after is not None and bool(english().concepts_of(after["noun"].lower().split()[-1]))
    return Asked(kind="number", say=NO_NUMBERS) if known or NUMBERED.search(text) else None


def _denied(text: str) -> Asked | None:
    """What is denied, said of the thing itself: "the sheep" without "the sheep on the left"."""
    parts = split(text)
    if not parts.clear:
        return Asked(kind="negation", say=NEGATED)
    if not parts.negated:
        return None
    rest = asked(parts.positive)
    if len(rest.parts) != 1:
        return rest if rest.declined else Asked(kind="negation", say=NEGATED)
    negated = [piece for part in parts.negated for piece in (_several(part) or Asked((part,))).parts]
    return rest._replace(without=tuple(_whole(rest.parts[0], part) for part in negated), kind="negation")


def _whole(positive: str, part: str) -> str:
    """A denied part as a phrase: "on the left" of "the sheep", "the black one" of "the dogs", or "the cat" as it is."""
    noun = _noun(positive)
    if ONES.search(part):
        return ONES.sub(noun, part)
    if names_a_thing(part):
        return part
    if re.match(r"(?:the|a|an|his|her|my)\b", part, re.I):
        return part if read(part).meaning else f"{part} {noun}"
    return f"the {part} {noun}" if re.fullmatch(r"[\w-]+", part) else f"{positive} {part}"


def _noun(text: str) -> str:
    meaning = read(text).meaning
    return meaning.noun if meaning else re.findall(r"[^\W_]+", text)[-1]


def _open(text: str) -> Asked | None:
    if re.search(r"\b(?:or|either)\b", text, re.I):
        return Asked(kind="choice", say=EITHER)
    return Asked(kind="choice", say=SOME) if SOME_OF.search(text) else None


def _pronoun(text: str) -> Asked | None:
    words = set(re.findall(r"[a-z']+", text.lower()))
    if not words or not words <= PRONOUNS | PLACED or not words & PRONOUNS and read(text).meaning:
        return None
    return Asked(kind="pronoun", say=PRONOUN.format(text[:60]))


def _several(text: str) -> Asked | None:
    """Two things or more that are named side by side are looked for each by itself."""
    if re.search(r"\bbetween\b", text, re.I):
        return None
    first, *others = [piece for piece in AND.split(re.sub(r"^both ", "", text, flags=re.I)) if piece] or [""]
    parts = [first]
    for piece in others:
        if _is_new(parts[-1], piece):
            parts.append(piece)
        else:
            parts[-1] = f"{parts[-1]} and {piece}"
    if len(parts) > 1:
        named = zip(parts[:MOST], (parts[-1], *parts))
        return Asked(tuple(_completed(part, before, parts[-1]) for part, before in named), kind="several", say=MANY)
    joined = others and read(first).meaning and DETERMINED.match(others[-1]) and not _worn(others[-1])
    return Asked((text,), kind="joined", say=ONE) if joined else None


def _is_new(first: str, other: str) -> bool:
    """Does a thing of its own begin here, and not another part of what was said of the first?"""
    here, there = read(first).meaning, read(other).meaning
    determined = DETERMINED.match(other) is not None
    if here is None:
        return determined and DETERMINED.match(first) is not None
    if here.relation or re.search(r"\b\w+ing\b|\bwith\b", first, re.I):
        return there is not None and bool(there.relation or there.wearing or there.place)
    if here.wearing:
        return determined and not _worn(other)
    described = there is not None and there.attributes and here.noun in COLOURS  # "orange and white cat"
    return determined or there is not None and not described and not read(other).unknown


def _completed(part: str, before: str, last: str) -> str:
    """A part with what it shares with others: "the white one" after "the black dog" is "the white dog", and so is
    "the black" before "the white dog"."""
    if ONES.search(part):
        return ONES.sub(_noun(before), part)
    if set(re.findall(r"[a-z]+", part.lower())) <= PLACED and not read(part).meaning:
        return f"{part} {_noun(before if part == last else last)}"
    if part == last:
        return part
    side = re.search(r" from (?:the )?(?:left|right)$", last)
    shared = side and " from " not in part and re.search(rf"\b{one_of(*ORDINALS[1:])}\b", part)
    return f"{part}{side.group()}" if shared else part


def _worn(text: str) -> bool:
    meaning = read(text).meaning
    concepts = english().concepts_of(meaning.noun) if meaning else ()
    return any(concept.group in ("clothes", "parts") for concept in concepts)


def _counted(text: str) -> Asked | None:
    """ "two dogs" are the two surest dogs."""
    found = COUNTED.match(text)
    number = _number(found["count"].lower()) if found else 0
    if number < 2 or not _counts(found["rest"]):
        return None
    part = f"{found['side'] or ''}{re.sub(r'^(?:of )?the ', '', found['rest'])}"
    return Asked((part,), count=0 if found["bound"] else number, kind="count")


def _number(word: str) -> int:
    """The number that a word says, from 2; 0 for a word that is none."""
    if word.isdecimal():
        return int(word) if len(word) < 3 else 0
    if word in NUMBERS[2:]:
        return NUMBERS.index(word)
    return {"a dozen": 12, "both": 2, "a couple of": 2}.get(word, 0)


def _counts(rest: str) -> bool:
    """Does a number before it count things: "dogs", "sheep", "pairs of scissors"?"""
    head = english().find(headed(rest)[0].split()[-1])
    if re.match("pairs? of ", rest):
        return True
    return head is not None and (head.number == SEVERAL or head.plural == head.name != "")
