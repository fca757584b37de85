"""Box follower: single-object tracking of a given box.

Three sources locate the object: a correlation filter on edges and colours, a colour histogram of foreground against
background (both as in Staple, Bertinetto et al. 2016), and proposals of the detector of any class, down to low
scores, that overlap the expected box and match its colours. Where none of them is confident, the object counts as
lost and is searched for.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, field

import numpy as np

from grounding.data import Boxes, Regions, iou
from grounding.data.media_image import Image
from grounding.models.tracking.colour_histogram import ColourHistogramModel, bhattacharyya_coefficient, colour_histogram
from grounding.models.tracking.correlation_filter import CorrelationFilter, find_peak, peak_to_sidelobe_ratio
from grounding.nn.parts.crops import CELL_SIZE, crop_square, edge_colour_features

SCALES = (0.95, 1.0, 1.05)
SAME_OBJECT_IOU = 0.6  # IoU from which a proposal shows the same object


@dataclass
class Target:
    """The state of the tracked object. `centre` and `extent` in pixels, in the last frame in which it was found."""

    centre: np.ndarray
    extent: np.ndarray
    filter: CorrelationFilter
    histogram_model: ColourHistogramModel
    histogram: np.ndarray
    typical_psr: float  # running mean of the peak-to-sidelobe ratio (PSR)
    velocity: np.ndarray = field(default_factory=lambda: np.zeros(2))
    class_scores: dict[str, float] = field(default_factory=dict)  # running mean of the detector's score by class
    frames_lost: int = 0  # frames since it was last found

    @property
    def box(self) -> np.ndarray:
        return np.concatenate([self.centre - self.extent / 2, self.centre + self.extent / 2])

    @property
    def label(self) -> str:
        """The class with the highest score, or "" if there is none."""
        return max(self.class_scores, key=self.class_scores.__getitem__, default="")

    def class_affinity(self, labels: tuple[str, ...]) -> np.ndarray:
        """(N,) in [0, 1]: the score of each label relative to the highest class score of the target."""
        max_score = max(self.class_scores.values(), default=1.0)
        return np.array([self.class_scores.get(label, 0.0) / max_score for label in labels])


@dataclass(frozen=True)
class BoxFollower:
    """Tracks one box: `begin` with the frame of the given box, then `update` frame by frame. `proposals` are the
    detector's regions of that frame."""

    view_size: int = 160  # pixels of the side of a view
    context: float = 1.35  # extent of a view relative to the padded box
    filter_rate: float = 0.025  # learning rate of the filter, per frame
    histogram_rate: float = 0.03
    histogram_weight: float = 0.3  # weight of the histogram's response, the rest is the filter's (Bertinetto et al. 2016: 0.3)
    initial_psr: float = 16.0  # PSR assumed before the first update
    min_psr_ratio: float = 0.4  # relative to the typical PSR; below this the filter's response is not used
    min_class_affinity: float = 0.3  # class affinity from which a proposal counts as of the same class
    same_class_iou: float = 0.35  # minimum IoU with the filter's box of a proposal of the same class
    other_class_iou: float = 0.6  # and of another class
    proposal_weight: float = 0.8  # weight of the selected proposal in the box
    class_score_rate: float = 0.1  # learning rate of the class scores
    min_colour_similarity: float = 0.6  # minimum Bhattacharyya coefficient to find a lost object again

    @property
    def version(self) -> str:
        """Includes a hash of the settings."""
        return f"box-follower@1-{zlib.crc32(repr(self).encode()):08x}"

    def begin(self, image: Image, box, proposals: Regions) -> Target:
        """Initialises the target from `box` (x0, y0, x1, y1) in `image`."""
        box = np.asarray(Boxes(np.array([box])).clip(image.size).xyxy[0], np.float64)
        centre, extent = (box[:2] + box[2:]) / 2, np.maximum(box[2:] - box[:2], 2.0)
        span = self._view_extent(extent)
        view = crop_square(image.pixels, tuple(centre), span, self.view_size)
        correlation_filter = CorrelationFilter(
            edge_colour_features(view), float(np.sqrt(extent.prod())) / span * self.view_size / CELL_SIZE
        )
        target = Target(
            centre,
            extent,
            correlation_filter,
            ColourHistogramModel(view, extent / span * self.view_size),
            colour_histogram(image.pixels, box),
            self.initial_psr,
        )
        _update_class_scores(target, proposals, 1.0)
        return target

    def update(self, target: Target, image: Image, proposals: Regions) -> tuple[np.ndarray, float] | None:
        """((4,) box inside the image, confidence in [0, 1]) in the next frame, or None where the object is lost."""
        box, psr = self._locate(target, image)
        uncertain = psr < self.min_psr_ratio * target.typical_psr
        row = self._select_proposal(target, image, proposals, box, uncertain)
        if row is None and uncertain:
            target.frames_lost += 1
            target.velocity = target.velocity * 0.7
            return None
        if row is not None:
            box = self._blend_with_proposal(target, box, proposals, row, uncertain)
        result = self._update_target(target, image, box, psr, row is not None)
        if result is not None:
            _update_class_scores(target, proposals, self.class_score_rate)
        return result

    def _locate(self, target: Target, image: Image) -> tuple[np.ndarray, float]:
        """The box with the highest combined response of filter and histogram over position and scale, and the PSR of the filter."""
        expected, span = target.centre + target.velocity, self._view_extent(target.extent)
        best = (-np.inf, expected, 1.0, 0.0)
        for scale in SCALES:
            view = crop_square(image.pixels, tuple(expected), span * scale, self.view_size)
            filtered = target.filter.respond(edge_colour_features(view))
            coloured = target.histogram_model.respond(view, target.extent / (span * scale) * self.view_size)[
                CELL_SIZE // 2 :: CELL_SIZE, CELL_SIZE // 2 :: CELL_SIZE
            ]
            x, y, peak = find_peak((1 - self.histogram_weight) * filtered + self.histogram_weight * coloured)
            score = peak * (1.0 if scale == 1 else 0.985)
            if score > best[0]:
                offset = np.array([x, y]) * CELL_SIZE * span * scale / self.view_size
                best = (score, expected + offset, scale, peak_to_sidelobe_ratio(filtered))
        _, centre, scale, psr = best
        extent = target.extent * scale ** 0.6  # damped, since the scale is estimated coarsely
        return np.concatenate([centre - extent / 2, centre + extent / 2]), psr

    def _select_proposal(self, target: Target, image: Image, proposals: Regions, box: np.ndarray, uncertain: bool) -> int | None:
        """The row of the proposal that shows the object, by position, class, score and colours; None if there is none."""
        if not len(proposals):
            return None
        proposal_boxes, class_affinity = proposals.boxes.xyxy.astype(np.float64), target.class_affinity(proposals.labels)
        overlap = iou(Boxes(box[None]), proposals.boxes)[0]
        if uncertain:
            distance = np.abs((proposal_boxes[:, :2] + proposal_boxes[:, 2:]) / 2 - target.centre).max(1) / target.extent.max()
            log_scale = np.abs(np.log(np.maximum((proposal_boxes[:, 2:] - proposal_boxes[:, :2]).prod(1), 1) / target.extent.prod()))
            eligible = (
                (class_affinity >= self.min_class_affinity)
                & (proposals.scores >= 0.15)
                & (distance < 0.8 + 0.1 * target.frames_lost)
                & (log_scale < 1)
            )
        else:
            eligible = overlap >= np.where(class_affinity >= self.min_class_affinity, self.same_class_iou, self.other_class_iou)
        score = overlap + 0.3 * class_affinity + 0.3 * proposals.scores
        min_similarity = self.min_colour_similarity if uncertain else 0.4
        for row in sorted(np.flatnonzero(eligible).tolist(), key=lambda row: -score[row])[:4]:
            if bhattacharyya_coefficient(target.histogram, colour_histogram(image.pixels, proposal_boxes[row])) >= min_similarity:
                return row
        return None

    def _blend_with_proposal(self, target: Target, box: np.ndarray, proposals: Regions, row: int, uncertain: bool) -> np.ndarray:
        """The box moved towards the proposal, weighted by its score and class affinity; the proposal's box itself if
        the filter is uncertain."""
        class_affinity = float(target.class_affinity(proposals.labels[row : row + 1])[0])
        weight = self.proposal_weight * float(np.sqrt(proposals.scores[row])) * (0.5 + 0.5 * class_affinity)
        return box + (1.0 if uncertain else weight) * (proposals.boxes.xyxy[row] - box)

    def _update_target(
        self, target: Target, image: Image, box: np.ndarray, psr: float, has_proposal: bool
    ) -> tuple[np.ndarray, float] | None:
        """Updates motion, filter and colours of the target with its box in `image`."""
        box = np.asarray(Boxes(box[None]).clip(image.size).xyxy[0], np.float64)
        centre, extent = (box[:2] + box[2:]) / 2, box[2:] - box[:2]
        if (extent < 2).any():
            target.frames_lost += 1
            return None
        displacement = centre - target.centre
        target.velocity = np.zeros(2) if target.frames_lost else 0.6 * target.velocity + 0.4 * displacement
        target.centre, target.extent, target.frames_lost = centre, extent, 0
        span = self._view_extent(extent)
        view = crop_square(image.pixels, tuple(centre), span, self.view_size)
        target.filter.update(edge_colour_features(view), self.filter_rate)
        target.histogram_model.update(view, extent / span * self.view_size, self.histogram_rate)
        target.histogram = 0.98 * target.histogram + 0.02 * colour_histogram(image.pixels, box)
        confidence = float(np.clip(psr / max(target.typical_psr, 1e-9), 0, 1)) * (1.0 if has_proposal else 0.8)
        target.typical_psr += 0.1 * (min(psr, 2 * self.initial_psr) - target.typical_psr)
        return box, confidence

    def _view_extent(self, extent: np.ndarray) -> float:
        """The side of a view in pixels of the image."""
        return float(self.context * np.sqrt((extent + extent.mean()).prod()))


def _update_class_scores(target: Target, proposals: Regions, rate: float) -> None:
    """Updates the class scores with the proposals that overlap the target's box; classes that are not detected decay."""
    if not len(proposals):
        return
    overlap = iou(Boxes(target.box[None]), proposals.boxes)[0]
    overlapping: dict[str, float] = {}
    for row in np.flatnonzero(overlap >= SAME_OBJECT_IOU).tolist():
        overlapping[proposals.labels[row]] = max(overlapping.get(proposals.labels[row], 0.0), float(proposals.scores[row]))
    if overlapping:
        target.class_scores = {
            label: (1 - rate) * target.class_scores.get(label, 0.0) + rate * overlapping.get(label, 0.0)
            for label in {*target.class_scores, *overlapping}
        }
