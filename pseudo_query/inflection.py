"""Inflection: plurals and articles of words the lexicon does not hold, by the inflect library and what it leaves
out."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from pseudo_query.patterns import word_of

INITIALISMS = frozenset(  # acronyms said letter by letter
    "suv tv ufo fbi cia bmw vw mri ct atm led lcd gps usb cpu gpu pc cctv cd dvd vcr rv atv utv uav hdmi nba nfl nhl "
    "vr ac dj vip id pvc bbq usa uk eu un nyc hd uv url faq sos sms mp mp3 mp4 rpg ngo ev".split()
)
IRREGULAR_PLURALS = {
    "human": "humans", "gentleman": "gentlemen", "nobleman": "noblemen", "ox": "oxen", "aircraft": "aircraft",
    "watercraft": "watercraft", "bookshelf": "bookshelves", "computer mouse": "computer mice", "woods": "woods",
    "thief": "thieves", "grandchild": "grandchildren", "bison": "bison", "passerby": "passersby",
    "passer-by": "passers-by", "runner-up": "runners-up", "hanger-on": "hangers-on", "larva": "larvae",
    "hoof": "hooves", "person": "people", "yes": "yeses", "squid": "squid", "hovercraft": "hovercraft",
    "spacecraft": "spacecraft", "shrimp": "shrimp", "swine": "swine",
}  # fmt: skip
MASS_NOUNS = frozenset(  # unknown to the lexicon, and not counted
    "underwear hardware software artwork traffic sugar salt flour wood plastic metal wool cotton leather lightning "
    "sunlight sunshine rain soap ketchup mustard mayonnaise honey corn garlic spinach celery tofu sushi popcorn hay "
    "seaweed moss ivy gravel asphalt concrete rubble sawdust merchandise scaffolding graffiti confetti laundry "
    "news makeup milk cereal yogurt bunting firewood livestock wildlife poultry foam steam dust "
    "alcohol applesauce armor armour asparagus bamboo bubblegum chinaware cider coleslaw cornbread cornmeal crabmeat curd "
    "detergent floss fudge gelatin ginger gum hummus jam juice kitchenware lasagna lemonade liquor mail mousse oil pantyhose "
    "parchment perfume pottery salsa sauce seafood shampoo sherbet sherbert sportswear sugarcane tableware tape tennis "
    "tequila tinfoil tinsel toothpaste vinegar vodka wheat cream beer".split()
)
_PLURALS_IN_OES = frozenset(
    "tomato potato hero echo torpedo veto embargo mosquito volcano domino buffalo tornado mango cargo".split()
)
_SINGULARS_IN_S = frozenset(
    "gas lens canvas atlas bias pancreas christmas mercedes rhinoceros cosmos chaos compass walrus yes adidas texas iris".split()
)
_VOWEL_NAMED_LETTERS = "aefhilmnorsx"  # letters whose names begin with a vowel sound
_SYLLABLE_ONSETS = word_of(  # with which an English syllable begins
    "[bcfgkps]l [bcdfgkptw]r [cgpstw]h s[ckmnpqtw] t[sw] dw gn kn ps wh "
    "sch scr shr spl spr str thr squ chr phr [b-df-hj-np-tv-z]"
)
_ONSET = re.compile(rf"{_SYLLABLE_ONSETS}?[aeiouy]")
_PREPOSITIONS = "of on in with without at by for from to under over near behind beside inside"
_LINKING_WORD = word_of(f"{_PREPOSITIONS} holding wearing riding carrying pushing")
_PARTICIPLE = word_of(
    "walking standing sitting running lying sleeping eating drinking playing jumping flying swimming talking waiting "
    "working riding parked seated dressed"
)
_POSTMODIFIER = re.compile(rf" (?:{_LINKING_WORD} |{_PARTICIPLE}(?=$| {word_of(f'{_PREPOSITIONS} a an the')} ))", re.I)


@lru_cache(maxsize=1)
def _inflect_engine() -> Any:
    """The inflect engine; its import takes a second, so it waits for the first word that only it can answer."""
    import inflect

    engine = inflect.engine()
    engine.defan("usher.*")
    for one, many in IRREGULAR_PLURALS.items():
        engine.defnoun(one, many)
    return engine


def is_initialism(word: str) -> bool:
    """Is a word said letter by letter ("FBI", "suv", "X" of "X-ray")? Known acronyms are, short capitals, and what
    nobody could pronounce."""
    lower = word.lower()
    if lower in INITIALISMS or len(word) == 1 or lower.endswith("s") and lower[:-1] in INITIALISMS:
        return True
    return (
        len(word) < 5
        and lower.isascii()
        and lower.isalpha()
        and not _ONSET.match(lower)
        or len(word) == 2
        and word.isupper()
    )


@lru_cache(maxsize=4096)
def article_by_sound(word: str) -> str:
    """ "a" or "an" before a word, by how it sounds: "an 8-wheeler", "an FBI", "a UFO", "an hourglass", "a European"."""
    plain = "".join(sign for sign in unicodedata.normalize("NFKD", word) if not unicodedata.combining(sign))
    first = re.match(r"\d[\d,]*|[^\W\d_]+", plain)
    if first is None:
        return "a"
    start = first.group()
    if start[0].isdigit():
        return "an" if _inflect_engine().number_to_words(start.replace(",", "")[:12]).startswith("e") else "a"
    if re.match("ouija|U[B-DF-HJ-NP-TV-Z]+$", start):  # "a UPS truck"
        return "a"
    if start.lower() == "hors":
        return "an"
    if is_initialism(start) and (start != plain or len(start) > 1) or re.match(r"x[^aeiouy]", start, re.I):
        return "an" if start[0].lower() in _VOWEL_NAMED_LETTERS else "a"
    if not plain.isascii():
        return "a"
    return _inflect_engine().a(plain).split()[0]


@lru_cache(maxsize=4096)
def article_by_spelling(word: str) -> str:
    """The same for the lexicon's own words, without the library; a test holds the two against each other."""
    if re.match(r"(uni|use|ute|one|eu)", word) or not word:
        return "a"
    return "an" if word[0] in "aeiou" or re.match(r"(hour|honest|x-ray|suv)\b", word) else "a"


