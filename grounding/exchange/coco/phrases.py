"""Reading phrases in the form of gRefCOCO: `grefs(SPLIT).json` beside the instances file."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from grounding.exchange.archive import ArchiveError, FileTree, ZipTree, read_json
from grounding.exchange.coco.files import base_folder
from grounding.exchange.coco.rows import CocoRows
from grounding.exchange.faults import unreadable_file
from grounding.exchange.photo_finder import subset_of
from grounding.exchange.photos import Fault, Phrase
from grounding.exchange.texts import DUPLICATE_KEY
from grounding.exchange.values import is_id, normalize_id

ExpressionsByImage = dict[int | str, list["ReferringExpression"]]  # by the id of their image


@dataclass(frozen=True)
class ReferringExpression:
    """One sentence and the annotation ids it points at; none of them = "there is none"."""

    location: str
    text: str
    ann_ids: tuple
    attributes: dict = field(default_factory=dict)

    def to_phrase(self, index_by_id: dict, rows: CocoRows) -> Phrase | None:
        """As a phrase of an image; `index_by_id` gives the row of each annotation id, a missing target is a fault of `rows`."""
        missing = [ann_id for ann_id in self.ann_ids if ann_id not in index_by_id]
        if missing and missing[0] in rows.shared_annotation_ids:
            rows.add_fault(
                self.location,
                f"points at annotation {missing[0]}, an id that two annotations share; give each an id of its own",
            )
        elif missing:
            rows.add_fault(self.location, f"points at annotation {missing[0]}, which this photo does not have; correct its ann_id")
        return None if missing else Phrase(self.text, tuple(index_by_id[ann_id] for ann_id in self.ann_ids), self.attributes)


def read_phrases(tree: FileTree, names: Iterable[str], sets: Mapping[str, set]) -> tuple[dict[str, ExpressionsByImage], list[Fault]]:
    """For each instances file (whose image ids `sets` holds) its phrases by image, and what is wrong with the phrase
    files `names`."""
    refs: dict[str, ExpressionsByImage] = defaultdict(lambda: defaultdict(list))
    faults: list[Fault] = []
    renamed = tree.renamed if isinstance(tree, ZipTree) else {}
    for name, owners in _match_phrase_files([renamed.get(name, name) for name in names], list(sets)).items():
        try:
            rows = _read_rows(tree, name)
        except ArchiveError as error:
            faults.append(unreadable_file(name, error))
            continue
        for number, row in enumerate(rows, 1):
            called = f"{name}: phrase {number}"
            owner, why = _find_owner(row, owners, sets)
            if owner:
                refs[owner][normalize_id(row["image_id"])] += _parse_sentences(row, called, faults)
            else:
                faults.append(Fault(called, why))
    return refs, faults


def _match_phrase_files(names: list[str], sets: list[str]) -> dict[str, list[str]]:
    """The instances files each phrase file is about: that of the subset in its name, else all beside it that have no
    file of their own."""
    beside = {
        name: [
            file
            for file in sets
            if name.rpartition("/")[0] + "/" in (file.rpartition("/")[0] + "/", base_folder(file) or "/")
        ]
        for name in names
    }
    by_subset = {
        name: [file for file in files if subset_of(file) and f"({subset_of(file)})" in name]
        for name, files in beside.items()
    }
    matched = {file for files in by_subset.values() for file in files}
    rest = {name: [file for file in files if file not in matched] for name, files in beside.items()}
    return {name: by_subset[name] or rest[name] for name in names if by_subset[name] or rest[name]}


def _find_owner(row, owners: list[str], sets: Mapping[str, set]) -> tuple[str, str]:
    """The instances file a phrase is about, or why there is none."""
    why = _row_error(row)
    if why:
        return "", why
    key = normalize_id(row["image_id"])
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


def _read_rows(tree: FileTree, name: str) -> list:
    rows = read_json(tree, name)
    if not isinstance(rows, list):
        raise ArchiveError(f"{name} is not a list of phrases; export it again in the form of gRefCOCO")
    return rows


def _row_error(row) -> str:
    if not isinstance(row, dict) or not isinstance(row.get("sentences"), list):
        return "has no sentences; write them as [{\"raw\": ...}]"
    if DUPLICATE_KEY in row.values():
        return "has a key twice with different values; keep one of them"
    if not is_id(row.get("image_id")):
        return "has no image_id, so nobody can know its photo; give it one"
    value = row.get("ann_id")
    ids = value if isinstance(value, list) else [value]
    if not ids and row.get("no_target") is not True or not all(map(is_id, ids)):
        return "has no ann_id; name the annotations it points at, or [-1] for none"
    if len(ids) > 1 and any(normalize_id(ann_id) == -1 for ann_id in ids):
        return "points at annotations and at none (-1); keep one of the two"
    return ""


def _parse_sentences(row: dict, location: str, faults: list[Fault]) -> list[ReferringExpression]:
    ann_ids = row["ann_id"] if isinstance(row["ann_id"], list) else [row["ann_id"]]
    ids = tuple(dict.fromkeys(normalize_id(ann_id) for ann_id in ann_ids if normalize_id(ann_id) != -1))
    attributes = row.get("attributes") if isinstance(row.get("attributes"), dict) else {}
    texts = [
        sentence.get("raw") or sentence.get("sent") if isinstance(sentence, dict) else None
        for sentence in row["sentences"]
    ]
    sound = [text for text in texts if isinstance(text, str) and text.strip()]
    if len(sound) < len(texts) or not texts:
        faults.append(Fault(location, "has a sentence without words; write it as {\"raw\": ...}"))
    return [ReferringExpression(location, text, ids, attributes) for text in sound]
