// Deciding: yes or no to what a model proposed, and on to the next that waits.

import { acceptChanges, removeAnnotations, withState } from "../document/edits.js";
import { nextPending, pendingReview } from "../document/review_queue.js";

/** After a decision about `object`: the next that waits, or a word that all is looked through. */
export function activateNext({ session, notices }, before, object) {
  const next = nextPending(session.doc, before, object);
  if (next) session.activate(next);
  else if (before.length) {
    session.select([]);
    notices.toasts.say("All looked through. Ctrl+Enter marks this one done and goes on.", { slot: "step" });
  }
}

const order = ({ session }) => pendingReview(session.doc).map((head) => head.object);

export function acceptAnnotation(context, head) {
  const { session } = context;
  const before = order(context);
  session.commit(acceptChanges(session.doc, head), "accept");
  activateNext(context, before, head.object);
}

export function rejectAnnotation(context, head) {
  const { session, services } = context;
  const before = order(context);
  if (head.kind === "phrase") session.commit([withState(head, "rejected")], "reject");
  else session.commit(removeAnnotations(session.doc, [head], { reject: true }), "reject");
  services.templates.rejected(head);
  activateNext(context, before, head.object);
}

/** What A, X and E are about: the thing in hand, else what is chosen, else the first that waits. */
export function reviewTarget({ session }) {
  const waiting = pendingReview(session.doc), review = session.underReview(waiting);
  if (review) return review;
  const active = session.doc && session.doc.get(session.activeId);
  if (active) return active;
  return session.selectedAnnotations()[0] || waiting[0] || null;
}
