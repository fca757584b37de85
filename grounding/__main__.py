"""The same tasks from a shell:  python -m grounding TASK ..."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from grounding import __version__
from grounding.shell import FAILED, Stop, plainly, run, say, stop_politely, warn

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
train_app = typer.Typer(help="Train a model on your own data.", no_args_is_help=True, rich_markup_mode=None)
evaluate_app = typer.Typer(help="Measure a model on data with known answers.", no_args_is_help=True, rich_markup_mode=None)
app.add_typer(train_app, name="train")
app.add_typer(evaluate_app, name="evaluate")

Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs instead of lines for people.")]
Detector = Annotated[str, typer.Option(help="Which detector of the catalog to use; docs/models.md tells how to name one of others.")]
Paths = Annotated[list[Path], typer.Argument(help="Photos, videos, folders, .zip archives or COCO sets.")]


@app.command()
def load(project: Annotated[str, typer.Argument(help="Name of the project; made if there is none.")], paths: Paths,
         propose: Annotated[bool, typer.Option("--propose", help="Let the models propose boxes, phrases and tracks.")] = False,
         detector: Detector = "", as_json: Json = False) -> None:
    """Bring photos, videos, folders, .zip archives or COCO sets into a project.

    A COCO set is a folder or .zip with instances*.json at its root or in annotations/, and the photos beside it, in
    photos/ or under images/. Its boxes (and phrases in grefs*.json) come in as accepted. What cannot be read is named
    with the cure, and the rest goes on. The same file is never added twice.

    \b
    python -m grounding load "Street" photo.jpg film.mp4 ~/more-photos
    python -m grounding load "Street" coco.zip
    python -m grounding load "Street" ~/photos --propose
    """
    with plainly(as_json):
        from grounding.jobs import plain
        from grounding.tasks.load import load as task

        store = _store()
        with _made(store, project) as target:
            detector = detector or _chosen(store, target.id, "detector")
            models = _models("detector", "generator", "tracker", detector=detector) if propose else {}
            report = run(task(store, target.id, paths, **models), as_json)
        if not as_json:
            warn(report.skipped), warn(report.notes)
        say(plain(report), as_json, [report.summary()])
        if not report.added and not report.boxes and len(report.skipped) > report.known:
            raise Stop(FAILED)


@app.command()
def propose(paths: Paths, detector: Detector = "", as_json: Json = False) -> None:
    """Show what the models propose for photos: boxes and phrases. Nothing is stored.

    With --json each photo is one line: {"file", "width", "height", "objects": [{"box", "label", "score"}],
    "phrases": [{"text", "targets", "unique", "score", "rule"}]}; targets count the objects from 0.

    \b
    python -m grounding propose photo.jpg
    python -m grounding propose ~/photos --json > proposals.jsonl
    """
    with plainly(as_json):
        from grounding.tasks.look import proposals

        models, seen, refused = _models("detector", "generator", detector=detector), 0, []
        for photo in proposals(paths, refused=refused, **models):
            say(photo, as_json, _proposal_lines(photo))
            seen += 1
        warn(refused)
        if not seen:
            raise Stop(FAILED)


@app.command()
def ground(photo: Annotated[Path, typer.Argument(help="A photo.")],
           phrase: Annotated[str, typer.Argument(help="What to look for, in English.")],
           grounder: Annotated[str, typer.Option(help="A grounder of the catalog, NAME:MODEL for one of others, or the .json of trained weights.")] = "",
           top: Annotated[int, typer.Option(min=1, help="How many boxes at most.")] = 5,
           each: Annotated[bool, typer.Option("--each", help="The phrase is a caption: find each thing it names.")] = False,
           as_json: Json = False) -> None:
    """Find what a phrase points at: boxes, best first, in pixels of the upright photo.

    With --json: {"query", "regions": [{"box": [x0, y0, x1, y1], "score", "label"}], "ms": {...}}; with --each
    {"query", "phrases": [{"text", "span": [start, end], "regions"}], "ms"}, spans in characters.

    \b
    python -m grounding ground photo.jpg "the woman in a red coat"
    python -m grounding ground photo.jpg "left dog" --top 1 --json
    """
    with plainly(as_json):
        from grounding.data.media import open_image
        from grounding.tasks.ground import ground as task
        from grounding.tasks.ground import ground_caption

        image = open_image(photo)
        if each:
            found = ground_caption(image, phrase, **_models("grounder", grounder=grounder)).to_json()
            found["phrases"] = [part | {"regions": part["regions"][:top]} for part in found["phrases"]]
            return say(found, as_json, [line for part in found["phrases"] for line in _phrase_lines(part)])
        answer = task(image, phrase, **_models("grounder", grounder=grounder)).to_json()
        answer["regions"] = answer["regions"][:top]
        say(answer, as_json, _region_lines(answer["regions"]) or ["nothing in this photo fits the phrase"])


@app.command()
def follow(video: Annotated[Path, typer.Argument(help="A video.")],
           every: Annotated[int, typer.Option(min=1, help="Detect in every n-th frame only.")] = 1, detector: Detector = "",
           tracker: Annotated[str, typer.Option(help="Which tracker of the catalog to use.")] = "", as_json: Json = False) -> None:
    """Track everything in a video, with one phrase each. Nothing is stored.

    With --json: {"video", "width", "height", "frames", "tracks": [{"label", "caption", "score",
    "keyframes": [{"frame", "box", "outside"}]}]}; frames count from 0.

    \b
    python -m grounding follow film.mp4
    python -m grounding follow film.mp4 --every 3 --json
    """
    with plainly(as_json):
        from grounding.tasks.follow import follow as task
        from grounding.tasks.look import strange_video

        with run(strange_video(video), as_json) as film:
            models = _models("detector", "tracker", "generator", detector=detector, tracker=tracker)
            tracks = run(task(film, every=every, **models), as_json) or []
            value = {"video": film.name, "width": film.size.width, "height": film.size.height, "frames": len(film),
                     "tracks": [_track_row(track) for track in tracks]}
        say(value, as_json, [_track_line(track) for track in tracks] or ["nothing was found to follow"])


@app.command()
def publish(project: Annotated[str, typer.Argument(help="Name of the project.")],
            out: Annotated[Path, typer.Argument(help="A file that ends in .zip, or a new or empty folder.")],
            format: Annotated[str, typer.Option(help="coco, or of videos only: mot, cvat (video XML 1.1), vidstg.")] = "coco",
            include: Annotated[str, typer.Option(help="accepted, or proposals for those too that nobody rejected.")] = "accepted",
            frames: Annotated[str, typer.Option(help="Of videos: annotated, keyframes or all frames.")] = "annotated",
            frame_format: Annotated[str, typer.Option(help="png (exact) or jpg (small).")] = "png",
            empty: Annotated[bool, typer.Option(help="Keep photos without a box or phrase.")] = True,
            photos: Annotated[bool, typer.Option(help="Write the photos too, not only the JSON.")] = True, as_json: Json = False) -> None:
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
    with plainly(as_json):
        from grounding.jobs import plain
        from grounding.tasks.publish import publish as task

        store = _store()
        choice = {"include": include, "frames": frames, "frame_format": frame_format, "empty": empty, "photos": photos}
        report = run(task(store, store.project(project).id, out, format, **choice), as_json)
        if not as_json:
            warn(report.skipped)
        say(plain(report) | {"out": str(out)}, as_json, [f"{report.summary()} to {out}"])


@train_app.command("grounder")
def train_grounder(out: Annotated[Path, typer.Option(help="Where the weights go: OUT.safetensors, with OUT.json beside it.")],
                   data: Annotated[Path | None, typer.Option(help="A folder of photos and phrases, as Flickr30k Entities.")] = None,
                   project: Annotated[str, typer.Option(help="A project: learn from what was corrected in it.")] = "",
                   source: Annotated[str, typer.Option("--from", help="With --data: pseudo (photos alone), human or both.")] = "both",
                   epochs: Annotated[float | None, typer.Option(help="With --data: how often each photo is seen.")] = None,
                   size: Annotated[str, typer.Option(help="With --data: default, or fast (smaller and a little worse).")] = "default",
                   teacher: Annotated[Path | None, typer.Option(help="With --data: the .json of other weights; only pseudo queries they agree with are learned.")] = None,
                   agree: Annotated[float, typer.Option(min=0, max=1, help="With --teacher: the IoU from which it agrees.")] = 0.5,
                   start: Annotated[Path | None, typer.Option(help="With --project: the .json of other weights to start from.")] = None,
                   seed: int = 0, resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
                   as_json: Json = False) -> None:
    """Train a grounder from scratch on a folder, or let the shipped one learn from a project's corrections.

    Features of photos are computed once and kept in the data folder. With --data, photos whose number ends in 0 are held
    out and the accuracy on them is said. With --project, a fifth of the corrected photos is held out, and the accuracy on
    them before and after is said. A run that was stopped goes on with --resume and comes to the same numbers.

    \b
    python -m grounding train grounder --data photos/ --from pseudo --out mine.safetensors
    python -m grounding train grounder --project "Street" --out street.safetensors
    python -m grounding ground photo.jpg "left dog" --grounder street.json
    """
    if (data is None) == (not project):
        raise typer.BadParameter("give either --data FOLDER or --project NAME")
    with plainly(as_json):
        from grounding import catalog
        from grounding.store.files import default_folder

        folder = _folder(data) if data else None
        store = None if folder else _store()
        project_id = store.project(project).id if store else ""
        from grounding.tasks import improve  # torch: only once it is clear that there is something to learn from

        place = improve.school(catalog.eyes, default_folder() / "cache" / "features")
        if folder:
            steps = improve.train_grounder(folder, source, out, place, epochs=epochs, seed=seed, resume=resume, size=size,
                                           teacher=teacher, least=agree)
        else:
            start = start or catalog.ASSETS / "grounder-default.json"
            steps = improve.improve_project(store, project_id, out, place, start, seed=seed, resume=resume)
        result = run(steps, as_json)
        say(result, as_json, _training_lines(result))


@train_app.command("captioner")
def train_captioner(out: Annotated[Path, typer.Option(help="Where the weights go: OUT.safetensors, with OUT.json beside it.")],
                    data: Annotated[Path | None, typer.Option(help="A folder of photos and phrases, as Flickr30k Entities.")] = None,
                    steps: Annotated[int, typer.Option(min=1, help="Steps of training.")] = 6000,
                    films: Annotated[int, typer.Option(min=1, help="How many short films are drawn to learn from.")] = 800,
                    sources: Annotated[str, typer.Option("--from", help="What teaches: some of photos,fake,films.")] = "photos,fake,films",
                    seed: int = 0, resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
                    as_json: Json = False) -> None:
    """Train the network that describes boxes and tracks and tells which thing of a video is which.

    It learns from photos with phrases, from fake films made of them, and from films drawn here; each teaches what it knows.
    Features are computed once and kept in the data folder. Photos whose number ends in 0 or in 01, 21, ... 81 teach nothing.

    \b
    python -m grounding train captioner --data photos/ --out mine.safetensors
    python -m grounding train captioner --from films --out films-only.safetensors --steps 2000
    """
    with plainly(as_json):
        from grounding import catalog
        from grounding.learning import caption_teach
        from grounding.learning.cache import FeatureCache
        from grounding.learning.film_cache import FilmCache
        from grounding.store.files import default_folder

        names = tuple(name.strip() for name in sources.split(",") if name.strip())
        if data is None and set(names) != {"films"}:
            raise typer.BadParameter("give --data FOLDER, or --from films to learn from drawn films alone")
        cache, backbone = default_folder() / "cache", catalog.eyes().version
        course = caption_teach.Course(FeatureCache(cache / "features", backbone), FilmCache(cache / "films", backbone), catalog.eyes,
                                      films=films, sources=names)
        result = run(caption_teach.train_captioner(_folder(data) if data else None, out, course, steps, seed, resume), as_json)
        good = result["validation"].get("right")
        told = f"; {_share(good)} of its sentences agree by half with a person's" if good is not None else ""
        say(result, as_json, [f"{result['photos']} photos, {result['films']} drawn films, {result['steps']} steps, written to {result['out']}{told}"])


@evaluate_app.command("grounding")
def evaluate_grounding(folder: Annotated[Path, typer.Argument(help="A folder in the form of Flickr30k Entities.")],
                       grounder: Annotated[str, typer.Option(help="A grounder of the catalog, NAME:MODEL for one of others, or the .json of trained weights.")] = "",
                       held_out: Annotated[bool, typer.Option("--held-out", help="Only photos that training leaves out.")] = False,
                       limit: Annotated[int | None, typer.Option(help="At most so many photos.")] = None, as_json: Json = False) -> None:
    """Measure how often a grounder's first box is right (IoU 0.5 or more) for people's one-box phrases.

    The folder holds entities.jsonl.gz, photos_full/ and photos_224/. Baselines that understand nothing are measured in the
    same run. With --json: {"accuracy", "by_type", "by_size": {"full", "224"}, "baselines", "phrases", "photos",
    "phrases_per_s", ...}; shares lie in [0, 1].

    \b
    python -m grounding evaluate grounding flickr8k_entities/ --held-out
    python -m grounding evaluate grounding flickr8k_entities/ --grounder pseudo --json
    """
    with plainly(as_json):
        folder = _folder(folder)
        from grounding.tasks.evaluate import evaluate_grounding as task

        models = _models("grounder", "detector", grounder=grounder)
        result = run(task(folder, only_held_out=held_out, limit=limit, **models), as_json)
        say(result, as_json, _evaluation_lines(result))


@evaluate_app.command("film")
def evaluate_film(films: Annotated[int, typer.Option(min=1, help="How many short films to draw.")] = 12,
                  captioner: Annotated[str, typer.Option(help="The .json of trained weights; without it those that ship.")] = "",
                  as_json: Json = False) -> None:
    """Measure tracking and telling on short films drawn here, which taught nothing, beside a baseline and oracles.

    Of each way: bounded CHOTA, its parts DetA, AssA, CapA, the sentences that need time and those that do not apart, and how often
    the sentence of a thing changes from frame to frame. With --json: {"captioner", "films", "ways": {way: {measure: value}}}.

    \b
    python -m grounding evaluate film
    python -m grounding evaluate film --films 40 --captioner mine.json --json
    """
    with plainly(as_json):
        from grounding import catalog
        from grounding.learning.film_cache import FilmCache
        from grounding.learning.film_exam import exam_of
        from grounding.store.files import default_folder

        page = Path(captioner).with_suffix(".json") if captioner else catalog.ASSETS / "captioner.json"
        cache = FilmCache(default_folder() / "cache" / "films", catalog.eyes().version)
        result = run(exam_of(page, cache, catalog.eyes, films), as_json)
        rows = [f"{name:40s} " + "  ".join(f"{measure} {value:.3f}" for measure, value in row.items()) for name, row in result["ways"].items()]
        say(result, as_json, rows)


@evaluate_app.command("tracks")
def evaluate_tracks(folder: Annotated[Path, typer.Argument(help="A MOT sequence, or frames with boxes_xywh.json in the form of DAVIS.")],
                    tracker: Annotated[str, typer.Option(help="A tracker or follower of the catalog.")] = "", detector: Detector = "",
                    given: Annotated[bool, typer.Option("--given", help="Link det/det.txt even where there are pictures.")] = False,
                    as_json: Json = False) -> None:
    """Measure how well things are kept apart (a MOT sequence), or one box is followed from its first frame (DAVIS).

    A MOT sequence has gt.txt at its root or in gt/. With pictures in img1/ the detector finds people, without them det/det.txt
    is linked. With --json: {"HOTA", "DetA", "AssA", "IDF1", "MOTA", "frames_per_s"}; HOTA and its parts are means over IoU .05
    to .95. For DAVIS: {"mean_iou": {sequence: value}} over the frames after the first.

    \b
    python -m grounding evaluate tracks TUD-Campus/
    python -m grounding evaluate tracks davis/ --json
    """
    with plainly(as_json):
        from grounding import catalog
        from grounding.tasks.evaluate_tracks import evaluate_tracks as task

        follows = not tracker or tracker in catalog.FOLLOWERS
        models = {"tracker": None if tracker in catalog.FOLLOWERS else catalog.make("tracker", tracker),
                  "follower": catalog.make("follower", tracker) if follows else None, "detector": catalog.make("detector", detector)}
        result = run(task(folder, given=given, **models), as_json)
        say(result, as_json, [f"{name:16} {value}" for name, value in result.get("mean_iou", result).items()])


@evaluate_app.command("mistakes")
def evaluate_mistakes(out: Annotated[Path, typer.Option(help="The HTML file to write; it needs nothing else.")] = Path("mistakes.html"),
                      data: Annotated[Path | None, typer.Option(help="A folder in the form of Flickr30k Entities.")] = None,
                      project: Annotated[str, typer.Option(help="A project: its accepted phrases about one box.")] = "",
                      grounder: Annotated[str, typer.Option(help="A grounder of the catalog, NAME:MODEL for one of others, or the .json of trained weights.")] = "",
                      count: Annotated[int, typer.Option(min=1, help="How many to show.")] = 24,
                      held_out: Annotated[bool, typer.Option("--held-out", help="With --data: only photos that training leaves out.")] = False,
                      limit: Annotated[int | None, typer.Option(help="With --data: at most so many photos.")] = None, as_json: Json = False) -> None:
    """Show the phrases a grounder gets most wrong as pictures: the surest of the wrong answers first.

    One HTML file holds the pictures, with the answer and, dashed, the truth. With --json: {"grounder", "photos", "phrases", "right",
    "rows": [{"phrase", "truth", "answer", "score", "iou", "name", ...}]}; boxes are fractions of the photo.

    \b
    python -m grounding evaluate mistakes --data flickr8k_entities/ --held-out --out mistakes.html
    python -m grounding evaluate mistakes --project "Street" --grounder pseudo
    """
    if (data is None) == (not project):
        raise typer.BadParameter("give either --data FOLDER or --project NAME")
    with plainly(as_json):
        from grounding.jobs import plain
        from grounding.tasks import mistakes

        place, store = (_folder(data), None) if data else ("", _store())
        model = _models("grounder", grounder=grounder or (_chosen(store, project, "grounder") if store else ""))["grounder"]
        steps = mistakes.of_folder(place, model, count, held_out, limit) if data else \
            mistakes.of_project(store, store.project(project).id, model, count, pictures=True)
        report = run(steps, as_json)
        out.write_text(mistakes.as_page(report), "utf8")
        rows = [{name: value for name, value in plain(row).items() if name != "picture"} for row in report.rows]
        say(plain(report) | {"rows": rows, "out": str(out)}, as_json, [report.summary().replace("below are", f"{out} shows")])


@app.command()
def projects(as_json: Json = False) -> None:
    """List the projects, with their labels and how many items are new, in progress and done.

    \b
    python -m grounding projects --json
    """
    with plainly(as_json):
        store = _store()
        rows = [{"id": p.id, "name": p.name, "labels": [label.name for label in p.labels], "counts": store.counts(p.id)}
                for p in store.projects()]
        say(rows, as_json, [_project_line(row) for row in rows] or ["no project yet; make one with: python -m grounding load NAME PATH"])


@app.command()
def serve(port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 7860) -> None:
    """Open the page on this machine: http://127.0.0.1:7860

    \b
    python -m grounding serve --port 8000
    """
    program = Path(__file__).resolve().parents[1] / "app.py"
    os.execve(sys.executable, [sys.executable, str(program)], {**os.environ, "PORT": str(port)})


def _store():
    from grounding.store import Store

    return Store.open()


@contextlib.contextmanager
def _made(store, name: str) -> Iterator[Any]:
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


def _models(*seams: str, **names: str) -> dict[str, Any]:
    """Models of the catalog by seam; an empty name is its default, a .json or .safetensors file a grounder trained here."""
    from grounding import catalog

    def model(seam: str, name: str) -> Any:
        trained = Path(name).suffix in (".json", ".safetensors") and name.partition(":")[0] not in catalog.MENUS[seam]
        return _trained(Path(name)) if trained else catalog.make(seam, name)

    return {seam: model(seam, names.get(seam, "")) for seam in seams}


def _chosen(store, project: str, seam: str) -> str:
    """The model that was chosen for a project on its page; for the grounder also what it learned there."""
    from grounding.tasks import choice, weights

    project = store.project(project).id
    learned = weights.in_use(store, project) if seam == "grounder" else None
    return choice.chosen(store, project)[seam] or (str(learned) if learned else "")


def _folder(path: Path) -> Path:
    if not path.is_dir():
        raise ValueError(f"{path} is no folder; name one with entities.jsonl.gz, photos_full/ and photos_224/")
    return path


def _trained(weights: Path) -> Any:
    from grounding import catalog
    from grounding.models.ground import CrossAttentionGrounder

    page = weights.with_suffix(".json")
    if not page.is_file():
        raise ValueError(f"there are no weights at {weights}; train them with: python -m grounding train grounder --out {weights}")
    return CrossAttentionGrounder(page, catalog.eyes)


def _track_row(track) -> dict:
    keys = [{"frame": int(key.frame), "box": [round(float(x), 2) for x in key.box], "outside": bool(key.outside)}
            for key in track.keyframe_list()]
    return {"label": track.label, "caption": track.caption, "score": round(float(track.score), 4), "keyframes": keys}


def _track_line(track) -> str:
    return f"frames {track.frames[0]:5d} to {track.frames[-1]:5d}  {track.score:.2f}  {track.caption or track.label}"


def _proposal_lines(photo: dict) -> list[str]:
    boxes = [f"  {n:2d}  {row['score']:.2f}  {_corners(row['box'])}  {row['label']}" for n, row in enumerate(photo["objects"])]
    phrases = [f"      {row['text']!r} -> {', '.join(map(str, row['targets'])) or 'nothing'}" for row in photo["phrases"]]
    return [photo["file"], *boxes, *phrases]


def _training_lines(result: dict) -> list[str]:
    written = f"{result['phrases']} phrases of {result['photos']} photos, {result['steps']} steps, written to {result['out']}"
    if "before" in result:
        asked = f"{result['held_out_phrases']} phrases of {result['held_out_photos']} held-out photos"
        return [written, f"before {_share(result['before'])}, after {_share(result['after'])} right on {asked}"]
    held = result["held_out"]
    return [written] + ([f"{_share(held['accuracy'])} right on {held['phrases']} phrases of held-out photos"] if held else [])


def _evaluation_lines(result: dict) -> list[str]:
    parts = [f"{name} {_share(share)}" for name, share in result["by_type"].items()]
    sizes = [f"{size} {_share(share)}" for size, share in result["by_size"].items()]
    of = f"{result['phrases']} phrases on {result['photos']} photos ({result['grounder']}; {result['split']})"
    return [f"{_share(result['accuracy'])} of {of}", "by type: " + ", ".join(parts), "by photo size: " + ", ".join(sizes),
            *(f"baseline {name}: {_share(share)}" for name, share in result["baselines"].items()), f"{result['phrases_per_s']} phrases a second"]


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _project_line(row: dict) -> str:
    counts = row["counts"]
    labels = ", ".join(row["labels"][:8]) + (", ..." if len(row["labels"]) > 8 else "")
    return f"{row['name']}: {counts['new']} new, {counts['in_progress']} in progress, {counts['done']} done; labels: {labels or 'none'}"


def _region_lines(regions: list[dict]) -> list[str]:
    return [f"{row['score']:.2f}  {_corners(row['box'])}  {row['label']}" for row in regions]


def _phrase_lines(part: dict) -> list[str]:
    return _region_lines(part["regions"]) or [f"  -   nothing in this photo fits        {part['text']}"]


def _corners(box: list[float]) -> str:
    return "[" + " ".join(f"{x:7.1f}" for x in box) + "]"


def main() -> None:
    """The way in of `python -m grounding` and of the command `deixis`."""
    stop_politely()
    try:
        app()
    except Stop as stop:
        sys.exit(stop.code)
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAILED)


if __name__ == "__main__":
    main()
