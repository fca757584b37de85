"""Upload: files that a browser sends, written straight to the data folder as they arrive."""

from __future__ import annotations

import contextlib
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.concurrency import run_in_threadpool

from grounding.data import new_id
from grounding.exchange.names import deduplicate_names
from grounding.machine.disk import explain_disk_errors, part_folder
from grounding.web.answers import TooLarge

if TYPE_CHECKING:
    from python_multipart.multipart import MultipartCallbacks

MAX_FILES = 20_000
MAX_FIELD_BYTES = 64 << 10  # bytes of a field that is no file
CHUNK_BYTES = 1 << 20
DRAIN_S = 60  # how long the rest of an upload that found no room is read and thrown away


class Upload:
    """What one upload holds: `files` maps what a person calls a file to its name in `folder`."""

    def __init__(self, folder: Path, max_bytes: int):
        self.folder, self.size, self.complete = folder, 0, False
        self._max_bytes, self._names, self._relative_paths = max_bytes, [], []
        self._header, self._headers, self._value, self._file, self._path = b"", {}, b"", None, b""

    @property
    def files(self) -> dict[str, str]:
        """Under the relative paths sent beside the files, if there is one for each, else under the files' own names."""
        return {name: str(number) for number, name in enumerate(self.original_names)}

    @property
    def original_names(self) -> dict[str, str]:
        """{what a person calls a file: the name it was sent under, which several may share}."""
        return deduplicate_names(self._relative_paths if len(self._relative_paths) == len(self._names) else self._names)

    def callbacks(self) -> MultipartCallbacks:
        return {"on_part_begin": self._begin_part, "on_header_field": self._on_field, "on_header_value": self._on_value,
                "on_header_end": self._end_header, "on_headers_finished": self._begin_file, "on_part_data": self._write_data,
                "on_part_end": self._end_part, "on_end": self._finish}

    def close(self) -> None:
        if self._file:
            self._file.close()
        self._file = None

    def _begin_part(self):
        self._headers, self._header, self._value = {}, b"", b""

    def _on_field(self, data, start, end):
        self._header = _append_field(self._header, data[start:end])

    def _on_value(self, data, start, end):
        self._value = _append_field(self._value, data[start:end])

    def _end_header(self):
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _begin_file(self):
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        name = options.get(b"filename")
        self._path = b"" if name is None and options.get(b"name") == b"paths" else None
        if not name:
            return
        if len(self._names) == MAX_FILES:
            raise TooLarge(f"an upload holds {MAX_FILES} files at most; send a folder as .zip, or in parts")
        self._file = open(self.folder / str(len(self._names)), "xb")
        self._names.append(name.decode("utf-8", "replace"))

    def _write_data(self, data, start, end):
        self.size += end - start
        if self.size > self._max_bytes:
            raise TooLarge(f"an upload holds {self._max_bytes / 1e6:.0f} MB at most; send less at once")
        if self._file:
            self._file.write(data[start:end])
        elif self._path is not None:
            self._path = _append_field(self._path, data[start:end])

    def _end_part(self):
        if self._path is not None and not self._file:
            self._relative_paths.append(self._path.decode("utf-8", "replace"))
        self.close()

    def _finish(self):
        self.complete = True


async def receive_upload(request: Request, into: Path, max_bytes: int, owner: str = "any") -> Upload:
    """Reads a multipart upload into a new folder in `into`, whose name begins with its owner's; nothing stays where it fails."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise ValueError("files are sent as multipart/form-data; use the page's upload or `curl -F files=@photo.jpg`")
    if content_length(request) > max_bytes + CHUNK_BYTES:
        raise TooLarge(f"an upload holds {max_bytes / 1e6:.0f} MB at most; send less at once")
    with explain_disk_errors(into):
        into.mkdir(parents=True, exist_ok=True)
        # damaged, too large, a full disk, or the browser went away: nothing half-sent stays
        with part_folder(into / "upload") as folder:
            upload = Upload(folder, max_bytes)
            try:
                await _parse(request, MultipartParser(options[b"boundary"], upload.callbacks()))
            except OSError:  # a browser reads the answer only once all is sent
                await _drain(request)
                raise
            finally:
                upload.close()
            if not upload.complete:
                raise ValueError("this upload was cut short; send the files again")
            if not upload.files:
                raise ValueError("no file came with this upload; choose one or more photos, videos, or a .zip")
            upload.folder = folder.rename(into / f"{owner}-{new_id()}")
    os.utime(upload.folder)
    return upload


def content_length(request: Request) -> int:
    """How many bytes the request says it has; 0 where it does not say."""
    length = request.headers.get("content-length", "")
    if length and not re.fullmatch("[0-9]{1,20}", length):
        raise ValueError("the Content-Length header of this request is malformed; send the files again")
    return int(length or 0)


async def _parse(request: Request, parser: MultipartParser) -> None:
    """A megabyte at a time, so that the disk never holds up other requests."""
    buffer = bytearray()
    try:
        async for piece in request.stream():
            buffer += piece
            if len(buffer) >= CHUNK_BYTES:
                await run_in_threadpool(parser.write, bytes(buffer))
                buffer.clear()
        await run_in_threadpool(parser.write, bytes(buffer))
        await run_in_threadpool(parser.finalize)
    except MultipartParseError:
        raise ValueError("this upload is damaged; send the files again") from None


async def _drain(request: Request) -> None:
    until = time.monotonic() + DRAIN_S
    with contextlib.suppress(RuntimeError):  # all of it has come already
        async for _ in request.stream():
            if time.monotonic() > until:
                return


def _append_field(text: bytes, added: bytes) -> bytes:
    if len(text) + len(added) > MAX_FIELD_BYTES:
        raise TooLarge("a field of this upload is too long; send files under shorter names")
    return text + added
