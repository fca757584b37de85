"""Several and none: phrases for all things of a name ("the dogs"), and for things that are not there."""

from __future__ import annotations

from pseudo_query.lexicon import english
from pseudo_query.meanings import usual_name
from pseudo_query.phrases import Candidate, Meaning
from pseudo_query.prompt import wrap
from pseudo_query.facts import Facts, members
from pseudo_query.wording import NUMBERS, determiner, plural


def about_all(facts: Facts, rng) -> list[Candidate]:
    """ "the dogs", "both dogs", "three people": for names of two things or more of which each is surely called so."""
    settings = facts.settings
    nouns: dict[str, float] = {}
    for thing, _ in facts.kinds.values() if settings.plurals else ():
        nouns.setdefault(usual_name(thing, settings), 1.0)
        for word in english().hypernyms(thing.concept) if settings.hypernyms else ():
            nouns.setdefault(word, 0.3)
    found: list[Candidate] = []
    for noun in sorted(nouns, key=lambda noun: rng.random() ** (1 / nouns[noun]), reverse=True):
        if len(found) == settings.plurals:
            break
        says, fits = facts.named(noun)
        if says == fits and says & (says - 1) and (several := plural(noun)):
            found += _all_of(noun, several, says, facts, rng)
    return found


def _all_of(noun, several, bits, facts, rng) -> list[Candidate]:
    rows, settings = members(bits), facts.settings
    ways = [("plural", several)]
    if settings.articles != "none":
        ways = [("plural", f"the {several}"), ("plural", f"both {several}" if len(rows) == 2 else f"all the {several}")]
    if len(rows) <= 6:
        ways.append(("number of", f"{NUMBERS[len(rows)]} {several}"))
    ways = [way for way in ways if way[0] not in settings.off]
    if not ways:
        return []
    name, text = rng.choice(ways)
    things = [facts.scene.things[i] for i in rows]
    return [Candidate(wrap(text, settings.prompt), tuple(thing.index for thing in things), False,
                      round(min(thing.score for thing in things), 4), (name, noun), None, Meaning(noun, many=True))]


def about_nothing(facts: Facts, rng) -> list[Candidate]:
    """Phrases true of nothing in the scene: a name nobody has, or a colour none of that name shows."""
    settings = facts.settings
    if not settings.negatives or "nothing" in settings.off:
        return []
    found: dict[str, Candidate] = {}
    for _ in range(settings.negatives * 4):
        if len(found) >= settings.negatives:
            break
        meaning = _other_colour(facts, rng) if rng.random() < 0.5 else None
        meaning = meaning or _absent(facts, rng)
        if meaning is None or facts.pointing(meaning).fits:
            continue
        text = " ".join((*meaning.attributes, meaning.noun))
        if settings.articles != "none":
            text = determiner(meaning.noun, text, settings.articles == "the") + text
        rules = ("nothing", meaning.noun, *meaning.attributes)
        found[text] = Candidate(wrap(text, settings.prompt), (), False, 0.5, rules, None, meaning)
    return list(found.values())


def _other_colour(facts, rng) -> Meaning | None:
    """A thing of the scene in a colour it surely has not; only where every thing of that name has a known colour."""
    coloured = [row for row, attributes in enumerate(facts.said) if any(a.kind == "colour" for a in attributes)]
    if not coloured:
        return None
    noun = usual_name(facts.scene.things[rng.choice(coloured)], facts.settings)
    if any(row not in coloured for row in members(facts.named(noun).fits)):
        return None
    shown = {a.word for row in members(facts.named(noun).fits) for a in facts.scene.things[row].attributes}
    others = [word for word in ("black", "white", "red", "yellow", "green", "blue", "brown") if word not in shown]
    return Meaning(noun, (rng.choice(others),)) if others else None


def _absent(facts, rng) -> Meaning | None:
    """A usual name that nothing here could have."""
    names = [name for name in english().uses.get("common", ()) if not facts.named(name).fits]
    return Meaning(rng.choice(names)) if names else None
