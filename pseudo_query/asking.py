"""Asking: what is to be found for a typed text, or why it cannot be looked for and what to write instead."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pseudo_query.asking_words import (
    COMMAND,
    COORDINATION,
    COUNT_PHRASE,
    ENGLISH_FUNCTION_WORDS,
    FOREIGN_WORDS,
    HOW_MANY,
    IDENTIFIER_NUMBER,
    LOCATION_WORDS,
    NOT_VISUAL,
    NUMBER_AFTER_NOUN,
    PARTITIVE,
    PRONOUN_ONE,
    PRONOUNS,
    QUESTION,
    STARTS_WITH_DETERMINER,
    TRAILING_PHRASE,
    UNPRONOUNCEABLE,
    WHERE,
    WHICH,
    WHO,
)
from pseudo_query.colours import COLOURS
from pseudo_query.inflection import split_head_noun
from pseudo_query.lexicon import PLURAL, english_lexicon
from pseudo_query.negation import split_negation
from pseudo_query.parse import parse_phrase, starts_with_noun
from pseudo_query.patterns import one_of
from pseudo_query.relations import ORDINALS
from pseudo_query.wording import NUMBER_WORDS


class QueryPlan(NamedTuple):
    """`subqueries`: the phrases to look for, each by itself; () if the text is declined. `excluded`: phrases that the answer
    must not fit. `count`: how many objects are wanted, 0 = unspecified.

    `cleaned_text` is the text without commands and polite words, which is the phrase to keep. `kind` names what was special
    ("" for a plain phrase) and `message` is one sentence for the user: why the phrase is declined and what to write
    instead, or what to know beside the answer.
    """

    subqueries: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    count: int = 0
    kind: str = ""
    message: str = ""
    cleaned_text: str = ""

    @property
    def declined(self) -> bool:
        return not self.subqueries


MAX_LENGTH = 1000  # characters that are read
MAX_SUBQUERIES = 10  # things named side by side
EMPTY_MESSAGE = "Type what to look for, for example: the dog on the left."
LANGUAGE_MESSAGE = "Only English is understood here; write for example: the dog on the left."
NOT_WORDS_MESSAGE = "There is no English word in this that could be looked for; write for example: the dog on the left."
NEGATION_MESSAGE = (
    "This says what a thing is not, in a way that is not understood; say what it is, for example: the dog on the right."
)
ALTERNATIVES_MESSAGE = "With “or” it stays open which is meant; ask for one thing at a time."
NUMBER_MESSAGE = (
    "Numbers and track ids cannot be read in a picture; "
    "say what it looks like or where it is, for example: the man on the left."
)
PARTITIVE_MESSAGE = "It stays open which of them are meant; name them by their look or place, or ask for all."
QUESTION_MESSAGE = "Questions are not answered here; name the thing to look for, for example: the dog on the left."
COUNT_MESSAGE = "It is not counted here; ask for “{}” to see those that are found."
PRONOUN_MESSAGE = "“{}” does not say what kind of thing is meant; name it, for example: the dog on the left."
SEVERAL_OBJECTS_MESSAGE = "This names several things; each has its own answer."
SINGLE_OBJECT_MESSAGE = "This is read as one thing; Shift+Enter in the ask box, or --each in the shell, looks for each thing it names."
NOT_VISUAL_MESSAGE = "“{}” cannot be measured in a picture; this is what fits the other words best."


@lru_cache(maxsize=1024)
def plan_query(text: str) -> QueryPlan:
    """What a text asks for, without commands and polite words ("find the dog, please")."""
    text = " ".join(text.split())
    if len(text) > MAX_LENGTH:
        return QueryPlan((text,), cleaned_text=text)
    plain = _strip_command(text)
    for judge in (
        _reject_non_english, _reject_question, _reject_number, _plan_negation, _reject_open_choice, _reject_pronoun,
        _plan_coordination, _plan_count,
    ):
        found = judge(plain)
        if found is not None:
            return found._replace(cleaned_text=plain)
    if unseen := NOT_VISUAL.search(plain):
        return QueryPlan((plain,), kind="unseen", message=NOT_VISUAL_MESSAGE.format(unseen.group()), cleaned_text=plain)
    return QueryPlan((plain,), cleaned_text=plain)


def _strip_command(text: str) -> str:
    """The thing that a command or a question "where is" is about, in the words of the person."""
    for _ in range(3):
        before = text
        text = TRAILING_PHRASE.sub("", text.rstrip(" ?!.,;:") if len(text) > 1 else text) or text
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


def _reject_non_english(text: str) -> QueryPlan | None:
    words = re.findall(r"[^\W_]+", text)
    letters = [sign for word in words for sign in word if sign.isalpha()]
    if not words:
        return QueryPlan(kind="empty", message=EMPTY_MESSAGE)
    latin = [sign for sign in letters if sign < "\u0250"]
    if letters and len(latin) < len(letters) / 2 or _looks_foreign(text):
        return QueryPlan(kind="language", message=LANGUAGE_MESSAGE)
    if not letters:
        return QueryPlan(kind="number", message=NUMBER_MESSAGE)
    unknown = all(map(_is_unpronounceable, words)) and parse_phrase(text).meaning is None
    return QueryPlan(kind="gibberish", message=NOT_WORDS_MESSAGE) if unknown else None


def _looks_foreign(text: str) -> bool:
    """Does it look like another language in Latin letters?

    No noun is known, no small word is English, and some words are of another language or have accents.
    """
    words = set(re.findall(r"[^\W\d_]+", text.lower()))
    odd = words & FOREIGN_WORDS or len(words) > 1 and not text.isascii() and any(not word.isascii() for word in words)
    return bool(odd) and not words & ENGLISH_FUNCTION_WORDS and parse_phrase(text).meaning is None


def _is_unpronounceable(word: str) -> bool:
    """Could nobody pronounce it? "tv" and "BMW" are short enough to be spelled."""
    if not word.isalpha() or len(word) == 1 or UNPRONOUNCEABLE.search(word.lower()):
        return True
    return len(word) > 4 and not re.search(r"[aeiouy]", word.lower())


def _reject_question(text: str) -> QueryPlan | None:
    if found := HOW_MANY.match(text):
        return QueryPlan(kind="question", message=COUNT_MESSAGE.format(found["noun"][:60]))
    return QueryPlan(kind="question", message=QUESTION_MESSAGE) if QUESTION.match(text) else None


def _reject_number(text: str) -> QueryPlan | None:
    after = NUMBER_AFTER_NOUN.match(text)
    known = after is not None and bool(english_lexicon().concepts_of(after["noun"].lower().split()[-1]))
    return QueryPlan(kind="number", message=NUMBER_MESSAGE) if known or IDENTIFIER_NUMBER.search(text) else None


def _plan_negation(text: str) -> QueryPlan | None:
    """What is denied, said of the thing itself: "the sheep" without "the sheep on the left"."""
    parts = split_negation(text)
    if not parts.resolved:
        return QueryPlan(kind="negation", message=NEGATION_MESSAGE)
    if not parts.negated:
        return None
    rest = plan_query(parts.positive)
    if len(rest.subqueries) != 1:
        return rest if rest.declined else QueryPlan(kind="negation", message=NEGATION_MESSAGE)
    negated = [piece for part in parts.negated for piece in (_plan_coordination(part) or QueryPlan((part,))).subqueries]
    return rest._replace(excluded=tuple(_complete_negated_part(rest.subqueries[0], part) for part in negated), kind="negation")


def _complete_negated_part(positive: str, part: str) -> str:
    """A denied part as a phrase: "on the left" of "the sheep", "the black one" of "the dogs", or "the cat" as it is."""
    noun = _head_noun(positive)
    if PRONOUN_ONE.search(part):
        return PRONOUN_ONE.sub(noun, part)
    if starts_with_noun(part):
        return part
    if re.match(r"(?:the|a|an|his|her|my)\b", part, re.I):
        return part if parse_phrase(part).meaning else f"{part} {noun}"
    return f"the {part} {noun}" if re.fullmatch(r"[\w-]+", part) else f"{positive} {part}"


def _head_noun(text: str) -> str:
    meaning = parse_phrase(text).meaning
    return meaning.noun if meaning else re.findall(r"[^\W_]+", text)[-1]


def _reject_open_choice(text: str) -> QueryPlan | None:
    if re.search(r"\b(?:or|either)\b", text, re.I):
        return QueryPlan(kind="choice", message=ALTERNATIVES_MESSAGE)
    return QueryPlan(kind="choice", message=PARTITIVE_MESSAGE) if PARTITIVE.search(text) else None


def _reject_pronoun(text: str) -> QueryPlan | None:
    words = set(re.findall(r"[a-z']+", text.lower()))
    if not words or not words <= PRONOUNS | LOCATION_WORDS or not words & PRONOUNS and parse_phrase(text).meaning:
        return None
    return QueryPlan(kind="pronoun", message=PRONOUN_MESSAGE.format(text[:60]))


def _plan_coordination(text: str) -> QueryPlan | None:
    """Two things or more that are named side by side are looked for each by itself."""
    if re.search(r"\bbetween\b", text, re.I):
        return None
    first, *others = [piece for piece in COORDINATION.split(re.sub(r"^both ", "", text, flags=re.I)) if piece] or [""]
    parts = [first]
    for piece in others:
        if _starts_new_conjunct(parts[-1], piece):
            parts.append(piece)
        else:
            parts[-1] = f"{parts[-1]} and {piece}"
    if len(parts) > 1:
        named = zip(parts[:MAX_SUBQUERIES], (parts[-1], *parts))
        return QueryPlan(
            tuple(_complete_conjunct(part, before, parts[-1]) for part, before in named), kind="several", message=SEVERAL_OBJECTS_MESSAGE
        )
    joined = others and parse_phrase(first).meaning and STARTS_WITH_DETERMINER.match(others[-1]) and not _is_garment_or_part(others[-1])
    return QueryPlan((text,), kind="joined", message=SINGLE_OBJECT_MESSAGE) if joined else None


def _starts_new_conjunct(first: str, other: str) -> bool:
    """Does a thing of its own begin here, and not another part of what was said of the first?"""
    first_meaning, other_meaning = parse_phrase(first).meaning, parse_phrase(other).meaning
    determined = STARTS_WITH_DETERMINER.match(other) is not None
    if first_meaning is None:
        return determined and STARTS_WITH_DETERMINER.match(first) is not None
    if first_meaning.relation or re.search(r"\b\w+ing\b|\bwith\b", first, re.I):
        return other_meaning is not None and bool(other_meaning.relation or other_meaning.wearing or other_meaning.location)
    if first_meaning.wearing:
        return determined and not _is_garment_or_part(other)
    described = other_meaning is not None and other_meaning.attributes and first_meaning.noun in COLOURS  # "orange and white cat"
    return determined or other_meaning is not None and not described and not parse_phrase(other).unknown_words


def _complete_conjunct(part: str, before: str, last: str) -> str:
    """A part with what it shares with others: "the white one" after "the black dog" is "the white dog", and so is
    "the black" before "the white dog"."""
    if PRONOUN_ONE.search(part):
        return PRONOUN_ONE.sub(_head_noun(before), part)
    if set(re.findall(r"[a-z]+", part.lower())) <= LOCATION_WORDS and not parse_phrase(part).meaning:
        return f"{part} {_head_noun(before if part == last else last)}"
    if part == last:
        return part
    side = re.search(r" from (?:the )?(?:left|right)$", last)
    shared = side and " from " not in part and re.search(rf"\b{one_of(*ORDINALS[1:])}\b", part)
    return f"{part}{side.group()}" if shared else part


def _is_garment_or_part(text: str) -> bool:
    meaning = parse_phrase(text).meaning
    concepts = english_lexicon().concepts_of(meaning.noun) if meaning else ()
    return any(concept.group in ("clothes", "parts") for concept in concepts)


def _plan_count(text: str) -> QueryPlan | None:
    """ "two dogs" are the two surest dogs."""
    found = COUNT_PHRASE.match(text)
    number = _parse_number(found["count"].lower()) if found else 0
    if number < 2 or not _is_countable(found["rest"]):
        return None
    part = f"{found['side'] or ''}{re.sub(r'^(?:of )?the ', '', found['rest'])}"
    return QueryPlan((part,), count=0 if found["bound"] else number, kind="count")


def _parse_number(word: str) -> int:
    """The number that a word says, from 2; 0 for a word that is none."""
    if word.isdecimal():
        return int(word) if len(word) < 3 else 0
    if word in NUMBER_WORDS[2:]:
        return NUMBER_WORDS.index(word)
    return {"a dozen": 12, "both": 2, "a couple of": 2}.get(word, 0)


def _is_countable(rest: str) -> bool:
    """Does a number before it count things: "dogs", "sheep", "pairs of scissors"?"""
    head = english_lexicon().find(split_head_noun(rest)[0].split()[-1])
    if re.match("pairs? of ", rest):
        return True
    return head is not None and (head.number == PLURAL or head.plural == head.name != "")
