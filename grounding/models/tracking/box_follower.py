"""Box follower: one thing, shown by a box in one frame, found again in the frames that follow.

Witnesses of where it is: a correlation filter on edges and colours that learns this one thing, its palette against that of
the surroundings (both as in Staple, Bertinetto et al. 2016), and the detector's proposals of any class, down to small
scores, that lie where it should be and look like it. Where all of them doubt, it counts as out of sight and is looked for.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import numpy as np

from grounding.data import Boxes, Regions, iou
from grounding.data.media_image import Image
from grounding.models.tracking.colour_histogram import Palette, colours, likeness
from grounding.models.tracking.correlation_filter import Filter, peak_of, sureness
from grounding.nn.parts.crops import CELL, cut, textures

SCALES = (0.95, 1.0, 1.05)
SAME = 0.6  # overlap from which a proposal is of the same thing


@dataclass
class Target:
    """What is known of the thing so far. `centre` and `extent` in pixels, of the last frame it was seen in."""

    centre: np.ndarray
    extent: np.ndarray
    filter: Filter
    palette: Palette
    colours: np.ndarray
    usual: float  # sureness of the filter while all goes well
    speed: np.ndarray = field(default_factory=lambda: np.zeros(2))
    votes: dict[str, float] = field(default_factory=dict)  # by which classes the detector knows it, and how surely
    lost: int = 0  # frames since it was seen

    @property
    def box(self) -> np.ndarray:
        return np.concatenate([self.centre - self.extent / 2, self.centre + self.extent / 2])

    @property
    def label(self) -> str:
        """The detector's class for it, or "" where it has none."""
        return max(self.votes, key=self.votes.__getitem__, default="")

    def kinship(self, labels: tuple[str, ...]) -> np.ndarray:
        """(N,) in [0, 1]: how much each class is one by which the detector knows this thing."""
        most = max(self.votes.values(), default=1.0)
        return np.array([self.votes.get(label, 0.0) / most for label in labels])


