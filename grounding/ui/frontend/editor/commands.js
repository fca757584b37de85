// Commands: what each key and button does, by name.

import { acceptAllChanges, duplicated } from "../document/edits.js";
import { addition } from "../document/item_document.js";
import { nextPending, pendingReview } from "../document/review_queue.js";
import { moveBox } from "../kit/geometry.js";
import { openDialog } from "../notices/dialog.js";
import { removeTrack, videoCommands } from "../video/video_commands.js";
import { helpSheet } from "./help_sheet.js";
import { acceptAnnotation, rejectAnnotation, reviewTarget } from "./review_actions.js";

export function createCommands(ed) {
  return { ...movingOn(ed), ...reviewing(ed), ...boxes(ed), ...copying(ed), ...history(ed), ...videoCommands(ed), ...looking(ed), ...arrows(ed) };
}

function movingOn(ed) {
  return {
    next: () => ed.navigation.step(1),
    previous: () => ed.navigation.step(-1),
    nextUnfinished: () => ed.navigation.stepUnfinished(1),
    previousUnfinished: () => ed.navigation.stepUnfinished(-1),
    done: () => { ed.commands.settle(); return ed.navigation.finish(); },
    save: () => { ed.commands.settle(); ed.sync.queue.retry(); },
  };
}

function reviewing(ed) {
  const about = (work) => () => { const head = ed.doc && reviewTarget(ed); if (head) work(head); };
  return {
    accept: about((head) => acceptAnnotation(ed, head)),
    reject: about((head) => rejectAnnotation(ed, head)),
    edit: about((head) => ed.edit(head)),
    acceptAll: () => {
      const changes = ed.doc ? acceptAllChanges(ed.doc) : [];
      if (!ed.commit(changes, "accept everything")) return;
      ed.toasts.say(`${changes.length} accepted.`, { slot: "step", action: ["Undo", () => ed.runCommand("undo")] });
    },
    reviewNext: () => {
      const left = pendingReview(ed.doc), now = left.findIndex((head) => head.object === ed.activeId);
      if (left.length) ed.activate(left[(now + 1) % left.length]);
    },
    reviewBack: () => {
      const left = pendingReview(ed.doc), now = left.findIndex((head) => head.object === ed.activeId);
      if (left.length) ed.activate(left[(Math.max(now, 0) + left.length - 1) % left.length]);
    },
    cure: () => {
      const head = ed.doc && ed.doc.get(ed.activeId), cure = head && head.kind === "phrase" && ed.checks.cure(head);
      if (cure) ed.applyFix(head, cure); else ed.toasts.say("Nothing to mend on the phrase in hand.", { seconds: 2 });
    },
    settleReview: (head) => { const left = pendingReview(ed.doc); if (left.length) ed.activate(nextPending(ed.doc, [head.object, ...left.map((h) => h.object)], head.object)); },
    ask: () => ed.panel.ask.focus(),
    describe: () => ed.describeBox.start(),
    addPhrase: () => {
      const targets = ed.selectedAnnotations().map((head) => head.object), thing = ed.selectedObjects()[0];
      if (!thing) { ed.toasts.say("Choose one or more boxes first; then P adds a phrase to them."); return; }
      const bounds = ed.root.getBoundingClientRect(), stage = ed.stage.root.getBoundingClientRect(), at = ed.viewport.boxToStage(thing.box);
      ed.composePhrase.open(targets, { x: stage.left - bounds.left + at[0], y: stage.top - bounds.top + at[3] + 8 }, bounds);
    },
  };
}

function boxes(ed) {
  return {
    draw: () => { ed.panel.ask.leave(); ed.setTool("draw"); },
    select: () => ed.setTool("select"),
    label: (event) => { const label = ed.labels[Number(event.key) - 1]; if (label) ed.setLabel(label.name); },
    pickLabel: () => ed.doc && ed.pickLabel(),
    remove: () => remove(ed),
    cycle: () => cycle(ed, 1),
    cycleBack: () => cycle(ed, -1),
    selectAll: () => ed.select(ed.visibleObjects().map((thing) => thing.object)),
    hide: () => {
      if (ed.selection.length) return ed.setHidden(ed.selection, !ed.selection.every((object) => ed.hidden.has(object)));
      ed.hideAll = !ed.hideAll;
      ed.toasts.say(ed.hideAll ? "All boxes are hidden. H shows them again." : "All boxes are shown.", { seconds: 2.5 });
      return ed.redraw();
    },
  };
}

function cycle(ed, step) {
  const list = ed.visibleObjects();
  if (!list.length) return false;
  const order = list.slice().sort((a, b) => Math.round(a.box[1] / 40) - Math.round(b.box[1] / 40) || a.box[0] - b.box[0]);
  const now = order.findIndex((thing) => thing.object === ed.selection[0]);
  const next = now < 0 ? (step > 0 ? 0 : order.length - 1) : (now + step + order.length) % order.length;
  return ed.select([order[next].object], { reveal: true });
}

