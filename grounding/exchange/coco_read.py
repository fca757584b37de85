"""Reading COCO as people really write it: every fault becomes a sentence, and the rest is still read."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath

from grounding.data import Size
from grounding.exchange.archive import ArchiveError, Tree, read_json
from grounding.exchange.grefs_read import phrases_by_image
from grounding.exchange.names import relative_name
from grounding.exchange.pictures import Category, Dataset, Fault, FilmTable, FrameOf, Picture, Thing

_INSTANCES = re.compile(r"instances[^/]*\.json", re.IGNORECASE)
CAPTION_KEYS = ("track_id", "start", "end", "text")  # of the captions of stretches in `videos`; frames from 0, both ends included
_SLACK = 1.0  # pixels a box may reach over the edge without a word, as COCO's own do


def is_coco(tree: Tree) -> bool:
    """Whether a tree holds `instances*.json` at its root or in `annotations/` (a lone outer folder does not count)."""
    return bool(instance_files(tree)[1])


def instance_files(tree: Tree) -> tuple[str, list[str]]:
    """The folder that a COCO set starts in ("" or ending in "/") and its instances files, in order."""
    names = tree.names()
    root = _outer_folder(names)
    places = (f"{root}annotations/", root)
    found = [name for name in names if name.startswith(places) and _INSTANCES.fullmatch(_below(name, places))]
    return root, found


def read_tree(tree: Tree, *, photos: bool = True) -> Dataset:
    """All instances files of a tree as one dataset; categories of one name are one category.

    Pictures whose photo is not in the tree become faults, unless `photos` is False.
    """
    root, files = instance_files(tree)
    if not files:
        raise ArchiveError(f"{tree.title} holds no instances*.json, neither at its root nor in annotations/")
    parts = [_read_file(tree, root, name, photos) for name in files]
    return parts[0] if len(parts) == 1 else _joined(files, parts)


def _read_file(tree: Tree, root: str, name: str, photos: bool) -> Dataset:
    reading = _Reading(name)
    try:
        body = read_json(tree, name)
    except ArchiveError as error:
        return Dataset(faults=(Fault(name, str(error).removeprefix(f"{name} ")),))
    if not isinstance(body, dict) or not isinstance(body.get("images"), list):
        reading.fault("the file", 'has no list "images", so it is not COCO; export it again as COCO instances')
        return Dataset(faults=tuple(reading.faults))
    reading.categories(rows_of(body, "categories"))
    reading.films(rows_of(body, "videos"), lambda file: file if photos and (file := root + file) in tree else "")
    reading.things(rows_of(body, "annotations"))
    refs, faults = phrases_by_image(tree, root, name)
    reading.faults += faults
    finder = _PhotoFinder(tree, root, name) if photos else None
    pictures = _numbered(list(reading.pictures(body["images"], refs, finder)))
    categories = tuple(dict.fromkeys(reading.by_category.values()))
    return Dataset(categories, pictures, tuple(reading.by_film.values()), tuple(reading.faults))


def rows_of(body: dict, key: str) -> list:
    rows = body.get(key)
    return rows if isinstance(rows, list) else []


def is_id(value) -> bool:
    """Whether a COCO file may call something by this: a whole number (pandas writes 7.0) or a text."""
    if isinstance(value, float):
        return value.is_integer()
    return isinstance(value, (int, str)) and not isinstance(value, bool) and value != ""


@dataclass
class _Reading:
    """One instances file, while it is being read."""

    file: str
    faults: list[Fault] = field(default_factory=list)
    by_category: dict = field(default_factory=dict)
    by_film: dict = field(default_factory=dict)
    by_image: dict = field(default_factory=lambda: defaultdict(list))  # image id -> rows of annotations

    def fault(self, what: str, why: str, *, skipped: bool = True) -> None:
        self.faults.append(Fault(f"{self.file}: {what}", why, skipped))

    def categories(self, rows: list) -> None:
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict) or not is_id(row.get("id")):
                self.fault(f"category {number}", "has no id, so no box can belong to it; give it one")
                continue
            name = row.get("name")
            name = name.strip() if isinstance(name, str) and name.strip() else f"category {row['id']}"
            if row["id"] in self.by_category:
                self.fault(f"category {name}", f"has the id {row['id']} of an earlier category; give each an id of its own")
                continue
            taken = next((kept for kept in self.by_category.values() if kept.name == name), None)
            self.by_category[row["id"]] = taken or Category(_whole(row["id"]), name)
        if any(category.id < 1 for category in self.by_category.values()):  # counted from 0, or by names
            numbers = {name: n for n, name in enumerate(dict.fromkeys(c.name for c in self.by_category.values()), 1)}
            self.by_category = {key: Category(numbers[c.name], c.name) for key, c in self.by_category.items()}

    def films(self, rows: list, find: Callable[[str], str]) -> None:
        for row in rows:
            if isinstance(row, dict) and isinstance(row.get("name"), str) and isinstance(row.get("pts_s"), list):
                pts = tuple(float(value) for value in row["pts_s"] if _is_number(value))
                told = row.get("frames_written"), row.get("file_name")
                written, file = (value if isinstance(value, str) else "" for value in told)
                if is_id(row.get("id")):
                    captions, told = _captions(row), len(rows_of(row, "captions"))
                    if len(captions) < told:
                        self.fault(row["name"], f"has {told - len(captions)} captions without track_id, start, end and text; they were left out", skipped=False)
                    self.by_film[row["id"]] = FilmTable(row["name"], pts, written or "annotated", captions, find(file) if file else "", _original(row))

    def things(self, rows: list) -> None:
        """Sorts the annotations by image; what belongs to no image or category is named."""
        for number, row in enumerate(rows, 1):
            if not isinstance(row, dict):
                self.fault(f"annotation {number}", "is not an object; remove it or write it as {...}")
            elif not is_id(row.get("image_id")):
                self.fault(_called(row, number), "has no image_id, so nobody can know its photo; give it one")
            elif row.get("iscrowd") == 1:
                self.fault(_called(row, number), "marks a crowd (iscrowd 1) and not one thing; draw the things one by one")
            else:
                self.by_image[row["image_id"]].append((number, row))

    def pictures(self, rows: list, refs: dict, finder: _PhotoFinder | None) -> Iterator[Picture]:
        seen: set = set()
        for number, row in enumerate(rows, 1):
            name = row.get("file_name") if isinstance(row, dict) else None
            if not isinstance(name, str) or not name.strip():
                self.fault(f"image {number}", "has no file_name, so its photo cannot be found; give it one")
                continue
            key = row.get("id")
            if not is_id(key):
                self.fault(name, "has no id, so no box can belong to it; it came in without boxes", skipped=False)
            elif key in seen:
                self.fault(name, f"has the id {key} of an earlier image; give each image an id of its own")
                continue
            seen.add(key)
            picture = self._picture(row, refs, finder)
            if picture:
                yield picture
        self._orphans(seen, refs)

    def _picture(self, row: dict, refs: dict, finder: _PhotoFinder | None) -> Picture | None:
        file = finder.find(row["file_name"]) if finder else ""
        boxes, phrases = self.by_image.get(row.get("id"), []), refs.get(row.get("id"), [])
        if file is None:
            lost = f" (its {len(boxes)} boxes were left out too)" if boxes else ""
            self.fault(row["file_name"], f"is not in the folder{lost}; put it in images/ or photos/, or beside the JSON")
            return None
        size = Size(*(value if _is_number(value) and value > 0 else 0 for value in (row.get("width"), row.get("height"))))
        size = size if all(size) else Size(0, 0)
        things, places = self._things(boxes, size)
        spoken = [phrase for phrase in (ref.pointing(places, self) for ref in phrases) if phrase]
        return Picture(_whole(row.get("id")), relative_name(row["file_name"]), size, tuple(things), tuple(spoken),
                       self._frame(row), file, _original(row))

    def _frame(self, row: dict) -> FrameOf | None:
        film = self.by_film.get(row.get("video_id")) if is_id(row.get("video_id")) else None
        index = row.get("frame_index")
        if film is None or not isinstance(index, int) or not _is_number(row.get("pts_s")):
            return None
        return FrameOf(film.name, index, float(row["pts_s"]))

    def _things(self, rows: list, size: Size) -> tuple[list[Thing], dict]:
        """The boxes of an image, and where each annotation id went."""
        things: list[Thing] = []
        places: dict = {}
        for number, row in rows:
            thing = self._thing(number, row, size)
            if thing is None:
                continue
            if not is_id(row.get("id")):
                self.fault(_called(row, number), "has no id, so no phrase can point at it; its box came in", skipped=False)
            else:
                places.setdefault(row["id"], len(things))
            things.append(thing)
        return things, places

    def _thing(self, number: int, row: dict, size: Size) -> Thing | None:
        category = self.by_category.get(row.get("category_id")) if is_id(row.get("category_id")) else None
        if category is None:
            what = f"names category {row['category_id']}, which is not in the file" if "category_id" in row else "has no category_id"
            self.fault(_called(row, number), f"{what}; add the category or correct the id")
            return None
        xywh = _xywh(row)
        if xywh is None:
            self.fault(_called(row, number), "has no bbox of four numbers [left, top, width, height]; write one")
            return None
        box, over = _inside((xywh[0], xywh[1], xywh[0] + xywh[2], xywh[1] + xywh[3]), size)
        if box is None:
            self.fault(_called(row, number), f"has a bbox {list(xywh)} with nothing of it inside the photo{_sized(size)}; correct it")
            return None
        if over > _SLACK:
            why = f"reached {over:.1f} pixels over the edge of the photo{_sized(size)}; it was cut there"
            self.fault(_called(row, number), why, skipped=False)
        attributes = row.get("attributes")
        return Thing(box, category.id, attributes if isinstance(attributes, dict) else {})

    def _orphans(self, seen: set, refs: dict) -> None:
        for image_id, rows in self.by_image.items():
            if image_id not in seen:
                self._orphan(image_id, f"{len(rows)} boxes")
        for image_id, phrases in refs.items():
            if image_id not in seen:
                self._orphan(image_id, f"{len(phrases)} phrases")

    def _orphan(self, image_id, what: str) -> None:
        self.fault(f"image {image_id}", f"is not in the file, but {what} name it; add the image or correct their image_id")


class _PhotoFinder:
    """Where a photo lies: in images/, photos/, beside the JSON or at the root, with or without the subset's name."""

    def __init__(self, tree: Tree, root: str, instances: str):
        subset = PurePosixPath(instances).stem[len("instances"):].strip("_- ")
        own = f"{PurePosixPath(instances).parent.as_posix()}/".removeprefix("./")
        within = [f"{subset}/"] if subset else []
        self._tree = tree
        self._places = [root + place + part for place in ("images/", "photos/", "") for part in (*within, "")]
        self._places += [own, f"{root}images/default/", f"{root}data/"]

    def find(self, file_name: str) -> str | None:
        plain = relative_name(file_name)
        for place in self._places:
            for name in (file_name, plain):
                if place + name in self._tree:
                    return place + name
        return None