@dataclass(frozen=True)
class BoxFollower:
    """Follows one box: `begin` with the frame it was drawn on, then `see` frame by frame. `proposals` is what the detector says."""

    side: int = 160  # pixels of a view
    context: float = 1.35  # how much of the surroundings a view shows
    rate: float = 0.025  # how fast the filter forgets, a frame
    palette_rate: float = 0.03
    palette_share: float = 0.3  # of the palette in the answer, the rest is the filter's (Bertinetto et al. 2016: 0.3)
    first: float = 16.0  # sureness of the filter that is expected before any was seen
    doubt: float = 0.4  # of its usual sureness: below this the filter is not believed
    kin: float = 0.3  # least kinship of a class that may be the thing's
    agree: float = 0.35  # least overlap of a proposal of such a class with where the filter finds it
    stranger: float = 0.6  # and of one of another class
    trust: float = 0.8  # how far a box moves to the proposal that is taken
    vote_rate: float = 0.1  # how fast classes are learned and forgotten
    alike: float = 0.6  # least likeness of colours of something found again

    @property
    def version(self) -> str:
        """Names the settings too."""
        return f"box-follower@1-{zlib.crc32(repr(self).encode()):08x}"

    def begin(self, image: Image, box, proposals: Regions) -> Target:
        """Learns the thing that `box` (x0, y0, x1, y1) shows in `image`."""
        box = np.asarray(Boxes(np.array([box])).clip(image.size).xyxy[0], np.float64)
        centre, extent = (box[:2] + box[2:]) / 2, np.maximum(box[2:] - box[:2], 2.0)
        span = self._span(extent)
        view = cut(image.pixels, tuple(centre), span, self.side)
        learned = Filter(textures(view), float(np.sqrt(extent.prod())) / span * self.side / CELL)
        target = Target(centre, extent, learned, Palette(view, extent / span * self.side), colours(image.pixels, box), self.first)
        _vote(target, proposals, 1.0)
        return target

    def see(self, target: Target, image: Image, proposals: Regions) -> tuple[np.ndarray, float] | None:
        """((4,) box inside the picture, how sure in [0, 1]) in the next frame, or None where the thing is not in sight."""
        box, height = self._filtered(target, image)
        doubtful = height < self.doubt * target.usual
        row = self._chosen(target, image, proposals, box, doubtful)
        if row is None and doubtful:
            target.lost += 1
            target.speed = target.speed * 0.7
            return None
        if row is not None:
            box = self._drawn_to(target, box, proposals, row, doubtful)
        settled = self._settled(target, image, box, height, row is not None)
        if settled is not None:
            _vote(target, proposals, self.vote_rate)
        return settled

    def _filtered(self, target: Target, image: Image) -> tuple[np.ndarray, float]:
        """The box where filter and palette together answer best over place and scale, and how sure the filter is."""
        expected, span = target.centre + target.speed, self._span(target.extent)
        best = (-np.inf, expected, 1.0, 0.0)
        for scale in SCALES:
            view = cut(image.pixels, tuple(expected), span * scale, self.side)
            filtered = target.filter.answer(textures(view))
            coloured = target.palette.answer(view, target.extent / (span * scale) * self.side)[CELL // 2 :: CELL, CELL // 2 :: CELL]
            x, y, peak = peak_of((1 - self.palette_share) * filtered + self.palette_share * coloured)
            worth = peak * (1.0 if scale == 1 else 0.985)
            if worth > best[0]:
                move = np.array([x, y]) * CELL * span * scale / self.side
                best = (worth, expected + move, scale, sureness(filtered))
        _, centre, scale, height = best
        extent = target.extent * scale ** 0.6  # a scale is a guess: go most of the way
        return np.concatenate([centre - extent / 2, centre + extent / 2]), height

    def _chosen(self, target: Target, image: Image, proposals: Regions, box: np.ndarray, doubtful: bool) -> int | None:
        """The proposal that is the thing, judged by place, class, score and colours; None if none is."""
        if not len(proposals):
            return None
        theirs, kinship = proposals.boxes.xyxy.astype(np.float64), target.kinship(proposals.labels)
        overlap = iou(Boxes(box[None]), proposals.boxes)[0]
        if doubtful:
            away = np.abs((theirs[:, :2] + theirs[:, 2:]) / 2 - target.centre).max(1) / target.extent.max()
            grown = np.abs(np.log(np.maximum((theirs[:, 2:] - theirs[:, :2]).prod(1), 1) / target.extent.prod()))
            fits = (kinship >= self.kin) & (proposals.scores >= 0.15) & (away < 0.8 + 0.1 * target.lost) & (grown < 1)
        else:
            fits = overlap >= np.where(kinship >= self.kin, self.agree, self.stranger)
        worth = overlap + 0.3 * kinship + 0.3 * proposals.scores
        least = self.alike if doubtful else 0.4
        for row in sorted(np.flatnonzero(fits).tolist(), key=lambda row: -worth[row])[:4]:
            if likeness(target.colours, colours(image.pixels, theirs[row])) >= least:
                return row
        return None

    def _drawn_to(self, target: Target, box: np.ndarray, proposals: Regions, row: int, doubtful: bool) -> np.ndarray:
        """The box, moved towards the proposal by how far that is to be trusted; all the way where nothing else is known."""
        kinship = float(target.kinship(proposals.labels[row : row + 1])[0])
        trust = self.trust * float(np.sqrt(proposals.scores[row])) * (0.5 + 0.5 * kinship)
        return box + (1.0 if doubtful else trust) * (proposals.boxes.xyxy[row] - box)

    def _settled(self, target: Target, image: Image, box: np.ndarray, height: float, backed: bool) -> tuple[np.ndarray, float] | None:
        """Takes the box as the thing's: motion, filter and colours move on."""
        box = np.asarray(Boxes(box[None]).clip(image.size).xyxy[0], np.float64)
        centre, extent = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
        if (extent < 2).any():
            target.lost += 1
            return None
        moved = centre - target.centre
        target.speed = np.zeros(2) if target.lost else 0.6 * target.speed + 0.4 * moved
        target.centre, target.extent, target.lost = centre, extent, 0
        span = self._span(extent)
        view = cut(image.pixels, tuple(centre), span, self.side)
        target.filter.learn(textures(view), self.rate)
        target.palette.learn(view, extent / span * self.side, self.palette_rate)
        target.colours = 0.98 * target.colours + 0.02 * colours(image.pixels, box)
        sure = float(np.clip(height / max(target.usual, 1e-9), 0, 1)) * (1.0 if backed else 0.8)
        target.usual += 0.1 * (min(height, 2 * self.first) - target.usual)
        return box, sure

    def _span(self, extent: np.ndarray) -> float:
        """Pixels of the picture that a view shows."""
        return float(self.context * np.sqrt((extent + extent.mean()).prod()))


def _vote(target: Target, proposals: Regions, rate: float) -> None:
    """Notes by which classes the detector knows what lies in the target's box; those it does not name fade."""
    if not len(proposals):
        return
    overlap = iou(Boxes(target.box[None]), proposals.boxes)[0]
    seen: dict[str, float] = {}
    for row in np.flatnonzero(overlap >= SAME).tolist():
        seen[proposals.labels[row]] = max(seen.get(proposals.labels[row], 0.0), float(proposals.scores[row]))
    if seen:
        target.votes = {label: (1 - rate) * target.votes.get(label, 0.0) + rate * seen.get(label, 0.0) for label in {*target.votes, *seen}}
