"""Imported annotations: what a set says of a photo or video becomes annotations of the item, as accepted by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grounding.data import Annotation, new_id
from grounding.data.queries import ORIGINS
from grounding.exchange.photos import Phrase
from grounding.exchange.upright import orient_box
from grounding.exchange.videos import TrackAnnotation, VideoAnnotations, VideoPhrase
from grounding.store import Item, Store
from grounding.tasks.intake.imported_boxes import box_orientation
from grounding.tasks.intake.imported_tracks import adds_new_part, check_video_match, track_value
from grounding.tasks.intake.report import LoadReport
from grounding.tasks.intake.sources import ImportFile
from grounding.tasks.label.annotate import InvalidEdit, check_value

AUTHOR = "person:import"


@dataclass
class AnnotationImport:
    """Writes the annotations of files into items and counts them in `report`. `label_by_category`: a category's name in a file ->
    the label in the project."""

    store: Store
    report: LoadReport
    label_by_category: dict[str, str] = field(default_factory=dict)

    def adds_new_part(self, twin: Item, video: VideoAnnotations) -> bool:
        """Whether a video brings tracks for frames of which the item has none yet."""
        values = (
            [track_value(object_track, self.label_by_category[object_track.track.label], twin)[0] for object_track in video.tracks]
            if video.frame_ranges
            else []
        )
        return adds_new_part(video, twin, [value for value in values if value], self.store.history(twin.id))

    def add(self, item: Item, file: ImportFile, path: Path) -> None:
        """Writes the annotations of one file; `path` is where it lies."""
        if file.video is not None:
            self._add_tracks(item, file.video)
        if file.image is None:
            return
        versions: list[Annotation] = []
        objects = self._add_boxes(item, file, path, versions)
        self.report.boxes += len(versions)
        self._add_phrases(versions, item, file.image.phrases, objects, "box")
        self.store.append(item.id, versions, edit=new_id())

    def _add_phrases(self, versions: list[Annotation], item: Item, phrases: Sequence[Phrase | VideoPhrase], objects, target: str) -> None:
        """Appends a version for each phrase; `objects` are the object ids of what phrases point at, by their number."""
        for phrase in phrases:
            targets = [objects[number] for number in phrase.targets]
            if None in targets:
                what = f"has a phrase {phrase.text[:60]!r} that stayed out together with a {target} it points at"
                self.report.note(item.name, what, skipped=True)
            elif self._add_version(versions, item, "phrase", _phrase_value(phrase, targets)):
                self.report.phrases += 1

    def _add_tracks(self, item: Item, video: VideoAnnotations) -> None:
        """Writes the tracks that a set says of a video, and its phrases."""
        mismatched, note = check_video_match(item, video)
        if note:
            self.report.note(item.name, note, skipped=mismatched)
        if mismatched:
            return
        versions: list[Annotation] = []
        objects = {object_track.id: self._add_track(versions, item, object_track) for object_track in video.tracks}
        self.report.tracks += len(versions)
        self._add_phrases(versions, item, video.phrases, objects, "track")
        self.store.append(item.id, versions, edit=new_id())

    def _add_track(self, versions: list[Annotation], item: Item, object_track: TrackAnnotation) -> str | None:
        value, notes = track_value(object_track, self.label_by_category[object_track.track.label], item)
        for note, skipped in notes:
            self.report.note(item.name, note, skipped)
        if value is None:
            return None
        versions.append(Annotation(item.id, "track", value, AUTHOR))
        return versions[-1].object

    def _add_boxes(self, item: Item, file: ImportFile, path: Path, versions: list[Annotation]) -> list[str | None]:
        """Appends a version for each thing; the object ids, None for those that stayed out."""
        orientation, note = box_orientation(item, file.image, path)
        if note:
            self.report.note(item.name, note, skipped=orientation is None)
        if orientation is None:
            return [None] * len(file.image.objects)
        objects = []
        for annotation in file.image.objects:
            value = {
                "box": list(orient_box(annotation.box, *orientation)),
                "label": self.label_by_category[file.labels[annotation.category]],
                "state": "accepted",
                "score": _score(annotation.attributes),
            } | ({"occluded": True} if annotation.attributes.get("occluded") is True else {})
            objects.append(self._add_version(versions, item, "box", value))
            if (
                objects[-1]
                and not all(file.image.size)
                and any(abs(kept - drawn) > 1 for kept, drawn in zip(versions[-1].value.box, value["box"]))
            ):
                self.report.note(item.name, "has a box that reached over its edge; it was cut there")
        return objects

    def _add_version(self, versions: list[Annotation], item: Item, kind: str, value: dict) -> str | None:
        """Appends a version if the value passes the door; its object id."""
        try:
            versions.append(Annotation(item.id, kind, check_value(kind, value, item), AUTHOR))
        except InvalidEdit as error:
            self.report.note(item.name, f"has a {kind} that stayed out: {error}", skipped=True)
            return None
        return versions[-1].object


def _phrase_value(phrase: Phrase | VideoPhrase, targets: list[str]) -> dict:
    attributes = phrase.attributes
    kept = {key: attributes[key] for key, kind in (("rule", str), ("unique", bool)) if isinstance(attributes.get(key), kind)}
    return {"text": phrase.text, "targets": targets, "state": "accepted", "score": _score(attributes),
            "origin": attributes["origin"] if attributes.get("origin") in ORIGINS else "person"} | kept


def _score(attributes: dict) -> float:
    score = attributes.get("score")
    return float(score) if isinstance(score, (int, float)) and not isinstance(score, bool) and 0 <= score <= 1 else 1.0
