// Video player: shows exactly the frame asked for, by the table of presentation times. What the player painted is compared with that table;
// where they disagree, or nobody can tell, still pictures from the server take over.

import { createElement } from "../kit/elements.js";
import { after } from "../kit/scheduling.js";
import { frameAtTime, frameOfTime, timeOfFrame } from "./frame_times.js";

const SEEK_LIMIT = 2500, SEEK_PATIENCE = 20000, PAINT_LIMIT = 150, PAINT_PATIENCE = 1000;
const HEARD = "heard";
const VERIFIABLE = "requestVideoFrameCallback" in HTMLVideoElement.prototype; // tells the time of the frame that was painted

const once = (target, name) => new Promise((resolve) => target.addEventListener(name, () => resolve(name), { once: true }));

export class VideoPlayer {
  /** `onFrame(frame)` hears which frame is on the screen; `onError(text)` what could not be shown. */
  constructor({ api, onFrame, onError, onPlaying }) {
    this.api = api;
    this.onFrame = onFrame;
    this.onError = onError;
    this.onPlaying = onPlaying;
    this.frame = 0;
    this.wanted = null;
    this.busy = false;
    this.playingNow = false;
    this.turn = 0;
  }

  /** Answers the element for the stage; `ready` resolves when the first frame is there. */
  open(video, size) {
    this.close();
    this.pts = video.pts;
    this.count = video.frames || video.pts.length;
    this.source = video;
    this.size = size;
    this.frame = 0;
    this.isPlayable = !!video.playable && VERIFIABLE;
    this.drawnFrame = null;
    this.element = this.isPlayable ? this.makeVideo() : this.makeStill();
    return this.element;
  }

  makeVideo() {
    const element = createElement("video", { src: this.api.url(this.source.src), preload: "auto", playsinline: true, tabindex: "-1" });
    element.muted = true;
    element.disablePictureInPicture = true;
    element.addEventListener("error", () => this.fallBack(element));
    element.addEventListener("ended", () => this.stop());
    element.requestVideoFrameCallback((now, meta) => this.frameDrawn(element, meta.mediaTime));
    return element;
  }

  /** A frame was painted: `painted` is its number, -1 where the frame table has no such time. */
  frameDrawn(element, time) {
    if (element !== this.element) return;
    element.requestVideoFrameCallback((now, meta) => this.frameDrawn(element, meta.mediaTime));
    this.drawnFrame = frameOfTime(this.pts, time);
    this.whenDrawn?.();
    if (this.playingNow) {
      this.frame = frameAtTime(this.pts, time);
      this.onFrame(this.frame);
    } else if (!this.busy && this.drawnFrame !== this.frame) this.recheck(element);
  }

  /** Another frame than the one announced was painted late; where it stays, still pictures take over. */
  async recheck(element) {
    await after(PAINT_LIMIT);
    if (!this.busy && !this.playingNow && this.drawnFrame !== this.frame) this.fallBack(element);
  }

  /** HEARD once a frame was painted, or undefined once the time is over. */
  nextDrawn(limit) { return Promise.race([new Promise((resolve) => { this.whenDrawn = () => resolve(HEARD); }), after(limit)]); }

  makeStill() {
    return createElement("img", { alt: "", draggable: "false" });
  }

  /** The browser cannot play this frame for frame after all: single frames from the server take over. */
  fallBack(element) {
    if (element !== this.element || !this.isPlayable) return;
    this.isPlayable = false;
    this.stop();
    const still = this.makeStill();
    still.style.cssText = element.style.cssText;
    element.replaceWith(still);
    this.element = still;
    if (!this.busy) this.seek(this.frame);
    else if (this.wanted === null) this.wanted = this.goal;
  }

  close() {
    this.turn += 1;
    this.stop();
    if (this.element && this.isPlayable) {
      this.element.removeAttribute("src");
      this.video.load();
    }
    this.element = null;
    this.wanted = null;
    this.busy = false;
  }

