"""Does a long video fit?  python tests/benchmarks/video_memory.py [--minutes 10] [--every 1] [--things 0]

A film of 640 x 360 at 25 frames a second in which a drawn scene repeats is made with ffmpeg, then everything in it is followed.
Prints the highest memory of this process, seconds, and tracks. `--things N` puts a detector in the embedded one's place that
sees N things in every frame.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import stamped

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grounding import model_cache
from grounding.data import Boxes, Regions, Size, run_to_end
from grounding.data.media import open_video
from grounding.data.media_write import encode_mp4
from grounding.models.scripted import ScriptedDetector
from grounding.synthetic import draw_video
from grounding.tasks.video.follow import follow

RESULT = Path(__file__).parent / "results" / "video_memory.json"


def long_film(folder: Path, minutes: float) -> Path:
    """The drawn film over and over."""
    size = Size(640, 360)
    film = draw_video(0, size, num_frames=125)
    (folder / "short.mp4").write_bytes(encode_mp4(film.frames(), size, film.fps))
    loops = max(round(minutes * 60 / 5) - 1, 0)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-stream_loop", str(loops), "-i", str(folder / "short.mp4"), "-c", "copy", str(folder / "long.mp4")],
        check=True,
    )
    return folder / "long.mp4"


def crowd(count: int) -> ScriptedDetector:
    side = int(np.ceil(np.sqrt(count)))
    grid = np.stack(np.meshgrid(np.linspace(0, 620, side), np.linspace(0, 345, side)), -1).reshape(-1, 2)[:count]
    return ScriptedDetector(
        default=Regions(Boxes.from_xywh(np.concatenate([grid, np.full((count, 2), 12.0)], 1)), np.full(count, 0.9), ("thing",) * count)
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--things", type=int, default=0)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, open_video(long_film(Path(folder), arguments.minutes)) as video:
        detector = crowd(arguments.things) if arguments.things else model_cache.make("detector")
        began, processor = time.perf_counter(), time.process_time()
        tracks = run_to_end(follow(video, detector, model_cache.make("tracker"), model_cache.make("generator"), arguments.every))
        row = {"frames": len(video), "every": arguments.every, "things": arguments.things, "tracks": len(tracks or []),
               "seconds": round(time.perf_counter() - began, 1), "cpu_s": round(time.process_time() - processor, 1),
               "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}
    result = {"question": "Does a long video fit?", "film": f"{arguments.minutes} minutes of 640 x 360", **row}
    print(json.dumps(result, indent=1))
    stamped.write(RESULT, result, model_cache.make("detector"), model_cache.make("tracker"))


if __name__ == "__main__":
    main()
