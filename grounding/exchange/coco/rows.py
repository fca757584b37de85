"""Rows of COCO: what the lists of one JSON file tell, each row that tells nothing, or two things at once, named."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grounding.data import Size, inside
from grounding.exchange.coco.box_forms import FRACTIONS
from grounding.exchange.coco.boxes import NoBox, box_of, mask_size
from grounding.exchange.names import relative_name
from grounding.exchange.photos import Category, Fault, FilmTable, Thing
from grounding.exchange.texts import TWICE
from grounding.exchange.values import identity, is_id, is_number, whole_id

CAPTION_KEYS = ("track_id", "start", "end", "text")  # of the captions of stretches in `videos`; frames from 0, both ends included
_SLACK = 1.0  # pixels a box may reach over the edge without a word, as COCO's own do
_LARGEST_SIDE = 1 << 24


@dataclass
class Rows:
    """What one JSON file tells. `torn` are ids of images, `doubled` those of annotations, that two different rows have."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    by_category: dict = field(default_factory=dict)
    by_film: dict = field(default_factory=dict)
    by_image: dict = field(default_factory=lambda: defaultdict(list))  # image id -> (number, row) of annotations
    torn: set = field(default_factory=set)
    doubled: set = field(default_factory=set)
    rotated: int = 0
    exported_here: bool = False  # the file says that Deixis wrote it, so its bboxes are those of COCO
    wrong: str = ""  # why no bbox of the file can be taken
    scored: int = 0  # boxes with a score of a detector
    refused: int = 0  # how many boxes stayed out for that
    _shared: dict = field(default_factory=dict)  # a category id that several names have -> these names

    def fault(self, what: str, why: str, *, skipped: bool = True) -> None:
        self.faults.append(Fault(f"{self.file}: {what}", why, skipped))

    def categories(self, rows: list) -> None:
        names: dict[Any, dict[str, None]] = defaultdict(dict)
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict) or not is_id(row.get("id")):
                self.fault(f"category {number}", "has no id, so no box can belong to it; give it one")
                continue
            name = row.get("name")
            names[identity(row["id"])][name.strip() if isinstance(name, str) and name.strip() else f"category {row['id']}"] = None
        self._shared = {key: list(told) for key, told in names.items() if len(told) > 1}
        for key, told in self._shared.items():
            self.fault(f"category id {key}", f"belongs to {' and '.join(told)}, so nobody knows which its boxes show; give each an id of its own")
        named = {key: next(iter(told)) for key, told in names.items() if key not in self._shared}
        own = {name: whole_id(key) for key, name in reversed(named.items())}
        if not all(own.values()):  # counted from 0, or by names
            own = {name: number for number, name in enumerate(dict.fromkeys(named.values()), 1)}
        self.by_category = {key: Category(own[name], name) for key, name in named.items()}

    def films(self, rows: list) -> None:
        """Frame tables of videos; those of other tools have none, and their frames are photos."""
        for row in rows:
            if not isinstance(row, dict) or not isinstance(row.get("name"), str) or not isinstance(row.get("pts_s"), list) or not is_id(row.get("id")):
                continue
            key, captions, count = identity(row["id"]), _captions(row), len(rows_of(row, "captions"))
            if key in self.by_film or any(film.name == row["name"] for film in self.by_film.values()):
                self.fault(row["name"], f"has the id {key} or the name of an earlier video; give each video its own")
                continue
            if len(captions) < count:
                why = f"has {count - len(captions)} captions without track_id, start, end and text; they were left out"
                self.fault(row["name"], why)
            pts = tuple(float(value) for value in row["pts_s"] if is_number(value))
            written, file = (value if isinstance(value, str) else "" for value in (row.get("frames_written"), row.get("file_name")))
            self.by_film[key] = FilmTable(row["name"], pts, written or "annotated", captions, file, original_name(row))

    def images(self, rows: list) -> Iterator[tuple[int, dict]]:
        """The rows with a file_name (of LVIS: a coco_url); the ids that two of them share become `torn`."""
        known: dict[Any, dict] = {}
        for number, given in enumerate(rows, 1):
            row, key = _with_name(given), identity(given["id"]) if isinstance(given, dict) and is_id(given.get("id")) else None
            earlier = given if key is None else known.setdefault(key, given)
            if earlier is not given and not _alike(earlier, given):
                self.torn.add(key)
            if row is None:
                self.fault(f"image {number}", "has no file_name, so its photo cannot be found; give it one")
            elif earlier is not given and key in self.torn:
                why = f"has the id {key} of an earlier image, so nobody knows whose its boxes are"
                self.fault(row["file_name"], f"{why}; give each image an id of its own")
            elif earlier is not given:
                self.fault(row["file_name"], "is listed twice alike; it came in once", skipped=False)
            else:
                if TWICE in given.values():
                    self.fault(row["file_name"], f'has "{_twice(given)}" twice with different values; keep one of them', skipped=False)
                yield number, row

    def things(self, rows: list) -> None:
        """Sorts the annotations by image; what belongs to no image, and ids that two of them share, are named."""
        known: dict[Any, dict] = {}
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                self.fault(f"annotation {number}", "is not an object; remove it or write it as {...}")
                continue
            if is_id(row.get("id")):
                earlier = known.setdefault(identity(row["id"]), row)
                if earlier is not row and _alike(earlier, row):
                    self.fault(_called(row, number), "is listed twice alike; it came in once", skipped=False)
                    continue
                if earlier is not row:
                    self.doubled.add(identity(row["id"]))
            why = _why_not(row)
            if why:
                self.fault(_called(row, number), why)
            else:
                self.by_image[identity(row["image_id"])].append((number, row))

    def size(self, row: dict, boxes: list) -> Size:
        """As told for an image, or by the run lengths of its masks; (0, 0) where neither tells it."""
        size = told_size(row)
        if not all(size) and any(row.get(side) not in (None, "") for side in ("width", "height")):
            self.fault(row["file_name"], "has a width and height that are no size; that of the file is taken: correct them", skipped=False)
        return size if all(size) else next((size for _, box in boxes if not box.get("bbox") and (size := mask_size(box))), Size(0, 0))

    def boxes(self, rows: list, size: Size) -> tuple[list[Thing], dict]:
        """The boxes of an image, and where each annotation id went."""
        things: list[Thing] = []
        places: dict = {}
        for number, row in rows:
            key = identity(row["id"]) if is_id(row.get("id")) else None
            if key is not None and key in self.doubled:
                why = "shares its id with another annotation, so nobody knows which is right; give each an id of its own"
                self.fault(_called(row, number), why)
                continue
            thing = self._thing(number, row, size)
            if thing is None:
                continue
            if key is None:
                self.fault(_called(row, number), "has no id, so no phrase can point at it; its box came in", skipped=False)
            else:
                places[key] = len(things)
            things.append(thing)
        return things, places

    def _thing(self, number: int, row: dict, size: Size) -> Thing | None:
        try:
            category = self._category(row)
            told, rotated = box_of(row, size)
            if self.wrong and (row.get("bbox") or self.wrong == FRACTIONS):
                self.refused += 1
                return None
            box, over = inside(told, size)
            if box is None and (told[0] >= told[2] or told[1] >= told[3]):
                raise NoBox(f"has a bbox {_xywh(told)} whose width or height is not above 0, so there is nothing of it inside the photo; correct it")
            if box is None:
                raise NoBox(f"has a bbox {_xywh(told)} with nothing of it inside the photo{_sized(size)}; correct it")
        except NoBox as error:
            self.fault(_called(row, number), str(error))
            return None
        if over > _SLACK:
            why = f"reached {over:.1f} pixels over the edge of the photo{_sized(size)}; it was cut there"
            self.fault(_called(row, number), why, skipped=False)
        self.rotated += rotated
        attributes, score = row.get("attributes"), row.get("score")
        self.scored += is_number(score)
        return Thing(box, category.id, ({"score": score} if is_number(score) else {}) | (attributes if isinstance(attributes, dict) else {}))

    def _category(self, row: dict) -> Category:
        if not is_id(row.get("category_id")):
            raise NoBox("has no category_id; add the category or correct the id")
        key = identity(row["category_id"])
        if key in self._shared:
            raise NoBox(f"names category {key}, which is {' and '.join(self._shared[key])}; give each an id of its own")
        if key not in self.by_category:
            raise NoBox(f"names category {row['category_id']}, which is not in the file; add the category or correct the id")
        return self.by_category[key]

    def orphans(self, seen: set, refs: Mapping) -> None:
        """Names the boxes and phrases of images that are not in the file."""
        for what, rows in (("boxes", self.by_image), ("phrases", refs)):
            for key, those in rows.items():
                if key not in seen:
                    self.fault(f"image {key}", f"is not in the file, but {len(those)} {what} name it; add the image or correct their image_id")


