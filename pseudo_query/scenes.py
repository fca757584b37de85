"""Scenes: the things of a picture that phrases can be about, made from what a detector saw."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from grounding.data import Regions, Size
from pseudo_query import paper
from pseudo_query.attributes import Attribute, extract_colours
from pseudo_query.lexicon import PLURAL, Concept, english_lexicon
from pseudo_query.names import MAX_NAME_LENGTH, normalize_label
from pseudo_query.settings import DEFAULT, Settings

AttributePredictor = Callable[[np.ndarray | None, Regions], Sequence[Sequence[tuple]]]  # (word, confidence[, kind])


class Garment(NamedTuple):
    """Something a person wears: its concept's name ("" where only a colour is known), its colours, its region or -1."""

    name: str
    attributes: tuple[Attribute, ...]
    region_index: int


class SceneObject(NamedTuple):
    """One object: `region_index` is its row in the regions, `label` its class as words, `box` four floats in pixels, clipped.

    `distractor_only`: too small to be described, though a phrase for another object may fit it too.
    """

    region_index: int
    label: str
    concept: Concept
    box: tuple[float, float, float, float]
    score: float
    group: str
    attributes: tuple[Attribute, ...] = ()
    garments: tuple[Garment, ...] = ()
    distractor_only: bool = False


class SkippedRegion(NamedTuple):
    """A region nobody will speak of, and why."""

    region_index: int
    reason: str


@dataclass(frozen=True)
class Scene:
    """The things of one picture, in the order of the regions, and what was left out."""

    size: Size
    objects: tuple[SceneObject, ...]
    skipped: tuple[SkippedRegion, ...] = ()


