"""COCO: boxes as JSON in the layout that CVAT reads, with phrases beside them in the form of gRefCOCO.

    images/default/...                        the photos; `file_name` is relative to this folder, `original_name` is there
                                              where the photo's own name is one that Windows, macOS or Linux would not
                                              take, or is taken already
    annotations/instances_default.json        images, annotations, categories (and frame tables of videos, with captions of stretches)
    videos/...                                the videos that frames were taken from, so that they come back as videos
    annotations/grefs(default).json           phrases with 0..n targets; ann_id [-1] says that there is none
"""

from grounding.exchange.coco.reader import has_coco_set, read, read_tree
from grounding.exchange.coco.rows import CAPTION_KEYS
from grounding.exchange.coco.writer import PIXEL_DECIMALS, CocoWriter, write

__all__ = ["CAPTION_KEYS", "PIXEL_DECIMALS", "CocoWriter", "has_coco_set", "read", "read_tree", "write"]
