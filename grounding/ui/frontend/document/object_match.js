// Object match: which object of the open item a box falls on.

import { iou } from "../kit/geometry.js";

const SAME_OBJECT = 0.7;  // IoU from which on a box is taken for the object that is there

/** [{annotation, object, box}]: the objects that are visible at this frame and not rejected. */
export function candidatesAt(doc, frame) {
  const standing = doc.objects().filter((annotation) => annotation.value.state !== "rejected");
  return standing.map((annotation) => ({ annotation, object: annotation.object, box: doc.boxAt(annotation, frame) })).filter(({ box }) => box);
}

/** Of candidates ({box, ...}) the one that overlaps the box most, by an IoU of 0.7 or more; else null. */
export function matchOf(candidates, box) {
  const best = candidates.map((candidate) => ({ candidate, overlap: iou(candidate.box, box) })).sort((a, b) => b.overlap - a.overlap)[0];
  return best && best.overlap >= SAME_OBJECT ? best.candidate : null;
}

/** The annotation of the open item that this box falls on, or null. */
export function matchAt(doc, frame, box) {
  const found = matchOf(candidatesAt(doc, frame), box);
  return found && found.annotation;
}
