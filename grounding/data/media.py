"""Media: photos and videos, opened safely, always upright, every frame numbered once."""

from grounding.data.media_image import Image, is_animation, open_image
from grounding.data.media_kinds import MediaError, MediaKind, kind_of, playable_in_browser
from grounding.data.media_video import Frame, FrameTable, Video, open_video

__all__ = ["Frame", "FrameTable", "Image", "MediaError", "MediaKind", "Video", "is_animation", "kind_of", "open_image", "open_video",
           "playable_in_browser"]
