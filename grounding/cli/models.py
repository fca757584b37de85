"""Shell, models: the commands that train models and measure them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grounding.cli.choice import DetectorOption, JsonOption, check_data_folder, chosen_model, open_models, open_store
from grounding.cli.terminal import print_result, reporting_errors, run_task

train_app = typer.Typer(help="Train a model on your own data.", no_args_is_help=True, rich_markup_mode=None)
evaluate_app = typer.Typer(help="Measure a model on data with known answers.", no_args_is_help=True, rich_markup_mode=None)


@train_app.command("grounder")
def train_grounder(
    out: Annotated[Path, typer.Option(help="Where the weights go: OUT.safetensors, with OUT.json beside it.")],
    data: Annotated[Path | None, typer.Option(help="A folder of photos and phrases, as Flickr30k Entities.")] = None,
    project: Annotated[str, typer.Option(help="A project: learn from what was corrected in it.")] = "",
    source: Annotated[str, typer.Option("--from", help="With --data: pseudo (photos alone), human or both.")] = "both",
    epochs: Annotated[float | None, typer.Option(help="With --data: how often each photo is seen.")] = None,
    size: Annotated[str, typer.Option(help="With --data: default, or fast (smaller and a little worse).")] = "default",
    teacher: Annotated[
        Path | None,
        typer.Option(help="With --data: the .json of other weights; only pseudo queries they agree with are learned."),
    ] = None,
    agree: Annotated[float, typer.Option(min=0, max=1, help="With --teacher: the IoU from which it agrees.")] = 0.5,
    start: Annotated[
        Path | None,
        typer.Option(
            help="The .json of weights to start from: with --project in place of the shipped ones, with --data of none."
        ),
    ] = None,
    seed: int = 0,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Train a grounder on a folder, or let the shipped one learn from a project's corrections.

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
    with reporting_errors(as_json):
        from grounding import catalog, model_cache
        from grounding.store.files import default_folder

        folder = check_data_folder(data) if data else None
        store = None if folder else open_store()
        project_id = store.project(project).id if store else ""
        from grounding.tasks.improve import improve  # torch: only once it is clear that there is something to learn from

        context = improve.training_context(model_cache.load_backbone, default_folder() / "cache" / "features")
        if folder:
            steps = improve.train_grounder(folder, source, out, context, epochs=epochs, seed=seed, resume=resume, size=size,
                                           teacher=teacher, min_agreement_iou=agree, start=start)
        else:
            start = start or catalog.ASSETS / "grounder-default.json"
            steps = improve.improve_project(store, project_id, out, context, start, seed=seed, resume=resume)
        result = run_task(steps, as_json)
        print_result(result, as_json, _training_lines(result))


@train_app.command("captioner")
def train_captioner(out: Annotated[Path, typer.Option(help="Where the weights go: OUT.safetensors, with OUT.json beside it.")],
                    data: Annotated[Path | None, typer.Option(help="A folder of photos and phrases, as Flickr30k Entities.")] = None,
                    steps: Annotated[int, typer.Option(min=1, help="Steps of training.")] = 6000,
                    films: Annotated[int, typer.Option(min=1, help="How many short films are drawn to learn from.")] = 800,
                    sources: Annotated[str, typer.Option("--from", help="What teaches: some of photos,fake,films.")] = "photos,fake,films",
                    seed: int = 0, resume: Annotated[bool, typer.Option("--resume", help="Go on with a run that was stopped.")] = False,
                    as_json: JsonOption = False) -> None:
    """Train the network that describes boxes and tracks and tells which thing of a video is which.

    It learns from photos with phrases, from fake films made of them, and from films drawn here; each teaches what it knows.
    Features are computed once and kept in the data folder. Photos whose number ends in 0 or in 01, 21, ... 81 teach nothing.

    \b
    python -m grounding train captioner --data photos/ --out mine.safetensors
    python -m grounding train captioner --from films --out films-only.safetensors --steps 2000
    """
    with reporting_errors(as_json):
        from grounding import model_cache
        from grounding.learning.captioning import train
        from grounding.learning.captioning.clip_cache import CLIPS
        from grounding.learning.examples.feature_cache import FeatureCache, backbone_folder
        from grounding.store.files import default_folder

        names = tuple(name.strip() for name in sources.split(",") if name.strip())
        if data is None and set(names) != {"films"}:
            raise typer.BadParameter("give --data FOLDER, or --from films to learn from drawn films alone")
        cache, backbone = default_folder() / "cache", model_cache.load_backbone().version
        features, drawn = (backbone_folder(cache / name, backbone) for name in ("features", "films"))
        run_config = train.RunConfig(FeatureCache(features, backbone), FeatureCache(drawn, backbone, CLIPS), model_cache.load_backbone,
                                      num_clips=films, sources=names)
        result = run_task(train.train_captioner(check_data_folder(data) if data else None, out, run_config, steps, seed, resume), as_json)
        good = result["validation"].get("right")
        result_note = f"; {_share(good)} of its sentences agree by half with a person's" if good is not None else ""
        training_data = f"{result['photos']} photos, {result['films']} drawn films, {result['steps']} steps"
        print_result(result, as_json, [f"{training_data}, written to {result['out']}{result_note}"])


@evaluate_app.command("grounding")
def evaluate_grounding(
    folder: Annotated[Path, typer.Argument(help="A folder in the form of Flickr30k Entities.")],
    grounder: Annotated[
        str,
        typer.Option(help="A grounder of the catalog, NAME:MODEL for one of others, or the .json of trained weights."),
    ] = "",
    held_out: Annotated[bool, typer.Option("--held-out", help="Only photos that training leaves out.")] = False,
    limit: Annotated[int | None, typer.Option(help="At most so many photos.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how often a grounder's first box is right (IoU 0.5 or more) for people's one-box phrases.

    The folder holds entities.jsonl.gz, photos_full/ and photos_224/. Baselines that understand nothing are measured in the
    same run. With --json: {"accuracy", "by_type", "by_size": {"full", "224"}, "baselines", "phrases", "photos",
    "phrases_per_s", ...}; shares lie in [0, 1].

    \b
    python -m grounding evaluate grounding flickr8k_entities/ --held-out
    python -m grounding evaluate grounding flickr8k_entities/ --grounder pseudo --json
    """
    with reporting_errors(as_json):
        folder = check_data_folder(folder)
        from grounding.tasks.improve.evaluate import evaluate_grounding as task

        models = open_models("grounder", "detector", grounder=grounder)
        result = run_task(task(folder, only_held_out=held_out, limit=limit, **models), as_json)
        print_result(result, as_json, _evaluation_lines(result))


