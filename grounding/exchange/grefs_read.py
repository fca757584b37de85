"""Reading phrases in the form of gRefCOCO: `grefs(SPLIT).json` beside the instances file."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from grounding.exchange.archive import ArchiveError, Tree, read_json
from grounding.exchange.pictures import Fault, Phrase

_GREFS = re.compile(r"g?refs[^/]*\.json", re.IGNORECASE)


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
        if lost:
            reading.fault(self.called, f"points at annotation {lost[0]}, which this photo does not have; correct its ann_id")
            return None
        return Phrase(self.text, tuple(places[ann_id] for ann_id in self.ann_ids), self.attributes)


def phrases_by_image(tree: Tree, root: str, instances: str) -> tuple[dict, list[Fault]]:
    """{image id: its Refs} from the phrase file that belongs to an instances file, and what is wrong with it."""
    refs: dict = defaultdict(list)
    faults: list[Fault] = []
    for name in _files(tree, root, instances):
        try:
            rows = _rows(tree, name)
        except ArchiveError as error:
            faults.append(Fault(name, str(error).removeprefix(f"{name} ")))
            continue
        for number, row in enumerate(rows, 1):
            why = _why_not(row)
            if why:
                faults.append(Fault(f"{name}: phrase {number}", why))
            else:
                refs[row["image_id"]] += _sentences(row, f"{name}: phrase {number}")
    return dict(refs), faults


def _files(tree: Tree, root: str, instances: str) -> list[str]:
    """The phrase files of the subset; all there are where none bears its name."""
    folder = f"{PurePosixPath(instances).parent.as_posix()}/".removeprefix("./")
    names = [name for name in tree.names() if name.rpartition("/")[0] + "/" in (folder, root or "/")
             or (not root and "/" not in name)]
    names = [name for name in names if _GREFS.fullmatch(name.rpartition("/")[2])]
    subset = PurePosixPath(instances).stem[len("instances"):].strip("_- ")
    named = [name for name in names if subset and f"({subset})" in name]
    return named or names


def _rows(tree: Tree, name: str) -> list:
    rows = read_json(tree, name)
    if not isinstance(rows, list):
        raise ArchiveError(f"{name} is not a list of phrases; export it again in the form of gRefCOCO")
    return rows


def _why_not(row) -> str:
    if not isinstance(row, dict) or not isinstance(row.get("sentences"), list):
        return "has no sentences; write them as [{\"raw\": ...}]"
    if not isinstance(row.get("image_id"), (int, str)):
        return "has no image_id, so nobody can know its photo; give it one"
    if not isinstance(row.get("ann_id"), (int, str, list)):
        return "has no ann_id; name the annotations it points at, or [-1] for none"
    return ""


def _sentences(row: dict, called: str) -> list[Ref]:
    ids = row["ann_id"] if isinstance(row["ann_id"], list) else [row["ann_id"]]
    ids = tuple(ann_id for ann_id in ids if isinstance(ann_id, (int, str)) and ann_id != -1)
    attributes = row.get("attributes") if isinstance(row.get("attributes"), dict) else {}
    texts = [sentence.get("raw") or sentence.get("sent") for sentence in row["sentences"] if isinstance(sentence, dict)]
    return [Ref(called, text, ids, attributes) for text in texts if isinstance(text, str) and text.strip()]