async function remove(ed) {
  const heads = ed.selectedAnnotations();
  const phrase = ed.doc && ed.doc.get(ed.activeId);
  if (phrase && phrase.kind === "phrase" && (ed.isPhraseActive || !heads.length)) { ed.removePhrase(phrase); return; }
  if (!heads.length || !ed.checkEditable(heads)) return;
  const track = heads.length === 1 && heads[0].kind === "track" ? heads[0] : null;
  if (!track || track.value.keyframes.length < 2) { ed.removeObjects(heads); return; }
  await removeTrack(ed, track);
}

function copying(ed) {
  const put = (heads) => {
    const changes = duplicated(heads, 12 / ed.viewport.scale, ed.viewport.size);
    if (ed.commit(changes, "duplicate")) ed.select(changes.map((entry) => entry.object));
  };
  return {
    duplicate: () => ed.doc && put(ed.selectedAnnotations()),
    copy: () => { if (!ed.selection.length) return false; ed.clipboard = ed.selectedAnnotations(); return true; },
    paste: () => ed.doc && ed.clipboard && paste(ed),
  };
}

/** Boxes come where they were; on another picture as far as its edges allow. */
function paste(ed) {
  const changes = ed.clipboard.filter((head) => head.kind === "box").map((head) => {
    const taken = ed.doc.all("box").some((box) => JSON.stringify(box.value.box) === JSON.stringify(head.value.box));
    const shift = taken ? 12 / ed.viewport.scale : 0;
    return addition("box", { ...head.value, score: 1, state: "accepted", box: moveBox(head.value.box, shift, shift, ed.viewport.size) });
  });
  if (ed.commit(changes, "paste")) ed.select(changes.map((entry) => entry.object));
}

/** A step about something that is being followed just now waits until that has ended. */
const growingFree = (ed, { changes }) => ed.checkEditable(changes.filter(({ object }) => ed.boxFollowing.growing(object)));

function history(ed) {
  /** `last`: the step to be taken back or made again; `take`: does it and answers it. */
  const step = (last, take, words) => {
    ed.commands.settle();
    const next = ed.doc && last(ed.doc);
    if (!next || !growingFree(ed, next)) return;
    const done = take(ed.doc);
    if (!done) return;
    ed.toasts.clear("step");
    ed.toasts.say(`${words}: ${done.title}`, { seconds: 2, slot: "history" });
    const seen = done.changes.filter((c) => c.after && c.kind !== "phrase").map((c) => c.object);
    if (seen.length && seen.length < 50) ed.select(seen, { stay: true });
  };
  return {
    undo: () => step((doc) => doc.undoable.at(-1), (doc) => doc.undo(), "Undone"),
    redo: () => step((doc) => doc.redoable.at(-1), (doc) => doc.redo(), "Redone"),
  };
}

function looking(ed) {
  return {
    fit: () => ed.viewport.fit(),
    zoomIn: () => ed.viewport.zoom(1.25),
    zoomOut: () => ed.viewport.zoom(0.8),
    help: () => { openDialog(ed.root, { title: "Keys", body: [helpSheet()], wide: true }); },
    escape: () => {
      if (ed.pointer.cancel() || ed.timeline.gestures.cancel() || ed.captionSpans.forget()) return;
      if (ed.previewBoxes.size) { ed.previewBoxes.clear(); ed.redrawOverlay(); } else if (ed.tool === "draw") ed.setTool("select");
      else if (ed.regions.length) ed.panel.ask.clear();
      else ed.select([]);
    },
  };
}

const STEPS = { left: [-1, 0], right: [1, 0], up: [0, -1], down: [0, 1] };

/** Arrows move what is chosen; a run of them is one gesture. Without a choice they step through items or frames. */
function arrows(ed) {
  let timer = 0;
  const settle = () => {
    clearTimeout(timer);
    timer = 0;
    if (!ed.isNudging) return;
    ed.isNudging = false;
    const boxes = new Map(ed.previewBoxes);
    ed.previewBoxes.clear();
    ed.moveObjects(boxes);
  };
  const nudge = (name, event) => {
    if (!ed.isNudging && !ed.checkEditable(ed.selectedAnnotations())) return;
    const by = event.shiftKey ? 10 : 1, [dx, dy] = STEPS[name];
    for (const thing of ed.selectedObjects()) ed.previewBoxes.set(thing.object, moveBox(thing.box, dx * by, dy * by, ed.viewport.size));
    ed.isNudging = true;
    clearTimeout(timer);
    timer = setTimeout(settle, 450);
    ed.redrawOverlay();
  };
  const arrow = (name) => (event) => {
    if (ed.selection.length) return nudge(name, event);
    if (name === "up" || name === "down") return false;
    return ed.runCommand(ed.isVideo() ? (name === "left" ? "framePrevious" : "frameNext") : name === "left" ? "previous" : "next");
  };
  return { left: arrow("left"), right: arrow("right"), up: arrow("up"), down: arrow("down"), settle };
}
