// Film commands: what the keys do in a video: frames, keyframes, tracks.

import { endedBefore, withBoxAt } from "../document/edits.js";
import { frameRange, keyframeAt, nearestBox, neighbourKeyframe, occludedAt } from "../document/keyframes.js";
import { canRemoveKeyframe, mergeTracks, moveKeyframe, setLocked, splitTrack, toggleOccluded, toggleOutside, withoutKeyframe } from "../document/track_edits.js";
import { openDialog } from "../notices/dialog.js";

const FAR = 10;

export function videoCommands(ed) {
  return { ...frames(ed), ...keyframes(ed), ...tracks(ed), ...rows(ed) };
}

const tracksOf = (ed) => ed.selectedAnnotations().filter((head) => head.kind === "track");
const nameOf = (head) => head.value.caption || head.value.label || "this track";
const undo = (ed) => ["Undo", () => ed.runCommand("undo")];

/** Work on the chosen track at the frame shown, once it may be changed. */
function onTrack(ed, work, { locked = false } = {}) {
  return () => {
    const [head] = tracksOf(ed);
    if (!head) { ed.toasts.say("Choose a track first: click it on the picture or in the timeline.", { seconds: 3, slot: "hint" }); return; }
    ed.runCommand("settle");
    ed.player.stop();
    if (locked || ed.checkEditable([head])) work(ed.doc.get(head.object), ed.frame);
  };
}

function frames(ed) {
  const go = (where) => () => { if (ed.isVideo()) { ed.player.stop(); ed.seek(where()); } };
  return {
    play: () => ed.isVideo() && ed.player.toggle(),
    frameNext: go(() => ed.player.target() + 1), framePrevious: go(() => ed.player.target() - 1),
    framesOn: go(() => ed.player.target() + FAR), framesBack: go(() => ed.player.target() - FAR),
    frameFirst: go(() => 0), frameLast: go(() => ed.player.count - 1),
    trackStart: onTrack(ed, (head) => ed.seek(frameRange(head.value.keyframes)[0]), { locked: true }),
    trackEnd: onTrack(ed, (head) => ed.seek(frameRange(head.value.keyframes)[1]), { locked: true }),
    keyNext: () => keyGo(ed, 1), keyPrevious: () => keyGo(ed, -1),
    timeIn: () => ed.isVideo() && ed.timeline.zoom(1.6), timeOut: () => ed.isVideo() && ed.timeline.zoom(1 / 1.6),
  };
}

/** To the next keyframe of the chosen track, or of any. */
function keyGo(ed, step) {
  if (!ed.isVideo()) return;
  const chosen = tracksOf(ed), heads = chosen.length ? chosen : ed.doc.all("track").filter((head) => ed.isListed(head));
  const found = heads.map((head) => neighbourKeyframe(head.value.keyframes, ed.player.target(), step)).filter((frame) => frame !== null);
  ed.player.stop();
  if (found.length) ed.seek(step > 0 ? Math.min(...found) : Math.max(...found));
}

function keyframes(ed) {
  const shift = (by) => onTrack(ed, (head, frame) => {
    if (keyframeAt(head.value.keyframes, frame)) ed.moveKeyframe(head, frame, frame + by, moveKeyframe(head, frame, frame + by));
    else ed.toasts.say("There is no keyframe in this frame. [ and ] go to the neighbouring ones.", { seconds: 3, slot: "hint" });
  });
  return {
    keyframe: onTrack(ed, (head, frame) => toggleKey(ed, head, frame)),
    keyEarlier: shift(-1), keyLater: shift(1),
    outside: onTrack(ed, (head, frame) => {
      const [edit, title] = toggleOutside(head, frame);
      ed.commit([edit], title);
    }),
    occluded: () => occlude(ed),
  };
}

function toggleKey(ed, head, frame) {
  const keys = head.value.keyframes;
  if (!keyframeAt(keys, frame)) ed.commit([withBoxAt(head, ed.doc.boxOf(head, frame) || nearestBox(keys, frame), frame)], "keyframe");
  else if (canRemoveKeyframe(head, frame)) ed.commit([withoutKeyframe(head, frame)], "remove keyframe");
  else ed.toasts.say("This is the track's only keyframe. Del deletes the track.", { slot: "hint" });
}

