"""How fast does a video open, seek and get followed?  python tests/benchmarks/video_speed.py [FILM ...] [--seeks N] [--frames N]

Without films: drawn ones of 640 x 360 and 1280 x 720, 10 seconds each. Prints seconds to make the frame table, milliseconds
of a seek (at random, forwards, backwards; each checked bit by bit against reading in order), frames a second read in order,
and frames a second of `follow` from file to described tracks with the embedded detector in every, each 3rd and each 5th frame.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import stamped

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grounding import model_cache
from grounding.data import Size, run_to_end
from grounding.data.media import FrameTable, open_video
from grounding.data.media_write import encode_mp4
from grounding.synthetic import draw_video
from grounding.tasks.video.follow import follow

RESULT = Path(__file__).parent / "results" / "video_speed.json"


def drawn(folder: Path) -> list[Path]:
    paths = []
    for size in (Size(640, 360), Size(1280, 720)):
        film = draw_video(0, size, num_frames=250)
        paths.append(folder / f"drawn {size.width} x {size.height}")
        paths[-1].write_bytes(encode_mp4(film.frames(), size, film.fps))
    return paths


def ms(times_s: list[float]) -> dict[str, float]:
    return {"median": round(1000 * statistics.median(times_s), 1), "p95": round(1000 * float(np.quantile(times_s, 0.95)), 1)}


def seeks(video, order: list[int], truth: dict[int, int]) -> dict[str, float]:
    times = []
    with open_video(video.path, FrameTable(video.frames.pts_s)) as fresh:
        for index in order:
            began = time.perf_counter()
            pixels = fresh.frame(index).pixels
            times.append(time.perf_counter() - began)
            assert hash(pixels.tobytes()) == truth[index], f"frame {index} is not the frame read in order"
    return ms(times)


def measure(path: Path, count: int, limit: int) -> dict:
    began = time.perf_counter()
    video = open_video(path)
    row = {"frames": len(video), "size": list(video.size), "codec": video.codec, "open_s": round(time.perf_counter() - began, 2)}
    limit = min(limit, len(video))
    began = time.perf_counter()
    truth = {frame.index: hash(frame.pixels.tobytes()) for frame in video.read(stop=limit)}
    row["read_fps"] = round(limit / (time.perf_counter() - began), 1)
    order = np.random.default_rng(0).permutation(limit)[:count].tolist()
    row["seek_ms"] = {"random": seeks(video, order, truth), "forwards": seeks(video, list(range(count)), truth),
                      "backwards": seeks(video, list(range(limit - 1, limit - 1 - min(count, limit), -1)), truth)}
    models = [model_cache.make(seam) for seam in ("detector", "tracker", "generator")]
    models[0].detect(video.frame(0).image)
    row["follow_fps"] = {}
    for every in (1, 3, 5):
        began = time.perf_counter()
        tracks = run_to_end(follow(video, *models, every=every, stop=limit))
        row["follow_fps"][f"every {every}"] = round(limit / (time.perf_counter() - began), 1)
        row[f"tracks, every {every}"] = len(tracks)
    video.close()
    return row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("films", nargs="*", type=Path)
    parser.add_argument("--seeks", type=int, default=40)
    parser.add_argument("--frames", type=int, default=250, help="how many frames of each film are followed")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        films = arguments.films or drawn(Path(folder))
        rows = {path.name: measure(path, arguments.seeks, arguments.frames) for path in films}
    result = {"question": "How fast does a video open, seek and get followed?",
              "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, "films": rows}
    print(json.dumps(result, indent=1))
    stamped.write(RESULT, result, model_cache.make("detector"), model_cache.make("tracker"))


if __name__ == "__main__":
    main()
