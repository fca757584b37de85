"""Imported films: which of the videos that come in a file is about. It lies beside the file or its archive, or was named with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from filecmp import cmp
from pathlib import PurePosixPath

from grounding.exchange.archive import FileTree, UploadTree
from grounding.exchange.photos import ImageAnnotations
from grounding.exchange.video_reader import find_video_file
from grounding.exchange.videos import VideoAnnotations, export_video_path, has_video_extension, merge_videos

Skipped = list[tuple[str, str]]


@dataclass(frozen=True)
class ImportFile:
    """One file that is to come in: `name` in its tree, `display_name` what people read; `image` what a COCO set says of it, its
    categories called as in `labels`; of a video, `video` is what a COCO set or a file about videos says of it instead."""

    tree: FileTree
    name: str
    display_name: str
    image: ImageAnnotations | None = None
    labels: Mapping[int, str] = field(default_factory=dict)
    video: VideoAnnotations | None = None


@dataclass(frozen=True)
class ImportedVideo:
    """What a file of `tree` says of a video. The tree may be an archive, a file of the name `archive` in another tree;
    `only_video` where it tells of no other video."""

    video: VideoAnnotations
    tree: FileTree
    parent_tree: FileTree | None = None
    archive: str = ""
    only_video: bool = True


def match_videos(files: list[ImportFile], videos: Sequence[ImportedVideo], skipped: Skipped) -> list[ImportFile]:
    """The wanted files with what is told of them, and videos that are wanted only because something is told of them;
    the rest goes to `skipped`."""
    files, claims = list(files), defaultdict(list)
    for imported in videos:
        index, certain = _find_index(imported, files)
        same_named = _same_named_video(files[index]) if index is not None else ""
        if index is None:
            skipped.append(_missing_message(imported))
        elif same_named:
            both = f"is about one of {files[index].name} and {same_named}, which came under the same name"
            cure = "call each video otherwise, or load its folder"
            skipped.append((imported.video.name, f"what is said of {imported.video.name} {both}; {cure}"))
        else:
            claims[index].append((not certain, imported))
    for index, rows in claims.items():
        candidates = [one.video for _, one in sorted(rows, key=lambda row: row[0])]
        merged = _merge_videos(candidates, rows[0][0] and all(unsure for unsure, _ in rows), files[index], skipped)
        own = merged is not None and files[index].name == export_video_path(merged)
        # type: ignore[union-attr]
        files[index] = replace(
            files[index], video=merged, display_name=(merged.original_name or merged.name) if own else files[index].display_name
        )
    return files


def _merge_videos(videos: list[VideoAnnotations], uncertain: bool, video: ImportFile, skipped: Skipped) -> VideoAnnotations | None:
    """What several files say of one video, as one. Where nothing but its place says that a video is meant, it is that of one file only."""
    merged, separate = videos[0], []
    for other in videos[1:]:
        both = merge_videos(merged, other)
        merged, separate = both or merged, separate if both else [*separate, other]
    if separate and uncertain:
        names = " and of ".join(sorted({other.name for other in videos})[:3])
        skipped += [
            (
                other.name,
                f"{video.display_name} may be the video of {names}, and none of them tells the name of its video, so all stayed out; "
                "call each video like what is said of it",
            )
            for other in videos[:1]
        ]
        return None
    skipped += [
        (other.name, f"what is said of {other.name} is about a video that another file tells of; load one of them") for other in separate
    ]
    return merged


def _find_index(imported: ImportedVideo, files: list[ImportFile]) -> tuple[int | None, bool]:
    """The place of the video among those that are wanted, None where nobody can know it; and whether more than its place says so."""
    file, certain = find_video_file(imported.tree.names(), imported.video)
    if file is not None:
        return _index_of_file(imported.tree, file, files), certain
    unmatched = [(index, one.name) for index, one in enumerate(files) if one.image is None and one.video is None]
    videos = [(place, name) for place, name in unmatched if has_video_extension(name)]
    folder = f"{imported.archive.rpartition('/')[0]}/".removeprefix("/")
    around = [(place, name) for place, name in videos if files[place].tree is imported.parent_tree]
    near = [(place, name[len(folder):]) for place, name in around if name.startswith(folder)]
    stem = PurePosixPath(imported.archive).stem if imported.only_video else ""
    for rows, name_guess, guess in ((near, "", False), (near, stem, False), (near, "", True), (around, "", False), (videos, "", False),
                                (videos, "", len(videos) == 1 and isinstance(files[videos[0][0]].tree, UploadTree))):
        candidate = replace(imported.video, name=name_guess) if name_guess and not imported.video.file else imported.video
        file, certain = find_video_file([name for _, name in rows], candidate, guess)
        if file is not None:
            return next(place for place, name in rows if name == file), certain
    return None, False


def _same_named_video(video: ImportFile) -> str:
    """Another video that came under the same name, "" where there is none."""
    path = video.tree.path(video.name)
    return next((twin for twin in video.tree.same_name_files(video.name) if not cmp(path, video.tree.path(twin), shallow=False)), "")


def _index_of_file(tree: FileTree, name: str, files: list[ImportFile]) -> int:
    """The place of a file among the wanted; it is added where it is not one of them yet."""
    path = tree.path(name)
    for index, one in enumerate(files):
        if one.tree is tree and one.name == name or path is not None and one.tree.path(one.name) == path and one.video is None:
            return index
    files.append(ImportFile(tree, name, name))
    return len(files) - 1


def _missing_message(imported: ImportedVideo) -> tuple[str, str]:
    video, name = imported.video, imported.video.name
    if video.frame_folder:
        why = (
            f"is about the pictures in {video.frame_folder}, for which there is no video beside it; make one "
            "video of all of them in their order, put it in its folder "
            "and load that"
        )
    elif video.file:
        why = (
            f"is about the video {video.file}, and not one video beside it has that name; put the video in its "
            "folder under that name and load that"
        )
    elif imported.archive and imported.only_video:
        name, stem = imported.archive, PurePosixPath(imported.archive).stem
        why = (
            "does not tell the name of its video, and is neither beside one video alone nor beside one called "
            f"{stem}; call both alike and load them together"
        )
    else:
        why = "has no video beside it; put the video in its folder and load that"
    return name, f"what is said of {name} {why}" if name == video.name else f"{name} {why}"
