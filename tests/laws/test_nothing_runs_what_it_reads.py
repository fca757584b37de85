"""No file that a stranger made can run code here: no pickle, no eval, no unsafe loader anywhere in the repository."""

import ast
import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

from grounding.data import run_to_end
from grounding.tasks.intake.load import load

ROOT = Path(__file__).resolve().parents[2]
BANNED_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "jsonpickle"}
BANNED_CALLS = {"eval", "exec"}


def sources() -> list[Path]:
    places = [ROOT / "app.py", *(ROOT / "grounding").rglob("*.py"), *(ROOT / "pseudo_query").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
    return [path for path in places if path.exists() and path != Path(__file__).resolve()]


def faults(tree: ast.AST) -> list[str]:
    found = []
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            found += [f"line {node.lineno} imports {name}" for name in modules if name.split(".")[0] in BANNED_MODULES]
        elif isinstance(node, ast.Call):
            found += [f"line {node.lineno} {why}" for why in [fault_of(node)] if why]
    return found


def fault_of(call: ast.Call) -> str:
    name = ast.unparse(call.func)
    given = {word.arg: ast.unparse(word.value) for word in call.keywords}
    if name in BANNED_CALLS:
        return f"calls {name}"
    if name == "torch.load" and given.get("weights_only") != "True":
        return "calls torch.load without weights_only=True"
    if name in ("np.load", "numpy.load") and given.get("allow_pickle", "False") != "False":
        return "calls np.load with allow_pickle"
    if name == "yaml.load" and "Safe" not in given.get("Loader", ""):
        return "calls yaml.load without a safe loader"
    return "calls a shell" if given.get("shell") == "True" or name == "os.system" else ""


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from pickle import loads",
        "eval('1')",
        "torch.load(p)",
        "torch.load(p, weights_only=False)",
        "np.load(p, allow_pickle=True)",
        "yaml.load(f)",
        "subprocess.run(c, shell=True)",
        "import joblib",
    ],
)
def test_the_gate_sees_what_it_must(code):
    assert faults(ast.parse(code))


@pytest.mark.parametrize(
    "code", ["torch.load(p, weights_only=True)", "np.load(p, allow_pickle=False)", "json.loads(t)", "net.eval()", "model.exec"]
)
def test_the_gate_lets_the_rest_pass(code):
    assert faults(ast.parse(code)) == []


def test_nothing_in_the_repository_runs_what_it_reads():
    assert {str(path.relative_to(ROOT)): found for path in sources() if (found := faults(ast.parse(path.read_text())))} == {}


class Trap:
    """Unpickling this writes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return open, (str(self.path), "w")


def pickled(value, protocol: int = 2) -> bytes:
    """What a stranger may have written."""
    return pickle.dumps(value, protocol)


@pytest.mark.parametrize("name", ["photo.jpg", "instances.json", "refs(unc).p", "grefs(unc).json", "film.mp4", "weights.safetensors"])
def test_a_malicious_pickle_does_nothing_under_any_name(tmp_path, store, name):
    trap, folder = tmp_path / "sprung", tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(pickle.dumps(Trap(trap)))
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.write(folder / name, name)
    report = run_to_end(load(store, store.create_project("P").id, [folder, tmp_path / "in.zip"]))
    assert report.added == 0 and report.skipped and not trap.exists()


def test_malicious_weights_are_refused(tmp_path):
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    trap = tmp_path / "sprung"
    for name in ("weights.safetensors", "weights.pth"):
        torch.save({"net": Trap(trap)}, tmp_path / name)
    with pytest.raises(SafetensorError):
        load_file(tmp_path / "weights.safetensors")
    with pytest.raises(pickle.UnpicklingError):
        torch.load(tmp_path / "weights.pth", weights_only=True)
    np.save(tmp_path / "features.npy", np.array([Trap(trap)], object), allow_pickle=True)
    with pytest.raises(ValueError):
        np.load(tmp_path / "features.npy", allow_pickle=False)
    assert not trap.exists()
