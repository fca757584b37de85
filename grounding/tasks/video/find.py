"""Find: which track of a video a sentence is about, and when it fits best."""

from __future__ import annotations

from grounding.data.captions import TrackScore
from grounding.data.media import FrameTable, open_video
from grounding.protocols import TrackCaptioner
from grounding.store import Item, Store
from grounding.tasks.label.encodings import EncodingCache
from pseudo_query.asking import plan_query

MAX_TRACKS = 300
ONE_TRACK_ONLY = "This names several things; ask for one track at a time."
NO_NEGATION = "What a track is not cannot be asked of a video; say what it is, for example: a man riding a bike."


def find_tracks(store: Store, item: Item, captioner: TrackCaptioner | None, text: str, encodings: EncodingCache) -> dict:
    """{"text", "phrase" where commands were left out, "tracks": [{"object", "score", "curve": [[frame, score]],
    "frames": [first, last]}]}, best first; "frames" fit best.

    Scores are mean log-likelihoods of the sentence's words, less what they are without a picture: above 0 the features
    of the track speak for the sentence. Rejected tracks are left out. Encoded tracks are kept in `encodings` while the
    tracks stay as they are. A sentence that cannot be asked of tracks has no tracks and {"declined"}, one sentence. Raises
    ValueError where there is no captioner, no video, no words, or there are too many tracks.
    """
    if item.kind != "video":
        raise ValueError(f"{item.name} is a photo; sentences are asked of photos without tracks")
    if captioner is None:
        raise ValueError("this app was started without a captioner; choose one of the catalog")
    versions = [a for a in store.current(item.id) if a.kind == "track" and a.state != "rejected"]
    if len(versions) > MAX_TRACKS:
        raise ValueError(f"{item.name} has {len(versions)} tracks; a sentence can be asked of {MAX_TRACKS} at most")
    plan = plan_query(text)
    why = plan.message if plan.declined else ONE_TRACK_ONLY if len(plan.subqueries) > 1 else NO_NEGATION if plan.excluded else ""
    if why:
        return {"text": text, "tracks": [], "declined": why}
    if not versions:
        return {"text": text, "tracks": []}

    def encode():
        with open_video(store.media_path(item), FrameTable(store.pts(item.id)), item.name) as video:
            return captioner.encode_tracks(video, [a.value.to_track() for a in versions])

    encoded = encodings.get((captioner.version, *(a.id for a in versions)), encode)
    fits = captioner.score_tracks(encoded, plan.subqueries[0])
    return {"text": text, "tracks": [_fit_json(versions[fit.track].object, fit) for fit in fits]} | (
        {"phrase": plan.cleaned_text} if plan.cleaned_text != text else {}
    )


def _fit_json(object: str, fit: TrackScore) -> dict:
    curve = [[int(frame), round(float(score), 4)] for frame, score in fit.frame_scores]
    return {"object": object, "score": round(float(fit.score), 4), "curve": curve, "frames": [int(frame) for frame in fit.best_span]}
