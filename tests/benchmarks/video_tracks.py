"""How well does the tracker link given detections?  python tests/benchmarks/video_tracks.py [MOT FOLDER] [--tracker NAME]

TUD-Campus (71 frames, its public detections; the settings of the motion tracker were chosen on it): MOTA and IDF1 at IoU 0.5,
beside the answer of another tracker that lies in the folder;
then drawn films of three seeds whose truth is shaken: 10 % of the boxes missing, the others off by 4 % of their size.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grounding import catalog
from grounding.data import Boxes, Regions, Track, iou
from grounding.worlds import draw_film

ROOT = Path(__file__).resolve().parents[2]
RESULT = Path(__file__).parent / "results" / "video_tracks.json"
SAME = 0.5


def read_mot(path: Path) -> np.ndarray:
    """(N, 7) frame, id, left, top, width, height, score."""
    return np.loadtxt(path, delimiter=",")[:, :7]


def given(rows: np.ndarray) -> list[Track]:
    """The tracks of a MOT file as they are."""
    each = [rows[rows[:, 1] == number] for number in np.unique(rows[:, 1])]
    return [Track(part[:, 0], Boxes.from_xywh(part[:, 2:6]), np.ones(len(part), bool)) for part in each]


def detections(rows: np.ndarray) -> list[tuple[int, Regions]]:
    frames = range(1, int(rows[:, 0].max()) + 1)
    parts = [rows[rows[:, 0] == frame] for frame in frames]
    return [(frame, Regions(Boxes.from_xywh(part[:, 2:6]), part[:, 6].clip(0, 1), ("person",) * len(part)))
            for frame, part in zip(frames, parts)]


def overlaps(truth: list[Track], tracks: list[Track], frame: int) -> tuple[list[int], list[int], np.ndarray]:
    there = [row for row, track in enumerate(truth) if track.at(frame)]
    said = [row for row, track in enumerate(tracks) if track.at(frame)]
    boxes = [Boxes(np.array([group[row].at(frame) for row in rows])) for group, rows in ((truth, there), (tracks, said))]
    return there, said, iou(*boxes)


def score(truth: list[Track], tracks: list[Track]) -> dict:
    """MOTA (Bernardin 2008) and IDF1 (Ristani 2016) at IoU 0.5; a pair that held in the frame before is kept if it can be."""
    together, partner = np.zeros((len(truth), len(tracks))), {}
    missed = false = switched = 0
    for frame in sorted({frame for track in [*truth, *tracks] for frame in track.frames.tolist()}):
        there, said, overlap = overlaps(truth, tracks, frame)
        fits = overlap >= SAME
        together[np.ix_(there, said)] += fits
        kept = np.array([[partner.get(a) == b for b in said] for a in there], bool).reshape(fits.shape)
        pairs = [(i, j) for i, j in zip(*linear_sum_assignment(-(overlap + 100 * kept) * fits)) if fits[i, j]]
        switched += sum(partner.get(there[i], said[j]) != said[j] for i, j in pairs)
        partner |= {there[i]: said[j] for i, j in pairs}
        missed, false = missed + len(there) - len(pairs), false + len(said) - len(pairs)
    boxes, answered = sum(map(len, truth)), sum(map(len, tracks))
    alike = together[linear_sum_assignment(-together)].sum()
    return {"MOTA": round(1 - (missed + false + switched) / boxes, 3), "IDF1": round(float(2 * alike / (boxes + answered)), 3),
            "switches": int(switched), "missed": missed, "false": false, "tracks": len(tracks), "people": len(truth)}


def shaken(truth: list[Track], count: int, seed: int) -> list[tuple[int, Regions]]:
    """The truth as a poor detector would see it."""
    rng, seen = np.random.default_rng(seed), []
    for frame in range(count):
        rows = [row for row in truth if row.at(frame) and rng.random() > 0.1]
        boxes = np.array([row.at(frame) for row in rows]).reshape(-1, 4)
        extent = np.tile(boxes[:, 2:] - boxes[:, :2], 2)
        corners = boxes + rng.normal(0, 0.04, boxes.shape) * extent
        seen.append((frame, Regions(Boxes(corners), rng.uniform(0.45, 0.95, len(rows)), tuple(row.label for row in rows))))
    return seen


def main() -> None:
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=data / "mot" / "TUD-Campus")
    parser.add_argument("--tracker", default="")
    arguments = parser.parse_args()
    tracker = catalog.make("tracker", arguments.tracker)
    truth = given(read_mot(arguments.folder / "gt.txt"))
    result = {"question": "How well does the tracker link given detections?", "tracker": tracker.version,
              arguments.folder.name: {"ours": score(truth, tracker.link(detections(read_mot(arguments.folder / "det" / "det.txt")))),
                                      "answer in the folder": score(truth, given(read_mot(arguments.folder / "test.txt")))}}
    for seed in range(3):
        film = draw_film(seed)
        result[f"drawn film {seed}"] = score(film.tracks, tracker.link(shaken(film.tracks, film.count, seed)))
    print(json.dumps(result, indent=1))
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf8")


if __name__ == "__main__":
    main()
