"""Photos: whatever the file, upright RGB comes out, or a sentence that says what to do."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image as Pillow

from grounding.data import Size
from grounding.data.media import Image, MediaError, kind_of, open_image
from grounding.data.media_image import apply_exif_orientation

UPRIGHT = np.zeros((20, 30, 3), np.uint8)
UPRIGHT[:10, :10] = (255, 0, 0)
UPRIGHT[10:, 20:] = (0, 0, 255)

UNDO = {1: lambda a: a, 2: lambda a: a[:, ::-1], 3: lambda a: a[::-1, ::-1], 4: lambda a: a[::-1], 5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1), 7: lambda a: np.rot90(a, 2).transpose(1, 0, 2), 8: lambda a: np.rot90(a, -1)}


def saved(pixels_or_picture, format, **options) -> bytes:
    picture = pixels_or_picture
    picture = Pillow.fromarray(np.ascontiguousarray(picture)) if isinstance(picture, np.ndarray) else picture
    file = io.BytesIO()
    picture.save(file, format, **options)
    return file.getvalue()


def exif(orientation) -> bytes:
    tags = Pillow.Exif()
    tags[0x0112] = orientation
    return tags.tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_all_eight_orientations_come_out_upright(orientation, format):
    stored = UNDO[orientation](UPRIGHT)
    options = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}.get(format, {})
    image = open_image(saved(stored, format, exif=exif(orientation), **options))
    assert image.size == Size(30, 20)
    assert np.abs(image.pixels.astype(int) - UPRIGHT).mean() < (4 if format == "JPEG" else 0.01)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turning_upright_agrees_with_pillow(orientation):
    from PIL import ImageOps

    stored = np.random.default_rng(orientation).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    picture = Pillow.open(io.BytesIO(saved(stored, "PNG", exif=exif(orientation))))
    assert np.array_equal(apply_exif_orientation(stored, orientation), np.asarray(ImageOps.exif_transpose(picture)))


@pytest.mark.parametrize("orientation", [0, 9, 77])
def test_a_nonsense_orientation_leaves_the_photo_as_it_is(orientation):
    assert np.array_equal(open_image(saved(UPRIGHT, "PNG", exif=exif(orientation))).pixels, UPRIGHT)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("notes", [b"", b"II*\0\xff\xff\xff\xff", b"garbage" * 9, b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x63"])
def test_broken_notes_do_not_cost_the_photo(notes):
    data, notes = saved(UPRIGHT, "JPEG", quality=100, subsampling=0), b"Exif\0\0" + notes
    data = data[:2] + b"\xff\xe1" + (len(notes) + 2).to_bytes(2, "big") + notes + data[2:]
    assert np.abs(open_image(data).pixels.astype(int) - UPRIGHT).mean() < 4


@pytest.mark.parametrize("format", ["BMP", "GIF", "PNG", "TIFF"])
def test_lossless_formats_keep_every_pixel(format):
    assert np.array_equal(open_image(saved(UPRIGHT, format)).pixels, UPRIGHT)


def test_the_first_frame_of_an_animation_is_the_photo():
    frames = [Pillow.new("RGB", (8, 8), color) for color in ("red", "green", "blue")]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert open_image(data).pixels[4, 4].tolist() == [255, 0, 0]


def test_transparency_lies_over_white():
    rgba = np.zeros((4, 4, 4), np.uint8)
    rgba[:2] = (200, 0, 0, 255)
    pixels = open_image(saved(Pillow.fromarray(rgba, "RGBA"), "PNG")).pixels
    assert pixels[0, 0].tolist() == [200, 0, 0] and pixels[3, 3].tolist() == [255, 255, 255]


def test_a_transparent_palette_entry_becomes_white():
    picture = Pillow.new("P", (4, 4), 1)
    picture.putpalette([0, 0, 0, 10, 200, 30])
    picture.putpixel((0, 0), 0)
    pixels = open_image(saved(picture, "PNG", transparency=0)).pixels
    assert pixels[0, 0].tolist() == [255, 255, 255] and pixels[2, 2].tolist() == [10, 200, 30]


def test_cmyk_becomes_rgb():
    data = saved(Pillow.new("CMYK", (8, 8), (0, 255, 255, 0)), "JPEG", quality=95)
    red, green, blue = open_image(data).pixels[4, 4].tolist()
    assert red > 200 and green < 60 and blue < 60


@pytest.mark.parametrize("greys, expected", [
    (np.array([[0, 32768, 65535]], np.uint16), [0, 128, 255]),
    (np.array([[0, 200, 255]], np.uint16), [0, 200, 255]),
    (np.array([[0.0, 0.5, 1.0]], np.float32) * 1e6, [0, 128, 255]),
    (np.array([[7.0, 7.0, 7.0]], np.float32), [7, 7, 7])])
def test_deep_greys_become_eight_bits(greys, expected):
    pixels = open_image(saved(Pillow.fromarray(greys), "TIFF")).pixels
    assert pixels.shape == (1, 3, 3)
    assert np.abs(pixels[0, :, 0].astype(int) - expected).max() <= 1


def test_black_and_white_bits_become_rgb():
    assert open_image(saved(Pillow.new("1", (9, 5), 1), "PNG")).pixels.tolist() == [[[255] * 3] * 9] * 5


def test_an_image_cannot_be_written_to_and_refuses_other_shapes():
    image = Image(UPRIGHT.copy(), "photo")
    with pytest.raises(ValueError):
        image.pixels[0, 0] = 1
    with pytest.raises(ValueError, match="uint8 RGB"):
        Image(np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize("name", ["é ü.jpg", "写真.jpg", "a b%20#c.jpg", "x" * 251 + ".jpg"])
def test_any_file_name_will_do(tmp_path, name):
    (tmp_path / name).write_bytes(saved(UPRIGHT, "JPEG"))
    assert open_image(tmp_path / name).name == name


def test_the_bytes_decide_not_the_name(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(saved(UPRIGHT, "PNG"))
    assert kind_of(tmp_path / "photo.jpg").ext == "png"
    assert np.array_equal(open_image(tmp_path / "photo.jpg").pixels, UPRIGHT)


def png_that_claims(width, height) -> bytes:
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")


BAD = {
    "empty.jpg": (b"", "empty"),
    "text.jpg": (b"just a note\n" * 20, "is text"),
    "cut.jpg": (saved(np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8), "JPEG")[:9000], "ends too early"),
    "cut.png": (saved(np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8), "PNG")[:9000], "ends too early"),
    "head.jpg": (b"\xff\xd8\xff\xe0\x00\x10JFIF", "damaged|ends too early"),
    "huge.png": (png_that_claims(30_000, 30_000), "more pixels than|more than the"),
    "large.png": (png_that_claims(12_500, 10_000), "12500 x 10000"),
    "drawing.jpg": (b"<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>", "SVG.*PNG"),
    "drawing.svg": (b"<svg onload='alert(1)'/>", "SVG.*PNG"),
    "page.png": (b"<!DOCTYPE html><html></html>", "web page"),
    "phone.jpg": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC.*JPEG"),
    "film.jpg": (b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41", "is a video"),
    "noise.jpg": (bytes(range(1, 256)) * 4, "not a photo or video"),
    "archive.jpg": (b"PK\x03\x04" + bytes(60), "zip archive inside of another.*unpack it"),
}


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("name", BAD)
def test_what_is_no_photo_is_refused_in_a_sentence_that_names_it(tmp_path, name):
    data, reason = BAD[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(MediaError, match=reason) as refusal:
        open_image(tmp_path / name)
    assert str(refusal.value).startswith(name) and str(tmp_path) not in str(refusal.value)
    assert "\n" not in str(refusal.value) and len(str(refusal.value)) < 260


def test_a_missing_file_and_a_folder_are_refused_in_a_sentence(tmp_path):
    for path in (tmp_path / "gone.jpg", tmp_path):
        with pytest.raises(MediaError, match="cannot be read"):
            open_image(path)


NOISE = np.random.default_rng(0).integers(0, 256, (200, 200, 3), dtype=np.uint8)


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"restart_marker_blocks": 2}, {"exif": b"Exif\0\0" + saved(UPRIGHT, "JPEG")}]
)
@pytest.mark.parametrize("rest", [b"\0" * 30_000, b"\xff" * 30_000])
def test_a_photo_whose_copy_was_stopped_is_refused_although_its_file_has_the_full_length(options, rest):
    data = saved(NOISE, "JPEG", **options)
    for kept in (len(data) // 2, len(data) - 200):
        with pytest.raises(MediaError, match="ends too early"):
            open_image(data[:kept] + rest, "a.jpg", require_complete=True)


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"restart_marker_blocks": 2}, {"exif": b"Exif\0\0" + saved(UPRIGHT, "JPEG")}]
)
@pytest.mark.parametrize("rest", [b"", b"\0" * 3000, b"SEFT" * 9, saved(UPRIGHT, "JPEG")])
def test_what_lies_behind_the_end_of_a_photo_does_no_harm(options, rest):
    assert open_image(saved(NOISE, "JPEG", **options) + rest, "a.jpg", require_complete=True).size == Size(200, 200)


@pytest.mark.filterwarnings("ignore:Truncated File Read")
def test_every_shortening_of_a_photo_is_refused_or_whole():
    for format in ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"):
        data = saved(UPRIGHT, format)
        for length in range(0, len(data) - 1, max(1, len(data) // 40)):
            try:
                assert open_image(data[:length]).size == Size(30, 20)
            except MediaError as error:
                assert str(error)