def build_scene(regions: Regions, size: Size, pixels: np.ndarray | None = None, settings: Settings = DEFAULT,
             predict_attributes: AttributePredictor | None = None) -> Scene:
    """The scene of a picture of `size`; `pixels` (H, W, 3) uint8 RGB of any scale, or None for no colours.

    `predict_attributes(pixels, regions)` returns for each region the words that may be true of it, with confidences.
    """
    size = Size(*size)
    rows, scores = [_clip_box(box, size) for box in regions.boxes.xyxy.tolist()], regions.scores.tolist()
    areas = [(x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in rows]
    kept, small, dropped = _filter_regions(regions.labels, rows, areas, scores, size, settings)
    seen, labels = _describe_regions(regions, size, pixels, settings, predict_attributes, kept)
    groups = {i: _group_of_label(regions.labels[i], concept, settings) for i, concept in kept.items()}
    clothes = [i for i in kept if groups[i] == "clothes"]
    objects = []
    for i, concept in kept.items():
        worn = ()
        if groups[i] == "people" and concept.number != PLURAL:
            worn = tuple(_worn_garments(rows[i], rows, clothes, kept, labels, seen, settings))
        objects.append(SceneObject(i, labels[i], concept, rows[i], scores[i], groups[i], seen.get(i, ()), worn, i in small))
    return Scene(size, _add_torso_colours(objects, size, pixels, settings), tuple(dropped))


def _clip_box(box, size) -> tuple[float, float, float, float]:
    """The part of a box inside the picture."""
    width, height = float(size.width), float(size.height)
    x0, y0, x1, y1 = box
    return min(max(x0, 0.0), width), min(max(y0, 0.0), height), min(max(x1, 0.0), width), min(max(y1, 0.0), height)


def _filter_regions(labels, rows, areas, scores, size, settings) -> tuple[dict[int, Concept], set[int], list[SkippedRegion]]:
    """Index -> concept of the regions that make things, in their order; the small ones of them; the others, with reasons."""
    found, skipped_reasons = {}, {}
    for i, label in enumerate(labels):
        concept = english_lexicon().find(label)
        if concept is None:
            skipped_reasons[i] = (f"its class {label!r} is no word" if len(label) <= MAX_NAME_LENGTH
                       else f"its class is {len(label):,} characters long; a name has at most {MAX_NAME_LENGTH}")
        elif areas[i] <= 0:
            skipped_reasons[i] = "its box lies outside the picture or has no area"
        elif scores[i] < settings.min_score:
            skipped_reasons[i] = f"its score {scores[i]:.2f} is below {settings.min_score:g}"
        else:
            found[i] = concept
    for i, count in _find_crowds(found, areas, rows, settings).items():
        skipped_reasons[i] = f"it holds {count} others of its class, so it is a group of them"
        del found[i]
    small = _small_regions(found, areas, labels, size, settings)
    skipped_reasons |= dict.fromkeys(small, f"it covers less than {settings.min_area:.2%} of the picture")
    best = sorted(found if settings.small_as_distractors else found.keys() - small, key=lambda i: (-scores[i], i))
    skipped_reasons |= dict.fromkeys(best[settings.max_objects:], f"the picture has more than {settings.max_objects} objects")
    best = best[: settings.max_objects]
    gone = dict(_suppress_overlaps(best, rows, areas, labels, found, settings))
    skipped_reasons |= {i: f"it overlaps region {winner}, which is like it and surer" for i, winner in gone.items()}
    kept = {i: found[i] for i in sorted(best) if i not in gone}
    return kept, small, [SkippedRegion(i, reason) for i, reason in sorted(skipped_reasons.items())]


def _small_regions(found, areas, labels, size, settings) -> set[int]:
    """Regions below the smallest area worth a phrase; garments may be as small as they like."""
    min_area = settings.min_area * size.width * size.height
    return {i for i, concept in found.items() if areas[i] < min_area and _group_of_label(labels[i], concept, settings) != "clothes"}


def _find_crowds(found, areas, boxes, settings) -> dict[int, int]:
    """Index -> how many others of its class lie in a box, for boxes around three or more, each less than half as large."""
    alike: dict[str, list[int]] = {}
    for i, concept in found.items() if settings.drop_crowds else ():
        alike.setdefault(concept.name, []).append(i)
    crowds = {}
    for rows in alike.values():
        for i in rows if len(rows) > 3 else ():
            smaller = [j for j in rows if areas[j] < 0.5 * areas[i]]
            count = sum(_intersection_area(boxes[i], boxes[j]) > 0.8 * areas[j] for j in smaller) if len(smaller) >= 3 else 0
            if count >= 3:
                crowds[i] = count
    return crowds


def _suppress_overlaps(best, rows, areas, labels, concepts, settings):
    """(loser, winner) pairs among regions sorted best first; they compete within a class, or (paper) within a group.

    So do two names for one thing, like a dog and a bear, if they are at the very same place.
    """
    suppressed, kept, min_iou = [], [], settings.nms_iou
    families = {i: _group_of_label(labels[i], concepts[i], settings) if settings.nms_within_group else concepts[i].name for i in best}

    def one_thing(i, j) -> bool:
        shared = _iou(rows[i], rows[j])
        return shared > min_iou and (
            families[i] == families[j]
            or shared > settings.cross_class_nms_iou
            and english_lexicon().are_confusable(concepts[i], concepts[j])
        )

    for i in best:
        close = (j for j in kept if min_iou * areas[j] < areas[i] and min_iou * areas[i] < areas[j])  # the IoU of the others is less
        winner = next((j for j in close if one_thing(i, j)), None)
        if winner is not None:
            suppressed.append((i, winner))
        if winner is None or settings.nms_within_group:
            kept.append(i)
    return suppressed


def _group_of_label(label, concept, settings) -> str:
    return paper.class_group(normalize_label(label)) if settings.paper_groups else concept.group


def _describe_regions(regions, size, pixels, settings, predictor, kept):
    """Index -> attributes from the reader and the pixels, and index -> what its class is called."""
    attributes: dict[int, tuple[Attribute, ...]] = {}
    other_labels = frozenset(regions.labels)
    labels = {i: english_lexicon().spoken_name(regions.labels[i], other_labels) for i in kept}
    if predictor is not None:
        for i, words in enumerate(predictor(pixels, regions)):
            if i in kept:
                attributes[i] = tuple(Attribute(str(word), *(kind or ("seen",)), float(sure)) for word, sure, *kind in words)
                if settings.exact_classes:
                    labels[i] = _strip_attribute(labels[i], attributes[i], settings)
    if pixels is not None and settings.colours and kept:
        rows = [i for i, concept in kept.items() if concept.group != "people"]
        for i, colours in zip(rows, extract_colours(pixels, regions.boxes.xyxy[rows] * _scale(pixels, size))):
            attributes[i] = attributes.get(i, ()) + colours
    return attributes, labels


def _scale(pixels, size) -> np.ndarray:
    return np.array([pixels.shape[1] / size.width, pixels.shape[0] / size.height] * 2)


def _strip_attribute(label, attributes, settings) -> str:
    """The class without the attribute that will be said of it: "red" and "red car" leave "car"."""
    best = max(attributes, key=lambda attribute: attribute.confidence, default=None)
    if best is None or best.confidence <= settings.min_certain_confidence:
        return label
    return label.replace(f"{best.word} ", "")


def _worn_garments(person, rows, clothes, concepts, labels, seen, settings):
    """The clothes worn by a person: inside its box, and where that kind of garment is worn."""
    _, y0, _, y1 = person
    for i in clothes:
        a, b, c, d = rows[i]
        height = (y1 - (b + d) / 2) / max(y1 - y0, 1e-6)  # 1 at the top of the person, 0 at the feet
        slot = paper.garment_slot(normalize_label(labels[i])) if settings.paper_groups else concepts[i].slot
        if _intersection_area(person, rows[i]) > settings.min_garment_inside * (c - a) * (d - b) and _is_worn_at(slot, height):
            yield Garment(labels[i], seen.get(i, ()), i)


def _is_worn_at(slot, height) -> bool:
    return height > 0.75 if slot == "hat" else height < 0.5 if slot == "pants" else True


TORSO_CONFIDENCE = 0.85  # the clothes are where most people's are, which need not be true of this one


def _add_torso_colours(objects, size, pixels, settings) -> tuple[SceneObject, ...]:
    """The things; people of whom no clothes were detected wear the colour of their upper body."""
    bare = [
        k
        for k, obj in enumerate(objects)
        if obj.group == "people" and obj.concept.number != PLURAL and not obj.garments
    ]
    if not bare or pixels is None or not settings.torso_colours:
        return tuple(objects)
    patches = np.array([torso_box(objects[k].box) for k in bare]) * _scale(pixels, size)
    for k, colours in zip(bare, extract_colours(pixels, patches, subtract_background=False)):
        worn = tuple(a._replace(confidence=round(a.confidence * TORSO_CONFIDENCE, 3)) for a in colours if a.kind == "colour")
        if worn:
            objects[k] = objects[k]._replace(garments=(Garment("", worn, -1),))
    return tuple(objects)


def torso_box(box) -> tuple[float, float, float, float]:
    """Where the upper body's clothes are in a person's box: below the head, higher up the taller the box is."""
    x0, y0, x1, y1 = box
    width, height = x1 - x0, y1 - y0
    top, bottom = (0.22, 0.5) if height > 1.6 * width else (0.4, 0.85)
    return x0 + 0.28 * width, y0 + top * height, x1 - 0.28 * width, y0 + bottom * height


def _iou(a, b) -> float:
    shared = _intersection_area(a, b)
    return shared and shared / ((a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - shared)


def _intersection_area(a, b) -> float:
    """The area two boxes have in common."""
    wide, high = min(a[2], b[2]) - max(a[0], b[0]), min(a[3], b[3]) - max(a[1], b[1])
    return wide * high if wide > 0 and high > 0 else 0.0
