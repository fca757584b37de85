"""Reading CVAT for images 1.1: photos with their boxes. Rotated boxes, ellipses, polygons, masks and cuboids come in as
the upright box around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from grounding.data import Size
from grounding.exchange.archive import ArchiveError, FileTree, FolderTree, ZipTree
from grounding.exchange.cvat.xml_files import BOX_SHAPES, UNSUPPORTED_SHAPES, ImportNotes, find_xml_files, flag, parse_shape, parse_xml
from grounding.exchange.duplicates import merge_duplicates
from grounding.exchange.faults import format_count, left_out_note, missing_photos, unreadable_file
from grounding.exchange.names import relative_name
from grounding.exchange.photo_finder import AmbiguousPhoto, PhotoFinder
from grounding.exchange.photos import Category, Dataset, Fault, ImageAnnotations, ObjectAnnotation
from grounding.exchange.values import parse_integer

_EXTENSIONS = (".PNG", ".png", ".jpg", ".JPG", ".jpeg")
_FRAME_PREFIX = "frame_"  # what CVAT calls the pictures of a video


def has_image_annotations(tree: FileTree) -> bool:
    """Whether a tree holds XML of CVAT's image tasks."""
    return bool(find_xml_files(tree, "image"))


def read(folder: Path, *, photos: bool = True) -> Dataset:
    """Every file of image tasks in a folder; pictures whose photo is not there become faults, unless `photos` is
    False."""
    return read_tree(FolderTree(folder), photos=photos)


def read_tree(tree: FileTree, *, photos: bool = True) -> Dataset:
    reading = _ImageTaskReader(tree if photos else None)
    roots: dict[str, ElementTree.Element] = {}
    for name in find_xml_files(tree, "image"):
        try:
            roots[name] = parse_xml(tree, name)
        except ArchiveError as error:
            reading.faults.append(unreadable_file(name, error))
    renamed: dict[str, str] = {}
    if isinstance(tree, ZipTree):
        tree.decode_names_like(image.get("name", "") for root in roots.values() for image in root.iterfind("image"))
        renamed = tree.renamed
    for name, root in roots.items():
        reading.read(renamed.get(name, name), root)
    categories = tuple(Category(number, label) for label, number in reading.labels.items())
    images = tuple(merge_duplicates(reading.images, reading.faults))
    return Dataset(categories, images, faults=tuple(reading.faults))


