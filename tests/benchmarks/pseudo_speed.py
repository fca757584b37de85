"""How many phrases a second, and does memory stay flat?  python tests/benchmarks/pseudo_speed.py [--photos 20000] [--out FILE]

Makes COCO files of drawn detections (1 to 14 boxes a photo, no photos, so no colours) of two lengths, and writes phrases for
them with 1 and 2 workers. Peak memory is that of the whole process tree's largest process.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import stamped

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pseudo_query import version  # noqa: E402

RUNS: tuple[tuple, ...] = ((2, "default"), (2, "default", 30), (1, "default"), (2, "faithful"))  # workers, mode, phrases a photo at most
CLASSES = ("person", "car", "dog", "chair", "bottle", "bicycle", "bird", "dining table", "cup", "umbrella", "traffic light", "book")


def make(path: Path, photos: int) -> None:
    """A COCO file written piece by piece."""
    rng = random.Random(0)
    with open(path, "w") as file:
        file.write('{"categories": ' + json.dumps([{"id": k, "name": name} for k, name in enumerate(CLASSES)]) + ', "images": [')
        file.write(",".join(json.dumps({"id": k, "file_name": f"{k:08d}.jpg", "width": 640, "height": 480}) for k in range(photos)))
        file.write('], "annotations": [')
        for k in range(photos):
            boxes = []
            for _ in range(rng.randint(1, 14)):
                w, h = rng.uniform(20, 300), rng.uniform(20, 300)
                box = [round(v, 2) for v in (rng.uniform(0, 640 - w), rng.uniform(0, 480 - h), w, h)]
                boxes.append(json.dumps({"image_id": k, "category_id": rng.choice((0, 0, 0, 1, rng.randrange(12))), "bbox": box}))
            file.write((", " if k else "") + ", ".join(boxes))
        file.write("]}")


def run(source: Path, workers: int, mode: str, per_photo: int = 10) -> dict:
    out = source.with_suffix(".jsonl")
    started, used = time.perf_counter(), _cpu()
    subprocess.run([sys.executable, "-m", "pseudo_query", source, "--out", out, "--workers", str(workers), "--mode", mode,
                    "--per-photo", str(per_photo)],
                   check=True, cwd=ROOT, stderr=subprocess.DEVNULL)
    seconds, used = time.perf_counter() - started, _cpu() - used
    with open(out) as lines:
        phrases = sum(1 for _ in lines)
    return {
        "workers": workers,
        "mode": mode,
        "per_photo": per_photo,
        "phrases": phrases,
        "seconds": round(seconds, 2),
        "phrases_per_s": round(phrases / seconds),
        "cpu_seconds": round(used, 2),
        "phrases_per_cpu_s": round(phrases / used),
    }


def _cpu() -> float:
    """Processor seconds of all ended children; on a busy machine this says more than the clock."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photos", type=int, default=20000)
    parser.add_argument("--out", type=Path)
    args = parser.parse_args()
    result = {"load_before": round(os.getloadavg()[0], 1), "runs": [], "peak_mb": {}}
    with tempfile.TemporaryDirectory() as folder:
        for photos in (args.photos // 10, args.photos):
            source = Path(folder, f"{photos}.json")
            make(source, photos)
            for how in RUNS if photos == args.photos else RUNS[:1]:
                result["runs"].append({"photos": photos, **run(source, *how)})
                print(result["runs"][-1])
            result["peak_mb"][photos] = round(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024)
    print(result["peak_mb"])
    if args.out:
        stamped.write(args.out, result, version)


if __name__ == "__main__":
    main()
