// Object match: which object of the open item a box falls on.

import { iou } from "../kit/geometry.js";

/**
 * @typedef {import("./types.js").Annotation} Annotation
 * @typedef {import("./item_document.js").ItemDocument} ItemDocument
 * @typedef {import("../kit/geometry.js").Box} Box
 * @typedef {{annotation?: Annotation, object: string, box: Box}} Candidate
 */

const SAME_OBJECT = 0.7;  // IoU from which on a box is taken for the object that is there

/**
 * [{annotation, object, box}]: the objects that are visible at this frame and not rejected.
 * @param {ItemDocument} doc
 * @param {number} frame
 */
export function candidatesAt(doc, frame) {
  const standing = doc.objects().filter((annotation) => annotation.value.state !== "rejected");
  return standing.map((annotation) => ({ annotation, object: annotation.object, box: doc.boxAt(annotation, frame) })).filter(({ box }) => box);
}

/**
 * Of candidates ({box, ...}) the one that overlaps the box most, by an IoU of 0.7 or more; else null.
 * @param {Candidate[]} candidates
 * @param {Box} box
 */
export function matchOf(candidates, box) {
  const best = candidates.map((candidate) => ({ candidate, overlap: iou(candidate.box, box) })).sort((a, b) => b.overlap - a.overlap)[0];
  return best && best.overlap >= SAME_OBJECT ? best.candidate : null;
}

/**
 * The annotation of the open item that this box falls on, or null.
 * @param {ItemDocument} doc
 * @param {number} frame
 * @param {Box} box
 */
export function matchAt(doc, frame, box) {
  const found = matchOf(candidatesAt(doc, frame), box);
  return found && found.annotation;
}
