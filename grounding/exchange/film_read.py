"""Reading what MOT, CVAT or VidSTG files say of videos, and finding the videos they are about."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import PurePosixPath

from grounding.data.media_kinds import VIDEOS
from grounding.exchange import cvat, mot, vidstg
from grounding.exchange.archive import Tree
from grounding.exchange.cvat import xml_files
from grounding.exchange.films import Film, FilmSet, beside, category_numbers
from grounding.exchange.pictures import Category
from grounding.exchange.vidstg import reader

ENDINGS = {*VIDEOS, "m4v", "mpeg", "3gp", "m2ts", "mts"}  # names of files that may be a video; what it is, its bytes say


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


def is_named_like_a_video(name: str) -> bool:
    return PurePosixPath(name).suffix.lower().lstrip(".") in ENDINGS


def video_of(names: Sequence[str], film: Film, guess: bool = True) -> tuple[str | None, bool]:
    """The one of these files that a film is about: where an export of ours lays it, else of the name that the format
    tells. Where it tells none: of the film's name, else, as a `guess`, the only video beside it. And whether more says
    so than that no other video lies there."""
    if beside(film) in names:
        return beside(film), True
    paths = [PurePosixPath(name) for name in names if is_named_like_a_video(name)]
    folder, told = PurePosixPath(film.name), PurePosixPath(film.file or film.name)
    by_name = (
        lambda path: path == told,
        lambda path: path.parent == folder and _same(path.name, told.name),
        lambda path: _same(path.name, told.name),
        lambda path: _same(path.stem, told.stem if is_named_like_a_video(told.name) else told.name),
    )
    alone = (lambda path: path.parent == folder, lambda path: len(path.parts) == 1)
    for fits in (
        by_name
        if film.file
        else (*by_name[:1], *alone[: int(guess)], *by_name[2:], *alone[int(guess) : 2 * int(guess)])
    ):
        found = [path for path in paths if fits(path)]
        if len(found) == 1:
            return str(found[0]), fits is not alone[1]
        if found and film.file:
            return None, False
    return None, False


def _same(a: str, b: str) -> bool:
    """Whether two names are one to people: accents may be spelled in two ways, and systems change the case."""
    return unicodedata.normalize("NFC", a).casefold() == unicodedata.normalize("NFC", b).casefold()


def _readers(tree: Tree) -> list:
    files = {PurePosixPath(name).name for name in tree.names()}
    told = ((mot.read_tree, bool(files & {"gt.txt", "det.txt"})), (cvat.read_tree, bool(xml_files.files(tree, "track"))),
            (vidstg.read_tree, bool(reader.boxes_files(tree))))
    return [read for read, there in told if there]
