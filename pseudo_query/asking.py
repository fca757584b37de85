"""Asking: what a person who types a phrase wants to have found, or why it cannot be looked for and how to say it instead."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pseudo_query.inflection import headed
from pseudo_query.lexicon import SEVERAL, english
from pseudo_query.negation import split
from pseudo_query.parse import read
from pseudo_query.relations import ORDINALS
from pseudo_query.wording import NUMBERS


class Asked(NamedTuple):
    """`parts`: the phrases to look for, each by itself; () if the text is declined. `without`: phrases that the answer must not fit.

    `plain` is the text without commands and polite words, which is the phrase to keep. `count`: how many things are wanted, 0 = not said. `kind` names what was special ("" for a plain phrase) and `say` is one sentence for the
    person: why the phrase is declined and what to write instead, or what to know beside the answer.
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
EMPTY = "Type what to look for, for example: the dog on the left."
LANGUAGE = "Only English is understood here; write for example: the dog on the left."
NOT_WORDS = "There is no English word in this that could be looked for; write for example: the dog on the left."
NEGATED = "This says what a thing is not, in a way that is not understood; say what it is, for example: the dog on the right."
EITHER = "With “or” it stays open which is meant; ask for one thing at a time."
NUMBERED = "Numbers and track ids cannot be read in a picture; say what it looks like or where it is, for example: the man on the left."
SOME = "It stays open which of them are meant; name them by their look or place, or ask for all."
QUESTION = "Questions are not answered here; name the thing to look for, for example: the dog on the left."
HOW_MANY = "It is not counted here; ask for “{}” to see those that are found."
PRONOUN = "“{}” does not say what kind of thing is meant; name it, for example: the dog on the left."
MANY = "This names several things; each has its own answer."
ONE = "This is read as one thing; Shift+Enter in the ask box, or --each in the shell, looks for each thing it names."
UNSEEN = "“{}” cannot be measured in a picture; this is what fits the other words best."

_ASKS = (r"(?:(?:can|could|would|will) you (?:please )?|i (?:want|need|would like|['’]d like) (?:you )?to |let['’]?s |help me (?:to )?|try to )?(?:please )?")
_THEN = r"(?: for)?(?: me| us)?(?: where)?(?: (?:is|are))?[: ]+(?=\S)"
_COMMAND = re.compile(
    rf"^(?:(?:hey|hi|hello|ok|okay|please|now|just)[,!]? +)*{_ASKS}(?:(?:find|locate|detect|segment|identify|point(?: me)? (?:out|at|to)|look(?:ing)? for|search(?:ing)? for|"
    rf"draw a box around|put a box around|take me to|i(?: a|['’])m looking for){_THEN}|(?:show|highlight|select|spot|see|get|give|mark|point)(?:(?: me| us)(?: where)?(?: (?:is|are))? (?=\S)|(?: where)? (?=(?:the|a|an|all|every|my|his|her|both|that|this)\b)))", re.I)
_WHERE = re.compile(r"^(?:(?:can|could) you (?:tell|show) me )?(?:where(?:['’]s|['’]re| is| are)(?: here)?|is there|are there|do you see|can you see|there(?:['’]s| is| are)|this is|that is|here is|i see) +(?=\S)", re.I)
_WHICH = re.compile(r"^(?:which|what) (?P<noun>.+?) (?:is|are) (?P<rest>(?!(?:the|an?|this|that|these|those|it|he|she|they|there|my|your|his|her|not) ?\b).+)$", re.I)
_WHO = re.compile(r"^who(?:['’]s| is| are) (?=\w+ing\b|in |on |at |to |behind |next |under |near |with )", re.I)
_TAIL = re.compile(r"(?:,? +(?:please|thanks|thank you)|(?:,? +(?:that (?:is|are) |seen |visible )?in (?:this|the) (?:picture|image|photo|photograph|frame|video|scene))|,? +here)+$", re.I)
_QUESTION = re.compile(r"^(?:(?:what|who|whose|whom|why|when|how|which|is|are|was|were)\b|(?:does|do|did|can|could|will|would|should|has|have) (?:i|you|he|she|it|we|they|the|a|an|any|this|that|these|those)\b)", re.I)
_HOW_MANY = re.compile(r"^(?:how (?:many|much)|count(?: of)?|(?:the |what is the )?number of)(?: the| all)? (?P<noun>.+?)(?: (?:are|is|do|can|there)\b.*)?$", re.I)
_NUMBER = re.compile(r"#\s*\d|\b(?:no\.?|nr\.?|num\.?|number|id|index|idx)[ :]*(?:\d+|two|three|four|five|six|seven|eight|nine|ten)\b|\bnumber one\b|\b(?:track|box|object|thing|item|region|label|instance|player|target)[ _-]?\d+\b", re.I)
_AFTER_NOUN = re.compile(r"^(?P<noun>.*[a-z]) \d+$", re.I)
_SOME = re.compile(rf"\b(?:{'|'.join(NUMBERS[1:])}|some|any|many|most|few|several|each|none|\d+) of (?:the|these|those|them)\b", re.I)
_UNSEEN = re.compile(r"\b(?:(?:most|least|more|less) (?!of\b)\w+|(?:old|young|fast|slow|heavy|light|strong|weak|rich|poor|smart|clever|cheap|pretti|happi|sadd|angri|new|warm|cold|hott|loud|quiet|ugli|nice|cut|hungri|bus|lazi|wis|brav|clos)(?:er|est) than\b"
                     r"|(?:oldest|youngest|fastest|slowest|heaviest|lightest|strongest|weakest|richest|poorest|smartest|cheapest|prettiest|happiest|saddest|angriest|newest|nicest|cutest|hungriest|best|worst|favou?rite))\b", re.I)
