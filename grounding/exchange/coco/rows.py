"""Rows of COCO: what the lists of one JSON file tell, each row that tells nothing, or two things at once, named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grounding.data import Size, clip_box
from grounding.exchange.coco.box_forms import FRACTIONS_ERROR
from grounding.exchange.coco.boxes import InvalidBox, mask_size, parse_box
from grounding.exchange.names import relative_name
from grounding.exchange.photos import Category, Fault, ObjectAnnotation, VideoFrameTable
from grounding.exchange.texts import DUPLICATE_KEY
from grounding.exchange.values import as_positive_id, is_id, is_number, normalize_id

CAPTION_KEYS = ("track_id", "start", "end", "text")  # of the captions of stretches in `videos`; frames from 0, both ends included
_MAX_SILENT_OVERHANG = 1.0  # pixels a box may reach over the edge without a word, as COCO's own do
_LARGEST_SIDE = 1 << 24


@dataclass
class CocoRows:
    """The rows of one JSON file. `shared_image_ids` and `shared_annotation_ids` are ids that two different rows have."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    categories_by_id: dict = field(default_factory=dict)
    videos_by_id: dict = field(default_factory=dict)
    annotations_by_image: dict = field(default_factory=lambda: defaultdict(list))  # image id -> (number, row) of annotations
    shared_image_ids: set = field(default_factory=set)
    shared_annotation_ids: set = field(default_factory=set)
    rotated_count: int = 0
    exported_here: bool = False  # the file says that Deixis wrote it, so its bboxes are those of COCO
    bbox_format_error: str = ""  # why no bbox of the file can be taken
    scored_count: int = 0  # boxes with a score of a detector
    refused_count: int = 0  # how many boxes stayed out for that
    _ambiguous_categories: dict = field(default_factory=dict)  # a category id that several names have -> these names

    def add_fault(self, what: str, why: str, *, skipped: bool = True) -> None:
        self.faults.append(Fault(f"{self.file}: {what}", why, skipped))

    def read_categories(self, rows: list) -> None:
        names: dict[Any, dict[str, None]] = defaultdict(dict)
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict) or not is_id(row.get("id")):
                self.add_fault(f"category {number}", "has no id, so no box can belong to it; give it one")
                continue
            name = row.get("name")
            names[normalize_id(row["id"])][name.strip() if isinstance(name, str) and name.strip() else f"category {row['id']}"] = None
        self._ambiguous_categories = {key: list(category_names) for key, category_names in names.items() if len(category_names) > 1}
        for key, category_names in self._ambiguous_categories.items():
            self.add_fault(
                f"category id {key}",
                f"belongs to {' and '.join(category_names)}, so nobody knows which its boxes show; give each an id of its own",
            )
        named = {key: next(iter(category_names)) for key, category_names in names.items() if key not in self._ambiguous_categories}
        own = {name: as_positive_id(key) for key, name in reversed(named.items())}
        if not all(own.values()):  # counted from 0, or by names
            own = {name: number for number, name in enumerate(dict.fromkeys(named.values()), 1)}
        self.categories_by_id = {key: Category(own[name], name) for key, name in named.items()}

    def read_videos(self, rows: list) -> None:
        """Frame tables of videos; those of other tools have none, and their frames are photos."""
        for row in rows:
            if (
                not isinstance(row, dict)
                or not isinstance(row.get("name"), str)
                or not isinstance(row.get("pts_s"), list)
                or not is_id(row.get("id"))
            ):
                continue
            key, captions, count = normalize_id(row["id"]), _read_captions(row), len(get_list(row, "captions"))
            if key in self.videos_by_id or any(video.name == row["name"] for video in self.videos_by_id.values()):
                self.add_fault(row["name"], f"has the id {key} or the name of an earlier video; give each video its own")
                continue
            if len(captions) < count:
                why = f"has {count - len(captions)} captions without track_id, start, end and text; they were left out"
                self.add_fault(row["name"], why)
            pts = tuple(float(value) for value in row["pts_s"] if is_number(value))
            written, file = (value if isinstance(value, str) else "" for value in (row.get("frames_written"), row.get("file_name")))
            self.videos_by_id[key] = VideoFrameTable(row["name"], pts, written or "annotated", captions, file, read_original_name(row))

    def read_images(self, rows: list) -> Iterator[tuple[int, dict]]:
        """The rows with a file_name (of LVIS: a coco_url); the ids that two of them share become `shared_image_ids`."""
        first_rows: dict[Any, dict] = {}
        for number, given in enumerate(rows, 1):
            row, key = _with_file_name(given), normalize_id(given["id"]) if isinstance(given, dict) and is_id(given.get("id")) else None
            first = given if key is None else first_rows.setdefault(key, given)
            if first is not given and not _equal(first, given):
                self.shared_image_ids.add(key)
            if row is None:
                self.add_fault(f"image {number}", "has no file_name, so its photo cannot be found; give it one")
            elif first is not given and key in self.shared_image_ids:
                why = f"has the id {key} of an earlier image, so nobody knows whose its boxes are"
                self.add_fault(row["file_name"], f"{why}; give each image an id of its own")
            elif first is not given:
                self.add_fault(row["file_name"], "is listed twice alike; it came in once", skipped=False)
            else:
                if DUPLICATE_KEY in given.values():
                    self.add_fault(
                        row["file_name"], f'has "{_duplicate_key(given)}" twice with different values; keep one of them', skipped=False
                    )
                yield number, row

    def read_annotations(self, rows: list) -> None:
        """Sorts the annotations by image; what belongs to no image, and ids that two of them share, are named."""
        first_rows: dict[Any, dict] = {}
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                self.add_fault(f"annotation {number}", "is not an object; remove it or write it as {...}")
                continue
            if is_id(row.get("id")):
                first = first_rows.setdefault(normalize_id(row["id"]), row)
                if first is not row and _equal(first, row):
                    self.add_fault(_row_name(row, number), "is listed twice alike; it came in once", skipped=False)
                    continue
                if first is not row:
                    self.shared_annotation_ids.add(normalize_id(row["id"]))
            why = _annotation_error(row)
            if why:
                self.add_fault(_row_name(row, number), why)
            else:
                self.annotations_by_image[normalize_id(row["image_id"])].append((number, row))

    def image_size(self, row: dict, boxes: list) -> Size:
        """As told for an image, or by the run lengths of its masks; (0, 0) where neither tells it."""
        size = stated_size(row)
        if not all(size) and any(row.get(side) not in (None, "") for side in ("width", "height")):
            self.add_fault(
                row["file_name"], "has a width and height that are no size; that of the file is taken: correct them", skipped=False
            )
        return size if all(size) else next((size for _, box in boxes if not box.get("bbox") and (size := mask_size(box))), Size(0, 0))

    def read_objects(self, rows: list, size: Size) -> tuple[list[ObjectAnnotation], dict]:
        """The boxes of an image, and where each annotation id went."""
        objects: list[ObjectAnnotation] = []
        index_by_id: dict = {}
        for number, row in rows:
            key = normalize_id(row["id"]) if is_id(row.get("id")) else None
            if key is not None and key in self.shared_annotation_ids:
                why = "shares its id with another annotation, so nobody knows which is right; give each an id of its own"
                self.add_fault(_row_name(row, number), why)
                continue
            annotation = self._read_object(number, row, size)
            if annotation is None:
                continue
            if key is None:
                self.add_fault(_row_name(row, number), "has no id, so no phrase can point at it; its box came in", skipped=False)
            else:
                index_by_id[key] = len(objects)
            objects.append(annotation)
        return objects, index_by_id

    def _read_object(self, number: int, row: dict, size: Size) -> ObjectAnnotation | None:
        try:
            category = self._category_of(row)
            stated_box, rotated = parse_box(row, size)
            if self.bbox_format_error and (row.get("bbox") or self.bbox_format_error == FRACTIONS_ERROR):
                self.refused_count += 1
                return None
            box, overhang = clip_box(stated_box, size)
            if box is None and (stated_box[0] >= stated_box[2] or stated_box[1] >= stated_box[3]):
                raise InvalidBox(
                    f"has a bbox {_xywh(stated_box)} whose width or height is not above 0, so there is nothing "
                    "of it inside the photo; correct it"
                )
            if box is None:
                raise InvalidBox(f"has a bbox {_xywh(stated_box)} with nothing of it inside the photo{_size_text(size)}; correct it")
        except InvalidBox as error:
            self.add_fault(_row_name(row, number), str(error))
            return None
        if overhang > _MAX_SILENT_OVERHANG:
            why = f"reached {overhang:.1f} pixels over the edge of the photo{_size_text(size)}; it was cut there"
            self.add_fault(_row_name(row, number), why, skipped=False)
        self.rotated_count += rotated
        attributes, score = row.get("attributes"), row.get("score")
        self.scored_count += is_number(score)
        return ObjectAnnotation(
            box, category.id, ({"score": score} if is_number(score) else {}) | (attributes if isinstance(attributes, dict) else {})
        )

    def _category_of(self, row: dict) -> Category:
        if not is_id(row.get("category_id")):
            raise InvalidBox("has no category_id; add the category or correct the id")
        key = normalize_id(row["category_id"])
        if key in self._ambiguous_categories:
            raise InvalidBox(f"names category {key}, which is {' and '.join(self._ambiguous_categories[key])}; give each an id of its own")
        if key not in self.categories_by_id:
            raise InvalidBox(f"names category {row['category_id']}, which is not in the file; add the category or correct the id")
        return self.categories_by_id[key]

    def report_orphans(self, image_ids: set, refs: Mapping) -> None:
        """Names the boxes and phrases of images that are not in the file."""
        for what, rows in (("boxes", self.annotations_by_image), ("phrases", refs)):
            for key, those in rows.items():
                if key not in image_ids:
                    self.add_fault(
                        f"image {key}", f"is not in the file, but {len(those)} {what} name it; add the image or correct their image_id"
                    )


