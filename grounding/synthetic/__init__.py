"""Synthetic scenes and videos with known ground truth; for tests, benchmarks and the demo project."""

from grounding.synthetic.backgrounds import BACKGROUNDS
from grounding.synthetic.scenes import SyntheticScene, draw_scene
from grounding.synthetic.videos import SyntheticVideo, VideoSentence, draw_video

__all__ = ["BACKGROUNDS", "SyntheticScene", "SyntheticVideo", "VideoSentence", "draw_scene", "draw_video"]
