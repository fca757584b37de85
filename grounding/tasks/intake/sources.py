"""Sources: what the paths that a person names stand for: single files, folders, archives, COCO sets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from grounding.exchange.archive import ArchiveError, FileTree, FolderTree, Limits, UploadTree, ZipTree, extract
from grounding.exchange.coco.files import JsonFiles, base_folder, json_files
from grounding.exchange.coco.reader import read_tree
from grounding.exchange.coco.tracks import build_video
from grounding.exchange.cvat import image_sets
from grounding.exchange.cvat.image_sets import has_image_annotations
from grounding.exchange.json_kinds import VIDOR, VIDSTG
from grounding.exchange.names import deduplicate_names, printable
from grounding.exchange.photos import Fault, ImageAnnotations
from grounding.exchange.video_reader import has_video_annotations, read_videos
from grounding.machine.disk import explain_disk_errors, part_file
from grounding.tasks.intake.imported_videos import ImportedVideo, ImportFile, match_videos

_MOT_FILES = ("gt.txt", "det.txt")  # of MOT
_ANNOTATION_FOLDERS = ("annotations", "gt", "det", "vidor")  # folders of files that tell of what lies around the folder
_PHOTO_FOLDERS = ("images", "image", "imgs", "img", "photos")  # folders of photos, of which a JSON in a folder beside may tell


@dataclass
class FoundFiles:
    """Everything the paths hold, and what is wrong with them: (name, a sentence that names it and the cure)."""

    files: list[ImportFile] = field(default_factory=list)
    videos: list[ImportedVideo] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def find_files(paths: Iterable[Path | str | FileTree], limits: Limits, stack: ExitStack) -> FoundFiles:
    """Looks into every path, without reading a photo yet. Archives stay open until `stack` closes."""
    found = FoundFiles()
    for tree, only in _trees(paths, found):
        _add(tree, found, only)
        for name in [name for name in tree.names() if not only and name.lower().endswith(".zip") and tree.path(name)]:
            try:
                _add(stack.enter_context(ZipTree(tree.path(name), limits, name)), found, parent=(tree, name))
            except ArchiveError as error:
                found.skipped.append((name, str(error)))
    files = match_videos(found.files, found.videos, found.skipped)
    found.files = [replace(one, display_name=printable(one.display_name, 2000)) for one in files]
    for messages in (found.skipped, found.notes):
        messages[:] = [(printable(name), printable(why)) for name, why in messages]
    return found


@contextmanager
def local_file(file_in_tree: ImportFile, folder: Path) -> Iterator[Path]:
    """A path to the bytes of a wanted file; what comes out of an archive is a temporary file in `folder`."""
    path = file_in_tree.tree.path(file_in_tree.name)
    if path is not None:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise ArchiveError(f"{file_in_tree.display_name} is no file; load files and folders")
        yield path
        return
    with part_file(folder / "load") as file:
        with explain_disk_errors(folder):
            extract(file_in_tree.tree, file_in_tree.name, file)
            file.flush()
        yield Path(file.name)


class _SurroundingFolder(FolderTree):
    """The folder around a file that a person named, or some `folders` of it, without the other files that tell of photos or videos."""

    def __init__(self, file: Path):
        own = file.parent
        photos = [own.parent / name for name in _PHOTO_FOLDERS if name != own.name and file.suffix.lower() == ".json"]
        self._folders = [own.parent] if own.name in _ANNOTATION_FOLDERS else [own, *(folder for folder in photos if folder.is_dir())]
        super().__init__(own.parent if len(self._folders) > 1 else self._folders[0])
        self.only = file.relative_to(self.root).as_posix()

    @property
    def is_json(self) -> bool:
        """Whether it is of VidSTG, of which each file brings what the others beside it say."""
        return self.only.lower().endswith(".json")

    def names(self) -> list[str]:
        """With the file itself, also if it is hidden."""
        names = [(folder / name).relative_to(self.root).as_posix() for folder in self._folders for name in FolderTree(folder).names()]
        return [self.only, *(name for name in names if name != self.only and not _is_annotation_file(name, self.only))]


def _is_annotation_file(name: str, only: str) -> bool:
    if name.lower().endswith(".json"):
        return not only.lower().endswith(".json")
    return name.lower().endswith(".xml") or name.rpartition("/")[2] in _MOT_FILES


def _trees(paths: Iterable[Path | str | FileTree], found: FoundFiles) -> Iterator[tuple[FileTree, str]]:
    """Folders one by one, single files all together. A file that tells of photos or videos comes with its folder and its name in it,
    for what it tells of lies there; nothing else of that folder was asked for."""
    files: list[Path] = []
    for path in paths:
        if not isinstance(path, (str, Path)):
            yield path, ""
            continue
        path = Path(path)
        if os.path.isdir(path):
            yield FolderTree(path.absolute()), ""
        elif not os.path.exists(path):
            found.skipped.append((str(path), f"{path} is not there; check the path"))
        elif path.suffix.lower() in (".json", ".xml") or path.name in _MOT_FILES:
            tree = _SurroundingFolder(path.absolute())
            yield tree, tree.only
        elif path.absolute() not in files:
            files.append(path.absolute())
    if files:
        names = deduplicate_names(path.name for path in files)
        yield UploadTree(dict(zip(names, files)), original_names=names), ""


def _add(tree: FileTree, found: FoundFiles, only: str = "", parent: tuple[FileTree | None, str] = (None, "")) -> None:
    """Everything of a tree; with `only`, that file and what it tells of. An archive is a file in a `parent` tree:
    (that tree, its name there)."""
    try:
        json_set = json_files(tree, only)
        if json_set.sets:
            _add_coco(tree, json_set, found, only)
        elif _may_describe_videos(only, json_set) and (has_video_annotations(tree) or has_image_annotations(tree)):
            _add_annotated(tree, json_set, found, only, parent)
        else:
            _add_files(tree, [only] if only else tree.names(), json_set, found)
    except ArchiveError as error:
        found.skipped.append((tree.title, str(error)))
    if not only:
        found.skipped += [(name, f"{name} in {tree.title} {why}") for name, why in tree.refused]
    if isinstance(tree, ZipTree) and tree.uncertain_names:
        why = "does not tell how its names are spelt, so accents and other scripts in them may be wrong; pack it with names in UTF-8"
        found.notes.append((tree.title, f"{tree.title} {why}"))


def _add_files(tree: FileTree, names: list[str], json_set: JsonFiles, found: FoundFiles) -> None:
    """Files as they are; those that are JSON by what they are."""
    if not names and not tree.refused:
        found.skipped.append((tree.title, f"{tree.title} holds no files; choose one with photos or videos"))
    found.skipped += [(name, f"{name} is {kind}") for name, kind in json_set.others]
    why = "holds phrases of a COCO set; load the folder in which it lies beside the set's boxes"
    found.skipped += [(name, f"{name} {why}") for name in json_set.phrases if name in names]
    handled = {name for name, _ in json_set.others} | set(json_set.phrases)
    found.files += [
        ImportFile(tree, name, name) for name in names if name not in handled and not (name.lower().endswith(".zip") and tree.path(name))
    ]


def _may_describe_videos(name: str, json_set: JsonFiles) -> bool:
    """Whether a file may be about videos; of JSON that is VidSTG's alone."""
    folder, _, file = name.rpartition("/")
    return (
        not name.lower().endswith(".json")
        or file == "annotations.json"
        or "vidor" in folder.split("/")
        or dict(json_set.others).get(name) in (VIDOR, VIDSTG)
    )


