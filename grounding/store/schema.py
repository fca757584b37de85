"""The tables: what is kept of projects, items, the log of annotations, and jobs.

The log is append-only. `head_versions` (table `standing`) names the versions that nothing replaces, so that the current
state is read without replaying the log; it can be rebuilt from the log at any time. Large values (frame tables,
details) live beside the hot tables.
"""

from __future__ import annotations

from sqlalchemy import (
                        JSON,
                        BigInteger,
                        Boolean,
                        Column,
                        ForeignKey,
                        Index,
                        Integer,
                        LargeBinary,
                        MetaData,
                        String,
                        Table,
                        Text,
                        UniqueConstraint,
)

HEAD = "0001"  # the newest migration; a test holds it against the folder of migrations

metadata = MetaData()
_counter = BigInteger().with_variant(Integer, "sqlite")  # only INTEGER counts up by itself there
_sort_key = Text().with_variant(Text(collation="C"), "postgresql")  # both databases then sort by code point

projects = Table(
    "projects", metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("created", String(40), nullable=False),
    Column("trashed", Boolean, nullable=False, default=False),
    Column("next_label", Integer, nullable=False, default=1),
)

labels = Table(  # every label ever said in a project; `listed` ones are those in its list
    "labels", metadata,
    Column("project", ForeignKey("projects.id"), primary_key=True),
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("color", String(9), nullable=False),
    Column("position", Integer, nullable=False),
    Column("listed", Boolean, nullable=False),
    Index("labels_by_name", "project", "name"),
)

items = Table(
    "items", metadata,
    Column("id", String(32), primary_key=True),
    Column("project", ForeignKey("projects.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("sort_key", _sort_key, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("frame_count", Integer),
    Column("status", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("trashed", Boolean, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("ext", String(8), nullable=False),
    Index("items_in_order", "project", "trashed", "sort_key", "id"),
    Index("items_by_status", "project", "trashed", "status", "sort_key", "id"),
    Index("items_by_content", "project", "sha256"),
    Index("items_of_file", "sha256"),
)

details = Table(  # rarely read: what the file says about itself, and the frame table of a video
    "details", metadata,
    Column("item", ForeignKey("items.id"), primary_key=True),
    Column("meta", JSON, nullable=False),
    Column("pts", LargeBinary),
)

log = Table(
    "log", metadata,
    Column("seq", _counter, primary_key=True, autoincrement=True),
    Column("item", ForeignKey("items.id"), nullable=False),
    Column("id", String(64), nullable=False),
    Column("object", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("kind", String(8), nullable=False),
    Column("value", JSON(none_as_null=True)),  # NULL = deleted
    Column("label", Integer),  # the id of value["label"] in this project, so that renames reach the past
    Column("author", Text, nullable=False),
    Column("replaces", JSON, nullable=False),
    Column("at", String(40), nullable=False),
    UniqueConstraint("item", "id", name="one_version_once"),
    Index("log_by_revision", "item", "revision"),
    Index("log_by_object", "item", "object"),
)

head_versions = Table(
    "standing", metadata,
    Column("item", ForeignKey("items.id"), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("object", String(64), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("alive", Boolean, nullable=False),  # False = the newest version is a deletion
    Index("standing_by_object", "item", "object"),
)

edits = Table(  # one row a gesture: sending the same gesture twice finds it here
    "edits", metadata,
    Column("item", ForeignKey("items.id"), primary_key=True),
    Column("edit", String(64), primary_key=True),
    Column("revision", Integer, nullable=False),
)

jobs = Table(
    "jobs", metadata,
    Column("id", String(32), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("project", ForeignKey("projects.id")),
    Column("item", ForeignKey("items.id")),
    Column("owner", String(32), nullable=False),  # which running app works on it; see leases.py
    Column("state", String(16), nullable=False),
    Column("done", Integer, nullable=False),
    Column("total", Integer, nullable=False),
    Column("note", Text, nullable=False),
    Column("params", JSON, nullable=False),
    Column("result", JSON(none_as_null=True)),
    Column("error", Text),
    Column("created", String(40), nullable=False),
    Column("updated", String(40), nullable=False),
    Index("jobs_by_project", "project", "created"),
    Index("jobs_by_state", "state"),
)