def plural_by_spelling(name: str) -> str:
    """The plural of one of the lexicon's own names, without the library; a test holds the two against each other."""
    head, rest = split_head_noun(name)
    before, blank, last = head.rpartition(" ")
    if head in IRREGULAR_PLURALS:
        return IRREGULAR_PLURALS[head] + rest
    if last in IRREGULAR_PLURALS:
        last = IRREGULAR_PLURALS[last]
    elif re.search(r"(s|x|z|ch|sh)$", last):
        last += "es"
    elif re.search(r"[^aeiou]y$", last):
        last = last[:-1] + "ies"
    else:
        last = last[:-3] + "men" if last.endswith("man") else last + "s"
    return before + blank + last + rest


@lru_cache(maxsize=4096)
def pluralize(name: str) -> str:
    """The plural of any name: "cups of tea", "mothers-in-law", "people on bikes" of "person on bikes"; "" for a word of
    another script."""
    head, rest = split_head_noun(name)
    before, blank, last = head.rpartition(" ")
    if not re.search(r"[a-z]", unicodedata.normalize("NFKD", last), re.I):
        return ""
    if last.lower() == "general":
        return _inflect_engine().plural_noun(head) + rest
    return before + blank + _pluralize_word(last) + rest


def _pluralize_word(word: str) -> str:
    lower = word.lower()
    if lower in IRREGULAR_PLURALS:
        return word[0] + IRREGULAR_PLURALS[lower][1:]
    if len(word) > 1 and word.isupper() or lower in INITIALISMS or not word[-1].isalpha():
        return f"{word}s"
    if re.search(r"[^aeiouz]z$", lower):
        return f"{word}es"
    if re.search(r"[^aeiou]o$", lower):
        return f"{word}es" if lower in _PLURALS_IN_OES else f"{word}s"
    return _inflect_engine().plural_noun(word)


@lru_cache(maxsize=4096)
def singularize(name: str) -> str:
    """The singular of a name that stands for several ("dogs", "grapes", "people walking"); "" for any other name."""
    head, rest = split_head_noun(name)
    before, blank, last = head.rpartition(" ")
    lower = last.lower()
    if (
        lower in IRREGULAR_PLURALS
        or lower in _SINGULARS_IN_S
        or re.search(r"(ss|us|is|ics)$", lower)
        or not re.fullmatch(r"[a-z-]{3,}", lower)
    ):
        return ""
    one = {many: one for one, many in IRREGULAR_PLURALS.items()}.get(lower) or _inflect_engine().singular_noun(lower)
    if not one or one == lower or lower not in (_pluralize_word(one), f"{one}s", f"{one}es"):
        return ""
    return before + blank + one + rest


def split_head_noun(name: str) -> tuple[str, str]:
    """The part of a name that is counted, and what follows it: ("cup", " of tea"), ("people", " walking")."""
    found = _POSTMODIFIER.search(name)
    return (name[:found.start()], name[found.start():]) if found else (name, "")
