"""Values of the page: all translation between what Gradio carries and what the tasks take and give."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterable, Sequence
from typing import Any

from grounding.tasks.improve import weights
from grounding.tasks.label.annotate import author_of


def choices(projects: Iterable) -> list[tuple[str, str]]:
    """(name, id) pairs for a picker."""
    return [(project.name, project.id) for project in projects]


def chosen(wanted: str | None, projects: Sequence) -> str | None:
    """`wanted` if it is one of the projects, else the first one's id, else None."""
    ids = [project.id for project in projects]
    return wanted if wanted in ids else (ids[0] if ids else None)


def person(name: str | None) -> str:
    """A name as it will stand in what this person says; "me" where nothing is left of it."""
    return author_of(name or "").removeprefix("person:")


def label_names(text: str | None) -> list[str]:
    """Names from a text with commas, semicolons or lines between them; each once, in order."""
    names = [part.strip() for part in re.split(r"[,;\n]", text or "")]
    return list(dict.fromkeys(name for name in names if name))


def editor(project: str | None, item: str | None, user: str | None) -> str:
    """What the editor is told: which project, which item (None = its first), who works on it."""
    return json.dumps({"project": project, "item": item, "user": person(user)})


def fresh(project: str | None) -> str:
    """The value of a part; `seen` differs each time, so that a part also reloads when only the server's side changed."""
    return json.dumps({"project": project, "seen": time.time_ns()})


def job(job_id: str | None, done: str = "", link: str = "", link_text: str = "", nothing: str = "") -> str:
    """The value of the part that shows one job: what it says, and what it offers, when the job is done; `nothing`:
    where there was nothing to do."""
    return json.dumps({"job": job_id, "done": done, "link": link, "linkText": link_text, "nothing": nothing})


def stats(numbers: Iterable[tuple[Any, str]]) -> str:
    """A row of numbers with their names, as HTML."""
    cells = "".join(f'<div class="pg-stat"><b>{_text(value)}</b><span>{_text(name)}</span></div>' for value, name in numbers)
    return f'<div class="pg-stats">{cells}</div>'


def export_counts(written: dict[str, int]) -> list[tuple[int, str]]:
    """What an export will hold, as (number, name); names in the singular where there is one."""
    singular = {"boxes": "box"}
    return [(count, singular.get(name, name[:-1]) if count == 1 else name) for name, count in written.items()]


CORRECTED = (
    ("photos", "photos you worked on"),
    ("boxes", "boxes decided"),
    ("phrases", "phrases accepted or written"),
    ("rejected", "phrases rejected"),
)


def corrections(counts: dict[str, int]) -> str:
    """How much there is to learn from, as HTML."""
    return stats((counts[name], words) for name, words in CORRECTED)


def share(value: float | None) -> str:
    """A share in [0, 1] as a percentage; a dash where nothing was asked."""
    return "\u2013" if value is None else f"{100 * value:.1f} %"


def weight_choices(versions: Sequence) -> list[tuple[str, str]]:
    """(what a person reads, name) of all weights that may serve; the shipped ones have the empty name."""
    learned = [(f"Learned {_day(version.made)}: {share(version.after)} right", version.name) for version in versions]
    return [("Those that came with Deixis", ""), *learned]


def versions(all_of_them: Sequence) -> str:
    """Before and after of each training, the newest first, as HTML."""
    if not all_of_them:
        return '<p class="pg-lead">Nothing has been learned in this project yet.</p>'
    rows = [
        (
            _day(v.made),
            share(v.before),
            share(v.after),
            v.held_out_phrases,
            f"{v.phrases:,} on {v.photos:,} photos",
            "this project" if _calibrated(v) == "project" else _calibrated(v),
            "in use" if v.in_use else "",
        )
        for v in all_of_them
    ]
    used = "".join(sentence(weights.CALIBRATED[_calibrated(v)]) for v in all_of_them if v.in_use)
    newest = sentence(all_of_them[0].told) if all_of_them[0].told else ""
    head = ("Learned", "Before", "After", "Held-out phrases", "Learned from", "Scores calibrated on", "")
    return newest + table(head, rows, numeric=(1, 2, 3)) + used


def _calibrated(version: Any) -> str:
    """What the scores of weights were calibrated on; those of earlier days were never calibrated in their project."""
    return version.calibrated_on if version.calibrated_on in weights.CALIBRATED else "base"


def _day(moment: str) -> str:
    """An ISO time as 2026-11-22 14:05 (UTC)."""
    return moment[:16].replace("T", " ")


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], numeric: Sequence[int] = ()) -> str:
    """An HTML table; the columns in `numeric` stand at the right."""
    def cell(tag: str, n: int, value: Any) -> str:
        return f'<{tag}{" class=pg-num" if n in numeric else ""}>{_text(value)}</{tag}>'

    top = "".join(cell("th", n, value) for n, value in enumerate(head))
    body = "".join("<tr>" + "".join(cell("td", n, value) for n, value in enumerate(row)) + "</tr>" for row in rows)
    return f'<table class="pg-table"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def sentence(text: str) -> str:
    """One sentence, as HTML."""
    return f'<p class="pg-lead">{_text(text)}</p>'


def lead(title: str, text: str) -> str:
    """A heading with one sentence below it, as HTML."""
    return f"<h2>{_text(title)}</h2><p>{_text(text)}</p>"


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:,}"
    return html.escape(str(value))
