"""Names of things: what people call them, what they are a kind of, how they are counted."""

import pytest

from pseudo_query.lexicon import english_lexicon, indefinite_article, parse_lexicon
from pseudo_query.names import normalize_label
from pseudo_query.wording import plural

COCO = """person bicycle car motorcycle airplane bus train truck boat traffic_light fire_hydrant stop_sign parking_meter bench bird cat dog
horse sheep cow elephant bear zebra giraffe backpack umbrella handbag tie suitcase frisbee skis snowboard sports_ball kite baseball_bat
baseball_glove skateboard surfboard tennis_racket bottle wine_glass cup fork knife spoon bowl banana apple sandwich orange broccoli carrot
hot_dog pizza donut cake chair couch potted_plant bed dining_table toilet tv laptop mouse remote keyboard cell_phone microwave oven toaster
sink refrigerator book clock vase scissors teddy_bear hair_drier toothbrush""".split()


def test_the_lexicon_knows_all_80_classes_of_coco():
    assert len(COCO) == 80
    for name in COCO:
        concept = english_lexicon().find(name)
        assert (
            concept.name == normalize_label(name)
            and concept.name in english_lexicon().concepts
            and concept.parents
            or concept.name in ("person",)
        )
        assert english_lexicon().certainly_named(concept.name, concept) and concept.group in ("people", "animals", "clothes", "things")


def test_every_kind_leads_up_to_a_concept_that_exists_and_never_back_to_itself():
    for concept in english_lexicon().concepts.values():
        assert all(parent in english_lexicon().concepts for parent in concept.parents), concept.name
        assert concept.name not in english_lexicon().ancestors(concept)


def test_every_use_names_concepts_that_exist():
    groups = {concept.group for concept in english_lexicon().concepts.values()}
    for use, names in english_lexicon().uses.items():
        assert names and all(name in english_lexicon().concepts or name in groups for name in names), use


def test_wider_words_are_sure_and_narrower_ones_possible():
    dog, person = english_lexicon().find("dog"), english_lexicon().find("person")
    assert english_lexicon().certainly_named("animal", dog) and english_lexicon().certainly_named("dogs", dog)
    assert not english_lexicon().possibly_named("cat", dog)
    assert english_lexicon().possibly_named("puppy", dog) and not english_lexicon().certainly_named("puppy", dog)
    assert english_lexicon().possibly_named("woman", person) and english_lexicon().possibly_named("ladies", person)
    assert not english_lexicon().certainly_named("woman", person)
    assert english_lexicon().hypernyms(english_lexicon().find("dining table")) == ("table",)  # nobody says "furniture", nobody says "thing"


@pytest.mark.parametrize("label, head, group", [
    ("old fire truck", "truck", "things"), ("Street_Lamps", "lamp", "things"), ("glass of wine", "glass", "things"),
    ("policewoman", None, "things"), ("golden retriever dog", "dog", "animals"), ("grobnik", None, "things"),
    ("red winter jackets", "jacket", "clothes"),
])
def test_an_unknown_class_takes_after_its_head_noun(label, head, group):
    concept = english_lexicon().find(label)
    assert concept.name == normalize_label(label) and concept.group == group
    assert head in english_lexicon().ancestors(concept) if head else concept.parents == ()


@pytest.mark.parametrize("label", ["", "  ", "17", "__", "?!"])
def test_a_class_without_a_letter_has_no_concept(label):
    assert english_lexicon().find(label) is None


@pytest.mark.parametrize("one, many", [
    ("child", "children"), ("person", "people"), ("sheep", "sheep"), ("bus", "buses"), ("knife", "knives"),
    ("wine glass", "wine glasses"), ("policeman", "policemen"), ("grobnik", "grobniks"), ("berry", "berries"),
    ("slice of bread", "slices of bread"), ("red fox", "red foxes"), ("broccoli", None),
    ("scissors", "pairs of scissors"),
])
def test_plurals(one, many):
    assert plural(one) == many


@pytest.mark.parametrize("text, word", [
    ("apple", "an"), ("dog", "a"), ("unicycle", "a"), ("umbrella", "an"), ("hour glass", "an"), ("suv", "an"),
    ("", "a"),
])
def test_articles(text, word):
    assert indefinite_article(text) == word


def test_a_lexicon_is_read_from_lines():
    found = parse_lexicon("# note\n[animals]\nox|oxen|*bull; steer|beast\nbeast\n\n@pull = ox")
    ox = found.find("ox")
    assert (ox.names, ox.plural, ox.recognized_names, ox.group) == (("bull", "ox"), "oxen", ("steer",), "animals")
    assert found.has_use("pull", ox) and not found.has_use("pull", found.find("beast")) and found.has_use("animals", ox)
    assert plural("box of matches") == "boxes of matches"