def told_size(row: dict) -> Size:
    """The width and height of an image as told; (0, 0) where they are none."""
    told = (row.get("width"), row.get("height"))
    return Size(*told) if all(is_number(value) and 0 < value <= _LARGEST_SIDE for value in told) else Size(0, 0)


def rows_of(body: dict, key: str, reading: Rows | None = None) -> list:
    """A list of the file; empty where there is none, which is named where it is something else."""
    rows = body.get(key)
    if rows is not None and not isinstance(rows, list) and reading is not None:
        reading.fault(f'"{key}"', "is no list, so nothing of it could be read; export it again as COCO instances")
    return rows if isinstance(rows, list) else []


def original_name(row: dict) -> str:
    """What a photo or video was called before an export had to spell its name otherwise."""
    name = row.get("original_name")
    return relative_name(name) if isinstance(name, str) and name.strip() else ""


def _why_not(row: dict) -> str:
    """Why an annotation cannot be one thing of one image, with the cure, or an empty string."""
    crowd = row.get("iscrowd")
    if TWICE in row.values():
        return f'has "{_twice(row)}" twice with different values; keep one of them'
    if not is_id(row.get("image_id")):
        return "has no image_id, so nobody can know its photo; give it one"
    if crowd and crowd == crowd and crowd != "0":
        return f"marks a crowd (iscrowd {crowd}) and not one thing; draw the things one by one"
    return ""


