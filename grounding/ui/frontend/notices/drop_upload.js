// Drop upload: files and folders dropped on the editor are sent to its project.

import { createElement } from "../kit/elements.js";
import { chosenFiles, droppedFiles, fileBatches } from "../kit/file_batches.js";
import { plural } from "../kit/format.js";

/** @typedef {import("../editor/context.js").Context} Context */

export class DropUpload {
  /** @param {Pick<Context, "session" | "notices" | "services">} context */
  constructor({ session, notices, services }) {
    this.session = session;
    this.notices = notices;
    this.services = services;
    this.input = createElement("input", { type: "file", multiple: true, accept: "image/*,video/*,.zip", hidden: true, onchange: () => this.chosen() });
    this.veil = createElement("div", { class: "dx-drop", hidden: true }, [createElement("b", {}, ["Drop to add"]), createElement("span", {}, ["Photos, whole folders, videos or a zip"])]);
  }

  choose() { this.input.click(); }

  chosen() {
    const files = chosenFiles(this.input);
    this.input.value = "";
    this.send(files);
  }

  listen(root) {
    let depth = 0;
    const files = (event) => event.dataTransfer && [...event.dataTransfer.types].includes("Files");
    const on = (name, work) => root.addEventListener(name, (event) => { if (files(event)) { event.preventDefault(); work(event); } });
    on("dragenter", () => { depth += 1; this.veil.hidden = false; });
    on("dragover", () => null);
    on("dragleave", () => { depth -= 1; this.veil.hidden = depth > 0 ? false : true; });
    on("drop", async (event) => { depth = 0; this.veil.hidden = true; this.dropped(event.dataTransfer); });
  }

  async dropped(transfer) {
    try {
      await this.send(await droppedFiles(transfer));
    } catch (unreadable) {
      this.notices.toasts.say(`What was dropped could not be read (${unreadable.message}). Check its permissions and drop it again.`, { kind: "error" });
    }
  }

  async send(files) {
    const { session, notices, services } = this;
    if (!files.length) return;
    if (!session.project) { notices.toasts.say("Make a project first; then drop the files again.", { kind: "error" }); return; }
    const stop = new AbortController(), job = { id: "", kind: "upload", state: "running", done: 0, total: 100 };
    const card = notices.jobs.card(job), batches = fileBatches(files);
    card.stop.onclick = () => stop.abort();
    try {
      for (const [i, batch] of batches.entries()) {
        const show = (loaded, total) => { card.bar.style.width = `${((i + loaded / total) / batches.length) * 100}%`; };
        card.text.textContent = `Sending ${plural(files.length, "file")}`;
        const answer = await services.api.upload(session.project, batch, show, stop.signal);
        notices.jobs.watch(answer.job);
      }
    } catch (failure) {
      notices.toasts.say(failure.message, { kind: failure.status === -1 ? "" : "error" });
    } finally {
      card.element.remove();
    }
  }
}
