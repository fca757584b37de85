"""Writing COCO: rows go to temporary files as they come, so that an export of any size takes little memory."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

from grounding.exchange.atomic_writer import AtomicWriter, open_atomic_writer
from grounding.exchange.coco.box_forms import EXPORT_INFO
from grounding.exchange.coco.rows import CAPTION_KEYS
from grounding.exchange.photos import Category, Dataset, FrameReference, ImageAnnotations, ObjectAnnotation, Phrase, VideoFrameTable

_HEAD = f'{{"info": {json.dumps(EXPORT_INFO)}, "licenses": [{{"id": 0, "name": "", "url": ""}}],\n"categories": '.encode()
PIXEL_DECIMALS = 4  # decimals of a pixel that are written
_WORD = re.compile(r"\w+(?:['’-]\w+)*")


class CocoWriter:
    """Writes one picture at a time, so that an export of any size needs no more memory than its largest photo.

    Use it in a `with`, and end with `finish`, which puts the JSON files together.
    """

    def __init__(self, out: AtomicWriter, subset: str = "default"):
        self._out, self._subset = out, subset
        self._images, self._annotations, self._refs, self._videos = _JsonListFile(), _JsonListFile(), _JsonListFile(), _JsonListFile()
        self._video_ids: dict[str, int] = {}

    def __enter__(self) -> CocoWriter:
        return self

    def __exit__(self, *_) -> None:
        for rows in (self._images, self._annotations, self._refs, self._videos):
            rows.close()

    def add_video(self, video: VideoFrameTable, video_file: Path | None = None) -> None:
        """The frame table of a video, and the video itself; comes before the first of its frames."""
        self._video_ids[video.name] = len(self._video_ids) + 1
        row = {"id": self._video_ids[video.name], "name": video.name, "frame_count": len(video.pts_s), "pts_s": list(video.pts_s),
               "frames_written": video.frames_written}
        if video.original_name:
            row["original_name"] = video.original_name
        if video.captions:
            row["captions"] = [dict(zip(CAPTION_KEYS, caption)) for caption in video.captions]
        if video_file is not None:
            row["file_name"] = f"videos/{video.name}"
            self._out.copy(row["file_name"], video_file)
        self._videos.add(row)

    def add(self, image: ImageAnnotations, photo: Path | Callable[[BinaryIO], None] | None = None) -> None:
        """A picture and its photo: a file to copy, or a function that writes it; None leaves the photo out."""
        if photo is not None:
            self._add_photo(f"images/{self._subset}/{image.name}", photo)
        self._images.add(_image_row(image, self._video_ids))
        first = self._annotations.count + 1
        for annotation in image.objects:
            self._annotations.add(_annotation_row(annotation, self._annotations.count + 1, image.id))
        for phrase in image.phrases:
            self._refs.add(self._ref_row(phrase, image, first))

    def _add_photo(self, name: str, photo: Path | Callable[[BinaryIO], None]) -> None:
        if isinstance(photo, Path):
            self._out.copy(name, photo)
            return
        with self._out.open(name) as target:
            photo(target)

    def _ref_row(self, phrase: Phrase, image: ImageAnnotations, first_annotation_id: int) -> dict:
        number = self._refs.count + 1
        tokens = _WORD.findall(phrase.text.lower())
        sentence = {"sent_id": number, "raw": phrase.text, "sent": " ".join(tokens), "tokens": tokens}
        return {"ref_id": number, "image_id": image.id, "file_name": image.name, "split": self._subset,
                "ann_id": [first_annotation_id + index for index in phrase.targets] or [-1],
                "category_id": [image.objects[index].category for index in phrase.targets] or [-1],
                "sent_ids": [number], "sentences": [sentence], "attributes": dict(phrase.attributes)}

    def finish(self, categories: Iterable[Category]) -> None:
        """Writes the JSON files; the categories come last because only now it is known which were used."""
        with self._out.open(f"annotations/instances_{self._subset}.json") as target:
            target.write(_HEAD + _dump([_category_row(category) for category in categories]))
            for title, rows in (("images", self._images), ("annotations", self._annotations), ("videos", self._videos)):
                if rows.count or title != "videos":
                    target.write(f',\n"{title}": '.encode())
                    rows.write_to(target)
            target.write(b"}\n")
        with self._out.open(f"annotations/grefs({self._subset}).json") as target:
            self._refs.write_to(target)


def write(dataset: Dataset, folder: Path, photos: dict[str, Path] | None = None) -> None:
    """A whole dataset at once, to a folder or a .zip; `photos` maps a picture's name to its file."""
    with open_atomic_writer(folder) as out, CocoWriter(out) as writer:
        for video in dataset.videos:
            writer.add_video(video)
        for image in dataset.images:
            writer.add(image, (photos or {}).get(image.name))
        writer.finish(dataset.categories)


class _JsonListFile:
    """A JSON list on its way, kept in a temporary file."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()
        self.count = 0

    def add(self, row: dict) -> None:
        self._file.write(b",\n" if self.count else b"")
        self._file.write(_dump(row))
        self.count += 1

    def write_to(self, target: BinaryIO) -> None:
        """Writes the list from its beginning."""
        self._file.seek(0)
        target.write(b"[")
        shutil.copyfileobj(self._file, target, 1 << 20)
        target.write(b"]")

    def close(self) -> None:
        self._file.close()


def _image_row(image: ImageAnnotations, video_ids: dict[str, int]) -> dict:
    row = {"id": image.id, "width": image.size.width, "height": image.size.height, "file_name": image.name,
           "license": 0, "flickr_url": "", "coco_url": "", "date_captured": 0}
    row |= {"original_name": image.original_name} if image.original_name else {}
    return row | _frame_columns(image.frame, video_ids) if image.frame else row


def _frame_columns(frame: FrameReference, video_ids: dict[str, int]) -> dict:
    return {"video_id": video_ids[frame.video], "frame_index": frame.index, "pts_s": frame.pts_s}


def _annotation_row(annotation: ObjectAnnotation, number: int, image_id: int) -> dict:
    x0, y0, x1, y1 = annotation.box
    left, top, width, height = (round(value, PIXEL_DECIMALS) for value in (x0, y0, x1 - x0, y1 - y0))
    return {"id": number, "image_id": image_id, "category_id": annotation.category, "segmentation": [],
            "area": round(width * height, PIXEL_DECIMALS), "bbox": [left, top, width, height], "iscrowd": 0,
            "attributes": dict(annotation.attributes)}


def _category_row(category: Category) -> dict:
    return {"id": category.id, "name": category.name, "supercategory": ""}


def _dump(value) -> bytes:
    """UTF-8 JSON; half of a surrogate pair, which UTF-8 cannot spell, becomes a question mark."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")
