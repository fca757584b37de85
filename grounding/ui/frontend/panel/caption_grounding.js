// Caption grounding: a caption grounded phrase by phrase; each phrase has a colour in the text and around its boxes.

import { newBox, newPhrase, newTrack, UNNAMED_LABEL, withState } from "../document/edits.js";
import { candidatesAt, matchOf } from "../document/object_match.js";
import { inkOn, PALETTE } from "../kit/colors.js";
import { createElement } from "../kit/elements.js";
import { plural } from "../kit/format.js";

/** @typedef {import("../editor/context.js").Context} Context */

const SURE = 0.5;

export const phraseColor = (i) => PALETTE[i % PALETTE.length];

/** The text cut at its phrases: [{text, phrase}], `phrase` a number or -1; phrases that overlap an earlier one are left out. */
export function splitAtPhrases(text, phrases) {
  const parts = [], order = phrases.map(({ span: [start, end] }, phrase) => ({ start, end, phrase })).sort((a, b) => a.start - b.start);
  let at = 0;
  for (const { start, end, phrase } of order) {
    if (start < at || end <= start) continue;
    if (start > at) parts.push({ text: text.slice(at, start), phrase: -1 });
    parts.push({ text: text.slice(start, end), phrase });
    at = end;
  }
  return at < text.length ? [...parts, { text: text.slice(at), phrase: -1 }] : parts;
}

/** The regions of a phrase worth showing: the best, and others nearly as good. */
export const shownRegions = (phrase) => phrase.regions.filter((region, i) => !i || region.score >= Math.max(SURE, phrase.regions[0].score * 0.8)).slice(0, 5);

export class CaptionGrounding {
  /**
   * `onKeep()` hears when the phrases are kept.
   * @param {Pick<Context, "session" | "view" | "notices">} context
   * @param {() => void} onKeep
   */
  constructor({ session, view, notices }, onKeep) {
    this.session = session;
    this.view = view;
    this.notices = notices;
    this.onKeep = onKeep;
    /** @type {any[]} */
    this.phrases = [];
  }

  /** Puts the boxes on the picture and answers what stands below the ask box. */
  show(text, phrases) {
    const { view } = this;
    this.phrases = phrases;
    const answers = phrases.flatMap((phrase, i) => shownRegions(phrase).map((region) => ({ ...region, color: phraseColor(i), text: `${phrase.text} ${Math.round(region.score * 100)}%`, of: i })));
    view.showRegions(answers);
    if (!phrases.length) return [createElement("p", { class: "dx-quiet" }, ["No phrase that names something was found in this. Enter asks for all of it at once."])];
    const words = createElement("p", { class: "dx-caption-phrases", role: "group", "aria-label": "The caption; each phrase shows its boxes" }, splitAtPhrases(text, phrases).map((part) => (part.phrase < 0 ? part.text : this.word(part))));
    const found = phrases.filter((phrase) => phrase.regions.length).length;
    const keep = createElement("button", { type: "button", class: "dx-button text small", onclick: () => this.keep() }, ["Keep all"]);
    return [words, createElement("p", { class: "dx-quiet dx-caption-phrases-line" }, [`${plural(phrases.length, "phrase")}, ${found === phrases.length ? "each found" : `${found} found`}`, createElement("span", { class: "dx-grow" }), keep])];
  }

  word({ text, phrase }) {
    const color = phraseColor(phrase), none = !this.phrases[phrase].regions.length, light = () => this.highlight(phrase);
    return createElement("button", { type: "button", class: `dx-caption-phrases-word ${none ? "none" : ""}`, title: none ? this.phrases[phrase].declined || "Not found here" : "", style: { "--chip": color, "--ink": inkOn(color) }, onmouseenter: light, onfocus: light, onclick: light }, [text]);
  }

  highlight(phrase) {
    const i = this.view.regions.findIndex((answer) => answer.of === phrase);
    if (i >= 0) this.view.chooseRegion(i);
  }

  /** Every phrase with its best box becomes an accepted phrase, all in one step; a box that stands there already is used. */
  keep() {
    const { session, notices } = this, changes = [], used = new Map();
    for (const phrase of this.phrases) {
      const [best] = phrase.regions;
      if (!best) continue;
      changes.push(newPhrase(phrase.text, [this.objectFor(best, changes, used)]));
    }
    if (!session.commit(changes, "keep a caption")) return;
    this.onKeep();
    notices.undoable(`${plural(changes.filter((change) => change.kind === "phrase").length, "phrase")} kept.`);
  }

  /** The object a phrase is about: one that stands, one made for an earlier phrase, or a new one. */
  objectFor(region, changes, used) {
    const { session, view } = this, found = matchOf([...candidatesAt(session.doc, view.frame), ...used.values()], region.box);
    if (found) {
      const { annotation, object } = found;
      if (annotation && annotation.value.state === "proposed" && !changes.some((change) => change.object === object)) changes.push(withState(annotation, "accepted"));
      return object;
    }
    const label = region.project_label || UNNAMED_LABEL;
    const fresh = session.isVideo() ? newTrack(view.frame, region.box, label) : newBox(region.box, label);
    changes.push(fresh);
    used.set(fresh.object, { object: fresh.object, box: region.box });
    return fresh.object;
  }
}
