"""What people made of each template is counted, and one that is switched off is not proposed again in this project."""

from dataclasses import replace

import numpy as np
import pytest

import pseudo_query
from grounding.data import Boxes, Regions, Size
from grounding.tasks.label.templates import EXAMPLES, disabled_templates, set_enabled, template_of, template_stats, without_templates
from tests.annotated import annotation

AUTHOR = "model:pseudo-query@6"
BOXES = Regions(Boxes(np.array([[10, 40, 60, 120], [200, 40, 250, 120]], np.float32)), np.ones(2, np.float32), ("dog", "dog"))


@pytest.fixture
def street(new_store, tmp_path):
    """A store with one photo of two dogs, and six phrases about them."""
    store = new_store()
    project = store.create_project("Street", ["dog"])
    (tmp_path / "a.png").write_bytes(b"any")
    item = store.add_item(
        project.id, name="a.png", kind="photo", sha256=store.add_file(tmp_path / "a.png", "png"), ext="png", size=(320, 160)
    )
    boxes = [{"box": [10.0, 40.0, 60.0, 120.0], "label": "dog", "score": 0.9, "state": "proposed"},
             {"box": [200.0, 40.0, 250.0, 120.0], "label": "dog", "score": 0.8, "state": "proposed"}]
    said = [annotation(item.id, "box", value, AUTHOR, id=f"box{n}") for n, value in enumerate(boxes)]
    rules = ["place noun dog left", "place noun dog left", "noun place dog left", "noun place dog right", "noun dog", "what it does"]
    said += [annotation(item.id, "phrase", {
        "text": f"phrase {n}", "targets": [f"box{n % 2}"], "state": "proposed", "origin": "template", "rule": rule,
        "unique": True, "score": 0.9,
    }, AUTHOR, id=f"phrase{n}") for n, rule in enumerate(rules)]
    store.propose(item.id, AUTHOR, said)
    return store, project.id, item.id


def decide(store, item, object, **changes):
    now = next(a for a in store.current(item) if a.object == object)
    store.append(item, [now.edited(replace(now.value, **changes), "person:me")], edit=f"{object}-{len(changes)}")


def counts(store, project):
    return {one.name: (one.accepted, one.edited, one.rejected, one.waiting) for one in template_stats(store, project)}


def test_what_people_made_of_each_template_is_counted(street):
    store, project, item = street
    assert counts(store, project)["place noun"] == (0, 0, 0, 2)
    decide(store, item, "phrase0", state="accepted")
    decide(store, item, "phrase1", state="accepted", text="my words", origin="person")
    decide(store, item, "phrase2", state="rejected")
    found = counts(store, project)
    assert (found["place noun"], found["noun place"], found["noun"]) == ((1, 1, 0, 0), (0, 0, 1, 1), (0, 0, 0, 1))
    assert found["ordinal noun"] == (0, 0, 0, 0) and "nothing" not in found and "noun on-place" not in found
    assert next(one.seen for one in template_stats(store, project) if one.name == "place noun") == "phrase 0"


def test_a_phrase_that_went_with_its_box_is_not_held_against_its_template(street):
    store, project, item = street
    decide(store, item, "phrase2", state="rejected")
    decide(store, item, "box0", state="rejected")
    assert counts(store, project)["noun place"] == (0, 0, 0, 1)


def test_a_switch_stays_with_the_project_and_can_be_turned_back(street):
    store, project, _ = street
    other = store.create_project("Other", [])
    assert set_enabled(store, project, "place noun", enabled=False) == {"place noun"} == disabled_templates(store, project)
    assert disabled_templates(store, other.id) == frozenset()
    assert [one.name for one in template_stats(store, project) if one.off] == ["place noun"]
    assert set_enabled(store, project, "place noun", enabled=True) == disabled_templates(store, project) == frozenset()
    with pytest.raises(ValueError, match="there is no template 'blorp'"):
        set_enabled(store, project, "blorp", enabled=False)


def test_a_generator_leaves_out_what_is_off_and_is_itself_where_nothing_is():
    generate = pseudo_query.generate
    assert without_templates(generate, ()) is generate
    fewer = without_templates(generate, ["noun place", "plural"])
    said = {c.template for c in fewer(BOXES, Size(320, 160), None)}
    assert fewer.version == generate.version and said and not said & {"noun place", "plural"}
    assert {c.template for c in generate(BOXES, Size(320, 160))} & {"noun place", "plural"}


@pytest.mark.parametrize(("rule", "name"), [
    ("place noun dog left", "place noun"), ("noun place", "noun"),
    ("noun clothes relation man red bench", "noun clothes relation"), ("nouns", ""), ("", ""), (None, ""),
    ("what it does", ""),
])
def test_a_rule_begins_with_its_template(rule, name):
    assert template_of(rule) == name


def test_every_template_of_ours_has_an_example():
    from pseudo_query.templates import DEFAULT_TEMPLATES, NON_TEMPLATE_NAMES

    assert {template.name for template in DEFAULT_TEMPLATES} | set(NON_TEMPLATE_NAMES) == set(EXAMPLES)
