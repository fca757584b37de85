"""Facts: what is true of the things of a scene, as sets; so a phrase is judged by what it says, never by its words."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from pseudo_query.attributes import Attribute
from pseudo_query.beside import BoxPairs
from pseudo_query.lexicon import PLURAL, english_lexicon
from pseudo_query.phrases import Meaning
from pseudo_query.relations import NO_OBJECTS, Extension, box_geometries, locations_among
from pseudo_query.scenes import Scene, SceneObject
from pseudo_query.settings import DEFAULT, Settings


class Facts:
    """What is true of the things of one scene. A set of things is an int, bit i for `scene.objects[i]`.

    Every question has two answers: of which things it may be said, and which it might fit.
    """

    def __init__(self, scene: Scene, settings: Settings = DEFAULT):
        self.scene, self.settings = scene, settings
        self.boxes = [obj.box for obj in scene.objects]
        self.certain_attributes = [tuple(select_attributes(obj.attributes, settings)) if obj.attributes else () for obj in scene.objects]
        self._noun_cache: dict[str, Extension] = {}
        self._garment_cache: dict[tuple[str, str], Extension] = {}
        self._location_cache: dict[int, dict[str, Extension]] = {}
        self._relation_cache: dict[tuple, Extension] = {}
        self._referent_cache: dict[Meaning, Extension] = {}
        self.other_names: dict[tuple[str, str], tuple[list[str], dict[str, float]]] = {}  # likewise, how else a thing is called
        self.mentions_by_row: dict[int, tuple[Meaning, int]] = {}  # how others speak of a thing in passing; filled by meanings.py
        self.relations_by_row: dict[int, list] = {}  # likewise, what a thing stands beside
        self._unique_location_cache: dict[int, dict[int, dict[str, int]]] = {}
        self._geometries = box_geometries(self.boxes)
        self._plural_objects = _pack_bits(obj.concept.number == PLURAL for obj in scene.objects)
        self.only_unique = settings.ambiguous in ("drop", "extend")  # phrases that fit several are not wanted

    @cached_property
    def objects_by_class(self) -> dict[tuple[str, str], tuple[SceneObject, int]]:
        """(label, concept) -> one thing that is called so, and all of them."""
        kinds: dict[tuple[str, str], tuple[SceneObject, int]] = {}
        for i, obj in enumerate(self.scene.objects):
            key = obj.label, obj.concept.name
            first, bits = kinds.get(key, (obj, 0))
            kinds[key] = first, bits | 1 << i
        return kinds

    def match_noun(self, noun: str) -> Extension:
        """Things that are called so; a narrower word than the detector's fits, but is not said, nor is a word for one
        of several."""
        if noun not in self._noun_cache:
            certain = possible = 0
            for obj, bits in self.objects_by_class.values():
                sure = might = noun == obj.label
                if not sure and self.settings.exact_classes:
                    sure = might = noun.lower() == obj.label.lower()
                elif not sure:
                    sure, might = english_lexicon().judge_name(noun, obj.concept)
                    sure = sure and (obj.concept.number != PLURAL or english_lexicon().find(noun).number == PLURAL)
                certain, possible = certain | bits * sure, possible | bits * might
            self._noun_cache[noun] = Extension(certain, possible)
        return self._noun_cache[noun]

    @cached_property
    def objects_by_attribute(self) -> dict[str, Extension]:
        """Attribute -> things that look so."""
        looks: dict[str, Extension] = {}
        for i, obj in enumerate(self.scene.objects):
            words = {attribute.word for attribute in self.certain_attributes[i]}
            for attribute in obj.attributes:
                certain, possible = looks.get(attribute.word, NO_OBJECTS)
                bit = 1 << i
                looks[attribute.word] = Extension(certain | (bit if attribute.word in words else 0),
                                              possible | (bit if self._is_possible(attribute) else 0))
        return looks

    def match_garment(self, colour: str, garment_name: str) -> Extension:
        """Things that wear such a garment; "" for any colour, or any garment."""
        key = colour, garment_name
        if key not in self._garment_cache:
            certain = possible = 0
            for i, obj in enumerate(self.scene.objects):
                for garment in obj.garments:
                    sure, might = self._match_worn(garment, colour, garment_name)
                    certain, possible = certain | sure << i, possible | might << i
            self._garment_cache[key] = Extension(certain, possible)
        return self._garment_cache[key]

    def locations(self, comparison_set: int) -> dict[str, Extension]:
        """The places among a set of things: name -> Extension."""
        if comparison_set not in self._location_cache:
            found = locations_among([self._geometries[i] for i in bit_indices(comparison_set)], self.scene.size, self.settings)
            if comparison_set & self._plural_objects:
                # several cannot be counted as one
                found = {name: place for name, place in found.items() if " from the " not in name}
            self._location_cache[comparison_set] = found
        return self._location_cache[comparison_set]

    def unique_locations(self, comparison_set: int) -> dict[int, dict[str, int]]:
        """A thing, as a set of one -> that set for each place that it alone could be meant by, and without doubt; "" if it is alone."""
        if comparison_set not in self._unique_location_cache:
            own = self._unique_location_cache[comparison_set] = (
                {comparison_set: {"": comparison_set}} if not comparison_set & (comparison_set - 1) else {}
            )
            for name, (certain, possible) in self.locations(comparison_set).items():
                if certain == possible and not possible & (possible - 1):
                    own.setdefault(possible, {})[name] = possible
        return self._unique_location_cache[comparison_set]

    @cached_property
    def pairs(self) -> BoxPairs:
        """What stands beside what."""
        return BoxPairs([obj.concept for obj in self.scene.objects], np.array(self.boxes, float).reshape(-1, 4))

    def match_except_location(self, meaning: Meaning) -> Extension:
        """The things that fit everything but the place."""
        certain, possible = self.match_noun(meaning.noun)
        for word in meaning.attributes:
            look = self.objects_by_attribute.get(word, NO_OBJECTS)
            certain, possible = certain & look.certain, possible & look.possible
        if meaning.wearing:
            worn = self.match_garment(*meaning.wearing)
            certain, possible = certain & worn.certain, possible & worn.possible
        if meaning.relation:
            beside = self._match_relation(*meaning.relation)
            certain, possible = certain & beside.certain, possible & beside.possible
        return Extension(certain, possible)

    def referents(self, meaning: Meaning) -> Extension:
        """The things a phrase of this meaning is true of, and those it might be meant for."""
        if meaning not in self._referent_cache:
            extension = self.match_except_location(meaning)
            if meaning.location:
                extension = self.restrict_to_location(extension, self.locations_for(meaning, extension).get(meaning.location, NO_OBJECTS))
            self._referent_cache[meaning] = extension
        return self._referent_cache[meaning]

    def locations_for(self, meaning: Meaning, extension: Extension) -> dict[str, Extension]:
        """The places that count for a meaning: among all that fit it, or (paper) among all of its name."""
        return self.locations(extension.possible if self.settings.locate_among_described else self.match_noun(meaning.noun).possible)

    def restrict_to_location(self, extension: Extension, location: Extension) -> Extension:
        """Those of a set that are at a place; a lone thing is wherever one says it is."""
        certain, possible = extension
        if self.settings.locate_among_described and not possible & (possible - 1):
            return Extension(certain & location.certain, possible)
        return Extension(certain & location.certain, possible & location.possible)

    def _match_relation(self, name, other) -> Extension:
        key = name, other
        if key not in self._relation_cache:
            target, sure, perhaps = (
                self.referents(other),
                self.pairs.related_sets(name, inverse=True),
                self.pairs.possibly_related_sets(name, inverse=True),
            )
            certain = possible = 0
            for b in bit_indices(target.possible):
                certain, possible = certain | (sure[b] if target.certain >> b & 1 else 0), possible | perhaps[b]
            self._relation_cache[key] = Extension(certain, possible)
        return self._relation_cache[key]

    def _is_possible(self, attribute: Attribute) -> bool:
        return attribute.confidence >= self.settings.min_possible_confidence

    def _match_worn(self, garment, colour, garment_name) -> tuple[bool, bool]:
        if self.settings.exact_classes:
            sure = might = not garment_name or garment_name == garment.name
        elif garment_name and garment.name:
            concept = english_lexicon().find(garment.name)
            sure, might = english_lexicon().certainly_named(garment_name, concept), english_lexicon().possibly_named(garment_name, concept)
        else:
            sure, might = not garment_name, True  # of an upper body of which only the colour is known
        if colour:
            sure = sure and any(a.word == colour for a in select_attributes(garment.attributes, self.settings))
            might = might and any(a.word == colour and self._is_possible(a) for a in garment.attributes)
        return sure, might


def select_attributes(attributes, settings: Settings):
    """The attributes sure enough to be said, surest first: of each kind the one that leads the next by the margin."""
    best: dict[str, list[Attribute]] = {}
    for attribute in sorted(attributes, key=lambda a: -a.confidence):
        best.setdefault(attribute.kind, []).append(attribute)
    for first, *others in best.values():
        rival = others[0].confidence if others else 0.0
        if first.confidence > settings.min_certain_confidence and first.confidence - rival >= settings.attribute_margin:
            yield first


def bit_indices(bits: int) -> list[int]:
    """The rows a set of bits stands for, rising."""
    if bits and not bits & (bits - 1):
        return [bits.bit_length() - 1]
    rows: list[int] = []
    while bits:
        low = bits & -bits
        rows.append(low.bit_length() - 1)
        bits ^= low
    return rows


def _pack_bits(truths) -> int:
    total, bit = 0, 1
    for true in truths:
        if true:
            total |= bit
        bit += bit
    return total
