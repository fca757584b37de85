"""Grammar: does a phrase parse as meant? The head is the class noun, its modifiers hang on it, articles fit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from pseudo_query.inflection import split_head_noun
from pseudo_query.lexicon import PAIR, PLURAL, english_lexicon, indefinite_article
from pseudo_query.phrases import Meaning, PseudoQuery
from pseudo_query.wording import plural

# Words of place mislead the parser: "left of" is a verb to it, "back" an adverb. They are replaced by plain ones first.
_LOCATION_REPLACEMENTS = [(re.compile(pattern), plain) for pattern, plain in (
    (r"\b(to the |on the )?(left|right) of\b", "near"),
    (r"\b(on top of|next to|in front of)\b", "near"),
    (r"\b(in|at|on) the (top|bottom|upper|lower) (left|right)( corner)?\b", "in the corner"),
    (r"\b(on|to|at) the (very |far )?(left|right|top|bottom)( side)?\b", "in the corner"),
    (r"\bfrom (the )?(left|right)\b", "in the corner"),
    (r"\bin (front|(the )?(back|middle|center|background|foreground))\b", "in the corner"),
    (r"\b(farthest away|closest to the camera)$", "in the corner"),
    (r"\b((far|top|bottom|upper|lower) )?(left|right|leftmost|rightmost|top|bottom|upper|lower|topmost|bottommost|highest|lowest|"
     r"middle|center|front|back|far|closest|nearest|farthest|larger|bigger|smaller|largest|biggest|smallest)\b(?= [a-z])", "small"))]
_ERROR_PATTERNS = [(re.compile(pattern), reason) for pattern, reason in (
    (r"\bin the (front|behind)\b", '"in front" and "behind" take no article'),
    (r"\b(the|a|an) (the|a|an)\b", "two articles meet"),
    (r"\b(\w+) \1\b", "a word is said twice"))]


class GrammarChecker:
    """Checks phrases with spaCy, which is imported and loaded only when the first phrase comes."""

    def __init__(self, parser: Any = None):
        """`parser`: a spaCy pipeline; without one the installed English model is used."""
        self._parser = parser

    def problems(self, candidate: PseudoQuery) -> list[str]:
        """What is wrong with a phrase, in words; [] for a good one."""
        return self.batch_problems([candidate])[0]

    def partition(self, candidates: Sequence[PseudoQuery]) -> tuple[list[PseudoQuery], list[tuple[PseudoQuery, str]]]:
        """The good ones, and the others with what is wrong."""
        reasons = self.batch_problems(candidates)
        return ([c for c, found in zip(candidates, reasons) if not found],
                [(c, found[0]) for c, found in zip(candidates, reasons) if found])

    def batch_problems(self, candidates: Sequence[PseudoQuery]) -> list[list[str]]:
        """What is wrong with each of several phrases; one pass of the parser for all."""
        texts = [_with_determiner(neutralize_locations(c.query)) for c in candidates]
        parser = self._parser or load_spacy_model()
        return [_surface_problems(c) + ([] if c.meaning is None else _parse_problems(doc, c.meaning))
                for c, doc in zip(candidates, parser.pipe(texts, batch_size=256))]


@lru_cache(maxsize=1)
def load_spacy_model() -> Any:
    """The installed English model of spaCy; raises RuntimeError with the cure where there is none."""
    import spacy

    names = sorted(name for name in spacy.util.get_installed_models() if name.startswith("en_"))
    if not names:
        raise RuntimeError("the grammar check needs an English model of spaCy; install one, or leave --grammar out")
    return spacy.load(names[0], exclude=["ner", "lemmatizer"])


def neutralize_locations(text: str) -> str:
    """The phrase with its words of place replaced by ones a parser is not misled by."""
    for pattern, word in _LOCATION_REPLACEMENTS:
        text = pattern.sub(word, text)
    return text


def _with_determiner(text: str) -> str:
    return text if re.match(r"(the|a|an|all|both|two|three|four|five|six) ", text) else f"the {text}"


def _surface_problems(candidate) -> list[str]:
    """What needs no parser: articles and repetitions."""
    found = [reason for pattern, reason in _ERROR_PATTERNS if pattern.search(candidate.query)]
    for word, after in re.findall(r"\b(an?) (\S+)", candidate.query):
        if indefinite_article(after) != word:
            found.append(f'"{word} {after}" should be "{indefinite_article(after)} {after}"')
        elif english_lexicon().concepts_of(after) and english_lexicon().find(after).number in (PAIR, PLURAL):
            found.append(f'"{after}" takes no "{word}"')
    return found


def _parse_problems(doc, meaning: Meaning) -> list[str]:
    """What the parse says against the meaning: another head, or a modifier that hangs elsewhere."""
    head = next((token for token in doc if token.dep_ == "ROOT"), None)
    nouns = _head_forms(meaning)
    if head is None or head.text not in nouns:
        return [f'the head is "{head.text if head is not None else ""}", not "{meaning.noun}"']
    found = []
    for word in (word for attribute in meaning.attributes for word in attribute.split()):
        if not any(token.text == word and head in (token.head, token.head.head) for token in doc):
            found.append(f'"{word}" does not belong to "{head.text}"')
    for word in filter(None, (meaning.wearing or ("", ""))):
        token = next((token for token in doc if token.text == word.split()[-1]), None)
        if token is None or not _is_postmodifier(token, head):
            found.append(f'"{word}" is not joined to "{head.text}"')
    return found


def _head_forms(meaning) -> set[str]:
    """What the head may look like: the noun, its head word or a part of it between hyphens, in one and in many."""
    names = {meaning.noun, plural(meaning.noun) or meaning.noun}
    heads = {split_head_noun(name)[0].split()[-1] for name in names}
    return names | heads | {part for head in heads for part in head.split("-")}


def _is_postmodifier(token, head) -> bool:
    """Is the token joined to the head by a preposition or a verb that follows it ("in red", "wearing a hat")?"""
    path = list(token.ancestors)
    if head not in path:
        return False
    between = [token, *path[: path.index(head)]]
    return any(step.pos_ in ("ADP", "VERB", "AUX") and step.i > head.i for step in between)
