"""Verification: what a phrase points at in a scene, judged by attributes and relations, never by its words."""

from __future__ import annotations

from pseudo_query.lexicon import english
from pseudo_query.phrases import Meaning
from pseudo_query.relations import NOWHERE, places_of
from pseudo_query.scenes import Scene
from pseudo_query.settings import DEFAULT, Settings


class Facts:
    """What is true of the things of one scene. Sets of things are ints, bit i for `scene.things[i]`."""

    def __init__(self, scene: Scene, settings: Settings = DEFAULT):
        self.scene, self.settings = scene, settings
        self.boxes = [thing.box for thing in scene.things]
        self._nouns: dict[str, int] = {}
        self._places: dict[int, dict] = {}

    def named(self, noun: str) -> int:
        """Things that might be called so, by a narrower or a wider word too."""
        if noun not in self._nouns:
            self._nouns[noun] = sum(1 << i for i, thing in enumerate(self.scene.things)
                                    if english().possibly(noun, thing.concept))
        return self._nouns[noun]

    def looking(self, word: str) -> int:
        """Things the attribute might be true of."""
        return sum(1 << i for i, thing in enumerate(self.scene.things)
                   if any(a.word == word and a.confidence >= self.settings.may_attribute for a in thing.attributes))

    def wearing(self, colour: str, cloth: str) -> int:
        """Things that might wear such a garment; either word may be empty."""
        return sum(1 << i for i, thing in enumerate(self.scene.things)
                   if any(self._matches(garment, colour, cloth) for garment in thing.garments))

    def places(self, among: int) -> dict:
        """The places among a set of things: word -> Place."""
        if among not in self._places:
            self._places[among] = places_of(members(among), self.boxes, self.scene.size, self.settings)
        return self._places[among]

    def among(self, meaning: Meaning) -> int:
        """The things that fit everything but the place."""
        fit = self.named(meaning.noun)
        for word in meaning.attributes:
            fit &= self.looking(word)
        if meaning.wearing:
            fit &= self.wearing(*meaning.wearing)
        return fit

    def fitting(self, meaning: Meaning) -> int:
        """The things a phrase of this meaning fits."""
        fit = self.among(meaning)
        if meaning.place and fit & (fit - 1):
            fit = self.places(fit).get(meaning.place, NOWHERE).fits
        return fit

    def _matches(self, garment, colour, cloth) -> bool:
        if cloth and garment.name:
            concept = english().find(garment.name)
            if not english().possibly(cloth, concept):
                return False
        elif cloth:
            return False
        return not colour or any(
            a.word == colour and a.confidence >= self.settings.may_attribute for a in garment.attributes)


def members(bits: int) -> list[int]:
    """The rows a set of bits stands for, rising."""
    rows = []
    while bits:
        low = bits & -bits
        rows.append(low.bit_length() - 1)
        bits ^= low
    return rows
