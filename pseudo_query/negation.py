"""Negation: what a phrase says a thing is not, apart from what it says it is."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from pseudo_query.patterns import one_of, word_of
from pseudo_query.wording import NUMBER_WORDS

MAX_LENGTH = 1000  # characters that are searched


class NegationSplit(NamedTuple):
    """The `positive` part of a phrase ("the dog"), and in `negated` each thing it is said not to be ("on the left",
    "the black one"). `clear` is False where a negation was found that is not understood."""

    positive: str
    negated: tuple[str, ...] = ()
    resolved: bool = True


# Words that deny, and names and numbers that only look like it: "no parking sign", "no. 5".
_NEGATORS = one_of(
    "not", "non", "no", "never", "without", "w/o", "except", "excepting", "excluding", "neither", "nor", "nobody",
    "nothing", "none", "nowhere", "lacking", "unless", "cannot", "minus", "but for",
    "(?:excludes?|omit|omitting|ignore|ignoring|leav(?:e|ing) out)",
    "(?:is|are|was|were|do|does|did|has|have|had|wo|ca|ai|could|would|should)n['’]?t",
    "other than", "apart from", "aside from", "besides", "rather than", "instead of", "with the exception of",
    "anything but",
    r"^(?:all|any|each|every|everything|everyone)\b.* but", r"but (?=the (?:\w+ )?ones?$)",
)  # fmt: skip
_NEGATION = re.compile(rf"\b{_NEGATORS}(?![\w.]*\d)(?!\. ?\d)\b", re.I)
_FORBIDDEN = one_of(
    "parking", "entry", "smoking", "swimming", "stopping", "standing", "u[- ]turn", "left turn", "right turn",
    "passing", "dumping", "trespassing", "vacancy",
    r"\w+ (?:sign|zone)",
)  # fmt: skip
_DIGITS = one_of(r"\d+", *NUMBER_WORDS[2:])
_NON_NEGATING_NAME = one_of(
    rf"no[- ]{_FORBIDDEN}",
    "do not (?:enter|cross|disturb|pass|touch)",
    "don['’]?t walk",
    "non[- ]?(?:stop|stick|slip|fiction|alcoholic|dairy)",
    rf"no\.? ?{_DIGITS}",
    "minus (?:sign|button|key)",
)
_NON_NEGATING_NAMES = re.compile(rf"\b{_NON_NEGATING_NAME}\b", re.I)

# The shapes of a phrase that denies: `pos` is what it says, `neg` what it denies.
_RELATIVE = r"(?:,?\s+(?:that|which|who))?"
_VERB = word_of("is are was were be being does do did has have had can will would could")
_CLAUSE = rf"{_RELATIVE}(?:['’]s|\s+{_VERB})?"
_SHORT_VERB = word_of("is are was were do does did has have had ca ai could would should wo")
_SHORT_CLAUSE = rf"{_RELATIVE}\s+{_SHORT_VERB}n['’]?t"
_EXCEPT = one_of(
    "except(?:ing)?(?: for)?", "(?:but |and )?exclud(?:ing|es?)", "other than", "apart from", "aside from", "besides",
    "rather than", "instead of", "with the exception of", "minus", "but for", "not (?:including|counting)",
    "(?:but |and )?(?:omit|omitting|ignore|ignoring|leav(?:e|ing) out)",
)  # fmt: skip
_HAVING = word_of("with having wearing holding carrying riding in on at under near beside behind")
_EXCEPTIONS = (
    re.compile(rf"^(?P<pos>.+?){_CLAUSE},?(?P<how> {_HAVING})? neither (?P<neg>.+?),? nor (?P<more>.+)$", re.I),
    re.compile(rf"^(?P<pos>.+?),? {_EXCEPT} (?P<neg>.+)$", re.I),
    re.compile(r"^(?:(?:all|any|each|every)(?: of)? )(?P<pos>.+?),? but (?P<neg>.+)$", re.I),
    re.compile(r"^(?P<pos>.+?),? but (?P<neg>the (?:\w+ )?ones?)$", re.I),
)
_LACKING = re.compile(
    rf"^(?P<pos>.+?){_CLAUSE}(?: got)?,?(?P<beside> (?:and|but))? "
    rf"(?:(?:without|w/o|lacking)(?: any)?|(?P<verb>{_HAVING})? ?no) (?P<neg>.+)$", re.I)
_NOT_AN_ADJECTIVE = word_of(
    "the a an on in at to of with wearing holding my his her just only even all every each any many much both quite "
    "really so too very yet one two"
)
_NEGATED_ADJECTIVE = re.compile(
    r"^(?P<pre>(?:(?:the|a|an|all|any|every|all the) )?)(?:not|non)[- ]"
    rf"(?!{_NOT_AN_ADJECTIVE}\b)(?P<neg>[\w-]+) (?P<rest>.+)$", re.I)
_NOT = (
    re.compile(rf"^(?P<pos>.+?){_SHORT_CLAUSE} (?P<neg>.+)$", re.I),
    re.compile(rf"^(?P<pos>.+?){_CLAUSE},? (?:not|never|nowhere) (?!just\b|only\b|all\b|every\b)(?P<neg>.+)$", re.I),
)
_NEGATED_COORDINATION = re.compile(one_of(
    ",? (?:and|or|nor|but)(?: (?:is|are))? not (?:also )?",
    ",? nor ",
    ",? not ",
    " or ",
), re.I)  # fmt: skip
_FUNCTION_WORDS = frozenset(
    "the a an all any every each one ones it this that them there is are he she they everything everyone anything just "
    "only and but of do does did please can could will would should must may you".split()
)
# How an auxiliary bends what is denied: "does not wear a hat" is not "wearing a hat".
_INFLECTED_FORMS = {"wear": "wearing", "hold": "holding", "carry": "carrying", "ride": "riding", "sit": "sitting", "lie": "lying",
         "stand": "standing", "walk": "walking", "run": "running", "face": "facing", "look": "looking"} | dict.fromkeys(
    ("have", "has", "had", "got"), "with")
_LEADING_AUXILIARY = re.compile(r"^(?:being|been|be|also|yet) ")


@lru_cache(maxsize=4096)
def split_negation(text: str) -> NegationSplit:
    """What a phrase says and denies: "the dog that is not on the left" says "the dog" and denies "on the left"."""
    text = " ".join(text.split())
    if len(text) > MAX_LENGTH or not _has_negation(text):
        return NegationSplit(text)
    positive, negated = _match_negation(text)
    clear = negated and _has_content_word(positive) and all(re.search(r"\w", part) for part in negated)
    if not clear or any(map(_has_negation, (positive, *negated))):
        return NegationSplit(positive, (), False)
    return NegationSplit(positive, negated)


def _has_negation(text: str) -> bool:
    return _NEGATION.search(_NON_NEGATING_NAMES.sub(" ", text)) is not None


def _has_content_word(positive: str) -> bool:
    """Is anything said but articles and words that stand for others?"""
    return bool(set(re.findall(r"\w+", positive.lower())) - _FUNCTION_WORDS)


def _match_negation(text: str) -> tuple[str, tuple[str, ...]]:
    for shape in _EXCEPTIONS:
        if found := shape.match(text):
            how = found.groupdict().get("how") or ""
            parts = _negated_parts(found["neg"], found.groupdict().get("more") or "")
            return found["pos"].rstrip(","), tuple(f"{how} {part}".strip() for part in parts)
    if found := _NEGATED_ADJECTIVE.match(text):
        return f"{found['pre']}{found['rest']}", (f"{found['pre'] or 'the '}{found['neg']} {found['rest']}",)
    for shape in _NOT:
        if found := shape.match(text):
            neg, but, instead = found["neg"].partition(" but ")
            plain = re.sub(r"[ ,;:-]*( and| but)?$", "", found["pos"])
            if but and neg.startswith("any "):  # "not any colour but red"
                break
            return f"{plain} {instead}".strip(), tuple(f"{plain} {part}" if but else part for part in _negated_parts(neg))
    if found := _LACKING.match(text):
        lacking = re.split(r",? (?:or|and|nor) (?:a |an |any |no )?", found["neg"])
        beside = found["beside"] and not re.search(rf"\b{_HAVING}\b", found["pos"], re.I)  # "horses but no zebras"
        how = "" if beside else f"{found['verb'] or 'with'} "
        return found["pos"].rstrip(","), tuple(f"{how}{part}" for part in lacking)
    return "", ()


def _negated_parts(*parts: str) -> tuple[str, ...]:
    pieces = (_LEADING_AUXILIARY.sub("", piece.strip(" ,")) for part in parts if part for piece in _NEGATED_COORDINATION.split(part))
    words = (piece.partition(" ") for piece in pieces)
    return tuple(f"{_INFLECTED_FORMS.get(first.lower(), first)}{blank}{rest}" for first, blank, rest in words)
