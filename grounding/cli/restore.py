"""Shell, restore: brings back a backup of the database."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from grounding.cli.choice import JsonOption
from grounding.cli.terminal import print_result, reporting_errors


def restore(
    name: Annotated[
        str, typer.Argument(help="A backup of the list, or the file of a copy; the newest backup by default.")
    ] = "",
    listed: Annotated[bool, typer.Option("--list", help="Show the backups and change nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Bring back a backup of the database: projects, labels, boxes, phrases and tracks. Photos and weights are left as
    they are.

    Deixis makes backups by itself while it runs, in backups/ of the data folder: the newest three, and the last of each
    of seven days. The present database is kept beside it under another name, which can be brought back in the same way.

    \b
    python -m grounding restore --list
    python -m grounding restore
    python -m grounding restore deixis-20261128-073245.sqlite
    """
    with reporting_errors(as_json):
        from grounding.store.files import default_folder

        if os.environ.get("DEIXIS_DATABASE_URL"):
            raise ValueError(
                "DEIXIS_DATABASE_URL names another database than the file of the data folder; restore it with its own "
                "tools (of PostgreSQL: pg_restore)"
            )
        folder = default_folder().expanduser().absolute()
        _list(folder, as_json) if listed else _restore(folder, name, as_json)


def _list(folder: Path, as_json: bool) -> None:
    from grounding.store import backups

    rows = [
        {"name": backup.name, "made": backup.created.isoformat(), "bytes": backup.path.stat().st_size}
        for backup in backups.list_backups(folder)
    ]
    print_result(rows, as_json, [_line(row) for row in rows] or [f"no backup yet in {folder / backups.BACKUP_FOLDER}"])


def _restore(folder: Path, name: str, as_json: bool) -> None:
    from grounding.store import backups

    done = backups.restore(folder, name)
    value = {"restored": str(done.source), "aside": str(done.replaced) if done.replaced else None, **vars(done.contents)}
    lines = [f"{done.source.name} is back: {_count_line(done.contents)}"]
    if done.replaced:
        undo = f"python -m grounding restore {done.replaced.name}"
        lines.append(f"the database that was there is kept as {done.replaced}; to undo this: {undo}")
    print_result(value, as_json, lines)


def _line(row: dict) -> str:
    return f"{row['name']}  {row['made'][:16].replace('T', ' ')} UTC  {row['bytes'] / 1e6:8.1f} MB"


def _count_line(holds) -> str:
    return ", ".join(
        f"{count:,} {name.removesuffix('s') if count == 1 else name}" for name, count in vars(holds).items()
    )