_PRONOUNS = frozenset("it its he him his she her hers they them their theirs this that these those one ones me you we us i mine yours other another same which who what there here everything "
                      "anything something all both each".split())
_PLACED = frozenset("the a an on in at to of from is are left right top bottom middle center centre front back side first second third fourth fifth last far near behind upper lower "
                    "corner next other and very most leftmost rightmost foreground background black white red orange yellow green blue purple pink brown gray grey big small large "
                    "bigger smaller larger biggest smallest largest".split())
_FOREIGN = frozenset("el la los las le les une der das ein eine einen einem gli il lo uno het een och ett det cette ces ist und avec sur dans con por mit auf von izquierda derecha gauche droite links rechts "
                     "perro perra gato hombre mujer chien chat homme femme hund katze mann frau cane gatto uomo donna".split())
_ENGLISH = frozenset("the an on in at of with and to from under behind is left right near by".split())
_AND = re.compile(r",? (?:and|as well as|plus) |, (?:and )?| ?[&+] ?", re.I)
_DETERMINED = re.compile(r"^(?:the|a|an|his|her|its|their|my|this|that|another|one|two|three|four|five|all|some)\b ", re.I)


@lru_cache(maxsize=1024)
def asked(text: str) -> Asked:
    """What a text asks for. Commands and polite words are left out ("find the dog, please"); the same text gives the same answer."""
    text = " ".join(text.split())
    if len(text) > LONGEST:
        return Asked((text,), plain=text)
    plain = _plain(text)
    for judge in (_no_english, _unanswerable, _numbered, _denied, _open, _pronoun, _several, _counted):
        found = judge(plain)
        if found is not None:
            return found._replace(plain=plain)
    unseen = _UNSEEN.search(plain)
    return Asked((plain,), kind="unseen" if unseen else "", say=UNSEEN.format(unseen.group()) if unseen else "", plain=plain)


def _plain(text: str) -> str:
    """The thing that a command or a question "where is" is about, in the words of the person."""
    for _ in range(3):
        before = text
        text = _TAIL.sub("", text.rstrip(" ?!.,;:") if len(text) > 1 else text) or text
        for pattern in (_COMMAND, _WHERE):
            text = pattern.sub("", text, count=1)
        if which := _WHICH.match(text):
            text = f"the {which['noun']} {which['rest']}"
        text = _WHO.sub("the person ", text)
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
        return Asked(kind="number", say=NUMBERED)
    return Asked(kind="gibberish", say=NOT_WORDS) if all(map(_no_word, words)) and read(text).meaning is None else None


def _foreign(text: str) -> bool:
    """Does it look like another language in Latin letters: no noun is known, no small word is English, and some are of others or have accents?"""
    words = set(re.findall(r"[^\W\d_]+", text.lower()))
    odd = words & _FOREIGN or len(words) > 1 and not text.isascii() and any(not word.isascii() for word in words)
    return bool(odd) and not words & _ENGLISH and read(text).meaning is None


def _no_word(word: str) -> bool:
    """Could nobody pronounce it? "tv" and "BMW" are short enough to be spelled."""
    return not word.isalpha() or len(word) == 1 or re.search(r"[b-df-hj-np-tv-xz]{6}|(.)\1{3}", word.lower()) is not None or len(word) > 4 and not re.search(r"[aeiouy]", word.lower())


def _unanswerable(text: str) -> Asked | None:
    if found := _HOW_MANY.match(text):
        return Asked(kind="question", say=HOW_MANY.format(found["noun"][:60]))
    return Asked(kind="question", say=QUESTION) if _QUESTION.match(text) else None


