"""Writes the results of the README from the files of tests/benchmarks/results.  python docs/results.py

A line whose file is not there yet is left out, so that every number in the README was printed by a script of tests/benchmarks,
and each says when and by which commit it was measured.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "tests" / "benchmarks" / "results"
BEGIN, END = "<!-- results: docs/results.py writes what stands between these lines -->", "<!-- end of results -->"

HELD_OUT = "one-box phrases of held-out photos, first box right at IoU 0.5"
ROWS = [  # question, file, where in it, how to say it
    (f"The shipped grounder: {HELD_OUT}", "grounding_accuracy", "grounders.default.accuracy", "share"),
    ("the same, trained on pseudo queries alone", "grounding_accuracy", "grounders.pseudo.accuracy", "share"),
    ("the fast one, 2.5 MB", "grounding_accuracy", "grounders.fast.accuracy", "share"),
    ("the same, by the detection whose name fits, else the whole photo",
     "grounding_accuracy", "grounders.default.baselines.class_name_else_whole", "share"),
    ("the same, by the detection whose name fits best", "grounding_accuracy", "grounders.default.baselines.class_name", "share"),
    ("the same, by the whole photo", "grounding_accuracy", "grounders.default.baselines.whole_image", "share"),
    ("First phrase on a photo: the photo is seen", "grounding_speed", "encode_ms.median", "ms"),
    ("Each further phrase", "grounding_speed", "phrase_ms.median", "ms"),
    ("The detector alone", "grounding_speed", "detect_ms.median", "ms"),
    ("Phrases a second from unseen files, 5 a photo", "grounding_throughput", "default.phrases_per_s", "a second"),
    ("... on photos already encoded", "grounding_throughput", "default.phrases_per_s_encoded", "a second"),
    ("Grounding DINO tiny (random weights): a first phrase takes so many times ours",
     "grounding_rivals", "ratios.grounding-dino.first_phrase_ms", "times"),
    ("OWL-ViT base (random weights): a first phrase takes so many times ours",
     "grounding_rivals", "ratios.owl-vit.first_phrase_ms", "times"),
    ("Phrases `pseudo_query` writes from given detections, 10 a photo, two workers", "pseudo_speed", "runs.1.phrases_per_s", "a second"),
    ("... 30 a photo", "pseudo_speed", "runs.2.phrases_per_s", "a second"),
    ("Expected calibration error of the grounder's scores", "grounding_accuracy", "grounders.default.ece", "plain"),
    ("The right one of two things of a class (left, top, in front ...; chance 50 %)", "grounding_spatial", "default.all", "share"),
    ("... as many as the detector proposes at all", "grounding_spatial", "within_reach.all", "share"),
    ("The right one of two things that people told apart by colour (chance 50 %)", "grounding_colours", "default", "share"),
    ("Photos proposed for", "proposals_per_second", "photos_per_s", "a second"),
    ("`make run` a second time, until the page answers", "page_start", "later_median_s", "s"),
    ("Saving an edit on a photo with 3 boxes, there and back", "store_edits", "photos.0.edit_of_one.median_ms", "ms"),
    ("... with 200 boxes", "store_edits", "photos.1.edit_of_one.median_ms", "ms"),
    ("... with 2,000 boxes", "store_edits", "photos.2.edit_of_one.median_ms", "ms"),
    ("Exporting 10,000 photos with 70,000 boxes to a zip", "export_coco", "runs.all to a zip.seconds", "s"),
    ("... peak memory", "export_coco", "runs.all to a zip.peak_mb", "MB"),
    ("Sentences about a box that agree by half with a person's", "captions_photos", "test.ways.captioner.right", "share"),
    ("Drawn films told as tracks (bounded CHOTA)", "film_shipped", "ways.learned, hard.CHOTA-b", "plain"),
    ("Everything in a film of 640 x 360 followed, the detector in each frame",
     "video_speed", "films.drawn 640 x 360.follow_fps.every 1", "frames a second"),
    ("Linking given detections (IDF1): TUD-Campus, which its settings were chosen on", "video_tracks", "TUD-Campus.ours.IDF1", "plain"),
    ("... four frames of MOT17-02, which nothing was chosen on", "video_tracks", "MOT17-02, 4 frames, given detections.IDF1", "plain"),
    ("... three drawn films, which nothing was chosen on", "video_tracks", "drawn films, mean of 3.ours.IDF1", "plain"),
]  # fmt: skip


def table() -> str:
    """The results as a Markdown table."""
    lines = ["| | | script in `tests/benchmarks` | measured |", "|---|---|---|---|"]
    for question, file, path, how in ROWS:
        found = _look(file, path)
        if found is not None:
            lines.append(f"| {question} | {_said(found, how)} | `{file}.py` | {_when(_look(file, 'measured'))} |")
    return "\n".join(lines)


def written(readme: str) -> str:
    """The README with these results in place of the old ones."""
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: f"{BEGIN}\n{table()}\n{END}", readme, flags=re.S)


def _look(file: str, path: str) -> Any:
    page = RESULTS / f"{file}.json"
    found = json.loads(page.read_text()) if page.is_file() else None
    for step in path.split("."):
        if isinstance(found, list):
            found = found[int(step)]
        elif isinstance(found, dict):
            found = found.get(step)
    return found


def _when(stamp: dict) -> str:
    return f"{stamp['date']}, {stamp['commit']}"


def _said(value: float, how: str) -> str:
    if how == "share":
        return f"{100 * value:.1f} %"
    if how == "plain":
        return f"{value:g}"
    return f"{value:,.0f} {how}" if value >= 20 else f"{value:.1f} {how}"


if __name__ == "__main__":
    readme = ROOT / "README.md"
    readme.write_text(written(readme.read_text()))
    print(table())