def _with_name(row: Any) -> dict | None:
    """A row of images with its file_name; LVIS tells it in the coco_url alone."""
    if not isinstance(row, dict):
        return None
    name, address = row.get("file_name"), row.get("coco_url")
    if isinstance(name, str) and name.strip():
        return row
    return row | {"file_name": address} if name is None and isinstance(address, str) and address.strip() else None


def _captions(row: dict) -> tuple[tuple[object, int, int, str], ...]:
    """The sound captions of stretches of a video's tracks."""
    found = [tuple(caption.get(key) for key in CAPTION_KEYS) for caption in rows_of(row, "captions") if isinstance(caption, dict)]
    return tuple((identity(track), int(start), int(end), text) for track, start, end, text in found
                 if is_id(track) and all(is_number(edge) and edge == int(edge) for edge in (start, end)) and 0 <= start <= end
                 and isinstance(text, str) and text.strip())


def _alike(one: dict, other: dict) -> bool:
    try:
        return one == other
    except RecursionError:
        return False


def _twice(row: dict) -> str:
    return next(key for key, value in row.items() if value is TWICE)


def _called(row: dict, number: int) -> str:
    return f"annotation {row['id']}" if is_id(row.get("id")) else f"annotation number {number}"


def _sized(size: Size) -> str:
    return f" of {size.width} x {size.height}" if all(size) else ""


def _xywh(box: tuple[float, ...]) -> list[float]:
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]
