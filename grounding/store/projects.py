"""Projects and their labels, as rows."""

from __future__ import annotations

import re
from collections import Counter

import sqlalchemy as sa

from grounding.data import new_id, now
from grounding.store.naming import display_name
from grounding.store.schema import labels, projects
from grounding.store.values import Label, NotFound, Project

# Okabe and Ito's colours, told apart by colour-blind eyes too, then mixes of them; neighbours are far apart.
LABEL_COLORS = ("#e69f00", "#56b4e9", "#009e73", "#d55e00", "#4a7dff", "#cc79a7", "#a3d977", "#9b6dff",
           "#00b8c4", "#ff8fab", "#f0e442", "#c2a878", "#8fd3ff", "#ff6f61", "#7fbf9f", "#d9b3ff")
MAX_LABEL_LENGTH = 100


def create(connection, name: str, label_specs) -> Project:
    name = _check_free_name(connection, name)
    row = {"id": new_id(), "name": name, "created": now(), "trashed": False, "next_label": 1}
    connection.execute(projects.insert().values(row))
    return set_labels(connection, row["id"], label_specs)


def find(connection, key: str) -> Project:
    """By id, or by name: a project in use before one in the trash."""
    by_key = projects.select().where(sa.or_(projects.c.id == key, projects.c.name == key))
    row = connection.execute(by_key.order_by(projects.c.id != key, projects.c.trashed).limit(1)).first()
    if row is None:
        raise NotFound(f"there is no project {key!r}; create it first or choose one of the list")
    return _project(row, listed_labels(connection, row.id))


def list_projects(connection, trashed: bool) -> list[Project]:
    rows = connection.execute(projects.select().where(projects.c.trashed == trashed).order_by(projects.c.created, projects.c.id))
    return [_project(row, listed_labels(connection, row.id)) for row in rows.all()]


def rename(connection, project_id: str, name: str) -> Project:
    find(connection, project_id)
    _update_project(connection, project_id, name=_check_free_name(connection, name, except_id=project_id))
    return find(connection, project_id)


def trash(connection, project_id: str) -> None:
    find(connection, project_id)
    _update_project(connection, project_id, trashed=True)


def restore(connection, project_id: str) -> Project:
    """Back in use; under "NAME (2)" if another project took the name meanwhile."""
    project = find(connection, project_id)
    name, number = project.name, 1
    while _name_in_use(connection, name, project.id):
        number += 1
        name = f"{project.name} ({number})"
    _update_project(connection, project.id, trashed=False, name=name)
    return find(connection, project.id)


def listed_labels(connection, project_id: str) -> tuple[Label, ...]:
    """The labels of the list, in its order."""
    chosen = labels.select().where(labels.c.project == project_id, labels.c.listed)
    return tuple(Label(row.id, row.name, row.color) for row in connection.execute(chosen.order_by(labels.c.position)))


def vocabulary(connection, project_id: str) -> tuple[Label, ...]:
    """Every label ever said in the project, those of its list first; one per name."""
    rows = connection.execute(labels.select().where(labels.c.project == project_id)
                              .order_by(labels.c.listed.desc(), labels.c.position, labels.c.id))
    by_name = {}
    for row in rows:
        by_name.setdefault(row.name, Label(row.id, row.name, row.color))
    return tuple(by_name.values())


def set_labels(connection, project_id: str, label_specs) -> Project:
    """Makes the list this one. A label is known by its id, else by its name, else it is new and gets a fresh id."""
    find(connection, project_id)
    label_specs = [_parse_label(label) for label in label_specs]
    _check_unique_labels(label_specs)
    connection.execute(labels.update().where(labels.c.project == project_id).values(listed=False))
    colors = dict(connection.execute(sa.select(labels.c.id, labels.c.color).where(labels.c.project == project_id)).tuples().all())
    unknown = [id for id, *_ in label_specs if id is not None and id not in colors]
    if unknown:
        raise NotFound(f"this project has no label number {unknown[0]}; leave the number out to add a label")
    # renames first: the old name is then free for a new label
    _update(connection, project_id, [{"of": id, "name": name} for id, name, _ in label_specs if id is not None])
    ids = label_ids(connection, project_id, [name for id, name, _ in label_specs if id is None])
    label_specs = [(id or ids[name], color) for id, name, color in label_specs]
    _update(connection, project_id, [{"of": id, "position": position, "listed": True, "color": color or colors.get(id) or _color(id)}
                                     for position, (id, color) in enumerate(label_specs)])
    return find(connection, project_id)


