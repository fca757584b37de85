"""Negation: what a phrase says a thing is not, apart from what it says it is."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple


class Split(NamedTuple):
    """The `positive` part of a phrase ("the dog"), and each thing it is said not to be, as a phrase of its own after `negated`
    ("on the left", "the black one"). `clear` is False where a negation was found that is not understood."""

    positive: str
    negated: tuple[str, ...] = ()
    clear: bool = True


_CUE = (r"\b(?:not|non|no|never|without|w/o|except|excepting|excluding|neither|nor|nobody|nothing|none|lacking|unless|cannot|minus|(?:is|are|was|were|do|does|did|has|have|had|wo|ca|ai|could|would|should)n['’]?t"
        r"|other than|apart from|aside from|besides|rather than|instead of|with the exception of|anything but|^(?:all|every|everything|everyone)\b.* but)(?![\w.]*\d)(?!\. ?\d)\b")
_SIGNS = re.compile(r"\b(?:no[- ](?:parking|entry|smoking|swimming|stopping|standing|u[- ]turn|left turn|right turn|passing|dumping|trespassing|vacancy|\w+ (?:sign|zone))"
                    r"|do not (?:enter|cross|disturb|pass|touch)|don['’]?t walk|non[- ]?(?:stop|stick|slip|fiction|alcoholic|dairy)|no\.? ?(?:\d+|two|three|four|five|six|seven|eight|nine|ten))\b", re.I)
_FORM = r"(?:,?\s+(?:that|which|who))?(?:['’]s|\s+(?:is|are|was|were|be|being|does|do|did|has|have|had|can|will|would|could))?"
_SHORT = r"(?:,?\s+(?:that|which|who))?\s+(?:is|are|was|were|do|does|did|has|have|had|ca|ai|could|would|should|wo)n['’]?t"
_SHAPES = tuple(re.compile(shape, re.I) for shape in (
    rf"^(?P<pos>.+?){_FORM},? neither (?P<neg>.+?),? nor (?P<more>.+)$",
    r"^(?P<pos>.+?),? (?:except(?:ing)?(?: for)?|excluding|other than|apart from|aside from|besides|rather than|instead of|with the exception of|minus) (?P<neg>.+)$",
    r"^(?:(?:all|every)(?: of)? )(?P<pos>.+?),? but (?P<neg>.+)$"))
_LACKS = re.compile(rf"^(?P<pos>.+?){_FORM},? (?:(?:without|w/o|lacking)(?P<verb>)(?: any)?|(?P<v2>with|having|wearing|holding|carrying|riding)? ?no) (?P<neg>.+)$", re.I)
_BEFORE = re.compile(r"^(?P<pre>(?:(?:the|a|an|all|any|every|all the) )?)(?:not|non)[- ](?!(?:the|a|an|on|in|at|to|of|with|wearing|holding|my|his|her)\b)(?P<neg>[\w-]+) (?P<rest>.+)$", re.I)
_NOT = (re.compile(rf"^(?P<pos>.+?){_SHORT} (?P<neg>.+)$", re.I), re.compile(rf"^(?P<pos>.+?){_FORM},? (?:not|never) (?P<neg>.+)$", re.I))
_FURTHER = re.compile(r",? (?:and|or|nor|but)(?: (?:is|are))? not (?:also )?|,? nor |,? not | or (?=(?:on|in|at|with|wearing|holding|the|a|an)\b)", re.I)


@lru_cache(maxsize=4096)
def split(text: str) -> Split:
    """What a phrase says, and what it denies: "the dog that is not on the left" says "the dog" and denies "on the left"."""
    text = " ".join(text.split())
    if len(text) > 1000 or not _denies(text):
        return Split(text)
    positive, negated = _parted(text)
    if not _named(positive) or not negated or _denies(positive) or any(_denies(part) or not re.search(r"\w", part) for part in negated):
        return Split(positive or "", (), False)
    return Split(positive, negated)


def _denies(text: str) -> bool:
    return re.search(_CUE, _SIGNS.sub(" ", text), re.I) is not None


def _named(positive: str) -> bool:
    """Is anything said but articles and words that stand for others?"""
    return bool(set(re.findall(r"\w+", positive.lower())) - set("the a an all any every each one ones it this that them there is are he she they everything everyone anything just only and but of".split()))


def _parted(text: str) -> tuple[str, tuple[str, ...]]:
    for shape in _SHAPES:
        if found := shape.match(text):
            return found["pos"].rstrip(","), _denied(found["neg"], *filter(None, (found.groupdict().get("more"),)))
    if found := _BEFORE.match(text):
        return f"{found['pre']}{found['rest']}", (f"{found['pre']}{found['neg']} {found['rest']}" if found["pre"] else f"the {found['neg']} {found['rest']}",)
    for shape in _NOT:
        if found := shape.match(text):
            neg, _, instead = found["neg"].partition(" but ")
            return f"{re.sub(r',?( and| but)?$', '', found['pos'])} {instead}".strip(), _denied(neg)
    if found := _LACKS.match(text):
        return found["pos"].rstrip(","), tuple(f"{found['v2'] or 'with'} {part}" for part in re.split(r",? (?:or|and|nor) (?:a |an |any |no )?", found["neg"]))
    return "", ()


def _denied(*parts: str) -> tuple[str, ...]:
    return tuple(re.sub(r"^(?:being|also) ", "", piece.strip(" ,")) for part in parts for piece in _FURTHER.split(part))
