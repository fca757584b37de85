"""Lines: results of the commands as lines for people, and as rows of JSON."""

from __future__ import annotations


def share(fraction: float | None) -> str:
    """A fraction in [0, 1] in per cent; "-" for None."""
    return "-" if fraction is None else f"{100 * fraction:.1f} %"


def track_row(track) -> dict:
    keys = [{"frame": int(key.frame), "box": [round(float(x), 2) for x in key.box], "outside": bool(key.outside)}
            for key in track.keyframe_list()]
    return {"label": track.label, "caption": track.caption, "score": round(float(track.score), 4), "keyframes": keys}


def track_line(track) -> str:
    return f"frames {track.frames[0]:5d} to {track.frames[-1]:5d}  {track.score:.2f}  {track.caption or track.label}"


def proposal_lines(photo: dict) -> list[str]:
    boxes = [f"  {n:2d}  {row['score']:.2f}  {corners(row['box'])}  {row['label']}" for n, row in enumerate(photo["objects"])]
    phrases = [f"      {row['text']!r} -> {', '.join(map(str, row['targets'])) or 'nothing'}" for row in photo["phrases"]]
    return [photo["file"], *boxes, *phrases]


def project_line(row: dict) -> str:
    counts = row["counts"]
    labels = ", ".join(row["labels"][:8]) + (", ..." if len(row["labels"]) > 8 else "")
    return f"{row['name']}: {counts['new']} new, {counts['in_progress']} in progress, {counts['done']} done; labels: {labels or 'none'}"


def region_lines(regions: list[dict]) -> list[str]:
    return [f"{row['score']:.2f}  {corners(row['box'])}  {row['label']}" for row in regions]


def answer_lines(answer: dict) -> list[str]:
    """The boxes and what is to be known beside them; a phrase that was declined is not one that fits nothing."""
    notes = [answer[name] for name in ("declined", "note") if name in answer]
    return [*region_lines(answer["regions"]), *notes] or ["nothing in this photo fits the phrase"]


def phrase_lines(part: dict) -> list[str]:
    return region_lines(part["regions"]) or [
        f"  -   {part.get('declined', 'nothing in this photo fits')}        {part['text']}"
    ]


def corners(box: list[float]) -> str:
    return "[" + " ".join(f"{x:7.1f}" for x in box) + "]"
