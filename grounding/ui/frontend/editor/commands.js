// Commands: what each key and button does, by name.

import { acceptAllChanges, duplicated } from "../document/edits.js";
import { addition } from "../document/item_document.js";
import { nextPending, pendingReview } from "../document/review_queue.js";
import { moveBox } from "../kit/geometry.js";
import { removeTrack, videoCommands } from "../video/video_commands.js";
import { helpSheet } from "./help_sheet.js";
import { acceptAnnotation, rejectAnnotation, reviewTarget } from "./review_actions.js";

/** @typedef {import("./context.js").Context} Context */

/** @param {Context} context */
export function createCommands(context) {
  return { ...movingOn(context), ...reviewing(context), ...boxes(context), ...copying(context), ...history(context), ...videoCommands(context), ...looking(context), ...arrows(context) };
}

/** @param {Pick<Context, "services" | "commands" | "parts">} context */
function movingOn({ services, commands, parts }) {
  return {
    next: () => parts.navigation.step(1),
    previous: () => parts.navigation.step(-1),
    nextUnfinished: () => parts.navigation.stepUnfinished(1),
    previousUnfinished: () => parts.navigation.stepUnfinished(-1),
    done: () => { commands.run("settle"); return parts.navigation.finish(); },
    save: () => { commands.run("settle"); services.sync.queue.retry(); },
  };
}

/** @param {Context} context */
function reviewing(context) {
  const { session, view, notices, actions, services, parts } = context;
  const about = (work) => () => { const annotation = session.doc && reviewTarget(context); if (annotation) work(annotation); };
  return {
    accept: about((annotation) => acceptAnnotation(context, annotation)),
    reject: about((annotation) => rejectAnnotation(context, annotation)),
    edit: about((annotation) => actions.edit(annotation)),
    acceptAll: () => {
      const changes = session.doc ? acceptAllChanges(session.doc) : [];
      if (!session.commit(changes, "accept everything")) return;
      notices.undoable(`${changes.length} accepted.`);
    },
    reviewNext: () => {
      const left = pendingReview(session.doc), now = left.findIndex((annotation) => annotation.object === session.activeId);
      if (left.length) session.activate(left[(now + 1) % left.length]);
    },
    reviewBack: () => {
      const left = pendingReview(session.doc), now = left.findIndex((annotation) => annotation.object === session.activeId);
      if (left.length) session.activate(left[(Math.max(now, 0) + left.length - 1) % left.length]);
    },
    cure: () => {
      const annotation = session.doc && session.doc.get(session.activeId), fix = annotation && annotation.kind === "phrase" && services.checks.firstFix(annotation);
      if (fix) actions.applyFix(annotation, fix); else notices.toasts.say("Nothing to mend on the phrase in hand.", { seconds: 2 });
    },
    settleReview: (annotation) => { const left = pendingReview(session.doc); if (left.length) session.activate(nextPending(session.doc, [annotation.object, ...left.map((h) => h.object)], annotation.object)); },
    ask: () => parts.panel.queryBox.focus(),
    describe: () => parts.describeBox.start(),
    addPhrase: () => {
      const targets = session.selectedAnnotations().map((annotation) => annotation.object), object = view.selectedObjects()[0];
      if (!object) { notices.toasts.say("Choose one or more boxes first; then P adds a phrase to them."); return; }
      const bounds = view.root.getBoundingClientRect(), stage = view.stage.root.getBoundingClientRect(), at = view.viewport.boxToStage(object.box);
      parts.composer.open(targets, { x: stage.left - bounds.left + at[0], y: stage.top - bounds.top + at[3] + 8 }, bounds);
    },
  };
}

/** @param {Context} context */
function boxes(context) {
  const { session, view, notices, actions, parts } = context;
  return {
    draw: () => { parts.panel.queryBox.reset(); view.setTool("draw"); },
    select: () => view.setTool("select"),
    label: (event) => { const label = session.labels[Number(event.key) - 1]; if (label) session.setLabel(label.name); },
    pickLabel: () => session.doc && actions.pickLabel(),
    remove: () => remove(context),
    cycle: () => cycle(context, 1),
    cycleBack: () => cycle(context, -1),
    selectAll: () => session.select(view.visibleObjects().map((object) => object.object)),
    hide: () => {
      if (session.selection.length) return session.setHidden(session.selection, !session.selection.every((object) => session.hidden.has(object)));
      session.hideAll = !session.hideAll;
      notices.toasts.say(session.hideAll ? "All boxes are hidden. H shows them again." : "All boxes are shown.", { seconds: 2.5 });
      return view.redraw();
    },
  };
}

/** @param {Pick<Context, "session" | "view">} context */
function cycle({ session, view }, step) {
  const list = view.visibleObjects();
  if (!list.length) return false;
  const order = list.slice().sort((a, b) => Math.round(a.box[1] / 40) - Math.round(b.box[1] / 40) || a.box[0] - b.box[0]);
  const now = order.findIndex((object) => object.object === session.selection[0]);
  const next = now < 0 ? (step > 0 ? 0 : order.length - 1) : (now + step + order.length) % order.length;
  return session.select([order[next].object], { reveal: true });
}

