"""Propose: models say what they see in each item, for people to accept, correct or reject."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np

from grounding.data import Annotation, Boxes, BoxValue, PhraseValue, Progress, Query, Regions, TrackValue, Value, iou
from grounding.data.media import MediaError, open_image
from grounding.protocols import BatchDetector, Detector, Grounder, ThresholdedDetector, Versioned
from grounding.store import Item, Store, digest
from grounding.tasks.label.decided import DecidedObjects

MIN_SCORE = 0.4  # what the embedded detector is less sure of costs people more time than it saves
MAX_BOXES = 60  # of the embedded detector


@dataclass(frozen=True)
class PhraseGenerator:
    """A generator of phrases with its version: `generate(regions, size, pixels)` gives candidates with targets."""

    generate: Callable[..., list]
    version: str

    def __call__(self, regions: Regions, size, pixels=None, **settings) -> list:
        return self.generate(regions, size, pixels, **settings)


@dataclass(frozen=True)
class Proposal:
    """A value as the store keeps it, but a phrase has its `targets` here, as rows of the list of proposals."""

    kind: str
    value: Value
    author: str
    targets: tuple[int, ...] = ()


@dataclass
class ProposeReport:
    """What was proposed; `left_out` counts detections whose class is not in the list of labels."""

    items: int = 0
    boxes: int = 0
    phrases: int = 0
    tracks: int = 0
    left_out: dict[str, int] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def summary(self) -> str:
        """One line for people."""
        parts = [f"{count} {name}" for count, name in ((self.boxes, "boxes"), (self.phrases, "phrases"), (self.tracks, "tracks")) if count]
        return f"{', '.join(parts) or 'nothing'} proposed in {self.items} items"


def propose(store: Store, project_id: str, detector: Detector, generator: Any, item_ids: Sequence[str] | None = None,
            grounder: Grounder | None = None, tracker: Any = None) -> Iterator[Progress]:
    """Proposes for every item of a project that is not done, or for those named; the last progress holds a ProposeReport.

    What a model said before and nobody touched is replaced; what people said stays, and is not proposed again. Where the
    project has a list of labels, only things of these classes are proposed. Videos need a `tracker`.
    """
    project, report = store.project(project_id), ProposeReport()
    items = [store.item(id) for id in item_ids] if item_ids is not None else _unfinished(store, project.id)
    items.sort(key=lambda item: item.kind == "video")  # photos first: they are quick, and somebody is waiting to begin
    labels = {label.name.casefold(): label.name for label in project.labels}
    photos = [item for item in items if item.kind == "photo"]
    yield Progress(0, len(items), items[0].name if items else "")
    for (number, item), image, detections in detect_images(_open_photos(store, photos, report), detector):
        if number:
            yield Progress(number, len(items), item.name)
        _propose_photo(store, item, (image, detections), (detector, generator, grounder), labels, report)
    for number, item in enumerate(items[len(photos):] if tracker is not None else (), len(photos)):  # videos
        yield Progress(number, len(items), item.name)
        try:
            yield from _propose_tracks(
                store, item, (detector, tracker, generator), labels, report, (number, len(items))
            )
        except MediaError as error:
            report.skipped.append((item.name, str(error)))
    yield Progress(len(items), len(items), report.summary(), report)


def detect_images(images_by_key: Iterable[tuple[Any, Any]], detector: Detector) -> Iterator[tuple[Any, Any, Regions]]:
    """(key, image, what is seen in it) of each (key, image), in order; a detector that reads several photos in one pass
    gets as many."""
    images_by_key, batched = iter(images_by_key), isinstance(detector, BatchDetector)
    while batch := list(islice(images_by_key, detector.batch_size if batched else 1)):
        images = [image for _, image in batch]
        found = detector.detect_batch(images) if batched else map(detector.detect, images)
        yield from ((key, image, detections) for (key, image), detections in zip(batch, found))


def filter_detections(detections: Regions, detector: Detector) -> Regions:
    """What is proposed of what was seen, best first. Detectors of other people say from which score on
    (`proposal_threshold`), and all of that is proposed; of the embedded one what is sure enough, and not too much."""
    if isinstance(detector, ThresholdedDetector):
        return detections.above(detector.proposal_threshold).best_first()
    return detections.above(MIN_SCORE).top(MAX_BOXES)


def propose_item(
    image,
    detector: Detector,
    generator: Any,
    grounder: Grounder | None = None,
    labels: dict[str, str] | None = None,
    left_out: dict[str, int] | None = None,
    detections: Regions | None = None,
) -> list[Proposal]:
    """Boxes of a photo, best first, then phrases for them; `detections`: what the detector found in it, if that is known
    already.

    `labels` maps case-folded class names to those to use; what it does not name is left out, and counted in `left_out`.
    A grounder's agreement with a phrase (IoU of its answer) scales the phrase's score.
    """
    detections = filter_detections(detector.detect(image) if detections is None else detections, detector)
    rows = [row for row, label in enumerate(detections.labels) if not labels or label.casefold() in labels]
    for row in set(range(len(detections))) - set(rows) if left_out is not None else ():
        left_out[detections.labels[row]] = left_out.get(detections.labels[row], 0) + 1
    index_of_row = {row: index for index, row in enumerate(rows)}
    boxes = [_box_proposal(detections, row, labels, model_author(detector)) for row in rows]
    candidates = [c for c in generator(detections, image.size, image.pixels) if set(c.targets) <= index_of_row.keys()]
    agreement = _agreement(image, detections, candidates, grounder)
    phrases = [_phrase_proposal(c, index_of_row, agree, model_author(generator)) for c, agree in zip(candidates, agreement)]
    return boxes + phrases


def to_annotations(item_id: str, proposals: Sequence[Proposal], decided: DecidedObjects | None = None) -> list[Annotation]:
    """Proposals as annotations of an item, with ids that follow from item, author and content.

    What people said already (`decided`) is not said again: a box of theirs stands in for the proposed one, a phrase they
    know is left out, and one about something they rejected too.
    """
    decided = decided or DecidedObjects.of([])
    objects: list[str | None] = []
    versions: list[Annotation] = []
    for proposal in proposals:
        value = proposal.value
        if isinstance(value, PhraseValue):
            targets = [objects[row] for row in proposal.targets]
            value = replace(value, targets=tuple(dict.fromkeys(target for target in targets if target)))
            if None in targets or decided.has_phrase(value.text):
                continue
        elif (found := decided.find(value)) is not None:
            objects.append(found.current_id)
            continue
        id = digest([item_id, proposal.author, proposal.kind, value.to_json()])
        objects.append(id)
        versions.append(Annotation(item_id, proposal.kind, value, proposal.author, id=id))
    return list({a.id: a for a in versions}.values())


def model_author(model: Any) -> str:
    """'model:NAME@VERSION' of any model; raises ValueError for one that hides its version."""
    if not isinstance(model, Versioned) or "@" not in model.version:
        raise ValueError(f"{type(model).__name__} has no version like NAME@HASH, so its proposals could not be told apart")
    return f"model:{model.version}"


def track_proposal(track, author: str) -> Proposal:
    """A track as a model proposes it, by its keyframes."""
    return Proposal("track", TrackValue.from_track(track), author)


def store_proposals(store: Store, item: Item, proposals: Sequence[Proposal], authors: Sequence[str]) -> list[Annotation]:
    """Hands the proposals of these authors to the store, all of them in one go; what is proposed now."""
    versions = to_annotations(item.id, proposals, DecidedObjects.of(store.history(item.id)))
    with store.transaction():
        for author in dict.fromkeys(authors):
            store.propose(item.id, author, [a for a in versions if a.author == author])
    return versions


def _open_photos(store: Store, photos: Sequence[Item], report: ProposeReport) -> Iterator[tuple[tuple[int, Item], Any]]:
    """((number, item), image) of the photos that can be read; the others are told in the report."""
    for number, item in enumerate(photos):
        try:
            yield (number, item), open_image(store.media_path(item), item.name, size=item.size)
        except MediaError as error:
            report.skipped.append((item.name, str(error)))


def _propose_photo(store: Store, item: Item, image_and_detections, models, labels, report: ProposeReport) -> None:
    (image, detections), (detector, generator, grounder) = image_and_detections, models
    proposals = propose_item(image, detector, generator, grounder, labels, report.left_out, detections)
    stored = store_proposals(
        store,
        item,
        proposals,
        (*_superseded_authors(store, item, model_author(detector), "box"), model_author(detector), model_author(generator)),
    )
    report.items += 1
    report.boxes += sum(a.kind == "box" for a in stored)
    report.phrases += sum(a.kind == "phrase" for a in stored)


def _superseded_authors(store: Store, item: Item, author: str, kind: str, name_suffix: str = "") -> list[str]:
    """Other models (with names that end with `name_suffix`) whose things of this kind nobody touched: one serves at a time, so what
    they proposed goes."""
    name = author.partition("@")[0]
    open_proposals = [
        a
        for a in store.current(item.id)
        if a.kind == kind and not a.by_person and a.state == "proposed" and a.author.partition("@")[0].endswith(name_suffix)
    ]
    return sorted({a.author for a in open_proposals} - {a.author for a in open_proposals if a.author.partition("@")[0] == name})


def _propose_tracks(store: Store, item: Item, models, labels, report: ProposeReport, position: tuple[int, int]) -> Iterator[Progress]:
    from grounding.data.media import FrameTable, open_video
    from grounding.tasks.video.follow import follow

    detector, tracker, generator = models
    tracks, kept_at, finished = [], 0, False
    try:
        with open_video(store.media_path(item), FrameTable(store.pts(item.id)), item.name) as video:
            for step in follow(video, detector, tracker, generator):
                tracks = step.result or tracks
                if step.result and step.done >= 1.5 * kept_at:  # not at every look: each leaves its versions in the history
                    _store_tracks(store, item, tracks, labels, model_author(tracker))
                    kept_at = step.done
                done = (step.done, step.total) if position[1] == 1 else position
                yield Progress(*done, f"{item.name}: {step.note or f'{step.done} of {step.total} frames'}")
        finished = True
    finally:  # also where it was stopped, or the rest of the video cannot be decoded
        if tracks or finished:
            report.tracks += len(_store_tracks(store, item, tracks, labels, model_author(tracker)))
    report.items += 1


def _store_tracks(store: Store, item: Item, tracks: Sequence[Any], labels: dict[str, str], author: str) -> list[Annotation]:
    """Proposes these tracks and no others of this author; only those of the project's labels, if it has some."""
    named = [replace(t, label=labels.get(t.label.casefold(), t.label)) for t in tracks if not labels or t.label.casefold() in labels]
    others = _superseded_authors(store, item, author, "track", name_suffix="tracker")  # a followed box was drawn by a person, and stays
    return store_proposals(store, item, [track_proposal(track, author) for track in named], (*others, author))


