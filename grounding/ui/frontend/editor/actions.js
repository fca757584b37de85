// Actions: what buttons, gestures and keys do to annotations of the open item.

import { acceptChanges, newBox, newTrack, recaptioned, removalOf, removeAnnotations, retargeted, rewritten, UNNAMED_LABEL, withBoxAt } from "../document/edits.js";
import { acceptAnnotation, rejectAnnotation } from "./review_actions.js";

/** @typedef {import("./context.js").Context} Context */

export class Actions {
  /** @param {Pick<Context, "session" | "view" | "notices" | "services" | "commands" | "parts">} context */
  constructor({ session, view, notices, services, commands, parts }) {
    this.session = session;
    this.view = view;
    this.notices = notices;
    this.services = services;
    this.commands = commands;
    this.parts = parts;
  }

  /** What the buttons of a row do, by name. */
  run(name, annotation) {
    const { object } = annotation, work = {
      accept: () => acceptAnnotation(this, annotation),
      reject: () => rejectAnnotation(this, annotation),
      edit: () => this.edit(annotation),
      remove: () => this.remove(annotation),
      hide: () => this.session.setHidden([object], true),
      show: () => this.session.setHidden([object], false),
    };
    return work[name]();
  }

  remove(annotation) {
    if (annotation.kind === "phrase") { this.removePhrase(annotation); return; }
    this.session.select([annotation.object]);
    this.commands.run("remove");
  }

  removePhrase(phrase) {
    this.session.commit([removalOf(phrase)], "delete a phrase");
    this.notices.undoable("Phrase removed.");
  }

  /** Removes objects, with their phrases. */
  removeObjects(annotations) {
    const what = annotations.length === 1 ? `“${annotations[0].value.label || "no label"}”` : `${annotations.length} boxes`;
    this.session.commit(removeAnnotations(this.session.doc, annotations), "delete");
    this.session.select([]);
    this.notices.undoable(`${what} deleted.`);
  }

  /** Applies what a check of a phrase offers: another text for its boxes, or other boxes for its text. */
  applyFix(phrase, fix) {
    const { session } = this, waited = phrase.value.state === "proposed", isText = fix.text !== undefined;
    session.commit(isText ? rewritten(session.doc, phrase, fix.text) : retargeted(session.doc, phrase, fix.targets), "mend a phrase");
    this.notices.undoable(isText ? `Now “${fix.text}”.` : "The phrase points elsewhere now.");
    if (waited) this.commands.run("settleReview", phrase); else session.activate(session.doc.get(phrase.object));
  }

  /** Text is edited in its row; a box has only its label, so the picker opens. */
  async edit(annotation) {
    const { session, parts } = this, { doc } = session;
    if (annotation.kind === "box") {
      session.select([annotation.object]);
      this.pickLabel();
      return;
    }
    session.activate(annotation);
    if (session.listFilter !== "all") parts.panel.setFilter("all");
    parts.panel.drawNow();
    const isTrack = annotation.kind === "track", text = isTrack ? annotation.value.caption || "" : annotation.value.text;
    const answer = await parts.panel.list.edit(annotation.object, text, isTrack ? "Describe this track" : "Edit the phrase", isTrack ? null : annotation.value.targets);
    this.view.focus();
    const now = doc.get(annotation.object);
    if (answer === null || !now || doc !== session.doc || (answer === text && now.value.state === "accepted")) return;
    session.commit(editChanges(doc, now, text, answer), "edit");
    this.commands.run("settleReview", annotation);
  }

  /** Adds a box, or a track with a keyframe here, with the current label. */
  createObject(box) {
    const { session, view } = this, label = session.label || (session.labels[0] && session.labels[0].name) || UNNAMED_LABEL;
    const fresh = session.isVideo() ? newTrack(view.frame, box, label) : newBox(box, label);
    view.player.stop();
    session.commit([fresh], "draw");
    view.setTool("select");
    session.select([fresh.object]);
    if (!session.labels.length) this.pickLabel();
    if (session.isVideo()) this.parts.boxFollowing.offer(`Drawn on frame ${view.frame}. Shall it be followed through the film?`);
  }

  /** Puts objects elsewhere at this frame; `boxes` maps object to box. */
  moveObjects(boxes) {
    const { session, view } = this;
    view.player.stop();
    const moved = [...boxes.keys()].map((object) => session.doc.get(object)).filter((annotation) => annotation && !session.isFixed(annotation.object));
    session.commit(moved.map((annotation) => withBoxAt(annotation, boxes.get(annotation.object), view.frame)), "move");
    const corrected = moved.length === 1 && moved[0].kind === "track" && moved[0].value.keyframes.some((key) => key.by !== "person" && key.frame > view.frame);
    if (corrected) this.parts.boxFollowing.offer("The track bends to this box. Shall it be followed again from here?");
  }

  /** A keyframe moved in time (`change`), or the reason why not. */
  moveKeyframe(to, change) {
    if (!change) this.notices.toasts.say("There is another keyframe, or no frame: it stays where it was.", { seconds: 3, slot: "hint" });
    else if (this.session.commit([change], "move a keyframe")) this.view.seek(to);
  }

  /** Opens the label picker beside the selected box. */
  pickLabel() {
    const { view } = this, bounds = view.root.getBoundingClientRect(), stage = view.stage.root.getBoundingClientRect(), selected = view.selectedObjects()[0];
    const at = selected ? view.viewport.boxToStage(selected.box) : [stage.width - 270, 20, stage.width - 270, 20];
    this.parts.labelPicker.open({ x: stage.left - bounds.left + Math.max(0, at[0]), y: stage.top - bounds.top + Math.max(0, at[3]) + 8 }, bounds);
  }

  /** A label the project did not have: it is given at once, and kept in the project. */
  async addLabel(name) {
    const { session, services } = this;
    session.setLabels([...session.labels, { name }]);
    session.setLabel(name);
    try {
      const project = await services.api.patchProject(session.project, { labels: session.labels.map(({ id, name: text, color }) => ({ id, name: text, color })) });
      session.setLabels(project.labels || session.labels);
      session.label = name;
      this.parts.panel.labelBar.draw();
    } catch (failure) {
      this.notices.toasts.error(failure);
    }
  }
}

/** Nothing left of a phrase removes it; the same text accepts it. */
function editChanges(doc, annotation, before, after) {
  if (annotation.kind === "track") return after === before ? acceptChanges(doc, annotation) : [recaptioned(annotation, after)];
  if (!after) return [removalOf(annotation)];
  return after === before ? acceptChanges(doc, annotation) : rewritten(doc, annotation, after);
}
