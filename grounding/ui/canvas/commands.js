// Commands: what each key and button does, by name.

import { acceptOne, inHand, rejectOne } from "./deciding.js";
import { acceptAll, duplicated } from "./edits.js";
import { filmCommands, removeTrack } from "./film_commands.js";
import { moved } from "./geometry.js";
import { helpSheet } from "./keys.js";
import { following, pending } from "./review.js";
import { added } from "./state.js";
import { ask } from "./toast.js";

export function commandsOf(ed) {
  return { ...movingOn(ed), ...reviewing(ed), ...boxes(ed), ...copying(ed), ...history(ed), ...filmCommands(ed), ...looking(ed), ...arrows(ed) };
}

function movingOn(ed) {
  return {
    next: () => ed.opening.step(1),
    previous: () => ed.opening.step(-1),
    nextUnfinished: () => ed.opening.unfinished(1),
    previousUnfinished: () => ed.opening.unfinished(-1),
    done: () => { ed.commands.settle(); return ed.opening.finish(); },
    save: () => { ed.commands.settle(); ed.saving.queue.retry(); },
  };
}

function reviewing(ed) {
  const about = (work) => () => { const head = ed.doc && inHand(ed); if (head) work(head); };
  return {
    accept: about((head) => acceptOne(ed, head)),
    reject: about((head) => rejectOne(ed, head)),
    edit: about((head) => ed.edit(head)),
    acceptAll: () => {
      const changes = ed.doc ? acceptAll(ed.doc) : [];
      if (!ed.commit(changes, "accept everything")) return;
      ed.toasts.say(`${changes.length} accepted.`, { slot: "step", action: ["Undo", () => ed.run("undo")] });
    },
    reviewNext: () => {
      const left = pending(ed.doc), now = left.findIndex((head) => head.object === ed.active);
      if (left.length) ed.activate(left[(now + 1) % left.length]);
    },
    reviewBack: () => {
      const left = pending(ed.doc), now = left.findIndex((head) => head.object === ed.active);
      if (left.length) ed.activate(left[(Math.max(now, 0) + left.length - 1) % left.length]);
    },
    cure: () => {
      const head = ed.doc && ed.doc.get(ed.active), cure = head && head.kind === "phrase" && ed.checks.cure(head);
      if (cure) ed.cure(head, cure); else ed.toasts.say("Nothing to mend on the phrase in hand.", { seconds: 2 });
    },
    settleReview: (head) => { const left = pending(ed.doc); if (left.length) ed.activate(following(ed.doc, [head.object, ...left.map((h) => h.object)], head.object)); },
    ask: () => ed.panel.ask.focus(),
    describe: () => ed.describing.start(),
    addPhrase: () => {
      const targets = ed.heads().map((head) => head.object), thing = ed.chosen()[0];
      if (!thing) { ed.toasts.say("Choose one or more boxes first; then P adds a phrase to them."); return; }
      const bounds = ed.root.getBoundingClientRect(), stage = ed.stage.root.getBoundingClientRect(), at = ed.view.boxToStage(thing.box);
      ed.composer.open(targets, { x: stage.left - bounds.left + at[0], y: stage.top - bounds.top + at[3] + 8 }, bounds);
    },
  };
}

function boxes(ed) {
  return {
    draw: () => { ed.panel.ask.leave(); ed.setTool("draw"); },
    select: () => ed.setTool("select"),
    label: (event) => { const label = ed.labels[Number(event.key) - 1]; if (label) ed.setLabel(label.name); },
    pickLabel: () => ed.doc && ed.askLabel(),
    remove: () => remove(ed),
    cycle: () => cycle(ed, 1),
    cycleBack: () => cycle(ed, -1),
    selectAll: () => ed.select(ed.things().map((thing) => thing.object)),
    hide: () => {
      if (ed.selection.length) return ed.hide(ed.selection, !ed.selection.every((object) => ed.hidden.has(object)));
      ed.hideAll = !ed.hideAll;
      ed.toasts.say(ed.hideAll ? "All boxes are hidden. H shows them again." : "All boxes are shown.", { seconds: 2.5 });
      return ed.refresh();
    },
  };
}

