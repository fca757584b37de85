"""Detectron2 behind our seam. The package is built from source and cannot be installed here, so a stand-in with its documented names and
behaviour takes its place (tests/models/adapters/detectron2/standin.py); where the real one is installed, the first test takes that."""

import importlib.util

import numpy as np
import pytest
import torch

from grounding.data.media import Image
from grounding.models.adapters.detectron2.detector import Detectron2Detector
from grounding.models.adapters.source import ModelSource, ModelSourceError
from tests.models.adapters.detectron2.standin import stand_in

REAL = importlib.util.find_spec("detectron2") is not None
PIXELS = np.zeros((60, 100, 3), np.uint8)
PIXELS[..., 2] = 200  # blue: the first channel a network in BGR sees, the last of ours
PICTURE = Image(PIXELS, "blue")
KNOWN = {"boxes": torch.tensor([[0.1, 0.2, 0.5, 0.6], [0.5, 0.5, 1.5, 1.5], [0.3, 0.3, 0.3, 0.9]]), "scores": torch.tensor([0.5, 0.9, 0.8]),
         "classes": torch.tensor([1, 0, 1])}


@pytest.fixture
def package(monkeypatch):
    if not REAL:
        stand_in(monkeypatch)


@pytest.fixture
def model(package, tmp_path):
    """Makes the adapter of a configuration with a test set of two classes, and weights `KNOWN` changed by `tensors`."""
    if REAL:
        pytest.skip("the network whose weights are its answers is part of the stand-in")
    from detectron2.config import get_cfg
    from detectron2.data import MetadataCatalog

    MetadataCatalog.get("farm").thing_classes = ["dog", "cat"]

    def make(masks=False, form="BGR", named=True, kind="GeneralizedRCNN", text="", said=None, **tensors):
        cfg = get_cfg()
        cfg.DATASETS.TEST, cfg.MODEL.MASK_ON, cfg.INPUT.FORMAT, cfg.MODEL.META_ARCHITECTURE = (["farm"] if named else []), masks, form, kind
        cfg.MODEL.ROI_HEADS.NUM_CLASSES = cfg.MODEL.RETINANET.NUM_CLASSES = 2
        (tmp_path / "base.yaml").write_text(cfg.dump())
        (tmp_path / "farm.yaml").write_text("_BASE_: base.yaml\n" + text)
        torch.save({"model": KNOWN | tensors, "iteration": 9}, tmp_path / "farm.pth")
        return Detectron2Detector(ModelSource(str(tmp_path / "farm.yaml"), weights=str(tmp_path / "farm.pth"), **(said or {})))

    return make


def test_it_answers_what_its_predictor_answers(package, tmp_path):
    from detectron2.config import get_cfg
    from detectron2.engine import DefaultPredictor
    from detectron2.modeling import build_model

    torch.manual_seed(0)
    cfg = get_cfg()
    cfg.MODEL.DEVICE, cfg.MODEL.ROI_HEADS.NUM_CLASSES, cfg.MODEL.WEIGHTS = "cpu", 2, ""
    if REAL:
        cfg.INPUT.MIN_SIZE_TEST = 120  # so that it resizes, and is quick
    (tmp_path / "own.yaml").write_text(cfg.dump())
    network = build_model(cfg)
    torch.save(network.state_dict(), tmp_path / "own.pth")
    (tmp_path / "names.txt").write_text("dog\ncat\n")
    found = Detectron2Detector(
        ModelSource(str(tmp_path / "own.yaml"), weights=str(tmp_path / "own.pth"), labels=str(tmp_path / "names.txt"))
    ).detect(PICTURE)
    predictor = DefaultPredictor(cfg)
    predictor.model.load_state_dict(network.state_dict())
    theirs = predictor(PIXELS[:, :, ::-1])["instances"].to("cpu")
    assert len(found) <= len(theirs) and set(found.labels) <= {"dog", "cat"}
    if len(found):
        assert np.abs(theirs.pred_boxes.tensor.numpy() - found.boxes.xyxy[0]).max(1).min() < 1e-3


def test_boxes_are_cut_to_the_picture_and_named_by_the_metadata(model):
    detector = model()
    found = detector.detect(PICTURE)
    assert found.labels == ("dog", "cat")  # the third has no width
    np.testing.assert_allclose(found.boxes.xyxy, [[50, 30, 100, 60], [10, 12, 50, 36]], atol=1e-4)
    np.testing.assert_allclose(found.scores, [0.9, 0.7], atol=1e-4)  # 0.5, and the blue of the picture seen first
    assert found.masks is None and detector.version.startswith("detectron2-farm@") and len(detector.version.partition("@")[2]) == 8


def test_pixels_arrive_in_the_order_the_network_was_trained_with(model):
    assert model(form="RGB").detect(PICTURE).scores.tolist() == pytest.approx([0.9, 0.5])  # red is seen first, and there is none


def test_masks_come_along(model):
    found = model(masks=True).detect(PICTURE)
    assert found.masks.to_array().sum((1, 2)).tolist() == [100 * 60, 50 * 60]


def test_classes_without_names_are_numbered(model):
    assert model(named=False).detect(PICTURE).labels == ("class 0", "class 1")


def test_nothing_found_is_no_region(model):
    assert len(model(scores=torch.zeros(3)).detect(Image(np.zeros((8, 8, 3), np.uint8), "black"))) == 0


