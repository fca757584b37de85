"""Mistakes: the phrases a grounder gets most wrong, surest first, with the answer and the truth, to be looked at as pictures."""

from __future__ import annotations

import base64
import heapq
import html
import io
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from grounding.data import Annotation, Boxes, Progress, Regions, Size
from grounding.data.media import MediaError
from grounding.data.media_image import Image, open_image
from grounding.learning.examples.flickr30k import DatasetFormatError, is_held_out, read_entities
from grounding.learning.metrics.grounding import first_box_iou
from grounding.protocols import Grounder
from grounding.store import Store
from grounding.tasks.improve.evaluate import ground_phrases

CORRECT_IOU = 0.5  # IoU from which an answer counts as right
DEFAULT_COUNT = 24
THUMBNAIL_SIDE = 480  # pixels of the longer side of a picture that is kept
QUALITY = 80

Corners = tuple[float, float, float, float]


@dataclass(frozen=True)
class PhotoPhrases:
    """A photo and what people said about it: (phrase, x0 y0 x1 y1 of its one box as fractions). `item` is its id in a
    project, else empty."""

    name: str
    open: Callable[[], Image]
    phrases: tuple[tuple[str, Corners], ...]
    item: str = ""


@dataclass(frozen=True)
class Mistake:
    """Boxes are fractions of the picture; `answer` is None where the grounder said that there is none. `picture`: a
    small JPEG as a data URI, or empty; `item`: the id of the photo in its project, or empty."""

    phrase: str
    truth: Corners
    answer: Corners | None
    score: float
    iou: float
    name: str
    width: int
    height: int
    item: str = ""
    picture: str = ""

    @property
    def severity(self) -> float:
        """How sure it was of how much that is wrong, in [0, 1]; an answer of "none" is not sure of any place."""
        return self.score * (1 - self.iou)


@dataclass
class MistakesReport:
    """`rows`: the worst first. `right` of `phrases` were answered with an overlap (IoU) of half or more."""

    grounder: str = ""
    photos: int = 0
    phrases: int = 0
    right: int = 0
    rows: list[Mistake] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def summary(self) -> str:
        """One sentence for people."""
        right = f"{self.right:,} of {self.phrases:,} phrases on {self.photos:,} photos are right"
        return f"{right} ({self.grounder}); below are the {len(self.rows)} worst of the others."


def find_in_folder(
    folder: Path | str, grounder: Grounder, count: int = DEFAULT_COUNT, only_held_out: bool = False, limit: int | None = None
) -> Iterator[Progress]:
    """The worst one-box phrases of a folder in the form of Flickr30k Entities; the last progress holds a MistakesReport."""
    photos = [photo for photo in read_entities(Path(folder)) if not only_held_out or is_held_out(photo.id)]
    photo_phrases = [
        PhotoPhrases(
            photo.path.name,
            _opener(photo.path),
            tuple((phrase.text, _corners(phrase.boxes[0])) for phrase in photo.phrases if len(phrase.boxes) == 1),
        )
        for photo in photos
    ]
    photo_phrases = [photo for photo in photo_phrases if photo.phrases][:limit]
    if not photo_phrases:
        raise DatasetFormatError(f"{folder} has no photo with a one-box phrase to look for mistakes in")
    return find_worst(photo_phrases, grounder, count, with_thumbnails=True)


def find_in_project(
    store: Store, project_id: str, grounder: Grounder, count: int = DEFAULT_COUNT, with_thumbnails: bool = False
) -> Iterator[Progress]:
    """The worst one-box phrases that people accepted in a project; `with_thumbnails` puts the pictures into the report,
    for who cannot ask the project for them. Raises ValueError where there are none."""
    photo_phrases = [
        PhotoPhrases(item.name, _opener(store.media_path(item), item.name), phrases, item.id)
        for item, current in store.annotations(project_id)
        if item.kind == "photo" and (phrases := accepted_phrases(current, item.size))
    ]
    if not photo_phrases:
        raise ValueError("there is no accepted phrase with one box in the photos of this project yet; accept or write some first")
    return find_worst(photo_phrases, grounder, count, with_thumbnails)


def accepted_phrases(current: Sequence[Annotation], size: Size) -> tuple[tuple[str, Corners], ...]:
    """Accepted phrases about one accepted box, with that box as fractions of a photo of this size."""
    boxes = {a.object: a.value.box for a in current if a.kind == "box" and a.state == "accepted"}
    phrases = [(a.value.text, a.targets) for a in current if a.kind == "phrase" and a.state == "accepted"]
    edges = np.float32([*size, *size])
    return tuple(
        (text, _corners(np.float32(boxes[targets[0]]) / edges)) for text, targets in phrases if len(targets) == 1 and targets[0] in boxes
    )