def stated_size(row: dict) -> Size:
    """The width and height of an image as told; (0, 0) where they are none."""
    sides = (row.get("width"), row.get("height"))
    return Size(*sides) if all(is_number(value) and 0 < value <= _LARGEST_SIDE for value in sides) else Size(0, 0)


def get_list(body: dict, key: str, reporter: CocoRows | None = None) -> list:
    """A list of the file; empty where there is none, which is named where it is something else."""
    rows = body.get(key)
    if rows is not None and not isinstance(rows, list) and reporter is not None:
        reporter.add_fault(f'"{key}"', "is no list, so nothing of it could be read; export it again as COCO instances")
    return rows if isinstance(rows, list) else []


def read_original_name(row: dict) -> str:
    """What a photo or video was called before an export had to spell its name otherwise."""
    name = row.get("original_name")
    return relative_name(name) if isinstance(name, str) and name.strip() else ""


def _annotation_error(row: dict) -> str:
    """Why an annotation cannot be one thing of one image, with the cure, or an empty string."""
    crowd = row.get("iscrowd")
    if DUPLICATE_KEY in row.values():
        return f'has "{_duplicate_key(row)}" twice with different values; keep one of them'
    if not is_id(row.get("image_id")):
        return "has no image_id, so nobody can know its photo; give it one"
    if crowd and crowd == crowd and crowd != "0":
        return f"marks a crowd (iscrowd {crowd}) and not one thing; draw the things one by one"
    return ""