def _joined(files: list[str], parts: list[Dataset]) -> Dataset:
    """Several files as one: categories by name, ids made anew; names of two sets that meet are told apart by their file."""
    categories: dict[str, Category] = {}
    pictures: list[Picture] = []
    names: set[str] = set()
    for file, part in zip(files, parts):
        renamed = {old.id: categories.setdefault(old.name, Category(len(categories) + 1, old.name)) for old in part.categories}
        for picture in part.pictures:
            name = picture.name if picture.name not in names else f"{PurePosixPath(file).stem}/{picture.name}"
            names.add(name)
            things = tuple(replace(thing, category=renamed[thing.category].id) for thing in picture.things)
            pictures.append(replace(picture, id=len(pictures) + 1, name=name, things=things))
    films = tuple(film for part in parts for film in part.films)
    faults = tuple(fault for part in parts for fault in part.faults)
    return Dataset(tuple(categories.values()), tuple(pictures), films, faults)


def _original(row: dict) -> str:
    """What a photo or video was called before an export had to spell its name otherwise."""
    name = row.get("original_name")
    return relative_name(name) if isinstance(name, str) and name.strip() else ""


def _captions(row: dict) -> tuple[tuple[object, int, int, str], ...]:
    """The sound captions of stretches of a video's tracks."""
    found = [tuple(caption.get(key) for key in CAPTION_KEYS) for caption in rows_of(row, "captions") if isinstance(caption, dict)]
    return tuple((track, int(start), int(end), text) for track, start, end, text in found
                 if is_id(track) and _whole(start) == start and _whole(end) == end and start <= end and isinstance(text, str) and text.strip())


