"""Improve: train a grounder on a folder of photos, or let the one in use learn from what people corrected in a project."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from grounding.data import Progress

EPOCHS = {"pseudo": 8, "human": 7, "both": 11}  # as often as the shipped weights saw each photo
PROJECT_STEPS = (60, 400)  # fewest and most steps of learning from a project
PROJECT_EPOCHS, PROJECT_RATE = 12, 1e-4


def school(make_eyes, folder: Path | str, workers: int = 2):
    """Where to learn: `make_eyes` builds the frozen networks that see (a class, so that other processes can), `folder` keeps features."""
    from grounding.learning.examples.feature_cache import FeatureCache, folder_for
    from grounding.learning.grounding.train import School

    eyes = make_eyes()
    return School(FeatureCache(folder_for(folder, eyes.version), eyes.version), make_eyes, tuple(eyes.names), workers)


def train_grounder(data: Path | str, source: str, out: Path | str, school, *, epochs: float | None = None, seed: int = 0,
                   resume: bool = False, mirrored: bool = True, steps: int | None = None,
                   size: str = "default", teacher: Path | str | None = None, least: float = 0.5,
                   start: Path | str | None = None) -> Iterator[Progress]:
    """Trains from `source` ("pseudo", "human" or "both") on a folder in the form of Flickr30k Entities and writes OUT (.safetensors and .json).

    `size`: "default", or "fast" for a smaller network.

    A fixed number of epochs; no checkpoint is chosen on anybody's labels. Photos whose number ends in 0 are left out and, where
    people's phrases are there, examined at the end; another twentieth of the photos is kept to calibrate scores (with "pseudo" on
    pseudo phrases). `resume` goes on from the checkpoint of a run that was killed.
    `start`: the page of weights to go on from, in place of fresh ones. `teacher`: the page of other weights; pseudo phrases are learned only where its answer agrees by an IoU of `least` (self-training).
    The last progress holds {"out", "source", "epochs", "steps", "phrases", "photos", "seed", "held_out": {"accuracy", "phrases"} or None}.
    """
    from grounding.learning.examples.samples import Diet
    from grounding.learning.finetune import Schedule
    from grounding.learning.grounding import train
    from grounding.learning.grounding.calibration import calibrate
    from grounding.nn.files.storage import load_network

    judge = load_network(teacher)[0] if teacher else None
    net, told = _started(start, school) if start else (None, {})
    if size not in train.SIZES:
        raise ValueError(f"a grounder comes in the sizes {', '.join(train.SIZES)}; got {size!r}")
    lessons, kept = yield from train.through(train.lessons_of(school, Path(data), source, mirrored, seed, judge, least))
    yield Progress(0, 0, "reading the phrases")
    net = net or train.new_network(school, seed, size)
    book, diet = train.book_of(school, [*lessons, *kept], net.shape.text_depth), Diet(phrases=12, mirror=mirrored, seed=seed)
    epochs = EPOCHS[source] if epochs is None else epochs
    steps = steps or max(1, round(epochs * max(1, len(lessons) // diet.photos)))
    checkpoint = _checkpoint(Path(out), resume)
    schedule = Schedule(steps, warmup=min(200, steps // 10), seed=seed)
    net = yield from train.through(train.teach(net, school, lessons, schedule, diet, book, checkpoint))
    facts = {"source": source, "size": size, "teacher": Path(teacher).stem if teacher else None, "epochs": epochs, "steps": steps,
             "start": {key: told["training"].get(key) for key in ("source", "steps", "photos", "seed", "start")} if told else None,
             "photos": len(lessons), "seed": seed, "phrases": sum(len(lesson.phrases) for lesson in lessons)}
    if kept:
        facts["calibration"] = calibrate(net, kept, school.cache, book, len(school.names))
    facts["held_out"] = yield from train.through(_held_out(net, Path(data), school))
    page = _save(net, out, school, facts, f"grounder-{source}" if size == "default" else f"grounder-{size}")
    checkpoint.unlink(missing_ok=True)
    yield Progress(steps, steps, "saved", {"out": str(page), **facts})


def corrections(store, project_id: str) -> dict[str, int]:
    """How much a person decided in a project: {"photos", "boxes", "phrases", "rejected"}."""
    from grounding.learning.examples.corrections import corrected_photos

    photos = list(corrected_photos(store.annotations(project_id)))
    return {"photos": len(photos), **{name: sum(getattr(photo, name) for photo in photos) for name in ("boxes", "phrases", "rejected")}}


def readiness(store, project_id: str) -> str:
    """One sentence on what is still missing before the grounder can learn from a project; "" if nothing is."""
    from grounding.learning.examples.corrections import FEWEST_PHOTOS, FEWEST_PHRASES, corrected_photos

    taught = [len(photo.lesson.phrases) for photo in corrected_photos(store.annotations(project_id)) if photo.lesson.phrases]
    if len(taught) >= FEWEST_PHOTOS and sum(taught) >= FEWEST_PHRASES:
        return ""
    return (f"Learning takes at least {FEWEST_PHRASES} examples (phrases, and labels of boxes) on {FEWEST_PHOTOS} photos. "
            f"So far there {'is' if sum(taught) == 1 else 'are'} {sum(taught)} on {len(taught)}: accept, edit or add some more on the Annotate tab.")


def improve_project(store, project_id: str, out: Path | str, school, start: Path | str, *, seed: int = 0, resume: bool = False,
                    steps: int | None = None) -> Iterator[Progress]:
    """Lets the grounder at `start` (its JSON page) learn from what people corrected in a project, and writes OUT
    (.safetensors and .json).

    A fifth of the corrected photos is held out; both networks are asked about it, and a sentence says whether the
    difference can be told from chance (learning/significance.py); only then are they `better`. Where it is large enough
    the scores are calibrated on it ("calibrated_on", see learning/grounding/calibration.py). Raises ValueError where there is too
    little to learn from. The last progress holds {"out", "before", "after", "better", "verdict", "told", "chance",
    "held_out_phrases", "held_out_photos", "photos", "phrases", "steps", "calibrated_on", "calibration"}.
    """
    from grounding.learning.examples.corrections import corrected_photos, parted
    from grounding.learning.examples.samples import Diet
    from grounding.learning.finetune import Schedule
    from grounding.learning.grounding import train
    from grounding.learning.grounding.calibration import recalibrate
    from grounding.learning.grounding.validation import answers

    learns, held = parted(list(corrected_photos(store.annotations(project_id))))
    paths = {item.sha256: store.media_path(item) for item in store.all_items(project_id)}
    net, page = _started(start, school)
    yield from train.through(train.see_project(school, [*learns, *held], paths))
    lessons, asked = [photo.lesson for photo in learns], [photo.lesson for photo in held]
    book = train.book_of(school, [*lessons, *asked], net.shape.text_depth)
    before = answers(net, asked, school.cache, book, len(school.names))
    diet = Diet(photos=min(8, len(lessons)), seed=seed)
    steps = steps or min(max(PROJECT_EPOCHS * len(lessons) // diet.photos, PROJECT_STEPS[0]), PROJECT_STEPS[1])
    schedule = Schedule(steps, rate=PROJECT_RATE, warmup=steps // 10, smooth=0.98, seed=seed)
    checkpoint = _checkpoint(Path(out), resume)
    net = yield from train.through(train.teach(net, school, lessons, schedule, diet, book, checkpoint))
    after = answers(net, asked, school.cache, book, len(school.names))
    facts = _held_out_facts(before, after) | {
        "photos": len(lessons), "phrases": sum(len(lesson.phrases) for lesson in lessons),
        "steps": steps, "learned_from": page.get("name", ""), "seed": seed,
    }  # fmt: skip
    exam = {"accuracy": facts["after"], "phrases": facts["held_out_phrases"]}
    facts |= recalibrate(net, asked, school.cache, book, len(school.names), exam, page.get("training", {}))
    written = _save(net, out, school, facts, "grounder-project")
    checkpoint.unlink(missing_ok=True)
    yield Progress(steps, steps, "saved", {"out": str(written), **facts})


def _held_out_facts(before: list[list[bool]], after: list[list[bool]]) -> dict:
    """What the two networks got right on the held-out photos, and whether the difference can be told from chance."""
    from grounding.learning.grounding.validation import accuracy
    from grounding.learning.significance import compared

    found, hits = compared(before, after), [hit for photo in after for hit in photo]
    return {
        "before": accuracy([hit for photo in before for hit in photo]), "after": accuracy(hits),
        "better": found.kind == "better", "verdict": found.kind, "told": found.sentence,
        "chance": round(found.chance, 4), "held_out_phrases": len(hits), "held_out_photos": len(after),
    }  # fmt: skip


def _started(start: Path | str, school):
    """The network and the page of weights that see as the school does."""
    from grounding.nn.files.storage import load_network

    net, page = load_network(start)
    if page.get("eyes") != school.cache.backbone:
        raise ValueError(f"{Path(start).stem} sees with {page.get('eyes')}, this app with {school.cache.backbone}; start from other weights")
    return net, page


def _held_out(net, folder: Path, school) -> Iterator[Progress]:
    """Asks the held-out photos with one-box phrases, if people's phrases are there at all."""
    from grounding.learning.examples.feature_cache import fill
    from grounding.learning.examples.flickr30k import held_out, read_entities
    from grounding.learning.grounding import train
    from grounding.learning.grounding.validation import exam

    if not (folder / "entities.jsonl.gz").is_file():
        return
    photos = [replace(photo, phrases=tuple(phrase for phrase in photo.phrases if len(phrase.boxes) == 1))
              for photo in read_entities(folder) if held_out(photo.id)]
    digests = yield from train.through(fill(school.cache, [photo.path for photo in photos], school.make_eyes, False, school.workers))
    lessons = train.human_lessons(photos, digests)
    yield Progress(len(photos), len(photos), "held-out photos", exam(net, lessons, school.cache, train.book_of(school, lessons, net.shape.text_depth), len(school.names)))


def _save(net, out, school, facts: dict, name: str) -> Path:
    from grounding.nn.files.storage import save_network
    from grounding.nn.hosts import minilm

    return save_network(net, out, {"name": name, "eyes": school.cache.backbone, "text": minilm.VERSION, "names": list(school.names),
                                   "training": facts})


def _checkpoint(out: Path, resume: bool) -> Path:
    """Where a run keeps itself; that of an earlier run goes unless it is to be resumed."""
    path = out.with_suffix(".checkpoint.safetensors")
    if not resume:
        path.unlink(missing_ok=True)
    return path
