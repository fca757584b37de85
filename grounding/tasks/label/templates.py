"""Templates: which patterns of proposed phrases people keep, and which of them a project does without."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from grounding.data import Annotation
from grounding.machine.disk import write_atomic
from grounding.store import Store
from grounding.tasks.improve.weights import project_folder, read_choices
from grounding.tasks.label.propose import PhraseGenerator

EXAMPLES = {  # what each pattern says, for people; those at the end only where they were used
    "noun": "the dog",
    "place noun": "the left dog",
    "noun place": "the dog on the left",
    "ordinal noun": "the second dog from the left",
    "noun clothes": "the man in a red shirt",
    "place noun clothes": "the left man in a red shirt",
    "noun clothes place": "the man in red on the left",
    "noun relation": "the dog next to the bench",
    "place noun relation": "the left dog next to the bench",
    "noun clothes relation": "the man in red next to the bench",
    "place noun clothes relation": "the left man in red next to the bench",
    "plural": "all the dogs",
    "number of": "two dogs",
    "nothing": "the red car (where there is none)",
}
ALWAYS_LISTED = tuple(EXAMPLES)[:-1]
FILE = "templates.json"
_writing = threading.Lock()


@dataclass
class TemplateStats:
    """One pattern in one project: `seen` is a phrase of it from there ("" if none yet), the counts are of phrases.

    A phrase that went because its box was wrong tells nothing of its words, and is not counted.
    """

    name: str
    example: str
    seen: str = ""
    accepted: int = 0
    edited: int = 0
    rejected: int = 0
    waiting: int = 0
    off: bool = False

    @property
    def decided(self) -> int:
        """How many phrases of it somebody decided about."""
        return self.accepted + self.edited + self.rejected


def template_of(rule: str | None) -> str:
    """The pattern that a phrase's `rule` begins with; "" for a rule of another kind. What follows it are the facts it used."""
    return max((name for name in _names() if (rule or "").startswith(f"{name} ")), key=len, default="")


def template_stats(store: Store, project_id: str) -> list[TemplateStats]:
    """Every pattern of the generator, in its order, with what people made of its phrases; reads the project once."""
    counts, seen, disabled = Counter(), {}, disabled_templates(store, project_id)
    for _, annotations in store.annotations(project_id):
        alive = {a.object for a in annotations if a.value is not None and a.state != "rejected"}
        for a in annotations:
            name = template_of(a.value.rule) if a.kind == "phrase" and a.value is not None else ""
            if name and (decision := _decision(a, alive)):
                counts[name, decision] += 1
                seen.setdefault((name, decision), a.value.text)
    used = {name for name, _ in counts}
    return [
        TemplateStats(
            name,
            EXAMPLES.get(name, ""),
            next((seen[name, fate] for fate in ("accepted", "waiting", "rejected") if (name, fate) in seen), ""),
            off=name in disabled,
            **{fate: counts[name, fate] for fate in ("accepted", "edited", "rejected", "waiting")},
        )
        for name in _names()
        if name in used or name in disabled or name in ALWAYS_LISTED
    ]


def disabled_templates(store: Store, project_id: str) -> frozenset[str]:
    """The patterns that proposals of this project leave out."""
    return frozenset(read_choices(store, project_id, FILE).get("off", ()))


def set_enabled(store: Store, project_id: str, name: str, enabled: bool) -> frozenset[str]:
    """Switches one pattern on or off for proposals made from now on; the patterns then off. Raises ValueError for an unknown name."""
    if name not in _names():
        raise ValueError(f"there is no template {name[:60]!r}; the list of templates names them all")
    with _writing:
        disabled = disabled_templates(store, project_id) - {name} if enabled else disabled_templates(store, project_id) | {name}
        write_atomic(project_folder(store, project_id) / FILE, json.dumps({"off": sorted(disabled)}).encode())
    return disabled


def without_templates(generator: Any, names: Iterable[str]) -> Any:
    """The generator of phrases, leaving these patterns out; the same one where there are none."""
    from pseudo_query import DEFAULT

    names = frozenset(names)
    return (
        PhraseGenerator(partial(generator, settings=replace(DEFAULT, disabled_templates=names)), generator.version) if names else generator
    )


def _names() -> tuple[str, ...]:
    from pseudo_query.templates import template_names

    return template_names()


def _decision(a: Annotation, alive: set[str]) -> str:
    """accepted, edited, rejected or waiting; "" for a phrase that was rejected along with all its boxes."""
    if a.state == "proposed":
        return "waiting"
    if a.state == "rejected":
        return "" if a.targets and not alive & set(a.targets) else "rejected"
    return "edited" if a.value.origin == "person" else "accepted"
