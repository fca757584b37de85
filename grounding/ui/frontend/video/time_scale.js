// The time scale: which frame is where along the timeline, how far it is zoomed and where it begins. Frames and pixels, nothing of the screen.

/** @typedef {import("../document/types.js").Keyframe} Keyframe */

export const GUTTER = 172, PAD = 14;
const FEWEST = 12;
const STOPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000, 2000, 5000, 10000, 50000];

export class TimeScale {
  constructor() {
    this.count = 1;
    this.width = 600;
    this.zoom = 1;
    this.left = 0;
  }

  /**
   * A film of `count` frames, seen whole.
   * @param {number} count
   */
  open(count) { Object.assign(this, { count: Math.max(1, count), zoom: 1, left: 0 }); }

  get span() { return Math.max(1, this.width - GUTTER - 2 * PAD); }
  /** Pixels a frame. */
  get step() { return (this.span * this.zoom) / Math.max(1, this.count - 1); }
  /** @param {number} frame */
  xOf(frame) { return GUTTER + PAD + (frame - this.left) * this.step; }
  /** @param {number} x */
  frameAt(x) { return Math.min(Math.max(Math.round((x - GUTTER - PAD) / this.step + this.left), 0), this.count - 1); }
  /** How many frames are in sight. */
  get seen() { return this.span / this.step; }
  get deepest() { return Math.max(1, this.count / FEWEST); }

  settle() { this.left = Math.min(Math.max(this.left, 0), Math.max(0, this.count - 1 - this.seen)); }

  /**
   * Zooms so that what is at this frame stays where it is.
   * @param {number} factor
   * @param {number} frame
   */
  zoomAt(factor, frame) {
    const place = (frame - this.left) * this.step;
    this.zoom = Math.min(Math.max(this.zoom * factor, 1), this.deepest);
    this.left = frame - place / this.step;
    this.settle();
  }

  /**
   * Brings a frame into sight if it is not; answers whether it had to.
   * @param {number} frame
   */
  keep(frame) {
    if (frame >= this.left - 1e-6 && frame <= this.left + this.seen + 1e-6) return false;
    this.left = frame - this.seen * 0.2;
    this.settle();
    return true;
  }

  /** Frames to write on the ruler, and how far apart they are. */
  ticks() {
    const every = STOPS.find((n) => n * this.step >= 56) || 100000, ticks = [];
    for (let frame = Math.ceil(this.left / every) * every; frame <= Math.min(this.count - 1, this.left + this.seen + 1); frame += every) ticks.push(frame);
    return ticks;
  }

  /** The frames in sight, with one to spare at each side. */
  window() { return [Math.floor(this.left) - 1, Math.ceil(this.left + this.seen) + 1]; }
}

/**
 * Those of the keyframes in a window that are drawn: every one a person set, of the others no two closer than `apart` pixels.
 * Found without looking at the rest, so that a track may have as many as it likes.
 * @param {Keyframe[]} keys
 * @param {[number, number]} options
 * @param {number} step
 */
export function visibleKeyframes(keys, [first, last], step, apart = 4) {
  let low = 0, high = keys.length;
  while (low < high) { const middle = (low + high) >> 1; if (keys[middle].frame < first) low = middle + 1; else high = middle; }
  const drawn = [], gap = apart / step;
  let reach = -Infinity;
  for (let i = low; i < keys.length && keys[i].frame <= last; i++) {
    const key = keys[i];
    if (key.by !== "person" && key.frame - reach < gap) continue;
    drawn.push(key);
    reach = key.frame;
  }
  return drawn;
}
