"""Negation: what a phrase says a thing is not, apart from what it says it is."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pseudo_query.patterns import one_of, word_of
from pseudo_query.wording import NUMBERS


LONGEST = 1000  # characters that are searched


class Split(NamedTuple):
    """The `positive` part of a phrase ("the dog"), and in `negated` each thing it is said not to be ("on the left",
    "the black one"). `clear` is False where a negation was found that is not understood."""

    positive: str
    negated: tuple[str, ...] = ()
    clear: bool = True


# Words that deny, and names and numbers that only look like it: "no parking sign", "no. 5".
_DENYING = one_of(
    "not", "non", "no", "never", "without", "w/o", "except", "excepting", "excluding", "neither", "nor", "nobody",
    "nothing", "none", "lacking", "unless", "cannot", "minus",
    "(?:is|are|was|were|do|does|did|has|have|had|wo|ca|ai|could|would|should)n['’]?t",
    "other than", "apart from", "aside from", "besides", "rather than", "instead of", "with the exception of",
    "anything but",
    r"^(?:all|every|everything|everyone)\b.* but",
)  # fmt: skip
_DENIAL = re.compile(rf"\b{_DENYING}(?![\w.]*\d)(?!\. ?\d)\b", re.I)
_FORBIDDEN = one_of(
    "parking", "entry", "smoking", "swimming", "stopping", "standing", "u[- ]turn", "left turn", "right turn",
    "passing", "dumping", "trespassing", "vacancy",
    r"\w+ (?:sign|zone)",
)  # fmt: skip
_DIGITS = one_of(r"\d+", *NUMBERS[2:])
_NAME = one_of(
    rf"no[- ]{_FORBIDDEN}",
    "do not (?:enter|cross|disturb|pass|touch)",
    "don['’]?t walk",
    "non[- ]?(?:stop|stick|slip|fiction|alcoholic|dairy)",
    rf"no\.? ?{_DIGITS}",
)
_NAMES = re.compile(rf"\b{_NAME}\b", re.I)

# The shapes of a phrase that denies: `pos` is what it says, `neg` what it denies.
_RELATIVE = r"(?:,?\s+(?:that|which|who))?"
_VERB = word_of("is are was were be being does do did has have had can will would could")
_CLAUSE = rf"{_RELATIVE}(?:['’]s|\s+{_VERB})?"
_SHORT_VERB = word_of("is are was were do does did has have had ca ai could would should wo")
_SHORT_CLAUSE = rf"{_RELATIVE}\s+{_SHORT_VERB}n['’]?t"
_EXCEPT = one_of(
    "except(?:ing)?(?: for)?", "excluding", "other than", "apart from", "aside from", "besides", "rather than",
    "instead of", "with the exception of", "minus",
)  # fmt: skip
_EXCEPTIONS = (
    re.compile(rf"^(?P<pos>.+?){_CLAUSE},? neither (?P<neg>.+?),? nor (?P<more>.+)$", re.I),
    re.compile(rf"^(?P<pos>.+?),? {_EXCEPT} (?P<neg>.+)$", re.I),
    re.compile(r"^(?:(?:all|every)(?: of)? )(?P<pos>.+?),? but (?P<neg>.+)$", re.I),
)
_HAVING = word_of("with having wearing holding carrying riding")
_LACKS = re.compile(
    rf"^(?P<pos>.+?){_CLAUSE},? (?:(?:without|w/o|lacking)(?: any)?|(?P<verb>{_HAVING})? ?no) (?P<neg>.+)$", re.I)
_NOT_A_QUALITY = word_of("the a an on in at to of with wearing holding my his her")
_BEFORE_NOUN = re.compile(
    r"^(?P<pre>(?:(?:the|a|an|all|any|every|all the) )?)(?:not|non)[- ]"
    rf"(?!{_NOT_A_QUALITY}\b)(?P<neg>[\w-]+) (?P<rest>.+)$", re.I)
_NOT = (
    re.compile(rf"^(?P<pos>.+?){_SHORT_CLAUSE} (?P<neg>.+)$", re.I),
    re.compile(rf"^(?P<pos>.+?){_CLAUSE},? (?:not|never) (?P<neg>.+)$", re.I),
)
_FURTHER = re.compile(one_of(
    ",? (?:and|or|nor|but)(?: (?:is|are))? not (?:also )?",
    ",? nor ",
    ",? not ",
    r" or (?=(?:on|in|at|with|wearing|holding|the|a|an)\b)",
), re.I)  # fmt: skip
_UNNAMED = frozenset(
    "the a an all any every each one ones it this that them there is are he she they everything everyone anything just "
    "only and but of".split()
)


@lru_cache(maxsize=4096)
def split(text: str) -> Split:
    """What a phrase says and denies: "the dog that is not on the left" says "the dog" and denies "on the left"."""
    text = " ".join(text.split())
    if len(text) > LONGEST or not _denies(text):
        return Split(text)
    positive, negated = _parted(text)
    clear = negated and _named(positive) and all(re.search(r"\w", part) for part in negated)
    if not clear or any(map(_denies, (positive, *negated))):
        return Split(positive, (), False)
    return Split(positive, negated)


def _denies(text: str) -> bool:
    return _DENIAL.search(_NAMES.sub(" ", text)) is not None


def _named(positive: str) -> bool:
    """Is anything said but articles and words that stand for others?"""
    return bool(set(re.findall(r"\w+", positive.lower())) - _UNNAMED)


def _parted(text: str) -> tuple[str, tuple[str, ...]]:
    for shape in _EXCEPTIONS:
        if found := shape.match(text):
            return found["pos"].rstrip(","), _denied(found["neg"], found.groupdict().get("more") or "")
    if found := _BEFORE_NOUN.match(text):
        return f"{found['pre']}{found['rest']}", (f"{found['pre'] or 'the '}{found['neg']} {found['rest']}",)
    for shape in _NOT:
        if found := shape.match(text):
            neg, _, instead = found["neg"].partition(" but ")
            return f"{re.sub(r',?( and| but)?$', '', found['pos'])} {instead}".strip(), _denied(neg)
    if found := _LACKS.match(text):
        lacking = re.split(r",? (?:or|and|nor) (?:a |an |any |no )?", found["neg"])
        return found["pos"].rstrip(","), tuple(f"{found['verb'] or 'with'} {part}" for part in lacking)
    return "", ()


def _denied(*parts: str) -> tuple[str, ...]:
    pieces = (piece.strip(" ,") for part in parts if part for piece in _FURTHER.split(part))
    return tuple(re.sub(r"^(?:being|also) ", "", piece) for piece in pieces)
