"""Values of the page: all translation between what Gradio carries and what the tasks take and give."""

from __future__ import annotations

import html
import json
import re
import time
from collections.abc import Iterable, Sequence
from typing import Any

from grounding.tasks.improve import weights
from grounding.tasks.label.annotate import person_author


def project_choices(projects: Iterable) -> list[tuple[str, str]]:
    """(name, id) pairs for a picker."""
    return [(project.name, project.id) for project in projects]


def select_project(project_id: str | None, projects: Sequence) -> str | None:
    """`project_id` if it is one of the projects, else the first one's id, else None."""
    ids = [project.id for project in projects]
    return project_id if project_id in ids else (ids[0] if ids else None)


def person_name(name: str | None) -> str:
    """A name as it will stand in what this person says; "me" where nothing is left of it."""
    return person_author(name or "").removeprefix("person:")


def label_names(text: str | None) -> list[str]:
    """Names from a text with commas, semicolons or lines between them; each once, in order."""
    names = [part.strip() for part in re.split(r"[,;\n]", text or "")]
    return list(dict.fromkeys(name for name in names if name))


def editor_value(project: str | None, item: str | None, user: str | None) -> str:
    """What the editor is told: which project, which item (None = its first), who works on it."""
    return json.dumps({"project": project, "item": item, "user": person_name(user)})


def component_value(project: str | None) -> str:
    """The value of a part; `seen` differs each time, so that a part also reloads when only the server's side changed."""
    return json.dumps({"project": project, "seen": time.time_ns()})


def job_value(job_id: str | None, done: str = "", link: str = "", link_text: str = "", nothing: str = "") -> str:
    """The value of the part that shows one job: what it says, and what it offers, when the job is done; `nothing`:
    where there was nothing to do."""
    return json.dumps({"job": job_id, "done": done, "link": link, "linkText": link_text, "nothing": nothing})


def stats_html(numbers: Iterable[tuple[Any, str]]) -> str:
    """A row of numbers with their names, as HTML."""
    cells = "".join(f'<div class="pg-stat"><b>{_escape(value)}</b><span>{_escape(name)}</span></div>' for value, name in numbers)
    return f'<div class="pg-stats">{cells}</div>'


def export_counts(written: dict[str, int]) -> list[tuple[int, str]]:
    """What an export will hold, as (number, name); names in the singular where there is one."""
    singular = {"boxes": "box"}
    return [(count, singular.get(name, name[:-1]) if count == 1 else name) for name, count in written.items()]


CORRECTION_COUNTS = (
    ("photos", "photos you worked on"),
    ("boxes", "boxes decided"),
    ("phrases", "phrases accepted or written"),
    ("rejected", "phrases rejected"),
)


def corrections_html(counts: dict[str, int]) -> str:
    """How much there is to learn from, as HTML."""
    return stats_html((counts[name], words) for name, words in CORRECTION_COUNTS)


def percent(value: float | None) -> str:
    """A share in [0, 1] as a percentage; a dash where nothing was asked."""
    return "\u2013" if value is None else f"{100 * value:.1f} %"


def weight_choices(versions: Sequence) -> list[tuple[str, str]]:
    """(what a person reads, name) of all weights that may serve; the shipped ones have the empty name."""
    trained = [(f"Learned {_minute_of(version.made)}: {percent(version.after)} right", version.name) for version in versions]
    return [("Those that came with Deixis", ""), *trained]


def versions_html(trainings: Sequence) -> str:
    """Before and after of each training, the newest first, as HTML."""
    if not trainings:
        return '<p class="pg-lead">Nothing has been learned in this project yet.</p>'
    rows = [
        (
            _minute_of(v.made),
            percent(v.before),
            percent(v.after),
            v.held_out_phrases,
            f"{v.phrases:,} on {v.photos:,} photos",
            "this project" if _calibrated(v) == "project" else _calibrated(v),
            "in use" if v.in_use else "",
        )
        for v in trainings
    ]
    used = "".join(sentence_html(weights.CALIBRATION_NOTES[_calibrated(v)]) for v in trainings if v.in_use)
    newest = sentence_html(trainings[0].comparison) if trainings[0].comparison else ""
    head = ("Learned", "Before", "After", "Held-out phrases", "Learned from", "Scores calibrated on", "")
    return newest + table_html(head, rows, numeric=(1, 2, 3)) + used


def _calibrated(version: Any) -> str:
    """What the scores of weights were calibrated on; those of earlier days were never calibrated in their project."""
    return version.calibrated_on if version.calibrated_on in weights.CALIBRATION_NOTES else "base"


def _minute_of(moment: str) -> str:
    """An ISO time as 2026-11-22 14:05 (UTC)."""
    return moment[:16].replace("T", " ")


def table_html(header: Sequence[str], rows: Iterable[Sequence[Any]], numeric: Sequence[int] = ()) -> str:
    """An HTML table; the columns in `numeric` stand at the right."""
    def cell(tag: str, n: int, value: Any) -> str:
        return f'<{tag}{" class=pg-num" if n in numeric else ""}>{_escape(value)}</{tag}>'

    top = "".join(cell("th", n, value) for n, value in enumerate(header))
    body = "".join("<tr>" + "".join(cell("td", n, value) for n, value in enumerate(row)) + "</tr>" for row in rows)
    return f'<table class="pg-table"><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>'


def sentence_html(text: str) -> str:
    """One sentence, as HTML."""
    return f'<p class="pg-lead">{_escape(text)}</p>'


def heading_html(title: str, text: str) -> str:
    """A heading with one sentence below it, as HTML."""
    return f"<h2>{_escape(title)}</h2><p>{_escape(text)}</p>"


def _escape(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        value = f"{value:,}"
    return html.escape(str(value))
