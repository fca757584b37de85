"""Film exam: drawn films, their things detected poorly, tracked and told of in several ways, measured beside one another.

The detections are the true boxes, off by a few hundredths of their size, one in eight missing, with false alarms between them: the
same for every way. Oracles show how much each step costs: "oracle boxes" detects perfectly, "oracle tracks" also knows who is who.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from grounding.data import Boxes, Progress, Regions, Size, Track, iou
from grounding.learning.captioning.clip_cache import FilmCache, SeenPlay, fill_plays
from grounding.learning.metrics.chota import bounded, caption_switches, chota
from grounding.learning.metrics.tracks import Compared, Seen
from grounding.nn.association.matching import LOOK
from grounding.nn.captioning.aggregate import HARD, SOFT, VIEWS, WEIGHTED, mixture, spread, times
from grounding.nn.captioning.batches import Sight, views
from grounding.nn.captioning.search import say
from grounding.nn.tokens import Looks

SIZE = Size(320, 240)
TEST_FILMS = 900_000  # seeds from here on teach nothing
MISSED, PERFECT, POOR = 0.12, 0, 1  # share of things missing; versions of the boxes that were kept
EACH, VOTE = "each frame", "vote"  # a caption a frame; the caption most frames agree on
NEAR = 0.4  # overlap from which a box of a track is a detection
Linker = Callable[["Detected"], Sequence[Track]]
Affinity = Callable[["Detected"], np.ndarray]


@dataclass(frozen=True, eq=False)
class Detected:
    """M things detected in a play: `frames`, `boxes` (M, 4) pixels, `scores`, `labels`, `thing` (M,) which part it truly is (-1: none),
    and what was seen: `whole` (M, 2328), `cells` (M, 9, 728)."""

    count: int
    frames: np.ndarray
    boxes: np.ndarray
    scores: np.ndarray
    labels: tuple[str, ...]
    thing: np.ndarray
    whole: np.ndarray
    cells: np.ndarray

    def regions(self) -> list[tuple[int, Regions]]:
        """As a detector would have said it."""
        rows = [np.flatnonzero(self.frames == frame) for frame in range(self.count)]
        return [(frame, Regions(Boxes(self.boxes[row]), self.scores[row], tuple(self.labels[r] for r in row))) for frame, row in enumerate(rows)]

    def looks(self, rows) -> Looks:
        unit = np.float32(self.boxes[rows] / np.tile(np.float32(SIZE), 2))
        return Looks(self.whole[rows].astype(np.float32), self.cells[rows].astype(np.float32), unit)


@dataclass(frozen=True)
class Way:
    """One way through: whose boxes, who links them, how sentences are put together."""

    name: str
    linker: str  # "learned", "greedy", "motion" or "oracle"
    telling: str
    version: int = POOR


WAYS = (Way("learned, hard", "learned", HARD), Way("learned, weighted", "learned", WEIGHTED), Way("learned, soft", "learned", SOFT),
        Way("learned, identities row by row, hard", "greedy", HARD), Way("motion, hard", "motion", HARD), Way("motion, vote over frames", "motion", VOTE), Way("motion, each frame", "motion", EACH),
        Way("oracle boxes, learned, hard", "learned", HARD, PERFECT), Way("oracle boxes, motion, vote over frames", "motion", VOTE, PERFECT),
        Way("oracle tracks, hard", "oracle", HARD))


def film_exam(net, words, plays: Sequence[SeenPlay], linkers: dict[str, Linker], affinity: Affinity, ways: Sequence[Way] = WAYS) -> dict[str, dict]:
    """`affinity` (M, M) is what soft aggregation mixes by.

    {way: {"CHOTA-b", "DetA", "AssA", "CapA-b", "CapA-b time", "CapA-b still", "CHOTA-b time", "CHOTA-b still", "switches"}}.
    """
    truths = [truth_of(play) for play in plays]
    score = bounded([part.sentence for play in plays for part in play.parts])
    still = {part.sentence for play in plays for part in play.parts if part.move.kind == "still"}
    result = {}
    for way in ways:
        answers = [answered(net, words, detected(play, number, way.version), linkers, affinity, way) for number, play in enumerate(plays)]
        result[way.name] = _measured([Compared(*pair) for pair in zip(truths, answers)], score, still)
    return result


def detected(play: SeenPlay, seed: int, version: int = POOR) -> Detected:
    """What a detector says of a play: poor, or perfect."""
    rng, things = np.random.default_rng([seed, 91]), len(play.parts)
    frame, thing = np.nonzero(play.there)
    kept = (thing >= things) | (rng.random(len(thing)) > MISSED)
    kept = thing < things if version == PERFECT else kept
    frame, thing = frame[kept], thing[kept]
    boxes = play.boxes[frame, thing, version] * np.tile(np.float32(SIZE), 2)
    large = ((boxes[:, 2:] - boxes[:, :2]) > 1).all(1)
    frame, thing, boxes = frame[large], thing[large], boxes[large]
    nouns = [part.noun for part in play.parts]
    labels = tuple(nouns[t] if t < things else nouns[rng.integers(things)] for t in thing)
    scores = rng.uniform(0.45, 0.95, len(thing)) * np.where(thing < things, 1.0, 0.9)
    return Detected(len(play.there), frame, boxes, scores.astype(np.float32), labels, np.where(thing < things, thing, -1),
                    play.whole[frame, thing, version], play.cells[frame, thing, version])


def truth_of(play: SeenPlay) -> Seen:
    """Everything that is truly to be seen, with its sentence."""
    rows = [[thing for thing in range(len(play.parts)) if there[thing]] for there in play.there]
    size = np.tile(np.float32(SIZE), 2)
    return Seen(tuple(map(tuple, rows)), tuple(play.boxes[frame, row, PERFECT] * size for frame, row in enumerate(rows)),
                tuple(tuple(play.parts[thing].sentence for thing in row) for row in rows))


def answered(net, words, found: Detected, linkers: dict[str, Linker], affinity: Affinity, way: Way) -> Seen:
    """Tracks with a sentence for each of their boxes."""
    tracks = list(oracle(found) if way.linker == "oracle" else linkers[way.linker](found))
    members = [rows_of(found, track) for track in tracks]
    captions = _told(net, words, found, members, way.telling, affinity(found) if way.telling == SOFT else None)
    ids, boxes, said = [], [], []
    for frame in range(found.count):
        there = [(row, box) for row, track in enumerate(tracks) if (box := track.at(frame)) is not None]
        ids.append(tuple(row for row, _ in there))
        boxes.append(np.array([box for _, box in there]).reshape(-1, 4))
        said.append(tuple(captions[row].get(frame, captions[row][-1]) for row, _ in there))
    return Seen(tuple(ids), tuple(boxes), tuple(said))


def rows_of(found: Detected, track: Track) -> np.ndarray:
    """The detections a track goes through, one a frame at most, in order."""
    rows = []
    for frame in track.frames.tolist():
        here = np.flatnonzero(found.frames == frame)
        overlap = iou(Boxes(np.array([track.at(frame)])), Boxes(found.boxes[here]))[0] if len(here) else np.zeros(0)
        if overlap.max(initial=0) >= NEAR:
            rows.append(int(here[overlap.argmax()]))
    return np.array(rows, int)


def oracle(found: Detected) -> list[Track]:
    """Each true thing as one track through its detections."""
    groups = [np.flatnonzero(found.thing == thing) for thing in sorted(set(found.thing.tolist()) - {-1})]
    return [Track(found.frames[rows], Boxes(found.boxes[rows]), np.ones(len(rows), bool), found.labels[rows[0]]) for rows in groups]


def _told(net, words, found: Detected, members: list[np.ndarray], telling: str, affinity: np.ndarray | None) -> list[dict[int, str]]:
    """For each track {frame: sentence}; under -1 the one for frames without a detection."""
    if telling in (EACH, VOTE):
        return [_each_frame(net, words, found, rows, telling) for rows in members]
    sights = [_sight(found, rows, telling, affinity) for rows in members if len(rows)]
    said = iter(_said(net, words, sights))
    return [{-1: next(said) if len(rows) else ""} for rows in members]


def _each_frame(net, words, found: Detected, rows: np.ndarray, telling: str) -> dict[int, str]:
    sights = [Sight(found.looks([row]), np.float32([0.5]), np.ones(1, np.float32)) for row in rows]
    said = _said(net, words, sights)
    commonest = Counter(said).most_common(1)[0][0] if said else ""
    return {-1: commonest} | (dict(zip(found.frames[rows].tolist(), said)) if telling == EACH else {})


def _sight(found: Detected, rows: np.ndarray, telling: str, affinity: np.ndarray | None) -> Sight:
    kept = np.arange(len(found.frames)) if telling == SOFT else rows[spread(len(rows), VIEWS)]
    frames = found.frames[rows]
    weights = found.scores[kept] if telling == WEIGHTED else np.ones(len(kept), np.float32)
    mix = mixture(affinity, rows) if telling == SOFT else None
    return Sight(found.looks(kept), times(found.frames[kept], frames[0], frames[-1]), weights, mix=mix)


@torch.inference_mode()
def _said(net, words, sights: Sequence[Sight]) -> list[str]:
    if not sights:
        return []
    pieces, _ = say(net.tell, net.tell.read(views(sights)), longest=14)
    return [words.join([piece for piece in row if piece > 3])[0] for row in pieces.tolist()]


def _measured(compared: list[Compared], score, still: set[str]) -> dict:
    whole = chota(compared, score)
    parts = {name: chota([_only(clip, keep) for clip in compared], score)
             for name, keep in (("time", lambda text: text not in still), ("still", lambda text: text in still))}
    row = {"CHOTA-b": whole.value, "DetA": whole.detection, "AssA": whole.association, "CapA-b": whole.captions,
           "switches": caption_switches(compared)}
    row |= {f"CapA-b {name}": part.captions for name, part in parts.items()} | {f"CHOTA-b {name}": part.value for name, part in parts.items()}
    return {name: round(float(value), 4) for name, value in row.items()}


def _only(clip: Compared, keep: Callable[[str], bool]) -> Compared:
    """The same with only those true sentences that `keep` says."""
    captions = tuple(tuple(text if keep(text) else "" for text in frame) for frame in clip.truth.captions)
    return Compared(Seen(clip.truth.ids, clip.truth.boxes, captions), clip.said)


def linkers_of(learned, motion) -> dict[str, Linker]:
    """By the names of WAYS."""
    return {"learned": learned_linker(learned), "greedy": learned_linker(replace(learned, greedy=True, least=0.5)), "motion": motion_linker(motion)}


def learned_linker(tracker) -> Linker:
    """The association network, with what was seen of each box."""
    return lambda found: tracker.join([frames_of(found, np.flatnonzero(found.frames == frame)) for frame in range(found.count)], SIZE)


def learned_affinity(tracker) -> Affinity:
    """How surely any two sightings of a clip show the same thing."""
    return lambda found: tracker.affinity(frames_of(found, np.arange(len(found.frames))), SIZE)


def frames_of(found: Detected, rows: np.ndarray):
    """Some detections as the learned tracker takes them."""
    from grounding.models.tracking.learned_tracker import Frames

    turns = found.frames[rows]
    return Frames(found.whole[rows, :LOOK].astype(np.float32), found.boxes[rows].astype(np.float32), turns, turns, found.scores[rows],
                  tuple(found.labels[row] for row in rows))


def motion_linker(tracker) -> Linker:
    """A tracker that is given boxes, classes and scores."""
    return lambda found: tracker.link(found.regions())


def exam_of(page: Path, cache: FilmCache, make_eyes: Callable, films: int = 12, first: int = TEST_FILMS) -> Iterator[Progress]:
    """Asks a trained captioner (its JSON page) about `films` plays that taught nothing; the last progress holds film_exam's answer."""
    from grounding.models.captioning.prefix import telling_network
    from grounding.models.tracking.learned_tracker import LearnedTracker
    from grounding.models.tracking.motion_tracker import MotionTracker
    from grounding.nn.captioning.vocabulary import Vocabulary
    from grounding.nn.files.storage import read_page

    words = Vocabulary(tuple(read_page(page, "captioner")["words"].split(" ")))
    net, seeds = telling_network(page), range(first, first + films)
    yield from fill_plays(cache, seeds, make_eyes)
    tracker = LearnedTracker(page, _kept={"net": net.match})
    result = film_exam(net, words, [cache.read(seed) for seed in seeds], linkers_of(tracker, MotionTracker()), learned_affinity(tracker))
    yield Progress(films, films, "drawn films measured", {"captioner": f"{Path(page).stem}", "films": films, "ways": result})
