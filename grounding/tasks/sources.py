"""Sources: what the paths that a person names stand for: single files, folders, archives, COCO sets."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from grounding.exchange import cvat_images
from grounding.exchange.archive import ArchiveError, FilesTree, FolderTree, Limits, Tree, ZipTree, copy_out
from grounding.exchange.coco_films import film_of
from grounding.exchange.coco_read import is_coco, read_tree
from grounding.exchange.cvat_images import is_about_images
from grounding.exchange.film_read import is_about_films, read_films, video_of
from grounding.exchange.films import Film, beside, joined
from grounding.exchange.names import NameBook, relative_name
from grounding.exchange.pictures import Fault, Picture


@dataclass(frozen=True)
class Wanted:
    """One file that is to come in: `name` in its tree, `shown` to people; `picture` what a COCO set says of it, its
    categories called as in `labels`; of a video the `film` that a COCO set or a file about videos says of it instead."""

    tree: Tree
    name: str
    shown: str
    picture: Picture | None = None
    labels: Mapping[int, str] = field(default_factory=dict)
    film: Film | None = None


@dataclass
class Found:
    """Everything the paths hold, and what is wrong with them: (name, a sentence that names it and the cure)."""

    wanted: list[Wanted] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def find(paths: Iterable[Path | str | Tree], limits: Limits, stack: ExitStack) -> Found:
    """Looks into every path, without reading a photo yet. Archives stay open until `stack` closes."""
    found = Found()
    for tree in _trees(paths, found):
        _add(tree, found)
        for name in [name for name in tree.names() if name.lower().endswith(".zip") and tree.path(name)]:
            try:
                _add(stack.enter_context(ZipTree(tree.path(name), limits, name)), found)
            except ArchiveError as error:
                found.skipped.append((name, str(error)))
    return found


@contextmanager
def local_file(wanted: Wanted, folder: Path) -> Iterator[Path]:
    """A path to the bytes of a wanted file; what comes out of an archive is a temporary file in `folder`."""
    path = wanted.tree.path(wanted.name)
    if path is not None:
        yield path
        return
    with tempfile.NamedTemporaryFile(dir=folder, prefix="load-") as file:
        copy_out(wanted.tree, wanted.name, file)
        file.flush()
        yield Path(file.name)


def _trees(paths: Iterable[Path | str | Tree], found: Found) -> Iterator[Tree]:
    """Folders one by one, single files all together: an instances.json finds the photos named beside it."""
    files: dict[str, Path] = {}
    book = NameBook(relative_name)
    for path in paths:
        if not isinstance(path, (str, Path)):
            yield path
        elif (path := Path(path)).is_dir():
            yield FolderTree(path.absolute())
        elif not path.exists():
            found.skipped.append((str(path), f"{path} is not there; check the path"))
        elif path.suffix.lower() in (".json", ".xml") or path.name == "gt.txt":
            folder = path.absolute().parent
            yield FolderTree(folder.parent if folder.name in ("annotations", "gt") else folder)
        else:
            files[book.take(path.name)] = path
    if files:
        yield FilesTree(files)


def _add(tree: Tree, found: Found) -> None:
    try:
        (_add_coco if is_coco(tree) else _add_told if is_about_films(tree) or is_about_images(tree) else _add_files)(tree, found)
    except ArchiveError as error:
        found.skipped.append((tree.title, str(error)))
    found.skipped += [(name, f"{name} in {tree.title} {why}") for name, why in tree.refused]


def _add_files(tree: Tree, found: Found) -> None:
    names = tree.names()
    if not names and not tree.refused:
        found.skipped.append((tree.title, f"{tree.title} holds no files; choose one with photos or videos"))
    found.wanted += [Wanted(tree, name, name) for name in names if not (name.lower().endswith(".zip") and tree.path(name))]


def _add_told(tree: Tree, found: Found) -> None:
    """Videos with what MOT, CVAT or VidSTG files beside them say, photos with what CVAT says; everything else in the tree as it is."""
    films, photos = _films(tree, found), cvat_images.read_tree(tree)
    labels = {category.id: category.name for category in photos.categories}
    found.labels += [name for name in labels.values() if name not in found.labels]
    _add_faults(photos.faults, found)
    pictures = {picture.file: picture for picture in photos.pictures}
    for name in tree.names():
        if name in films:
            found.wanted.append(Wanted(tree, name, (films[name].original or films[name].name) if name == beside(films[name]) else name, film=films[name]))
        elif name in pictures:
            found.wanted.append(Wanted(tree, name, pictures[name].name, pictures[name], labels))
        elif not name.lower().endswith((".txt", ".ini", ".xml", ".json", ".md", ".zip")):
            found.wanted.append(Wanted(tree, name, name))


def _films(tree: Tree, found: Found) -> dict[str, Film]:
    """What is said of the videos of a tree, by their files."""
    told = read_films(tree)
    found.labels += [category.name for category in told.categories if category.name not in found.labels]
    _add_faults(told.faults, found)
    films: dict[str, Film] = {}
    for film in told.films:
        file = video_of(tree, film)
        if file is None:
            found.skipped.append((film.name, f"what is said of {film.name} {_missing(film)}"))
        elif file not in films:
            films[file] = film
        elif (both := joined(films[file], film)) is not None:
            films[file] = both
        else:
            found.skipped.append((film.name, f"what is said of {film.name} is about a video that another file tells of; load one of them"))
    return films


def _missing(film: Film) -> str:
    if not film.file:
        return "has no video beside it; put the video in its folder and load that"
    return f"is about the video {film.file}, and not one video beside it has that name; put the video in its folder under that name and load that"


def _add_faults(faults: Iterable[Fault], found: Found) -> None:
    for fault in faults:
        (found.skipped if fault.skipped else found.notes).append((fault.where, f"{fault.where} {fault.why}"))


def _add_coco(tree: Tree, found: Found) -> None:
    dataset = read_tree(tree)
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
    used = {picture.file for picture in dataset.pictures} | {film.file for film in films.values()}
    left = [name for name in tree.names() if name not in used and not name.lower().endswith((".json", ".txt", ".md", ".zip"))]
    if left:
        others = f"and {len(left) - 1} more files are" if len(left) > 1 else "is"
        found.notes.append((left[0], f"{left[0]} {others} not named in the COCO file and stayed out; load the photos alone to have them"))

