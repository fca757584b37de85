"""Finding photos: which file of a tree the name of an image in a COCO or CVAT file means, also where it was spelt on
another computer."""

from __future__ import annotations

import html
import posixpath
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import parse_qs, unquote, urlsplit

from grounding.data import Size
from grounding.data.media import MediaError
from grounding.data.media_image import read_image_header
from grounding.exchange.archive import ArchiveError, FileTree
from grounding.exchange.names import normalize_path, relative_name

# folders that say nothing
_GENERIC_FOLDERS = {"images", "image", "imgs", "img", "photos", "data", "default", "annotations", "frames", "files", "upload"}
_SPLIT_COMPANIONS = {*_GENERIC_FOLDERS, "coco", "set"}  # words that a folder of a split may have beside its name
_SPLIT = re.compile(r"(train|val|valid|validation|test|dev|minival)[-_]?(\d{4})?", re.IGNORECASE)
_WORDS = re.compile(r"[_\-. ]+")
_DERIVED = re.compile(
    r"(.*[-_ ])?(masks?|thumb(nail)?s?)([-_ ].*)?|previews?|labels?|depths?|overlays?|heatmaps?|segmentations?|segmentation(class|object)"
    # folders of pictures that were made from the photos
    r"|visuali[sz]ations?|panoptic([-_].*)?|stuffthingmaps",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"[^\W\d]*[-_ ]?\(?\d{1,6}\)?")  # names that many folders have
_DATE = r"(19|20)\d\d(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])-|(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(19|20)\d\d-"
_UPLOADED = re.compile(rf"(?!{_DATE})[0-9a-f]{{8}}-(?=.)", re.IGNORECASE)  # what Label Studio puts before a name; a date is none of it
_UPLOADS = re.compile(r"(^|.*/)upload/\d+$", re.IGNORECASE)
_QUERY = re.compile(r"(\.[a-z]{3,4})\?[^/]*$", re.IGNORECASE)
_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")

BY_SPELLING = "under a name that is spelt differently (letter case, accents, or characters written as %20 or &amp;)"
BY_PATH_SUFFIX = "by the end of their path alone"
BY_PREFIX = "by a name without the letters that Label Studio puts before it"


class AmbiguousPhoto(ValueError):
    """More than one file fits a file_name."""


