"""Captioner training: from captioned photos and synthetic clips to a network that captions and tracks; resumable at any step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from grounding.data import Progress
from grounding.learning.captioning.clip_cache import fill_clip_cache
from grounding.learning.captioning.clip_samples import PhotoClipSource, SyntheticClipSource
from grounding.learning.captioning.disjoint import disjoint_losses
from grounding.learning.captioning.examples import CaptionedPhoto, read_captioned_photos
from grounding.learning.captioning.sources import MixedSource, PhotoCaptionSource, PhotoDataset
from grounding.learning.examples.feature_cache import FeatureCache, fill_cache
from grounding.learning.examples.flickr30k import is_held_out, is_validation
from grounding.learning.finetune import Schedule, finetune
from grounding.learning.grounding.calibration import fit_platt
from grounding.learning.grounding.train import relay_progress
from grounding.learning.metrics.captions import token_f1, tokenize
from grounding.nn.captioning.batches import batch_objects, batch_sentences, objects_of_photo
from grounding.nn.captioning.network import CaptionerConfig, CaptionerNet
from grounding.nn.captioning.search import beam_search
from grounding.nn.captioning.vocabulary import MAX_PIECES, Vocabulary
from grounding.nn.files.features import ImageFeatures
from grounding.nn.files.storage import save_network
from grounding.nn.region_features import extract_image_cells, extract_regions
from grounding.synthetic.clips import draw_clip

SOURCES = ("photos", "fake", "films")
MIN_CORRECT_F1 = 0.5  # F1 with a human caption from which a predicted one counts as correct
STOP_WORDS = frozenset("a an the of in on at by with and is are to from his her its their this that some".split())
CALIBRATION_PHOTOS = 120  # validation photos on which confidence is calibrated


@dataclass(frozen=True)
class RunConfig:
    """The caches and the encoder that fills them. `num_clips`: how many synthetic clips; `sources`: which of SOURCES are trained on."""

    feature_cache: FeatureCache
    clip_cache: FeatureCache
    make_backbone: Callable
    workers: int = 2
    num_clips: int = 800
    sources: tuple[str, ...] = SOURCES

    def __post_init__(self):
        unknown = set(self.sources) - set(SOURCES)
        if unknown or not self.sources:
            raise ValueError(f"captions are learned from {', '.join(SOURCES)}; got {', '.join(sorted(unknown)) or 'nothing'}")


def train_captioner(folder: Path | None, out: Path, config: RunConfig, steps: int = 6000, seed: int = 0,
                    resume: bool = False) -> Iterator[Progress]:
    """Writes OUT (.safetensors and .json). The last progress holds {"out", "photos", "films", "steps", "validation", ...}.

    `folder` in the form of Flickr30k Entities; None where only synthetic clips are trained on. Held-out and validation photos are left out.
    """
    out = Path(out)
    photos = list(read_captioned_photos(folder)) if folder else []
    vocabulary = build_vocabulary(photos, range(config.num_clips))
    dataset = yield from relay_progress(build_dataset([photo for photo in photos if not is_reserved(photo.id)], config))
    yield from fill_clip_cache(config.clip_cache, range(config.num_clips) if "films" in config.sources else (), config.make_backbone)
    checkpoint = out.with_suffix(".checkpoint.safetensors")
    if not resume:
        checkpoint.unlink(missing_ok=True)
    net = yield from relay_progress(train_network(dataset, vocabulary, config, steps, seed, checkpoint))
    calibration_photos = [photo for photo in photos if is_validation(photo.id)][:CALIBRATION_PHOTOS]
    calibration_set = yield from relay_progress(build_dataset(calibration_photos, config))
    metadata = {"photos": len(dataset.photos), "films": config.num_clips, "sources": list(config.sources), "steps": steps, "seed": seed}
    evaluation = calibrate_confidence(net, vocabulary, calibration_set) if calibration_set.photos else {}
    card = save_network(net, out, {"name": "captioner", "eyes": config.feature_cache.backbone_version, "words": " ".join(vocabulary.pieces),
                                   "calibration": evaluation.pop("line", [1.0, 0.0]), "training": metadata, "validation": evaluation})
    checkpoint.unlink(missing_ok=True)
    yield Progress(steps, steps, "saved", {"out": str(card), **metadata, "validation": evaluation})


def train_network(dataset: PhotoDataset, vocabulary: Vocabulary, config: RunConfig, steps: int, seed: int,
                  checkpoint: Path | None) -> Iterator[Progress]:
    """The last progress holds a network trained on the sources of `config`."""
    torch.manual_seed(seed)
    net = CaptionerNet(CaptionerConfig(vocabulary_size=len(vocabulary)))
    makers = {"photos": lambda: PhotoCaptionSource(dataset, vocabulary, seed=seed),
              "fake": lambda: PhotoClipSource(dataset, vocabulary, seed=seed),
              "films": lambda: SyntheticClipSource(config.clip_cache, tuple(range(config.num_clips)), vocabulary, seed=seed)}
    source = MixedSource([makers[name]() for name in config.sources], seed)
    schedule = Schedule(steps, learning_rate=6e-4, warmup_steps=min(300, steps // 5), ema_decay=0.998, seed=seed)
    return finetune(net, source, schedule, checkpoint, disjoint_losses)


def build_vocabulary(photos: Sequence[CaptionedPhoto], clip_seeds: Sequence[int]) -> Vocabulary:
    """The words of the training photos and of the synthetic clips."""
    texts = [row.text for photo in photos if not is_reserved(photo.id) for row in photo.annotations if row.kind == "sentence"]
    clip_texts = [obj.caption for seed in list(clip_seeds)[:400] for obj in draw_clip(seed).objects]
    return Vocabulary.from_texts([*texts, *clip_texts])


def build_dataset(photos: Sequence[CaptionedPhoto], config: RunConfig) -> Iterator[Progress]:
    """Encodes the photos that are not in the cache yet; the last progress holds the PhotoDataset."""
    photos = [photo for photo in photos if photo.annotations]
    paths = [photo.path for photo in photos]
    digests = yield from relay_progress(fill_cache(config.feature_cache, paths, config.make_backbone, False, config.workers))
    dataset = PhotoDataset(config.feature_cache, tuple((digests[photo.path], photo) for photo in photos))
    yield Progress(len(photos), len(photos), "photos", dataset)


def calibrate_confidence(net: CaptionerNet, vocabulary: Vocabulary, dataset: PhotoDataset) -> dict:
    """How good captions are on photos that were not trained on, and the line that turns a log-likelihood into a probability of being
    correct.

    {"line": [a, b] of sigmoid(a * mean log-likelihood + b), "f1": mean F1 with the nearest human caption of the box,
    "right": share of those >= MIN_CORRECT_F1, "surprise": mean negative log-likelihood of a human word piece, "boxes": how many}.
    """
    means, scores, surprise = [], [], []
    for digest, photo in dataset.photos:
        likelihoods, photo_scores, photo_surprise = _evaluate_photo(net, vocabulary, dataset.cache.read(digest), photo)
        means += likelihoods
        scores += photo_scores
        surprise += photo_surprise
    correct = np.array(scores) >= MIN_CORRECT_F1
    line = fit_platt(torch.tensor(means)[:, None], torch.from_numpy(correct), l2=1e-5)
    return {"line": [round(float(value), 4) for value in line], "f1": round(float(np.mean(scores)), 4),
            "right": round(float(correct.mean()), 4), "surprise": round(float(np.mean(surprise)), 4), "boxes": len(scores)}


@torch.inference_mode()
def _evaluate_photo(net: CaptionerNet, vocabulary: Vocabulary, features: ImageFeatures,
                    photo: CaptionedPhoto) -> tuple[list[float], list[float], list[float]]:
    """For each box of a photo: mean log-likelihood of the predicted caption, its best F1, and the surprise at one human caption."""
    texts_of: dict[bytes, list[str]] = {}
    boxes = {row.box.tobytes(): row.box for row in photo.annotations if row.kind != "sentence"}
    for row in photo.annotations:
        texts_of.setdefault(row.box.tobytes(), []).append(row.text)
    if not boxes:
        return [], [], []
    regions = extract_regions(features, np.stack(list(boxes.values())))
    prefix = net.decoder.encode(batch_objects(objects_of_photo(regions), [extract_image_cells(features)]))
    pieces, means = beam_search(net.decoder, prefix, beam_width=3)
    texts = [vocabulary.detokenize([piece for piece in row if piece > 3])[0] for row in pieces.tolist()]
    f1 = [max(content_f1(text, other) for other in texts_of[key]) for text, key in zip(texts, boxes)]
    token_ids = batch_sentences([vocabulary.tokenize(texts_of[key][0]).pieces[:MAX_PIECES] for key in boxes])
    likelihood = net.decoder.log_likelihood(prefix, token_ids)
    return means.tolist(), f1, (-likelihood.sum(1) / (token_ids[:, 1:] != 0).sum(1)).tolist()


def content_f1(predicted: str, truth: str) -> float:
    """F1 of the content words, in [0, 1]: with "a" counted, "a dog" would half match "a cat"."""
    predicted_content, truth_content = (" ".join(word for word in tokenize(text) if word not in STOP_WORDS) for text in (predicted, truth))
    return token_f1(predicted_content, truth_content)


def is_reserved(photo_id: str) -> bool:
    return is_held_out(photo_id) or is_validation(photo_id)