def _add_annotated(tree: FileTree, json_set: JsonFiles, found: FoundFiles, only: str, parent: tuple[FileTree | None, str]) -> None:
    """What MOT, CVAT or VidSTG files say of videos, photos with what CVAT says; everything else in the tree as it is."""
    _add_videos(tree, found, parent)
    photos = image_sets.read_tree(tree)
    labels = {category.id: category.name for category in photos.categories}
    found.labels += [name for name in labels.values() if name not in found.labels]
    _add_faults(photos.faults, found)
    pictures = {picture.file: picture for picture in photos.images}
    for name in tree.names():
        if name in pictures:
            found.files.append(ImportFile(tree, name, pictures[name].name, pictures[name], labels))
        elif not only and not name.lower().endswith((".txt", ".ini", ".xml", ".json", ".md", ".zip")):
            found.files.append(ImportFile(tree, name, name))
    if not only:
        found.skipped += [(name, f"{name} is {kind}") for name, kind in json_set.others if not _may_describe_videos(name, json_set)]


def _add_videos(tree: FileTree, found: FoundFiles, parent: tuple[FileTree | None, str]) -> None:
    read = read_videos(tree)
    found.labels += [category.name for category in read.categories if category.name not in found.labels]
    _add_faults(read.faults, found)
    if isinstance(tree, ZipTree):
        tree.decode_names_like(video.file for video in read.videos)
    imported = [ImportedVideo(video, tree, *parent, only_video=len(read.videos) == 1) for video in read.videos]
    found.videos[:] = [one for one in found.videos if not any(_is_within(one, other) for other in imported)]
    found.videos += [one for one in imported if not any(_is_within(one, other) for other in found.videos)]


