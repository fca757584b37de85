// Edit sync: the edit queue joined to the page: its state, conflicts with others, refused edits.

import { createElement } from "../kit/elements.js";
import { plural } from "../kit/format.js";
import { newId } from "../kit/ids.js";
import { EditQueue } from "./edit_queue.js";
import { EditStorage } from "./edit_storage.js";

/** @typedef {import("../editor/context.js").Context} Context */

export class EditSync {
  /** @param {Pick<Context, "session" | "view" | "notices" | "services" | "parts">} context */
  constructor({ session, view, notices, services, parts }) {
    this.session = session;
    this.view = view;
    this.notices = notices;
    this.services = services;
    this.parts = parts;
    this.queue = new EditQueue({
      storage: new EditStorage(window.localStorage),
      send: (entry, options) => services.api.edit(entry.item, body(entry), options),
      listen: (state) => this.show(state),
      onSaved: (entry, answer) => this.saved(entry, answer),
      onConflict: (entry, answer) => this.conflict(entry, answer),
    });
    window.addEventListener("online", () => this.queue.retry());
    window.addEventListener("pagehide", () => this.queue.flush((entry) => services.api.edit(entry.item, body(entry), { keepalive: true }).catch((failure) => console.debug("kept for the next visit:", failure.message))));
    queueMicrotask(() => this.queue.run());
  }

  show(state) {
    this.state = state;
    this.view.root.dataset.save = state.kind;
    if (this.parts.toolbar) this.parts.toolbar.save(state);
    if (state.kind === "signedout" && !this.wasSignedOut) this.notices.toasts.say("You are signed out. Your edits are kept here; sign in in another tab and they are sent.", { kind: "error", seconds: 0, action: ["Try now", () => this.queue.retry()] });
    this.wasSignedOut = state.kind === "signedout";
    if (state.kind === "failing" && state.message !== this.failing) this.notices.toasts.say(`Not saved yet: ${state.message}. Your edits are kept in this browser and sent again by themselves.`, { kind: "error", seconds: 0, slot: "failing", action: ["Try now", () => this.queue.retry()] });
    if (state.kind === "saved") this.notices.toasts.clear("failing");
    this.failing = state.kind === "saved" ? "" : state.kind === "failing" ? state.message : this.failing;
    if (state.refused.length && state.refused.length !== this.refusals) this.notices.toasts.say(`“${state.refused[0].name}” was not saved: ${state.message}`, { kind: "error", seconds: 0, action: ["Look", () => this.showDetails()] });
    this.refusals = state.refused.length;
    if (state.full && !this.saidFull) this.notices.toasts.say("The browser's storage is full: unsaved edits would be lost with this tab. Keep it open until all is saved.", { kind: "error", seconds: 0 });
    this.saidFull = state.full;
  }

  saved(entry, answer) {
    const doc = this.parts.loader && this.parts.loader.documents.get(entry.item);
    if (doc && answer && typeof answer.revision === "number") doc.item.revision = Math.max(doc.item.revision || 0, answer.revision);
  }

  /** Waits until an item's edits are all on the server, then sets its status; tries on while offline. */
  async sendStatus(item, status) {
    for (let pause = 300; ; pause = Math.min(pause * 2, 15000)) {
      try {
        if (!this.queue.forItem(item.id).length) { await this.services.api.status(item.id, status); return; }
      } catch (failure) {
        if (!failure.passing) { this.notices.toasts.error(failure); return; }
      }
      await new Promise((resolve) => setTimeout(resolve, pause));
    }
  }