@dataclass
class _ImageTaskReader:
    """The files of a tree, while they are being read."""

    tree: FileTree | None
    labels: dict[str, int] = field(default_factory=dict)
    images: list[tuple[str, ImageAnnotations]] = field(default_factory=list)  # with the keys of their photos
    faults: list[Fault] = field(default_factory=list)
    # of a video, that are not there: (where, how many boxes)
    missing_frames: list[tuple[str, int]] = field(default_factory=list)
    missing_photos: list[tuple[str, int]] = field(default_factory=list)  # photos, alike

    def read(self, file: str, root: ElementTree.Element) -> None:
        for label in root.iterfind("meta//labels/label/name"):
            self.labels.setdefault((label.text or "").strip(), len(self.labels) + 1)
        notes, finder = ImportNotes(file), (
            PhotoFinder(self.tree, f"{file.rpartition('/')[0]}/".removeprefix("/"), file) if self.tree else None
        )
        self.missing_frames, self.missing_photos = [], []
        for number, element in enumerate(root.iterfind("image"), 1):
            image = self._read_image(f"{file}: image {element.get('name') or number}", element, finder, notes)
            if image:
                self.images.append(image)
        self.faults += missing_photos(file, self.missing_photos, "put it in images/ or beside the XML")
        self._report_missing_frames(file)
        tracks = len(root.findall("track"))
        if tracks:
            self.faults.append(
                Fault(
                    file,
                    f'holds {tracks} tracks beside its images; they were left out: export them as "CVAT for video 1.1"',
                )
            )
        self.faults += notes.faults()
        self.faults += [
            Fault(f"{file}: {what}", why, skipped=False) for what, why in (finder.match_notes() if finder else ())
        ]

    def _read_image(
        self, where: str, element: ElementTree.Element, finder: PhotoFinder | None, notes: ImportNotes
    ) -> tuple[str, ImageAnnotations] | None:
        """The picture of an image, with the key of its photo."""
        file_name = (element.get("name") or "").strip()
        if not file_name:
            self.faults.append(
                Fault(
                    where, 'has no name, so its photo cannot be found; export it again, videos as "CVAT for video 1.1"'
                )
            )
            return None
        subset, name = element.get("subset", ""), relative_name(file_name)
        try:
            file = finder.find(self._photo_path(finder, subset, file_name)) if finder else ""
        except AmbiguousPhoto as error:
            self.faults.append(Fault(where, f"{error}{left_out_note(_count_boxes(element))}; keep one file of that name"))
            return None
        if file is None:
            (self.missing_frames if file_name.startswith(_FRAME_PREFIX) else self.missing_photos).append((where, _count_boxes(element)))
            return None
        size = Size(parse_integer(element.get("width")) or 0, parse_integer(element.get("height")) or 0)
        image = ImageAnnotations(
            len(self.images) + 1,
            name,
            size if all(size) else Size(0, 0),
            self._read_objects(where, element, size, notes),
            file=file,
        )
        return file or f"{subset}/{name}", image

    def _report_missing_frames(self, file: str) -> None:
        """Names the frames of a video that are not there: what the file tells of them has no tracks, which a video
        needs."""
        if self.missing_frames:
            count, boxes = len(self.missing_frames), sum(boxes for _, boxes in self.missing_frames)
            where, what = (self.missing_frames[0][0], "is a frame") if count == 1 else (file, f"tells of {count} frames")
            self.faults.append(
                Fault(
                    where,
                    f"{what} of a video and not of photos in the folder ({format_count(boxes, 'box', 'boxes')} left"
                    ' out); export the task as "CVAT for video 1.1" and put its video beside that, or export it with'
                    " its images",
                )
            )

    def _photo_path(self, finder: PhotoFinder, subset: str, file_name: str) -> str:
        """The path to look for: in the folder of the subset, as projects have it, or without one; CVAT leaves the
        ending of a video's pictures out."""
        paths = [
            f"{folder}{file_name}{ending}"
            for folder in ((f"{subset}/", "") if subset else ("",))
            for ending in ("", *_EXTENSIONS)
        ]
        there = (
            path
            for path in paths
            if any(f"{finder.base}{place}{path}" in finder.tree for place in ("images/", "photos/", ""))
        )
        return next(there, f"{subset}/{file_name}" if subset not in ("", "default") else file_name)

    def _read_objects(self, where: str, image: ElementTree.Element, size: Size, notes: ImportNotes) -> tuple[ObjectAnnotation, ...]:
        objects = []
        for element in image:
            if element.tag not in (*BOX_SHAPES, *UNSUPPORTED_SHAPES):
                notes.note_tag()
                continue
            notes.note_unread(element)
            if element.tag in UNSUPPORTED_SHAPES:
                notes.count_left_out(element.tag)
                continue
            try:
                shape = parse_shape(element)
            except ValueError as error:
                self.faults.append(
                    Fault(where, f"has a {element.tag} that cannot be read ({error}); it was left out: correct it")
                )
                continue
            notes.count_converted(shape)
            notes.count_clipped(shape, size)
            label = (element.get("label") or "").strip()
            attributes = {"occluded": True} if flag(element, "occluded") else {}
            objects.append(ObjectAnnotation(shape.bounds, self.labels.setdefault(label, len(self.labels) + 1), attributes))
        return tuple(objects)


def _count_boxes(element: ElementTree.Element) -> int:
    return sum(child.tag in BOX_SHAPES for child in element)
