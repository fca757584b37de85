"""Captions: which stretches of a sentence name things that can be pointed at."""

from __future__ import annotations

import re

from pseudo_query.grammar import english_parser

PLACES = frozenset("left right top bottom middle center centre front back background foreground side corner".split())
DENIES = r"(?:\b(?:not|no|without|except|excluding|neither|nor|never)|n['’]t)\b"
JOINS = frozenset(("of", "on", "to", "at", "in"))


def noun_phrases(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) in characters of each phrase that names something, in order: "A man" and "his dog" in "A man walks
    his dog".

    Pronouns alone ("he", "it") and expletives name nothing new and are left out. A phrase that touches the next by "of"
    ("a group of people", "the back of a truck") is one, and so is a thing with its place ("the horse on the left") or
    with what it is said not to have ("a man without a hat"); a place alone is none, nor is what is only denied ("not
    the dog"). () where the sentence names nothing. Raises RuntimeError where no English model is installed.
    """
    spans: list[tuple[int, int, bool]] = []  # and whether it is a place alone
    for chunk in english_parser()(text).noun_chunks:
        if spans and chunk.start_char < spans[-1][1]:
            continue  # a part of what the thing before is not
        between = text[spans[-1][1] if spans else 0:chunk.start_char].strip().lower()
        place = chunk.root.text.lower() in PLACES
        denied = re.search(rf"{DENIES}(?: \w+)?$", between) or re.match(DENIES, chunk.text, re.I)
        if spans and (denied or between == "of" or place and between in JOINS):
            spans[-1] = (spans[-1][0], chunk.end_char, spans[-1][2] and place)
        elif not denied and chunk.root.pos_ != "PRON" and any(sign.isalnum() for sign in chunk.text):
            spans.append((chunk.start_char, _end(chunk), place))
    if spans and (rest := re.match(rf"(?:\W+\w+(?:['’]\w+)?){{0,3}}?\W*{DENIES}[^,.;!?]*", text[spans[-1][1]:], re.I)):
        spans[-1] = (spans[-1][0], spans[-1][1] + len(rest.group().rstrip()), spans[-1][2])
    return tuple((start, end) for start, end, place in spans if not place)


def _end(chunk) -> int:
    """Where a phrase ends: behind a clause that says what the thing is not ("the sheep that is not on the left"), else
    with its noun."""
    denials = [
        clause
        for clause in chunk.root.children
        if clause.dep_ in ("relcl", "acl") and any(word.dep_ == "neg" for word in clause.children)
    ]
    edges = [chunk.doc[:clause.right_edge.i + 1] for clause in denials]
    return max([chunk.end_char, *(len(re.sub(r"[\s,]+(?:and|or|but)$", "", edge.text)) for edge in edges)])
