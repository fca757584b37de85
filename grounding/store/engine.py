"""Engine: how the database is opened, brought up to date, copied and closed. The statements that only SQLite knows are here."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from pydantic_core import from_json

from grounding.machine.errors import MachineError
from grounding.store.database_errors import recovery_hint, server_error, sqlite_error
from grounding.store.schema import HEAD

BUSY_MS = 15_000  # a request waits as long for another program; the page gives up after 30 s


def file_url(path: Path) -> sa.URL:
    """A SQLite file, whatever characters its path has."""
    return sa.URL.create("sqlite", database=str(path))


def open_engine(url: str | sa.URL) -> sa.Engine:
    """An engine whose database has the newest tables. What the machine refuses is a MachineError, here and in every
    later call."""
    url = _parse_url(url)
    settings = {"json_serializer": _to_json, "json_deserializer": from_json}  # thousands of small values an item: speed counts
    if url.get_backend_name() == "sqlite":
        settings |= {"connect_args": {"timeout": BUSY_MS / 1000, "check_same_thread": False}}
    try:
        engine = sa.create_engine(url, pool_size=16, max_overflow=48, **settings)
    except (ImportError, sa.exc.NoSuchModuleError) as error:
        raise MachineError(
            f"the driver of {url.drivername} is missing ({error}); install it (requirements-scale.txt) or change "
            "DEIXIS_DATABASE_URL"
        ) from error
    if engine.dialect.name == "sqlite":
        _configure_sqlite(engine)
    _register_error_handler(engine)
    migrate(engine)
    return engine


def close_engine(engine: sa.Engine) -> None:
    """Closes the connections; of SQLite the write-ahead log is merged, so that the one file holds everything."""
    if engine.dialect.name == "sqlite":
        with (
            contextlib.suppress(MachineError),
            engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        ):
            connection.exec_driver_sql("PRAGMA busy_timeout=1000")
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


@dataclass(frozen=True)
class DatabaseContents:
    """What a database of Deixis holds."""

    projects: int
    items: int
    edits: int


def copy_database(source: Path, target: Path) -> None:
    """Copies a SQLite database of Deixis, with what only its log holds, to a file, and checks the copy from end to end.

    Writers of `source` go on meanwhile. Raises MachineError where it is damaged or none of ours.
    """
    with _connect_sqlite(source) as old, _connect_sqlite(target) as new, _translate_errors(source):
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE").close()  # one file, whatever happens to it next
        problem = new.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if problem != "ok":
        raise MachineError(f"the database {source} is damaged ({problem.splitlines()[-1]}); {recovery_hint(source)}")
    count_contents(target, source)


def count_contents(path: Path, display_path: Path | None = None) -> DatabaseContents:
    """Counts what a database file holds. Raises MachineError where it is none of ours or of a newer version; the
    message names the file `display_path`, of which `path` is a copy."""
    display_path, engine = display_path or path, sa.create_engine(file_url(path), poolclass=sa.NullPool)
    with _translate_errors(display_path), contextlib.closing(engine.connect()) as connection:
        revision = _revision(engine)
        _check_schema_known(engine, revision, display_path, "choose another file")
        if revision is None:
            raise MachineError(f"{display_path} holds no data of Deixis; choose another file")
        return DatabaseContents(
            *(connection.scalar(sa.text(f"SELECT count(*) FROM {table}")) for table in ("projects", "items", "edits"))
        )


def has_exclusive_access(path: Path) -> bool:
    """Whether no other program works with this SQLite file; one that is too damaged to tell is nobody's."""
    with contextlib.suppress(sqlite3.DatabaseError), _connect_sqlite(path) as connection:
        try:
            connection.execute("PRAGMA locking_mode=EXCLUSIVE").close()
            connection.execute("BEGIN EXCLUSIVE").close()
        except sqlite3.OperationalError as error:
            return (error.sqlite_errorcode & 0xFF) not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
    return True


@contextlib.contextmanager
def _connect_sqlite(path: Path):
    with contextlib.closing(sqlite3.connect(path, timeout=1, isolation_level=None)) as connection:
        yield connection


@contextlib.contextmanager
def _translate_errors(path: Path):
    try:
        yield
    except (sqlite3.Error, sa.exc.DBAPIError) as error:
        refusal = sqlite_error(getattr(error, "orig", error), path)
        if refusal is None:
            raise
        raise refusal from error


def write_lock(engine: sa.Engine):
    """SQLite has one writer; our threads queue for it here instead of polling the file."""
    return threading.Lock() if engine.dialect.name == "sqlite" else contextlib.nullcontext()


def migrate(engine: sa.Engine) -> None:
    """Runs the missing migrations; Alembic is imported only when there is one. A database that is not ours, or of later
    tables, is refused."""
    revision = _revision(engine)
    if revision == HEAD:
        return
    _check_schema_known(engine, revision, engine.url.database, "choose another data folder with DEIXIS_DATA")
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")).replace("%", "%%"))
    with engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _revision(engine: sa.Engine) -> str | None:
    """Which migration the tables have; None where there are none of ours."""
    with engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))


def _check_schema_known(engine: sa.Engine, revision: str | None, name: Path | str | None, cure: str) -> None:
    """Raises MachineError, which names the database and the cure, where the tables are another program's or too new."""
    versions = Path(__file__).with_name("migrations") / "versions"
    if revision is not None and not any(versions.glob(f"{revision}_*.py")):
        raise MachineError(
            f"the database {name} was written by a newer version of Deixis (tables {revision}, this one knows {HEAD}); "
            f"update Deixis, or {cure}"
        )
    tables = set(sa.inspect(engine).get_table_names())
    if revision is None and tables:
        raise MachineError(
            f"the database {name} holds tables of another program ({', '.join(sorted(tables)[:3])}); {cure}"
        )


def _configure_sqlite(engine: sa.Engine) -> None:
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


def _register_error_handler(engine: sa.Engine) -> None:
    """What the machine refuses becomes one sentence, wherever the database is asked."""
    @sa.event.listens_for(engine, "handle_error")
    def explain(context):
        error = context.original_exception
        refusal = (
            sqlite_error(error, Path(engine.url.database or ""))
            if engine.dialect.name == "sqlite"
            else server_error(engine, context)
        )
        if refusal is not None:
            raise refusal from error


def _parse_url(url: str | sa.URL) -> sa.URL:
    try:
        return sa.make_url(url)
    except sa.exc.ArgumentError:
        raise MachineError(
            "DEIXIS_DATABASE_URL is no address of a database; write it like postgresql+psycopg://name@host/database, "
            "or unset it"
        ) from None


def _to_json(value) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
