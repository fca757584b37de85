"""Reading phrases in the form of gRefCOCO: `grefs(SPLIT).json` beside the instances file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grounding.exchange.archive import ArchiveError, Tree, ZipTree, read_json
from grounding.exchange.coco.files import base_of
from grounding.exchange.faults import unreadable
from grounding.exchange.photo_finder import subset_of
from grounding.exchange.photos import Fault, Phrase
from grounding.exchange.texts import TWICE
from grounding.exchange.values import identity, is_id

Refs = dict[int | str, list["Ref"]]  # by the id of their image


@dataclass(frozen=True)
class Ref:
    """One sentence and the annotation ids it points at; none of them = "there is none"."""

    called: str
    text: str
    ann_ids: tuple
    attributes: dict = field(default_factory=dict)

    def pointing(self, places: dict, reading) -> Phrase | None:
        """As a phrase of a picture whose annotation ids went to `places`; a lost target is named in `reading`."""
        lost = [ann_id for ann_id in self.ann_ids if ann_id not in places]
        if lost and lost[0] in reading.doubled:
            reading.fault(
                self.called,
                f"points at annotation {lost[0]}, an id that two annotations share; give each an id of its own",
            )
        elif lost:
            reading.fault(self.called, f"points at annotation {lost[0]}, which this photo does not have; correct its ann_id")
        return None if lost else Phrase(self.text, tuple(places[ann_id] for ann_id in self.ann_ids), self.attributes)


def phrases_of(tree: Tree, names: Iterable[str], sets: Mapping[str, set]) -> tuple[dict[str, Refs], list[Fault]]:
    """For each instances file (whose image ids `sets` holds) its phrases by image, and what is wrong with the phrase
    files `names`."""
    refs: dict[str, Refs] = defaultdict(lambda: defaultdict(list))
    faults: list[Fault] = []
    renamed = tree.renamed if isinstance(tree, ZipTree) else {}
    for name, owners in _owned([renamed.get(name, name) for name in names], list(sets)).items():
        try:
            rows = _rows(tree, name)
        except ArchiveError as error:
            faults.append(unreadable(name, error))
            continue
        for number, row in enumerate(rows, 1):
            called = f"{name}: phrase {number}"
            owner, why = _owner(row, owners, sets)
            if owner:
                refs[owner][identity(row["image_id"])] += _sentences(row, called, faults)
            else:
                faults.append(Fault(called, why))
    return refs, faults


def _owned(names: list[str], sets: list[str]) -> dict[str, list[str]]:
    """The instances files each phrase file is about: that of the subset in its name, else all beside it that have no
    file of their own."""
    beside = {
        name: [
            file
            for file in sets
            if name.rpartition("/")[0] + "/" in (file.rpartition("/")[0] + "/", base_of(file) or "/")
        ]
        for name in names
    }
    own = {
        name: [file for file in files if subset_of(file) and f"({subset_of(file)})" in name]
        for name, files in beside.items()
    }
    served = {file for files in own.values() for file in files}
    rest = {name: [file for file in files if file not in served] for name, files in beside.items()}
    return {name: own[name] or rest[name] for name in names if own[name] or rest[name]}


def _owner(row, owners: list[str], sets: Mapping[str, set]) -> tuple[str, str]:
    """The instances file a phrase is about, or why there is none."""
    why = _why_not(row)
    if why:
        return "", why
    key = identity(row["image_id"])
    fits = [file for file in owners if key in sets[file]]
    if len(fits) > 1:
        return (
            "",
            (
                f"names image {key}, which {fits[0]} and {fits[1]} both have; name the file after the one it is about, "
                f"as grefs({subset_of(fits[0]) or 'train'}).json"
            ),
        )
    return (fits or owners)[0], ""


def _rows(tree: Tree, name: str) -> list:
    rows = read_json(tree, name)
    if not isinstance(rows, list):
        raise ArchiveError(f"{name} is not a list of phrases; export it again in the form of gRefCOCO")
    return rows


def _why_not(row) -> str:
    if not isinstance(row, dict) or not isinstance(row.get("sentences"), list):
        return "has no sentences; write them as [{\"raw\": ...}]"
    if TWICE in row.values():
        return "has a key twice with different values; keep one of them"
    if not is_id(row.get("image_id")):
        return "has no image_id, so nobody can know its photo; give it one"
    told = row.get("ann_id")
    ids = told if isinstance(told, list) else [told]
    if not ids and row.get("no_target") is not True or not all(map(is_id, ids)):
        return "has no ann_id; name the annotations it points at, or [-1] for none"
    if len(ids) > 1 and any(identity(ann_id) == -1 for ann_id in ids):
        return "points at annotations and at none (-1); keep one of the two"
    return ""


def _sentences(row: dict, called: str, faults: list[Fault]) -> list[Ref]:
    told = row["ann_id"] if isinstance(row["ann_id"], list) else [row["ann_id"]]
    ids = tuple(dict.fromkeys(identity(ann_id) for ann_id in told if identity(ann_id) != -1))
    attributes = row.get("attributes") if isinstance(row.get("attributes"), dict) else {}
    texts = [
        sentence.get("raw") or sentence.get("sent") if isinstance(sentence, dict) else None
        for sentence in row["sentences"]
    ]
    sound = [text for text in texts if isinstance(text, str) and text.strip()]
    if len(sound) < len(texts) or not texts:
        faults.append(Fault(called, "has a sentence without words; write it as {\"raw\": ...}"))
    return [Ref(called, text, ids, attributes) for text in sound]