def label_ids(connection, project_id: str, names) -> dict[str, int]:
    """The id of each label name; a name said for the first time gets the next free number, outside the list."""
    names = list(dict.fromkeys(names))
    found = _find_label_ids(connection, project_id, names)
    missing = [name for name in names if name not in found]
    if not missing:
        return found
    first = connection.scalar(sa.select(projects.c.next_label).where(projects.c.id == project_id).with_for_update())
    found |= _find_label_ids(connection, project_id, missing)  # again, now that nobody else can add one
    missing = [name for name in missing if name not in found]
    new_ids = {name: first + index for index, name in enumerate(missing)}
    _update_project(connection, project_id, next_label=first + len(new_ids))
    connection.execute(labels.insert(), [{"project": project_id, "id": id, "name": name, "position": id, "listed": False,
                                          "color": _color(id)} for name, id in new_ids.items()])
    return found | new_ids


def _find_label_ids(connection, project_id: str, names: list[str]) -> dict[str, int]:
    found = {}
    for start in range(0, len(names), 500):
        chosen = labels.select().where(labels.c.project == project_id, labels.c.name.in_(names[start:start + 500]))
        for row in connection.execute(chosen.order_by(labels.c.listed, labels.c.id.desc())):
            found[row.name] = row.id
    return found


def _parse_label(label) -> tuple[int | None, str, str | None]:
    """(id or None, name, colour or None) of a Label, a dict or a plain name."""
    if isinstance(label, str):
        label = {"name": label}
    elif isinstance(label, Label):
        label = {"id": label.id, "name": label.name, "color": label.color}
    name, color = str(label["name"]).strip(), label.get("color")
    if not name or len(name) > MAX_LABEL_LENGTH or not name.isprintable():
        raise ValueError(f"a label is 1 to {MAX_LABEL_LENGTH} printable characters; got {name[:MAX_LABEL_LENGTH]!r}")
    if color and not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
        raise ValueError(f"a colour is written like #2f7de1; got {color[:20]!r}")
    return label.get("id"), name, color


def _check_unique_labels(label_specs) -> None:
    for what, values in (("named", [name for _, name, _ in label_specs]), ("number", [id for id, *_ in label_specs if id is not None])):
        duplicates = [value for value, count in Counter(values).items() if count > 1]
        if duplicates:
            raise ValueError(f"the list has two labels {what} {duplicates[0]!r}; keep one of them")


def _update(connection, project_id: str, rows: list[dict]) -> None:
    """Changes labels, each named by the key `of`."""
    if rows:
        one = labels.update().where(labels.c.project == project_id, labels.c.id == sa.bindparam("of"))
        connection.execute(one.values({name: sa.bindparam(name) for name in rows[0] if name != "of"}), rows)


def _color(id: int) -> str:
    return LABEL_COLORS[(id - 1) % len(LABEL_COLORS)]


def _check_free_name(connection, name: str, except_id: str | None = None) -> str:
    if not name.strip():
        raise ValueError("a project needs a name; type one or more letters")
    name = display_name(name)[:200]
    if _name_in_use(connection, name, except_id):
        raise ValueError(f"a project named {name!r} exists already; choose another name")
    return name


def _name_in_use(connection, name: str, except_id: str | None) -> bool:
    same = sa.select(projects.c.id).where(projects.c.name == name, sa.not_(projects.c.trashed), projects.c.id != (except_id or ""))
    return connection.execute(same).first() is not None


def _update_project(connection, project_id: str, **values) -> None:
    connection.execute(projects.update().where(projects.c.id == project_id).values(values))


def _project(row, labels_of) -> Project:
    return Project(row.id, row.name, labels_of, row.created, row.trashed)