  async showDetails() {
    const { queue } = this, { waiting, refused, kind, message } = queue.state();
    const names = [...new Set(queue.entries.map((entry) => entry.name))];
    const lines = [message || (waiting ? "" : "Every gesture is saved on the server the moment it is made."),
      waiting ? `${plural(waiting, "edit")} of ${names.slice(0, 5).map((name) => `“${name}”`).join(", ")}${names.length > 5 ? " and others" : ""} kept in this browser.` : ""];
    const choices = [...(waiting ? [["retry", "Try now", "primary"]] : []), ...(refused.length ? [["drop", "Discard what was refused"]] : []), [null, "Close", "ghost"]];
    const answer = await this.notices.ask({ title: kind === "saved" ? "All saved" : "Saving", body: lines.filter(Boolean).map((line) => createElement("p", {}, [line])), choices });
    if (answer === "retry") queue.retry();
    if (answer === "drop") this.discardRefused(refused);
  }

  /** What was refused goes, with the later edits of the same objects; the item is shown as the server has it. */
  async discardRefused(refused) {
    const items = new Set(refused.map((entry) => entry.item));
    for (const entry of refused) this.dropVersions(entry.item, entry.annotations);
    for (const id of items) await this.reloadItem(id);
  }

  async conflict(entry, answer) {
    const current = await this.newestVersions(entry.item, answer.annotations || []);
    const clashing = entry.annotations.filter((a) => a.replaces.some((id) => (current.get(a.object) || {}).id !== id));
    const what = clashing.map(described).slice(0, 6);
    const choice = clashing.length ? await this.notices.ask({
      title: `“${entry.name}” was changed elsewhere`,
      body: [createElement("p", {}, ["Someone else changed the same things while you worked:"]), createElement("ul", {}, what.map((line) => createElement("li", {}, [line]))), createElement("p", { class: "dx-quiet" }, ["All your other edits are kept either way."])],
      choices: [["theirs", "Take theirs", "primary"], ["mine", "Keep mine"]],
      firm: true,
    }) : "mine";
    if (choice === "mine") this.keepMine(entry, current);
    else this.dropVersions(entry.item, clashing);
    await this.reloadItem(entry.item);
  }

  /** The newest version of each object, deleted ones too, from the item's history. */
  async newestVersions(item, current) {
    let log = current;
    try {
      const history = await this.services.api.history(item);
      log = Array.isArray(history) ? history : history.history || current;
    } catch (failure) {
      console.debug("the history is not there:", failure.message);
    }
    const replaced = new Set(log.flatMap((a) => a.replaces || []));
    return new Map(log.filter((a) => !replaced.has(a.id)).map((a) => [a.object, a]));
  }

  keepMine(entry, current) {
    const annotations = entry.annotations.map((a) => {
      const annotation = current.get(a.object);
      return annotation && annotation.id !== a.id ? { ...a, replaces: [annotation.id] } : a;
    });
    this.queue.rewrite(entry.edit, { edit: newId(), annotations });
  }

  /** These versions go, and so does every later one that builds on them; the rest of each edit stays. */
  dropVersions(item, versions) {
    const gone = new Set(versions.map((a) => a.id));
    for (const waiting of this.queue.forItem(item)) {
      waiting.annotations.filter((a) => a.replaces.some((id) => gone.has(id))).forEach((a) => gone.add(a.id));
      const left = waiting.annotations.filter((a) => !gone.has(a.id));
      if (!left.length) this.queue.discard([waiting.edit]);
      else if (left.length < waiting.annotations.length) this.queue.rewrite(waiting.edit, { edit: newId(), annotations: left });
    }
  }

  async reloadItem(item) {
    const { session, notices, parts } = this;
    this.queue.release(item);
    try {
      if (session.doc && session.doc.item.id === item) await parts.loader.refresh();
      else parts.loader.documents.delete(item);
    } catch (failure) {
      notices.toasts.error(failure);
    }
  }
}

const body = (entry) => ({ edit: entry.edit, revision: entry.revision, annotations: entry.annotations });

function described(annotation) {
  const value = annotation.value;
  if (!value) return `a ${annotation.kind} you deleted`;
  return annotation.kind === "phrase" ? `the phrase “${value.text}”` : `the ${annotation.kind} “${value.label || "no label"}”`;
}