def _xywh(row: dict) -> tuple[float, ...] | None:
    """The bbox, or the one around the mask (polygons or run lengths) where there is none."""
    bbox, mask = row.get("bbox"), row.get("segmentation")
    if isinstance(bbox, list) and len(bbox) == 4 and all(map(_is_number, bbox)):
        return tuple(float(value) for value in bbox)
    if bbox:
        return None
    if isinstance(mask, dict):
        return _around_runs(mask)
    points = [value for ring in mask for value in ring] if _are_polygons(mask) else []
    if not points or not all(map(_is_number, points)):
        return None
    left, top = min(points[::2]), min(points[1::2])
    return float(left), float(top), float(max(points[::2]) - left), float(max(points[1::2]) - top)


def _around_runs(mask: dict) -> tuple[float, ...] | None:
    """The box around COCO's run lengths, plain or packed into a string; None where they are none."""
    from pycocotools import mask as runs

    size, counts = mask.get("size"), mask.get("counts")
    if not isinstance(size, list) or len(size) != 2 or not all(isinstance(side, int) and 0 < side <= 100_000 for side in size):
        return None
    if isinstance(counts, list) and all(isinstance(n, int) and n >= 0 for n in counts) and sum(counts) == size[0] * size[1]:
        packed = runs.frPyObjects(mask, *size)
    elif isinstance(counts, str) and counts.isascii():
        packed = {"size": size, "counts": counts.encode()}
    else:
        return None
    return tuple(float(value) for value in runs.toBbox(packed))


