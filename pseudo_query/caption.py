"""Captions: which stretches of a sentence name things that can be pointed at."""

from __future__ import annotations

import re

from pseudo_query.grammar import load_spacy_model

LOCATION_NOUNS = frozenset("left right top bottom middle center centre front back background foreground side corner".split())
NEGATION = r"(?:\b(?:not|no|without|except|excluding|neither|nor|never)|n['’]t)\b"
LOCATION_PREPOSITIONS = frozenset(("of", "on", "to", "at", "in"))


def noun_phrases(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) in characters of each phrase that names something, in order: "A man" and "his dog" in "A man walks
    his dog".

    Pronouns alone ("he", "it") and expletives name nothing new and are left out. A phrase that touches the next by "of"
    ("a group of people", "the back of a truck") is one, and so is a thing with its place ("the horse on the left") or
    with what it is said not to have ("a man without a hat"); a place alone is none, nor is what is only denied ("not
    the dog"). () where the sentence names nothing. Raises RuntimeError where no English model is installed.
    """
    spans: list[tuple[int, int, bool]] = []  # and whether it is a place alone
    for chunk in load_spacy_model()(text).noun_chunks:
        if spans and chunk.start_char < spans[-1][1]:
            continue  # a part of what the thing before is not
        between = text[spans[-1][1] if spans else 0:chunk.start_char].strip().lower()
        is_location = chunk.root.text.lower() in LOCATION_NOUNS
        negated = re.search(rf"{NEGATION}(?: \w+)?$", between) or re.match(NEGATION, chunk.text, re.I)
        if spans and (negated or between == "of" or is_location and between in LOCATION_PREPOSITIONS):
            spans[-1] = (spans[-1][0], chunk.end_char, spans[-1][2] and is_location)
        elif not negated and chunk.root.pos_ != "PRON" and any(sign.isalnum() for sign in chunk.text):
            spans.append((chunk.start_char, _phrase_end(chunk), is_location))
    if spans and (negated_tail := re.match(rf"(?:\W+\w+(?:['’]\w+)?){{0,3}}?\W*{NEGATION}[^,.;!?]*", text[spans[-1][1]:], re.I)):
        spans[-1] = (spans[-1][0], spans[-1][1] + len(negated_tail.group().rstrip()), spans[-1][2])
    return tuple((start, end) for start, end, place in spans if not place)


def _phrase_end(chunk) -> int:
    """Where a phrase ends: behind a clause that says what the thing is not ("the sheep that is not on the left"), else
    with its noun."""
    negated_clauses = [
        clause
        for clause in chunk.root.children
        if clause.dep_ in ("relcl", "acl") and any(word.dep_ == "neg" for word in clause.children)
    ]
    edges = [chunk.doc[:clause.right_edge.i + 1] for clause in negated_clauses]
    return max([chunk.end_char, *(len(re.sub(r"[\s,]+(?:and|or|but)$", "", edge.text)) for edge in edges)])
