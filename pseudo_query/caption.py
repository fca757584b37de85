"""Captions: which stretches of a sentence name things that can be pointed at."""

from __future__ import annotations

from pseudo_query.grammar import english_parser


def noun_phrases(text: str) -> tuple[tuple[int, int], ...]:
    """(start, end) in characters of each phrase that names something, in order: "A man" and "his dog" in "A man walks his dog".

    Pronouns alone ("he", "it") and expletives name nothing new and are left out; a phrase that touches the next by "of" ("a group of
    people", "the back of a truck") is one. () where the sentence names nothing. Raises RuntimeError where no English model is installed.
    """
    spans: list[tuple[int, int]] = []
    for chunk in english_parser()(text).noun_chunks:
        joined = spans and text[spans[-1][1]:chunk.start_char].strip().lower() == "of"
        if joined:
            spans[-1] = (spans[-1][0], chunk.end_char)
        elif chunk.root.pos_ != "PRON" and any(sign.isalnum() for sign in chunk.text):
            spans.append((chunk.start_char, chunk.end_char))
    return tuple(spans)
