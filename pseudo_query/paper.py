"""The class lists of the paper's release: who is a person, what is clothing and where it is worn."""

from __future__ import annotations

PEOPLE = frozenset(
    "bride ladies male mother children couple she lady players guy girl girls women toddler baby men kid adult kids "
    "people boys policeman child person boy player woman man".split())
HATS = frozenset("beanie scarf cap headband visor hat goggles helmet sunglasses glasses".split())
SHIRTS = frozenset(
    "sleeve bandana tshirt waist blouse pocket apron sweatshirt sweatpants overalls fur jean scarf pajamas blazer outfit "
    "robe undershirt bib vest wool sweater blanket necktie costume uniforms dress bag hoodie coat suit tie backpack "
    "necklace jacket jersey skirt shirt jeans handbag bags".split())
PANTS = frozenset(
    "pant short slacks sweatpants overalls jean shoes boots belt skirt pants tights jeans shorts".split())
SHOES = frozenset("cleats sandals socks sandal sneaker boot shoes sneakers boots shoe".split())


def class_group(label: str) -> str:
    """people, clothes, or things for every other class."""
    if label in PEOPLE:
        return "people"
    return "clothes" if garment_slot(label) else "things"


def garment_slot(label: str) -> str:
    """The first list that holds the class, in the release's order; so jeans and skirts are shirts, boots are pants."""
    slots = (("hat", HATS), ("shirt", SHIRTS), ("pants", PANTS), ("shoes", SHOES))
    return next((slot for slot, names in slots if label in names), "")
