// The scene: what of the open item is drawn at this frame, with which color and label.

import { nearestBox, occludedAt } from "../document/keyframes.js";
import { percent } from "../kit/format.js";

export function objectCaption(annotation) {
  const name = annotation.value.label || "no label";
  const score = annotation.value.state === "proposed" && typeof annotation.value.score === "number" ? ` ${percent(annotation.value.score)}` : "";
  return name + score;
}

/** One object to draw, or null where it is not seen at this frame. */
function drawable(doc, annotation, frame, colorOf) {
  const box = doc.boxAt(annotation, frame);
  if (!box) return null;
  const rejected = annotation.value.state === "rejected", occluded = annotation.kind === "track" ? occludedAt(annotation.value.keyframes, frame) : !!annotation.value.occluded;
  return {
    object: annotation.object, annotation, box, color: rejected ? "#8a909c" : colorOf(annotation.value.label), text: objectCaption(annotation) + (occluded ? " · covered" : "") + (annotation.value.locked ? " · locked" : ""),
    proposed: annotation.value.state === "proposed" || rejected, rejected, dim: rejected, occluded,
  };
}

/** All objects to draw. `hidden` holds objects; `only` (a set or null) keeps the others faint. */
export function visibleObjects(doc, { frame, colorOf, hidden, hideAll, showRejected, only }) {
  if (!doc || hideAll) return [];
  const seen = [];
  for (const annotation of doc.objects()) {
    if (hidden.has(annotation.object) || (annotation.value.state === "rejected" && !showRejected)) continue;
    const object = drawable(doc, annotation, frame, colorOf);
    if (object) seen.push(only ? { ...object, dim: object.dim || !only.has(annotation.object) } : object);
  }
  return seen;
}

/** A chosen track that is not seen at this frame, shown where it was nearest, ready to be taken up. */
export function hiddenTrackGhost(doc, object, colorOf) {
  return (frame) => {
    const annotation = doc.get(object);
    if (!annotation || annotation.kind !== "track" || doc.boxAt(annotation, frame)) return null;
    const box = nearestBox(annotation.value.keyframes, frame);
    return box && { object, annotation, box, color: colorOf(annotation.value.label), text: `${annotation.value.label || "track"} (not here)`, ghost: true, proposed: true };
  };
}
