// Finding: a sentence asked of a film ranks its tracks, and each row shows over time how well it fits.

import { make, plural } from "./dom.js";

export class Finding {
  constructor(ed) {
    this.ed = ed;
    this.fits = null;
  }

  clear() {
    if (!this.fits) return;
    this.fits = null;
    this.ed.timeline.refresh();
  }

  /** Takes {tracks: [{object, score, curve: [[frame, value]], frames: [first, last]}]}, best first. Curves share one scale from 0 to 1. */
  show(answer) {
    const values = answer.tracks.flatMap((track) => track.curve.map(([, value]) => value)), low = Math.min(...values), wide = Math.max(...values) - low || 1;
    const words = (track, i) => `${i + 1}. · fits ${track.score >= 0 ? "+" : "−"}${Math.abs(track.score).toFixed(2)}`;
    this.fits = new Map(answer.tracks.map((track, i) => [track.object, { rank: i, words: words(track, i), frames: track.frames, curve: track.curve.map(([frame, value]) => [frame, (value - low) / wide]) }]));
    this.ed.timeline.top = 0;
    this.ed.timeline.refresh();
  }

  /** Chooses a track and goes to where the sentence fits it best. */
  choose(track) {
    const { ed } = this, middle = Math.round((track.frames[0] + track.frames[1]) / 2), head = ed.doc.get(track.object);
    if (!head) return;
    ed.select([track.object], { stay: true });
    ed.goto(ed.doc.boxOf(head, middle) ? middle : track.frames[0]);
  }

  /** The answer in words: a line a track. */
  rows(answer, chosen, keep) {
    const best = answer.tracks.slice(0, 5);
    return make("div", { class: "dx-answer-rows", role: "listbox", "aria-label": "Tracks, the best first" }, best.map((track, i) => {
      const head = this.ed.doc.get(track.object), name = head ? head.value.label || "track" : "gone";
      return make("div", { class: `dx-answer ${i === chosen ? "on" : ""}`, role: "option", tabindex: "0", "aria-selected": String(i === chosen), onclick: () => keep.choose(i) },
        [make("span", { class: "dx-rank" }, [String(i + 1)]), make("span", { class: "dx-grow" }, [`${name} · frames ${track.frames[0]} to ${track.frames[1]}`]),
          make("span", { class: "dx-score" }, [track.score.toFixed(2)]),
          make("button", { type: "button", class: "dx-button text small", onclick: (event) => { event.stopPropagation(); keep.keep(i); } }, ["Keep"])]);
    }));
  }

  words(answer) { return `${plural(answer.tracks.length, "track")}, the best first. Each row below shows over time how well it fits.`; }
}
