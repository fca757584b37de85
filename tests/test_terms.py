"""The code speaks the field's language: names that were retired do not come back (docs/glossary.md explains the words that are ours)."""

import io
import re
import tokenize
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RETIRED = """
    eyes guests desk tints tinted painted palette lies offers hints think school lesson lessons diet course album
    phrasebook exam telling untold blind sight sights sightings patience bridge unrivalled thinned bent spliced film
    films tube tubes stretch stretches gallery outlet worlds casts taught
""".split()
OUTSIDE = {  # an option of the shell; a function of the standard library
    ("grounding/cli/train.py", "films"),
    ("grounding/cli/evaluate.py", "films"),
    ("grounding/tasks/label/value_models.py", "get_type_hints"),
}


def words_of(name: str) -> set[str]:
    """"VisionBackbone" -> {"vision", "backbone"}."""
    return {word.lower() for part in name.split("_") for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", part)}


def names_in(source: str) -> set[str]:
    return {token.string for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type == tokenize.NAME}


def test_no_name_of_the_code_is_a_retired_one():
    files = [ROOT / "app.py", *(ROOT / "grounding").rglob("*.py"), *(ROOT / "pseudo_query").rglob("*.py")]
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files
        for name in sorted({path.stem} | names_in(path.read_text()))
        if words_of(name) & set(RETIRED) and (path.relative_to(ROOT).as_posix(), name) not in OUTSIDE
    ]
    assert found == []


def test_the_check_finds_a_retired_name():
    assert words_of("make_eyes") & set(RETIRED) and words_of("LessonBatches") & set(RETIRED)
    assert not words_of("make_backbone") & set(RETIRED)