@evaluate_app.command("film")
def evaluate_videos(films: Annotated[int, typer.Option(min=1, help="How many short films to draw.")] = 12,
                  captioner: Annotated[str, typer.Option(help="The .json of trained weights; without it those that ship.")] = "",
                  as_json: JsonOption = False) -> None:
    """Measure tracking and telling on short films drawn here, which taught nothing, beside a baseline and oracles.

    Of each way: bounded CHOTA, its parts DetA, AssA, CapA, the sentences that need time and those that do not apart, and how often
    the sentence of a thing changes from frame to frame. With --json: {"captioner", "films", "ways": {way: {measure: value}}}.

    \b
    python -m grounding evaluate film
    python -m grounding evaluate film --films 40 --captioner mine.json --json
    """
    with reporting_errors(as_json):
        from grounding import catalog, model_cache
        from grounding.learning.captioning.clip_cache import CLIPS
        from grounding.learning.captioning.clip_evaluation import evaluate_captioner
        from grounding.learning.examples.feature_cache import FeatureCache, backbone_folder
        from grounding.store.files import default_folder

        backbone = model_cache.load_backbone().version
        page = Path(captioner).with_suffix(".json") if captioner else catalog.ASSETS / "captioner.json"
        cache = FeatureCache(backbone_folder(default_folder() / "cache" / "films", backbone), backbone, CLIPS)
        result = run_task(evaluate_captioner(page, cache, model_cache.load_backbone, films), as_json)
        rows = [
            f"{name:40s} " + "  ".join(f"{measure} {value:.3f}" for measure, value in row.items())
            for name, row in result["ways"].items()
        ]
        print_result(result, as_json, rows)


@evaluate_app.command("tracks")
def evaluate_tracks(folder: Annotated[Path, typer.Argument(help="A MOT sequence, or frames with boxes_xywh.json in the form of DAVIS.")],
                    tracker: Annotated[str, typer.Option(help="A tracker or follower of the catalog.")] = "", detector: DetectorOption = "",
                    given: Annotated[bool, typer.Option("--given", help="Link det/det.txt even where there are pictures.")] = False,
                    as_json: JsonOption = False) -> None:
    """Measure how well things are kept apart (a MOT sequence), or one box is followed from its first frame (DAVIS).

    A MOT sequence has gt.txt at its root or in gt/. With pictures in img1/ the detector finds people, without them det/det.txt
    is linked. With --json: {"HOTA", "DetA", "AssA", "IDF1", "MOTA", "frames_per_s"}; HOTA and its parts are means over IoU .05
    to .95. For DAVIS: {"mean_iou": {sequence: value}} over the frames after the first.

    \b
    python -m grounding evaluate tracks TUD-Campus/
    python -m grounding evaluate tracks davis/ --json
    """
    with reporting_errors(as_json):
        from grounding import catalog, model_cache
        from grounding.tasks.improve.evaluate_tracks import evaluate_tracks as task

        follows, make = not tracker or tracker in catalog.FOLLOWERS, model_cache.make
        models = {"tracker": None if tracker in catalog.FOLLOWERS else make("tracker", tracker),
                  "follower": make("follower", tracker) if follows else None, "detector": make("detector", detector)}
        result = run_task(task(folder, use_given_detections=given, **models), as_json)
        print_result(result, as_json, [f"{name:16} {value}" for name, value in result.get("mean_iou", result).items()])


