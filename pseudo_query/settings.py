"""Settings: every number and switch of the generator; the paper's are FAITHFUL, ours are DEFAULT."""

from __future__ import annotations

from dataclasses import dataclass, replace


def _one_of(name, value, allowed):
    if value not in allowed:
        raise ValueError(f"{name} is one of {', '.join(allowed)}; got {value!r}")


@dataclass(frozen=True)
class Settings:
    """Lengths are shares of the picture's long side unless the name ends in `_px`; areas are shares of the picture."""

    min_area: float = 1 / 400
    min_score: float = 0.0
    overlap: float = 0.7  # of two boxes of one class with a higher IoU the weaker goes
    max_objects: int = 100  # the most confident ones; the rest is left out, with a reason

    colours: bool = True
    say_attribute: float = 0.5  # confidence from which an attribute is said
    may_attribute: float = 0.2  # confidence from which it might be true, when asking whether a phrase is unique
    attribute_margin: float = 0.1  # a zero-shot attribute must lead the next one by this much
    garment_inside: float = 0.75  # share of a garment's box inside the person

    spread: float = 0.08  # things nearer to each other than this have no left and right
    gap: float = 0.03  # and this far apart they cannot be confused

    synonyms: bool = True
    hypernyms: bool = True
    kinds: bool = False  # also "woman", "boy" for a person nobody looked at: for teaching a grounder, never for show
    articles: str = "the"  # "the", "none" or "mixed"
    paper_templates: bool = False
    off: frozenset[str] = frozenset()  # templates switched off by name

    ambiguous: str = "extend"  # what to do with a phrase that fits several: "drop", "extend", "all" targets or "ignore"
    plurals: bool = True
    negatives: int = 0  # phrases a picture for which there is nothing

    top_objects: int | None = None
    per_object: int | None = 3
    per_photo: int | None = None
    prompt: str = "none"

    def __post_init__(self):
        _one_of("articles", self.articles, ("the", "none", "mixed"))
        _one_of("ambiguous", self.ambiguous, ("drop", "extend", "all", "ignore"))


DEFAULT = Settings()
TEACHING = replace(DEFAULT, kinds=True, articles="mixed", per_object=8)
FAITHFUL = Settings(
    min_area=1 / 64, overlap=0.4, colours=False, say_attribute=0.3, attribute_margin=0.0,
    synonyms=False, hypernyms=False, articles="none", paper_templates=True, ambiguous="ignore", plurals=False,
    top_objects=3, per_object=None, per_photo=6)

