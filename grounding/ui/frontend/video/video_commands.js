// Video commands: what the keys do in a video: frames, keyframes, tracks.

import { endedBefore, withBoxAt } from "../document/edits.js";
import { frameRange, keyframeAt, nearestBox, neighbourKeyframe, occludedAt } from "../document/keyframes.js";
import { canRemoveKeyframe, mergeTracks, moveKeyframe, setLocked, splitTrack, toggleOccluded, toggleOutside, withoutKeyframe } from "../document/track_edits.js";

/** @typedef {import("../editor/context.js").Context} Context */

const FAR = 10;

/** @param {Context} context */
export function videoCommands(context) {
  return { ...frames(context), ...keyframes(context), ...tracks(context), ...rows(context) };
}

/** @param {Pick<Context, "session">} context */
const tracksOf = ({ session }) => session.selectedAnnotations().filter((annotation) => annotation.kind === "track");
const nameOf = (annotation) => annotation.value.caption || annotation.value.label || "this track";

/**
 * Work on the chosen track at the frame shown, once it may be changed.
 * @param {Context} context
 */
function onTrack(context, work, { locked = false } = {}) {
  const { session, view, notices, commands } = context;
  return () => {
    const [annotation] = tracksOf(context);
    if (!annotation) { notices.toasts.say("Choose a track first: click it on the picture or in the timeline.", { seconds: 3, slot: "hint" }); return; }
    commands.run("settle");
    view.player.stop();
    if (locked || session.checkEditable([annotation])) work(session.doc.get(annotation.object), view.frame);
  };
}

/** @param {Context} context */
function frames(context) {
  const { session, view, parts } = context;
  const go = (where) => () => { if (session.isVideo()) { view.player.stop(); view.seek(where()); } };
  return {
    play: () => session.isVideo() && view.player.toggle(),
    frameNext: go(() => view.player.target() + 1), framePrevious: go(() => view.player.target() - 1),
    framesOn: go(() => view.player.target() + FAR), framesBack: go(() => view.player.target() - FAR),
    frameFirst: go(() => 0), frameLast: go(() => view.player.count - 1),
    trackStart: onTrack(context, (annotation) => view.seek(frameRange(annotation.value.keyframes)[0]), { locked: true }),
    trackEnd: onTrack(context, (annotation) => view.seek(frameRange(annotation.value.keyframes)[1]), { locked: true }),
    keyNext: () => keyGo(context, 1), keyPrevious: () => keyGo(context, -1),
    timeIn: () => session.isVideo() && parts.timeline.zoom(1.6), timeOut: () => session.isVideo() && parts.timeline.zoom(1 / 1.6),
  };
}

/**
 * To the next keyframe of the chosen track, or of any.
 * @param {Context} context
 */
function keyGo(context, step) {
  const { session, view } = context;
  if (!session.isVideo()) return;
  const chosen = tracksOf(context), annotations = chosen.length ? chosen : session.doc.ofKind("track").filter((annotation) => session.isListed(annotation));
  const found = annotations.map((annotation) => neighbourKeyframe(annotation.value.keyframes, view.player.target(), step)).filter((frame) => frame !== null);
  view.player.stop();
  if (found.length) view.seek(step > 0 ? Math.min(...found) : Math.max(...found));
}

/** @param {Context} context */
function keyframes(context) {
  const { session, notices, actions } = context;
  const shift = (by) => onTrack(context, (annotation, frame) => {
    if (keyframeAt(annotation.value.keyframes, frame)) actions.moveKeyframe(frame + by, moveKeyframe(annotation, frame, frame + by));
    else notices.toasts.say("There is no keyframe in this frame. [ and ] go to the neighbouring ones.", { seconds: 3, slot: "hint" });
  });
  return {
    keyframe: onTrack(context, (annotation, frame) => toggleKey(context, annotation, frame)),
    keyEarlier: shift(-1), keyLater: shift(1),
    outside: onTrack(context, (annotation, frame) => {
      const [edit, title] = toggleOutside(annotation, frame);
      session.commit([edit], title);
    }),
    occluded: () => occlude(context),
  };
}

/** @param {Pick<Context, "session" | "notices">} context */
function toggleKey({ session, notices }, annotation, frame) {
  const keys = annotation.value.keyframes;
  if (!keyframeAt(keys, frame)) session.commit([withBoxAt(annotation, session.doc.boxAt(annotation, frame) || nearestBox(keys, frame), frame)], "keyframe");
  else if (canRemoveKeyframe(annotation, frame)) session.commit([withoutKeyframe(annotation, frame)], "remove keyframe");
  else notices.toasts.say("This is the track's only keyframe. Del deletes the track.", { slot: "hint" });
}

