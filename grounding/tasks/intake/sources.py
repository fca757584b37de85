"""Sources: what the paths that a person names stand for: single files, folders, archives, COCO sets."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from grounding.exchange.archive import ArchiveError, FilesTree, FolderTree, Limits, Tree, ZipTree, copy_out
from grounding.exchange.coco.files import JsonFiles, base_of, json_files
from grounding.exchange.coco.reader import read_tree
from grounding.exchange.coco.tracks import film_of
from grounding.exchange.cvat import image_sets
from grounding.exchange.cvat.image_sets import is_about_images
from grounding.exchange.json_kinds import VIDOR, VIDSTG
from grounding.exchange.names import named_apart, readable
from grounding.exchange.photos import Fault, Picture
from grounding.exchange.video_reader import is_about_films, read_films
from grounding.machine.disk import part_file, writing
from grounding.tasks.intake.imported_videos import FilmAnnotations, Wanted, attached

_TRACKS = ("gt.txt", "det.txt")  # of MOT
_OF_SETS = ("annotations", "gt", "det", "vidor")  # folders of files that tell of what lies around the folder
_PHOTOS = ("images", "image", "imgs", "img", "photos")  # folders of photos, of which a JSON in a folder beside may tell


@dataclass
class Found:
    """Everything the paths hold, and what is wrong with them: (name, a sentence that names it and the cure)."""

    wanted: list[Wanted] = field(default_factory=list)
    told: list[FilmAnnotations] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def find(paths: Iterable[Path | str | Tree], limits: Limits, stack: ExitStack) -> Found:
    """Looks into every path, without reading a photo yet. Archives stay open until `stack` closes."""
    found = Found()
    for tree, only in _trees(paths, found):
        _add(tree, found, only)
        for name in [name for name in tree.names() if not only and name.lower().endswith(".zip") and tree.path(name)]:
            try:
                _add(stack.enter_context(ZipTree(tree.path(name), limits, name)), found, around=(tree, name))
            except ArchiveError as error:
                found.skipped.append((name, str(error)))
    wanted = attached(found.wanted, found.told, found.skipped)
    found.wanted = [replace(one, shown=readable(one.shown, 2000)) for one in wanted]
    for told in (found.skipped, found.notes):
        told[:] = [(readable(name), readable(why)) for name, why in told]
    return found


@contextmanager
def local_file(wanted: Wanted, folder: Path) -> Iterator[Path]:
    """A path to the bytes of a wanted file; what comes out of an archive is a temporary file in `folder`."""
    path = wanted.tree.path(wanted.name)
    if path is not None:
        if path.exists() and not path.is_file():  # a pipe would be waited for
            raise ArchiveError(f"{wanted.shown} is no file; load files and folders")
        yield path
        return
    with part_file(folder / "load") as file:
        with writing(folder):
            copy_out(wanted.tree, wanted.name, file)
            file.flush()
        yield Path(file.name)


class _Beside(FolderTree):
    """The folder around a file that a person named, or some `folders` of it, without the other files that tell of photos or videos."""

    def __init__(self, file: Path):
        own = file.parent
        photos = [own.parent / name for name in _PHOTOS if name != own.name and file.suffix.lower() == ".json"]
        self._folders = [own.parent] if own.name in _OF_SETS else [own, *(folder for folder in photos if folder.is_dir())]
        super().__init__(own.parent if len(self._folders) > 1 else self._folders[0])
        self.only = file.relative_to(self.root).as_posix()

    @property
    def is_json(self) -> bool:
        """Whether it is of VidSTG, of which each file brings what the others beside it say."""
        return self.only.lower().endswith(".json")

    def names(self) -> list[str]:
        """With the file itself, also if it is hidden."""
        names = [(folder / name).relative_to(self.root).as_posix() for folder in self._folders for name in FolderTree(folder).names()]
        return [self.only, *(name for name in names if name != self.only and not _tells(name, self.only))]


def _tells(name: str, only: str) -> bool:
    if name.lower().endswith(".json"):
        return not only.lower().endswith(".json")
    return name.lower().endswith(".xml") or name.rpartition("/")[2] in _TRACKS


def _trees(paths: Iterable[Path | str | Tree], found: Found) -> Iterator[tuple[Tree, str]]:
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
        elif path.suffix.lower() in (".json", ".xml") or path.name in _TRACKS:
            tree = _Beside(path.absolute())
            yield tree, tree.only
        elif path.absolute() not in files:
            files.append(path.absolute())
    if files:
        names = named_apart(path.name for path in files)
        yield FilesTree(dict(zip(names, files)), sent_as=names), ""


def _add(tree: Tree, found: Found, only: str = "", around: tuple[Tree | None, str] = (None, "")) -> None:
    """Everything of a tree; with `only`, that file and what it tells of. An archive is a file `around` which others
    lie: (their tree, its name there)."""
    try:
        told = json_files(tree, only)
        if told.sets:
            _add_coco(tree, told, found, only)
        elif _may_tell(only, told) and (is_about_films(tree) or is_about_images(tree)):
            _add_told(tree, told, found, only, around)
        else:
            _add_files(tree, [only] if only else tree.names(), told, found)
    except ArchiveError as error:
        found.skipped.append((tree.title, str(error)))
    if not only:
        found.skipped += [(name, f"{name} in {tree.title} {why}") for name, why in tree.refused]
    if isinstance(tree, ZipTree) and tree.misspelt:
        why = "does not tell how its names are spelt, so accents and other scripts in them may be wrong; pack it with names in UTF-8"
        found.notes.append((tree.title, f"{tree.title} {why}"))


def _add_files(tree: Tree, names: list[str], told: JsonFiles, found: Found) -> None:
    """Files as they are; those that are JSON by what they are."""
    if not names and not tree.refused:
        found.skipped.append((tree.title, f"{tree.title} holds no files; choose one with photos or videos"))
    found.skipped += [(name, f"{name} is {kind}") for name, kind in told.others]
    why = "holds phrases of a COCO set; load the folder in which it lies beside the set's boxes"
    found.skipped += [(name, f"{name} {why}") for name in told.phrases if name in names]
    apart = {name for name, _ in told.others} | set(told.phrases)
    found.wanted += [Wanted(tree, name, name) for name in names if name not in apart and not (name.lower().endswith(".zip") and tree.path(name))]


def _may_tell(name: str, told: JsonFiles) -> bool:
    """Whether a file may be about videos; of JSON that is VidSTG's alone."""
    folder, _, file = name.rpartition("/")
    return not name.lower().endswith(".json") or file == "annotations.json" or "vidor" in folder.split("/") or dict(told.others).get(name) in (VIDOR, VIDSTG)