def test_photos_of_one_size_go_through_together_and_are_answered_as_alone(model):
    detector, other = model(), Image(np.zeros((60, 100, 3), np.uint8), "black")
    small = Image(PIXELS[:30, :40], "small")
    passes = []
    detector._predictor.model.register_forward_pre_hook(lambda _, given: passes.append(len(given[0])))
    together = detector.detect_batch([PICTURE, small, other])
    assert passes == [2, 1]
    for image, found in zip([PICTURE, small, other], together):
        alone = detector.detect(image)
        assert found.boxes == alone.boxes and found.labels == alone.labels and np.array_equal(found.scores, alone.scores)


def test_the_threshold_a_person_sets_holds_for_a_retinanet_too(model):
    few = model(kind="RetinaNet", text="MODEL: {RETINANET: {SCORE_THRESH_TEST: 0.95}}")
    assert few.detect(PICTURE).labels == ("dog", "cat")  # ours is lower than the trained one
    assert few._predictor.cfg.MODEL.RETINANET.SCORE_THRESH_TEST == 0.3
    assert model(kind="RetinaNet", said={"score": 0.8}).detect(PICTURE).labels == ("dog",)


def test_the_version_changes_with_weights_configuration_names_threshold_and_precision(model, tmp_path):
    (tmp_path / "names.txt").write_text("cow\npig\n")
    versions = [
        model().version,
        model(scores=torch.ones(3)).version,
        model(text="INPUT: {MAX_SIZE_TEST: 900}").version,
        model(said={"labels": str(tmp_path / "names.txt")}).version,
        model(said={"score": 0.1}).version,
        model(said={"precision": "bfloat16"}).version,
    ]
    assert len(set(versions)) == len(versions) and model(said={"device": "cpu"}).version == versions[0]


def test_names_that_do_not_fit_the_classes_are_said_before_anything_runs(model, tmp_path):
    (tmp_path / "names.txt").write_text("cow\n")
    with pytest.raises(ModelSourceError, match="names 1 classes, and this network tells 2 apart"):
        model(said={"labels": str(tmp_path / "names.txt")})
    with pytest.raises(ModelSourceError, match="test set farm with 2 classes, and its network tells 5 apart.*labels=FILE"):
        model(text="MODEL: {ROI_HEADS: {NUM_CLASSES: 5}}")


def test_what_does_not_fit_is_said_in_a_sentence(model, tmp_path):
    model()
    (tmp_path / "code.yaml").write_text("MODEL: !!python/object/apply:os.getcwd []\n")
    (tmp_path / "odd.yaml").write_text("NO_SUCH_KEY: 1\n")
    torch.save({"boxes": KNOWN["boxes"]}, tmp_path / "other.pth")
    (tmp_path / "old.pkl").write_bytes(b"x")
    farm, weights = str(tmp_path / "farm.yaml"), str(tmp_path / "farm.pth")
    cases = [
        (ModelSource(str(tmp_path / "own.py"), weights=weights), "would run code"),
        (ModelSource(str(tmp_path / "code.yaml"), weights=weights), "cannot be read"),
        (ModelSource(str(tmp_path / "odd.yaml"), weights=weights), "cannot be read"),
        (ModelSource("COCO-Detection/none.yaml", weights=weights), "model zoo"),
        (ModelSource(farm), "weights=FILE"),
        (ModelSource(farm, weights=str(tmp_path / "other.pth")), "do not fit"),
        (ModelSource(farm, weights=str(tmp_path / "old.pkl")), "convert-weights old.pkl old.safetensors"),
        (ModelSource(farm, weights=weights, device="tpu"), "a device is"),
    ]
    for source, words in cases:
        with pytest.raises(ModelSourceError, match=words) as error:
            Detectron2Detector(source)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "text, words",
    [
        ("MODEL: {META_ARCHITECTURE: ProposalNetwork}", "ProposalNetwork, which finds places"),
        ("MODEL: {META_ARCHITECTURE: SemanticSegmentor}", "finds no things"),
        ("MODEL: {LOAD_PROPOSALS: true}", "boxes computed beforehand"),
        ("MODEL: {PROPOSAL_GENERATOR: {NAME: PrecomputedProposals}}", "boxes computed beforehand"),
        ("MODEL: {PROPOSAL_GENERATOR: {NAME: RRPN}}", "turned boxes"),
        ("INPUT: {FORMAT: YUV-BT.601}", "wants pixels as YUV-BT.601"),
        ("MODEL: {ROI_HEADS: {NAME: AttributeROIHeads}}", "cannot build.*AttributeROIHeads"),
        ("MODEL: {META_ARCHITECTURE: Mine}", "cannot build.*Mine"),
        ("MODEL: {BACKBONE: {NAME: build_own}}", "cannot build.*build_own"),
    ],
)
def test_a_configuration_of_something_else_is_refused_in_a_sentence(model, text, words):
    with pytest.raises(ModelSourceError, match=words):
        model(text=text)


def test_a_network_that_answers_with_something_else_says_so(model):
    with pytest.raises(ModelSourceError, match="answers with proposals and no upright boxes"):
        model(kind="OnlyPlaces").detect(PICTURE)


@pytest.mark.skipif(REAL, reason="Detectron2 is installed")
def test_where_the_package_is_missing_the_line_that_installs_it_is_told():
    with pytest.raises(ModelSourceError, match="pip install --no-build-isolation -r requirements-detectron2.txt"):
        Detectron2Detector(ModelSource("x.yaml", weights="x.pth"))
