"""Projects and labels: names, numbers for good, trash."""

import pytest

from grounding.store import Label, NotFound


def ids(project):
    return {label.name: label.id for label in project.labels}


def test_labels_count_from_one_in_the_order_of_the_list(project):
    assert ids(project) == {"dog": 1, "cat": 2}


def test_a_label_keeps_its_number_through_a_rename_and_a_new_order(store, project):
    changed = store.set_labels(project.id, ["bird", {"id": 2, "name": "tiger"}, {"id": 1, "name": "dog"}])
    assert [(label.id, label.name) for label in changed.labels] == [(3, "bird"), (2, "tiger"), (1, "dog")]


def test_a_number_is_never_given_to_another_label(store, project):
    store.set_labels(project.id, ["dog"])
    assert ids(store.set_labels(project.id, ["dog", "bird"])) == {"dog": 1, "bird": 3}
    assert ids(store.set_labels(project.id, ["cat"])) == {"cat": 2}  # the same label again has its old number


def test_an_old_name_is_free_for_a_new_label(store, project):
    changed = store.set_labels(project.id, [{"id": 1, "name": "hound"}, "dog", "cat"])
    assert ids(changed) == {"hound": 1, "dog": 3, "cat": 2}


def test_two_labels_can_swap_their_names(store, project):
    changed = store.set_labels(project.id, [{"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}])
    assert ids(changed) == {"cat": 1, "dog": 2}


def test_boxes_follow_a_rename_in_the_present_and_in_the_past(store, project, item, box):
    store.append(item.id, [box(label="dog")], edit="1")
    store.set_labels(project.id, [{"id": 1, "name": "hound"}])
    assert [a.value.label for a in store.current(item.id) + store.history(item.id) + store.annotations_at(item.id, 1)] == ["hound"] * 3


def test_a_label_outside_the_list_gets_a_number_of_its_own_for_good(store, project, item, box):
    store.append(item.id, [box(label="heron")], edit="1")
    assert "heron" not in ids(store.project(project.id))
    assert [(x.id, x.name) for x in store.vocabulary(project.id)] == [(1, "dog"), (2, "cat"), (3, "heron")]
    assert ids(store.set_labels(project.id, ["dog", "cat", "owl", "heron"])) == {"dog": 1, "cat": 2, "owl": 4, "heron": 3}


@pytest.mark.parametrize("labels", [["a", "a"], [""], ["x" * 101], ["a\x00b"], [{"id": 1, "name": "a"}, {"id": 1, "name": "b"}],
                                    [{"name": "a", "color": "red; x"}]])
def test_a_wrong_list_is_refused_and_changes_nothing(store, project, labels):
    with pytest.raises(ValueError):
        store.set_labels(project.id, labels)
    assert store.project(project.id) == project


def test_an_unknown_number_is_refused(store, project):
    with pytest.raises(NotFound, match="no label number 99"):
        store.set_labels(project.id, [Label(99, "x", "#000000")])
    assert store.project(project.id) == project


def test_three_thousand_labels_are_a_list_too(store):
    project = store.create_project("Many", [f"label {i}" for i in range(3000)])
    assert [label.id for label in project.labels] == list(range(1, 3001))


def test_a_project_is_found_by_id_and_by_name(store, project):
    assert store.project(project.id) == store.project("Street") == project
    with pytest.raises(NotFound, match="no project 'Nowhere'"):
        store.project("Nowhere")


def test_two_projects_in_use_never_share_a_name(store, project):
    other = store.create_project("Other")
    for attempt in (lambda: store.create_project("Street"), lambda: store.rename_project(other.id, "Street")):
        with pytest.raises(ValueError, match="exists already"):
            attempt()
    assert store.rename_project(project.id, "Street").name == "Street"


def test_a_name_is_free_again_when_its_project_is_in_the_trash_and_both_can_live(store, project):
    store.trash_project(project.id)
    new = store.create_project("Street")
    assert store.project("Street").id == new.id
    assert store.restore_project(project.id).name == "Street (2)"
    assert {p.name for p in store.projects()} == {"Street", "Street (2)"}


def test_trash_hides_and_restore_shows(store, project):
    store.trash_project(project.id)
    assert store.projects() == [] and [p.id for p in store.projects(trashed=True)] == [project.id]
    store.restore_project(project.id)
    assert store.projects() == [project]


def test_purging_forgets_everything_but_the_files_others_need(store, project, tmp_path, box, item, add):
    for name in "ab":
        (tmp_path / name).write_text(name)
    mine, shared = store.add_file(tmp_path / "a", "jpg"), store.add_file(tmp_path / "b", "jpg")
    other = store.create_project("Other")
    first, second, kept = add("1", mine), add("2", shared), add("3", shared, other.id)
    store.append(item.id, [box()], edit="1")
    store.add_job("load", project.id)
    store.purge_project(project.id)
    assert [p.id for p in store.projects()] == [other.id] and store.jobs() == []
    assert not store.media_path(first).exists() and store.media_path(kept).read_text() == "b"
    with pytest.raises(NotFound):
        store.history(second.id)