/**
 * Covered or not: a box as a whole, a track from this frame to its next keyframe.
 * @param {Pick<Context, "session" | "view" | "notices" | "commands">} context
 */
function occlude({ session, view, notices, commands }) {
  const annotations = session.selectedAnnotations();
  if (!annotations.length) { notices.toasts.say("Choose a box first; Q then says that something covers part of it.", { seconds: 3, slot: "hint" }); return; }
  commands.run("settle");
  if (!session.checkEditable(annotations)) return;
  const changes = annotations.map((annotation) => toggleOccluded(session.doc.get(annotation.object), view.frame)).filter(Boolean), [annotation] = annotations;
  if (!changes.length) { notices.toasts.say("It is not seen in this frame. O shows it again.", { seconds: 3, slot: "hint" }); return; }
  const was = annotation.kind === "track" ? occludedAt(annotation.value.keyframes, view.frame) : annotation.value.occluded;
  session.commit(changes, was ? "not covered" : "covered");
}

/** @param {Context} context */
function tracks(context) {
  const { session, notices, commands, parts } = context;
  return {
    split: onTrack(context, (annotation, frame) => {
      const changes = splitTrack(annotation, frame);
      if (!changes) { notices.toasts.say("Here is nothing to split: go to a frame inside the track.", { seconds: 3, slot: "hint" }); return; }
      session.commit(changes, "split");
      session.select([changes[1].object], { stay: true });
      notices.undoable(`Split: “${nameOf(annotation)}” ends at frame ${frame - 1}, a track of its own begins here.`);
    }),
    merge: () => mergeChosen(context),
    lock: () => {
      const annotations = session.selectedAnnotations().filter((annotation) => annotation.kind !== "phrase");
      if (!annotations.length) return;
      commands.run("settle");
      const yes = !annotations.every((annotation) => annotation.value.locked);
      session.commit(annotations.map((annotation) => setLocked(session.doc.get(annotation.object), yes)), yes ? "lock" : "unlock");
      notices.toasts.say(yes ? "Locked. L unlocks." : "Unlocked.", { seconds: 2, slot: "hint" });
    },
    followBox: onTrack(context, (annotation, frame) => parts.boxFollowing.start(annotation, frame)),
    followBack: onTrack(context, (annotation, frame) => parts.boxFollowing.start(annotation, frame, { back: true })),
    followAll: () => session.isVideo() && parts.boxFollowing.followAll(),
    stretch: onTrack(context, (annotation, frame) => parts.captionSpans.beginOrEnd(annotation, frame)),
  };
}

/** @param {Context} context */
function mergeChosen(context) {
  const { session, notices, commands } = context;
  const annotations = tracksOf(context);
  if (annotations.length !== 2) { notices.toasts.say("Choose two tracks: click one, then Shift-click the other, on the picture or in the timeline.", { seconds: 4, slot: "hint" }); return; }
  commands.run("settle");
  if (!session.checkEditable(annotations)) return;
  const [first, second] = annotations.map((annotation) => session.doc.get(annotation.object)), { changes, shared } = mergeTracks(session.doc, first, second);
  session.commit(changes, "merge");
  session.select([annotations[0].object], { stay: true });
  const rule = shared ? ` In ${shared === 1 ? "one frame" : `${shared} frames`} both were seen; there the box of the one chosen first holds.` : "";
  notices.undoable(`Merged into “${nameOf(annotations[0])}”.${rule}`, { seconds: 7 });
}

/**
 * Rows of the timeline, by the keyboard.
 * @param {Pick<Context, "session" | "parts">} context
 */
function rows({ session, parts }) {
  const step = (by) => () => {
    const list = parts.timeline.rows, now = list.findIndex((annotation) => annotation.object === session.selection[0]);
    const next = list[now < 0 ? (by > 0 ? 0 : list.length - 1) : Math.min(Math.max(now + by, 0), list.length - 1)];
    if (next) session.select([next.object], { stay: true });
  };
  return { rowUp: step(-1), rowDown: step(1) };
}

/**
 * A track is never deleted whole by accident: this keyframe, from this frame on, or all of it, as the person says.
 * @param {Context} context
 */
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
