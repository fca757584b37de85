"""The same tasks from a shell:  python -m grounding TASK ..."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from grounding.cli.choice import DetectorOption, JsonOption, chosen_model, open_models, open_store
from grounding.cli.convert import convert_weights
from grounding.cli.evaluate import evaluate_app
from grounding.cli.lines import answer_lines, phrase_lines, project_line, proposal_lines, track_line, track_row
from grounding.cli.restore import restore
from grounding.cli.terminal import FAILED, CommandExit, interrupt_on_sigterm, print_result, print_skipped, reporting_errors, run_task
from grounding.cli.train import train_app

ABOUT = """Deixis: annotate photos and videos by pointing with words.

Projects live in the folder $DEIXIS_DATA (default ~/.local/share/deixis); the page and the shell share them.
Answers go to stdout, progress and complaints to stderr. Exit codes: 0 done, 1 nothing could be done, 2 wrong usage, 130 stopped.

\b
A first round:
  python -m grounding load "Street" ~/photos --propose     photos in, boxes and phrases proposed
  python -m grounding serve                                correct them in the browser
  python -m grounding publish "Street" street.zip          out again as COCO
"""

app = typer.Typer(help=ABOUT, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)
app.add_typer(train_app, name="train")
app.add_typer(evaluate_app, name="evaluate")
app.command("convert-weights")(convert_weights)
app.command()(restore)

Paths = Annotated[
    list[Path],
    typer.Argument(help="Photos, videos, folders, .zip archives, COCO sets, or videos with MOT, CVAT or VidSTG files."),
]


@app.command()
def load(project: Annotated[str, typer.Argument(help="Name of the project; made if there is none.")], paths: Paths,
         propose: Annotated[bool, typer.Option("--propose", help="Let the models propose boxes, phrases and tracks.")] = False,
         detector: DetectorOption = "", as_json: JsonOption = False) -> None:
    """Bring photos, videos, folders, .zip archives or COCO sets into a project.

    A COCO set is a .json with images and boxes (instances*.json or any other name) in a folder or .zip, and the photos
    beside it, in photos/ or under images/. Name the .json alone to have what it lists and nothing else. Its boxes (and
    phrases in grefs*.json) come in as accepted. So do the tracks of a gt.txt (MOT), an annotations.xml (CVAT for video)
    or a folder vidor/ (VidSTG) with the video beside it. What cannot be read is named with the cure, and the rest goes
    on. The same file is never added twice.

    \b
    python -m grounding load "Street" photo.jpg film.mp4 ~/more-photos
    python -m grounding load "Street" coco.zip
    python -m grounding load "Street" film.mp4 annotations.xml
    python -m grounding load "Street" ~/photos --propose
    """
    with reporting_errors(as_json):
        from grounding.services.jobs import to_jsonable
        from grounding.tasks.intake.load import load as task

        store = open_store()
        with _open_or_create_project(store, project) as target:
            detector = detector or chosen_model(store, target.id, "detector")
            models = open_models("detector", "generator", "tracker", detector=detector) if propose else {}
            report = run_task(task(store, target.id, paths, **models), as_json)
        if not as_json:
            print_skipped(report.skipped)
            print_skipped(report.notes)
        print_result(to_jsonable(report), as_json, [report.summary()])
        if not (report.added or report.boxes or report.tracks or report.phrases) and len(report.skipped) > report.known:
            raise CommandExit(FAILED)


@app.command()
def propose(paths: Paths, detector: DetectorOption = "", as_json: JsonOption = False) -> None:
    """Show what the models propose for photos: boxes and phrases. Nothing is stored.

    With --json each photo is one line: {"file", "width", "height", "objects": [{"box", "label", "score"}],
    "phrases": [{"text", "targets", "unique", "score", "rule"}]}; targets count the objects from 0.

    \b
    python -m grounding propose photo.jpg
    python -m grounding propose ~/photos --json > proposals.jsonl
    """
    with reporting_errors(as_json):
        from grounding.tasks.intake.preview import propose_files

        models, photo_count, skipped = open_models("detector", "generator", detector=detector), 0, []
        for photo in propose_files(paths, skipped=skipped, **models):
            print_result(photo, as_json, proposal_lines(photo))
            photo_count += 1
        print_skipped(skipped)
        if not photo_count:
            raise CommandExit(FAILED)


@app.command()
def ground(
    photo: Annotated[Path, typer.Argument(help="A photo.")],
    phrase: Annotated[str, typer.Argument(help="What to look for, in English.")],
    grounder: Annotated[
        str,
        typer.Option(help="A grounder of the catalog, NAME:MODEL for one of others, or the .json of trained weights."),
    ] = "",
    top: Annotated[int, typer.Option(min=1, help="How many boxes at most.")] = 5,
    each: Annotated[bool, typer.Option("--each", help="The phrase is a caption: find each thing it names.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Find what a phrase points at: boxes, best first, in pixels of the upright photo.

    A phrase that is not understood (a track's number, a question) is declined in a sentence; that is not to say that
    there is nothing.

    With --json: {"query", "regions": [{"box": [x0, y0, x1, y1], "score", "label"}], "ms": {...}, "note"?, "declined"?};
    with --each {"query", "phrases": [{"text", "span": [start, end], "regions"}], "ms"}, spans in characters.

    \b
    python -m grounding ground photo.jpg "the woman in a red coat"
    python -m grounding ground photo.jpg "left dog" --top 1 --json
    """
    with reporting_errors(as_json):
        from grounding.data.media import open_image
        from grounding.tasks.label.ground import ground as task
        from grounding.tasks.label.ground import ground_caption

        image = open_image(photo)
        if each:
            result = ground_caption(image, phrase, **open_models("grounder", grounder=grounder)).to_json()
            result["phrases"] = [part | {"regions": part["regions"][:top]} for part in result["phrases"]]
            return print_result(result, as_json, [line for part in result["phrases"] for line in phrase_lines(part)])
        answer = task(image, phrase, **open_models("grounder", grounder=grounder)).to_json()
        answer["regions"] = answer["regions"][:top]
        print_result(answer, as_json, answer_lines(answer))


