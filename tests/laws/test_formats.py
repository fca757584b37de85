"""What every format must do: read(write(x)) == x, the format's own public tool reads it, and no name leads out."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO

from grounding.data import Size
from grounding.exchange import coco
from grounding.exchange.names import NameAllocator
from grounding.exchange.photos import Category, Dataset, ImageAnnotations, ObjectAnnotation, Phrase


@dataclass(frozen=True)
class Format:
    """A format by its two doors, and its public tool: folder -> {picture name: [(category name, xywh), ...]}."""

    write: Callable
    read: Callable
    tool: Callable[[Path], dict]


def pycocotools(folder: Path) -> dict:
    loaded = COCO(folder / "annotations/instances_default.json")
    return {image["file_name"]: [(loaded.cats[ann["category_id"]]["name"], ann["bbox"]) for ann in loaded.imgToAnns[image["id"]]]
            for image in loaded.imgs.values()}


FORMATS = {"coco": Format(coco.write, lambda folder: coco.read(folder, photos=False), pycocotools)}

names = st.one_of(st.sampled_from(["a.jpg", "A.jpg", "a/b.jpg", "été 1.png", "写真/1%#.jpg", "../x.jpg", "/abs.jpg", "n" * 251 + ".jpg"]),
                  st.text(min_size=1, max_size=40))
words = st.text(min_size=1, max_size=30).filter(lambda text: text.strip() and text.encode("utf-8", "ignore").decode() == text)


@st.composite
def boxes(draw, size):
    x = sorted(draw(st.tuples(*[st.floats(0, size.width, width=32)] * 2)))
    y = sorted(draw(st.tuples(*[st.floats(0, size.height, width=32)] * 2)))
    x0, y0 = min(x[0], size.width - 0.01), min(y[0], size.height - 0.01)
    return (x0, y0, max(x[1], x0 + 0.01), max(y[1], y0 + 0.01))


@st.composite
def datasets(draw):
    categories = tuple(Category(number, name) for number, name in
                       zip(draw(st.lists(st.integers(1, 10**6), unique=True, min_size=1, max_size=4)), ("dog", "cat", "Hündin", "ox")))
    book, pictures = NameAllocator(), []
    for number in draw(st.lists(st.integers(1, 2**48), unique=True, max_size=4)):
        size = Size(draw(st.integers(1, 5000)), draw(st.integers(1, 5000)))
        things = draw(st.lists(st.builds(ObjectAnnotation, boxes(size), st.sampled_from([c.id for c in categories]),
                                         st.fixed_dictionaries({"score": st.floats(0, 1), "state": st.just("accepted")})), max_size=5))
        targets = st.lists(st.integers(0, len(things) - 1), unique=True, max_size=3).map(tuple) if things else st.just(())
        phrases = draw(st.lists(st.builds(Phrase, words, targets), max_size=3))
        pictures.append(ImageAnnotations(number, book.allocate(draw(names)), size, tuple(things), tuple(phrases)))
    return Dataset(categories, tuple(pictures))


@pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS.keys())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(dataset=datasets())
def test_there_and_back(format, dataset, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp("set") / "out"
    format.write(dataset, folder)
    back = format.read(folder)
    assert back.faults == () and back.categories == dataset.categories
    assert same(back, dataset)
    again = folder.with_name("again")
    format.write(back, again)
    assert format.read(again).images == back.images  # a second round changes nothing at all


@pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS.keys())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(dataset=datasets())
def test_its_public_tool_reads_it(format, dataset, tmp_path_factory, capsys):
    folder = tmp_path_factory.mktemp("set") / "out"
    format.write(dataset, folder)
    seen, called = format.tool(folder), {category.id: category.name for category in dataset.categories}
    assert list(seen) == [picture.name for picture in dataset.images]
    for picture in dataset.images:
        assert [label for label, _ in seen[picture.name]] == [called[thing.category] for thing in picture.objects]
        for (_, (x, y, w, h)), thing in zip(seen[picture.name], picture.objects):
            assert max(abs(a - b) for a, b in zip((x, y, x + w, y + h), thing.box)) <= 0.01


@pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS.keys())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
                         lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
                             st.sampled_from([
                                 "images", "annotations", "categories", "id", "image_id", "category_id", "bbox",
                                 "file_name", "videos", "segmentation", "name", "width", "height", "iscrowd",
                             ]), inner, max_size=6), max_leaves=30))
def test_any_json_gives_pictures_or_sentences(format, data, tmp_path_factory):
    folder = tmp_path_factory.mktemp("set")
    body = {"images": [data], "annotations": [data], "categories": [data]} if not isinstance(data, dict) else data
    (folder / "instances.json").write_text(json.dumps(body))
    found = format.read(folder)
    assert all(fault.where and fault.why for fault in found.faults)


def same(a: Dataset, b: Dataset) -> bool:
    """Equal, with boxes to 0.001 px."""
    def close(x: ImageAnnotations, y: ImageAnnotations) -> bool:
        plain = (x.id, x.name, x.size, x.phrases, x.frame) == (y.id, y.name, y.size, y.phrases, y.frame)
        things = len(x.objects) == len(y.objects) and all(
            (t.category, t.attributes) == (u.category, u.attributes) and max(abs(p - q) for p, q in zip(t.box, u.box)) <= 1e-3
            for t, u in zip(x.objects, y.objects))
        return plain and things
    return len(a.images) == len(b.images) and all(map(close, a.images, b.images)) and a.videos == b.videos
