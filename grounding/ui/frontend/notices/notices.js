// Notices: what a person is told and asked: toasts, dialogs, cards of jobs, and the upload of what is dropped.

import { openDialog } from "./dialog.js";
import { Toasts } from "./toasts.js";

export class Notices {
  /** `undo()` takes the last step back; `root` is the element that dialogs cover. `jobs` and `upload` are put in by who builds them. */
  constructor(root, undo) {
    this.root = root;
    this.undo = undo;
    this.toasts = new Toasts();
    /** @type {import("./job_cards.js").JobCards} */
    this.jobs = null;
    /** @type {import("./drop_upload.js").DropUpload} */
    this.upload = null;
  }

  /** Says what the last step did, with a button that takes it back. */
  undoable(text, options = {}) { return this.toasts.say(text, { slot: "step", action: ["Undo", this.undo], ...options }); }

  /** Opens a dialog; answers the value that was chosen, or null. */
  ask(question) { return openDialog(this.root, question); }
}
