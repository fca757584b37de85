"""What a file that is no photo or video of ours seems to be, told by its first bytes, with what to do about it."""

from __future__ import annotations

# what it is, with the cure: where it has which bytes; the first that fits counts
UNSUPPORTED_SIGNATURES: dict[str, tuple[tuple[int, bytes], ...]] = {
    "a camera raw that is not developed yet; export it as JPEG or TIFF from a raw converter and load that": (
        (4, b"ftypcrx "),
        (8, b"CR\x02\x00"),
        (0, b"IIRO"),
        (0, b"IIRS"),
        (0, b"IIU\x00"),
        (0, b"FUJIFILMCCD-RAW"),
        (0, b"FOVb"),
        (0, b"\x00MRM"),
    ),
    "a HEIC or AVIF photo; save it as JPEG or PNG and load that": ((4, b"ftyp"),),
    "a JPEG 2000 picture; save it as JPEG, PNG or TIFF and load that": ((4, b"jP  \r\n\x87\n"), (0, b"\xff\x4f\xff\x51")),
    "a JPEG XL picture; save it as JPEG or PNG and load that": ((4, b"JXL \r\n\x87\n"), (0, b"\xff\x0a")),
    "an icon of several sizes; save the largest as PNG and load that": ((0, b"\x00\x00\x01\x00"),),
    "a Photoshop file; save it as PNG or TIFF and load that": ((0, b"8BPS"),),
    "an OpenEXR picture; save it as PNG or TIFF and load that": ((0, b"v/1\x01"),),
    "a DICOM picture; export it as PNG or TIFF and load that": ((128, b"DICM"),),
    "a RealMedia video; convert it to H.264 MP4 and load that": ((0, b".RMF"),),
    "a WTV recording; convert it to H.264 MP4 and load that": ((0, b"\xb7\xd8\x00\x20"),),
    "a bare video stream without the times of its frames; convert it to H.264 MP4 and load that": (
        (0, b"DKIF"),
        (0, b"YUV4MPEG2"),
        (0, b"\x00\x00\x00\x01"),
        (0, b"\x00\x00\x01\x67"),
    ),
    "sound without a picture; choose a video": ((0, b"ID3"), (8, b"WAVE"), (0, b"fLaC")),
    "a zip archive inside of another or under another name; unpack it, or load it by itself as .zip": ((0, b"PK\x03\x04"),),
    "an archive of a kind that is not read here; unpack it, or pack it as .zip": (
        (0, b"Rar!"),
        (0, b"7z\xbc\xaf"),
        (0, b"\x1f\x8b"),
        (257, b"ustar"),
        (0, b"BZh"),
        (0, b"\xfd7zXZ"),
    ),
    "a PDF; export its pages as PNG and load those": ((0, b"%PDF"),),
}


def describe_unsupported(head: bytes) -> str:
    """What a refused file seems to be, with the cure where there is one."""
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith(b"<svg") or (text.startswith(b"<?xml") and b"<svg" in text):
        return "an SVG drawing, which may carry programs; export it as PNG and load that"
    if text.startswith((b"<!doctype html", b"<html")):
        return "a web page, not a photo or video; save the picture itself"
    for description, places in UNSUPPORTED_SIGNATURES.items():
        if any(head[place:].startswith(mark) for place, mark in places):
            return description
    if b"\x00" not in head and sum(byte < 9 for byte in head) == 0:
        return "text, not a photo or video, whatever its name says"
    return "not a photo or video we know"