def _are_polygons(value) -> bool:
    return isinstance(value, list) and all(isinstance(ring, list) and len(ring) >= 6 and len(ring) % 2 == 0 for ring in value)


def _inside(box: tuple[float, float, float, float], size: Size) -> tuple[tuple[float, float, float, float] | None, float]:
    """The part of a box inside the photo (None if nothing of it is) and by how many pixels it reached over the edge."""
    x0, y0, x1, y1 = box
    right, bottom = (float(size.width), float(size.height)) if all(size) else (math.inf, math.inf)
    inside = (max(x0, 0.0), max(y0, 0.0), min(x1, right), min(y1, bottom))
    if inside[0] >= inside[2] or inside[1] >= inside[3]:
        return None, 0.0
    return inside, max(-x0, -y0, x1 - right, y1 - bottom, 0.0)


def _called(row: dict, number: int) -> str:
    return f"annotation {row['id']}" if is_id(row.get("id")) else f"annotation number {number}"


def _sized(size: Size) -> str:
    return f" of {size.width} x {size.height}" if all(size) else ""


def _whole(key) -> int:
    """An id as a positive integer; 0 where it is none."""
    return int(key) if is_id(key) and not isinstance(key, str) and key > 0 else 0


def _numbered(pictures: list[Picture]) -> tuple[Picture, ...]:
    """With the file's own ids if all are positive integers, else counted from 1."""
    if all(picture.id for picture in pictures):
        return tuple(pictures)
    return tuple(replace(picture, id=number) for number, picture in enumerate(pictures, 1))


def _is_number(value) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def _outer_folder(names: list[str]) -> str:
    """ "outer/" if all files lie in one folder that is not part of a COCO set's own layout, else ""."""
    first = {name.partition("/")[0] if "/" in name else "" for name in names}
    outer = first.pop() if len(first) == 1 else ""
    return f"{outer}/" if outer and outer not in ("annotations", "images", "photos") else ""


def _below(name: str, places: tuple[str, ...]) -> str:
    return next(name[len(place):] for place in places if name.startswith(place))
