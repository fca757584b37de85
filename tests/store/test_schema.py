"""The tables: migrations and the schema say the same; nothing large or special stands in the way."""

import io
import subprocess
import sys
from pathlib import Path

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

import grounding.store as package
from grounding.store.schema import HEAD, metadata

FOLDER = Path(package.__file__).parent


def test_the_migrations_make_exactly_the_tables_of_the_schema(store):
    with sa.create_engine(f"sqlite:///{store.folder / 'deixis.sqlite'}").connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_newest_migration_is_the_one_the_store_looks_for():
    config = Config()
    config.set_main_option("script_location", str(FOLDER / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_every_table_can_be_made_in_postgresql():
    text = io.StringIO()
    for table in metadata.sorted_tables:
        for statement in (CreateTable(table), *(CreateIndex(index) for index in table.indexes)):
            print(statement.compile(dialect=postgresql.dialect()), file=text)
    assert 'sort_key TEXT COLLATE "C"' in text.getvalue() and "BIGSERIAL" in text.getvalue()


def test_only_one_file_speaks_sqlite():
    speakers = [path.name for path in FOLDER.rglob("*.py") if "PRAGMA" in path.read_text() or "sqlite_insert" in path.read_text()]
    assert speakers == ["engine.py"]


def test_the_store_opens_without_alembic_or_any_network():
    heavy = "torch', 'gradio', 'cv2', 'spacy', 'fastapi', 'alembic"
    probe = f"import sys, grounding.store; print([m for m in ('{heavy}') if m in sys.modules])"
    answer = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_lists_of_items_are_read_from_an_index_and_never_sorted(store, project):
    def plan(query):
        with store._engine.connect() as connection:
            return " ".join(row[-1] for row in connection.exec_driver_sql("EXPLAIN QUERY PLAN " + query))
    page = "SELECT id FROM items WHERE project='p' AND trashed=0 AND (sort_key, id) > ('a', 'b') ORDER BY sort_key, id LIMIT 100"
    assert "items_in_order" in plan(page) and "TEMP B-TREE" not in plan(page)
    counts = "SELECT trashed, status, count(*) FROM items WHERE project='p' GROUP BY trashed, status"
    assert "COVERING INDEX items_by_status" in plan(counts) and "TEMP B-TREE" not in plan(counts)