def _is_within(a: ImportedVideo, b: ImportedVideo) -> bool:
    """Whether b tells of the same video of VidSTG from the same folder or one around it, so that it holds all that a tells."""
    trees = (a.tree, b.tree)
    return (
        all(isinstance(tree, _SurroundingFolder) and tree.is_json for tree in trees)
        and a.video.name == b.video.name
        and trees[0].root.is_relative_to(trees[1].root)
    )


def _add_faults(faults: Iterable[Fault], found: FoundFiles) -> None:
    for fault in faults:
        (found.skipped if fault.skipped else found.notes).append((fault.where, f"{fault.where} {fault.why}"))


def _add_coco(tree: FileTree, json_set: JsonFiles, found: FoundFiles, only: str) -> None:
    dataset = read_tree(tree, json_set)
    labels = {category.id: category.name for category in dataset.categories}
    found.labels += [name for name in labels.values() if name not in found.labels]
    videos = {video.name: video for video in dataset.videos if video.file}
    frames: dict[str, list[ImageAnnotations]] = {name: [] for name in videos}
    for picture in dataset.images:
        if picture.frame and picture.frame.video in videos:
            frames[picture.frame.video].append(picture)
        else:
            found.files.append(ImportFile(tree, picture.file, picture.original_name or picture.name, picture, labels))
    faults = list(dataset.faults)
    found.files += [
        ImportFile(tree, video.file, video.original_name or name, video=build_video(video, frames[name], labels, faults))
        for name, video in videos.items()
    ]
    _add_faults(faults, found)
    if not only and has_video_annotations(tree):
        why = "holds a COCO set and files about tracks of videos; the set came in: load the folder of the tracks by itself"
        found.skipped.append((tree.title, f"{tree.title} {why}"))
    if not only:
        used = {picture.file for picture in dataset.images} | {video.file for video in videos.values()}
        _add_rest(tree, json_set, [name for name in tree.names() if name not in used], found)


def _add_rest(tree: FileTree, json_set: JsonFiles, names: list[str], found: FoundFiles) -> None:
    """What a COCO set does not name: left out if it lies in the set's folder, taken as it is if it lies elsewhere or a person named it."""
    renamed = tree.renamed if isinstance(tree, ZipTree) else {}
    bases = tuple(base_folder(renamed.get(name, name)) for name in json_set.sets)
    names = [
        name
        for name in names
        if not name.lower().endswith((".json", ".txt", ".md")) and not (name.lower().endswith(".zip") and tree.path(name))
    ]
    left = [name for name in names if name.startswith(bases) and not (isinstance(tree, UploadTree) and "/" not in name)]
    found.files += [ImportFile(tree, name, name) for name in names if name not in set(left)]
    found.skipped += [(name, f"{name} is {kind}") for name, kind in json_set.others]
    if left:
        others = f"and {len(left) - 1} more file{'s' * (len(left) > 2)} are" if len(left) > 1 else "is"
        found.notes.append((left[0], f"{left[0]} {others} not named in the COCO file and stayed out; load the photos alone to have them"))