def _unfinished(store: Store, project_id: str) -> list[Item]:
    return [item for item in store.all_items(project_id) if item.status != "done"]


def _box_proposal(detections: Regions, row: int, labels: dict[str, str] | None, author: str) -> Proposal:
    label = detections.labels[row]
    value = BoxValue(box=_round_box(detections.boxes.xyxy[row]), label=labels[label.casefold()] if labels else label,
                     score=round(float(detections.scores[row]), 4), state="proposed")
    return Proposal("box", value, author)


def _phrase_proposal(candidate, index_of_row: dict[int, int], agreement: float, author: str) -> Proposal:
    value = PhraseValue(text=candidate.query, state="proposed", origin="template", rule=" ".join(candidate.rules)[:200],
                        unique=bool(candidate.unique), score=round(float(candidate.score) * agreement, 4))
    return Proposal("phrase", value, author, tuple(index_of_row[row] for row in candidate.targets))


def _agreement(image, detections: Regions, candidates: Sequence[Any], grounder: Grounder | None) -> list[float]:
    """For each candidate, how far the grounder's best box covers a target: its best IoU; 1 without a grounder or a target."""
    if grounder is None or not candidates:
        return [1.0] * len(candidates)
    encoded, agreements = grounder.encode(image), []
    for candidate in candidates:
        answer = grounder.ground_in(encoded, Query(candidate.query, origin="template")).top(1).boxes
        targets = detections.boxes[np.array(candidate.targets, int)] if candidate.targets else Boxes.empty()
        agreements.append(float(iou(answer, targets).max(initial=0.0)) if len(targets) else 1.0)
    return agreements


def _round_box(box) -> tuple[float, ...]:
    return tuple(round(float(x), 2) for x in box)
