"""The parts of the editor that need no browser, tested by node's own runner; and the interpolation of tracks, held against Python's."""

import json
import random
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from grounding.data.tracks import Keyframe, Track

HERE = Path(__file__).resolve().parent
FRONTEND = HERE.parents[1] / "grounding" / "ui" / "frontend"


@pytest.fixture(scope="module", autouse=True)
def node():
    assert shutil.which("node"), "node is not installed; these tests need it: apt-get install nodejs, or make test, which installs it"


@pytest.mark.parametrize("script", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_script(script):
    done = subprocess.run(["node", "--test", str(HERE / script)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.parametrize("settings", ["tsconfig.json", "tsconfig.strict.json"])
def test_types_of_the_front_end_have_no_findings(settings):
    """JSDoc types by TypeScript's compiler; nothing is built. The strict settings are for what has types throughout:
    kit, document, saving."""
    assert shutil.which("tsc"), "tsc is not installed; this test needs it: apt-get install node-typescript, or make test, which installs it"
    done = subprocess.run(["tsc", "-p", str(FRONTEND.parents[2] / settings)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


LAYERS = [{"kit"}, {"document"}, {"saving", "notices", "stage"}, {"video", "panel"}, {"editor"}, {"widgets"}]


def test_imports_of_the_front_end_only_point_down():
    """Each folder imports from its own and from lower layers, never from one beside it; types in JSDoc may name any."""
    level = {folder: n for n, layer in enumerate(LAYERS) for folder in layer}
    assert set(level) == {path.name for path in FRONTEND.iterdir() if path.is_dir()}
    wrong = []
    for path in FRONTEND.glob("*/*.js"):
        for target in re.findall(r'^import .* from "\.\./(\w+)/', path.read_text(), re.M):
            if level[target] >= level[path.parent.name]:
                wrong.append(f"{path.relative_to(FRONTEND)} imports from {target}/")
    assert wrong == []


def tracks(count: int, seed: int = 5) -> list[list[dict]]:
    pick, found = random.Random(seed), []
    for _ in range(count):
        frames = sorted(pick.sample(range(30), pick.randint(1, 7)))
        keys = [
            {
                "frame": f,
                "box": [pick.uniform(0, 50) for _ in range(2)] + [pick.uniform(60, 99) for _ in range(2)],
                "outside": pick.random() < 0.3,
            }
            for f in frames
        ]
        found.append(keys)
    return found


def test_tracks_are_interpolated_as_in_python():
    """Every box of every frame of 200 random tracks, and of each of them ended before a random frame."""
    cases = [{"keys": keys, "cut": 1 + n % 29} for n, keys in enumerate(tracks(200))]
    script = f"""
import {{ boxAt, endedAt }} from {json.dumps((FRONTEND / "document" / "keyframes.js").as_uri())};
let text = ""; for await (const chunk of process.stdin) text += chunk;
const all = (keys) => Array.from({{length: 32}}, (_, frame) => boxAt(keys, frame));
console.log(JSON.stringify(JSON.parse(text).map(({{keys, cut}}) => ({{whole: all(keys), cut: all(endedAt(keys, cut))}}))));
"""
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script], input=json.dumps(cases), capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    for case, answer in zip(cases, json.loads(done.stdout), strict=True):
        whole = Track.from_keyframes(Keyframe(k["frame"], tuple(k["box"]), k["outside"]) for k in case["keys"])
        for name, track in (("whole", whole), ("cut", whole.end_before(case["cut"]))):
            for frame, box in enumerate(answer[name]):
                assert (box is None) == (track.box_at(frame) is None), (case, name, frame)
                if box is not None:
                    assert box == pytest.approx(track.box_at(frame), abs=1e-3)
