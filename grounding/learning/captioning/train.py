"""Caption teaching: from photos with phrases and from drawn films to a trained network that tells and tracks; resumable at any step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from grounding.data import Progress
from grounding.learning.captioning.clip_cache import FilmCache, fill_plays
from grounding.learning.captioning.clip_samples import DrawnFilms, FakeFilms
from grounding.learning.captioning.disjoint import disjoint_loss
from grounding.learning.captioning.examples import ToldPhoto, read_told
from grounding.learning.captioning.sources import Album, Mixed, PhotoSentences
from grounding.learning.examples.feature_cache import FeatureCache, fill
from grounding.learning.examples.flickr30k import held_out, validation
from grounding.learning.finetune import Schedule, finetune
from grounding.learning.grounding.calibration import fit
from grounding.learning.grounding.train import through
from grounding.learning.metrics.captions import token_f1
from grounding.learning.metrics.captions import words as words_of
from grounding.nn.captioning.batches import sentences, still, views
from grounding.nn.captioning.network import CaptionShape, TellingNet
from grounding.nn.captioning.search import say
from grounding.nn.captioning.vocabulary import LONGEST, Vocabulary
from grounding.nn.files.storage import save_network
from grounding.nn.tokens import around, looks
from grounding.synthetic.clips import draw_play

SOURCES = ("photos", "fake", "films")
GOOD = 0.5  # agreement with what a person said from which a sentence counts as right
FILLERS = frozenset("a an the of in on at by with and is are to from his her its their this that some".split())
CHECKED = 120  # validation photos on which confidence is calibrated


@dataclass(frozen=True)
class Course:
    """Where what was seen is kept, and who sees. `films`: how many plays are drawn; `sources`: which of SOURCES teach."""

    photos: FeatureCache
    plays: FilmCache
    make_eyes: Callable
    workers: int = 2
    films: int = 800
    sources: tuple[str, ...] = SOURCES

    def __post_init__(self):
        unknown = set(self.sources) - set(SOURCES)
        if unknown or not self.sources:
            raise ValueError(f"captions are learned from {', '.join(SOURCES)}; got {', '.join(sorted(unknown)) or 'nothing'}")


def train_captioner(folder: Path | None, out: Path, course: Course, steps: int = 6000, seed: int = 0, resume: bool = False) -> Iterator[Progress]:
    """Writes OUT (.safetensors and .json). The last progress holds {"out", "photos", "films", "steps", "validation", ...}.

    `folder` in the form of Flickr30k Entities; it may be None where only films teach. Held-out and validation photos are left out.
    """
    out = Path(out)
    told = list(read_told(folder)) if folder else []
    words = vocabulary(told, range(course.films))
    album = yield from through(album_of([photo for photo in told if not kept_back(photo.id)], course))
    yield from fill_plays(course.plays, range(course.films) if "films" in course.sources else (), course.make_eyes)
    checkpoint = out.with_suffix(".checkpoint.safetensors")
    if not resume:
        checkpoint.unlink(missing_ok=True)
    net = yield from through(taught_network(album, words, course, steps, seed, checkpoint))
    check = yield from through(album_of([photo for photo in told if validation(photo.id)][:CHECKED], course))
    facts = {"photos": len(album.photos), "films": course.films, "sources": list(course.sources), "steps": steps, "seed": seed}
    judged = calibration(net, words, check) if check.photos else {}
    page = save_network(net, out, {"name": "captioner", "eyes": course.photos.backbone, "words": " ".join(words.pieces),
                                   "calibration": judged.pop("line", [1.0, 0.0]), "training": facts, "validation": judged})
    checkpoint.unlink(missing_ok=True)
    yield Progress(steps, steps, "saved", {"out": str(page), **facts, "validation": judged})


def taught_network(album: Album, words: Vocabulary, course: Course, steps: int, seed: int, checkpoint: Path | None) -> Iterator[Progress]:
    """The last progress holds a network that learned from the sources of the course."""
    torch.manual_seed(seed)
    net = TellingNet(CaptionShape(pieces=len(words)))
    makers = {"photos": lambda: PhotoSentences(album, words, seed=seed), "fake": lambda: FakeFilms(album, words, seed=seed),
              "films": lambda: DrawnFilms(course.plays, tuple(range(course.films)), words, seed=seed)}
    source = Mixed([makers[name]() for name in course.sources], seed)
    return finetune(net, source, Schedule(steps, rate=6e-4, warmup=min(300, steps // 5), smooth=0.998, seed=seed), checkpoint, disjoint_loss)


def vocabulary(told: Sequence[ToldPhoto], films: Sequence[int]) -> Vocabulary:
    """The words of the photos that teach and of the films."""
    texts = [row.text for photo in told if not kept_back(photo.id) for row in photo.told if row.kind == "sentence"]
    played = [part.sentence for seed in list(films)[:400] for part in draw_play(seed).parts]
    return Vocabulary.of([*texts, *played])


def album_of(photos: Sequence[ToldPhoto], course: Course) -> Iterator[Progress]:
    """Sees the photos that were not seen yet; the last progress holds the Album."""
    photos = [photo for photo in photos if photo.told]
    digests = yield from through(fill(course.photos, [photo.path for photo in photos], course.make_eyes, False, course.workers))
    yield Progress(len(photos), len(photos), "photos", Album(course.photos, tuple((digests[photo.path], photo) for photo in photos)))


def calibration(net: TellingNet, words: Vocabulary, album: Album) -> dict:
    """How good sentences are on photos that taught nothing, and the line that makes a chance of being right out of likelihood.

    {"line": [a, b] of sigmoid(a * mean log-likelihood + b), "f1": mean agreement with the best of what people said of the box,
    "right": share of those >= GOOD, "surprise": mean minus log-likelihood of a person's word piece, "boxes": how many}.
    """
    means, scores, surprise = [], [], []
    for digest, photo in album.photos:
        likelihoods, good, surprised = _judged(net, words, album.cache.read(digest), photo)
        means += likelihoods
        scores += good
        surprise += surprised
    right = np.array(scores) >= GOOD
    return {"line": [round(float(value), 4) for value in fit(torch.tensor(means)[:, None], torch.from_numpy(right), pull=1e-5)], "f1": round(float(np.mean(scores)), 4), "right": round(float(right.mean()), 4),
            "surprise": round(float(np.mean(surprise)), 4), "boxes": len(scores)}


@torch.inference_mode()
def _judged(net: TellingNet, words: Vocabulary, features, photo: ToldPhoto) -> tuple[list[float], list[float], list[float]]:
    """For each box of a photo the mean log-likelihood of what is said, its best agreement, and the surprise at one thing a person said."""
    said_of: dict[bytes, list[str]] = {}
    boxes = {row.box.tobytes(): row.box for row in photo.told if row.kind != "sentence"}
    for row in photo.told:
        said_of.setdefault(row.box.tobytes(), []).append(row.text)
    if not boxes:
        return [], [], []
    sights = views(still(looks(features, np.stack(list(boxes.values())))), [around(features)])
    prefix = net.tell.read(sights)
    pieces, means = say(net.tell, prefix, beam=3)
    texts = [words.join([piece for piece in row if piece > 3])[0] for row in pieces.tolist()]
    f1 = [max(agreement(text, other) for other in said_of[key]) for text, key in zip(texts, boxes)]
    told = sentences([words.spell(said_of[key][0]).pieces[:LONGEST] for key in boxes])
    likelihood = net.tell.likelihood(prefix, told)
    return means.tolist(), f1, (-likelihood.sum(1) / (told[:, 1:] != 0).sum(1)).tolist()


def agreement(said: str, told: str) -> float:
    """F1 of the words that say something, in [0, 1]: with "a" counted, "a dog" would be half right of "a cat"."""
    ours, theirs = (" ".join(word for word in words_of(text) if word not in FILLERS) for text in (said, told))
    return token_f1(ours, theirs)


def kept_back(photo_id: str) -> bool:
    return held_out(photo_id) or validation(photo_id)
