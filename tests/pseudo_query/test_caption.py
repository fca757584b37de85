"""The phrases of a caption that name something."""

import pytest

from pseudo_query.caption import noun_phrases


@pytest.mark.parametrize("text, phrases", [
    ("A man walks his dog .", ["A man", "his dog"]),
    ("He jumps over it.", []),
    ("Two women in red coats sit on a bench", ["Two women", "red coats", "a bench"]),
    ("a group of people wait", ["a group of people"]),
    ("the horse on the left and a man", ["the horse on the left", "a man"]),
    ("The back of a truck stands behind a girl", ["The back of a truck", "a girl"]),
    ("", []), ("!!!", [])])
def test_the_phrases_that_name_something_with_their_places(text, phrases):
    spans = noun_phrases(text)
    assert [text[start:end] for start, end in spans] == phrases
    assert list(spans) == sorted(spans)
