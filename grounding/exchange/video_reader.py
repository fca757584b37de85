"""Reading what MOT, CVAT or VidSTG files say of videos, and finding the videos they are about."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

from grounding.exchange import cvat, mot, vidstg
from grounding.exchange.archive import FileTree
from grounding.exchange.cvat import xml_files
from grounding.exchange.names import normalize_path
from grounding.exchange.photos import Category
from grounding.exchange.videos import VideoAnnotations, VideoSet, category_numbers, export_video_path, has_video_extension
from grounding.exchange.vidstg import reader


def has_video_annotations(tree: FileTree) -> bool:
    """Whether a tree holds a gt.txt or det.txt (MOT), XML of CVAT's video tasks or a folder vidor/ (VidSTG)."""
    return bool(_readers(tree))


def read_videos(tree: FileTree) -> VideoSet:
    """Every film that any of these files tells of; categories are numbered anew, by name."""
    parts = [read(tree) for read in _readers(tree)]
    names = [category.name for part in parts for category in part.categories]
    videos = tuple(video for part in parts for video in part.videos)
    used = category_numbers(track_annotation.track for video in videos for track_annotation in video.tracks)
    categories = tuple(Category(number, name) for number, name in enumerate(dict.fromkeys([*names, *used]), 1))
    return VideoSet(categories, videos, tuple(fault for part in parts for fault in part.faults))


def find_video_file(names: Sequence[str], video: VideoAnnotations, guess: bool = True) -> tuple[str | None, bool]:
    """The one of these files that a film is about: where an export of ours lays it, else of the name that the format
    tells. Where it tells none: of the film's name, else, as a `guess`, the only video beside it. And whether more says
    so than that no other video lies there."""
    if export_video_path(video) in names:
        return export_video_path(video), True
    paths = [PurePosixPath(name) for name in names if has_video_extension(name)]
    stated_path = PurePosixPath(video.file or video.name)
    name = PurePosixPath(normalize_path(str(stated_path)))
    stem = name.stem if has_video_extension(name.name) else name.name

    def is_there(path: PurePosixPath) -> bool:
        return path == stated_path

    def is_in_folder(path: PurePosixPath) -> bool:
        return path.parent == PurePosixPath(video.name)

    def has_name(path: PurePosixPath) -> bool:
        return PurePosixPath(normalize_path(str(path))).name == name.name

    def has_stem(path: PurePosixPath) -> bool:
        return PurePosixPath(normalize_path(str(path))).stem == stem

    def is_at_root(path: PurePosixPath) -> bool:
        return len(path.parts) == 1

    guesses = (is_there, is_in_folder, has_name, has_stem, is_at_root) if guess else (is_there, has_name, has_stem)
    for fits in (is_there, lambda path: is_in_folder(path) and has_name(path), has_name, has_stem) if video.file else guesses:
        found = [path for path in paths if fits(path)]
        found = [path for path in found if path.name == stated_path.name] or found
        if len(found) == 1:
            return str(found[0]), fits is not is_at_root
        if found and video.file:
            return None, False
    return None, False


def _readers(tree: FileTree) -> list:
    files = {PurePosixPath(name).name for name in tree.names()}
    candidates = ((mot.read_tree, bool(files & {"gt.txt", "det.txt"})), (cvat.read_tree, bool(xml_files.find_xml_files(tree, "track"))),
            (vidstg.read_tree, bool(reader.find_vidor_files(tree))))
    return [read for read, there in candidates if there]
