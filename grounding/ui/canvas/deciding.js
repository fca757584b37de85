// Deciding: yes or no to what a model proposed, and on to the next that waits.

import { acceptance, removal, withState } from "./edits.js";
import { following, pending } from "./review.js";

/** After a decision about `object`: the next that waits, or a word that all is looked through. */
export function goOn(ed, before, object) {
  const next = following(ed.doc, before, object);
  if (next) ed.activate(next);
  else if (before.length) {
    ed.select([]);
    ed.toasts.say("All looked through. Ctrl+Enter marks this one done and goes on.", { slot: "step" });
  }
}

const order = (ed) => pending(ed.doc).map((head) => head.object);

export function acceptOne(ed, head) {
  const before = order(ed);
  ed.commit(acceptance(ed.doc, head), "accept");
  goOn(ed, before, head.object);
}

export function rejectOne(ed, head) {
  const before = order(ed);
  if (head.kind === "phrase") ed.commit([withState(head, "rejected")], "reject");
  else ed.commit(removal(ed.doc, [head], { reject: true }), "reject");
  ed.templates.rejected(head);
  goOn(ed, before, head.object);
}

/** What A, X and E are about: the thing in hand, else what is chosen, else the first that waits. */
export function inHand(ed) {
  const waiting = pending(ed.doc), review = ed.underReview(waiting);
  if (review) return review;
  const active = ed.doc && ed.doc.get(ed.active);
  if (active) return active;
  return ed.heads()[0] || waiting[0] || null;
}