def _add_told(tree: Tree, json: JsonFiles, found: Found, only: str, around: tuple[Tree | None, str]) -> None:
    """What MOT, CVAT or VidSTG files say of videos, photos with what CVAT says; everything else in the tree as it is."""
    _add_films(tree, found, around)
    photos = image_sets.read_tree(tree)
    labels = {category.id: category.name for category in photos.categories}
    found.labels += [name for name in labels.values() if name not in found.labels]
    _add_faults(photos.faults, found)
    pictures = {picture.file: picture for picture in photos.pictures}
    for name in tree.names():
        if name in pictures:
            found.wanted.append(Wanted(tree, name, pictures[name].name, pictures[name], labels))
        elif not only and not name.lower().endswith((".txt", ".ini", ".xml", ".json", ".md", ".zip")):
            found.wanted.append(Wanted(tree, name, name))
    if not only:
        found.skipped += [(name, f"{name} is {kind}") for name, kind in json.others if not _may_tell(name, json)]


def _add_films(tree: Tree, found: Found, around: tuple[Tree | None, str]) -> None:
    read = read_films(tree)
    found.labels += [category.name for category in read.categories if category.name not in found.labels]
    _add_faults(read.faults, found)
    if isinstance(tree, ZipTree):
        tree.spell_as(film.file for film in read.films)
    told = [FilmAnnotations(film, tree, *around, alone=len(read.films) == 1) for film in read.films]
    found.told[:] = [one for one in found.told if not any(_is_within(one, other) for other in told)]
    found.told += [one for one in told if not any(_is_within(one, other) for other in found.told)]


def _is_within(a: FilmAnnotations, b: FilmAnnotations) -> bool:
    """Whether b tells of the same video of VidSTG from the same folder or one around it, so that it holds all that a tells."""
    trees = (a.tree, b.tree)
    return all(isinstance(tree, _Beside) and tree.is_json for tree in trees) and a.film.name == b.film.name and trees[0].root.is_relative_to(trees[1].root)


def _add_faults(faults: Iterable[Fault], found: Found) -> None:
    for fault in faults:
        (found.skipped if fault.skipped else found.notes).append((fault.where, f"{fault.where} {fault.why}"))


def _add_coco(tree: Tree, told: JsonFiles, found: Found, only: str) -> None:
    dataset = read_tree(tree, told)
    labels = {category.id: category.name for category in dataset.categories}
    found.labels += [name for name in labels.values() if name not in found.labels]
    films = {film.name: film for film in dataset.films if film.file}
    frames: dict[str, list[Picture]] = {name: [] for name in films}
    for picture in dataset.pictures:
        if picture.frame and picture.frame.video in films:
            frames[picture.frame.video].append(picture)
        else:
            found.wanted.append(Wanted(tree, picture.file, picture.original or picture.name, picture, labels))
    faults = list(dataset.faults)
    found.wanted += [Wanted(tree, film.file, film.original or name, film=film_of(film, frames[name], labels, faults)) for name, film in films.items()]
    _add_faults(faults, found)
    if not only and is_about_films(tree):
        why = "holds a COCO set and files about tracks of videos; the set came in: load the folder of the tracks by itself"
        found.skipped.append((tree.title, f"{tree.title} {why}"))
    if not only:
        used = {picture.file for picture in dataset.pictures} | {film.file for film in films.values()}
        _add_rest(tree, told, [name for name in tree.names() if name not in used], found)


def _add_rest(tree: Tree, told: JsonFiles, names: list[str], found: Found) -> None:
    """What a COCO set does not name: left out if it lies in the set's folder, taken as it is if it lies elsewhere or a person named it."""
    renamed = tree.renamed if isinstance(tree, ZipTree) else {}
    bases = tuple(base_of(renamed.get(name, name)) for name in told.sets)
    names = [name for name in names if not name.lower().endswith((".json", ".txt", ".md")) and not (name.lower().endswith(".zip") and tree.path(name))]
    left = [name for name in names if name.startswith(bases) and not (isinstance(tree, FilesTree) and "/" not in name)]
    found.wanted += [Wanted(tree, name, name) for name in names if name not in set(left)]
    found.skipped += [(name, f"{name} is {kind}") for name, kind in told.others]
    if left:
        others = f"and {len(left) - 1} more file{'s' * (len(left) > 2)} are" if len(left) > 1 else "is"
        found.notes.append((left[0], f"{left[0]} {others} not named in the COCO file and stayed out; load the photos alone to have them"))
