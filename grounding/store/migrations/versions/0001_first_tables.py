"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision, down_revision = "0001", None

ID, TIME = sa.String(32), sa.String(40)


def upgrade():
    _projects()
    _items()
    _log()
    _jobs()


def downgrade():
    for table in ("jobs", "edits", "standing", "log", "details", "items", "labels", "projects"):
        op.drop_table(table)


def _projects():
    op.create_table(
        "projects",
        sa.Column("id", ID, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("created", TIME, nullable=False),
        sa.Column("trashed", sa.Boolean, nullable=False),
        sa.Column("next_label", sa.Integer, nullable=False),
    )
    op.create_table(
        "labels",
        sa.Column("project", ID, sa.ForeignKey("projects.id"), primary_key=True),
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("color", sa.String(9), nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
        sa.Column("listed", sa.Boolean, nullable=False),
    )
    op.create_index("labels_by_name", "labels", ["project", "name"])


def _items():
    op.create_table(
        "items",
        sa.Column("id", ID, primary_key=True),
        sa.Column("project", ID, sa.ForeignKey("projects.id"), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("sort_key", sa.Text().with_variant(sa.Text(collation="C"), "postgresql"), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("width", sa.Integer, nullable=False),
        sa.Column("height", sa.Integer, nullable=False),
        sa.Column("frame_count", sa.Integer),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("trashed", sa.Boolean, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("ext", sa.String(8), nullable=False),
    )
    op.create_index("items_in_order", "items", ["project", "trashed", "sort_key", "id"])
    op.create_index("items_by_status", "items", ["project", "trashed", "status", "sort_key", "id"])
    op.create_index("items_by_content", "items", ["project", "sha256"])
    op.create_index("items_of_file", "items", ["sha256"])
    op.create_table(
        "details",
        sa.Column("item", ID, sa.ForeignKey("items.id"), primary_key=True),
        sa.Column("meta", sa.JSON, nullable=False),
        sa.Column("pts", sa.LargeBinary),
    )


def _log():
    op.create_table(
        "log",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("item", ID, sa.ForeignKey("items.id"), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("object", sa.String(64), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("value", sa.JSON),
        sa.Column("label", sa.Integer),
        sa.Column("author", sa.Text, nullable=False),
        sa.Column("replaces", sa.JSON, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.UniqueConstraint("item", "id", name="one_version_once"),
    )
    op.create_index("log_by_revision", "log", ["item", "revision"])
    op.create_index("log_by_object", "log", ["item", "object"])
    op.create_table(
        "standing",
        sa.Column("item", ID, sa.ForeignKey("items.id"), primary_key=True),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("object", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("alive", sa.Boolean, nullable=False),
    )
    op.create_index("standing_by_object", "standing", ["item", "object"])
    op.create_table(
        "edits",
        sa.Column("item", ID, sa.ForeignKey("items.id"), primary_key=True),
        sa.Column("edit", sa.String(64), primary_key=True),
        sa.Column("revision", sa.Integer, nullable=False),
    )


def _jobs():
    op.create_table(
        "jobs",
        sa.Column("id", ID, primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("project", ID, sa.ForeignKey("projects.id")),
        sa.Column("item", ID, sa.ForeignKey("items.id")),
        sa.Column("owner", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("params", sa.JSON, nullable=False),
        sa.Column("result", sa.JSON),
        sa.Column("error", sa.Text),
        sa.Column("created", TIME, nullable=False),
        sa.Column("updated", TIME, nullable=False),
    )
    op.create_index("jobs_by_project", "jobs", ["project", "created"])
    op.create_index("jobs_by_state", "jobs", ["state"])
