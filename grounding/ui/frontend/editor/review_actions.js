// Deciding: yes or no to what a model proposed, and on to the next that waits.

import { acceptChanges, removeAnnotations, withState } from "../document/edits.js";
import { nextPending, pendingReview } from "../document/review_queue.js";

/** After a decision about `object`: the next that waits, or a word that all is looked through. */
export function activateNext(ed, before, object) {
  const next = nextPending(ed.doc, before, object);
  if (next) ed.activate(next);
  else if (before.length) {
    ed.select([]);
    ed.toasts.say("All looked through. Ctrl+Enter marks this one done and goes on.", { slot: "step" });
  }
}

const order = (ed) => pendingReview(ed.doc).map((head) => head.object);

export function acceptAnnotation(ed, head) {
  const before = order(ed);
  ed.commit(acceptChanges(ed.doc, head), "accept");
  activateNext(ed, before, head.object);
}

export function rejectAnnotation(ed, head) {
  const before = order(ed);
  if (head.kind === "phrase") ed.commit([withState(head, "rejected")], "reject");
  else ed.commit(removeAnnotations(ed.doc, [head], { reject: true }), "reject");
  ed.templates.rejected(head);
  activateNext(ed, before, head.object);
}

/** What A, X and E are about: the thing in hand, else what is chosen, else the first that waits. */
export function reviewTarget(ed) {
  const waiting = pendingReview(ed.doc), review = ed.underReview(waiting);
  if (review) return review;
  const active = ed.doc && ed.doc.get(ed.activeId);
  if (active) return active;
  return ed.selectedAnnotations()[0] || waiting[0] || null;
}
