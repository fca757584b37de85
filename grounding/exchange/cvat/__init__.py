"""CVAT video XML 1.1: one annotations.xml a video, tracks as keyframes between which CVAT moves boxes in straight lines, as we do.

Frames count from 0. A box with outside="1" hides the thing from its frame on until the next keyframe; CVAT shows a thing to the
end of the video, so one stands after the last frame of each track. Two attributes of each label hold sentences: `caption` is about
all of a thing's life; `stretch` is mutable, holds from a keyframe to the next, and has a line for each sentence that is about these frames
(none where they have ended, for CVAT goes on with what it was told last).
"""

from grounding.exchange.cvat.reader import read, read_tree
from grounding.exchange.cvat.writer import CvatWriter, write

__all__ = ["CvatWriter", "read", "read_tree", "write"]