@app.command()
def follow(video: Annotated[Path, typer.Argument(help="A video.")],
           every: Annotated[int, typer.Option(min=1, help="Detect in every n-th frame only.")] = 1, detector: DetectorOption = "",
           tracker: Annotated[str, typer.Option(help="Which tracker of the catalog to use.")] = "", as_json: JsonOption = False) -> None:
    """Track everything in a video, with one phrase each. Nothing is stored.

    With --json: {"video", "width", "height", "frames", "tracks": [{"label", "caption", "score",
    "keyframes": [{"frame", "box", "outside"}]}]}; frames count from 0.

    \b
    python -m grounding follow film.mp4
    python -m grounding follow film.mp4 --every 3 --json
    """
    with reporting_errors(as_json):
        from grounding.tasks.intake.preview import open_external_video
        from grounding.tasks.video.follow import follow as task

        with run_task(open_external_video(video), as_json) as opened:
            models = open_models("detector", "tracker", "generator", detector=detector, tracker=tracker)
            tracks = run_task(task(opened, every=every, **models), as_json) or []
            value = {"video": opened.name, "width": opened.size.width, "height": opened.size.height, "frames": len(opened),
                     "tracks": [track_row(track) for track in tracks]}
        print_result(value, as_json, [track_line(track) for track in tracks] or ["nothing was found to follow"])


@app.command()
def publish(
    project: Annotated[str, typer.Argument(help="Name of the project.")],
    out: Annotated[Path, typer.Argument(help="A file that ends in .zip, or a new or empty folder.")],
    format: Annotated[str, typer.Option(help="coco, or of videos only: mot, cvat (video XML 1.1), vidstg.")] = "coco",
    include: Annotated[str, typer.Option(help="accepted, or proposals for those too that nobody rejected.")] = "accepted",
    frames: Annotated[str, typer.Option(help="Of videos: annotated, keyframes or all frames.")] = "annotated",
    frame_format: Annotated[str, typer.Option(help="png (exact) or jpg (small).")] = "png",
    empty: Annotated[bool, typer.Option(help="Keep photos without a box or phrase.")] = True,
    photos: Annotated[bool, typer.Option(help="Write the photos too, not only the JSON.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Write a project in a form that other tools read.

    coco: photos and frames in the layout of CVAT, phrases beside them in the form of gRefCOCO:
    images/default/..., annotations/instances_default.json, annotations/grefs(default).json. Photos are upright, names
    relative, ids the same in every export. mot, cvat and vidstg: a folder a video, with the video itself; --frames keyframes
    leaves interpolated boxes out. A folder is replaced only if it is empty or an earlier export.

    \b
    python -m grounding publish "Street" street.zip
    python -m grounding publish "Street" out/ --include proposals --frames keyframes
    python -m grounding publish "Street" tracks.zip --format mot
    """
    with reporting_errors(as_json):
        from grounding.services.jobs import to_jsonable
        from grounding.tasks.publish.publish import publish as task

        store = open_store()
        options = {"include": include, "frames": frames, "frame_format": frame_format, "empty": empty, "photos": photos}
        report = run_task(task(store, store.project(project).id, out, format, **options), as_json)
        if not as_json:
            print_skipped(report.skipped)
        print_result(to_jsonable(report) | {"out": str(out)}, as_json, [f"{report.summary()} to {out}"])


@app.command()
def projects(as_json: JsonOption = False) -> None:
    """List the projects, with their labels and how many items are new, in progress and done.

    \b
    python -m grounding projects --json
    """
    with reporting_errors(as_json):
        store = open_store()
        rows = [{"id": p.id, "name": p.name, "labels": [label.name for label in p.labels], "counts": store.counts(p.id)}
                for p in store.projects()]
        print_result(
            rows, as_json, [project_line(row) for row in rows] or ["no project yet; make one with: python -m grounding load NAME PATH"]
        )


@app.command()
def serve(port: Annotated[int, typer.Option(min=1, max=65535, help="Port on 127.0.0.1.")] = 7860) -> None:
    """Open the page on this machine: http://127.0.0.1:7860

    \b
    python -m grounding serve --port 8000
    """
    from grounding import catalog

    program = ["-P", "-m", "grounding.app"] if catalog.INSTALLED else [str(catalog.HERE.parent / "app.py")]
    os.execve(sys.executable, [sys.executable, *program], {**os.environ, "PORT": str(port)})


@contextlib.contextmanager
def _open_or_create_project(store, name: str) -> Iterator[Any]:
    """The project of this name or id; one that is new goes again if nothing came into it."""
    from grounding.store import NotFound

    found = None
    with contextlib.suppress(NotFound):
        found = store.project(name)
    if found and not found.trashed:
        yield found
        return
    made = store.create_project(name)
    try:
        yield made
    finally:
        if not store.items(made.id, limit=1):
            store.purge_project(made.id)


def main() -> None:
    """The way in of `python -m grounding` and of the command `deixis`."""
    interrupt_on_sigterm()
    try:
        app()
    except CommandExit as stop:
        sys.exit(stop.code)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
