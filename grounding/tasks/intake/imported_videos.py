"""Imported films: which of the videos that come in a file is about. It lies beside the file or its archive, or was named with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from filecmp import cmp
from pathlib import PurePosixPath

from grounding.exchange.archive import FilesTree, Tree
from grounding.exchange.photos import Picture
from grounding.exchange.video_reader import video_of
from grounding.exchange.videos import Film, beside, is_named_like_a_video, joined

Skipped = list[tuple[str, str]]


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


@dataclass(frozen=True)
class FilmAnnotations:
    """What a file of `tree` says of a video. The tree may be an archive, a file of the name `archive` in another tree;
    `alone` where it tells of no other video."""

    film: Film
    tree: Tree
    around: Tree | None = None
    archive: str = ""
    alone: bool = True


def attached(wanted: list[Wanted], told: Sequence[FilmAnnotations], skipped: Skipped) -> list[Wanted]:
    """The wanted files with what is told of them, and videos that are wanted only because something is told of them;
    the rest goes to `skipped`."""
    wanted, claims = list(wanted), defaultdict(list)
    for one in told:
        place, certain = _place(one, wanted)
        twin = _twin(wanted[place]) if place is not None else ""
        if place is None:
            skipped.append(_missing(one))
        elif twin:
            both = f"is about one of {wanted[place].name} and {twin}, which came under the same name"
            cure = "call each video otherwise, or load its folder"
            skipped.append((one.film.name, f"what is said of {one.film.name} {both}; {cure}"))
        else:
            claims[place].append((not certain, one))
    for place, rows in claims.items():
        films = [one.film for _, one in sorted(rows, key=lambda row: row[0])]
        film = _one_of(films, rows[0][0] and all(unsure for unsure, _ in rows), wanted[place], skipped)
        own = film is not None and wanted[place].name == beside(film)
        # type: ignore[union-attr]
        wanted[place] = replace(wanted[place], film=film, shown=(film.original or film.name) if own else wanted[place].shown)
    return wanted


def _one_of(films: list[Film], unsure: bool, video: Wanted, skipped: Skipped) -> Film | None:
    """What several files say of one video, as one. Where nothing but its place says that a video is meant, it is that of one file only."""
    film, apart = films[0], []
    for other in films[1:]:
        both = joined(film, other)
        film, apart = both or film, apart if both else [*apart, other]
    if apart and unsure:
        names = " and of ".join(sorted({other.name for other in films})[:3])
        skipped += [(other.name, f"{video.shown} may be the video of {names}, and none of them tells the name of its video, so all stayed out; "
                                 "call each video like what is said of it") for other in films[:1]]
        return None
    skipped += [(other.name, f"what is said of {other.name} is about a video that another file tells of; load one of them") for other in apart]
    return film


def _place(told: FilmAnnotations, wanted: list[Wanted]) -> tuple[int | None, bool]:
    """The place of the video among those that are wanted, None where nobody can know it; and whether more than its place says so."""
    file, certain = video_of(told.tree.names(), told.film)
    if file is not None:
        return _index(told.tree, file, wanted), certain
    free = [(place, one.name) for place, one in enumerate(wanted) if one.picture is None and one.film is None]
    videos = [(place, name) for place, name in free if is_named_like_a_video(name)]
    folder = f"{told.archive.rpartition('/')[0]}/".removeprefix("/")
    around = [(place, name) for place, name in videos if wanted[place].tree is told.around]
    near = [(place, name[len(folder):]) for place, name in around if name.startswith(folder)]
    stem = PurePosixPath(told.archive).stem if told.alone else ""
    for rows, called, guess in ((near, "", False), (near, stem, False), (near, "", True), (around, "", False), (videos, "", False),
                                (videos, "", len(videos) == 1 and isinstance(wanted[videos[0][0]].tree, FilesTree))):
        film = replace(told.film, name=called) if called and not told.film.file else told.film
        file, certain = video_of([name for _, name in rows], film, guess)
        if file is not None:
            return next(place for place, name in rows if name == file), certain
    return None, False


def _twin(video: Wanted) -> str:
    """Another video that came under the same name, "" where there is none."""
    path = video.tree.path(video.name)
    return next((twin for twin in video.tree.twins(video.name) if not cmp(path, video.tree.path(twin), shallow=False)), "")


def _index(tree: Tree, name: str, wanted: list[Wanted]) -> int:
    """The place of a file among the wanted; it is added where it is not one of them yet."""
    path = tree.path(name)
    for place, one in enumerate(wanted):
        if one.tree is tree and one.name == name or path is not None and one.tree.path(one.name) == path and one.film is None:
            return place
    wanted.append(Wanted(tree, name, name))
    return len(wanted) - 1


def _missing(told: FilmAnnotations) -> tuple[str, str]:
    film, name = told.film, told.film.name
    if film.stills:
        why = (f"is about the pictures in {film.stills}, for which there is no video beside it; make one video of all of them in their order, put it in its folder "
               "and load that")
    elif film.file:
        why = f"is about the video {film.file}, and not one video beside it has that name; put the video in its folder under that name and load that"
    elif told.archive and told.alone:
        name, stem = told.archive, PurePosixPath(told.archive).stem
        why = f"does not tell the name of its video, and is neither beside one video alone nor beside one called {stem}; call both alike and load them together"
    else:
        why = "has no video beside it; put the video in its folder and load that"
    return name, f"what is said of {name} {why}" if name == film.name else f"{name} {why}"