def _with_file_name(row: Any) -> dict | None:
    """A row of images with its file_name; LVIS tells it in the coco_url alone."""
    if not isinstance(row, dict):
        return None
    name, address = row.get("file_name"), row.get("coco_url")
    if isinstance(name, str) and name.strip():
        return row
    return row | {"file_name": address} if name is None and isinstance(address, str) and address.strip() else None


def _read_captions(row: dict) -> tuple[tuple[object, int, int, str], ...]:
    """The sound captions of stretches of a video's tracks."""
    found = [tuple(caption.get(key) for key in CAPTION_KEYS) for caption in get_list(row, "captions") if isinstance(caption, dict)]
    return tuple((normalize_id(track), int(start), int(end), text) for track, start, end, text in found
                 if is_id(track) and all(is_number(edge) and edge == int(edge) for edge in (start, end)) and 0 <= start <= end
                 and isinstance(text, str) and text.strip())


def _equal(one: dict, other: dict) -> bool:
    try:
        return one == other
    except RecursionError:
        return False


def _duplicate_key(row: dict) -> str:
    return next(key for key, value in row.items() if value is DUPLICATE_KEY)


def _row_name(row: dict, number: int) -> str:
    return f"annotation {row['id']}" if is_id(row.get("id")) else f"annotation number {number}"


def _size_text(size: Size) -> str:
    return f" of {size.width} x {size.height}" if all(size) else ""


def _xywh(box: tuple[float, ...]) -> list[float]:
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]
