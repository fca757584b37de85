"""Deleting a project for good."""

from __future__ import annotations

import sqlalchemy as sa

from grounding.store.schema import details, edits, head_versions, items, jobs, labels, log, projects


def purge(connection, project_id: str) -> list[tuple[str, str]]:
    """Removes every row of a project; (sha256, ext) of the files that nothing needs any more."""
    own = sa.select(items.c.id).where(items.c.project == project_id)
    used = set(connection.execute(sa.select(items.c.sha256, items.c.ext).where(items.c.project == project_id)).tuples())
    for table in (head_versions, edits, log, details):
        connection.execute(table.delete().where(table.c.item.in_(own)))
    connection.execute(jobs.delete().where(sa.or_(jobs.c.project == project_id, jobs.c.item.in_(own))))
    for table in (items, labels):
        connection.execute(table.delete().where(table.c.project == project_id))
    connection.execute(projects.delete().where(projects.c.id == project_id))
    return [file for file in used if not is_file_used(connection, file)]


def is_file_used(connection, file: tuple[str, str]) -> bool:
    """Whether an item of any project was made from this file, by its sha256 and ending."""
    others = sa.select(items.c.id).where(items.c.sha256 == file[0], items.c.ext == file[1])
    return connection.execute(others.limit(1)).first() is not None