@dataclass
class PhotoFinder:
    """Finds the photos of one file, in `base` (the folder its set starts in). `matched` tells which were found how: how -> (told, found).

    `find` gives the one file that fits, None if none does, and raises Several.
    """

    tree: FileTree
    base: str
    file: str
    matched: dict[str, list[tuple[str, str]]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        own, subset = self.file.rpartition("/")[0], subset_of(self.file)
        self._splits = _splits(_WORDS.split(PurePosixPath(self.file).stem)) or _splits(own.split("/"))
        within = [f"{subset}/"] if subset else []
        general = [f"{self.base}{place}" for place in ("images/", "photos/", "")]
        self._search_folders = [[place + part for place in general for part in within],
                        [*general, f"{own}/" if own else "", f"{self.base}images/default/", f"{self.base}data/"]]
        self._names = frozenset(self.tree.names())
        self._by_plain_name: dict[str, set[str]] | None = None  # by plain name without folders

    def find(self, file_name: str) -> str | None:
        names = {relative_name(file_name), file_name if posixpath.normpath(file_name) == file_name else relative_name(file_name)}
        for places in self._search_folders:
            exact = {place + name for place in places for name in names if place + name in self._names}
            if exact:
                return self._require_unique(file_name, exact)
        guesses = (
            (how, fits(name))
            for how, fits in ((BY_SPELLING, self._by_spelling), (BY_PATH_SUFFIX, self._by_path_suffix), (BY_PREFIX, self._without_prefix))
            for name in _spellings(file_name)
        )
        how, files = next(((how, files) for how, files in guesses if files), ("", set()))
        if not files:
            return None
        file = self._require_unique(file_name, files)
        self.matched[how].append((file_name, file))
        return file

    def match_notes(self) -> Iterator[tuple[str, str]]:
        """How photos were found that are not called what is told, a line for each way: (which, how)."""
        for how, ((file_name, found), *others) in self.matched.items():
            yield f"{len(others) + 1} photos" if others else "1 photo", f"{'were' if others else 'was'} found {how}: {file_name} is {found}"

    def _require_unique(self, file_name: str, found: set[str]) -> str:
        first, *others = sorted(found | {twin for name in found for twin in self.tree.same_name_files(name)})
        if others and not all(_same_bytes(self.tree, first, other) for other in others):
            raise AmbiguousPhoto(f"fits {first} and {others[0]}" + (f" and {len(others) - 1} more files" if others[1:] else ""))
        return first

    def _by_spelling(self, file_name: str) -> set[str]:
        """At the places where photos lie, whatever the spelling."""
        wanted = {normalize_path(place + relative_name(file_name)) for places in self._search_folders for place in places}
        return {name for name in self._with_same_name(file_name) if normalize_path(name) in wanted}

    def _by_path_suffix(self, file_name: str) -> set[str]:
        """Those that have the longest end of the path in common with what is told."""
        for path in _paths(file_name):
            found = self._with_path_suffix(path, _is_from_elsewhere(file_name))
            if found:
                return found
        return set()

    def _without_prefix(self, file_name: str) -> set[str]:
        path = _paths(file_name)[0]
        folder, _, name = path.rpartition("/")
        cut = _UPLOADED.sub("", name, count=1)
        if cut != name:
            return self._with_path_suffix(f"{folder}/{cut}", True)
        there = {file for file in self._files() if _UPLOADED.match(file.rpartition("/")[2])}
        key = normalize_path(name)
        return {
            file
            for file in there
            if normalize_path(_UPLOADED.sub("", file.rpartition("/")[2], count=1)) == key and self._is_plausible(file, path, True)
        }

    def _with_path_suffix(self, path: str, foreign: bool) -> set[str]:
        parts = PurePosixPath(normalize_path(path)).parts
        files = {name: PurePosixPath(normalize_path(name)).parts for name in self._with_same_name(path)}
        for count in range(len(parts), 0, -1):
            ending = [name for name, others in files.items() if others[-count:] == parts[-count:]]
            if ending:
                return {name for name in ending if self._is_plausible(name, path, foreign, count)}
        return set()

    def _is_plausible(self, file: str, path: str, foreign: bool, common: int = 1) -> bool:
        """Whether nothing in the stated path contradicts a file: neither the folder a set names itself nor another split."""
        stated, folders = (_folders(name) for name in (path, file.removeprefix(self.base)))
        splits, others = self._splits | _splits(stated), _splits(folders)
        if splits and others and not splits & others:
            return False
        own = [folder for folder in folders if not _is_generic_folder(folder)]
        if any(map(_DERIVED.fullmatch, own)) and not set(own) & set(stated):
            return False
        if common > 1 or not stated or stated[-1] in _GENERIC_FOLDERS or _splits(stated[-1:]) & others:
            return True
        counted = _NUMBERED.fullmatch(PurePosixPath(normalize_path(path)).stem) and not _UPLOADS.match("/".join(stated))
        return foreign and bool(not own or set(own) & set(stated) or _is_generic_folder(stated[-1]) or not counted)

    def _with_same_name(self, path: str) -> set[str]:
        """The files whose name without folders is that of a path, however it is spelt."""
        return self._index().get(normalize_path(relative_name(path)).rpartition("/")[2], set())

    def _files(self) -> list[str]:
        return [name for names in self._index().values() for name in names]

    def _index(self) -> dict[str, set[str]]:
        if self._by_plain_name is None:
            self._by_plain_name = defaultdict(set)
            for name in self._names:
                self._by_plain_name[normalize_path(name).rpartition("/")[2]].add(name)
        return self._by_plain_name


def read_photo_size(tree: FileTree, file: str) -> Size:
    """The size of a photo as it is shown, from its head; (0, 0) where it is no photo."""
    try:
        orientation, size, _ = read_image_header(tree.path(file) or _read_bytes(tree, file), file)
    except (MediaError, ArchiveError):
        return Size(0, 0)
    return Size(size.height, size.width) if orientation >= 5 else size


def subset_of(file: str) -> str:
    """What an instances file's name says of its subset: "train2017" of instances_train2017.json."""
    stem = PurePosixPath(file).stem
    return stem[len("instances"):].strip("_- ") if stem.lower().startswith("instances") else ""


def _paths(file_name: str) -> list[str]:
    """The paths that a file_name may mean, the likeliest first: that of an address has no host and no query."""
    if not _ADDRESS.match(file_name) and not file_name.startswith("/data/local-files/"):
        return [relative_name(file_name)]
    try:
        address = urlsplit(file_name)
        asked = [value for values in parse_qs(address.query).values() for value in values]
    except ValueError:
        return [relative_name(file_name)]
    local = address.path.rstrip("/").endswith("local-files")
    return [relative_name(unquote(path)) for path in ((*asked, address.path) if local else (address.path,))]


def _spellings(file_name: str) -> list[str]:
    """A file_name, and what it is where a tool escaped it for HTML or for an address, once more than usual, or left the
    query of an address behind it."""
    return list(dict.fromkeys([file_name, html.unescape(file_name), unquote(file_name), _QUERY.sub(r"\1", file_name)]))


def _is_generic_folder(folder: str) -> bool:
    return folder in _GENERIC_FOLDERS or bool(_splits([folder]))


def _is_from_elsewhere(file_name: str) -> bool:
    """Whether its folders are those of another computer, which say nothing about this tree."""
    spelt = file_name.replace("\\", "/")
    return bool(spelt.startswith("/") or _DRIVE.match(file_name) or _ADDRESS.match(file_name) or _UPLOADS.match(spelt.rpartition("/")[0]))


def _folders(path: str) -> list[str]:
    return normalize_path(path).split("/")[:-1]


def _splits(folders: list[str]) -> set[str]:
    """The splits that folders are named after: "train" of train2017 and train_images, none of train_station."""
    found = set()
    for words in map(_WORDS.split, folders):
        matches = [_SPLIT.fullmatch(word) for word in words]
        if all(match or word.isdecimal() or word.casefold() in _SPLIT_COMPANIONS for match, word in zip(matches, words)):
            found |= {match[1].casefold() for match in matches if match}
    return {"val" if split.startswith("val") else split for split in found}


def _same_bytes(tree: FileTree, one: str, other: str) -> bool:
    """Whether two files have the same bytes, as far as they can be read."""
    try:
        return _read_bytes(tree, one) == _read_bytes(tree, other)
    except ArchiveError:
        return False


def _read_bytes(tree: FileTree, name: str) -> bytes:
    with tree.open(name) as source:
        return source.read()
