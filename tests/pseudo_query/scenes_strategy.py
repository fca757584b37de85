"""Random pictures for the laws: boxes of any shape anywhere, classes known and unknown."""

from hypothesis import strategies as st

from grounding.data import Boxes, Regions, Size

CLASSES = ("person", "man", "dog", "cat", "car", "truck", "bicycle", "chair", "dining table", "cup", "umbrella", "hat", "jacket",
           "skis", "broccoli", "traffic light", "grobnik", "old fire truck", "")


@st.composite
def pictures(draw, classes=CLASSES, least=0, most=9):
    """(Regions, Size)."""
    size = Size(draw(st.integers(40, 5000)), draw(st.integers(40, 5000)))
    rows, labels = [], []
    for _ in range(draw(st.integers(least, most))):
        x = sorted(draw(st.tuples(*[st.floats(-0.1, 1.1)] * 2)))
        y = sorted(draw(st.tuples(*[st.floats(-0.1, 1.1)] * 2)))
        rows.append((x[0] * size.width, y[0] * size.height, x[1] * size.width, y[1] * size.height))
        labels.append(draw(st.sampled_from(classes)))
    scores = draw(st.lists(st.floats(0, 1, width=32), min_size=len(rows), max_size=len(rows)))
    return Regions(Boxes(rows), scores, tuple(labels)), size


def mirrored(regions, size):
    boxes = regions.boxes.xyxy.copy()
    boxes[:, [0, 2]] = size.width - boxes[:, [2, 0]]
    return Regions(Boxes(boxes), regions.scores, regions.labels)
