"""Reading COCO as people really write it: every fault becomes a sentence, and the rest is still read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from grounding.data import Size
from grounding.exchange.archive import ArchiveError, FolderTree, Tree, ZipTree, read_json
from grounding.exchange.coco.box_forms import INFO, wrong_form
from grounding.exchange.coco.files import JsonFiles, base_of, json_files
from grounding.exchange.coco.phrases import Ref, phrases_of
from grounding.exchange.coco.rows import Rows, original_name, rows_of, told_size
from grounding.exchange.duplicates import without_duplicates
from grounding.exchange.faults import counted, left_out, missing_photos, unreadable
from grounding.exchange.names import relative_name
from grounding.exchange.photo_finder import PhotoFinder, Several, size_in
from grounding.exchange.photos import Category, Dataset, Fault, FrameOf, Picture
from grounding.exchange.values import identity, is_id, is_number, whole, whole_id

_SHOWN_BELOW = ("images/default/", "images/", "photos/")  # folders of the layout itself, no part of a photo's name


def is_coco(tree: Tree) -> bool:
    """Whether a tree holds a COCO set: a file called instances*.json, or another .json with images and boxes."""
    return bool(json_files(tree).sets)


def read(folder: Path, *, photos: bool = True) -> Dataset:
    """Everything in a COCO folder; with `photos=False` the photos themselves may be missing."""
    return read_tree(FolderTree(folder), photos=photos)


def read_tree(tree: Tree, told: JsonFiles | None = None, *, photos: bool = True) -> Dataset:
    """The COCO sets of a tree (`told`, or all there are) as one dataset; categories of one name are one category.

    Pictures whose photo is not in the tree become faults, unless `photos` is False.
    """
    told = told or json_files(tree)
    if not told.sets:
        raise ArchiveError(f"{tree.title} holds no instances*.json and no other COCO set; export it as COCO instances")
    faults: list[Fault] = []
    parts = [part for name in told.sets if (part := _opened(tree, name, photos, faults))]
    if isinstance(tree, ZipTree):
        _respell(tree, parts, faults)
    refs, wrong = phrases_of(tree, told.phrases, {part.file: set(part.named) for part in parts})
    datasets = [part.dataset(refs.get(part.file, {})) for part in parts]
    whole = datasets[0] if len(datasets) == 1 else _joined([part.file for part in parts], datasets)
    once: list[Fault] = []
    pictures = tuple(without_duplicates(((picture.file or picture.name, picture) for picture in whole.pictures), once))
    return replace(whole, pictures=pictures, faults=(*faults, *wrong, *whole.faults, *once))


def _opened(tree: Tree, name: str, photos: bool, faults: list[Fault]) -> _Part | None:
    try:
        body = read_json(tree, name)
    except ArchiveError as error:
        faults.append(unreadable(name, error))
        return None
    if not isinstance(body, dict) or not isinstance(body.get("images"), list):
        faults.append(Fault(f"{name}: the file", 'has no list "images", so it is not COCO; export it again as COCO instances'))
        return None
    rows = Rows(name, exported_here=body.get("info") == INFO)
    rows.categories(rows_of(body, "categories", rows))
    rows.films(rows_of(body, "videos", rows))
    rows.things(rows_of(body, "annotations", rows))
    return _Part(tree, name, photos, rows, [*rows.images(body["images"])])


def _respell(tree: ZipTree, parts: list[_Part], faults: list[Fault]) -> None:
    """Reads names of an archive that tells no code page as the sets spell them."""
    page = tree.spell_as(row["file_name"] for part in parts for _, row in part.images)
    for part in parts:
        part.file = tree.renamed.get(part.file, part.file)
    if page:
        why = f"does not tell how its names are spelt; they were read in code page {page}, as its COCO set spells them"
        faults.append(Fault(tree.title, why, skipped=False))


@dataclass
class _Part:
    """One JSON file that was opened: what its rows tell, and its rows of images that have a file_name."""

    tree: Tree
    file: str
    photos: bool
    rows: Rows
    images: list[tuple[int, dict]]

    @property
    def named(self) -> Iterator[int | str]:
        """The ids of its images."""
        return (identity(row["id"]) for _, row in self.images if is_id(row.get("id")))

    def dataset(self, refs: dict[int | str, list[Ref]]) -> Dataset:
        rows, base = self.rows, base_of(self.file)
        finder = PhotoFinder(self.tree, base, self.file) if self.photos else None
        films = [replace(film, file=file if finder and film.file and (file := base + film.file) in self.tree else "") for film in rows.by_film.values()]
        pictures = _numbered(list(self._pictures(refs, finder)))
        if rows.refused:
            rows.fault(counted(rows.refused, "box", "boxes"), rows.wrong)
        for what, why in finder.remarks() if finder else ():
            rows.fault(what, why, skipped=False)
        if rows.scored:
            why = "with a score, as detectors write it, came in as accepted: look at them, if nobody has"
            rows.fault(counted(rows.scored, "box", "boxes"), why, skipped=False)
        if rows.rotated:
            why = "rotated by CVAT came in as the upright box around each, since boxes here are upright"
            rows.fault(counted(rows.rotated, "box", "boxes"), why, skipped=False)
        return Dataset(tuple(dict.fromkeys(rows.by_category.values())), pictures, tuple(films), tuple(rows.faults))

    def _pictures(self, refs: dict[int | str, list[Ref]], finder: PhotoFinder | None) -> Iterator[Picture]:
        rows = self.rows
        found = [(row, identity(row["id"]) if is_id(row.get("id")) else None) for _, row in self.images]
        missing: list[tuple[str, int]] = []
        files = [self._file(row["file_name"], len(self._boxes(key)), finder, missing) for row, key in found]
        rows.faults += missing_photos(self.file, missing, "put it in images/ or photos/, or beside the JSON")
        rows.wrong = "" if rows.exported_here else wrong_form(self._sized(found, files))
        for (row, key), file in zip(found, files):
            if key is None:
                rows.fault(row["file_name"], "has no id, so no box can belong to it; it came in without boxes", skipped=False)
            if file is not None:
                yield self._picture(row, key, refs.get(key, []), file)
        rows.orphans({key for _, key in found}, refs)

    def _boxes(self, key: int | str | None) -> list:
        return self.rows.by_image.get(key, []) if key is not None else []

    def _sized(self, found: list, files: list[str | None]) -> Iterator[tuple[dict, Size]]:
        """The rows of all boxes, each with the size of its photo as told, else as its file has it."""
        for (row, key), file in zip(found, files):
            boxes, size = self._boxes(key), told_size(row)
            if boxes and file and not all(size):
                size = size_in(self.tree, file)
            yield from ((box, size) for _, box in boxes)

    def _picture(self, row: dict, key: int | str | None, refs: list[Ref], file: str) -> Picture:
        rows, told, boxes = self.rows, row["file_name"], self._boxes(key)
        if key in rows.torn:
            self._torn(told, key, len(boxes), len(refs))
            boxes, refs = [], []
        size = rows.size(row, boxes)
        things, places = rows.boxes(boxes, size)
        phrases = [phrase for phrase in (ref.pointing(places, rows) for ref in refs) if phrase]
        name = told if file.endswith(relative_name(told)) else _shown(file, base_of(self.file))
        return Picture(whole_id(row.get("id")), relative_name(name or told), size, tuple(things), tuple(phrases), self._frame(row), file, original_name(row))

    def _file(self, told: str, boxes: int, finder: PhotoFinder | None, missing: list[tuple[str, int]]) -> str | None:
        if finder is None:
            return ""
        try:
            file = finder.find(told)
        except Several as error:
            self.rows.fault(told, f"{error}{left_out(boxes)}; give its folder in file_name too, so that one file fits")
            return None
        if file is None:
            missing.append((f"{self.file}: {told}", boxes))
        return file

    def _torn(self, told: str, key: int | str, boxes: int, phrases: int) -> None:
        lost = " and ".join(counted(*count) for count in ((boxes, "box", "boxes"), (phrases, "phrase")) if count[0])
        why = f"shares its id {key} with another image, so nobody knows whose its boxes are"
        self.rows.fault(told, f"{why}{f'; {lost} stayed out' if lost else ''}: give each image an id of its own", skipped=bool(lost))

    def _frame(self, row: dict) -> FrameOf | None:
        film = self.rows.by_film.get(identity(row["video_id"])) if is_id(row.get("video_id")) else None
        index = whole(identity(row["frame_index"])) if is_id(row.get("frame_index")) else None
        if film is None or index is None or not is_number(row.get("pts_s")):
            return None
        return FrameOf(film.name, index, float(row["pts_s"]))


def _joined(files: list[str], parts: list[Dataset]) -> Dataset:
    """Several files as one: categories by name, ids made anew; names of two sets that meet are told apart by their file."""
    categories: dict[str, Category] = {}
    pictures: list[Picture] = []
    names: set[str] = set()
    stems = [PurePosixPath(file).stem for file in files]
    for file, stem, part in zip(files, stems, parts):
        renamed = {old.id: categories.setdefault(old.name, Category(len(categories) + 1, old.name)) for old in part.categories}
        apart = stem if stems.count(stem) == 1 else str(PurePosixPath(file).with_suffix(""))
        for picture in part.pictures:
            name = picture.name if picture.name not in names else f"{apart}/{picture.name}"
            names.add(name)
            things = tuple(replace(thing, category=renamed[thing.category].id) for thing in picture.things)
            pictures.append(replace(picture, id=len(pictures) + 1, name=name, things=things))
    films = tuple(film for part in parts for film in part.films)
    faults = tuple(fault for part in parts for fault in part.faults)
    return Dataset(tuple(categories.values()), tuple(pictures), films, faults)


def _shown(file: str, base: str) -> str:
    """A file's name without the folders of the layout itself."""
    name = file.removeprefix(base)
    return name.removeprefix(next((place for place in _SHOWN_BELOW if name.startswith(place)), ""))


def _numbered(pictures: list[Picture]) -> tuple[Picture, ...]:
    """With the file's own ids if all are positive integers, else counted from 1."""
    if all(picture.id for picture in pictures):
        return tuple(pictures)
    return tuple(replace(picture, id=number) for number, picture in enumerate(pictures, 1))
