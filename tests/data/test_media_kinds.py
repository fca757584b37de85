"""What a file is, its first bytes say; what is not taken is called by its name, with what to do about it."""

from fractions import Fraction

import pytest

from grounding.data.media import MediaError, kind_of, open_video
from tests import barcode

RATE = {"time_base": Fraction(1, 30)}
VIDEOS = {
    "a.mp4": ("mp4", {}),
    "a.m4v": ("mp4", {}),
    "a.f4v": ("mp4", {}),
    "a.3gp": ("mp4", {"codec": "mpeg4", **RATE}),
    "a.mov": ("mov", {}),
    "a.mkv": ("mkv", {}),
    "a.webm": ("webm", {"codec": "libvpx-vp9", "options": {"cpu-used": 8}}),
    "a.avi": ("avi", {"codec": "mpeg4", **RATE}),
    "a.ts": ("ts", {}),
    "a.mpg": ("mpg", {"codec": "mpeg2video", **RATE}),
    "a.vob": ("mpg", {"codec": "mpeg2video", **RATE}),
    "a.m2v": ("m2v", {"codec": "mpeg2video", **RATE}),
    "a.wmv": ("wmv", {"codec": "wmv2", **RATE}),
    "a.flv": ("flv", {"codec": "flv", **RATE}),
    "a.mxf": ("mxf", {"codec": "mpeg2video", **RATE}),
    "a.dv": ("dv", {"codec": "dvvideo", "size": (720, 576), "rate": Fraction(25), "time_base": Fraction(1, 25)}),
}


@pytest.mark.parametrize("name", VIDEOS)
def test_every_common_container_opens_under_any_name(tmp_path, name):
    ext, settings = VIDEOS[name]
    path = barcode.write_video(tmp_path / name, **{"count": 12, **settings}).rename(tmp_path / "00001.xyz")
    assert kind_of(path).ext == ext
    with open_video(path) as video:
        assert [barcode.read_number(frame.pixels) for frame in video.read()] == list(range(12)) and video.warning == ""


@pytest.mark.parametrize(
    "ext, packed",
    [
        ("m2ts", lambda packet: bytes(4) + packet),
        ("m2ts", lambda packet: b"\x0d\x9e\xe2\x02" + packet),
        ("ts", lambda packet: packet + bytes(16)),
    ],
)
@pytest.mark.parametrize("cut", [0, 77])
def test_transport_streams_open_with_times_or_checksums_around_their_packets(tmp_path, ext, packed, cut):
    plain = barcode.write_video(tmp_path / "plain.ts", 30).read_bytes()
    path = tmp_path / "00001.MTS"
    path.write_bytes(b"".join(packed(plain[at : at + 188]) for at in range(0, len(plain), 188))[cut:])
    assert kind_of(path).ext == ext
    with open_video(path) as video:
        assert [barcode.read_number(video.frame(n).pixels) for n in (17, 3, 29)] == [17, 3, 29] and not video.playable


@pytest.mark.parametrize(
    "head, said",
    [
        (b"\0\0\0\x18ftypcrx \0\0\0\1", "a camera raw .* raw converter"),
        (b"II*\0\x10\0\0\0CR\x02\0", "a camera raw"),
        (b"IIU\0\x18\0\0\0", "a camera raw"),
        (b"FUJIFILMCCD-RAW 0201", "a camera raw"),
        (b"\0\0\0\x1cftypavif", "HEIC or AVIF.* save it as JPEG"),
        (b"\0\0\0\x0cjP  \r\n\x87\n", "JPEG 2000.* save it as"),
        (b"\xff\x0a\0\0", "JPEG XL"),
        (b"\0\0\1\0\3\0", "icon of several sizes; save the largest as PNG"),
        (b"8BPS\0\1", "Photoshop"),
        (b"v/1\x01\2\0\0\0", "OpenEXR"),
        (bytes(128) + b"DICM", "DICOM"),
        (b".RMF\0\0", "RealMedia.* convert it to H.264 MP4"),
        (b"\0\0\0\1\x67\x64", "bare video stream.* convert it to H.264 MP4"),
        (b"DKIF\0\0", "bare video stream"),
        (b"ID3\4\0\0", "sound without a picture"),
        (b"RIFF\0\0\0\0WAVEfmt ", "sound without a picture"),
        (b"Rar!\x1a\7\0", "unpack it"),
        (b"7z\xbc\xaf\x27\x1c", "unpack it"),
        (b"\x1f\x8b\x08\0", "unpack it"),
        (b"Good morning", "is text"),
    ],
)
def test_what_is_not_taken_is_named_with_its_cure(head, said):
    with pytest.raises(MediaError, match=said) as refusal:
        kind_of(head + bytes(300 if b"Good" not in head else 0), "mine")
    assert str(refusal.value).startswith("mine is ")
