// Track search: a sentence ranks the tracks, and each row shows over time how well it fits.

import { newPhrase, withState } from "../document/edits.js";
import { createElement } from "../kit/elements.js";
import { plural } from "../kit/format.js";

/** @typedef {import("../editor/context.js").Context} Context */

const MOST = 8;

export class TrackSearch {
  /** @param {Pick<Context, "session" | "view" | "notices" | "parts">} context */
  constructor({ session, view, notices, parts }) {
    this.session = session;
    this.view = view;
    this.notices = notices;
    this.parts = parts;
    this.fits = null;
  }

  clear() {
    if (!this.fits) return;
    this.fits = null;
    this.parts.timeline.refresh();
  }

  /** Takes {tracks: [{object, score, curve: [[frame, value]], frames: [first, last]}]}, best first. Curves share one scale from 0 to 1. */
  show(answer) {
    const values = answer.tracks.flatMap((track) => track.curve.map(([, value]) => value)), low = Math.min(...values), wide = Math.max(...values) - low || 1;
    this.fits = new Map(answer.tracks.map((track, i) => [track.object, { rank: i, words: `${i + 1}. fits ${signed(track.score)}`, frames: track.frames, curve: track.curve.map(([frame, value]) => [frame, (value - low) / wide]) }]));
    this.parts.timeline.scrollTop = 0;
    this.parts.timeline.refresh();
  }

  /** Chooses a track and goes to where the sentence fits it best. */
  choose(track) {
    const { session, view } = this, middle = Math.round((track.frames[0] + track.frames[1]) / 2), annotation = session.doc.get(track.object);
    if (!annotation) return;
    session.select([track.object], { stay: true });
    view.seek(session.doc.boxAt(annotation, middle) ? middle : track.frames[0]);
  }

  /** Shows the ranking in the rows and in words, and goes to the best. */
  answered(text, answer, results) {
    const { view } = this;
    if (answer.declined) { view.showRegions([]); results.replaceChildren(createElement("p", { class: "dx-quiet declined" }, [answer.declined])); return; }
    if (!answer.tracks.length) { results.replaceChildren(createElement("p", { class: "dx-quiet" }, ["There are no tracks yet. Draw a box and follow it (T), or follow everything (Alt+T); then ask again."])); return; }
    view.showRegions([]);
    this.show(answer);
    const draw = (chosen) => {
      results.replaceChildren(createElement("p", { class: "dx-quiet" }, [`${plural(answer.tracks.length, "track")}, the best first; their rows show over time how well it fits.`]), this.list(answer.phrase || text, answer, chosen, draw));
      this.choose(answer.tracks[chosen]);
    };
    draw(0);
  }

  list(text, answer, chosen, draw) {
    return createElement("div", { class: "dx-answer-rows", role: "listbox", "aria-label": "Tracks, the best first" }, answer.tracks.slice(0, MOST).map((track, i) => this.line(text, track, i, i === chosen, draw)));
  }

  line(text, track, i, on, draw) {
    const annotation = this.session.doc.get(track.object), name = annotation ? annotation.value.label || "track" : "gone";
    const keep = createElement("button", { type: "button", class: "dx-button text small", onclick: (event) => { event.stopPropagation(); this.keep(text, track); } }, ["Keep"]);
    return createElement("div", { class: `dx-answer ${on ? "on" : ""}`, role: "option", tabindex: "0", "aria-selected": String(on), onclick: () => draw(i),
      onkeydown: (event) => { if (event.key === "Enter" && event.target === event.currentTarget) { event.stopPropagation(); this.keep(text, track); } } },
    [createElement("span", { class: "dx-rank" }, [String(i + 1)]), createElement("span", { class: "dx-grow" }, [`${name} · frames ${track.frames[0]} to ${track.frames[1]}`]), createElement("span", { class: "dx-score" }, [signed(track.score)]), keep]);
  }

  /** The sentence becomes a phrase of the track, which is thereby accepted. */
  keep(text, track) {
    const { session, notices } = this, annotation = session.doc.get(track.object);
    if (!annotation) return;
    session.commit([...(annotation.value.state === "accepted" ? [] : [withState(annotation, "accepted")]), newPhrase(text, [annotation.object])], `keep “${text}”`);
    notices.undoable(`Kept “${text}”.`);
  }
}

const signed = (score) => `${score < 0 ? "−" : "+"}${Math.abs(score).toFixed(2)}`;
