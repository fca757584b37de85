"""Reading what MOT, CVAT or VidSTG files say of videos, and finding the videos they are about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from grounding.exchange import cvat, mot, vidstg
from grounding.exchange.archive import Tree
from grounding.exchange.cvat import xml_files
from grounding.exchange.names import plain_path
from grounding.exchange.photos import Category
from grounding.exchange.videos import Film, FilmSet, beside, category_numbers, is_named_like_a_video
from grounding.exchange.vidstg import reader


def is_about_films(tree: Tree) -> bool:
    """Whether a tree holds a gt.txt or det.txt (MOT), XML of CVAT's video tasks or a folder vidor/ (VidSTG)."""
    return bool(_readers(tree))


def read_films(tree: Tree) -> FilmSet:
    """Every film that any of these files tells of; categories are numbered anew, by name."""
    parts = [read(tree) for read in _readers(tree)]
    names = [category.name for part in parts for category in part.categories]
    films = tuple(film for part in parts for film in part.films)
    used = category_numbers(tube.track for film in films for tube in film.tubes)
    categories = tuple(Category(number, name) for number, name in enumerate(dict.fromkeys([*names, *used]), 1))
    return FilmSet(categories, films, tuple(fault for part in parts for fault in part.faults))


def video_of(names: Sequence[str], film: Film, guess: bool = True) -> tuple[str | None, bool]:
    """The one of these files that a film is about: where an export of ours lays it, else of the name that the format
    tells. Where it tells none: of the film's name, else, as a `guess`, the only video beside it. And whether more says
    so than that no other video lies there."""
    if beside(film) in names:
        return beside(film), True
    paths = [PurePosixPath(name) for name in names if is_named_like_a_video(name)]
    told = PurePosixPath(film.file or film.name)
    name = PurePosixPath(plain_path(str(told)))
    stem = name.stem if is_named_like_a_video(name.name) else name.name

    def is_there(path: PurePosixPath) -> bool:
        return path == told

    def is_in_folder(path: PurePosixPath) -> bool:
        return path.parent == PurePosixPath(film.name)

    def has_name(path: PurePosixPath) -> bool:
        return PurePosixPath(plain_path(str(path))).name == name.name

    def has_stem(path: PurePosixPath) -> bool:
        return PurePosixPath(plain_path(str(path))).stem == stem

    def is_at_root(path: PurePosixPath) -> bool:
        return len(path.parts) == 1

    guesses = (is_there, is_in_folder, has_name, has_stem, is_at_root) if guess else (is_there, has_name, has_stem)
    for fits in (is_there, lambda path: is_in_folder(path) and has_name(path), has_name, has_stem) if film.file else guesses:
        found = [path for path in paths if fits(path)]
        found = [path for path in found if path.name == told.name] or found
        if len(found) == 1:
            return str(found[0]), fits is not is_at_root
        if found and film.file:
            return None, False
    return None, False


def _readers(tree: Tree) -> list:
    files = {PurePosixPath(name).name for name in tree.names()}
    told = ((mot.read_tree, bool(files & {"gt.txt", "det.txt"})), (cvat.read_tree, bool(xml_files.files(tree, "track"))),
            (vidstg.read_tree, bool(reader.boxes_files(tree))))
    return [read for read, there in told if there]
