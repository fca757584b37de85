"""The store: projects, items, and everything people and models said about them, in one data folder.

Safe for several threads and several processes at once. Every method is one transaction; `with store.writing():` makes one
of several (keep it short: on SQLite others wait).
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np

from grounding.data import Annotation
from grounding.machine.disk import explain_disk_errors
from grounding.store import backups, files, items, job_rows, log, projects, proposals
from grounding.store.engine import close_engine, file_url, open_engine, write_lock
from grounding.store.purge import is_file_used, purge
from grounding.store.values import Conflict, Item, ItemPosition, JobRow, Label, Project

PAGE_SIZE = 500


class Store:
    """Open one with `Store.open(folder)`; media, cache, models and exports live in `store.folder`."""

    def __init__(self, folder: Path, engine):
        self.folder, self._engine = folder, engine
        self._lock, self._thread_local = write_lock(engine), threading.local()

    @classmethod
    def open(cls, folder=None, url: str | None = None) -> Store:
        """Creates and migrates what is missing. `folder` defaults to $DEIXIS_DATA, `url` to $DEIXIS_DATABASE_URL or a file in it."""
        folder = Path(folder or files.default_folder()).expanduser().absolute()
        url = url or os.environ.get("DEIXIS_DATABASE_URL")
        with explain_disk_errors(folder):
            folder = folder.resolve()
            for part in ("media", "cache", "models", "exports"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            if not url:
                backups.check_database_present(folder)
            return cls(folder, open_engine(url or file_url(folder / files.DATABASE)))

    def close(self) -> None:
        """The database is then one file. A store can be used on after that."""
        close_engine(self._engine)

    def back_up(self) -> backups.Backup | None:
        """Makes a backup of the SQLite file where it changed since the last one; of other databases that is their own
        tools' matter."""
        own = self._engine.dialect.name == "sqlite" and self._engine.url.database == str(self.folder / files.DATABASE)
        return backups.create_backup(self.folder) if own else None

    @contextlib.contextmanager
    def transaction(self):
        """One transaction around all that this thread does inside; an exception undoes it all."""
        if getattr(self._thread_local, "connection", None) is not None:
            yield self._thread_local.connection
            return
        with self._lock, self._engine.connect().execution_options(writes=True) as connection, connection.begin():
            self._thread_local.connection = connection
            try:
                yield connection
            finally:
                self._thread_local.connection = None

    @contextlib.contextmanager
    def _read_transaction(self):
        if getattr(self._thread_local, "connection", None) is not None:
            yield self._thread_local.connection
            return
        with self._engine.connect() as connection:
            yield connection

    # Projects and labels

    def create_project(self, name: str, labels: Sequence = ()) -> Project:
        """`labels` are names, dicts {name, color} or `Label`s."""
        with self.transaction() as c:
            return projects.create(c, name, labels)

    def project(self, id_or_name: str) -> Project:
        with self._read_transaction() as c:
            return projects.find(c, id_or_name)

    def projects(self, trashed: bool = False) -> list[Project]:
        """Oldest first."""
        with self._read_transaction() as c:
            return projects.list_projects(c, trashed)

    def rename_project(self, project_id: str, name: str) -> Project:
        with self.transaction() as c:
            return projects.rename(c, project_id, name)

    def set_labels(self, project_id: str, labels: Sequence) -> Project:
        """Makes the list of labels this one; names, dicts {id?, name, color?} or `Label`s. Boxes follow a rename."""
        with self.transaction() as c:
            return projects.set_labels(c, project_id, labels)

    def vocabulary(self, project_id: str) -> tuple[Label, ...]:
        """Every label ever said in the project, in its list or not, with its id for good; those of the list first."""
        with self._read_transaction() as c:
            return projects.vocabulary(c, project_id)

    def trash_project(self, project_id: str) -> None:
        with self.transaction() as c:
            projects.trash(c, project_id)

    def restore_project(self, project_id: str) -> Project:
        with self.transaction() as c:
            return projects.restore(c, project_id)

    def purge_project(self, project_id: str) -> None:
        """Deletes a project for good, with its exports and the files that no other project uses."""
        with self.transaction() as c:
            project = projects.find(c, project_id)
            exports = [job.params["file"] for job in job_rows.recent(c, project.id, None) if job.kind == "export"]
            orphans = purge(c, project.id)
        for sha256, ext in orphans:
            with self.transaction() as c:  # nobody adds an item meanwhile; one that was added since then needs the file
                if not is_file_used(c, (sha256, ext)):
                    files.delete_file(self.folder, sha256, ext)
        for name in exports:
            (self.folder / "exports" / name).unlink(missing_ok=True)

    # Items

    def add_item(self, project_id: str, *, name: str, kind: str, sha256: str, ext: str, size, frames: int | None = None,
                 pts=None, meta: dict | None = None, source: Path | None = None) -> Item:
        """`size` is (width, height) of the upright image; `pts` (N,) the seconds of a video's frames. `source` is the
        file that `add_file` copied; it is copied anew if the copy went with another project since then."""
        with self.transaction() as c:
            project = projects.find(c, project_id)
            if source and not files.content_path(self.folder, sha256, ext).exists():
                files.add_file(self.folder, source, ext)
            return items.add(c, project.id, name, kind, sha256, ext, size, frames, pts, meta)

    def item(self, item_id: str) -> Item:
        with self._read_transaction() as c:
            return items.find(c, item_id)

    def items(self, project_id: str, after: str | None = None, limit: int = 200, status: str | None = None,
              trashed: bool = False) -> list[Item]:
        """One page in natural order of names, behind the item whose id is `after`."""
        with self._read_transaction() as c:
            return items.page(c, project_id, after, limit, status, trashed)

    def all_items(self, project_id: str, status: str | None = None) -> Iterator[Item]:
        """Every untrashed item, page by page."""
        after = None
        while page := self.items(project_id, after, PAGE_SIZE, status):
            yield from page
            after = page[-1].id

    def items_by_hash(self, project_id: str, sha256: str) -> list[Item]:
        """The items of a project made from this file."""
        with self._read_transaction() as c:
            return items.find_by_hash(c, project_id, sha256)

    def counts(self, project_id: str) -> dict[str, int]:
        with self._read_transaction() as c:
            return items.counts(c, project_id)

    def item_position(self, item_id: str) -> ItemPosition:
        with self._read_transaction() as c:
            return items.position_of(c, items.find(c, item_id))

    def meta(self, item_id: str) -> dict:
        with self._read_transaction() as c:
            return items.meta(c, item_id)

    def pts(self, item_id: str) -> np.ndarray:
        """(N,) float64 seconds of a video's frames; empty for photos."""
        with self._read_transaction() as c:
            return items.pts(c, item_id)

    def set_status(self, item_id: str, status: str) -> None:
        with self.transaction() as c:
            items.set_status(c, item_id, status)

    def trash_items(self, item_ids: Iterable[str]) -> int:
        with self.transaction() as c:
            return items.set_trashed(c, item_ids, True)

    def restore_items(self, item_ids: Iterable[str]) -> int:
        with self.transaction() as c:
            return items.set_trashed(c, item_ids, False)

    # Files

    def add_file(self, path, ext: str) -> str:
        """Takes a copy of a file into the media folder; its sha256."""
        return files.add_file(self.folder, Path(path), ext)

    def delete_unused_file(self, sha256: str, ext: str) -> None:
        """Deletes a kept file unless an item needs it: for one that was kept for an item that did not come about."""
        with self.transaction() as c:
            if not is_file_used(c, (sha256, ext)):
                files.content_path(self.folder, sha256, ext).unlink(missing_ok=True)

    def media_path(self, item: Item) -> Path:
        """Where the original bytes are."""
        return files.content_path(self.folder, item.sha256, item.ext)

    # Annotations

    def append(self, item_id: str, annotations: Sequence[Annotation], edit: str) -> int:
        """Writes one edit, whole or not at all; the revision it made. The same `edit` again changes nothing.

        Raises Conflict when a replaced version, or a standing one of the same object that is not replaced, shows that
        somebody else was faster.
        """
        with self.transaction() as c:
            item = items.find(c, item_id, lock=True)
            try:
                return log.append(c, item, list(annotations), edit)
            except log.StaleEdit:
                raise Conflict(item_id, item.revision, log.current_by_item(c, [item_id])[item_id]) from None

    def propose(self, item_id: str, author: str, annotations: Sequence[Annotation]) -> int:
        """Makes this model's untouched proposals these; ids that follow from the content make a second run change nothing."""
        with self.transaction() as c:
            item = items.find(c, item_id, lock=True)
            changes = proposals.proposal_changes(c, item, author, list(annotations))
            return log.append(c, item, changes, proposals.edit_id(item_id, changes))

    def drop_proposals(self, project_id: str, author: str) -> int:
        """Withdraws what nobody touched of 'model:NAME@VERSION', or of every version ('model:NAME'); how many."""
        dropped = 0
        with self._read_transaction() as c:
            item_ids = proposals.items_with_proposals(c, project_id, author)
        for item_id in item_ids:
            with self.transaction() as c:
                item = items.find(c, item_id, lock=True)
                changes = proposals.withdrawals(c, item.id, author)
                log.append(c, item, changes, proposals.edit_id(item.id, changes))
            dropped += len(changes)
        return dropped

    def current(self, item_id: str) -> list[Annotation]:
        """What stands, in the order it was said."""
        with self._read_transaction() as c:
            return log.current_by_item(c, [items.find(c, item_id).id])[item_id]

    def snapshot(self, item_id: str) -> tuple[Item, list[Annotation]]:
        """An item and what stands in it, of one moment."""
        with self._read_transaction() as c:
            return items.find(c, item_id), log.current_by_item(c, [item_id])[item_id]

    def history(self, item_id: str) -> list[Annotation]:
        """Every version ever said of an item, in order."""
        return [annotation for _, annotation in self.revisions(item_id)]

    def revisions(self, item_id: str) -> list[tuple[int, Annotation]]:
        """The history, each version with its revision."""
        with self._read_transaction() as c:
            return log.revisions(c, items.find(c, item_id).id)

    def annotations_at(self, item_id: str, revision: int) -> list[Annotation]:
        """What stood after a revision (0 = before the first edit)."""
        with self._read_transaction() as c:
            return log.at_revision(c, items.find(c, item_id).id, revision)

    def annotations(self, project_id: str, status: str | None = None,
                    item_ids: Sequence[str] | None = None) -> Iterator[tuple[Item, list[Annotation]]]:
        """Every untrashed item with what stands in it; a page at a time, so that memory stays flat."""
        wanted, after = None if item_ids is None else set(item_ids), None
        while page := self.items(project_id, after, PAGE_SIZE, status):
            after = page[-1].id
            page = [item for item in page if wanted is None or item.id in wanted]
            with self._read_transaction() as c:
                present = log.current_by_item(c, [item.id for item in page])
            yield from ((item, present[item.id]) for item in page)

    # Jobs

    def add_job(self, kind: str, project: str | None = None, item: str | None = None, params: dict | None = None,
                owner: str = "") -> JobRow:
        """Raises NotFound where the project is gone."""
        with self.transaction() as c:
            if project is not None:
                projects.find(c, project)
            return job_rows.add(c, kind, project, item, owner, params or {})

    def job(self, job_id: str) -> JobRow:
        with self._read_transaction() as c:
            return job_rows.find(c, job_id)

    def change_job(self, job_id: str, if_states: tuple[str, ...] = (), **values) -> bool:
        """Whether it was in one of the states `if_states` (or none was asked for), and is changed now."""
        with self.transaction() as c:
            return job_rows.change(c, job_id, values, if_states)

    def jobs(self, project: str | None = None, limit: int = 50) -> list[JobRow]:
        """The newest first, without their results."""
        with self._read_transaction() as c:
            return job_rows.recent(c, project, limit)

    def jobs_in(self, *states: str) -> list[JobRow]:
        """The oldest first."""
        with self._read_transaction() as c:
            return job_rows.in_state(c, states)
