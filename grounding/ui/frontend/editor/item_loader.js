// The item loader: loads a project and an item onto the page, and keeps what is shown up to date.

import { ItemDocument } from "../document/item_document.js";
import { button, createElement } from "../kit/elements.js";
import { spinner, stageMessage } from "../stage/messages.js";

/** @typedef {import("./context.js").Context} Context */

const MAX_DOCUMENTS = 30, LAST_ITEM_KEY = "deixis.item";

export class ItemLoader {
  /**
   * `onNavigate({project, item})` hears which item is open.
   * @param {Pick<Context, "session" | "view" | "notices" | "services" | "commands" | "parts">} context
   */
  constructor({ session, view, notices, services, commands, parts }, onNavigate) {
    this.session = session;
    this.view = view;
    this.notices = notices;
    this.services = services;
    this.commands = commands;
    this.parts = parts;
    this.onNavigate = onNavigate;
    this.turn = 0;
    this.documents = new Map();
    this.refreshing = 0;
    const [visit] = /** @type {PerformanceNavigationTiming[]} */ (performance.getEntriesByType("navigation"));
    this.reloaded = visit && visit.type !== "navigate" ? sessionStorage.getItem(LAST_ITEM_KEY) : null;
  }

  /** The page's wish: {project, item, user}. */
  async setValue(value) {
    const { session, view, notices, services, parts } = this, wish = value || {};
    this.sign(wish.user);
    if (!wish.project) {
      session.project = null;
      this.closeItem();
      view.stage.showMessage(...stageMessage("film", "No project is open", "Make one or choose one in the Project tab; then drop photos or videos here."));
      return;
    }
    const changed = wish.project !== session.project;
    session.project = wish.project;
    if (changed) {
      this.closeItem();
      session.setLabels([]);
      view.stage.showMessage(spinner("Opening the project …"));
      await parts.itemList.openProject(session.project);
      if (session.project !== wish.project) return;
      notices.jobs.adopt(session.project);
      services.templates.load(session.project);
    }
    if (wish.item && (!session.doc || session.doc.item.id !== wish.item)) await this.open(wish.item);
    else if (!wish.item && (changed || !session.doc)) await this.openFirst();
  }

  /** Who works here from now on. */
  sign(name) {
    const { session, services } = this;
    session.user = name || "me";
    services.api.person = session.user;
    if (session.doc) session.doc.author = `person:${session.user}`;
  }

  /** The item that was open when the page was loaded anew, or else the first that is not done. */
  async openFirst() {
    const { items, failure: trouble } = this.parts.itemList, before = this.reloaded;
    this.reloaded = null;
    const first = items.find((item) => item.id === before) || await this.findItem(before) || items.find((item) => item.status !== "done") || items[0];
    if (first) await this.open(first.id);
    else if (trouble) this.showFailure("This project could not be opened", trouble, () => this.reopenProject());
    else this.showEmptyProject();
  }

  reopenProject() {
    const { project, user } = this.session;
    this.session.project = null;
    return this.setValue({ project, item: null, user });
  }

  /** The item, if it is still in the open project. */
  async findItem(id) {
    if (!id) return null;
    try {
      const item = await this.services.api.item(id);
      return item.project === this.session.project ? item : null;
    } catch (failure) {
      console.debug("the item of before is not there:", failure.message);
      return null;
    }
  }

  async showEmptyProject() {
    this.closeItem();
    const { session, view, notices, services } = this;
    view.stage.showMessage(...stageMessage("upload", "Nothing here yet", "Drop photos, a folder or a video anywhere on this page.", button("upload", "Add photos or videos", () => notices.upload.choose(), { text: "Add photos or videos", kind: "primary" })));
    try {
      const here = (await services.api.projects()).find((project) => project.id === session.project);
      if (here && !session.doc) session.setLabels(here.labels);
    } catch (failure) {
      notices.toasts.error(failure);
    }
  }

  closeItem() {
    this.turn += 1;
    this.view.player.close();
    this.session.closeDocument();
  }

  async open(id) {
    const { view, services, commands } = this;
    if (!id) { this.showEmptyProject(); return; }
    commands.run("settle");
    view.pointer.cancel();
    const turn = ++this.turn;
    const waiting = services.sync.queue.forItem(id);
    const slow = setTimeout(() => { if (turn === this.turn) view.stage.showMessage(spinner("Loading …")); }, 180);
    try {
      const item = await services.api.item(id);
      if (turn === this.turn) await this.show(item, waiting);
    } catch (failure) {
      if (turn === this.turn) this.failed(id, failure);
    } finally {
      clearTimeout(slow);
    }
  }

  failed(id, failure) {
    this.closeItem();
    this.showFailure("This item could not be opened", failure, () => this.open(id));
  }

