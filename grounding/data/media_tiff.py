"""TIFF files hold pages: previews, the full picture, further pages. This finds the full picture, wherever it lies in
the file."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from grounding.data.media_kinds import MediaError

MAX_PAGES, MAX_TAGS = 200, 4096
PREVIEW_RATIO = 4  # a first page with fewer pixels than the largest by this factor is a preview of it
CFA_PHOTOMETRICS = (32803, 34892)  # photometric interpretations of sensor data that a raw developer must turn into a picture
WIDTH, HEIGHT, PHOTOMETRIC, ORIENTATION, SUBFILE_TYPE, SUB_IFDS = 256, 257, 262, 274, 254, 330  # tags
READ_TAGS = {WIDTH, HEIGHT, PHOTOMETRIC, ORIENTATION, SUBFILE_TYPE, SUB_IFDS}
STRUCT_CODES = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}  # the types of whole numbers


@dataclass(frozen=True)
class TiffPage:
    """One picture of a TIFF file: where its directory lies, its size as stored, and whether it is a preview or sensor
    data."""

    offset: int
    width: int
    height: int
    is_preview: bool = False
    is_cfa: bool = False
    orientation: int = 1
    is_sub_ifd: bool = False

    @property
    def area(self) -> int:
        return self.width * self.height


UNREADABLE_PAGE = TiffPage(0, 0, 0)  # one whose directory cannot be read


@dataclass(frozen=True)
class ImageSource:
    """What to open instead of a file: `file` begins with the full picture. `first` is False where it lies further back
    in the original.

    `note` is a sentence where the picture is not all that the original holds; `orientation` is the full picture's, as
    in EXIF.
    """

    file: io.BytesIO | Path
    note: str = ""
    orientation: int = 1
    is_first_page: bool = True


def find_full_page(source: bytes | Path, name: str) -> ImageSource:
    """Where the full picture of a TIFF file is; MediaError where that is undeveloped sensor data."""
    with source.open("rb") if isinstance(source, Path) else io.BytesIO(source) as data:
        found = list(_all_pages(data))
        pages = [page for page in found if page is not UNREADABLE_PAGE]
        page = _full_resolution_page(pages) if pages else UNREADABLE_PAGE
        if page is UNREADABLE_PAGE or page.is_preview and len(pages) < len(found):
            raise MediaError(
                f"{name} ends too early: the full picture of this TIFF file is missing; copy or download it again"
            )
        if page.is_cfa:
            raise MediaError(
                f"{name} is a camera raw of {page.width} x {page.height} pixels that is not developed yet; "
                "export it as JPEG or TIFF from a raw converter and load that"
            )
        if page is pages[0]:
            return ImageSource(
                source if isinstance(source, Path) else io.BytesIO(source), _other_pages_note(pages, name), page.orientation
            )
        data.seek(0)
        note = (
            f"{name} begins with a preview of {pages[0].width} x {pages[0].height} pixels; its full picture of "
            f"{page.width} x {page.height} came in"
        )
        return ImageSource(_with_first_page_at(data.read(), page.offset), note, page.orientation, is_first_page=False)


def _full_resolution_page(pages: list[TiffPage]) -> TiffPage:
    """The first page, or the largest where the first is a preview."""
    largest = max((page for page in pages if not page.is_preview), key=lambda page: page.area, default=pages[0])
    first = pages[0]
    return (
        largest
        if first.is_preview or first.area * PREVIEW_RATIO <= largest.area or (largest.is_cfa and first.area < largest.area)
        else first
    )


def _other_pages_note(pages: list[TiffPage], name: str) -> str:
    full_size_pages = sum(not (page.is_preview or page.is_sub_ifd) and page.area * PREVIEW_RATIO > pages[0].area for page in pages)
    return (
        f"{name} holds {full_size_pages} pages; the first came in: save the others as files of their own to have them"
        if full_size_pages > 1
        else ""
    )


def _all_pages(data) -> Iterator[TiffPage]:
    head = data.read(16)
    form = _ByteFormat("<" if head[:2] == b"II" else ">", 43 in head[2:4])
    yield from _pages(data, form, form.read_offset(head[8:] if form.big else head[4:]), set())


def _pages(data, form: _ByteFormat, offset: int, visited: set[int], parent: TiffPage | None = None) -> Iterator[TiffPage]:
    """Every page from the directory at `offset` on, in the order of the file, each followed by those nested in it."""
    while offset and offset not in visited and len(visited) < MAX_PAGES:
        visited.add(offset)
        tags, following = _read_ifd(data, form, offset)
        page = _parse_page(tags, offset, parent)
        yield page
        if page is UNREADABLE_PAGE:
            return
        for nested in tags.get(SUB_IFDS, ()):
            yield from _pages(data, form, nested, visited, page) if nested else [UNREADABLE_PAGE]
        offset = following


@dataclass(frozen=True)
class _ByteFormat:
    """How a TIFF file writes numbers: its byte order, and 8 bytes for a place in a BigTIFF, else 4."""

    order: str
    big: bool

    def read_offset(self, data: bytes) -> int:
        return self.unpack("Q" if self.big else "I", data)[0]

    def unpack(self, letters: str, data: bytes) -> tuple:
        """As `struct.unpack` does; zeros where the data end too early."""
        letters = self.order + letters
        size = struct.calcsize(letters)
        return struct.unpack(letters, data[:size].ljust(size, b"\0"))


def _read_ifd(data, form: _ByteFormat, offset: int) -> tuple[dict[int, tuple], int]:
    """The tags that are asked for, as whole numbers, and where the next directory lies; without tags where the
    directory is not whole."""
    width, count_letter = (8, "Q") if form.big else (4, "H")
    data.seek(offset)
    count = form.unpack(count_letter, data.read(8 if form.big else 2))[0]
    size = 4 + 2 * width
    if not 0 < count <= MAX_TAGS:
        return {}, 0
    body = data.read(count * size + width)
    tags = {}
    for entry in (body[at : at + size] for at in range(0, count * size, size)):
        tag, type, length = form.unpack("HH" + ("Q" if form.big else "I"), entry)
        if tag in READ_TAGS and type in STRUCT_CODES and 0 < length <= MAX_PAGES:
            tags[tag] = _read_values(data, form, STRUCT_CODES[type] * length, entry[-width:])
    return (tags if len(body) == count * size + width else {}), form.read_offset(body[count * size :])


def _read_values(data, form: _ByteFormat, letters: str, field: bytes) -> tuple[int, ...]:
    """The numbers of a tag, which stand in its field or, where that is too small, at the place it names."""
    size = struct.calcsize("<" + letters)
    if size <= len(field):
        return form.unpack(letters, field)
    data.seek(form.read_offset(field))
    return form.unpack(letters, data.read(size))


def _parse_page(tags: dict[int, tuple], offset: int, parent: TiffPage | None) -> TiffPage:
    """The page of a directory, LOST where it has no size; a nested one is turned like the page around it unless it
    states otherwise."""
    if WIDTH not in tags or HEIGHT not in tags:
        return UNREADABLE_PAGE
    first_values = {tag: values[0] for tag, values in tags.items()}
    page_orientation = first_values.get(ORIENTATION, parent.orientation if parent else 1)
    return TiffPage(
        offset,
        first_values[WIDTH],
        first_values[HEIGHT],
        bool(first_values.get(SUBFILE_TYPE, 0) & 1),
        first_values.get(PHOTOMETRIC) in CFA_PHOTOMETRICS,
        page_orientation if page_orientation in range(1, 9) else 1,
        parent is not None,
    )


def _with_first_page_at(data: bytes, offset: int) -> io.BytesIO:
    """The same file, with the page at `offset` as its first."""
    order = "<" if data[:2] == b"II" else ">"
    big = struct.unpack(f"{order}H", data[2:4])[0] == 43
    first = struct.pack(f"{order}{'Q' if big else 'I'}", offset)
    start = 8 if big else 4
    return io.BytesIO(data[:start] + first + data[start + len(first):])
