"""Teach: from photos and phrases to a trained network, in the order things must happen; every step can be stopped and resumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from grounding.data import Progress
from grounding.learning.examples.corrections import Corrected
from grounding.learning.examples.feature_cache import FeatureCache, fill
from grounding.learning.examples.flickr30k import Photo, held_out, read_entities, read_photos, validation
from grounding.learning.examples.pseudo import pseudo_lessons
from grounding.learning.examples.samples import Batches, Diet, Lesson, all_texts, heads, mixed
from grounding.learning.examples.spatial_phrases import with_places
from grounding.learning.examples.teacher_filter import reliable
from grounding.learning.examples.text_cache import Phrasebook
from grounding.learning.finetune import Schedule, finetune
from grounding.nn.grounding.candidates import EXTRA_NAMES
from grounding.nn.grounding.network import GroundingNet, Shape
from grounding.nn.hosts import minilm

SOURCES = ("pseudo", "human", "both")
PSEUDO_SHARE = 0.4  # of a pseudo phrase beside a human one


@dataclass(frozen=True)
class School:
    """What all teaching needs: where features are kept, who sees (`make_eyes`, picklable), and the names the detector knows."""

    cache: FeatureCache
    make_eyes: object
    names: tuple[str, ...]
    workers: int = 2


SIZES = {"default": Shape, "fast": Shape.fast}


def new_network(school: School, seed: int, size: str = "default") -> GroundingNet:
    """Fresh weights, the same for the same seed; it knows the names of things from the language model."""
    torch.manual_seed(seed)
    names = [*school.names, *EXTRA_NAMES]
    net = GroundingNet(SIZES[size](names=len(names)))
    states = minilm.encode(minilm.MiniLM.pretrained(net.shape.text_depth), names)
    net.names.copy_(torch.stack([torch.from_numpy(state.astype("float32")).mean(0) for state in states]))
    return net


def lessons_of(school: School, folder: Path, source: str, mirrored: bool, seed: int, teacher: GroundingNet | None = None,
               least: float = 0.5) -> Iterator[Progress]:
    """The last progress holds (lessons to learn from, lessons to calibrate on); held-out photos are in neither.

    From "pseudo", the file of human phrases is not even opened. With a `teacher`, pseudo phrases it does not agree with by an IoU of
    `least` are left out.
    """
    if source not in SOURCES:
        raise ValueError(f"lessons come from {', '.join(SOURCES)}; got {source!r}")
    photos = read_photos(folder) if source == "pseudo" else read_entities(folder)
    photos = [photo for photo in photos if not held_out(photo.id)]
    paths = [photo.path for photo in photos]
    digests = yield from through(fill(school.cache, paths, school.make_eyes, False, school.workers))
    if mirrored:
        yield from through(fill(school.cache, paths, school.make_eyes, True, school.workers))
    human = judged = [] if source == "pseudo" else human_lessons(photos, digests)
    if source == "both":
        human = [replace(lesson, phrases=lesson.phrases + tuple(more)) for lesson, more in zip(human, with_places(photos, seed))]
    pseudo: Sequence[Lesson] = ()
    if source != "human":
        pseudo = yield from through(pseudo_lessons(photos, digests, school.cache, school.names, seed, school.workers))
    if teacher and pseudo:
        book = book_of(school, pseudo, teacher.shape.text_depth)
        pseudo = yield from through(reliable(teacher, pseudo, school.cache, book, len(school.names), least))
    both = mixed(human, pseudo, PSEUDO_SHARE) if human else list(pseudo)
    kept = {digests[photo.path] for photo in photos if validation(photo.id)}
    learns = [lesson for lesson in both if lesson.digest not in kept]
    yield Progress(len(photos), len(photos), "lessons", (learns, [lesson for lesson in judged or pseudo if lesson.digest in kept]))


def human_lessons(photos: Sequence[Photo], digests: dict) -> list[Lesson]:
    """What people said about photos, and which words they used at all."""
    return [Lesson(digests[photo.path], photo.phrases, frozenset(word for caption in photo.captions for word in heads("x " + caption)))
            for photo in photos]


def teach(net: GroundingNet, school: School, lessons: Sequence[Lesson], schedule: Schedule, diet: Diet, book: Phrasebook,
          checkpoint: Path | None) -> Iterator[Progress]:
    """The last progress holds the trained network."""
    yield from finetune(net, Batches(lessons, school.cache, book, len(school.names), diet), schedule, checkpoint)


def book_of(school: School, lessons: Sequence[Lesson], depth: int = minilm.LAYERS) -> Phrasebook:
    return Phrasebook(all_texts(lessons), school.cache.folder, depth)


def see_project(school: School, photos: Sequence[Corrected], paths: dict[str, Path]) -> Iterator[Progress]:
    """Features of the photos of a project, and of their mirror images."""
    files = [paths[photo.sha256] for photo in photos]
    yield from through(fill(school.cache, files, school.make_eyes, False, school.workers))
    yield from through(fill(school.cache, files, school.make_eyes, True, school.workers))
    yield Progress(len(files), len(files), "features of photos", files)


def through(steps: Iterator[Progress]) -> Iterator[Progress]:
    """Passes progress on without its result, and returns that: `result = yield from through(...)`."""
    result = None
    for step in steps:
        result = step.result if step.result is not None else result
        yield Progress(step.done, step.total, step.note)
    return result
