"""VidSTG: sentences about things in videos with their extent in time, beside the boxes as VidOR keeps them.

    annotations.json                 one record a sentence: vid, frame_count, fps, width, height, subject/objects, used_segment,
                                     used_relation, temporal_gt (end_fid is the frame after the last), captions, questions
    vidor/<video>.json               one a video: subject/objects and for each frame its boxes (`trajectories`); `generated` is 1
                                     where a box was interpolated

The first sentence about all of a thing's life is its caption; one with another extent is about a stretch of it. Relations between
things are not kept here, so `used_relation` names the thing alone, and `questions` is empty.
"""

from grounding.exchange.vidstg.reader import read, read_tree
from grounding.exchange.vidstg.writer import VidstgWriter, write

__all__ = ["VidstgWriter", "read", "read_tree", "write"]
