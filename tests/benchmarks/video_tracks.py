"""How well does the tracker link given detections?  python tests/benchmarks/video_tracks.py [MOT FOLDER] [--tracker NAME]

TUD-Campus (71 frames, its public detections; the settings of the motion tracker were once chosen on it), the learned tracker of the catalog
(which has no pixels to look at here), the answer of another tracker that lies in the
folder and, where it is installed (pip install norfair-enough), a library tracker with its own settings; the four frames
of MOT17-02; then drawn films of three seeds whose truth is shaken: 10 % of the boxes missing, the
others off by 4 % of their size. HOTA, DetA and AssA are means over IoU .05 to .95; IDF1 and MOTA at .5.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import stamped

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grounding import model_cache
from grounding.data import Boxes, Regions, Track, run_to_end
from grounding.exchange.archive import FolderTree
from grounding.exchange.mot import read_rows
from grounding.learning.metrics.grounding import ClipComparison, FrameObjects, tracking_metrics
from grounding.synthetic import draw_video
from grounding.tasks.improve.evaluate_tracks import evaluate_tracks, read_detections, split_ground_truth, tracks_from_rows

ROOT = Path(__file__).resolve().parents[2]
RESULT = Path(__file__).parent / "results" / "video_tracks.json"


def score(truth: list[Track], said: list[Track], count: int) -> dict:
    numbers = tracking_metrics(
        [ClipComparison(FrameObjects.from_tracks(truth, range(count)), FrameObjects.from_tracks(said, range(count)))]
    )
    return {name: round(value, 3) for name, value in numbers.items()} | {"tracks": len(said), "things": len(truth)}


class Norfair:
    """The library's Kalman tracker with its IoU distance and own settings, behind our seam."""

    version = "norfair-enough@2.4.3"

    def link(self, detections) -> list[Track]:
        from norfair import Detection, Tracker

        tracker, rows = Tracker(distance_function="iou", distance_threshold=0.7), {}
        for frame, regions in detections:
            given = [Detection(points=box.reshape(2, 2).astype(float), scores=np.full(2, score))
                     for box, score in zip(regions.boxes.xyxy, regions.scores) if score >= 0.2]
            for thing in tracker.update(given):
                if thing.last_detection.points is not None and thing.live_points.all():
                    rows.setdefault(thing.id, []).append((frame, thing.estimate.reshape(4)))
        sound = {key: [(f, box) for f, box in part if (box[2:] > box[:2]).all()] for key, part in rows.items()}
        return [Track(np.array([f for f, _ in part]), Boxes(np.array([box for _, box in part])), np.ones(len(part), bool), "person")
                for part in sound.values() if part]


def shaken(truth: list[Track], count: int, seed: int) -> list[tuple[int, Regions]]:
    """The truth as a poor detector would see it."""
    rng, seen = np.random.default_rng(seed), []
    for frame in range(count):
        rows = [row for row in truth if row.box_at(frame) and rng.random() > 0.1]
        boxes = np.array([row.box_at(frame) for row in rows]).reshape(-1, 4)
        extent = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
        corners = boxes + rng.normal(0, 0.04, boxes.shape) * extent
        seen.append((frame, Regions(Boxes(corners), rng.uniform(0.45, 0.95, len(rows)), tuple(row.label for row in rows))))
    return seen


def timed(tracker, detections, truth: list[Track], count: int) -> dict:
    began = time.process_time()
    said = tracker.link(detections)
    return score(truth, said, count) | {"frames_per_cpu_s": round(count / max(time.process_time() - began, 1e-6))}


def main() -> None:
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=data / "mot" / "TUD-Campus")
    parser.add_argument("--tracker", default="")
    arguments = parser.parse_args()
    tracker, tree = model_cache.make("tracker", arguments.tracker), FolderTree(arguments.folder)
    truth, _ = split_ground_truth(read_rows(tree, "gt.txt"), tree.title)
    count = int(max(track.frames[-1] for track in truth)) + 1
    seen = read_detections(tree, count)
    rivals = {"ours": tracker, "learned": model_cache.make("tracker", "learned")} | (
        {Norfair.version: Norfair()} if importlib.util.find_spec("norfair") else {}
    )
    result = {"question": "How well does the tracker link given detections?", "tracker": tracker.version,
              arguments.folder.name: {name: timed(rival, seen, truth, count) for name, rival in rivals.items()}
              | {"answer in the folder": score(truth, tracks_from_rows(read_rows(tree, "test.txt")), count)}}
    for name, rival in (("", tracker), (", learned", rivals["learned"])):
        result[f"MOT17-02, 4 frames, given detections{name}"] = run_to_end(
            evaluate_tracks(data / "mot" / "MOT17-02-FRCNN", rival, None, use_given_detections=True)
        )
    for seed in range(3):
        film = draw_video(seed)
        result[f"drawn film {seed}"] = {name: timed(rival, shaken(film.tracks, film.num_frames, seed), film.tracks, film.num_frames)
                                        for name, rival in rivals.items()}
    result["drawn films, mean of 3"] = {name: mean([result[f"drawn film {seed}"][name] for seed in range(3)]) for name in rivals}
    print(json.dumps(result, indent=1))
    before = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    stamped.write(RESULT, with_library(result, before), *rivals.values(), kept=None if Norfair.version in rivals else before)


def mean(rows: list[dict]) -> dict:
    return {name: round(float(np.mean([row[name] for row in rows])), 3) for name in ("HOTA", "DetA", "AssA", "IDF1", "MOTA")}


def with_library(result: dict, before: dict) -> dict:
    """Where the library is not installed now, its rows of an earlier run stay: they depend on nothing here."""
    kept = {
        name: {Norfair.version: rows[Norfair.version]}
        for name, rows in before.items()
        if isinstance(rows, dict) and Norfair.version in rows
    }
    return {name: kept.get(name, {}) | rows if isinstance(rows, dict) else rows for name, rows in result.items()}


if __name__ == "__main__":
    main()
