// Edits: what each gesture changes, worked out from what stands; a person's touch makes a proposal accepted.

import { tidy } from "./geometry.js";
import { withKeys } from "./pieces.js";
import { added, change } from "./state.js";
import { hiddenFrom, personKey, withBox } from "./tracks.js";

export const byModel = (head) => (head.author || "").startsWith("model:");
const tidyKeys = (keys) => keys.map((key) => ({ ...key, box: tidy(key.box) }));

export const newBox = (box, label) => added("box", { box: tidy(box), label, score: 1, state: "accepted" });

export function newTrack(frame, box, label) {
  return added("track", { label, caption: "", state: "accepted", score: 1, keyframes: [personKey(frame, tidy(box))] });
}

/** The thing with its box at this frame; a track gets a keyframe here. */
export function placed(head, box, frame) {
  if (head.kind === "box") return change(head, { ...head.value, box: tidy(box), state: "accepted" });
  return rekeyed(head, withBox(head.value.keyframes, frame, box));
}

export const rekeyed = (head, keys) => change(head, { ...withKeys(head.value, tidyKeys(keys)), state: "accepted" });

/** The track ended before this frame, or null when nothing of it would be left. */
export function endedBefore(head, frame) {
  const keys = hiddenFrom(head.value.keyframes, frame);
  return keys.length ? rekeyed(head, keys) : null;
}

export const relabelled = (head, label) => change(head, { ...head.value, label, state: "accepted" });
export const recaptioned = (head, caption) => change(head, { ...head.value, caption, state: "accepted" });
export const withState = (head, state) => change(head, { ...head.value, state });

/** What a thing is called of whose label nobody has said anything. */
export const UNNAMED = "object";

export function newPhrase(text, targets, unique = true) {
  return added("phrase", { text, targets, state: "accepted", origin: "person", rule: "", unique, score: 1 });
}

/** Other words for a phrase; like an acceptance, it also accepts the boxes it points at. The rule stays: it tells whose words were mended. */
export function rewritten(doc, head, text) {
  const words = change(head, { ...head.value, text, state: "accepted", origin: "person" });
  return [words, ...acceptance(doc, head).slice(1)];
}

/** Other boxes for a phrase, which are thereby accepted too. */
export function retargeted(doc, head, targets) {
  const boxes = acceptance(doc, { ...head, value: { ...head.value, targets } }).slice(1);
  return [change(head, { ...head.value, targets, state: "accepted", origin: "person" }), ...boxes];
}

/** Accepts a phrase and, since it names them, the proposed boxes it points at. */
export function acceptance(doc, head) {
  const changes = [withState(head, "accepted")];
  if (head.kind !== "phrase") return changes;
  for (const object of head.value.targets) {
    const thing = doc.get(object);
    if (thing && thing.value.state === "proposed") changes.push(withState(thing, "accepted"));
  }
  return changes;
}

/** What a model said is kept as rejected, what a person made is deleted. */
export function gone(head) {
  const proposal = head.kind === "phrase" ? head.value.origin !== "person" : byModel(head) && head.value.state === "proposed";
  return proposal ? withState(head, "rejected") : change(head, null);
}

/**
 * Things taken away. A model's proposal is kept as rejected (it teaches), anything else is deleted; phrases lose the
 * target, and go too where it was their last.
 */
export function removal(doc, heads, { reject = false } = {}) {
  const objects = new Set(heads.map((head) => head.object));
  const changes = heads.map((head) => (reject ? withState(head, "rejected") : gone(head)));
  for (const phrase of doc.all("phrase")) {
    if (objects.has(phrase.object) || phrase.value.state === "rejected") continue;
    const left = phrase.value.targets.filter((target) => !objects.has(target));
    if (left.length === phrase.value.targets.length) continue;
    if (left.length) changes.push(change(phrase, { ...phrase.value, targets: left }));
    else changes.push(reject ? withState(phrase, "rejected") : gone(phrase));
  }
  return changes;
}

/** Boxes copied a little to the side, with new names. */
export function duplicated(heads, shift, size) {
  return heads.filter((head) => head.kind === "box").map((head) => {
    const [x0, y0, x1, y1] = head.value.box;
    const dx = Math.min(shift, size.width - x1), dy = Math.min(shift, size.height - y1);
    return added("box", { ...head.value, score: 1, state: "accepted", box: tidy([x0 + dx, y0 + dy, x1 + dx, y1 + dy]) });
  });
}

/** Every proposed thing accepted, at once. */
export function acceptAll(doc) {
  return ["box", "track", "phrase"].flatMap((kind) => doc.all(kind).filter((h) => h.value.state === "proposed").map((h) => withState(h, "accepted")));
}
