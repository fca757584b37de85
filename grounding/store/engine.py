"""The door to the database: where it is, how it is opened and brought up to date. All that is special to SQLite is here."""

from __future__ import annotations

import contextlib
import json
import threading
from pathlib import Path

import sqlalchemy as sa
from pydantic_core import from_json

from grounding.store.schema import HEAD

BUSY_MS = 30_000


def file_url(path: Path) -> sa.URL:
    """A SQLite file, whatever characters its path has."""
    return sa.URL.create("sqlite", database=str(path))


def open_engine(url: str | sa.URL) -> sa.Engine:
    """An engine whose database has the newest tables."""
    url = sa.make_url(url)
    settings = {"json_serializer": _to_json, "json_deserializer": from_json}  # thousands of small values an item: speed counts
    if url.get_backend_name() == "sqlite":
        settings |= {"connect_args": {"timeout": BUSY_MS / 1000, "check_same_thread": False}}
    engine = sa.create_engine(url, pool_size=16, max_overflow=48, **settings)
    if engine.dialect.name == "sqlite":
        _teach_sqlite(engine)
    migrate(engine)
    return engine


def write_lock(engine: sa.Engine):
    """SQLite has one writer; our threads queue for it here instead of polling the file."""
    return threading.Lock() if engine.dialect.name == "sqlite" else contextlib.nullcontext()


def migrate(engine: sa.Engine) -> None:
    """Runs the missing migrations; Alembic is imported only when there is one."""
    if _revision(engine) == HEAD:
        return
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(engine: sa.Engine) -> str | None:
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


def _teach_sqlite(engine: sa.Engine) -> None:
    """Write-ahead log, safe against a power cut once an edit is answered; writers take their turn from BEGIN on."""

    @sa.event.listens_for(engine, "connect")
    def prepare(raw, _record):
        raw.isolation_level = None  # we say BEGIN ourselves
        for pragma in (f"busy_timeout={BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            raw.execute(f"PRAGMA {pragma}").close()

    @sa.event.listens_for(engine, "begin")
    def begin(connection):
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _to_json(value) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
