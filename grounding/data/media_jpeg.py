"""JPEG files: whether one is there to its end. A copy that was stopped may have its full length, with zeros for the
rest, which decode to grey."""

from __future__ import annotations

from pathlib import Path

_SOS, _EOI = b"\xff\xda", b"\xff\xd9"  # markers: pixels follow; the picture is over
_NO_LENGTH = {*range(0xD0, 0xD8), 0x01}  # markers without a length


def has_end_marker(source: str | Path | bytes) -> bool:
    """Whether an end of the picture follows its first pixels; what a preview in the notes before them holds is none."""
    data = bytes(source) if isinstance(source, (bytes, bytearray)) else Path(source).read_bytes()
    return data.find(_EOI, _first_scan(data)) >= 0


def _first_scan(data: bytes) -> int:
    """Where the pixels begin; 0 where the markers before them lead nowhere."""
    place = 2
    while 0 <= place < len(data) - 3:
        if data[place] != 0xFF:  # what lies between two markers is passed over, as decoders do
            place = data.find(b"\xff", place)
        elif data[place:place + 2] == _SOS:
            return place
        elif data[place + 1] == 0xFF:
            place += 1
        else:
            place += 2 if data[place + 1] in _NO_LENGTH or data[place + 1] == 0 else 2 + int.from_bytes(data[place + 2:place + 4], "big")
    return 0
