// The item list on the left: the items of the project as thumbnails, page by page, with their status.

import { button, createElement } from "../kit/elements.js";
import { icon } from "../kit/icons.js";
import { STATUS_FILTERS, statusName } from "../kit/item_status.js";
import { oncePerFrame } from "../kit/scheduling.js";

/** @typedef {import("./context.js").Context} Context */

const ROW = 64, PAGE = 100, SPARE = 5;

export class ItemList {
  /** @param {Pick<Context, "notices" | "services" | "commands" | "parts">} context */
  constructor({ notices, services, commands, parts }) {
    this.notices = notices;
    this.services = services;
    this.commands = commands;
    this.parts = parts;
    this.items = [];
    this.next = null;
    this.filter = "";
    this.turn = 0;
    this.loading = false;
    this.failure = null;
    this.counts = createElement("div", { class: "dx-progress" });
    this.filters = createElement("select", { class: "dx-select", "aria-label": "Which items", onchange: () => this.setFilter(this.filters.value) },
      STATUS_FILTERS.map(([value, text]) => createElement("option", { value }, [text])));
    this.space = createElement("div", { class: "dx-space" });
    this.list = createElement("div", { class: "dx-items", role: "listbox", "aria-label": "Items", tabindex: "0" }, [this.space]);
    this.up = createElement("button", { type: "button", class: "dx-link dx-earlier", hidden: true, onclick: () => this.fromStart() }, ["Show earlier items"]);
    this.message = createElement("p", { class: "dx-quiet center", hidden: true });
    this.root = createElement("nav", { class: "dx-item-list", "aria-label": "Items of the project" }, [
      createElement("div", { class: "dx-item-list-head" }, [this.filters, button("upload", "Add photos or videos", () => notices.upload.choose(), { kind: "ghost" })]),
      this.counts, this.up, this.list, this.message,
    ]);
    this.draw = oncePerFrame(() => this.drawNow());
    this.list.addEventListener("scroll", () => this.scrolled());
    this.list.addEventListener("click", (event) => this.click(event));
    this.list.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.draw()).observe(this.list);
  }

  /** Another project: nothing of the one before stays, whether this one can be loaded or not. */
  openProject(project) {
    Object.assign(this, { items: [], next: null, earlier: false, open: null });
    this.filter = this.filters.value = "";
    return this.load(project);
  }

  /** Loads the first page anew; `after` starts elsewhere, `keep` leaves the old page up until the new one is there. */
  async load(project, { after = null } = {}) {
    this.project = project;
    const turn = ++this.turn;
    this.loading = true;
    try {
      const page = await this.services.api.items(project, this.query(after));
      if (turn !== this.turn) return;
      this.failure = null;
      this.items = page.items;
      this.next = page.next;
      this.earlier = after !== null;
      this.showCounts(page.counts);
    } catch (failure) {
      if (turn === this.turn) this.failure = failure;
    } finally {
      if (turn === this.turn) this.loading = false;
    }
    this.draw();
  }

  query(after) {
    const trash = this.filter === "trash";
    return { after, limit: PAGE, status: trash ? "" : this.filter, trashed: trash ? "true" : "" };
  }

  /** Takes in what changed on the server; where many pages are open only the counts, so that nothing jumps. */
  async refresh() {
    if (this.loading) return;
    if (this.items.length <= PAGE && !this.earlier) { await this.load(this.project); return; }
    const page = await this.services.api.items(this.project, { limit: 1 });
    this.showCounts(page.counts);
  }

  async more() {
    if (this.loading || !this.next) return;
    const turn = this.turn;
    this.loading = true;
    try {
      const page = await this.services.api.items(this.project, this.query(this.next));
      if (turn !== this.turn) return;
      this.items = this.items.concat(page.items);
      this.next = page.next;
      this.showCounts(page.counts);
    } catch (failure) {
      this.notices.toasts.error(failure);
      this.next = null;
    } finally {
      if (turn === this.turn) this.loading = false;
    }
    this.draw();
  }

  setFilter(filter) {
    this.filter = filter;
    this.filters.value = filter;
    this.list.scrollTop = 0;
    if (this.project) this.load(this.project);
  }

  showCounts(counts) {
    if (!counts) return;
    this.total = counts;
    const all = counts.new + counts.in_progress + counts.done, part = all ? counts.done / all : 0;
    this.counts.title = `${counts.new} new, ${counts.in_progress} in progress, ${counts.done} done`;
    this.counts.replaceChildren(
      createElement("div", { class: "dx-meter", role: "progressbar", "aria-valuenow": Math.round(part * 100), "aria-valuemin": 0, "aria-valuemax": 100, "aria-label": "Done" },
        [createElement("i", { style: { width: `${part * 100}%` } }), createElement("i", { class: "half", style: { width: `${all ? (counts.in_progress / all) * 100 : 0}%` } })]),
      createElement("span", {}, [`${counts.done.toLocaleString("en")} of ${all.toLocaleString("en")} done`]));
  }

  showMessage(text) {
    this.message.hidden = !text;
    this.message.textContent = text;
  }

  scrolled() {
    this.draw();
    const { scrollTop, clientHeight, scrollHeight } = this.list;
    if (scrollTop + clientHeight > scrollHeight - 8 * ROW) this.more();
  }

  async fromStart() {
    await this.load(this.project);
    this.list.scrollTop = 0;
  }

  drawNow() {
    this.up.hidden = !this.earlier;
    const { items } = this, top = this.list.scrollTop;
    this.space.style.height = `${items.length * ROW}px`;
    const first = Math.max(0, Math.floor(top / ROW) - SPARE), last = Math.min(items.length, Math.ceil((top + this.list.clientHeight) / ROW) + SPARE);
    const wanted = new Map();
    for (let i = first; i < last; i++) wanted.set(`${items[i].id} ${items[i].status} ${i} ${items[i].id === this.open}`, i);
    for (const element of /** @type {HTMLElement[]} */ ([...this.space.children])) {
      if (wanted.has(element.dataset.key)) wanted.delete(element.dataset.key); else element.remove();
    }
    for (const [key, i] of wanted) this.space.append(this.row(items[i], i, key));
    const empty = { "": "No items yet. Drop photos, a folder or a video here.", trash: "The trash is empty." }[this.filter];
    if (!this.loading) this.showMessage(items.length ? "" : (this.failure && this.failure.message) || empty || "None of these.");
  }

  row(item, i, key) {
    const open = item.id === this.open, trash = this.filter === "trash";
    const image = createElement("img", { class: "dx-thumb", src: this.services.api.url(item.thumb || `/media/${item.id}/thumb`), alt: "", loading: "lazy", decoding: "async", draggable: "false" });
    image.addEventListener("error", () => image.classList.add("broken"));
    const act = trash ? button("restore", "Restore", () => this.restore(item), { kind: "ghost small" }) : button("trash", "Move to the trash", () => this.trash(item), { kind: "ghost small" });
    act.tabIndex = -1;
    act.dataset.act = trash ? "restore" : "trash";
    return createElement("div", {
      class: `dx-item ${open ? "on" : ""}`, role: "option", "aria-selected": String(open), "data-id": item.id, "data-key": key, style: { top: `${i * ROW}px` },
      "aria-label": `${item.name}, ${item.kind}, ${statusName(item.status).toLowerCase()}`,
    }, [createElement("span", { class: "dx-thumb-box" }, [image, item.kind === "video" ? createElement("span", { class: "dx-video-mark" }, [icon("film")]) : null]),
      createElement("span", { class: "dx-item-words" }, [createElement("b", { title: item.name }, [item.name]), createElement("span", { class: `dx-status ${item.status}` }, [createElement("i"), statusName(item.status).toLowerCase()])]), act]);
  }

  click(event) {
    const element = event.target.closest("[data-id]");
    if (!element || event.target.closest("[data-act]") || this.filter === "trash") return;
    this.parts.loader.open(element.dataset.id);
  }

  key(event) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      event.stopPropagation();
      this.commands.run(event.key === "ArrowDown" ? "next" : "previous");
    }
  }

  /** Marks the open item and brings it into sight; loads a page around it if it is far from what is loaded. */
  async show(item) {
    this.open = item.id;
    let i = this.items.findIndex((other) => other.id === item.id);
    if (i < 0 && !this.filter && this.items.length && !this.loading && item.prev) {
      await this.load(this.project, { after: item.prev });
      i = this.items.findIndex((other) => other.id === item.id);
    }
    if (i >= 0) {
      const top = i * ROW, { scrollTop, clientHeight } = this.list;
      if (top < scrollTop || top + ROW > scrollTop + clientHeight) this.list.scrollTop = top - clientHeight / 2 + ROW / 2;
    }
    this.draw();
  }

  /** An item's status changed here: the dot and the counts follow at once. */
  setStatus(id, status) {
    const item = this.items.find((other) => other.id === id);
    const before = item && item.status;
    if (item) item.status = status;
    if (before && this.total && before !== status) this.showCounts({ ...this.total, [before]: this.total[before] - 1, [status]: this.total[status] + 1 });
    this.draw();
  }

  async trash(item) {
    const i = this.items.indexOf(item);
    try {
      await this.services.api.trash(item.id);
    } catch (failure) {
      this.notices.toasts.error(failure);
      return;
    }
    this.items = this.items.filter((other) => other !== item);
    if (this.total) this.showCounts({ ...this.total, [item.status]: this.total[item.status] - 1 });
    this.draw();
    const neighbour = this.items[Math.min(i, this.items.length - 1)];
    if (item.id === this.open) this.parts.loader.open(neighbour ? neighbour.id : null);
    this.notices.toasts.say(`“${item.name}” is in the trash.`, { action: ["Undo", () => this.restore(item)] });
  }

  async restore(item) {
    try {
      await this.services.api.restore(item.id);
    } catch (failure) {
      this.notices.toasts.error(failure);
      return;
    }
    await this.load(this.project);
    if (this.filter !== "trash") this.parts.loader.open(item.id);
    else this.notices.toasts.say(`“${item.name}” is back.`, { action: ["Open", () => { this.setFilter(""); this.parts.loader.open(item.id); }] });
  }
}
