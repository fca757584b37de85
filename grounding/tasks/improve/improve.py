"""Improve: train a grounder on a folder of photos, or let the one in use learn from what people corrected in a project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from grounding.data import Progress

EPOCHS = {"pseudo": 8, "human": 7, "both": 11}  # as often as the shipped weights saw each photo
PROJECT_STEPS = (60, 400)  # fewest and most steps of learning from a project
PROJECT_EPOCHS, PROJECT_RATE = 12, 1e-4


def training_context(make_backbone, folder: Path | str, workers: int = 2):
    """What training needs: `make_backbone` builds the frozen networks that encode images (a class, so that other
    processes can), `folder` keeps features."""
    from grounding.learning.examples.feature_cache import FeatureCache, backbone_folder
    from grounding.learning.grounding.train import TrainingContext

    backbone = make_backbone()
    return TrainingContext(
        FeatureCache(backbone_folder(folder, backbone.version), backbone.version), make_backbone, tuple(backbone.class_names), workers
    )


def train_grounder(data: Path | str, source: str, out: Path | str, context, *, epochs: float | None = None, seed: int = 0,
                   resume: bool = False, mirrored: bool = True, steps: int | None = None,
                   size: str = "default", teacher: Path | str | None = None, min_agreement_iou: float = 0.5,
                   start: Path | str | None = None) -> Iterator[Progress]:
    """Trains from `source` ("pseudo", "human" or "both") on a folder in the form of Flickr30k Entities and writes OUT
    (.safetensors and .json).

    `size`: "default", or "fast" for a smaller network.

    A fixed number of epochs; no checkpoint is chosen on anybody's labels. Photos whose number ends in 0 are left out and, where
    people's phrases are there, examined at the end; another twentieth of the photos is kept to calibrate scores (with "pseudo" on
    pseudo phrases). `resume` goes on from the checkpoint of a run that was killed.
    `start`: the page of weights to go on from, in place of fresh ones. `teacher`: the page of other weights; pseudo
    phrases are learned only where its answer agrees by an IoU of `min_agreement_iou` (self-training).
    The last progress holds {"out", "source", "epochs", "steps", "phrases", "photos", "seed", "held_out": {"accuracy", "phrases"} or None}.
    """
    from grounding.learning.examples.samples import SamplingConfig
    from grounding.learning.finetune import Schedule
    from grounding.learning.grounding import train
    from grounding.learning.grounding.calibration import calibrate
    from grounding.nn.files.storage import load_network
    from grounding.nn.grounding.network import build_grounder

    teacher_net = load_network(teacher, build_grounder)[0] if teacher else None
    net, start_card = _load_start(start, context) if start else (None, {})
    if size not in train.SIZES:
        raise ValueError(f"a grounder comes in the sizes {', '.join(train.SIZES)}; got {size!r}")
    examples, calibration_examples = yield from train.relay_progress(
        train.build_examples(context, Path(data), source, mirrored, seed, teacher_net, min_agreement_iou)
    )
    yield Progress(0, 0, "reading the phrases")
    net = net or train.build_network(context, seed, size)
    text_cache, sampling = (
        train.build_text_cache(context, [*examples, *calibration_examples], net.config.text_layers),
        SamplingConfig(phrases_per_photo=12, mirror_photos=mirrored, seed=seed),
    )
    epochs = EPOCHS[source] if epochs is None else epochs
    steps = steps or max(1, round(epochs * max(1, len(examples) // sampling.photos_per_batch)))
    checkpoint = _checkpoint(Path(out), resume)
    schedule = Schedule(steps, warmup_steps=min(200, steps // 10), seed=seed)
    net = yield from train.relay_progress(train.train_network(net, context, examples, schedule, sampling, text_cache, checkpoint))
    facts = {
        "source": source,
        "size": size,
        "teacher": Path(teacher).stem if teacher else None,
        "epochs": epochs,
        "steps": steps,
        "start": {key: start_card["training"].get(key) for key in ("source", "steps", "photos", "seed", "start")} if start_card else None,
        "photos": len(examples),
        "seed": seed,
        "phrases": sum(len(example.phrases) for example in examples),
    }
    if calibration_examples:
        facts["calibration"] = calibrate(net, calibration_examples, context.cache, text_cache, len(context.class_names))
    facts["held_out"] = yield from train.relay_progress(_validate(net, Path(data), context))
    page = _save(net, out, context, facts, f"grounder-{source}" if size == "default" else f"grounder-{size}")
    checkpoint.unlink(missing_ok=True)
    yield Progress(steps, steps, "saved", {"out": str(page), **facts})


def count_corrections(store, project_id: str) -> dict[str, int]:
    """How much a person decided in a project: {"photos", "boxes", "phrases", "rejected"}."""
    from grounding.learning.examples.corrections import corrected_photos

    photos = list(corrected_photos(store.annotations(project_id)))
    return {
        "photos": len(photos),
        "boxes": sum(photo.num_boxes for photo in photos),
        "phrases": sum(photo.num_accepted for photo in photos),
        "rejected": sum(photo.num_rejected for photo in photos),
    }


def missing_for_training(store, project_id: str) -> str:
    """One sentence on what is still missing before the grounder can learn from a project; "" if nothing is."""
    from grounding.learning.examples.corrections import MIN_PHOTOS, MIN_PHRASES, corrected_photos

    example_counts = [len(photo.example.phrases) for photo in corrected_photos(store.annotations(project_id)) if photo.example.phrases]
    if len(example_counts) >= MIN_PHOTOS and sum(example_counts) >= MIN_PHRASES:
        return ""
    return (
        f"Learning takes at least {MIN_PHRASES} examples (phrases, and labels of boxes) on {MIN_PHOTOS} photos. "
        f"So far there {'is' if sum(example_counts) == 1 else 'are'} {sum(example_counts)} on "
        f"{len(example_counts)}: accept, edit or add some more on the Annotate tab."
    )


def improve_project(store, project_id: str, out: Path | str, context, start: Path | str, *, seed: int = 0, resume: bool = False,
                    steps: int | None = None) -> Iterator[Progress]:
    """Lets the grounder at `start` (its JSON page) learn from what people corrected in a project, and writes OUT
    (.safetensors and .json).

    A fifth of the corrected photos is held out; both networks are asked about it, and a sentence says whether the
    difference can be told from chance (learning/significance.py); only then are they `better`. Where it is large enough
    the scores are calibrated on it ("calibrated_on", see learning/grounding/calibration.py). Raises ValueError where there is too
    little to learn from. The last progress holds {"out", "before", "after", "better", "verdict", "told", "chance",
    "held_out_phrases", "held_out_photos", "photos", "phrases", "steps", "calibrated_on", "calibration"}.
    """
    from grounding.learning.examples.corrections import corrected_photos, split_photos
    from grounding.learning.examples.samples import SamplingConfig
    from grounding.learning.finetune import Schedule
    from grounding.learning.grounding import train
    from grounding.learning.grounding.calibration import recalibrate
    from grounding.learning.grounding.validation import phrase_hits

    train_photos, held_out_photos = split_photos(list(corrected_photos(store.annotations(project_id))))
    paths = {item.sha256: store.media_path(item) for item in store.all_items(project_id)}
    net, page = _load_start(start, context)
    yield from train.relay_progress(train.encode_project(context, [*train_photos, *held_out_photos], paths))
    examples, held_out_examples = [photo.example for photo in train_photos], [photo.example for photo in held_out_photos]
    text_cache = train.build_text_cache(context, [*examples, *held_out_examples], net.config.text_layers)
    before = phrase_hits(net, held_out_examples, context.cache, text_cache, len(context.class_names))
    sampling = SamplingConfig(photos_per_batch=min(8, len(examples)), seed=seed)
    steps = steps or min(max(PROJECT_EPOCHS * len(examples) // sampling.photos_per_batch, PROJECT_STEPS[0]), PROJECT_STEPS[1])
    schedule = Schedule(steps, learning_rate=PROJECT_RATE, warmup_steps=steps // 10, ema_decay=0.98, seed=seed)
    checkpoint = _checkpoint(Path(out), resume)
    net = yield from train.relay_progress(train.train_network(net, context, examples, schedule, sampling, text_cache, checkpoint))
    after = phrase_hits(net, held_out_examples, context.cache, text_cache, len(context.class_names))
    facts = _held_out_facts(before, after) | {
        "photos": len(examples), "phrases": sum(len(example.phrases) for example in examples),
        "steps": steps, "learned_from": page.get("name", ""), "seed": seed,
    }  # fmt: skip
    held_out_result = {"accuracy": facts["after"], "phrases": facts["held_out_phrases"]}
    facts |= recalibrate(
        net, held_out_examples, context.cache, text_cache, len(context.class_names), held_out_result, page.get("training", {})
    )
    written = _save(net, out, context, facts, "grounder-project")
    checkpoint.unlink(missing_ok=True)
    yield Progress(steps, steps, "saved", {"out": str(written), **facts})


def _held_out_facts(before: list[list[bool]], after: list[list[bool]]) -> dict:
    """What the two networks got right on the held-out photos, and whether the difference can be told from chance."""
    from grounding.learning.grounding.validation import hit_rate
    from grounding.learning.significance import compare_hits

    comparison, hits = compare_hits(before, after), [hit for photo in after for hit in photo]
    return {
        "before": hit_rate([hit for photo in before for hit in photo]), "after": hit_rate(hits),
        "better": comparison.outcome == "better", "verdict": comparison.outcome, "told": comparison.summary,
        "chance": round(comparison.p_value, 4), "held_out_phrases": len(hits), "held_out_photos": len(after),
    }  # fmt: skip


def _load_start(start: Path | str, context):
    """The network and the page of weights for the same backbone as that of the context."""
    from grounding.nn.files.storage import load_network
    from grounding.nn.grounding.network import build_grounder

    net, page = load_network(start, build_grounder)
    if page.get("eyes") != context.cache.backbone_version:
        raise ValueError(
            f"{Path(start).stem} sees with {page.get('eyes')}, this app with {context.cache.backbone_version}; start from other weights"
        )
    return net, page


def _validate(net, folder: Path, context) -> Iterator[Progress]:
    """Asks the held-out photos with one-box phrases, if people's phrases are there at all."""
    from grounding.learning.examples.feature_cache import fill_cache
    from grounding.learning.examples.flickr30k import is_held_out, read_entities
    from grounding.learning.grounding import train
    from grounding.learning.grounding.validation import evaluate_phrases

    if not (folder / "entities.jsonl.gz").is_file():
        return
    photos = [replace(photo, phrases=tuple(phrase for phrase in photo.phrases if len(phrase.boxes) == 1))
              for photo in read_entities(folder) if is_held_out(photo.id)]
    digests = yield from train.relay_progress(
        fill_cache(context.cache, [photo.path for photo in photos], context.make_backbone, False, context.workers)
    )
    examples = train.human_examples(photos, digests)
    yield Progress(
        len(photos),
        len(photos),
        "held-out photos",
        evaluate_phrases(
            net, examples, context.cache, train.build_text_cache(context, examples, net.config.text_layers), len(context.class_names)
        ),
    )


def _save(net, out, context, facts: dict, name: str) -> Path:
    from grounding.nn.files.storage import save_network
    from grounding.nn.hosts import minilm

    return save_network(
        net,
        out,
        {
            "name": name,
            "eyes": context.cache.backbone_version,
            "text": minilm.VERSION,
            "names": list(context.class_names),
            "training": facts,
        },
    )


def _checkpoint(out: Path, resume: bool) -> Path:
    """Where a run keeps itself; that of an earlier run goes unless it is to be resumed."""
    path = out.with_suffix(".checkpoint.safetensors")
    if not resume:
        path.unlink(missing_ok=True)
    return path
