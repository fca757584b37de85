"""Words and patterns by which a typed text is judged: commands, questions, numbers, pronouns, other languages."""

from __future__ import annotations

import re

from pseudo_query.patterns import one_of, word_of
from pseudo_query.wording import NUMBER_WORDS

# Commands: "could you please find ...", "show me where ... is".
_GREETING = word_of("hey hi hello ok okay please now just")
_REQUEST = one_of(
    "(?:can|could|would|will) you (?:please )?",
    "i (?:want|need|would like|['’]d like) (?:you )?to ",
    "let['’]?s ",
    "help me (?:to )?",
    "try to ",
)
_FINDING = one_of(
    "find", "locate", "detect", "segment", "identify",
    "point(?: me)? (?:out|at|to)",
    "look(?:ing)? for",
    "search(?:ing)? for",
    "draw a box around",
    "put a box around",
    "take me to",
    "i(?: a|['’])m looking for",
)  # fmt: skip
_SHOWING = word_of("show highlight select spot see get give mark point")  # also nouns and adjectives: "spot", "mark"
_DETERMINER = word_of("the a an all every my his her both that this")
_BE = "(?: (?:is|are))?"
_SHOW_TARGET = one_of(rf"(?: me| us)(?: where)?{_BE} (?=\S)", rf"(?: where)? (?={_DETERMINER}\b)")
_FIND_TARGET = rf"(?: for)?(?: me| us)?(?: where)?{_BE}[: ]+(?=\S)"
COMMAND = re.compile(
    rf"^(?:{_GREETING}[,!]? +)*{_REQUEST}?(?:please )?(?:{_FINDING}{_FIND_TARGET}|{_SHOWING}{_SHOW_TARGET})", re.I)

# Questions and statements that come down to a thing: "where is ...", "which dog is on the left", "who is wearing ...".
_PLACE_QUESTION = one_of(
    "where(?:['’]s|['’]re| is| are)(?: here)?",
    "is there", "are there", "do you see", "can you see",
    "there(?:['’]s| is| are)",
    "this is", "that is", "here is", "i see",
)  # fmt: skip
WHERE = re.compile(rf"^(?:(?:can|could) you (?:tell|show) me )?{_PLACE_QUESTION} +(?=\S)", re.I)
_STARTS_NOUN_PHRASE = word_of("the an? this that these those it he she they there my your his her not")
WHICH = re.compile(rf"^(?:which|what) (?P<noun>.+?) (?:is|are) (?P<rest>(?!{_STARTS_NOUN_PHRASE} ?\b).+)$", re.I)
_ACTION_OR_PLACE = r"\w+ing\b|in |on |at |to |behind |next |under |near |with "
WHO = re.compile(rf"^who(?:['’]s| is| are) (?={_ACTION_OR_PLACE})", re.I)
_IMAGE_NOUN = word_of("picture image photo photograph frame video scene")
_TAIL = one_of(
    ",? +(?:please|thanks|thank you)",
    rf"(?:,? +(?:that (?:is|are) |seen |visible )?in (?:this|the) {_IMAGE_NOUN})",
    ",? +here",
)
TRAILING_PHRASE = re.compile(rf"{_TAIL}+$", re.I)

# Questions that no box answers.
_QUESTION_WORD = word_of("what who whose whom why when how which is are was were")
_AUXILIARY = word_of("does do did can could will would should has have had")
_SUBJECT = word_of("i you he she it we they the a an any this that these those")
QUESTION = re.compile(rf"^(?:{_QUESTION_WORD}\b|{_AUXILIARY} {_SUBJECT}\b)", re.I)
_COUNTING = "(?:how (?:many|much)|count(?: of)?|(?:the |what is the )?number of)"
HOW_MANY = re.compile(rf"^{_COUNTING}(?: the| all)? (?P<noun>.+?)(?: (?:are|is|do|can|there)\b.*)?$", re.I)

