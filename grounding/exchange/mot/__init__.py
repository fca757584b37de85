"""MOT: one folder a video, boxes as lines of numbers, as the MOTChallenge keeps them and CVAT reads them.

    <video>/gt/gt.txt       frame (from 1), id, left, top, width, height, 1, class, visible share: 0 where it is partly covered, as Datumaro
                            and CVAT write it (nobody measured the share), else 1
    <video>/gt/labels.txt   the name of each class, one a line, class 1 first
    <video>/seqinfo.ini     name, frame rate, count, size; originalName where the video's own name is one that not every system takes

Captions, phrases and the times of single frames have no place in it.
"""

from grounding.exchange.mot.lines import has_classes, read_rows
from grounding.exchange.mot.reader import read, read_seqinfo, read_tree
from grounding.exchange.mot.writer import MotWriter, write

__all__ = ["MotWriter", "has_classes", "read_seqinfo", "read", "read_tree", "read_rows", "write"]
