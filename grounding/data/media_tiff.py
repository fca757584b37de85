"""TIFF files hold pages: previews, the full picture, further pages. This finds the full picture, wherever it lies in
the file."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grounding.data.media_kinds import MediaError

MOST_PAGES, MOST_TAGS = 200, 4096
SMALL = 4  # a first page with fewer pixels than the largest by this factor is a preview of it
MOSAICS = (32803, 34892)  # photometric interpretations of sensor data that a raw developer must turn into a picture
WIDTH, HEIGHT, PHOTOMETRIC, ORIENTATION, KIND, SUB_PAGES = 256, 257, 262, 274, 254, 330  # tags
ASKED = {WIDTH, HEIGHT, PHOTOMETRIC, ORIENTATION, KIND, SUB_PAGES}
LETTERS = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}  # the types of whole numbers


@dataclass(frozen=True)
class Page:
    """One picture of a TIFF file: where its directory lies, its size as stored, and whether it is a preview or sensor
    data."""

    offset: int
    width: int
    height: int
    preview: bool = False
    mosaic: bool = False
    orientation: int = 1
    nested: bool = False

    @property
    def area(self) -> int:
        return self.width * self.height


LOST = Page(0, 0, 0)  # one whose directory cannot be read


@dataclass(frozen=True)
class Opening:
    """What to open instead of a file: `file` begins with the full picture. `first` is False where it lies further back
    in the original.

    `note` is a sentence where the picture is not all that the original holds; `orientation` is the full picture's, as
    in EXIF.
    """

    file: io.BytesIO | Path
    note: str = ""
    orientation: int = 1
    first: bool = True


def full_page(source: bytes | Path, name: str) -> Opening:
    """Where the full picture of a TIFF file is; MediaError where that is undeveloped sensor data."""
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as data:
        found = list(_all_pages(data))
        pages = [page for page in found if page is not LOST]
        page = _fullest(pages) if pages else LOST
        if page is LOST or page.preview and len(pages) < len(found):
            raise MediaError(
                f"{name} ends too early: the full picture of this TIFF file is missing; copy or download it again"
            )
        if page.mosaic:
            raise MediaError(
                f"{name} is a camera raw of {page.width} x {page.height} pixels that is not developed yet; "
                "export it as JPEG or TIFF from a raw converter and load that"
            )
        if page is pages[0]:
            return Opening(
                source if isinstance(source, Path) else io.BytesIO(source), _other_pages(pages, name), page.orientation
            )
        data.seek(0)
        note = (
            f"{name} begins with a preview of {pages[0].width} x {pages[0].height} pixels; its full picture of "
            f"{page.width} x {page.height} came in"
        )
        return Opening(_starting_at(data.read(), page.offset), note, page.orientation, first=False)


def _fullest(pages: list[Page]) -> Page:
    """The first page, or the largest where the first is a preview."""
    largest = max((page for page in pages if not page.preview), key=lambda page: page.area, default=pages[0])
    first = pages[0]
    return (
        largest
        if first.preview or first.area * SMALL <= largest.area or (largest.mosaic and first.area < largest.area)
        else first
    )


def _other_pages(pages: list[Page], name: str) -> str:
    whole = sum(not (page.preview or page.nested) and page.area * SMALL > pages[0].area for page in pages)
    return (
        f"{name} holds {whole} pages; the first came in: save the others as files of their own to have them"
        if whole > 1
        else ""
    )


def _all_pages(data) -> Iterator[Page]:
    head = data.read(16)
    form = _Form("<" if head[:2] == b"II" else ">", 43 in head[2:4])
    yield from _pages(data, form, form.number(head[8:] if form.big else head[4:]), set())


def _pages(data, form: _Form, offset: int, seen: set[int], outer: Page | None = None) -> Iterator[Page]:
    """Every page from the directory at `offset` on, in the order of the file, each followed by those nested in it."""
    while offset and offset not in seen and len(seen) < MOST_PAGES:
        seen.add(offset)
        tags, following = _directory(data, form, offset)
        page = _page(tags, offset, outer)
        yield page
        if page is LOST:
            return
        for nested in tags.get(SUB_PAGES, ()):
            yield from _pages(data, form, nested, seen, page) if nested else [LOST]
        offset = following


@dataclass(frozen=True)
class _Form:
    """How a TIFF file writes numbers: its byte order, and 8 bytes for a place in a BigTIFF, else 4."""

    order: str
    big: bool

    def number(self, data: bytes) -> int:
        return self.unpacked("Q" if self.big else "I", data)[0]

    def unpacked(self, letters: str, data: bytes) -> tuple:
        """As `struct.unpack` does; zeros where the data end too early."""
        letters = self.order + letters
        size = struct.calcsize(letters)
        return struct.unpack(letters, data[:size].ljust(size, b"\0"))


def _directory(data, form: _Form, offset: int) -> tuple[dict[int, tuple], int]:
    """The tags that are asked for, as whole numbers, and where the next directory lies; without tags where the
    directory is not whole."""
    width, count_letter = (8, "Q") if form.big else (4, "H")
    data.seek(offset)
    count = form.unpacked(count_letter, data.read(8 if form.big else 2))[0]
    size = 4 + 2 * width
    if not 0 < count <= MOST_TAGS:
        return {}, 0
    body = data.read(count * size + width)
    tags = {}
    for entry in (body[at : at + size] for at in range(0, count * size, size)):
        tag, type, length = form.unpacked("HH" + ("Q" if form.big else "I"), entry)
        if tag in ASKED and type in LETTERS and 0 < length <= MOST_PAGES:
            tags[tag] = _values(data, form, LETTERS[type] * length, entry[-width:])
    return (tags if len(body) == count * size + width else {}), form.number(body[count * size :])


def _values(data, form: _Form, letters: str, field: bytes) -> tuple[int, ...]:
    """The numbers of a tag, which stand in its field or, where that is too small, at the place it names."""
    size = struct.calcsize("<" + letters)
    if size <= len(field):
        return form.unpacked(letters, field)
    data.seek(form.number(field))
    return form.unpacked(letters, data.read(size))


def _page(tags: dict[int, tuple], offset: int, outer: Page | None) -> Page:
    """The page of a directory, LOST where it has no size; a nested one is turned like the page around it unless it
    states otherwise."""
    if WIDTH not in tags or HEIGHT not in tags:
        return LOST
    told = {tag: values[0] for tag, values in tags.items()}
    turn = told.get(ORIENTATION, outer.orientation if outer else 1)
    return Page(
        offset,
        told[WIDTH],
        told[HEIGHT],
        bool(told.get(KIND, 0) & 1),
        told.get(PHOTOMETRIC) in MOSAICS,
        turn if turn in range(1, 9) else 1,
        outer is not None,
    )


def _starting_at(data: bytes, offset: int) -> io.BytesIO:
    """The same file, with the page at `offset` as its first."""
    order = "<" if data[:2] == b"II" else ">"
    big = struct.unpack(f"{order}H", data[2:4])[0] == 43
    first = struct.pack(f"{order}{'Q' if big else 'I'}", offset)
    start = 8 if big else 4
    return io.BytesIO(data[:start] + first + data[start + len(first):])
