// Film commands: what the keys do in a video: frames, keyframes, tracks.

import { endedBefore, withBoxAt } from "../document/edits.js";
import { frameRange, keyframeAt, nearestBox, neighbourKeyframe, occludedAt } from "../document/keyframes.js";
import { canRemoveKeyframe, mergeTracks, moveKeyframe, setLocked, splitTrack, toggleOccluded, toggleOutside, withoutKeyframe } from "../document/track_edits.js";

const FAR = 10;

export function videoCommands(context) {
  return { ...frames(context), ...keyframes(context), ...tracks(context), ...rows(context) };
}

const tracksOf = ({ session }) => session.selectedAnnotations().filter((head) => head.kind === "track");
const nameOf = (head) => head.value.caption || head.value.label || "this track";

/** Work on the chosen track at the frame shown, once it may be changed. */
function onTrack(context, work, { locked = false } = {}) {
  const { session, view, notices, commands } = context;
  return () => {
    const [head] = tracksOf(context);
    if (!head) { notices.toasts.say("Choose a track first: click it on the picture or in the timeline.", { seconds: 3, slot: "hint" }); return; }
    commands.run("settle");
    view.player.stop();
    if (locked || session.checkEditable([head])) work(session.doc.get(head.object), view.frame);
  };
}

function frames(context) {
  const { session, view, parts } = context;
  const go = (where) => () => { if (session.isVideo()) { view.player.stop(); view.seek(where()); } };
  return {
    play: () => session.isVideo() && view.player.toggle(),
    frameNext: go(() => view.player.target() + 1), framePrevious: go(() => view.player.target() - 1),
    framesOn: go(() => view.player.target() + FAR), framesBack: go(() => view.player.target() - FAR),
    frameFirst: go(() => 0), frameLast: go(() => view.player.count - 1),
    trackStart: onTrack(context, (head) => view.seek(frameRange(head.value.keyframes)[0]), { locked: true }),
    trackEnd: onTrack(context, (head) => view.seek(frameRange(head.value.keyframes)[1]), { locked: true }),
    keyNext: () => keyGo(context, 1), keyPrevious: () => keyGo(context, -1),
    timeIn: () => session.isVideo() && parts.timeline.zoom(1.6), timeOut: () => session.isVideo() && parts.timeline.zoom(1 / 1.6),
  };
}

/** To the next keyframe of the chosen track, or of any. */
function keyGo(context, step) {
  const { session, view } = context;
  if (!session.isVideo()) return;
  const chosen = tracksOf(context), heads = chosen.length ? chosen : session.doc.all("track").filter((head) => session.isListed(head));
  const found = heads.map((head) => neighbourKeyframe(head.value.keyframes, view.player.target(), step)).filter((frame) => frame !== null);
  view.player.stop();
  if (found.length) view.seek(step > 0 ? Math.min(...found) : Math.max(...found));
}

function keyframes(context) {
  const { session, notices, actions } = context;
  const shift = (by) => onTrack(context, (head, frame) => {
    if (keyframeAt(head.value.keyframes, frame)) actions.moveKeyframe(frame + by, moveKeyframe(head, frame, frame + by));
    else notices.toasts.say("There is no keyframe in this frame. [ and ] go to the neighbouring ones.", { seconds: 3, slot: "hint" });
  });
  return {
    keyframe: onTrack(context, (head, frame) => toggleKey(context, head, frame)),
    keyEarlier: shift(-1), keyLater: shift(1),
    outside: onTrack(context, (head, frame) => {
      const [edit, title] = toggleOutside(head, frame);
      session.commit([edit], title);
    }),
    occluded: () => occlude(context),
  };
}

function toggleKey({ session, notices }, head, frame) {
  const keys = head.value.keyframes;
  if (!keyframeAt(keys, frame)) session.commit([withBoxAt(head, session.doc.boxOf(head, frame) || nearestBox(keys, frame), frame)], "keyframe");
  else if (canRemoveKeyframe(head, frame)) session.commit([withoutKeyframe(head, frame)], "remove keyframe");
  else notices.toasts.say("This is the track's only keyframe. Del deletes the track.", { slot: "hint" });
}

