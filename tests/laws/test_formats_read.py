"""What every format that is read and not written must do: what its own tool would write comes in, and whatever else
stands there is a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grounding.data import Size
from grounding.exchange.cvat import image_sets
from grounding.exchange.photos import Category, Dataset, ImageAnnotations, ObjectAnnotation


@dataclass(frozen=True)
class Format:
    """A format by how its own tool writes it, and by our door; `digits` it keeps of a coordinate."""

    write: Callable[[Dataset, Path], None]
    read: Callable[[Path], Dataset]
    file: str
    digits: int


def as_cvat(dataset: Dataset, folder: Path) -> None:
    names = {category.id: category.name for category in dataset.categories}
    labels = "".join(f"<label><name>{escape(name)}</name></label>" for name in names.values())
    parts = [f"<annotations><version>1.1</version><meta><task><labels>{labels}</labels></task></meta>"]
    for picture in dataset.images:
        boxes = "".join(
            f'<box label={quoteattr(names[thing.category])} occluded="{int("occluded" in thing.attributes)}" '
            + " ".join(f'{edge}="{value:.2f}"' for edge, value in zip(("xtl", "ytl", "xbr", "ybr"), thing.box))
            + ' z_order="0"></box>'
            for thing in picture.objects
        )
        parts.append(
            f'<image id="{picture.id - 1}" name={quoteattr(picture.name)} width="{picture.size.width}" '
            f'height="{picture.size.height}">{boxes}</image>'
        )
    (folder / "annotations.xml").write_text("".join(parts) + "</annotations>", "utf-8")


FORMATS = {"cvat images": Format(as_cvat, lambda folder: image_sets.read(folder, photos=False), "annotations.xml", 2)}
formats = pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS.keys())
CATEGORIES = (Category(1, "dog"), Category(2, "Hündin & <Katze>"))
number = st.integers(0, 30000).map(lambda n: n / 100)


@st.composite
def things(draw):
    x, y, w, h = draw(st.tuples(number, number, number, number))
    return ObjectAnnotation(
        (x, y, round(x + w, 2), round(y + h, 2)), draw(st.sampled_from([1, 2])), {"occluded": True} if draw(st.booleans()) else {}
    )


@st.composite
def datasets(draw):
    names = draw(st.sets(st.sampled_from(["a.jpg", "a/b.jpg", "été 1.png", "写真/1%#&.jpg", "c d.JPG"]), min_size=1))
    return Dataset(
        CATEGORIES,
        tuple(
            ImageAnnotations(row, name, Size(1000, 700), tuple(draw(st.lists(things(), max_size=4))))
            for row, name in enumerate(sorted(names), 1)
        ),
    )


@formats
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dataset=datasets())
def test_what_its_own_tool_writes_comes_in(format, dataset, tmp_path_factory):
    folder = tmp_path_factory.mktemp("set")
    format.write(dataset, folder)
    found = format.read(folder)
    assert found.faults == () and found.categories == dataset.categories
    assert [(p.id, p.name, p.size) for p in found.images] == [(p.id, p.name, p.size) for p in dataset.images]
    for told, read in zip(dataset.images, found.images):
        assert [(thing.category, thing.attributes) for thing in read.objects] == [
            (thing.category, thing.attributes) for thing in told.objects
        ]
        assert all(max(abs(p - q) for p, q in zip(a.box, b.box)) <= 10 ** -format.digits for a, b in zip(told.objects, read.objects))


@formats
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.text(max_size=60),
        st.lists(
            st.sampled_from(
                [
                    "<image>",
                    '<image name="a.jpg" width="5" height="x">',
                    "</image>",
                    '<box label="a" xtl="1" ytl="nan" xbr="2" ybr="3"/>',
                    '<box xtl="1"/>',
                    "<polygon/>",
                    '<mask rle="1" left="0" top="0" width="99999999" height="9999999"/>',
                    '<ellipse cx="1"/>',
                    '<tag label="b"/>',
                    "<a>",
                    "</a>",
                    '<image name="../../b.jpg"/>',
                    '<!DOCTYPE a [<!ENTITY b "c">]>',
                    "&b;",
                ]
            ),
            max_size=8,
        ).map(lambda parts: f"<annotations>{''.join(parts)}</annotations>"),
    )
)
def test_whatever_stands_in_the_file_gives_pictures_or_sentences(format, text, tmp_path_factory):
    folder = tmp_path_factory.mktemp("set")
    (folder / format.file).write_text(text, "utf-8", errors="replace")
    found = format.read(folder)
    assert all(fault.where and fault.why for fault in found.faults) and all(".." not in picture.name for picture in found.images)
