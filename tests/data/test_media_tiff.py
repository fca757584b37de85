"""Of a TIFF file with several pages the full picture comes in, not its preview, and what else is in the file is said."""

import io
import struct

import numpy as np
import pytest
from PIL import Image as Pillow

from grounding.data import Size
from grounding.data.media import MediaError, open_image
from grounding.exchange.upright import is_stored_upright, read_orientation, write_upright

SMALL, FULL = (40, 30), (640, 480)


def page(size, tags=(), nested=()):
    """The tags of a page of one colour a corner: {tag: (type, numbers)}, and its pixels."""
    pixels = np.full((size[1], size[0], 3), 120, np.uint8)
    pixels[: size[1] // 2, : size[0] // 2] = (200, 0, 0)
    told = {256: (4, [size[0]]), 257: (4, [size[1]]), 258: (3, [8, 8, 8]), 259: (3, [1]), 262: (3, [2]), 277: (3, [3]), 278: (4, [size[1]])}
    return told | dict(tags), pixels.tobytes(), nested


def tiff(*pages, big=False, order="<") -> bytes:
    """A TIFF file of these pages, each with the pages nested in it."""
    number, count = ("Q", "Q") if big else ("I", "H")
    data = bytearray(
        {"<": b"II", ">": b"MM"}[order] + (struct.pack(order + "HHHQ", 43, 8, 0, 0) if big else struct.pack(order + "HI", 42, 0))
    )
    width = struct.calcsize(order + number)

    def put(chunk: bytes) -> int:
        data.extend(b"\0" * (len(data) % 2) + chunk)
        return len(data) - len(chunk)

    def directory(tags, pixels, nested) -> tuple[int, int]:
        """Where the directory lies, and where in it the place of the next one is to be written."""
        inner = [directory(*each)[0] for each in nested]
        tags = tags | {273: (4, [put(pixels)]), 279: (4, [len(pixels)])} | ({330: (4, inner)} if inner else {})
        entries = b""
        for tag, (type, values) in sorted(tags.items()):
            packed = struct.pack(f"{order}{len(values)}{'H' if type == 3 else 'I'}", *values)
            packed = struct.pack(order + number, put(packed)) if len(packed) > width else packed.ljust(width, b"\0")
            entries += struct.pack(order + "HH" + number, tag, type, len(values)) + packed
        place = put(struct.pack(order + count, len(tags)) + entries + bytes(width))
        return place, len(data) - width

    link = 8 if big else 4
    for each in pages:
        place, following = directory(*each)
        data[link : link + width] = struct.pack(order + number, place)
        link = following
    return bytes(data)


PREVIEW = {254: (4, [1])}
FILES = {
    "a nested page": tiff(page(SMALL, PREVIEW, [page(FULL)])), "a second page": tiff(page(SMALL, PREVIEW), page(FULL)),
    "an unmarked preview": tiff(page(SMALL), page(FULL)), "a BigTIFF": tiff(page(SMALL, PREVIEW, [page(FULL)]), big=True),
    "a Motorola file": tiff(page(SMALL, PREVIEW, [page(FULL)]), order=">"),
    "the full page in the middle": tiff(page(SMALL, PREVIEW, [page((160, 120), PREVIEW), page(FULL), page((320, 240), PREVIEW)])),
}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("from_disk", [True, False])
def test_the_full_picture_comes_in_wherever_it_lies(tmp_path, name, from_disk):
    (tmp_path / "camera.dng").write_bytes(FILES[name])
    image = open_image(tmp_path / "camera.dng") if from_disk else open_image(FILES[name], "camera.dng")
    assert image.size == Size(*FULL) and image.pixels[0, 0].tolist() == [200, 0, 0] and image.pixels[-1, -1].tolist() == [120] * 3
    assert image.note == "camera.dng begins with a preview of 40 x 30 pixels; its full picture of 640 x 480 came in"


def test_a_nested_picture_is_turned_as_its_preview_says():
    image = open_image(tiff(page(SMALL, PREVIEW | {274: (3, [6])}, [page(FULL)])))
    assert image.size == Size(*FULL[::-1]) and image.pixels[0, -1].tolist() == [200, 0, 0]


def test_the_smaller_pages_of_a_pyramid_are_no_news():
    image = open_image(tiff(page(FULL, {}, [page((320, 240), PREVIEW)]), page((160, 120), PREVIEW)))
    assert image.size == Size(*FULL) and image.note == ""


def test_of_a_scanned_document_the_first_page_comes_in_and_the_others_are_named():
    image = open_image(tiff(page(FULL), page((660, 480)), page(FULL)), "scan.tif")
    assert (
        image.size == Size(*FULL)
        and image.note == "scan.tif holds 3 pages; the first came in: save the others as files of their own to have them"
    )


@pytest.mark.parametrize("photometric", [32803, 34892])
def test_a_camera_raw_that_is_not_developed_is_refused_with_its_cure(photometric):
    data = tiff(page(SMALL, PREVIEW, [page(FULL, {262: (3, [photometric])}), page((320, 240), PREVIEW)]))
    with pytest.raises(
        MediaError, match="camera.nef is a camera raw of 640 x 480 pixels that is not developed yet; export it as JPEG or TIFF"
    ):
        open_image(data, "camera.nef")


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
def test_directories_that_go_round_in_circles_or_lead_nowhere_cost_nothing_more():
    data = bytearray(tiff(page(FULL)))
    first = struct.unpack("<I", data[4:8])[0]
    count = struct.unpack("<H", data[first : first + 2])[0]
    for following in (first, 10_000_000):
        data[first + 2 + count * 12 :][:4] = struct.pack("<I", following)
        looped = bytes(data[: first + 2 + count * 12]) + struct.pack("<I", following)
        assert open_image(looped).size == Size(*FULL)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", ["the full page in the middle", "a second page"])
def test_every_shortening_of_a_file_of_pages_is_refused_or_the_full_picture(name):
    data = FILES[name]
    for length in (*range(0, len(data) - 1, len(data) // 60), *range(len(data) - 200, len(data) - 1, 9)):
        try:
            assert open_image(data[:length]).size == Size(*FULL)
        except MediaError as error:
            assert str(error)


def test_such_a_file_goes_out_as_the_picture_that_was_annotated(tmp_path):
    path = tmp_path / "camera.dng"
    path.write_bytes(FILES["a nested page"])
    assert read_orientation(path) == (1, Size(*FULL)) and not is_stored_upright(path)
    out = io.BytesIO()
    write_upright(path, out)
    with Pillow.open(out) as written:
        assert written.size == FULL and np.array_equal(np.asarray(written), open_image(path).pixels)
    with pytest.raises(
        MediaError, match="camera.dng was annotated as 40 x 30 pixels.* it has 640 x 480: move it to the trash and load it again"
    ):
        is_stored_upright(path, "camera.dng", Size(*SMALL))
    with pytest.raises(MediaError, match="was annotated as 40 x 30 pixels"):
        open_image(path, size=Size(*SMALL))
    path.write_bytes(tiff(page(FULL), page(FULL)))
    assert is_stored_upright(path)
