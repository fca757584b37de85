"""Facts: what is true of the things of a scene, as sets; so a phrase is judged by what it says, never by its words."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from pseudo_query.attributes import Attribute
from pseudo_query.beside import Pairs
from pseudo_query.lexicon import SEVERAL, english
from pseudo_query.phrases import Meaning
from pseudo_query.relations import NOWHERE, Place, places_among, rows_of
from pseudo_query.scenes import Scene, Thing
from pseudo_query.settings import DEFAULT, Settings


class Facts:
    """What is true of the things of one scene. A set of things is an int, bit i for `scene.things[i]`.

    Every question has two answers: of which things it may be said, and which it might fit.
    """

    def __init__(self, scene: Scene, settings: Settings = DEFAULT):
        self.scene, self.settings = scene, settings
        self.boxes = [thing.box for thing in scene.things]
        self.said = [tuple(said(thing.attributes, settings)) if thing.attributes else () for thing in scene.things]
        self._named: dict[str, Place] = {}
        self._wearing: dict[tuple[str, str], Place] = {}
        self._places: dict[int, dict[str, Place]] = {}
        self._near: dict[tuple, Place] = {}
        self._pointing: dict[Meaning, Place] = {}
        self.other_names: dict[tuple[str, str], tuple[list[str], dict[str, float]]] = {}  # likewise, how else a thing is called
        self.mentions: dict[int, tuple[Meaning, int]] = {}  # how others speak of a thing in passing; filled by meanings.py
        self.related: dict[int, list] = {}  # likewise, what a thing stands beside
        self._own: dict[int, dict[int, dict[str, int]]] = {}
        self._rows = rows_of(self.boxes)
        self._several = _bits(thing.concept.number == SEVERAL for thing in scene.things)
        self.only_unique = settings.ambiguous in ("drop", "extend")  # phrases that fit several are not wanted

    @cached_property
    def kinds(self) -> dict[tuple[str, str], tuple[Thing, int]]:
        """(label, concept) -> one thing that is called so, and all of them."""
        kinds: dict[tuple[str, str], tuple[Thing, int]] = {}
        for i, thing in enumerate(self.scene.things):
            key = thing.label, thing.concept.name
            first, bits = kinds.get(key, (thing, 0))
            kinds[key] = first, bits | 1 << i
        return kinds

    def named(self, noun: str) -> Place:
        """Things that are called so; a narrower word than the detector's fits, but is not said, nor is a word for one
        of several."""
        if noun not in self._named:
            says = fits = 0
            for thing, bits in self.kinds.values():
                sure = might = noun == thing.label
                if not sure and self.settings.exact_classes:
                    sure = might = noun.lower() == thing.label.lower()
                elif not sure:
                    sure, might = english().judged(noun, thing.concept)
                    sure = sure and (thing.concept.number != SEVERAL or english().find(noun).number == SEVERAL)
                says, fits = says | bits * sure, fits | bits * might
            self._named[noun] = Place(says, fits)
        return self._named[noun]

    @cached_property
    def looks(self) -> dict[str, Place]:
        """Attribute -> things that look so."""
        looks: dict[str, Place] = {}
        for i, thing in enumerate(self.scene.things):
            words = {attribute.word for attribute in self.said[i]}
            for attribute in thing.attributes:
                says, fits = looks.get(attribute.word, NOWHERE)
                bit = 1 << i
                looks[attribute.word] = Place(says | (bit if attribute.word in words else 0),
                                              fits | (bit if self._might(attribute) else 0))
        return looks

    def wearing(self, colour: str, cloth: str) -> Place:
        """Things that wear such a garment; "" for any colour, or any garment."""
        key = colour, cloth
        if key not in self._wearing:
            says = fits = 0
            for i, thing in enumerate(self.scene.things):
                for garment in thing.garments:
                    sure, might = self._matches(garment, colour, cloth)
                    says, fits = says | sure << i, fits | might << i
            self._wearing[key] = Place(says, fits)
        return self._wearing[key]

    def places(self, among: int) -> dict[str, Place]:
        """The places among a set of things: name -> Place."""
        if among not in self._places:
            found = places_among([self._rows[i] for i in members(among)], self.scene.size, self.settings)
            if among & self._several:
                # several cannot be counted as one
                found = {name: place for name, place in found.items() if " from the " not in name}
            self._places[among] = found
        return self._places[among]

    def own_places(self, among: int) -> dict[int, dict[str, int]]:
        """A thing, as a set of one -> that set for each place that it alone could be meant by, and without doubt; "" if it is alone."""
        if among not in self._own:
            own = self._own[among] = {among: {"": among}} if not among & (among - 1) else {}
            for name, (says, fits) in self.places(among).items():
                if says == fits and not fits & (fits - 1):
                    own.setdefault(fits, {})[name] = fits
        return self._own[among]

    @cached_property
    def pairs(self) -> Pairs:
        """What stands beside what."""
        return Pairs([thing.concept for thing in self.scene.things], np.array(self.boxes, float).reshape(-1, 4))

    def among(self, meaning: Meaning) -> Place:
        """The things that fit everything but the place."""
        says, fits = self.named(meaning.noun)
        for word in meaning.attributes:
            look = self.looks.get(word, NOWHERE)
            says, fits = says & look.says, fits & look.fits
        if meaning.wearing:
            worn = self.wearing(*meaning.wearing)
            says, fits = says & worn.says, fits & worn.fits
        if meaning.relation:
            beside = self._beside(*meaning.relation)
            says, fits = says & beside.says, fits & beside.fits
        return Place(says, fits)

    def pointing(self, meaning: Meaning) -> Place:
        """The things a phrase of this meaning is true of, and those it might be meant for."""
        if meaning not in self._pointing:
            among = self.among(meaning)
            if meaning.place:
                among = self.placed(among, self.places_for(meaning, among).get(meaning.place, NOWHERE))
            self._pointing[meaning] = among
        return self._pointing[meaning]

    def places_for(self, meaning: Meaning, among: Place) -> dict[str, Place]:
        """The places that count for a meaning: among all that fit it, or (paper) among all of its name."""
        return self.places(among.fits if self.settings.place_in_description else self.named(meaning.noun).fits)

    def placed(self, among: Place, place: Place) -> Place:
        """Those of a set that are at a place; a lone thing is wherever one says it is."""
        says, fits = among
        if self.settings.place_in_description and not fits & (fits - 1):
            return Place(says & place.says, fits)
        return Place(says & place.says, fits & place.fits)

    def _beside(self, name, other) -> Place:
        key = name, other
        if key not in self._near:
            target, sure, perhaps = self.pointing(other), self.pairs.holding(name, of=True), self.pairs.perhaps(name, of=True)
            says = fits = 0
            for b in members(target.fits):
                says, fits = says | (sure[b] if target.says >> b & 1 else 0), fits | perhaps[b]
            self._near[key] = Place(says, fits)
        return self._near[key]

    def _might(self, attribute: Attribute) -> bool:
        return attribute.confidence >= self.settings.may_attribute

    def _matches(self, garment, colour, cloth) -> tuple[bool, bool]:
        if self.settings.exact_classes:
            sure = might = not cloth or cloth == garment.name
        elif cloth and garment.name:
            concept = english().find(garment.name)
            sure, might = english().surely(cloth, concept), english().possibly(cloth, concept)
        else:
            sure, might = not cloth, True  # of an upper body of which only the colour is known
        if colour:
            sure = sure and any(a.word == colour for a in said(garment.attributes, self.settings))
            might = might and any(a.word == colour and self._might(a) for a in garment.attributes)
        return sure, might


def said(attributes, settings: Settings):
    """The attributes sure enough to be said, surest first: of each kind the one that leads the next by the margin."""
    best: dict[str, list[Attribute]] = {}
    for attribute in sorted(attributes, key=lambda a: -a.confidence):
        best.setdefault(attribute.kind, []).append(attribute)
    for first, *others in best.values():
        rival = others[0].confidence if others else 0.0
        if first.confidence > settings.say_attribute and first.confidence - rival >= settings.attribute_margin:
            yield first


def members(bits: int) -> list[int]:
    """The rows a set of bits stands for, rising."""
    if bits and not bits & (bits - 1):
        return [bits.bit_length() - 1]
    rows: list[int] = []
    while bits:
        low = bits & -bits
        rows.append(low.bit_length() - 1)
        bits ^= low
    return rows


def _bits(truths) -> int:
    total, bit = 0, 1
    for true in truths:
        if true:
            total |= bit
        bit += bit
    return total
