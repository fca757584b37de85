// The scene: what of the open item is drawn at this frame, with which color and label.

import { nearestBox, occludedAt } from "../document/keyframes.js";
import { percent } from "../kit/format.js";

export function objectCaption(head) {
  const name = head.value.label || "no label";
  const score = head.value.state === "proposed" && typeof head.value.score === "number" ? ` ${percent(head.value.score)}` : "";
  return name + score;
}

/** One drawable thing, or null where it is not seen at this frame. */
function drawable(doc, head, frame, colorOf) {
  const box = doc.boxOf(head, frame);
  if (!box) return null;
  const rejected = head.value.state === "rejected", occluded = head.kind === "track" ? occludedAt(head.value.keyframes, frame) : !!head.value.occluded;
  return {
    object: head.object, head, box, color: rejected ? "#8a909c" : colorOf(head.value.label), text: objectCaption(head) + (occluded ? " · covered" : "") + (head.value.locked ? " · locked" : ""),
    proposed: head.value.state === "proposed" || rejected, rejected, dim: rejected, occluded,
  };
}

/** All things to draw. `hidden` holds objects; `only` (a set or null) keeps the others faint. */
export function visibleObjects(doc, { frame, colorOf, hidden, hideAll, showRejected, only }) {
  if (!doc || hideAll) return [];
  const seen = [];
  for (const head of doc.things()) {
    if (hidden.has(head.object) || (head.value.state === "rejected" && !showRejected)) continue;
    const thing = drawable(doc, head, frame, colorOf);
    if (thing) seen.push(only ? { ...thing, dim: thing.dim || !only.has(head.object) } : thing);
  }
  return seen;
}

/** A chosen track that is not seen at this frame, shown where it was nearest, ready to be taken up. */
export function hiddenTrackGhost(doc, object, colorOf) {
  return (frame) => {
    const head = doc.get(object);
    if (!head || head.kind !== "track" || doc.boxOf(head, frame)) return null;
    const box = nearestBox(head.value.keyframes, frame);
    return box && { object, head, box, color: colorOf(head.value.label), text: `${head.value.label || "track"} (not here)`, ghost: true, proposed: true };
  };
}
