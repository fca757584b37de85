"""What every moment finder must do. A member is a row of MEMBERS."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import pytest

from grounding.data import Query, TimeSpan
from grounding.data.media import FrameTable
from grounding.models.scripted import ScriptedMomentFinder
from grounding.protocols import MomentFinder


@dataclass(frozen=True)
class ShortVideo:
    """Ten seconds, two frames a second."""

    frames: ClassVar = FrameTable(np.arange(21) / 2)


SCRIPT = {"the dog jumps": [TimeSpan(4, 6), TimeSpan(1, 2), TimeSpan(9, 30), TimeSpan(20, 30)], "a cat": []}
MEMBERS = {"scripted": lambda: ScriptedMomentFinder(SCRIPT)}
every = pytest.mark.parametrize("make", MEMBERS.values(), ids=list(MEMBERS))
PHRASES = ("the dog jumps", "The dog jumps", "a cat", "something else")


@every
def test_it_is_a_moment_finder_whose_version_names_it_and_its_weights(make):
    kind, _, digest = make().version.partition("@")
    assert isinstance(make(), MomentFinder) and kind and len(digest) == 8


@every
@pytest.mark.parametrize("phrase", PHRASES)
def test_moments_lie_in_the_video_none_twice_and_the_same_when_asked_again(make, phrase):
    found = make().find(ShortVideo(), Query(phrase))
    assert all(0 <= span.start_s <= span.end_s <= 10 for span in found) and len(set(found)) == len(found)
    assert found == make().find(ShortVideo(), Query(phrase))


def test_a_scripted_moment_finder_answers_by_the_phrase_in_the_order_of_its_script():
    finder = ScriptedMomentFinder(SCRIPT)
    assert finder.find(ShortVideo(), Query("The dog jumps")) == [TimeSpan(4, 6), TimeSpan(1, 2), TimeSpan(9, 10)]
    assert finder.find(ShortVideo(), Query("a bird")) == [] and finder.version != ScriptedMomentFinder({}).version
