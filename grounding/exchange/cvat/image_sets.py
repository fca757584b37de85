"""Reading CVAT for images 1.1: photos with their boxes. Rotated boxes, ellipses, polygons, masks and cuboids come in as
the upright box around them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from grounding.data import Size
from grounding.exchange.archive import ArchiveError, FolderTree, Tree, ZipTree
from grounding.exchange.cvat.xml_files import NO_BOXES, OUTLINES, Remarks, files, flag, parsed, shape_of
from grounding.exchange.duplicates import without_duplicates
from grounding.exchange.faults import counted, left_out, missing_photos, unreadable
from grounding.exchange.names import relative_name
from grounding.exchange.photo_finder import PhotoFinder, Several
from grounding.exchange.photos import Category, Dataset, Fault, Picture, Thing
from grounding.exchange.values import whole_in

_ENDINGS = (".PNG", ".png", ".jpg", ".JPG", ".jpeg")
_FROM_VIDEO = "frame_"  # what CVAT calls the pictures of a video


def is_about_images(tree: Tree) -> bool:
    """Whether a tree holds XML of CVAT's image tasks."""
    return bool(files(tree, "image"))


def read(folder: Path, *, photos: bool = True) -> Dataset:
    """Every file of image tasks in a folder; pictures whose photo is not there become faults, unless `photos` is
    False."""
    return read_tree(FolderTree(folder), photos=photos)


def read_tree(tree: Tree, *, photos: bool = True) -> Dataset:
    reading = _Reading(tree if photos else None)
    roots: dict[str, ElementTree.Element] = {}
    for name in files(tree, "image"):
        try:
            roots[name] = parsed(tree, name)
        except ArchiveError as error:
            reading.faults.append(unreadable(name, error))
    renamed: dict[str, str] = {}
    if isinstance(tree, ZipTree):
        tree.spell_as(image.get("name", "") for root in roots.values() for image in root.iterfind("image"))
        renamed = tree.renamed
    for name, root in roots.items():
        reading.read(renamed.get(name, name), root)
    categories = tuple(Category(number, label) for label, number in reading.labels.items())
    pictures = tuple(without_duplicates(reading.pictures, reading.faults))
    return Dataset(categories, pictures, faults=tuple(reading.faults))


@dataclass
class _Reading:
    """The files of a tree, while they are being read."""

    tree: Tree | None
    labels: dict[str, int] = field(default_factory=dict)
    pictures: list[tuple[str, Picture]] = field(default_factory=list)  # with the keys of their photos
    faults: list[Fault] = field(default_factory=list)
    # of a video, that are not there: (where, how many boxes)
    frames: list[tuple[str, int]] = field(default_factory=list)
    missing: list[tuple[str, int]] = field(default_factory=list)  # photos, alike

    def read(self, file: str, root: ElementTree.Element) -> None:
        for label in root.iterfind("meta//labels/label/name"):
            self.labels.setdefault((label.text or "").strip(), len(self.labels) + 1)
        remarks, finder = Remarks(file), (
            PhotoFinder(self.tree, f"{file.rpartition('/')[0]}/".removeprefix("/"), file) if self.tree else None
        )
        self.frames, self.missing = [], []
        for number, element in enumerate(root.iterfind("image"), 1):
            picture = self._picture(f"{file}: image {element.get('name') or number}", element, finder, remarks)
            if picture:
                self.pictures.append(picture)
        self.faults += missing_photos(file, self.missing, "put it in images/ or beside the XML")
        self._name_frames(file)
        tracks = len(root.findall("track"))
        if tracks:
            self.faults.append(
                Fault(
                    file,
                    f'holds {tracks} tracks beside its images; they were left out: export them as "CVAT for video 1.1"',
                )
            )
        self.faults += remarks.faults()
        self.faults += [
            Fault(f"{file}: {what}", why, skipped=False) for what, why in (finder.remarks() if finder else ())
        ]

    def _picture(
        self, where: str, element: ElementTree.Element, finder: PhotoFinder | None, remarks: Remarks
    ) -> tuple[str, Picture] | None:
        """The picture of an image, with the key of its photo."""
        told = (element.get("name") or "").strip()
        if not told:
            self.faults.append(
                Fault(
                    where, 'has no name, so its photo cannot be found; export it again, videos as "CVAT for video 1.1"'
                )
            )
            return None
        subset, name = element.get("subset", ""), relative_name(told)
        try:
            file = finder.find(self._path(finder, subset, told)) if finder else ""
        except Several as error:
            self.faults.append(Fault(where, f"{error}{left_out(_boxes(element))}; keep one file of that name"))
            return None
        if file is None:
            (self.frames if told.startswith(_FROM_VIDEO) else self.missing).append((where, _boxes(element)))
            return None
        size = Size(whole_in(element.get("width")) or 0, whole_in(element.get("height")) or 0)
        picture = Picture(
            len(self.pictures) + 1,
            name,
            size if all(size) else Size(0, 0),
            self._things(where, element, size, remarks),
            file=file,
        )
        return file or f"{subset}/{name}", picture

    def _name_frames(self, file: str) -> None:
        """Names the frames of a video that are not there: what the file tells of them has no tracks, which a video
        needs."""
        if self.frames:
            count, boxes = len(self.frames), sum(boxes for _, boxes in self.frames)
            where, what = (self.frames[0][0], "is a frame") if count == 1 else (file, f"tells of {count} frames")
            self.faults.append(
                Fault(
                    where,
                    f"{what} of a video and not of photos in the folder ({counted(boxes, 'box', 'boxes')} left"
                    ' out); export the task as "CVAT for video 1.1" and put its video beside that, or export it with'
                    " its images",
                )
            )

    def _path(self, finder: PhotoFinder, subset: str, told: str) -> str:
        """The path to look for: in the folder of the subset, as projects have it, or without one; CVAT leaves the
        ending of a video's pictures out."""
        paths = [
            f"{folder}{told}{ending}"
            for folder in ((f"{subset}/", "") if subset else ("",))
            for ending in ("", *_ENDINGS)
        ]
        there = (
            path
            for path in paths
            if any(f"{finder.base}{place}{path}" in finder.tree for place in ("images/", "photos/", ""))
        )
        return next(there, f"{subset}/{told}" if subset not in ("", "default") else told)

    def _things(self, where: str, image: ElementTree.Element, size: Size, remarks: Remarks) -> tuple[Thing, ...]:
        things = []
        for element in image:
            if element.tag not in (*OUTLINES, *NO_BOXES):
                remarks.tag()
                continue
            remarks.reads(element)
            if element.tag in NO_BOXES:
                remarks.left(element.tag)
                continue
            try:
                shape = shape_of(element)
            except ValueError as error:
                self.faults.append(
                    Fault(where, f"has a {element.tag} that cannot be read ({error}); it was left out: correct it")
                )
                continue
            remarks.took(shape)
            remarks.cut(shape, size)
            label = (element.get("label") or "").strip()
            told = {"occluded": True} if flag(element, "occluded") else {}
            things.append(Thing(shape.upright, self.labels.setdefault(label, len(self.labels) + 1), told))
        return tuple(things)


def _boxes(element: ElementTree.Element) -> int:
    return sum(child.tag in OUTLINES for child in element)
