"""Settings: every number and switch of the generator; the paper's are FAITHFUL, ours are DEFAULT."""

from __future__ import annotations

from dataclasses import dataclass, replace

from pseudo_query.prompt import Prompt


@dataclass(frozen=True)
class Settings:
    """Lengths are shares of the picture's long side unless the name ends in `_px`; areas are shares of the picture."""

    # which regions become things
    min_area: float = 1 / 400
    small_as_distractors: bool = True  # smaller ones get no phrase, but a phrase that fits them too is not unique
    min_score: float = 0.0
    nms_iou: float = 0.7  # of two boxes with a higher IoU the weaker goes
    cross_class_nms_iou: float = 0.8  # likewise of two that are kin, a dog and a bear: one thing that a detector gave two names
    nms_within_group: bool = False  # the paper: compared with any class of its group, and a removed box still removes
    drop_crowds: bool = True  # a box around three others of its class is a group, not one of them
    max_objects: int = 100  # the surest ones; the rest is left out, with a reason
    exact_classes: bool = False  # the paper: things are alike if their class strings are equal, and are called just that

    # what they look like
    colours: bool = True
    torso_colours: bool = True  # "in red", read from the upper body, for people with no garment detected
    min_certain_confidence: float = 0.5  # confidence from which an attribute is said
    min_possible_confidence: float = 0.15  # confidence from which it might be true, when asking whether a phrase is unique
    attribute_margin: float = 0.1  # and it must lead the next one of its kind by this much
    min_garment_inside: float = 0.75  # share of a garment's box inside the person
    paper_groups: bool = False  # the paper's lists of people and clothes; they overlap: jeans are shirts, boots are pants

    # where they are
    min_spread: float = 50 / 640  # things nearer to each other than this have no left and right
    min_spread_px: float | None = None  # the paper: 50 pixels of any picture
    min_gap: float = 0.02  # things farther apart than this cannot be confused
    max_depth_area_ratio: float = 0.4  # areas more alike than this have no front and behind
    front_must_be_lower: bool = True  # what is in front must also stand lower
    extended_locations: bool = True  # ordinals, corners, larger and smaller, far left
    locate_among_described: bool = True  # "left red car": the left one of the red cars; the paper: of the cars
    relations: bool = True
    relation_share: float = 0.6  # of the objects for which relations are weighed; the others get them when nothing else tells them apart

    # how they are called
    nouns_per_object: int = 2  # names tried for one object: its usual one, and others drawn from synonyms and wider words
    other_name_rate: float = 1.0  # how eagerly: 1 tries a synonym for half of the things, a wider word for a third; 4 always
    synonyms: bool = True
    hypernyms: bool = True
    rare_synonyms: bool = False  # also synonyms that are understood but seldom said
    guess_hyponyms: bool = False  # also "woman", "boy" for a person nobody looked at: for teaching a grounder, never for show
    articles: str = "the"  # "the", "none" or "mixed"
    paper_templates: bool = False
    disabled_templates: frozenset[str] = frozenset()  # templates switched off by name
    prompt: Prompt = "none"  # a name of PROMPTS, a sentence with "{query}", or a function that has learned one

    # which phrases are kept
    ambiguous: str = "extend"  # a phrase that fits several: "drop", "extend" until unique, "all" as targets, or "ignore"
    max_plurals: int = 1  # phrases a picture for all things of a name: "the dogs"
    max_negatives: int = 0  # phrases a picture for which there is nothing
    clothes_are_targets: bool = True
    max_targets: int | None = None
    max_per_object: int | None = 3
    max_per_photo: int | None = None

    def __post_init__(self):
        _require_choice("articles", self.articles, ("the", "none", "mixed"))
        _require_choice("ambiguous", self.ambiguous, ("drop", "extend", "all", "ignore"))
        object.__setattr__(self, "disabled_templates", frozenset(self.disabled_templates))


def _require_choice(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name} is one of {', '.join(allowed)}; got {value!r}")


DEFAULT = Settings()
TRAINING = replace(
    DEFAULT,
    nouns_per_object=4,
    other_name_rate=4.0,
    relation_share=1.0,
    rare_synonyms=True,
    guess_hyponyms=True,
    articles="mixed",
    max_per_object=8,
    max_plurals=3,
)
FAITHFUL = Settings(
    drop_crowds=False,
    min_area=1 / 64, small_as_distractors=False, nms_iou=0.4, cross_class_nms_iou=1.0, nms_within_group=True, exact_classes=True,
    colours=False, torso_colours=False, min_certain_confidence=0.3, min_possible_confidence=0.3, attribute_margin=0.0, paper_groups=True,
    min_spread_px=50, min_gap=0.0, front_must_be_lower=False, extended_locations=False, locate_among_described=False, relations=False,
    nouns_per_object=1, synonyms=False, hypernyms=False, articles="none", paper_templates=True,
    ambiguous="ignore", max_plurals=0, clothes_are_targets=False, max_targets=3, max_per_object=None, max_per_photo=6)