/** Covered or not: a box as a whole, a track from this frame to its next keyframe. */
function occlude(ed) {
  const heads = ed.selectedAnnotations();
  if (!heads.length) { ed.toasts.say("Choose a box first; Q then says that something covers part of it.", { seconds: 3, slot: "hint" }); return; }
  ed.runCommand("settle");
  if (!ed.checkEditable(heads)) return;
  const changes = heads.map((head) => toggleOccluded(ed.doc.get(head.object), ed.frame)).filter(Boolean), [head] = heads;
  if (!changes.length) { ed.toasts.say("It is not seen in this frame. O shows it again.", { seconds: 3, slot: "hint" }); return; }
  const was = head.kind === "track" ? occludedAt(head.value.keyframes, ed.frame) : head.value.occluded;
  ed.commit(changes, was ? "not covered" : "covered");
}

function tracks(ed) {
  return {
    split: onTrack(ed, (head, frame) => {
      const changes = splitTrack(head, frame);
      if (!changes) { ed.toasts.say("Here is nothing to split: go to a frame inside the track.", { seconds: 3, slot: "hint" }); return; }
      ed.commit(changes, "split");
      ed.select([changes[1].object], { stay: true });
      ed.toasts.say(`Split: “${nameOf(head)}” ends at frame ${frame - 1}, a track of its own begins here.`, { slot: "step", action: undo(ed) });
    }),
    merge: () => mergeChosen(ed),
    lock: () => {
      const heads = ed.selectedAnnotations().filter((head) => head.kind !== "phrase");
      if (!heads.length) return;
      ed.runCommand("settle");
      const yes = !heads.every((head) => head.value.locked);
      ed.commit(heads.map((head) => setLocked(ed.doc.get(head.object), yes)), yes ? "lock" : "unlock");
      ed.toasts.say(yes ? "Locked. L unlocks." : "Unlocked.", { seconds: 2, slot: "hint" });
    },
    followBox: onTrack(ed, (head, frame) => ed.boxFollowing.start(head, frame)),
    followBack: onTrack(ed, (head, frame) => ed.boxFollowing.start(head, frame, { back: true })),
    followAll: () => ed.isVideo() && ed.boxFollowing.everything(),
    stretch: onTrack(ed, (head, frame) => ed.captionSpans.press(head, frame)),
  };
}

function mergeChosen(ed) {
  const heads = tracksOf(ed);
  if (heads.length !== 2) { ed.toasts.say("Choose two tracks: click one, then Shift-click the other, on the picture or in the timeline.", { seconds: 4, slot: "hint" }); return; }
  ed.runCommand("settle");
  if (!ed.checkEditable(heads)) return;
  const { changes, shared } = mergeTracks(ed.doc, ...heads.map((head) => ed.doc.get(head.object)));
  ed.commit(changes, "merge");
  ed.select([heads[0].object], { stay: true });
  const rule = shared ? ` In ${shared === 1 ? "one frame" : `${shared} frames`} both were seen; there the box of the one chosen first holds.` : "";
  ed.toasts.say(`Merged into “${nameOf(heads[0])}”.${rule}`, { slot: "step", action: undo(ed), seconds: 7 });
}

/** Rows of the timeline, by the keyboard. */
function rows(ed) {
  const step = (by) => () => {
    const list = ed.timeline.rows, now = list.findIndex((head) => head.object === ed.selection[0]);
    const next = list[now < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(now + by, 0), list.length - 1)];
    if (next) ed.select([next.object], { stay: true });
  };
  return { rowUp: step(-1), rowDown: step(1) };
}

/** A track is never deleted whole by accident: this keyframe, from this frame on, or all of it, as the person says. */
export async function removeTrack(ed, track) {
  ed.player.stop();
  const { frame, doc } = ed, shorter = endedBefore(track, frame);
  const choices = [...(shorter ? [["from", `From frame ${frame} on`, "primary"]] : []), ...(canRemoveKeyframe(track, frame) ? [["key", "Only this keyframe"]] : []),
    ["all", "The whole track", shorter ? "" : "primary"], [null, "Keep it", "ghost"]];
  const answer = await openDialog(ed.root, { title: `Delete “${nameOf(track)}”?`, body: ["All of it can be undone."], choices });
  const now = doc.get(track.object);
  if (doc !== ed.doc || !now || !answer || !ed.checkEditable([now])) return;
  if (answer === "all") ed.removeObjects([now]);
  if (answer === "key") ed.commit([withoutKeyframe(now, frame)], "remove keyframe");
  if (answer !== "from") return;
  ed.commit([endedBefore(now, frame)], "delete from here");
  ed.toasts.say(`“${nameOf(now)}” ends at frame ${frame - 1}.`, { slot: "step", action: undo(ed) });
}
