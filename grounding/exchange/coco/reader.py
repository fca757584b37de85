"""Reading COCO as people really write it: every fault becomes a sentence, and the rest is still read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from grounding.data import Size
from grounding.exchange.archive import ArchiveError, FileTree, FolderTree, ZipTree, read_json
from grounding.exchange.coco.box_forms import EXPORT_INFO, bbox_format_error
from grounding.exchange.coco.files import JsonFiles, base_folder, json_files
from grounding.exchange.coco.phrases import ReferringExpression, read_phrases
from grounding.exchange.coco.rows import CocoRows, get_list, read_original_name, stated_size
from grounding.exchange.duplicates import merge_duplicates
from grounding.exchange.faults import format_count, left_out_note, missing_photos, unreadable_file
from grounding.exchange.names import relative_name
from grounding.exchange.photo_finder import AmbiguousPhoto, PhotoFinder, read_photo_size
from grounding.exchange.photos import Category, Dataset, Fault, FrameReference, ImageAnnotations
from grounding.exchange.values import as_integer, as_positive_id, is_id, is_number, normalize_id

_LAYOUT_FOLDERS = ("images/default/", "images/", "photos/")  # folders of the layout itself, no part of a photo's name


def has_coco_set(tree: FileTree) -> bool:
    """Whether a tree holds a COCO set: a file called instances*.json, or another .json with images and boxes."""
    return bool(json_files(tree).sets)


def read(folder: Path, *, photos: bool = True) -> Dataset:
    """Everything in a COCO folder; with `photos=False` the photos themselves may be missing."""
    return read_tree(FolderTree(folder), photos=photos)


def read_tree(tree: FileTree, files: JsonFiles | None = None, *, photos: bool = True) -> Dataset:
    """The COCO sets of a tree (`files`, or all there are) as one dataset; categories of one name are one category.

    Images whose photo is not in the tree become faults, unless `photos` is False.
    """
    files = files or json_files(tree)
    if not files.sets:
        raise ArchiveError(f"{tree.title} holds no instances*.json and no other COCO set; export it as COCO instances")
    faults: list[Fault] = []
    parts = [part for name in files.sets if (part := _open_file(tree, name, photos, faults))]
    if isinstance(tree, ZipTree):
        _decode_zip_names(tree, parts, faults)
    refs, phrase_faults = read_phrases(tree, files.phrases, {part.file: set(part.image_ids) for part in parts})
    datasets = [part.to_dataset(refs.get(part.file, {})) for part in parts]
    merged = datasets[0] if len(datasets) == 1 else _merge([part.file for part in parts], datasets)
    duplicate_faults: list[Fault] = []
    images = tuple(merge_duplicates(((image.file or image.name, image) for image in merged.images), duplicate_faults))
    return replace(merged, images=images, faults=(*faults, *phrase_faults, *merged.faults, *duplicate_faults))


def _open_file(tree: FileTree, name: str, photos: bool, faults: list[Fault]) -> _CocoFile | None:
    try:
        body = read_json(tree, name)
    except ArchiveError as error:
        faults.append(unreadable_file(name, error))
        return None
    if not isinstance(body, dict) or not isinstance(body.get("images"), list):
        faults.append(Fault(f"{name}: the file", 'has no list "images", so it is not COCO; export it again as COCO instances'))
        return None
    rows = CocoRows(name, exported_here=body.get("info") == EXPORT_INFO)
    rows.read_categories(get_list(body, "categories", rows))
    rows.read_videos(get_list(body, "videos", rows))
    rows.read_annotations(get_list(body, "annotations", rows))
    return _CocoFile(tree, name, photos, rows, [*rows.read_images(body["images"])])


def _decode_zip_names(tree: ZipTree, parts: list[_CocoFile], faults: list[Fault]) -> None:
    """Reads names of an archive that tells no code page as the sets spell them."""
    page = tree.decode_names_like(row["file_name"] for part in parts for _, row in part.images)
    for part in parts:
        part.file = tree.renamed.get(part.file, part.file)
    if page:
        why = f"does not tell how its names are spelt; they were read in code page {page}, as its COCO set spells them"
        faults.append(Fault(tree.title, why, skipped=False))


@dataclass
class _CocoFile:
    """One JSON file that was opened: what its rows tell, and its rows of images that have a file_name."""

    tree: FileTree
    file: str
    photos: bool
    rows: CocoRows
    images: list[tuple[int, dict]]

    @property
    def image_ids(self) -> Iterator[int | str]:
        """The ids of its images."""
        return (normalize_id(row["id"]) for _, row in self.images if is_id(row.get("id")))

    def to_dataset(self, refs: dict[int | str, list[ReferringExpression]]) -> Dataset:
        rows, base = self.rows, base_folder(self.file)
        finder = PhotoFinder(self.tree, base, self.file) if self.photos else None
        videos = [
            replace(video, file=file if finder and video.file and (file := base + video.file) in self.tree else "")
            for video in rows.videos_by_id.values()
        ]
        images = _number_images(list(self._read_images(refs, finder)))
        if rows.refused_count:
            rows.add_fault(format_count(rows.refused_count, "box", "boxes"), rows.bbox_format_error)
        for what, why in finder.match_notes() if finder else ():
            rows.add_fault(what, why, skipped=False)
        if rows.scored_count:
            why = "with a score, as detectors write it, came in as accepted: look at them, if nobody has"
            rows.add_fault(format_count(rows.scored_count, "box", "boxes"), why, skipped=False)
        if rows.rotated_count:
            why = "rotated by CVAT came in as the upright box around each, since boxes here are upright"
            rows.add_fault(format_count(rows.rotated_count, "box", "boxes"), why, skipped=False)
        return Dataset(tuple(dict.fromkeys(rows.categories_by_id.values())), images, tuple(videos), tuple(rows.faults))

    def _read_images(self, refs: dict[int | str, list[ReferringExpression]], finder: PhotoFinder | None) -> Iterator[ImageAnnotations]:
        rows = self.rows
        image_rows = [(row, normalize_id(row["id"]) if is_id(row.get("id")) else None) for _, row in self.images]
        missing: list[tuple[str, int]] = []
        files = [self._find_photo(row["file_name"], len(self._boxes(key)), finder, missing) for row, key in image_rows]
        rows.faults += missing_photos(self.file, missing, "put it in images/ or photos/, or beside the JSON")
        rows.bbox_format_error = "" if rows.exported_here else bbox_format_error(self._boxes_with_sizes(image_rows, files))
        for (row, key), file in zip(image_rows, files):
            if key is None:
                rows.add_fault(row["file_name"], "has no id, so no box can belong to it; it came in without boxes", skipped=False)
            if file is not None:
                yield self._read_image(row, key, refs.get(key, []), file)
        rows.report_orphans({key for _, key in image_rows}, refs)

    def _boxes(self, key: int | str | None) -> list:
        return self.rows.annotations_by_image.get(key, []) if key is not None else []

    def _boxes_with_sizes(self, found: list, files: list[str | None]) -> Iterator[tuple[dict, Size]]:
        """The rows of all boxes, each with the size of its photo as told, else as its file has it."""
        for (row, key), file in zip(found, files):
            boxes, size = self._boxes(key), stated_size(row)
            if boxes and file and not all(size):
                size = read_photo_size(self.tree, file)
            yield from ((box, size) for _, box in boxes)

    def _read_image(self, row: dict, key: int | str | None, refs: list[ReferringExpression], file: str) -> ImageAnnotations:
        rows, file_name, boxes = self.rows, row["file_name"], self._boxes(key)
        if key in rows.shared_image_ids:
            self._report_shared_id(file_name, key, len(boxes), len(refs))
            boxes, refs = [], []
        size = rows.image_size(row, boxes)
        objects, places = rows.read_objects(boxes, size)
        phrases = [phrase for phrase in (ref.to_phrase(places, rows) for ref in refs) if phrase]
        name = file_name if file.endswith(relative_name(file_name)) else _display_name(file, base_folder(self.file))
        return ImageAnnotations(
            as_positive_id(row.get("id")),
            relative_name(name or file_name),
            size,
            tuple(objects),
            tuple(phrases),
            self._frame(row),
            file,
            read_original_name(row),
        )

    def _find_photo(self, file_name: str, boxes: int, finder: PhotoFinder | None, missing: list[tuple[str, int]]) -> str | None:
        if finder is None:
            return ""
        try:
            file = finder.find(file_name)
        except AmbiguousPhoto as error:
            self.rows.add_fault(file_name, f"{error}{left_out_note(boxes)}; give its folder in file_name too, so that one file fits")
            return None
        if file is None:
            missing.append((f"{self.file}: {file_name}", boxes))
        return file

    def _report_shared_id(self, file_name: str, key: int | str, boxes: int, phrases: int) -> None:
        lost = " and ".join(format_count(*count) for count in ((boxes, "box", "boxes"), (phrases, "phrase")) if count[0])
        why = f"shares its id {key} with another image, so nobody knows whose its boxes are"
        self.rows.add_fault(
            file_name, f"{why}{f'; {lost} stayed out' if lost else ''}: give each image an id of its own", skipped=bool(lost)
        )

    def _frame(self, row: dict) -> FrameReference | None:
        video = self.rows.videos_by_id.get(normalize_id(row["video_id"])) if is_id(row.get("video_id")) else None
        index = as_integer(normalize_id(row["frame_index"])) if is_id(row.get("frame_index")) else None
        if video is None or index is None or not is_number(row.get("pts_s")):
            return None
        return FrameReference(video.name, index, float(row["pts_s"]))


def _merge(files: list[str], parts: list[Dataset]) -> Dataset:
    """Several files as one: categories by name, ids made anew; names of two sets that meet are told apart by their file."""
    categories: dict[str, Category] = {}
    images: list[ImageAnnotations] = []
    names: set[str] = set()
    stems = [PurePosixPath(file).stem for file in files]
    for file, stem, part in zip(files, stems, parts):
        new_categories = {old.id: categories.setdefault(old.name, Category(len(categories) + 1, old.name)) for old in part.categories}
        prefix = stem if stems.count(stem) == 1 else str(PurePosixPath(file).with_suffix(""))
        for image in part.images:
            name = image.name if image.name not in names else f"{prefix}/{image.name}"
            names.add(name)
            objects = tuple(replace(annotation, category=new_categories[annotation.category].id) for annotation in image.objects)
            images.append(replace(image, id=len(images) + 1, name=name, objects=objects))
    videos = tuple(video for part in parts for video in part.videos)
    faults = tuple(fault for part in parts for fault in part.faults)
    return Dataset(tuple(categories.values()), tuple(images), videos, faults)


def _display_name(file: str, base: str) -> str:
    """A file's name without the folders of the layout itself."""
    name = file.removeprefix(base)
    return name.removeprefix(next((place for place in _LAYOUT_FOLDERS if name.startswith(place)), ""))


def _number_images(images: list[ImageAnnotations]) -> tuple[ImageAnnotations, ...]:
    """With the file's own ids if all are positive integers, else counted from 1."""
    if all(image.id for image in images):
        return tuple(images)
    return tuple(replace(image, id=number) for number, image in enumerate(images, 1))