/** @param {Context} context */
async function remove(context) {
  const { session, actions } = context;
  const annotations = session.selectedAnnotations();
  const phrase = session.doc && session.doc.get(session.activeId);
  if (phrase && phrase.kind === "phrase" && (session.isPhraseActive || !annotations.length)) { actions.removePhrase(phrase); return; }
  if (!annotations.length || !session.checkEditable(annotations)) return;
  const track = annotations.length === 1 && annotations[0].kind === "track" ? annotations[0] : null;
  if (!track || track.value.keyframes.length < 2) { actions.removeObjects(annotations); return; }
  await removeTrack(context, track);
}

/** @param {Context} context */
function copying(context) {
  const { session, view } = context;
  const put = (annotations) => {
    const changes = duplicated(annotations, 12 / view.viewport.scale, view.viewport.size);
    if (session.commit(changes, "duplicate")) session.select(changes.map((entry) => entry.object));
  };
  return {
    duplicate: () => session.doc && put(session.selectedAnnotations()),
    copy: () => { if (!session.selection.length) return false; session.clipboard = session.selectedAnnotations(); return true; },
    paste: () => session.doc && session.clipboard && paste(context),
  };
}

/**
 * Boxes come where they were; on another picture as far as its edges allow.
 * @param {Pick<Context, "session" | "view">} context
 */
function paste({ session, view }) {
  const changes = session.clipboard.filter((annotation) => annotation.kind === "box").map((annotation) => {
    const taken = session.doc.ofKind("box").some((box) => JSON.stringify(box.value.box) === JSON.stringify(annotation.value.box));
    const shift = taken ? 12 / view.viewport.scale : 0;
    return addition("box", { ...annotation.value, score: 1, state: "accepted", box: moveBox(annotation.value.box, shift, shift, view.viewport.size) });
  });
  if (session.commit(changes, "paste")) session.select(changes.map((entry) => entry.object));
}

/**
 * A step about something that is being followed just now waits until that has ended.
 * @param {Pick<Context, "session" | "parts">} context
 */
const growingFree = ({ session, parts }, { changes }) => session.checkEditable(changes.filter(({ object }) => parts.boxFollowing.isFollowing(object)));

/** @param {Context} context */
function history(context) {
  /** `last`: the step to be taken back or made again; `take`: does it and answers it. */
  const { session, notices, commands } = context;
  const step = (last, take, words) => {
    commands.run("settle");
    const next = session.doc && last(session.doc);
    if (!next || !growingFree(context, next)) return;
    const done = take(session.doc);
    if (!done) return;
    notices.toasts.clear("step");
    notices.toasts.say(`${words}: ${done.title}`, { seconds: 2, slot: "history" });
    const seen = done.changes.filter((c) => c.after && c.kind !== "phrase").map((c) => c.object);
    if (seen.length && seen.length < 50) session.select(seen, { stay: true });
  };
  return {
    undo: () => step((doc) => doc.undoable.at(-1), (doc) => doc.undo(), "Undone"),
    redo: () => step((doc) => doc.redoable.at(-1), (doc) => doc.redo(), "Redone"),
  };
}

/** @param {Pick<Context, "session" | "view" | "notices" | "parts">} context */
function looking({ session, view, notices, parts }) {
  return {
    fit: () => view.viewport.fit(),
    zoomIn: () => view.viewport.zoom(1.25),
    zoomOut: () => view.viewport.zoom(0.8),
    help: () => { notices.ask({ title: "Keys", body: [helpSheet()], wide: true }); },
    escape: () => {
      if (view.pointer.cancel() || parts.timeline.gestures.cancel() || parts.captionSpans.cancelPending()) return;
      if (view.previewBoxes.size) { view.previewBoxes.clear(); view.redrawOverlay(); } else if (view.tool === "draw") view.setTool("select");
      else if (view.regions.length) parts.panel.queryBox.clear();
      else session.select([]);
    },
  };
}

const STEPS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

/**
 * Arrows move what is chosen; a run of them is one gesture. Without a choice they step through items or frames.
 * @param {Pick<Context, "session" | "view" | "actions" | "commands">} context
 */
function arrows({ session, view, actions, commands }) {
  let timer = 0;
  const settle = () => {
    clearTimeout(timer);
    timer = 0;
    if (!view.isNudging) return;
    view.isNudging = false;
    const boxes = new Map(view.previewBoxes);
    view.previewBoxes.clear();
    actions.moveObjects(boxes);
  };
  const nudge = (name, event) => {
    if (!view.isNudging && !session.checkEditable(session.selectedAnnotations())) return;
    const by = event.shiftKey ? 10 : 1, [dx, dy] = STEPS[name];
    for (const object of view.selectedObjects()) view.previewBoxes.set(object.object, moveBox(object.box, dx * by, dy * by, view.viewport.size));
    view.isNudging = true;
    clearTimeout(timer);
    timer = setTimeout(settle, 450);
    view.redrawOverlay();
  };
  const arrow = (name) => (event) => {
    if (session.selection.length) return nudge(name, event);
    if (name === "up" || name === "down") return false;
    return commands.run(session.isVideo() ? (name === "left" ? "framePrevious" : "frameNext") : name === "left" ? "previous" : "next");
  };
  return { left: arrow("left"), right: arrow("right"), up: arrow("up"), down: arrow("down"), settle };
}