  showFailure(title, failure, again) {
    this.view.stage.showMessage(...stageMessage("warn", title, failure.message, button("restore", "Try again", again, { text: "Try again", kind: "primary" })));
  }

  async show(item, waiting) {
    const { session, view, parts } = this;
    this.closeItem();
    const turn = this.turn, size = { width: item.width, height: item.height };
    session.setLabels(item.labels || []);
    session.doc = this.documentOf(item, waiting);
    view.frame = 0;
    view.viewport.fitted = true;
    parts.toolbar.draw();
    parts.itemList.show(item);
    this.onNavigate({ project: session.project, item: item.id });
    sessionStorage.setItem(LAST_ITEM_KEY, item.id);
    const fine = await (item.kind === "video" ? this.showVideo(item, size) : this.showPhoto(item, size, turn));
    if (turn !== this.turn) return;
    if (fine !== false) view.stage.showMessage();
    view.root.dataset.item = item.id;
    view.isAwaitingDraw = true;
    session.documentChanged();
    this.prefetch(item.next);
  }

  documentOf(item, waiting) {
    const { session, services } = this, pendingNow = services.sync.queue.forItem(item.id);
    const overlay = [...waiting.filter((entry) => !pendingNow.includes(entry)), ...pendingNow];
    let doc = this.documents.get(item.id);
    if (doc) {
      doc.item = item;
      doc.load(item.annotations, overlay);
    } else {
      doc = new ItemDocument(item, (entry) => services.sync.queue.push(entry));
      doc.load(item.annotations, overlay);
      doc.onChange(() => session.doc === doc && session.documentChanged());
    }
    doc.author = `person:${session.user}`;
    this.documents.delete(item.id);
    this.documents.set(item.id, doc);
    if (this.documents.size > MAX_DOCUMENTS) this.documents.delete(this.documents.keys().next().value);
    return doc;
  }

  async showPhoto(item, size, turn) {
    const { view, services } = this, image = createElement("img", { alt: item.name, draggable: "false", decoding: "async" });
    image.src = services.api.url(item.image);
    if (item.thumb) image.style.background = `center / 100% 100% url("${encodeURI(services.api.url(item.thumb))}")`;
    view.stage.show(image, size);
    try {
      await image.decode();
    } catch (broken) {
      if (turn === this.turn) view.stage.showMessage(...stageMessage("warn", "This photo cannot be shown", `The server did not give a readable picture (${broken.message})`, button("restore", "Try again", () => this.open(item.id), { text: "Try again" })));
      return false;
    }
    image.style.background = "";
    return true;
  }

  async showVideo(item, size) {
    const { view, parts } = this;
    parts.timeline.root.hidden = false;
    view.stage.show(view.player.open(item.video, size), size);
    parts.timeline.open(view.player.count);
    view.stage.fitRoot();
    await view.player.seek(0);
  }

  async prefetch(id) {
    if (!id) return;
    try {
      const item = await this.services.api.item(id);
      if (item.kind === "photo") new Image().src = this.services.api.url(item.image);
    } catch (failure) {
      console.debug("the next item is not there yet:", failure.message);
    }
  }

  /** Takes in what the server has for the open item, when no gesture is under way. */
  async refresh() {
    const { session, view, services } = this;
    if (!session.doc || view.pointer.gesture || view.isNudging) return;
    const { doc } = session, waiting = services.sync.queue.forItem(doc.item.id);
    const item = await services.api.item(doc.item.id);
    if (doc !== session.doc || item.revision < doc.item.revision) return;
    Object.assign(doc.item, { revision: item.revision, status: item.status });
    const now = services.sync.queue.forItem(doc.item.id);
    doc.load(item.annotations, [...waiting.filter((entry) => !now.includes(entry)), ...now]);
    session.setLabels(item.labels || []);
  }

  /** While a job brings things in, what is shown follows, not more than about once a second. */
  async jobProgressed(job) {
    const now = performance.now();
    if (now - this.refreshing < 1200 || /^(export|publish|train|improve)$/.test(job.kind)) return;
    this.refreshing = now;
    await this.refreshAll();
  }

  async jobEnded(job) {
    const { notices, services } = this;
    if (/^(export|publish)$/.test(job.kind)) {
      if (job.state === "done") notices.toasts.say("The export is ready.", { action: ["Download", () => { window.location.href = services.api.url(`/api/exports/${job.id}`); }], seconds: 20 });
      return;
    }
    await this.refreshAll();
    if (job.kind === "follow" && job.state === "done") notices.toasts.say("Objects followed: look the tracks through in the timeline.");
  }

  async refreshAll() {
    const { session, notices, parts } = this;
    try {
      await parts.itemList.refresh();
      if (!session.doc && parts.itemList.items.length) await this.openFirst();
      else await this.refresh();
    } catch (failure) {
      notices.toasts.error(failure);
    }
  }
}
