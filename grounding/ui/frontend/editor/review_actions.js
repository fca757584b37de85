// Review actions: accept or reject what a model proposed, and on to the next that waits.

import { acceptChanges, removeAnnotations, withState } from "../document/edits.js";
import { nextPending, pendingReview } from "../document/review_queue.js";

/** @typedef {import("./context.js").Context} Context */

/**
 * After a decision about `object`: the next that waits, or a word that all is looked through.
 * @param {Pick<Context, "session" | "notices">} context
 */
export function activateNext({ session, notices }, before, object) {
  const next = nextPending(session.doc, before, object);
  if (next) session.activate(next);
  else if (before.length) {
    session.select([]);
    notices.toasts.say("All looked through. Ctrl+Enter marks this one done and goes on.", { slot: "step" });
  }
}

/** @param {Pick<Context, "session">} context */
const order = ({ session }) => pendingReview(session.doc).map((annotation) => annotation.object);

/** @param {Pick<Context, "session" | "notices" | "services">} context */
export function acceptAnnotation(context, annotation) {
  const { session } = context;
  const before = order(context);
  session.commit(acceptChanges(session.doc, annotation), "accept");
  activateNext(context, before, annotation.object);
}

/** @param {Pick<Context, "session" | "notices" | "services">} context */
export function rejectAnnotation(context, annotation) {
  const { session, services } = context;
  const before = order(context);
  if (annotation.kind === "phrase") session.commit([withState(annotation, "rejected")], "reject");
  else session.commit(removeAnnotations(session.doc, [annotation], { reject: true }), "reject");
  services.templates.rejected(annotation);
  activateNext(context, before, annotation.object);
}

/**
 * What A, X and E are about: the active one, else what is chosen, else the first that waits.
 * @param {Pick<Context, "session">} context
 */
export function reviewTarget({ session }) {
  const waiting = pendingReview(session.doc), review = session.underReview(waiting);
  if (review) return review;
  const active = session.doc && session.doc.get(session.activeId);
  if (active) return active;
  return session.selectedAnnotations()[0] || waiting[0] || null;
}
