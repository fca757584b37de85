"""Motion: boxes of a track smoothed over neighbouring frames."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from grounding.models.tracking.motion import smooth_boxes

SIDES = st.floats(0, 200, width=32)
BOXES = st.tuples(SIDES, SIDES, st.floats(1, 60, width=32), st.floats(1, 60, width=32))


@given(rows=st.lists(st.tuples(BOXES, st.floats(0, 1, width=32), st.integers(1, 9)), min_size=1, max_size=6))
def test_smoothed_boxes_end_after_they_start_and_keep_to_the_range_of_the_detected(rows):
    detected = np.float64([[x, y, x + w, y + h] for (x, y, w, h), _, _ in rows])
    smooth = smooth_boxes(np.cumsum([step for *_, step in rows]), detected, np.float64([score for _, score, _ in rows]))
    assert (smooth[:, :2] <= smooth[:, 2:]).all()
    assert (smooth >= detected.min(0) - 1e-6).all() and (smooth <= detected.max(0) + 1e-6).all()
