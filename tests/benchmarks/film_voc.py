"""Does tracking and then telling beat a caption a frame? Do sources that each know a part teach more together than the best alone?

    python tests/benchmarks/film_voc.py [--data FOLDER] [--cache FOLDER] [--steps 1500] [--seeds 0 1 2] [--only disjoint films]

Drawn films that taught nothing (40, the same for all), on which nothing was chosen. For each seed, networks of one shape learn for the
same number of steps: from photos, fake films and drawn films together ("disjoint"), and from each of them alone. Each is asked in all
ways of grounding/learning/film_exam.py: learned and motion linking; hard, weighted and soft aggregation; a caption a frame with and
without a vote; oracle boxes and oracle tracks. Results are written after each network; a run that was stopped goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grounding import catalog
from grounding.data.progress import last
from grounding.learning.cache import FeatureCache
from grounding.learning.caption_lessons import read_told
from grounding.learning.caption_sources import Album
from grounding.learning.caption_teach import SOURCES, Course, album_of, kept_back, taught_network, vocabulary
from grounding.learning.film_cache import FilmCache, fill_plays
from grounding.learning.film_exam import TEST_FILMS, film_exam, learned_affinity, learned_linker, motion_linker
from grounding.models.associate import LearnedTracker
from grounding.models.track import MotionTracker

ROOT = Path(__file__).resolve().parents[2]
RESULT = Path(__file__).parent / "results" / "film_voc.json"
ARMS = {"disjoint": SOURCES, "films": ("films",), "fake": ("fake",), "photos": ("photos",)}
PAIRS = {"learned hard / motion vote, all sentences": ("learned, hard", "motion, vote over frames", "CHOTA-b"),
         "... sentences that need time": ("learned, hard", "motion, vote over frames", "CHOTA-b time"),
         "... sentences that do not": ("learned, hard", "motion, vote over frames", "CHOTA-b still"),
         "learned hard / motion hard (association alone)": ("learned, hard", "motion, hard", "CHOTA-b"),
         "motion hard / motion vote (aggregation alone)": ("motion, hard", "motion, vote over frames", "CHOTA-b"),
         "weighted / hard": ("learned, weighted", "learned, hard", "CHOTA-b"), "soft / hard": ("learned, soft", "learned, hard", "CHOTA-b")}


def taught(arm: str, seed: int, steps: int, films: int, album: Album, words, caches) -> object:
    course = Course(*caches, catalog.eyes, films=films, sources=ARMS[arm])
    return last(taught_network(album, words, course, steps, seed, None))


def ratios(runs: list[dict]) -> dict:
    """Mean and spread over seeds of the ratios that answer the question, of the networks that learned from everything."""
    rows = [run["ways"] for run in runs if run["arm"] == "disjoint"]
    found = {}
    for name, (ours, theirs, measure) in PAIRS.items():
        each = [row[ours][measure] / row[theirs][measure] for row in rows if row[theirs][measure] > 0]
        found[name] = {"mean": round(float(np.mean(each)), 3), "from": round(min(each), 3), "to": round(max(each), 3)} if each else None
    return found | {"disjoint / best single source (learned, hard, CHOTA-b)": _against_single(runs)}


def _against_single(runs: list[dict]) -> dict | None:
    """For each seed for which all arms are done."""
    value = {(run["seed"], run["arm"]): run["ways"]["learned, hard"]["CHOTA-b"] for run in runs}
    seeds = [seed for seed in {seed for seed, _ in value} if all((seed, arm) in value for arm in ARMS)]
    each = [value[seed, "disjoint"] / max(value[seed, arm] for arm in ARMS if arm != "disjoint") for seed in seeds]
    return {"mean": round(float(np.mean(each)), 3), "from": round(min(each), 3), "to": round(max(each), 3)} if each else None


def main() -> None:
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data / "flickr8k_entities")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".local" / "share" / "deixis" / "cache")
    parser.add_argument("--steps", type=int, default=1500)
    parser.add_argument("--films", type=int, default=400, help="drawn films to learn from")
    parser.add_argument("--tests", type=int, default=40, help="drawn films to be asked about")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", choices=list(ARMS), default=list(ARMS))
    asked = parser.parse_args()
    backbone = catalog.eyes().version
    caches = FeatureCache(asked.cache / "features", backbone), FilmCache(asked.cache / "films", backbone)
    course = Course(*caches, catalog.eyes, films=asked.films)
    told = [photo for photo in read_told(asked.data) if not kept_back(photo.id)]
    words, album = vocabulary(told, range(asked.films)), last(album_of(told, course))
    tests = range(TEST_FILMS, TEST_FILMS + asked.tests)
    last(fill_plays(caches[1], [*range(asked.films), *tests], catalog.eyes))
    plays = [caches[1].read(seed) for seed in tests]
    settings = {"steps": asked.steps, "films": asked.films, "tests": asked.tests, "photos": len(album.photos)}
    before = json.loads(RESULT.read_text()) if RESULT.exists() else {}
    runs = before.get("runs", []) if before.get("settings") == settings else []
    for seed in asked.seeds:
        for arm in asked.only:
            if any(run["seed"] == seed and run["arm"] == arm for run in runs):
                continue
            began = time.process_time()
            net = taught(arm, seed, asked.steps, asked.films, album, words, caches)
            tracker = LearnedTracker(Path(arm), _kept={"net": net.match})
            linkers = {"learned": learned_linker(tracker), "motion": motion_linker(MotionTracker())}
            ways = film_exam(net, words, plays, linkers, learned_affinity(tracker))
            runs.append({"seed": seed, "arm": arm, "ways": ways, "cpu_s": round(time.process_time() - began)})
            report = {"question": __doc__.splitlines()[0], "settings": settings, "ratios": ratios(runs), "runs": runs}
            RESULT.write_text(json.dumps(report, indent=1) + "\n", "utf8")
            print(json.dumps({"seed": seed, "arm": arm, **runs[-1]["ways"]["learned, hard"]}), flush=True)
    print(json.dumps(ratios(runs), indent=1))


if __name__ == "__main__":
    main()
