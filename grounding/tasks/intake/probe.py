"""Probing: a strange video is opened first in a process of its own, with little memory and little time.

A decoder that crashes, hangs or grows without end takes only that process with it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from grounding.data import Size
from grounding.data.media import MediaError
from grounding.machine.workers import exit_with_parent

MEMORY_BYTES = 6 << 30  # address space, of which decoders with threads take far more than they use
MIN_TIMEOUT_S = 120.0
SECONDS_PER_MB = 20.0  # slow machines decode heavy codecs at about a megabyte in ten seconds
_TICK_S = 0.05
_CHILD = "import sys; from grounding.tasks.intake.probe import child; child(*sys.argv[1:])"


@dataclass(frozen=True, eq=False)
class VideoInfo:
    """What a video turned out to be; `pts_s` (N,) seconds of every frame; `warning` where its end is damaged."""

    size: Size
    pts_s: np.ndarray
    meta: dict
    warning: str = ""


def probe_video(path: Path, name: str, timeout_s: float | None = None) -> Iterator[None]:
    """Decodes every frame once elsewhere. A generator that returns VideoInfo (use `yield from`) and can be closed meanwhile.

    Raises MediaError where the video cannot be used.
    """
    timeout_s = timeout_s or max(MIN_TIMEOUT_S, SECONDS_PER_MB * path.stat().st_size / 1e6)
    command = [sys.executable, "-c", _CHILD, str(path.absolute()), name, str(MEMORY_BYTES), str(os.getpid())]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          cwd=Path(__file__).parents[3]) as process:
        try:
            output = yield from _wait(process, name, time.monotonic() + timeout_s)
        finally:
            process.kill()
    return _video_info(output, name)


def child(path: str, name: str, memory_bytes: str, parent: str) -> None:
    """What runs in the other process: prints the facts, or the sentence that says why there are none."""
    import resource

    exit_with_parent(int(parent))
    resource.setrlimit(resource.RLIMIT_AS, (int(memory_bytes), int(memory_bytes)))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    from grounding.data.media import open_video

    try:
        with open_video(path, name=name) as video:
            answer = {"size": list(video.size), "pts_s": video.frames.pts_s.tolist(), "warning": video.warning,
                      "meta": {"codec": video.codec, "container": video.container, "playable": video.playable}}
    except MediaError as error:
        answer = {"error": str(error)}
    except MemoryError:
        answer = {"error": f"{name} needs more memory to decode than one video may take; convert it to a smaller H.264 MP4"}
    json.dump(answer, sys.stdout)


def _wait(process: subprocess.Popen, name: str, until: float) -> Iterator[None]:
    """All that the process prints; yields while it runs."""
    while True:
        try:
            output, _ = process.communicate(timeout=_TICK_S)
            return output
        except subprocess.TimeoutExpired:
            if time.monotonic() > until:
                raise MediaError(f"{name} takes too long to decode; convert it to H.264 MP4 or cut it into pieces") from None
            yield


def _video_info(output: bytes, name: str) -> VideoInfo:
    try:
        answer = json.loads(output)
    except ValueError:
        raise MediaError(f"{name} makes the video decoder fail; convert it to H.264 MP4") from None
    if "error" in answer:
        raise MediaError(answer["error"])
    return VideoInfo(Size(*answer["size"]), np.array(answer["pts_s"], np.float64), answer["meta"], answer["warning"])
