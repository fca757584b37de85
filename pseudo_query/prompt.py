"""Query prompt: the fixed sentence a query is wrapped in before a language model reads it."""

from __future__ import annotations

from collections.abc import Callable

PROMPTS = {
    "none": "{query}",
    "refcoco": "find the region that corresponds to the description {query}",  # the authors' release, RefCOCO family and Flickr
    "referit": "Which region does the text {query} describe?",  # the authors' release, ReferIt
}
MAX_WORD_PIECES = 40  # the paper's 20 leave 8 or 9 for the query itself
Prompt = str | Callable[[str], str]


def apply_prompt(query: str, prompt: Prompt = "none") -> str:
    """The query inside its prompt: a name of PROMPTS, a sentence with "{query}", or a function (a learned prompt)."""
    if prompt == "none":
        return query
    if callable(prompt):
        return prompt(query)
    sentence = PROMPTS.get(prompt, prompt)
    if "{query}" not in sentence:
        raise ValueError(f'a prompt is one of {", ".join(PROMPTS)} or a sentence with "{{query}}"; got {prompt!r}')
    return sentence.replace("{query}", query)
