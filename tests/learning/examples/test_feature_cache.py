"""Features come back from disk as they were encoded; those of other networks and damaged files are refused."""

import numpy as np
import pytest
from PIL import Image as Pillow

from grounding.data.media import Image
from grounding.learning.examples.feature_cache import FeatureCache, fill_cache
from grounding.nn.files.features import FeatureFileError, ImageFeatures
from tests.models.toy_backbone import ToyBackbone, draw


class MeanColour:
    """Encodes the mean colour of an image; counts how often."""

    version, encoded = "mean@00000001", 0

    def encode(self, image: Image) -> ImageFeatures:
        MeanColour.encoded += 1
        level = image.pixels[:, : max(1, image.size.width // 2)].mean((0, 1), dtype=np.float64).reshape(3, 1, 1)
        return ImageFeatures({"mean": level.astype(np.float16)}, np.float32([[0, 0, 0.5, 1]]), np.array([3]), np.float32([0.5]), 2.0)


@pytest.fixture
def photos(tmp_path):
    paths = []
    for number in range(3):
        pixels = np.zeros((10, 20, 3), np.uint8)
        pixels[:, 10:] = 60 * (number + 1)
        paths.append(tmp_path / f"{number}.png")
        Pillow.fromarray(pixels).save(paths[-1])
    return paths


def last(steps):
    return list(steps)[-1].result


def test_what_was_encoded_is_read_again(photos, tmp_path):
    cache = FeatureCache(tmp_path / "cache", MeanColour.version)
    digests = last(fill_cache(cache, photos, MeanColour))
    found = cache.read(digests[photos[1]])
    assert found.levels["mean"].ravel().tolist() == [0, 0, 0]
    assert found.boxes.tolist() == [[0, 0, 0.5, 1]] and found.classes.tolist() == [3] and found.aspect_ratio == 2.0


def test_a_mirror_image_is_kept_beside_the_photo(photos, tmp_path):
    cache = FeatureCache(tmp_path / "cache", MeanColour.version)
    digest = last(fill_cache(cache, photos, MeanColour, mirrored=True))[photos[0]]
    assert not cache.has(digest)
    assert cache.read(digest, True).levels["mean"].ravel().tolist() == [60, 60, 60]


def test_a_second_run_encodes_nothing_twice(photos, tmp_path):
    cache = FeatureCache(tmp_path / "cache", MeanColour.version)
    steps = fill_cache(cache, photos, MeanColour)
    next(steps)
    steps.close()
    last(fill_cache(cache, photos, MeanColour))
    MeanColour.encoded = 0
    last(fill_cache(cache, photos, MeanColour))
    assert MeanColour.encoded == 0


def test_other_processes_encode_the_same(photos, tmp_path):
    here, there = FeatureCache(tmp_path / "here", "toy-eyes@00000000"), FeatureCache(tmp_path / "there", "toy-eyes@00000000")
    pictures = []
    for number in range(3):
        pictures.append(tmp_path / f"drawn{number}.png")
        Pillow.fromarray(draw(number)[0]).save(pictures[-1])
    digests = last(fill_cache(here, pictures, ToyBackbone))
    assert last(fill_cache(there, pictures, ToyBackbone, workers=1, max_in_process=0)) == digests
    for digest in digests.values():
        one, other = here.read(digest), there.read(digest)
        assert np.array_equal(one.boxes, other.boxes) and np.array_equal(one.levels["ssd19"], other.levels["ssd19"])


def test_a_cache_of_other_networks_is_refused(photos, tmp_path):
    digests = last(fill_cache(FeatureCache(tmp_path / "cache", MeanColour.version), photos, MeanColour))
    other = FeatureCache(tmp_path / "cache", "other@99999999")
    with pytest.raises(FeatureFileError, match="mean@00000001, this model needs other@99999999"):
        other.read(digests[photos[0]])
    with pytest.raises(FeatureFileError, match="choose another cache folder"):
        last(fill_cache(FeatureCache(tmp_path / "new", "other@99999999"), photos, MeanColour))


def test_a_file_cut_short_is_named(photos, tmp_path):
    cache = FeatureCache(tmp_path / "cache", MeanColour.version)
    digest = last(fill_cache(cache, photos, MeanColour))[photos[0]]
    path = cache.path(digest)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(FeatureFileError, match="delete the file"):
        cache.read(digest)
