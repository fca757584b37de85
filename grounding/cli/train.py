"""Shell, train: the commands that train models."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from grounding.cli.choice import JsonOption, check_data_folder, open_store
from grounding.cli.lines import share
from grounding.cli.terminal import print_result, reporting_errors, run_task

train_app = typer.Typer(help="Train a model on your own data.", no_args_is_help=True, rich_markup_mode=None)


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
        result_note = f"; {share(good)} of its sentences agree by half with a person's" if good is not None else ""
        training_data = f"{result['photos']} photos, {result['films']} drawn films, {result['steps']} steps"
        print_result(result, as_json, [f"{training_data}, written to {result['out']}{result_note}"])


def _training_lines(result: dict) -> list[str]:
    from grounding.tasks.improve.weights import CALIBRATION_NOTES

    written = f"{result['phrases']} phrases of {result['photos']} photos, {result['steps']} steps, written to {result['out']}"
    if "before" in result:
        held_out = f"{result['held_out_phrases']} phrases of {result['held_out_photos']} held-out photos"
        return [
            written,
            f"before {share(result['before'])}, after {share(result['after'])} right on {held_out}",
            result["told"],
            CALIBRATION_NOTES[result["calibrated_on"]],
        ]
    held = result["held_out"]
    return [written] + ([f"{share(held['accuracy'])} right on {held['phrases']} phrases of held-out photos"] if held else [])
