"""Does tracking and then telling beat a caption a frame? Do sources that each know a part teach more together than the best alone?

    OMP_NUM_THREADS=1 python tests/benchmarks/film_voc.py [--data FOLDER] [--cache FOLDER] [--seeds 0 1 2] [--steps 600] \\
        [--films 160] [--tests 40] [--out FILE]
    python tests/benchmarks/film_voc.py --smoke          two minutes: every way and arm at its smallest, into a file of its own

Drawn films that taught nothing, the same for all, on which nothing was chosen. Networks of one shape learn for the same
number of steps: from
photos, fake films and drawn films together ("disjoint"), and from each alone. Each is asked in the ways of
grounding/learning/captioning/clip_evaluation.py:
learned and motion linking; hard, weighted and soft aggregation; a caption a frame with and without a vote; oracle boxes and oracle tracks.
Each network's weights (under CACHE/film_voc) and answers are written when it is done and it is not done again; one that
was stopped goes on where it was.
docs/films.py writes the table of docs/methods/dense_voc.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import stamped
import torch

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from grounding import model_cache  # noqa: E402
from grounding.data.progress import run_to_end  # noqa: E402
from grounding.learning.captioning.clip_cache import CLIPS, fill_clip_cache  # noqa: E402
from grounding.learning.captioning.clip_evaluation import FIRST_TEST_SEED, VARIANTS, evaluate_clips, learned_affinity, make_linkers  # noqa: E402
from grounding.learning.captioning.examples import read_captioned_photos  # noqa: E402
from grounding.learning.captioning.sources import PhotoDataset  # noqa: E402
from grounding.learning.captioning.train import SOURCES, RunConfig, build_dataset, build_vocabulary, is_reserved, train_network  # noqa: E402
from grounding.learning.examples.feature_cache import FeatureCache  # noqa: E402
from grounding.models.captioning.prefix import load_captioner_net  # noqa: E402
from grounding.models.tracking.learned_tracker import LearnedTracker  # noqa: E402
from grounding.models.tracking.motion_tracker import MotionTracker  # noqa: E402
from grounding.nn.captioning.vocabulary import Vocabulary  # noqa: E402
from grounding.nn.files.storage import read_model_card, save_network  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
RESULT = Path(__file__).parent / "results" / "film_voc.json"
ARMS = {"disjoint": SOURCES, "films": ("films",), "fake": ("fake",), "photos": ("photos",)}
ONE_SEED = ("fake", "photos")  # taught once, with the first seed: they show which source is the best alone
SHORT = ("learned, hard", "motion, hard", "oracle tracks, hard")  # ways in which single sources are asked
SMALLEST = {"steps": 4, "films": 4, "tests": 2, "photos": 12}
OURS, THEIRS = "learned, hard", "motion, vote over frames"
PAIRS = {
    "learned links, told as a track / motion links, vote over frames": (OURS, THEIRS, "CHOTA-b"),
    "... its boxes (DetA)": (OURS, THEIRS, "DetA"),
    "... its links (AssA)": (OURS, THEIRS, "AssA"),
    "... its sentences (CapA-b)": (OURS, THEIRS, "CapA-b"),
    "... sentences that need time (CHOTA-b)": (OURS, THEIRS, "CHOTA-b time"),
    "... sentences that do not (CHOTA-b)": (OURS, THEIRS, "CHOTA-b still"),
    "the links alone: learned / motion, both told as a track": (OURS, "motion, hard", "CHOTA-b"),
    "... group by group / row by row (the paper's algorithm 1), both learned": (OURS, "learned, identities row by row, hard", "CHOTA-b"),
    "the telling alone: as a track / vote over frames, both motion links": ("motion, hard", THEIRS, "CHOTA-b"),
    "... sentences that need time (CapA-b)": ("motion, hard", THEIRS, "CapA-b time"),
    "... sentences that do not (CapA-b)": ("motion, hard", THEIRS, "CapA-b still"),
    "weighted / hard": ("learned, weighted", OURS, "CHOTA-b"),
    "soft / hard": ("learned, soft", OURS, "CHOTA-b"),
}


def trained(arm: str, seed: int, steps: int, films: int, album: PhotoDataset, words: Vocabulary, caches: tuple, folder: Path) -> Path:
    """The page of the weights that this arm and seed came to; taught now if there are none, from where a stopped run was."""
    out = folder / f"{arm}-{seed}.safetensors"
    if not out.with_suffix(".json").exists():
        checkpoint = out.with_suffix(".checkpoint.safetensors")
        net = run_to_end(
            train_network(
                album, words, RunConfig(*caches, model_cache.load_backbone, num_clips=films, sources=ARMS[arm]), steps, seed, checkpoint
            )
        )
        save_network(net, out, {"name": f"{arm}-{seed}", "eyes": caches[0].backbone_version, "words": " ".join(words.pieces)})
        checkpoint.unlink(missing_ok=True)
    return out.with_suffix(".json")


def asked(page: Path, plays: Sequence, names: Sequence[str]) -> dict[str, dict]:
    """What evaluate_clips measures of these weights, in the ways of these names."""
    net, words = load_captioner_net(page), Vocabulary(tuple(read_model_card(page, "captioner")["words"].split(" ")))
    tracker = LearnedTracker(page, _cache={"net": net.association})
    return evaluate_clips(
        net, words, plays, make_linkers(tracker, MotionTracker()), learned_affinity(tracker), [way for way in VARIANTS if way.name in names]
    )


def ratios(runs: list[dict]) -> dict:
    """Mean and spread over seeds of the ratios that answer the question, of the networks that learned from everything."""
    rows = [run["ways"] for run in runs if run["arm"] == "disjoint"]
    found = {name: _spread([row[ours][measure] / row[theirs][measure] for row in rows if row[theirs][measure] > 0])
             for name, (ours, theirs, measure) in PAIRS.items()}
    return found | {
        f"disjoint / best single source ({measure})": _against_single(runs, measure) for measure in ("CHOTA-b", "DetA", "AssA", "CapA-b")
    }


def _against_single(runs: list[dict], measure: str) -> dict | None:
    """For each seed, against the single source that is best by CHOTA-b on the first seed, which taught all of them."""
    rows = {(run["seed"], run["arm"]): run["ways"][OURS] for run in runs}
    first = min((seed for seed, _ in rows), default=0)
    alone = {arm: rows[first, arm]["CHOTA-b"] for arm in ARMS if arm != "disjoint" and (first, arm) in rows}
    best = max(alone, key=alone.__getitem__, default="")
    each = [rows[seed, "disjoint"][measure] / rows[seed, best][measure] for seed, arm in rows
            if arm == "disjoint" and rows.get((seed, best), {}).get(measure)]
    return (_spread(each) or {}) | {"best": best} if len(alone) == len(ARMS) - 1 and each else None


def _spread(values: list[float]) -> dict | None:
    return (
        {"mean": round(float(np.mean(values)), 3), "from": round(min(values), 3), "to": round(max(values), 3), "seeds": len(values)}
        if values
        else None
    )


def order(arms: Sequence[str], seeds: Sequence[int]) -> list[tuple[int, str]]:
    """What answers most comes first."""
    return [(seed, arm) for seed in seeds for arm in arms if arm not in ONE_SEED] + [(seeds[0], arm) for arm in arms if arm in ONE_SEED]


def main() -> None:
    options = _options()
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    backbone = model_cache.load_backbone().version
    caches = FeatureCache(options.features or options.cache / "features", backbone), FeatureCache(options.cache / "films", backbone, CLIPS)
    told = [photo for photo in read_captioned_photos(options.data) if not is_reserved(photo.id)][:options.photos]
    words, album = (
        build_vocabulary(told, range(options.films)),
        run_to_end(build_dataset(told, RunConfig(*caches, model_cache.load_backbone, num_clips=options.films))),
    )
    tests = range(FIRST_TEST_SEED, FIRST_TEST_SEED + options.tests)
    run_to_end(fill_clip_cache(caches[1], [*range(options.films), *tests], model_cache.load_backbone))
    plays = [caches[1].read(seed) for seed in tests]
    settings = {"steps": options.steps, "films": options.films, "tests": options.tests, "photos": len(album.photos)}
    before = _earlier(options.out, settings)
    runs = before["runs"] if before else []
    folder = options.cache / "film_voc" / "-".join(map(str, settings.values()))
    folder.mkdir(parents=True, exist_ok=True)
    for seed, arm in order(options.only, options.seeds):
        if any(run["seed"] == seed and run["arm"] == arm for run in runs):
            continue
        began = time.process_time()
        page = trained(arm, seed, options.steps, options.films, album, words, caches, folder)
        taught_s, began = time.process_time() - began, time.process_time()
        ways = asked(page, plays, [way.name for way in VARIANTS] if arm == "disjoint" else SHORT)
        runs.append(
            {"seed": seed, "arm": arm, "ways": ways, "taught_cpu_s": round(taught_s), "asked_cpu_s": round(time.process_time() - began)}
        )
        _write(options.out, settings, runs, before)
        print(json.dumps({"seed": seed, "arm": arm, "taught_cpu_s": round(taught_s), **ways[OURS]}), flush=True)
    print(json.dumps(ratios(runs), indent=1))


def _options() -> argparse.Namespace:
    data = Path(os.environ.get("DEIXIS_TEST_DATA", ROOT.parent / "shared" / "data"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=data / "flickr8k_entities")
    parser.add_argument("--cache", type=Path, default=Path.home() / ".local" / "share" / "deixis" / "cache")
    parser.add_argument("--features", type=Path, help="features of photos, where they do not lie in CACHE/features")
    parser.add_argument("--steps", type=int, default=600)
    parser.add_argument("--films", type=int, default=160, help="drawn films to learn from")
    parser.add_argument("--tests", type=int, default=40, help="drawn films to be asked about")
    parser.add_argument("--photos", type=int, help="photos to learn from; without it all that may teach")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", nargs="+", choices=list(ARMS), default=list(ARMS))
    parser.add_argument("--out", type=Path, default=RESULT)
    parser.add_argument("--smoke", action="store_true")
    options = parser.parse_args()
    if options.smoke:
        vars(options).update(SMALLEST, seeds=[0], out=options.cache / "film_voc" / "smoke.json")
    return options


def _earlier(out: Path, settings: dict) -> dict | None:
    """The page with the runs that are done; those of other settings are not mixed in."""
    before = json.loads(out.read_text()) if out.exists() else None
    if before and before["settings"] != settings:
        raise SystemExit(f"{out} was measured with {before['settings']}, asked are {settings}; name another --out, or move it away")
    return before


def _write(out: Path, settings: dict, runs: list[dict], before: dict | None) -> None:
    report = {"question": __doc__.splitlines()[0], "settings": settings,
              "ratios": ratios(runs), "runs": runs}
    stamped.write(out, report, model_cache.load_backbone(), kept=before)


if __name__ == "__main__":
    main()
