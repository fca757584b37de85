// Acting: what the buttons of a row do to its thing or phrase, and how words are edited in place.

import { acceptChanges, recaptioned, removalOf, removeAnnotations, retargeted, rewritten } from "../document/edits.js";
import { acceptAnnotation, rejectAnnotation } from "./review_actions.js";

export function runAnnotationAction(ed, name, head) {
  const work = {
    accept: () => acceptAnnotation(ed, head), reject: () => rejectAnnotation(ed, head), edit: () => editAnnotation(ed, head),
    remove: () => (head.kind === "phrase" ? removePhrase(ed, head) : (ed.select([head.object]), ed.runCommand("remove"))),
    hide: () => ed.setHidden([head.object], true), show: () => ed.setHidden([head.object], false),
  };
  return work[name]();
}

const undo = (ed) => ["Undo", () => ed.runCommand("undo")];

export function removePhrase(ed, head) {
  ed.commit([removalOf(head)], "delete a phrase");
  ed.toasts.say("Phrase removed.", { slot: "step", action: undo(ed) });
}

/** Takes things away, with their phrases. */
export function removeObjects(ed, heads) {
  const what = heads.length === 1 ? `“${heads[0].value.label || "no label"}”` : `${heads.length} boxes`;
  ed.commit(removeAnnotations(ed.doc, heads), "delete");
  ed.select([]);
  ed.toasts.say(`${what} deleted.`, { slot: "step", action: undo(ed) });
}

/** Mends a phrase: other words for its boxes, or other boxes for its words. */
export function applyFix(ed, head, cure) {
  const waited = head.value.state === "proposed";
  ed.commit(cure.text !== undefined ? rewritten(ed.doc, head, cure.text) : retargeted(ed.doc, head, cure.targets), "mend a phrase");
  ed.toasts.say(cure.text !== undefined ? `Now “${cure.text}”.` : "The phrase points elsewhere now.", { slot: "step", action: undo(ed) });
  if (waited) ed.runCommand("settleReview", head); else ed.activate(ed.doc.get(head.object));
}

/** Words are edited in their row; a box has only its label, so the picker opens. */
export async function editAnnotation(ed, head) {
  if (head.kind === "box") {
    ed.select([head.object]);
    ed.pickLabel();
    return;
  }
  ed.activate(head);
  if (ed.panel.filter !== "all") ed.panel.setFilter("all");
  ed.panel.drawNow();
  const track = head.kind === "track", text = track ? head.value.caption || "" : head.value.text, { doc } = ed;
  const answer = await ed.panel.list.edit(head.object, text, track ? "Describe this track" : "Edit the phrase", track ? null : head.value.targets);
  ed.focus();
  const now = doc.get(head.object);
  if (answer === null || !now || doc !== ed.doc || (answer === text && now.value.state === "accepted")) return;
  ed.commit(changesOf(doc, now, text, answer), "edit");
  ed.runCommand("settleReview", head);
}

/** Nothing left of a phrase removes it; the same words accept it. */
function changesOf(doc, head, before, after) {
  if (head.kind === "track") return after === before ? acceptChanges(doc, head) : [recaptioned(head, after)];
  if (!after) return [removalOf(head)];
  return after === before ? acceptChanges(doc, head) : rewritten(doc, head, after);
}
