"""Training: from photos and phrases to a trained network, in the order things must happen; every step can be stopped and resumed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from grounding.data import Progress
from grounding.learning.examples.corrections import CorrectedPhoto
from grounding.learning.examples.feature_cache import FeatureCache, fill_cache
from grounding.learning.examples.flickr30k import Photo, is_held_out, is_validation, read_entities, read_photos
from grounding.learning.examples.pseudo import generate_pseudo_examples
from grounding.learning.examples.samples import BatchLoader, Example, SamplingConfig, all_texts, head_words, merge_examples
from grounding.learning.examples.spatial_phrases import generate_spatial_phrases
from grounding.learning.examples.teacher_filter import filter_by_teacher
from grounding.learning.examples.text_cache import TextEmbeddingCache
from grounding.learning.finetune import Schedule, finetune
from grounding.nn.grounding.candidates import EXTRA_CLASS_NAMES
from grounding.nn.grounding.network import GroundingConfig, GroundingNet
from grounding.nn.hosts import minilm

SOURCES = ("pseudo", "human", "both")
PSEUDO_WEIGHT = 0.4  # of a pseudo phrase beside a human one


@dataclass(frozen=True)
class TrainingContext:
    """What all training needs: where features are kept, the encoder (`make_backbone`, picklable), and the class names of the detector."""

    cache: FeatureCache
    make_backbone: object
    class_names: tuple[str, ...]
    workers: int = 2


SIZES = {"default": GroundingConfig, "fast": GroundingConfig.fast}


def build_network(context: TrainingContext, seed: int, size: str = "default") -> GroundingNet:
    """Fresh weights, the same for the same seed; class names are embedded by the language model."""
    torch.manual_seed(seed)
    names = [*context.class_names, *EXTRA_CLASS_NAMES]
    net = GroundingNet(SIZES[size](num_classes=len(names)))
    hidden_states = minilm.encode_phrases(minilm.MiniLM.pretrained(net.config.text_layers), names)
    net.name_embeddings.copy_(torch.stack([torch.from_numpy(state.astype("float32")).mean(0) for state in hidden_states]))
    return net


def build_examples(context: TrainingContext, folder: Path, source: str, mirrored: bool, seed: int, teacher: GroundingNet | None = None,
               min_iou: float = 0.5) -> Iterator[Progress]:
    """The last progress holds (training examples, calibration examples); held-out photos are in neither.

    From "pseudo", the file of human phrases is not even opened. With a `teacher`, pseudo phrases it does not agree with by an IoU of
    `min_iou` are left out.
    """
    if source not in SOURCES:
        raise ValueError(f"training examples come from {', '.join(SOURCES)}; got {source!r}")
    photos = read_photos(folder) if source == "pseudo" else read_entities(folder)
    photos = [photo for photo in photos if not is_held_out(photo.id)]
    paths = [photo.path for photo in photos]
    digests = yield from relay_progress(fill_cache(context.cache, paths, context.make_backbone, False, context.workers))
    if mirrored:
        yield from relay_progress(fill_cache(context.cache, paths, context.make_backbone, True, context.workers))
    human_labelled = calibration_pool = [] if source == "pseudo" else human_examples(photos, digests)
    if source == "both":
        spatial_phrases = generate_spatial_phrases(photos, seed)
        human_labelled = [replace(example, phrases=example.phrases + tuple(spatial))
                          for example, spatial in zip(human_labelled, spatial_phrases)]
    pseudo_labelled: Sequence[Example] = ()
    if source != "human":
        pseudo_labelled = yield from relay_progress(
            generate_pseudo_examples(photos, digests, context.cache, context.class_names, seed, context.workers))
    if teacher and pseudo_labelled:
        text_cache = build_text_cache(context, pseudo_labelled, teacher.config.text_layers)
        pseudo_labelled = yield from relay_progress(
            filter_by_teacher(teacher, pseudo_labelled, context.cache, text_cache, len(context.class_names), min_iou))
    combined = merge_examples(human_labelled, pseudo_labelled, PSEUDO_WEIGHT) if human_labelled else list(pseudo_labelled)
    validation_digests = {digests[photo.path] for photo in photos if is_validation(photo.id)}
    training = [example for example in combined if example.digest not in validation_digests]
    calibration = [example for example in calibration_pool or pseudo_labelled if example.digest in validation_digests]
    yield Progress(len(photos), len(photos), "examples", (training, calibration))


def human_examples(photos: Sequence[Photo], digests: dict) -> list[Example]:
    """Human phrases of photos, and every word of their captions."""
    return [
        Example(digests[photo.path], photo.phrases, frozenset(word for caption in photo.captions for word in head_words("x " + caption)))
        for photo in photos
    ]


def train_network(net: GroundingNet, context: TrainingContext, examples: Sequence[Example], schedule: Schedule, sampling: SamplingConfig,
                  text_cache: TextEmbeddingCache, checkpoint: Path | None) -> Iterator[Progress]:
    """The last progress holds the trained network."""
    yield from finetune(net, BatchLoader(examples, context.cache, text_cache, len(context.class_names), sampling), schedule, checkpoint)


def build_text_cache(context: TrainingContext, examples: Sequence[Example], depth: int = minilm.LAYERS) -> TextEmbeddingCache:
    return TextEmbeddingCache(all_texts(examples), context.cache.folder, depth)


def encode_project(context: TrainingContext, photos: Sequence[CorrectedPhoto], paths: dict[str, Path]) -> Iterator[Progress]:
    """Features of the photos of a project, and of their mirror images."""
    files = [paths[photo.sha256] for photo in photos]
    yield from relay_progress(fill_cache(context.cache, files, context.make_backbone, False, context.workers))
    yield from relay_progress(fill_cache(context.cache, files, context.make_backbone, True, context.workers))
    yield Progress(len(files), len(files), "features of photos", files)


def relay_progress(steps: Iterator[Progress]) -> Iterator[Progress]:
    """Passes progress on without its result, and returns that: `result = yield from relay_progress(...)`."""
    result = None
    for step in steps:
        result = step.result if step.result is not None else result
        yield Progress(step.done, step.total, step.note)
    return result