def find_worst(
    photos: Sequence[PhotoPhrases], grounder: Grounder, count: int = DEFAULT_COUNT, with_thumbnails: bool = False
) -> Iterator[Progress]:
    """Asks every phrase and keeps the `count` that are most wrong, the rest is only counted; the last progress holds a MistakesReport."""
    report, order = MistakesReport(grounder.version), itertools.count()
    kept: list[tuple[float, int, Mistake]] = []  # a heap, the least bad first
    yield Progress(0, len(photos), "asking the phrases")
    for done, photo in enumerate(photos, 1):
        try:
            for mistake in _find_wrong(photo, grounder, report, with_thumbnails):
                heapq.heappush(kept, (mistake.severity, -next(order), mistake))
                if len(kept) > count:
                    heapq.heappop(kept)
        except MediaError as error:
            report.skipped.append((photo.name, str(error)))
        yield Progress(done, len(photos), f"{report.right} of {report.phrases} right")
    report.rows = [mistake for *_, mistake in sorted(kept, reverse=True)]
    yield Progress(len(photos), len(photos), report.summary(), report)


def _find_wrong(photo: PhotoPhrases, grounder: Grounder, report: MistakesReport, with_thumbnails: bool) -> list[Mistake]:
    """The phrases of one photo that were answered wrong, while the report counts them all."""
    image = photo.open()
    answers = ground_phrases(grounder, grounder.encode(image), [text for text, _ in photo.phrases])
    compared = [_compare(photo, image, text, truth, answer) for (text, truth), answer in zip(photo.phrases, answers)]
    report.photos += 1
    report.phrases += len(compared)
    report.right += sum(mistake.iou >= CORRECT_IOU for mistake in compared)
    wrong = [mistake for mistake in compared if mistake.iou < CORRECT_IOU]
    thumbnail = thumbnail_uri(image) if with_thumbnails and wrong else ""
    return [replace(mistake, picture=thumbnail) for mistake in wrong]


def _compare(photo: PhotoPhrases, image: Image, text: str, truth: Corners, answer: Regions) -> Mistake:
    edges = np.float32([*image.size, *image.size])
    predicted = answer.top(1).boxes
    return Mistake(
        text,
        truth,
        _corners(predicted.xyxy[0] / edges) if len(predicted) else None,
        round(float(answer.scores.max(initial=0)), 4),
        round(first_box_iou(predicted, Boxes([np.float32(truth) * edges])), 4),
        photo.name,
        *image.size,
        photo.item,
    )


def thumbnail_uri(image: Image) -> str:
    """The picture as a data URI of a JPEG, its longer side at most THUMBNAIL_SIDE pixels."""
    from PIL import Image as Pillow

    out, picture = io.BytesIO(), Pillow.fromarray(image.pixels)
    picture.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    picture.save(out, "JPEG", quality=QUALITY)
    return "data:image/jpeg;base64," + base64.b64encode(out.getvalue()).decode()


def to_html(report: MistakesReport) -> str:
    """The report as one HTML file that needs nothing else: the answer in orange, the truth in blue and dashed."""
    return PAGE.format(summary=html.escape(report.summary()), cards="\n".join(map(_card, report.rows)))


PAGE = """<!doctype html><meta charset="utf-8"><title>Worst mistakes</title>
<style>body{{font:14px/1.5 sans-serif;margin:24px;background:#fff;color:#222}}
main{{display:grid;grid-template-columns:repeat(auto-fill,minmax(300px,1fr));gap:18px}}
figure{{margin:0}}svg{{width:100%;height:auto;display:block;border-radius:6px}}rect{{fill:none;stroke-width:3;vector-effect:non-scaling-stroke}}
.answer{{stroke:#e69f00}}.truth{{stroke:#56b4e9;stroke-dasharray:7 5}}b{{font-weight:600}}small{{color:#666}}</style>
<h1>Worst mistakes</h1><p>{summary} <span style="color:#b87f00">Answer</span>, <span style="color:#2b7fb8">truth (dashed)</span>.</p>
<main>
{cards}
</main>
"""


def _card(mistake: Mistake) -> str:
    scale = THUMBNAIL_SIDE / max(mistake.width, mistake.height)
    width, height = mistake.width * scale, mistake.height * scale

    def rect(kind: str, box: Corners | None) -> str:
        if box is None:
            return ""
        x, y, right, bottom = box[0] * width, box[1] * height, box[2] * width, box[3] * height
        return f'<rect class="{kind}" x="{x:.1f}" y="{y:.1f}" width="{right - x:.1f}" height="{bottom - y:.1f}"/>'

    image = f'<image href="{html.escape(mistake.picture)}" width="{width:.1f}" height="{height:.1f}" preserveAspectRatio="none"/>'
    verdict = "none" if mistake.answer is None else f"score {mistake.score:.2f}, IoU {mistake.iou:.2f}"
    return (
        f'<figure><svg viewBox="0 0 {width:.1f} {height:.1f}">{image}{rect("truth", mistake.truth)}{rect("answer", mistake.answer)}</svg>'
        f"<figcaption><b>{html.escape(mistake.phrase)}</b><br><small>{html.escape(mistake.name)}: {verdict}</small></figcaption></figure>"
    )


def _opener(path: Path, name: str = "") -> Callable[[], Image]:
    return lambda: open_image(path, name) if name else open_image(path)


def _corners(box) -> Corners:
    x0, y0, x1, y1 = (round(float(edge), 5) for edge in box)
    return x0, y0, x1, y1