/** Covered or not: a box as a whole, a track from this frame to its next keyframe. */
function occlude({ session, view, notices, commands }) {
  const heads = session.selectedAnnotations();
  if (!heads.length) { notices.toasts.say("Choose a box first; Q then says that something covers part of it.", { seconds: 3, slot: "hint" }); return; }
  commands.run("settle");
  if (!session.checkEditable(heads)) return;
  const changes = heads.map((head) => toggleOccluded(session.doc.get(head.object), view.frame)).filter(Boolean), [head] = heads;
  if (!changes.length) { notices.toasts.say("It is not seen in this frame. O shows it again.", { seconds: 3, slot: "hint" }); return; }
  const was = head.kind === "track" ? occludedAt(head.value.keyframes, view.frame) : head.value.occluded;
  session.commit(changes, was ? "not covered" : "covered");
}

function tracks(context) {
  const { session, notices, commands, parts } = context;
  return {
    split: onTrack(context, (head, frame) => {
      const changes = splitTrack(head, frame);
      if (!changes) { notices.toasts.say("Here is nothing to split: go to a frame inside the track.", { seconds: 3, slot: "hint" }); return; }
      session.commit(changes, "split");
      session.select([changes[1].object], { stay: true });
      notices.undoable(`Split: “${nameOf(head)}” ends at frame ${frame - 1}, a track of its own begins here.`);
    }),
    merge: () => mergeChosen(context),
    lock: () => {
      const heads = session.selectedAnnotations().filter((head) => head.kind !== "phrase");
      if (!heads.length) return;
      commands.run("settle");
      const yes = !heads.every((head) => head.value.locked);
      session.commit(heads.map((head) => setLocked(session.doc.get(head.object), yes)), yes ? "lock" : "unlock");
      notices.toasts.say(yes ? "Locked. L unlocks." : "Unlocked.", { seconds: 2, slot: "hint" });
    },
    followBox: onTrack(context, (head, frame) => parts.boxFollowing.start(head, frame)),
    followBack: onTrack(context, (head, frame) => parts.boxFollowing.start(head, frame, { back: true })),
    followAll: () => session.isVideo() && parts.boxFollowing.everything(),
    stretch: onTrack(context, (head, frame) => parts.captionSpans.press(head, frame)),
  };
}

function mergeChosen(context) {
  const { session, notices, commands } = context;
  const heads = tracksOf(context);
  if (heads.length !== 2) { notices.toasts.say("Choose two tracks: click one, then Shift-click the other, on the picture or in the timeline.", { seconds: 4, slot: "hint" }); return; }
  commands.run("settle");
  if (!session.checkEditable(heads)) return;
  const { changes, shared } = mergeTracks(session.doc, ...heads.map((head) => session.doc.get(head.object)));
  session.commit(changes, "merge");
  session.select([heads[0].object], { stay: true });
  const rule = shared ? ` In ${shared === 1 ? "one frame" : `${shared} frames`} both were seen; there the box of the one chosen first holds.` : "";
  notices.undoable(`Merged into “${nameOf(heads[0])}”.${rule}`, { seconds: 7 });
}

/** Rows of the timeline, by the keyboard. */
function rows({ session, parts }) {
  const step = (by) => () => {
    const list = parts.timeline.rows, now = list.findIndex((head) => head.object === session.selection[0]);
    const next = list[now < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(now + by, 0), list.length - 1)];
    if (next) session.select([next.object], { stay: true });
  };
  return { rowUp: step(-1), rowDown: step(1) };
}

/** A track is never deleted whole by accident: this keyframe, from this frame on, or all of it, as the person says. */
export async function removeTrack(context, track) {
  const { session, view, notices, actions } = context;
  view.player.stop();
  const { frame } = view, { doc } = session, shorter = endedBefore(track, frame);
  const choices = [...(shorter ? [["from", `From frame ${frame} on`, "primary"]] : []), ...(canRemoveKeyframe(track, frame) ? [["key", "Only this keyframe"]] : []),
    ["all", "The whole track", shorter ? "" : "primary"], [null, "Keep it", "ghost"]];
  const answer = await notices.ask({ title: `Delete “${nameOf(track)}”?`, body: ["All of it can be undone."], choices });
  const now = doc.get(track.object);
  if (doc !== session.doc || !now || !answer || !session.checkEditable([now])) return;
  if (answer === "all") actions.removeObjects([now]);
  if (answer === "key") session.commit([withoutKeyframe(now, frame)], "remove keyframe");
  if (answer !== "from") return;
  session.commit([endedBefore(now, frame)], "delete from here");
  notices.undoable(`“${nameOf(now)}” ends at frame ${frame - 1}.`);
}