@evaluate_app.command("mistakes")
def evaluate_mistakes(
    out: Annotated[Path, typer.Option(help="The HTML file to write; it needs nothing else.")] = Path("mistakes.html"),
    data: Annotated[Path | None, typer.Option(help="A folder in the form of Flickr30k Entities.")] = None,
    project: Annotated[str, typer.Option(help="A project: its accepted phrases about one box.")] = "",
    grounder: Annotated[
        str,
        typer.Option(help="A grounder of the catalog, NAME:MODEL for one of others, or the .json of trained weights."),
    ] = "",
    count: Annotated[int, typer.Option(min=1, help="How many to show.")] = 24,
    held_out: Annotated[
        bool, typer.Option("--held-out", help="With --data: only photos that training leaves out.")
    ] = False,
    limit: Annotated[int | None, typer.Option(help="With --data: at most so many photos.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Show the phrases a grounder gets most wrong as pictures: the surest of the wrong answers first.

    One HTML file holds the pictures, with the answer and, dashed, the truth. With --json: {"grounder", "photos", "phrases", "right",
    "rows": [{"phrase", "truth", "answer", "score", "iou", "name", ...}]}; boxes are fractions of the photo.

    \b
    python -m grounding evaluate mistakes --data flickr8k_entities/ --held-out --out mistakes.html
    python -m grounding evaluate mistakes --project "Street" --grounder pseudo
    """
    if (data is None) == (not project):
        raise typer.BadParameter("give either --data FOLDER or --project NAME")
    with reporting_errors(as_json):
        from grounding.machine.disk import write_atomic
        from grounding.services.jobs import to_jsonable
        from grounding.tasks.improve import mistakes

        place, store = (check_data_folder(data), None) if data else ("", open_store())
        model = open_models("grounder", grounder=grounder or (chosen_model(store, project, "grounder") if store else ""))["grounder"]
        if store is None:
            steps = mistakes.find_in_folder(place, model, count, held_out, limit)
        else:
            steps = mistakes.find_in_project(store, store.project(project).id, model, count, with_thumbnails=True)
        report = run_task(steps, as_json)
        write_atomic(out, mistakes.to_html(report).encode("utf8"))
        rows = [{name: value for name, value in to_jsonable(row).items() if name != "picture"} for row in report.rows]
        print_result(
            to_jsonable(report) | {"rows": rows, "out": str(out)}, as_json, [report.summary().replace("below are", f"{out} shows")]
        )


def _training_lines(result: dict) -> list[str]:
    from grounding.tasks.improve.weights import CALIBRATION_NOTES

    written = f"{result['phrases']} phrases of {result['photos']} photos, {result['steps']} steps, written to {result['out']}"
    if "before" in result:
        held_out = f"{result['held_out_phrases']} phrases of {result['held_out_photos']} held-out photos"
        return [
            written,
            f"before {_share(result['before'])}, after {_share(result['after'])} right on {held_out}",
            result["told"],
            CALIBRATION_NOTES[result["calibrated_on"]],
        ]
    held = result["held_out"]
    return [written] + ([f"{_share(held['accuracy'])} right on {held['phrases']} phrases of held-out photos"] if held else [])


def _evaluation_lines(result: dict) -> list[str]:
    parts = [f"{name} {_share(share)}" for name, share in result["by_type"].items()]
    sizes = [f"{size} {_share(share)}" for size, share in result["by_size"].items()]
    evaluated_on = f"{result['phrases']} phrases on {result['photos']} photos ({result['grounder']}; {result['split']})"
    recall = ", ".join(f"{first}: {_share(share)}" for first, share in result["recall"].items())
    return [
        f"{_share(result['accuracy'])} of {evaluated_on}",
        "by type: " + ", ".join(parts),
        "by photo size: " + ", ".join(sizes),
        *(f"baseline {name}: {_share(share)}" for name, share in result["baselines"].items()),
        f"referring: {_share(result['referring'])}; with a word for a place: {_share(result['spatial'])}",
        f"the target is among the first {recall}; the first box's centre lies in it: {_share(result['pointing'])}",
        f"several boxes: mean F1 {result['several_f1']} of {result['several_phrases']} phrases",
        f"there is none: AUROC {result['none_auroc']} with {result['none_phrases']} phrases, "
        f"{_share(result['none_refused'])} of them answered with nothing",
        f"expected calibration error {result['ece']}",
        f"{result['phrases_per_s']} phrases a second from files, {result['phrases_per_s_encoded']} on encoded photos",
    ]


def _share(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def convert_weights(
    path: Annotated[Path, typer.Argument(metavar="MODEL.pkl", help="Weights of Detectron2's model zoo.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.safetensors", help="Where the weights go.")],
    as_json: JsonOption = False,
) -> None:
    """Turn a .pkl of Detectron2's model zoo into .safetensors, which can be used as weights=OUT.safetensors.

    The file is read without unpickling it: only arrays of numbers come over, and a file that would call anything is
    refused.

    \b
    python -m grounding convert-weights model_final_280758.pkl faster_rcnn.safetensors
    """
    with reporting_errors(as_json):
        from grounding.models.adapters.detectron2.pickled import convert_to_safetensors

        count = convert_to_safetensors(path, out)
        print_result({"out": str(out), "tensors": count}, as_json, [f"{count} tensors in {out}"])
