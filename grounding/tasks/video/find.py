"""Find: which track of a video a sentence is about, and when it fits best."""

from __future__ import annotations

from typing import Any

from grounding.data import Track
from grounding.data.media import FrameTable, open_video
from grounding.store import Item, Store
from grounding.tasks.label.encodings import Encodings
from pseudo_query.asking import asked

MOST_TRACKS = 300
ONE_TRACK = "This names several things; ask for one track at a time."
DENIED = "What a track is not cannot be asked of a video; say what it is, for example: a man riding a bike."


def find(store: Store, item: Item, captioner: Any, text: str, encodings: Encodings) -> dict:
    """{"text", "phrase" where commands were left out, "tracks": [{"object", "score", "curve": [[frame, score]],
    "frames": [first, last]}]}, best first; "frames" fit best.

    Scores are mean log-likelihoods of the sentence's words, less what they are without a picture: above 0 the sight of
    the track speaks for the sentence. What was rejected is left out. Looks are kept in `encodings` while the tracks
    stay as they are. A sentence that cannot be asked of tracks has no tracks and {"declined"}, one sentence. Raises
    ValueError where there is no captioner, no video, no words, or there are too many tracks.
    """
    if item.kind != "video":
        raise ValueError(f"{item.name} is a photo; sentences are asked of photos without tracks")
    if captioner is None:
        raise ValueError("this app was started without a captioner; choose one of the catalog")
    said = [a for a in store.current(item.id) if a.kind == "track" and a.state != "rejected"]
    if len(said) > MOST_TRACKS:
        raise ValueError(f"{item.name} has {len(said)} tracks; a sentence can be asked of {MOST_TRACKS} at most")
    read = asked(text)
    why = read.say if read.declined else ONE_TRACK if len(read.parts) > 1 else DENIED if read.without else ""
    if why:
        return {"text": text, "tracks": [], "declined": why}
    if not said:
        return {"text": text, "tracks": []}

    def look():
        with open_video(store.media_path(item), FrameTable(store.pts(item.id)), item.name) as video:
            return captioner.see_tracks(video, [Track.from_value(a.value) for a in said])

    seen = encodings.get((captioner.version, *(a.id for a in said)), look)
    fits = captioner.score_tracks(seen, read.parts[0])
    return {"text": text, "tracks": [_told(said[fit.track].object, fit) for fit in fits]} | (
        {"phrase": read.plain} if read.plain != text else {}
    )


def _told(object: str, fit: Any) -> dict:
    curve = [[int(frame), round(float(score), 4)] for frame, score in fit.curve]
    return {"object": object, "score": round(float(fit.score), 4), "curve": curve, "frames": [int(frame) for frame in fit.frames]}
