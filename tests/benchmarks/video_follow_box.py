"""How well is one box followed?  python tests/benchmarks/video_follow_box.py [DAVIS FOLDER ...] [--only "opencv MIL" ...]

Mean IoU over the frames after the first, for the box left unmoved, OpenCV's MIL tracker (the one of its that needs no
weights), our follower alone, and with the embedded detector in each, each 3rd and each 5th frame; what part of the way from the unmoved
box to 1 is closed; frames a second of processor time. Of the sequences, dog, car-shadow and drift-straight
were looked at while the follower was built, camel and libby (davis_more) were not. With --only the other rows stay as
an earlier run of this follower wrote them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np
import stamped

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grounding import model_cache
from grounding.data import Boxes, Track, run_to_end
from grounding.learning.metrics.grounding import spatial_iou
from grounding.tasks.improve.evaluate_tracks import read_sequences
from grounding.tasks.intake.frame_folders import FrameFolder
from grounding.tasks.video.follow_box import follow_box

ROOT = Path(__file__).resolve().parents[2]
RESULT = Path(__file__).parent / "results" / "video_follow_box.json"


def unmoved(video: FrameFolder, truth: Track) -> Track:
    return Track(truth.frames, Boxes(np.repeat(truth.boxes.xyxy[:1], len(truth), 0)), np.ones(len(truth), bool))


def mil(video: FrameFolder, truth: Track) -> Track:
    """OpenCV's own tracker that needs no weights."""
    import cv2

    tracker, boxes = cv2.TrackerMIL_create(), []
    for frame in video.read(int(truth.frames[0]), int(truth.frames[-1]) + 1):
        if not boxes:
            tracker.init(frame.pixels, tuple(truth.boxes[:1].to_xywh()[0].astype(int).tolist()))
            boxes.append(truth.boxes.to_xywh()[0])
        else:
            found, box = tracker.update(frame.pixels)
            boxes.append(box if found else boxes[-1])
    return Track(np.arange(truth.frames[0], truth.frames[-1] + 1), Boxes.from_xywh(np.array(boxes)), np.ones(len(boxes), bool))


def ours(every: int):
    """Our follower; 0: without the detector."""
    def answer(video: FrameFolder, truth: Track) -> Track:
        detector = model_cache.make("detector") if every else None
        steps = follow_box(
            video, model_cache.make("follower"), detector, int(truth.frames[0]), truth.boxes.xyxy[0], int(truth.frames[-1]), max(every, 1)
        )
        return run_to_end(steps)
    return answer


def measured(answer, video: FrameFolder, truth: Track) -> dict:
    began = time.process_time()
    track = answer(video, truth)
    spent = time.process_time() - began
    rest = Track(truth.frames[1:], truth.boxes[1:], truth.keyframes[1:])
    return {"iou": round(spatial_iou(rest, track), 3), "seen": len(track), "frames_per_cpu_s": round(len(truth) / max(spent, 1e-6), 1)}


def main() -> None:
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path, default=[data / "davis", data / "davis_more"])
    parser.add_argument("--only", nargs="+", default=[], help="ways to measure now")
    arguments = parser.parse_args()
    answers = {
        "unmoved": unmoved,
        "opencv MIL": mil,
        "ours, no detector": ours(0),
        "ours": ours(1),
        "ours, every 3rd": ours(3),
        "ours, every 5th": ours(5),
    }
    result: dict = {"question": "How well is one box followed?", "follower": model_cache.make("follower").version}
    before = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    known = before if before.get("follower") == result["follower"] and arguments.only else {}
    for folder, name, truth in ((path, *row) for path in arguments.folders for row in read_sequences(path).items()):
        video = FrameFolder.of(folder / name)
        rows = {title: known.get(name, {}).get(title) if arguments.only and title not in arguments.only else measured(answer, video, truth)
                for title, answer in answers.items()}
        rows = {title: row for title, row in rows.items() if row}
        still = rows["unmoved"]["iou"]
        result[name] = {title: row | {"closed": round((row["iou"] - still) / (1 - still), 3)} for title, row in rows.items()}
        print(name, json.dumps(result[name], indent=1), flush=True)
    stamped.write(RESULT, result, model_cache.make("follower"), model_cache.make("detector"), kept=known)


if __name__ == "__main__":
    main()