def _numbered(text: str) -> Asked | None:
    after = _AFTER_NOUN.match(text)
    known = after is not None and bool(english().concepts_of(after["noun"].lower().split()[-1]))
    return Asked(kind="number", say=NUMBERED) if known or _NUMBER.search(text) else None


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
    return rest._replace(without=tuple(_whole(rest.parts[0], part) for part in parts.negated), kind="negation")


def _whole(positive: str, part: str) -> str:
    """A denied part as a phrase: "on the left" of "the sheep", "the black one" of "the dogs"; "the cat" is one already."""
    noun = _noun(positive)
    if re.search(r"\bones?\b", part):
        return re.sub(r"\bones?\b", noun, part)
    if re.match(r"(?:the|a|an|his|her|my)\b", part, re.I):
        return part if read(part).meaning else f"{part} {noun}"
    return f"the {part} {noun}" if re.fullmatch(r"[\w-]+", part) else f"{positive} {part}"


def _noun(text: str) -> str:
    meaning = read(text).meaning
    return meaning.noun if meaning else re.findall(r"[^\W_]+", text)[-1]


def _open(text: str) -> Asked | None:
    if re.search(r"\b(?:or|either)\b", text, re.I):
        return Asked(kind="choice", say=EITHER)
    return Asked(kind="choice", say=SOME) if _SOME.search(text) else None


def _pronoun(text: str) -> Asked | None:
    words = re.findall(r"[a-z']+", text.lower())
    told = [word for word in words if word in _PRONOUNS]
    return Asked(kind="pronoun", say=PRONOUN.format(text[:60])) if words and set(words) <= _PRONOUNS | _PLACED and (told or read(text).meaning is None) else None


def _several(text: str) -> Asked | None:
    """Two things or more that are named side by side are looked for each by itself."""
    if re.search(r"\bbetween\b", text, re.I):
        return None
    first, *others = [piece for piece in _AND.split(re.sub(r"^both ", "", text, flags=re.I)) if piece] or [""]
    parts = [first]
    for piece in others:
        if _is_new(parts[-1], piece):
            parts.append(piece)
        else:
            parts[-1] = f"{parts[-1]} and {piece}"
    if len(parts) > 1:
        return Asked(tuple(map(_completed, parts[:10], (parts[-1], *parts), (parts[-1],) * 10)), kind="several", say=MANY)
    return Asked((text,), kind="joined", say=ONE) if others and read(first).meaning and _DETERMINED.match(others[-1]) and not _worn(others[-1]) else None


def _is_new(first: str, other: str) -> bool:
    """Does a thing of its own begin here, and not another part of what was said of the first?"""
    here, there = read(first).meaning, read(other).meaning
    determined = _DETERMINED.match(other) is not None
    if here is None:
        return determined and _DETERMINED.match(first) is not None
    if here.relation or re.search(r"\b\w+ing\b|\bwith\b", first, re.I):
        return there is not None and bool(there.relation or there.wearing or there.place)
    if here.wearing:
        return determined and not _worn(other)
    return determined or there is not None and not there.attributes and not read(other).unknown


def _completed(part: str, before: str, last: str) -> str:
    """A part with what it shares with others: "the white one" beside a dog is "the white dog", "the black" before "the white dog" is one too."""
    if re.search(r"\bones?\b", part):
        return re.sub(r"\bones?\b", _noun(before), part)
    if set(re.findall(r"[a-z]+", part.lower())) <= _PLACED and part != last:
        return f"{part} {_noun(last)}"
    side = re.search(r" from (?:the )?(?:left|right)$", last)
    return f"{part}{side.group()}" if side and part != last and re.search(rf"\b(?:{'|'.join(ORDINALS[1:])})\b", part) and " from " not in part else part


def _worn(text: str) -> bool:
    meaning = read(text).meaning
    return meaning is not None and any(concept.group in ("clothes", "parts") for concept in english().concepts_of(meaning.noun))


def _counted(text: str) -> Asked | None:
    """ "two dogs" are the two surest dogs."""
    found = re.match(r"^(?:the |all |all the |these |those )?(?P<count>\w+) (?P<rest>.+)$", text, re.I)
    count = found["count"].lower() if found else ""
    number = int(count) if count.isdecimal() and len(count) < 3 else NUMBERS.index(count) if count in NUMBERS[2:] else 2 if count == "both" else 0
    if number < 2 or not _counts(found["rest"]):
        return None
    return Asked((re.sub(r"^(?:of )?the ", "", found["rest"]),), count=number, kind="count")


def _counts(rest: str) -> bool:
    """Does a number before it count things: "dogs", "sheep", "pairs of scissors"?"""
    head = english().find(headed(rest)[0].split()[-1])
    return head is not None and (head.number == SEVERAL or head.plural == head.name != "") or rest.startswith("pairs of ")
