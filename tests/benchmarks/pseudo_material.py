"""Material of the trials: which photos, what is seen in them, what people say of them, and the phrases of every arm, made once."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from pseudo_trials import Seen, Trial, detections_of, one_box, shrunk

import pseudo_query
from grounding.data import Boxes, Regions, Size
from grounding.data.media_image import open_image
from grounding.data.progress import run_to_end
from grounding.learning.examples.feature_cache import FeatureCache, fill_cache
from grounding.learning.examples.flickr30k import Photo, Phrase, is_held_out, is_validation, read_entities
from grounding.learning.examples.pseudo import generate_photo_phrases
from grounding.learning.examples.text_cache import TextEmbeddingCache
from grounding.models.detection.ssd import CLASS_NAMES
from grounding.models.embedding.backbone import VisionBackbone
from pseudo_query import DEFAULT, FAITHFUL, Settings, build_scene, generate_phrases
from pseudo_query.templates import template_names

SILENT = 1.1  # a confidence nothing reaches
PLAIN = replace(DEFAULT, nouns_per_object=1, synonyms=False, hypernyms=False, max_plurals=0, ambiguous="ignore")


def _only(*templates: str) -> frozenset[str]:
    return frozenset(template_names()) - set(templates)


# Each arm adds one thing to the one above; "faithful" gets the colours of ours, for its paper has a detector of attributes.
ARMS: dict[str, Settings] = {
    "noun": replace(PLAIN, min_certain_confidence=SILENT, disabled_templates=_only("noun")),
    "+ attributes": replace(PLAIN, disabled_templates=_only("noun", "noun clothes")),
    "+ relations": PLAIN,
    "+ uniqueness": replace(PLAIN, ambiguous="extend"),
    "all ours": DEFAULT,
    "all faithful": replace(FAITHFUL, colours=True),
}
SHIPPED = (
    "as shipped"  # what grounding.learning.examples.pseudo teaches: the teaching mode, and common speech of clothes, groups and places
)


@dataclass(frozen=True)
class Material:
    """`seen` and `book` are what a network is fed with; `pseudo` arm -> photo -> phrases; `human` of the same photos; `asked` of others."""

    seen: Seen
    book: TextEmbeddingCache
    pseudo: dict[str, dict[str, list[Phrase]]]
    human: dict[str, list[Phrase]]
    asked: dict[str, list[Phrase]]
    detections: dict[str, Regions]


def prepare(data: Path, cache: Path, work: Path, trial: Trial) -> Material:
    """Looks at nothing people wrote when it makes pseudo phrases."""
    work.mkdir(parents=True, exist_ok=True)
    photos = read_entities(data)
    taught = _drawn([p for p in photos if not is_held_out(p.id) and not is_validation(p.id) and int(p.id) % 10 != 1], trial.photos)
    asked = {photo.id: phrases for photo in photos if is_held_out(photo.id) and (phrases := one_box(photo))}
    used = taught + [photo for photo in photos if photo.id in asked]
    kept = FeatureCache(cache, VisionBackbone().version)
    digests = run_to_end(fill_cache(kept, [photo.path for photo in used], VisionBackbone, workers=1))
    features = {photo.id: shrunk(kept.read(digests[photo.path]), trial) for photo in used}
    detections = {photo: detections_of(found, trial) for photo, found in features.items()}
    pseudo = _kept_phrases(work, data, taught, features, detections)
    human = {photo.id: list(photo.phrases) for photo in taught}
    texts = {p.text for lessons in (*pseudo.values(), human, asked) for phrases in lessons.values() for p in phrases}
    return Material(Seen(features, trial), TextEmbeddingCache(texts, work), pseudo, human, asked, detections)


def _drawn(photos: Sequence[Photo], count: int) -> list[Photo]:
    order = np.random.default_rng(0).permutation(len(photos))[:count]
    return [photos[row] for row in sorted(order.tolist())]


def _kept_phrases(work, data, photos, features, detections) -> dict[str, dict[str, list[Phrase]]]:
    """Every arm's phrases, read from `work` or made and written there."""
    file = work / f"phrases-{pseudo_query.version.replace('@', '-')}-{len(photos)}.json"
    if not file.exists():
        sizes = _sizes(data)
        rows = {arm: {} for arm in (*ARMS, SHIPPED)}
        for count, photo in enumerate(photos):
            for arm, phrases in _made(photo, sizes[photo.id], features[photo.id], detections[photo.id]).items():
                rows[arm][photo.id] = [[p.text, p.boxes.round(4).tolist(), p.category, p.weight] for p in phrases]
            if count % 200 == 0:
                print(f"phrases for {count} of {len(photos)} photos", flush=True)
        file.write_text(json.dumps(rows))
    return {arm: {photo: [Phrase(text, np.float32(boxes).reshape(-1, 4), kind, weight=weight) for text, boxes, kind, weight in phrases]
                  for photo, phrases in lessons.items()} for arm, lessons in json.loads(file.read_text()).items()}


def _made(photo: Photo, size: Size, features, detections: Regions) -> dict[str, list[Phrase]]:
    """Arm -> phrases of one photo, from its detections and pixels; lengths in pixels are those of the photo as it was taken."""
    pixels, seed = open_image(photo.path).pixels, int(photo.id)
    scale = np.tile(np.float32(size), 2)
    regions = Regions(Boxes(detections.boxes.xyxy * scale), detections.scores, detections.labels)
    ours = build_scene(regions, size, pixels, DEFAULT)
    found = {}
    for arm, settings in ARMS.items():
        scene = build_scene(regions, size, pixels, settings) if settings.exact_classes else ours
        found[arm] = [Phrase(c.query, detections.boxes.xyxy[list(c.targets)], "object")
                      for c in generate_phrases(scene, settings, seed) if c.targets]
    found[SHIPPED] = generate_photo_phrases(features, pixels, CLASS_NAMES, np.random.default_rng([0, seed]))[0]
    return found


def _sizes(data: Path) -> dict[str, Size]:
    """Photo -> its size as it was taken; many are kept squashed to 224 x 224."""
    with gzip.open(data / "entities.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {str(row["id"]): Size(row["width"], row["height"]) for row in map(json.loads, lines)}
