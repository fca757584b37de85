"""Captions: which stretches of a sentence name things that can be pointed at."""

from __future__ import annotations

from pseudo_query.grammar import english_parser

PLACES = frozenset("left right top bottom middle center centre front back background foreground side corner".split())
JOINS = frozenset(("of", "on", "to", "at", "in"))


def noun_phrases(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) in characters of each phrase that names something, in order: "A man" and "his dog" in "A man walks his dog".

    Pronouns alone ("he", "it") and expletives name nothing new and are left out. A phrase that touches the next by "of" ("a group of
    people", "the back of a truck") is one, and so is a thing with its place ("the horse on the left"); a place alone is none.
    () where the sentence names nothing. Raises RuntimeError where no English model is installed.
    """
    spans: list[tuple[int, int, bool]] = []  # and whether it is a place alone
    for chunk in english_parser()(text).noun_chunks:
        between = text[spans[-1][1]:chunk.start_char].strip().lower() if spans else ""
        place = chunk.root.text.lower() in PLACES
        if between == "of" or place and between in JOINS:
            spans[-1] = (spans[-1][0], chunk.end_char, spans[-1][2] and place)
        elif chunk.root.pos_ != "PRON" and any(sign.isalnum() for sign in chunk.text):
            spans.append((chunk.start_char, chunk.end_char, place))
    return tuple((start, end) for start, end, place in spans if not place)