function cycle(ed, step) {
  const list = ed.things();
  if (!list.length) return false;
  const order = list.slice().sort((a, b) => Math.round(a.box[1] / 40) - Math.round(b.box[1] / 40) || a.box[0] - b.box[0]);
  const now = order.findIndex((thing) => thing.object === ed.selection[0]);
  const next = now < 0 ? (step > 0 ? 0 : order.length - 1) : (now + step + order.length) % order.length;
  return ed.select([order[next].object], { reveal: true });
}

async function remove(ed) {
  const heads = ed.heads();
  const phrase = ed.doc && ed.doc.get(ed.active);
  if (phrase && phrase.kind === "phrase" && (ed.phraseInHand || !heads.length)) { ed.removePhrase(phrase); return; }
  if (!heads.length || !ed.free(heads)) return;
  const track = heads.length === 1 && heads[0].kind === "track" ? heads[0] : null;
  if (!track || track.value.keyframes.length < 2) { ed.removeHeads(heads); return; }
  await removeTrack(ed, track);
}

function copying(ed) {
  const put = (heads) => {
    const changes = duplicated(heads, 12 / ed.view.scale, ed.view.size);
    if (ed.commit(changes, "duplicate")) ed.select(changes.map((entry) => entry.object));
  };
  return {
    duplicate: () => ed.doc && put(ed.heads()),
    copy: () => { if (!ed.selection.length) return false; ed.clipboard = ed.heads(); return true; },
    paste: () => ed.doc && ed.clipboard && paste(ed),
  };
}

/** Boxes come where they were; on another picture as far as its edges allow. */
function paste(ed) {
  const changes = ed.clipboard.filter((head) => head.kind === "box").map((head) => {
    const taken = ed.doc.all("box").some((box) => JSON.stringify(box.value.box) === JSON.stringify(head.value.box));
    const shift = taken ? 12 / ed.view.scale : 0;
    return added("box", { ...head.value, score: 1, state: "accepted", box: moved(head.value.box, shift, shift, ed.view.size) });
  });
  if (ed.commit(changes, "paste")) ed.select(changes.map((entry) => entry.object));
}

/** A step about something that is being followed just now waits until that has ended. */
const growingFree = (ed, { changes }) => ed.free(changes.filter(({ object }) => ed.following.growing(object)));

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
    fit: () => ed.view.fit(),
    zoomIn: () => ed.view.zoom(1.25),
    zoomOut: () => ed.view.zoom(0.8),
    help: () => { ask(ed.root, { title: "Keys", body: [helpSheet()], wide: true }); },
    escape: () => {
      if (ed.pointer.cancel() || ed.timeline.gestures.cancel() || ed.stretches.forget()) return;
      if (ed.preview.size) { ed.preview.clear(); ed.touch(); } else if (ed.tool === "draw") ed.setTool("select");
      else if (ed.answers.length) ed.panel.ask.clear();
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
    if (!ed.nudged) return;
    ed.nudged = false;
    const boxes = new Map(ed.preview);
    ed.preview.clear();
    ed.place(boxes);
  };
  const nudge = (name, event) => {
    if (!ed.nudged && !ed.free(ed.heads())) return;
    const by = event.shiftKey ? 10 : 1, [dx, dy] = STEPS[name];
    for (const thing of ed.chosen()) ed.preview.set(thing.object, moved(thing.box, dx * by, dy * by, ed.view.size));
    ed.nudged = true;
    clearTimeout(timer);
    timer = setTimeout(settle, 450);
    ed.touch();
  };
  const arrow = (name) => (event) => {
    if (ed.selection.length) return nudge(name, event);
    if (name === "up" || name === "down") return false;
    return ed.run(ed.isVideo() ? (name === "left" ? "framePrevious" : "frameNext") : name === "left" ? "previous" : "next");
  };
  return { left: arrow("left"), right: arrow("right"), up: arrow("up"), down: arrow("down"), settle };
}
