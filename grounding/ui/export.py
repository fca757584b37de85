"""Export: what people said, written so that other tools can read it."""

from __future__ import annotations

from types import SimpleNamespace

import gradio as gr

from grounding.services.job_kinds import ExportJob
from grounding.tasks.publish.counts import count_project
from grounding.ui import values
from grounding.ui.context import UIContext
from grounding.ui.events import connect
from grounding.ui.widgets import widget

INCLUDE_CHOICES = [("What people made or accepted", "accepted"), ("Untouched proposals too", "proposals")]
FORMAT_CHOICES = [
    ("COCO, for photos and videos (CVAT, FiftyOne, pycocotools); phrases as gRefCOCO", "coco"),
    ("MOT, one gt.txt a video (TrackEval, CVAT)", "mot"),
    ("CVAT video XML 1.1, with keyframes and captions", "cvat"),
    ("VidSTG, sentences with their extent in time", "vidstg"),
]
PICTURE_CHOICES = [
    ("With pictures; frames of videos as PNG, exact", "png"),
    ("With pictures; frames of videos as JPEG, small", "jpg"),
    ("Without pictures", "none"),
]
FRAME_CHOICES = [("Frames on which something is seen", "annotated"), ("Keyframes only", "keyframes"), ("All frames", "all")]


def build(context: UIContext, top: SimpleNamespace) -> SimpleNamespace:
    """The tab; nothing of it is needed elsewhere."""
    with gr.Tab("Export", id="export") as tab, gr.Column(elem_classes="pg-pane"):
        gr.HTML(
            values.heading_html("Export", "A .zip that other tools read. COCO takes everything; the other formats are about videos only.")
        )
        with gr.Column(elem_classes="pg-sheet"):
            format = gr.Radio(FORMAT_CHOICES, value="coco", label="Format", elem_id="pg-format")
            include = gr.Radio(INCLUDE_CHOICES, value="accepted", label="What to write", elem_id="pg-include")
            frames = gr.Radio(FRAME_CHOICES, value="annotated", label="Frames of videos", elem_id="pg-frames")
            pictures = gr.Radio(
                PICTURE_CHOICES, value="png", label="Pictures", info="Photos go out as they came in.", elem_id="pg-pictures"
            )
            empty = gr.Checkbox(True, label="Keep photos and videos on which nothing is marked (they teach a detector what is not there)")
            preview = gr.HTML(elem_id="pg-preview")
            start = gr.Button("Prepare the .zip", variant="primary", elem_classes="pg-fit", elem_id="pg-export-go")
            job = widget("job", emits=("ended",), elem_id="pg-export-job")
    _wire(
        context,
        top,
        tab,
        SimpleNamespace(
            format=format,
            include=include,
            frames=frames,
            pictures=pictures,
            empty=empty,
            preview=preview,
            start=start,
            job=job,
        ),
    )
    return SimpleNamespace()


def _wire(context: UIContext, top: SimpleNamespace, tab: gr.Tab, form: SimpleNamespace) -> None:
    counted = [top.project, form.include, form.empty]

    def count(project_id, include, empty, request: gr.Request):
        context.access_policy.check_access(request.username, project_id)
        return values.stats_html(values.export_counts(count_project(context.store, project_id).export_counts(include, empty)))

    def start(project_id, include, frames, empty, format, pictures, request: gr.Request):
        context.access_policy.check_access(request.username, project_id)
        picture_settings = {"photos": pictures != "none", "frame_format": "jpg" if pictures == "jpg" else "png"}
        job_id = context.job_services.start(
            ExportJob(project_id, include=include, frames=frames, empty=empty, format=format, **picture_settings)
        )
        return values.job_value(job_id, "The export is ready.", f"/api/exports/{job_id}", "Download the .zip")

    changes = [top.project.change, form.include.change, form.frames.change, form.empty.change]
    connect([tab.select, *changes], count, counted, form.preview)
    connect([*changes, form.format.change, form.pictures.change], lambda: values.job_value(None), None, form.job)
    connect(form.start.click, start, [top.project, form.include, form.frames, form.empty, form.format, form.pictures], form.job)