# Numbers that stand for one thing ("no. 5", "track 12") and unnamed shares of many ("three of the dogs").
_DIGITS = one_of(r"\d+", *NUMBER_WORDS[2:])
_NUMBER = word_of(r"no\.? nr\.? num\.? number id index idx")
_NUMBERED_NOUN = word_of("track box object thing item region label instance player target")
IDENTIFIER_NUMBER = re.compile(one_of(
    r"(?:#|№|\bn[°º])\s*\d",
    rf"\b{_NUMBER}(?: is)?[ :=]*{_DIGITS}\b",
    rf"\b(?:labell?ed|marked|tagged|numbered|wearing|called) {_DIGITS}$",
    r"\bnumber one\b",
    rf"\b{_NUMBERED_NOUN}[ _-]?\d+\b",
), re.I)  # fmt: skip
_TRAILING_NUMBER = one_of(r"[ _-]?\(?\d+\)?", *(f" {number}" for number in NUMBER_WORDS[2:]))
NUMBER_AFTER_NOUN = re.compile(rf"^(?P<noun>.*?[a-z]){_TRAILING_NUMBER}(?:(?:,| and| &) \d+)*$", re.I)
_SHARE = one_of(*NUMBER_WORDS[1:], *"some any many most few several each none couple majority".split(), r"\d+")
PARTITIVE = re.compile(
    rf"\b(?:{_SHARE} of (?:the|these|those|them)\b|(?:half|rest) of (?:the|these|those) \w+(?<!s)s\b)", re.I)

# Numbers of things: "two dogs", "exactly two dogs", "the left two dogs". With a bound ("at least two dogs") all are meant.
_EXACTLY = word_of("exactly precisely just only about around")
_BOUND = one_of("at (?:least|most)", "up to", "(?:more|less|fewer) than")
_SIDE = word_of("left right top bottom upper lower front back leftmost rightmost")
COUNT_PHRASE = re.compile(
    rf"^(?:{_EXACTLY} |(?P<bound>{_BOUND}) )?(?:the |all |all the |these |those )?(?P<side>{_SIDE} )?"
    r"(?P<count>a couple of|a dozen|\w+) (?P<rest>.+)$", re.I)

# Comparisons of what a picture does not show: "the oldest man", "the heavier than ...".
_COMPARATIVE_STEM = word_of(
    "old young fast slow heavy light strong weak rich poor smart clever cheap pretti happi sadd angri new warm cold "
    "hott loud quiet ugli nice cut hungri bus lazi wis brav clos"
)
_SUPERLATIVE = word_of(
    "oldest youngest fastest slowest heaviest lightest strongest weakest richest poorest smartest cheapest "
    "prettiest happiest saddest angriest newest nicest cutest hungriest best worst favou?rite"
)
NOT_VISUAL = re.compile(
    rf"\b(?:(?:most|least|more|less) (?!of\b)\w+|{_COMPARATIVE_STEM}(?:er|est) than\b|{_SUPERLATIVE})\b", re.I)

PRONOUNS = frozenset(
    "it its he him his she her hers they them their theirs this that these those one ones me you we us i mine yours "
    "other another same which who what there here everything anything something all both each".split()
)
LOCATION_WORDS = frozenset(  # what may stand beside a pronoun without naming a thing
    "the a an on in at to of from is are left right top bottom middle center centre front back side first second "
    "third fourth fifth last far near behind upper lower corner next other and very most leftmost rightmost "
    "foreground background black white red orange yellow green blue purple pink brown gray grey big small large "
    "bigger smaller larger biggest smallest largest".split()
)
FOREIGN_WORDS = frozenset(
    "el la los las le les une der das ein eine einen einem gli il lo uno het een och ett det cette ces ist und avec "
    "sur dans con por mit auf von izquierda derecha gauche droite links rechts perro perra gato hombre mujer chien "
    "chat homme femme hund katze mann frau cane gatto uomo donna".split()
)
ENGLISH_FUNCTION_WORDS = frozenset("the an on in at of with and to from under behind is left right near by".split())

# Also "dog. cat.", as Grounding DINO is asked; not "St. Bernard".
COORDINATION = re.compile(r",? (?:and|as well as|plus) |[,;] (?:and )?| ?[&+] ?|(?<=[a-z]{3})\. +(?=[a-z])", re.I)
_DETERMINERS = word_of("the a an his her its their my this that another one two three four five all some")
STARTS_WITH_DETERMINER = re.compile(rf"^{_DETERMINERS}\b ", re.I)
PRONOUN_ONE = re.compile(r"\bones?\b")
UNPRONOUNCEABLE = re.compile(r"[b-df-hj-np-tv-xz]{6}|(.)\1{3}")
