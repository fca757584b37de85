// Navigation: from one item to the next, and the status an item is left with.

export class Navigation {
  constructor(ed) { this.ed = ed; }

  step(by) {
    const { doc } = this.ed;
    if (!doc) return;
    const id = by > 0 ? doc.item.next : doc.item.prev;
    if (id) this.ed.openItem(id);
    else this.ed.toasts.say(by > 0 ? "This is the last one." : "This is the first one.", { seconds: 2 });
  }

  /** The next (or, among those loaded, the previous) item that is not done. */
  async stepUnfinished(by) {
    const { ed } = this;
    if (!ed.doc) return;
    if (by < 0) {
      const { items } = ed.itemList, here = items.findIndex((item) => item.id === ed.doc.item.id);
      const found = items.slice(0, Math.max(here, 0)).reverse().find((item) => item.status !== "done");
      if (found) this.ed.openItem(found.id); else ed.toasts.say("Everything before this one is done.");
      return;
    }
    try {
      const found = await this.searchAhead(ed.doc.item.id);
      if (found) await this.ed.openItem(found.id); else ed.toasts.say("Everything after this one is done.");
    } catch (failure) {
      ed.toasts.error(failure);
    }
  }

  async searchAhead(after) {
    for (let from = after; from;) {
      const page = await this.ed.api.items(this.ed.project, { after: from, limit: 200 });
      const found = page.items.find((item) => item.status !== "done");
      if (found) return found;
      from = page.next;
    }
    return null;
  }

  /** Done and on to the next; a done item is taken up again instead. */
  async finish() {
    const { ed } = this;
    if (!ed.doc) return;
    const { item } = ed.doc, status = item.status === "done" ? "in_progress" : "done";
    this.setStatus(status);
    ed.sync.sendStatus(item, status);
    if (status !== "done") return;
    if (item.next) this.ed.openItem(item.next);
    else ed.toasts.say("That was the last one.");
  }

  setStatus(status) {
    const { ed } = this;
    ed.doc.item.status = status;
    ed.itemList.mark(ed.doc.item.id, status);
    ed.toolbar.draw();
  }
}
