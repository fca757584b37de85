"""Pictures of more than 8 bits come in so that a person sees what is in them, and it is said what was done."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image as Pillow

from grounding.data.media import open_image
from tests.data.test_media_images import saved

RAMP = np.linspace(0, 1, 160 * 120).reshape(120, 160)
SEEN = (RAMP * 255 + 0.5).astype(int)


def png(values: np.ndarray) -> bytes:
    """A PNG of 16 bits a channel: (H, W), or (H, W, C) with 2 (grey and alpha), 3 or 4 channels."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    height, width, channels = *values.shape[:2], values.shape[2] if values.ndim == 3 else 1
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    header = struct.pack(">IIBBBBB", width, height, 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def tiff(values: np.ndarray, photometric=None, kind=None) -> bytes:
    """An uncompressed little-endian TIFF of any numbers, (H, W) or (H, W, C); `kind` is the sample format."""
    channels = values.shape[2] if values.ndim == 3 else 1
    kind = kind or {"u": 1, "i": 2, "f": 3}[values.dtype.kind]
    photometric = (2 if channels == 3 else 1) if photometric is None else photometric
    bits = (values.dtype.itemsize * 8,) * channels
    tags = [
        (256, 3, (values.shape[1],)),
        (257, 3, (values.shape[0],)),
        (258, 3, bits),
        (259, 3, (1,)),
        (262, 3, (photometric,)),
        (273, 4, (1000,)),
        (277, 3, (channels,)),
        (278, 3, (values.shape[0],)),
        (279, 4, (values.nbytes,)),
        (339, 3, (kind,) * channels),
    ]
    more, entries = b"", b""
    for tag, type, numbers in tags:
        packed = struct.pack(f"<{len(numbers)}{'H' if type == 3 else 'I'}", *numbers)
        if len(packed) > 4:
            more, packed = more + packed, struct.pack("<I", 500 + len(more))
        entries += struct.pack("<HHI", tag, type, len(numbers)) + packed.ljust(4, b"\0")
    head = struct.pack("<2sHIH", b"II", 42, 8, len(tags)) + entries + bytes(4)
    return (head.ljust(500, b"\0") + more).ljust(1000, b"\0") + values.tobytes()


DEEP = {
    "12 bits in a PNG": png((RAMP * 4095).astype(np.uint16)),
    "10 bits": png((RAMP * 1023).astype(np.uint16)),
    "14 bits": png((RAMP * 16_383).astype(np.uint16)),
    "a thermal camera": png((7000 + RAMP * 100).astype(np.uint16)),
    "16 bits": png((RAMP * 65_535).astype(np.uint16)),
    "8 bits in 16": tiff((RAMP * 255).astype(np.uint16)),
    "12 bits in a TIFF": tiff((RAMP * 4095).astype(np.uint16)),
    "floats up to 1": tiff(RAMP.astype(np.float32)),
    "degrees": tiff((RAMP * 40 - 10).astype(np.float32)),
    "kelvin": tiff((RAMP * 30 + 280).astype(np.float32)),
    "signed": tiff((RAMP * 4000 - 2000).astype(np.int16)),
    "32 bits": tiff((RAMP * 3_000_000).astype(np.int32)),
    "unsigned 32 bits": tiff((RAMP * 4_000_000_000).astype(np.uint32)),
    "12 bits in 32": tiff((RAMP * 4095).astype(np.int32)),
    "white is zero": tiff(((1 - RAMP) * 4095).astype(np.uint16), photometric=0),
    "12 bits in colour": png((RAMP * 4095).astype(np.uint16)[:, :, None].repeat(3, 2)),
    "12 bits in a colour TIFF": tiff((RAMP * 4095).astype(np.uint16)[:, :, None].repeat(3, 2)),
    "12 bits and alpha": png(np.stack([(RAMP * 4095).astype(np.uint16), np.full(RAMP.shape, 65_535, np.uint16)], -1)),
    "12 bits in colour and alpha": png(
        np.concatenate([(RAMP * 4095).astype(np.uint16)[:, :, None].repeat(3, 2), np.full((*RAMP.shape, 1), 65_535, np.uint16)], -1)
    ),
}
AS_IT_IS = {"16 bits"}


@pytest.mark.parametrize("name", DEEP)
def test_whatever_its_depth_a_picture_goes_from_black_to_white(name):
    image = open_image(DEEP[name], "deep.png")
    assert np.abs(image.pixels.astype(int) - SEEN[:, :, None]).max() <= 4
    assert image.bit_depth_note == "" if name in AS_IT_IS else image.bit_depth_note.startswith("uses the values ")


def test_the_colours_of_a_dark_deep_picture_keep_their_proportions():
    values = np.zeros((40, 40, 3), np.uint16)
    values[:20], values[20:] = (4000, 2000, 1000), (400, 800, 40)
    pixels = open_image(png(values)).pixels
    assert np.abs(pixels[0, 0].astype(int) - np.array([4000, 2000, 1000]) / 4095 * 255).max() <= 1
    assert np.abs(pixels[30, 0].astype(int) - np.array([400, 800, 40]) / 4095 * 255).max() <= 1


def test_a_few_dead_and_hot_pixels_do_not_make_a_thermal_picture_black():
    values = (7000 + RAMP * 100).astype(np.uint16)
    values[0, 0], values[5, 5] = 0, 65_535
    pixels = open_image(png(values)).pixels
    assert pixels.std() > 60 and pixels[5, 5, 0] == 255 and pixels[0, 0, 0] == 0


def test_what_is_no_number_is_black_and_the_rest_is_seen():
    values = (RAMP * 40).astype(np.float32)
    values[0], values[-1, -1], values[-1, -2] = np.nan, np.inf, -np.inf
    pixels = open_image(tiff(values)).pixels
    assert (pixels[0] == 0).all() and pixels[-1, -1, 0] == 255 and pixels[-1, -2, 0] == 0 and pixels.std() > 60
    assert (open_image(tiff(np.full((4, 4), np.nan, np.float32))).pixels == 0).all()


def test_one_value_everywhere_is_one_grey():
    for values in (np.full((4, 4), 7000, np.uint16), np.full((4, 4), -3, np.int16), np.full((4, 4), 1e9, np.float32)):
        assert len(np.unique(open_image(tiff(values)).pixels)) == 1


def test_a_picture_in_lab_keeps_its_colours():
    from PIL import ImageCms

    red = Pillow.new("RGB", (8, 8), (200, 30, 40))
    lab = ImageCms.profileToProfile(red, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), outputMode="LAB")
    assert np.abs(open_image(saved(lab, "TIFF")).pixels[4, 4].astype(int) - (200, 30, 40)).max() <= 6


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "CMYK", "YCbCr"])
def test_every_plain_kind_of_tiff_shows_white_as_white_and_black_as_black(mode):
    picture = Pillow.new("RGB", (16, 16), "white")
    picture.paste("black", (0, 0, 8, 16))
    options = {"compression": "jpeg", "quality": 95} if mode == "YCbCr" else {}
    pixels = open_image(saved(picture.convert(mode), "TIFF", **options)).pixels
    assert pixels[8, 2].max() < 40 and pixels[8, 13].min() > 215
    assert open_image(saved(picture.convert(mode), "TIFF", **options)).bit_depth_note == ""


def test_a_tiff_of_a_kind_that_cannot_be_read_is_named_with_its_cure():
    from grounding.data.media import MediaError

    for values in (np.zeros((8, 8, 3), np.float32), np.zeros((8, 8, 5), np.uint16)):
        with pytest.raises(MediaError, match="save it as RGB TIFF or PNG of 8 or 16 bits"):
            open_image(io.BytesIO(tiff(values, photometric=2)).getvalue())
