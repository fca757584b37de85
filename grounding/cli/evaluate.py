"""Shell, evaluate: the commands that measure models on data with known answers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grounding.cli.choice import DetectorOption, JsonOption, check_data_folder, chosen_model, open_models, open_store
from grounding.cli.lines import share
from grounding.cli.terminal import print_result, reporting_errors, run_task

evaluate_app = typer.Typer(help="Measure a model on data with known answers.", no_args_is_help=True, rich_markup_mode=None)


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


def _evaluation_lines(result: dict) -> list[str]:
    parts = [f"{name} {share(share)}" for name, share in result["by_type"].items()]
    sizes = [f"{size} {share(share)}" for size, share in result["by_size"].items()]
    evaluated_on = f"{result['phrases']} phrases on {result['photos']} photos ({result['grounder']}; {result['split']})"
    recall = ", ".join(f"{first}: {share(share)}" for first, share in result["recall"].items())
    return [
        f"{share(result['accuracy'])} of {evaluated_on}",
        "by type: " + ", ".join(parts),
        "by photo size: " + ", ".join(sizes),
        *(f"baseline {name}: {share(share)}" for name, share in result["baselines"].items()),
        f"referring: {share(result['referring'])}; with a word for a place: {share(result['spatial'])}",
        f"the target is among the first {recall}; the first box's centre lies in it: {share(result['pointing'])}",
        f"several boxes: mean F1 {result['several_f1']} of {result['several_phrases']} phrases",
        f"there is none: AUROC {result['none_auroc']} with {result['none_phrases']} phrases, "
        f"{share(result['none_refused'])} of them answered with nothing",
        f"expected calibration error {result['ece']}",
        f"{result['phrases_per_s']} phrases a second from files, {result['phrases_per_s_encoded']} on encoded photos",
    ]
