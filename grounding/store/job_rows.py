"""Long work as rows, so that a restart of the app remembers it."""

from __future__ import annotations

import sqlalchemy as sa

from grounding.data import new_id, now
from grounding.store.schema import jobs
from grounding.store.values import JobRow, NotFound


def add(connection, kind: str, project: str | None, item: str | None, owner: str, params: dict) -> JobRow:
    at = now()
    job = JobRow(new_id(), kind, project, item, owner, "queued", 0, 0, "", params, None, None, at, at)
    connection.execute(jobs.insert().values(vars(job)))
    return job


def find(connection, job_id: str) -> JobRow:
    row = connection.execute(jobs.select().where(jobs.c.id == job_id)).first()
    if row is None:
        raise NotFound(f"there is no job {job_id[:40]!r}; it may belong to another data folder")
    return JobRow(**row._mapping)


def change(connection, job_id: str, values: dict, if_states: tuple[str, ...] = ()) -> bool:
    """Whether the job was in one of the states `if_states` (any, if none is given) and is changed now."""
    chosen = jobs.update().where(jobs.c.id == job_id)
    if if_states:
        chosen = chosen.where(jobs.c.state.in_(if_states))
    return connection.execute(chosen.values(updated=now(), **values)).rowcount == 1


def recent(connection, project: str | None, limit: int | None) -> list[JobRow]:
    """The newest first, without their results, which can be long."""
    chosen = sa.select(*(column for column in jobs.c if column.name != "result"))
    chosen = chosen.order_by(jobs.c.created.desc(), jobs.c.id).limit(limit)
    if project is not None:
        chosen = chosen.where(jobs.c.project == project)
    return [JobRow(**row._mapping) for row in connection.execute(chosen)]


def in_state(connection, states: tuple[str, ...]) -> list[JobRow]:
    chosen = sa.select(jobs).where(jobs.c.state.in_(states)).order_by(jobs.c.created, jobs.c.id)
    return [JobRow(**row._mapping) for row in connection.execute(chosen)]