  /** Goes to a frame; of many calls while one is under way only the last counts. */
  async seek(frame) {
    this.wanted = Math.min(Math.max(Math.round(frame), 0), this.count - 1);
    this.goal = this.wanted;
    if (this.busy || !this.element) return;
    this.busy = true;
    const turn = this.turn;
    while (this.wanted !== null && turn === this.turn) {
      const goal = this.wanted;
      this.wanted = null;
      const fine = await (this.isPlayable ? this.seekVideo(goal) : this.seekStill(goal));
      if (turn !== this.turn) return;
      if (fine) { this.frame = goal; this.onFrame(goal); }
    }
    if (turn === this.turn) this.busy = false;
  }

  get video() { return /** @type {HTMLVideoElement} */ (this.element); }
  get still() { return /** @type {HTMLImageElement} */ (this.element); }

  async seekVideo(frame) {
    const element = this.video;
    if (element.readyState < 1) await Promise.race([once(element, "loadedmetadata"), once(element, "error"), after(SEEK_LIMIT)]);
    if (element !== this.element) return false;
    const painted = this.nextDrawn(SEEK_PATIENCE);
    const arrived = once(element, "seeked");
    element.currentTime = timeOfFrame(this.pts, frame);
    await Promise.race([arrived, once(element, "error"), after(SEEK_LIMIT)]);
    if (element.seeking) await Promise.race([arrived, once(element, "error"), after(SEEK_PATIENCE)]);
    if (element.seeking) this.fallBack(element);
    await Promise.race([painted, after(PAINT_LIMIT)]); // the frame that was there already may not be painted anew
    await this.verify(element, frame);
    return element === this.element;
  }

  /** Waits until this frame is the one painted; falls back where it is not. A player out of sight paints nothing, so it is not judged. */
  async verify(element, frame) {
    const wrong = () => element === this.element && this.drawnFrame !== frame;
    for (let limit = PAINT_PATIENCE; wrong() && (await this.nextDrawn(limit)) === HEARD;) limit = PAINT_LIMIT;
    if (wrong() && !document.hidden && element.getClientRects().length) this.fallBack(element);
  }

  async seekStill(frame) {
    const address = this.frameAddress(frame), next = new Image();
    next.src = address;
    try {
      await next.decode();
    } catch (broken) {
      this.onError(`Frame ${frame} could not be read: ${broken.message}`);
      return false;
    }
    this.still.src = address;
    await this.still.decode();
    if (frame + 1 < this.count) new Image().src = this.frameAddress(frame + 1);
    return true;
  }

  /** Where it is going, or is. */
  target() { return this.busy ? this.goal : Math.max(0, this.frame); }

  frameAddress(frame) { return this.api.url(this.source.frame_src.replace("{n}", String(frame))); }

  toggle() { if (this.playingNow) this.stop(); else this.play(); }

  play() {
    if (!this.element || this.playingNow) return;
    if (this.frame >= this.count - 1) this.frame = -1;
    this.playingNow = true;
    this.onPlaying(true);
    if (this.isPlayable) this.playVideo(); else this.playStills();
  }

  async playVideo() {
    const element = this.video;
    if (this.frame < 0) element.currentTime = timeOfFrame(this.pts, 0);
    try {
      await element.play();
    } catch (refused) {
      if (refused.name !== "AbortError") this.onError(`The browser would not play it: ${refused.message}`);
      this.stop();
    }
  }

  async playStills() {
    const turn = this.turn, start = performance.now(), from = Math.max(0, this.frame), begin = this.pts[from];
    for (let frame = from; this.playingNow && turn === this.turn && frame < this.count - 1;) {
      const due = frameAtTime(this.pts, begin + (performance.now() - start) / 1000);
      frame = Math.max(frame + 1, due);
      await this.seek(Math.min(frame, this.count - 1));
      await after(Math.max(4, (this.pts[Math.min(frame, this.count - 1)] - begin) * 1000 - (performance.now() - start)));
    }
    if (turn === this.turn) this.stop();
  }

  /** Stops on the frame that is shown, exactly. */
  stop() {
    if (!this.playingNow) return;
    this.playingNow = false;
    this.onPlaying(false);
    if (this.element && this.isPlayable) {
      this.video.pause();
      this.seek(Math.max(0, this.frame));
    }
  }
}
