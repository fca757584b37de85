"""The routes over a fresh store, with scripted models; talked to as a browser would."""

from dataclasses import dataclass

import numpy as np
import pytest
from fastapi.testclient import TestClient

import pseudo_query
from grounding.data import Boxes, Regions
from grounding.models.tracking.motion_tracker import MotionTracker
from grounding.services.job_services import JobServices
from grounding.services.jobs import Jobs
from grounding.services.model_provider import ModelProvider
from grounding.tasks.label.propose import PhraseGenerator
from grounding.web import create_api
from tests.annotated import annotation
from tests.web.sending import picture
from tests.web.whole import running

BASE_URL = "http://127.0.0.1:7860"


@dataclass
class ScriptedModel:
    """Sees a dog on the left of every picture, and finds it whatever is asked."""

    version: str = "scripted@1"
    encoded: int = 0

    def detect(self, image):
        return Regions(Boxes(np.array([[2.0, 2, 20, 20]])), np.array([0.9]), ("dog",))

    def encode(self, image):
        self.encoded += 1
        return image.size

    def ground_in(self, encoded, query):
        return Regions(Boxes(np.array([[1.0, 2, 20, 20]])), np.array([0.75]), query.phrase_texts())


@pytest.fixture
def model():
    return ScriptedModel()


@pytest.fixture
def works(store, model):
    jobs = Jobs(store)
    phrases = PhraseGenerator(pseudo_query.generate, pseudo_query.version)
    shipped = {"detector": lambda: model, "generator": lambda: phrases, "grounder": lambda: model, "tracker": MotionTracker}
    yield JobServices(store, jobs, ModelProvider(shipped))
    jobs.close()


@pytest.fixture
def serve(store, works):
    """A browser's view of the routes; rules such as `visible_projects` may be given."""
    def make(**rules) -> TestClient:
        return TestClient(create_api(store, works.jobs, works, **rules), base_url=BASE_URL, raise_server_exceptions=False)
    return make


@pytest.fixture
def web(serve):
    return serve()


@pytest.fixture
def project(web):
    return web.post("/api/projects", json={"name": "Street", "labels": ["dog", "cat"]}).json()


@pytest.fixture
def upload(web, works, project):
    """Sends files and waits until they are in; the finished job."""
    def make(*files, to=None):
        sent = web.post(f"/api/projects/{to or project['id']}/upload", files=[("files", file) for file in files])
        assert sent.status_code == 202, sent.text
        works.jobs.wait(sent.json()["job"])
        return web.get(f"/api/jobs/{sent.json()['job']}").json()
    return make


@pytest.fixture
def items(web, project):
    return lambda **query: web.get(f"/api/projects/{project['id']}/items", params=query).json()["items"]


@pytest.fixture
def photo(store, project, web, tmp_path):
    """A photo of the project, with a proposed dog."""
    (tmp_path / "photo.jpg").write_bytes(picture())
    item = store.add_item(project["id"], name="photo.jpg", kind="photo", sha256=store.add_file(tmp_path / "photo.jpg", "jpg"),
                          ext="jpg", size=(64, 48))
    dog = {"box": [2.0, 2.0, 20.0, 20.0], "label": "dog", "score": 0.9, "state": "proposed"}
    store.propose(item.id, "model:scripted@1", [annotation(item.id, "box", dog, "model:scripted@1", id="dog")])
    return web.get(f"/api/projects/{project['id']}/items").json()["items"][0]


@pytest.fixture(scope="session", params=[False, True], ids=["home", "space"])
def whole(request, tmp_path_factory):
    """The whole app, served: at home and as a Space."""
    with running(tmp_path_factory.mktemp("whole"), request.param) as served:
        yield served
