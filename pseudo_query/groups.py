"""Several and none: phrases for all things of a name ("the dogs"), and for things that are not there."""

from __future__ import annotations

from pseudo_query.facts import Facts, bit_indices
from pseudo_query.lexicon import english_lexicon
from pseudo_query.meanings import default_noun
from pseudo_query.phrases import Meaning, PseudoQuery
from pseudo_query.prompt import apply_prompt
from pseudo_query.wording import NUMBER_WORDS, determiner, plural


def generate_plurals(facts: Facts, rng) -> list[PseudoQuery]:
    """ "the dogs", "both dogs", "three people": for names of two things or more of which each is surely called so."""
    settings = facts.settings
    nouns: dict[str, float] = {}
    for obj, _ in facts.objects_by_class.values() if settings.max_plurals else ():
        nouns.setdefault(default_noun(obj, settings), 1.0)
        for word in english_lexicon().hypernyms(obj.concept) if settings.hypernyms else ():
            nouns.setdefault(word, 0.3)
    found: list[PseudoQuery] = []
    for noun in sorted(nouns, key=lambda noun: rng.random() ** (1 / nouns[noun]), reverse=True):
        if len(found) == settings.max_plurals:
            break
        certain, possible = facts.match_noun(noun)
        if certain == possible and certain & (certain - 1) and (several := plural(noun)):
            found += _plural_queries(noun, several, certain, facts, rng)
    return found


def _plural_queries(noun, several, bits, facts, rng) -> list[PseudoQuery]:
    rows, settings = bit_indices(bits), facts.settings
    options = [("plural", several)]
    if settings.articles != "none":
        options = [("plural", f"the {several}"), ("plural", f"both {several}" if len(rows) == 2 else f"all the {several}")]
    if len(rows) <= 6:
        options.append(("number of", f"{NUMBER_WORDS[len(rows)]} {several}"))
    options = [option for option in options if option[0] not in settings.disabled_templates]
    if not options:
        return []
    name, text = rng.choice(options)
    objects = [facts.scene.objects[i] for i in rows]
    return [PseudoQuery(apply_prompt(text, settings.prompt), tuple(obj.region_index for obj in objects), False,
                      round(min(obj.score for obj in objects), 4), (name, noun), None, Meaning(noun, plural=True))]


def generate_negatives(facts: Facts, rng) -> list[PseudoQuery]:
    """Phrases true of nothing in the scene: a name nobody has, or a colour none of that name shows."""
    settings = facts.settings
    if not settings.max_negatives or "nothing" in settings.disabled_templates:
        return []
    found: dict[str, PseudoQuery] = {}
    for _ in range(settings.max_negatives * 4):
        if len(found) >= settings.max_negatives:
            break
        meaning = _absent_colour(facts, rng) if rng.random() < 0.5 else None
        meaning = meaning or _absent_noun(facts, rng)
        if meaning is None or facts.referents(meaning).possible:
            continue
        text = " ".join((*meaning.attributes, meaning.noun))
        if settings.articles != "none":
            text = determiner(meaning.noun, text, settings.articles == "the") + text
        rules = ("nothing", meaning.noun, *meaning.attributes)
        found[text] = PseudoQuery(apply_prompt(text, settings.prompt), (), False, 0.5, rules, None, meaning)
    return list(found.values())


def _absent_colour(facts, rng) -> Meaning | None:
    """A thing of the scene in a colour it surely has not; only where every thing of that name has a known colour."""
    coloured = [row for row, attributes in enumerate(facts.certain_attributes) if any(a.kind == "colour" for a in attributes)]
    if not coloured:
        return None
    noun = default_noun(facts.scene.objects[rng.choice(coloured)], facts.settings)
    if any(row not in coloured for row in bit_indices(facts.match_noun(noun).possible)):
        return None
    shown = {a.word for row in bit_indices(facts.match_noun(noun).possible) for a in facts.scene.objects[row].attributes}
    others = [word for word in ("black", "white", "red", "yellow", "green", "blue", "brown") if word not in shown]
    return Meaning(noun, (rng.choice(others),)) if others else None


def _absent_noun(facts, rng) -> Meaning | None:
    """A usual name that nothing here could have."""
    names = [name for name in english_lexicon().uses.get("common", ()) if not facts.match_noun(name).possible]
    return Meaning(rng.choice(names)) if names else None
