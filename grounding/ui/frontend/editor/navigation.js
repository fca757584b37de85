// Navigation: from one item to the next, and the status an item is left with.

/** @typedef {import("./context.js").Context} Context */

export class Navigation {
  /** @param {Pick<Context, "session" | "notices" | "services" | "parts">} context */
  constructor({ session, notices, services, parts }) { this.session = session; this.notices = notices; this.services = services; this.parts = parts; }

  step(by) {
    const { doc } = this.session;
    if (!doc) return;
    const id = by > 0 ? doc.item.next : doc.item.prev;
    if (id) this.parts.loader.open(id);
    else this.notices.toasts.say(by > 0 ? "This is the last one." : "This is the first one.", { seconds: 2 });
  }

  /** The next (or, among those loaded, the previous) item that is not done. */
  async stepUnfinished(by) {
    const { session, notices, parts } = this;
    if (!session.doc) return;
    if (by < 0) {
      const { items } = parts.itemList, here = items.findIndex((item) => item.id === session.doc.item.id);
      const found = items.slice(0, Math.max(here, 0)).reverse().find((item) => item.status !== "done");
      if (found) this.parts.loader.open(found.id); else notices.toasts.say("Everything before this one is done.");
      return;
    }
    try {
      const found = await this.searchAhead(session.doc.item.id);
      if (found) await this.parts.loader.open(found.id); else notices.toasts.say("Everything after this one is done.");
    } catch (failure) {
      notices.toasts.error(failure);
    }
  }

  async searchAhead(after) {
    for (let from = after; from;) {
      const page = await this.services.api.items(this.session.project, { after: from, limit: 200 });
      const found = page.items.find((item) => item.status !== "done");
      if (found) return found;
      from = page.next;
    }
    return null;
  }

  /** Done and on to the next; a done item is taken up again instead. */
  async finish() {
    const { session, notices, services } = this;
    if (!session.doc) return;
    const { item } = session.doc, status = item.status === "done" ? "in_progress" : "done";
    this.setStatus(status);
    services.sync.sendStatus(item, status);
    if (status !== "done") return;
    if (item.next) this.parts.loader.open(item.next);
    else notices.toasts.say("That was the last one.");
  }

  setStatus(status) {
    const { session, parts } = this;
    session.doc.item.status = status;
    parts.itemList.setStatus(session.doc.item.id, status);
    parts.toolbar.draw();
  }
}
