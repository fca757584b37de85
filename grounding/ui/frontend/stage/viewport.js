// The viewport: zoom and pan; image pixels to stage pixels and back.

export const MAX_SCALE = 40;
const MARGIN = 28;

export class Viewport {
  constructor(onChange) {
    this.scale = 1;
    this.x = 0;
    this.y = 0;
    this.stage = { width: 1, height: 1 };
    this.size = { width: 1, height: 1 };
    this.fitted = true;
    this.onChange = onChange;
  }

  /** Picture to stage pixels (CSS). */
  toStage(point) { return { x: point.x * this.scale + this.x, y: point.y * this.scale + this.y }; }
  toImage(point) { return { x: (point.x - this.x) / this.scale, y: (point.y - this.y) / this.scale }; }
  /**
   * @param {import("../kit/geometry.js").Box} box
   * @returns {import("../kit/geometry.js").Box}
   */
  boxToStage(box) {
    return [box[0] * this.scale + this.x, box[1] * this.scale + this.y, box[2] * this.scale + this.x, box[3] * this.scale + this.y];
  }
  /** The part of the picture that the stage shows. */
  window() {
    const a = this.toImage({ x: 0, y: 0 }), b = this.toImage({ x: this.stage.width, y: this.stage.height });
    return [a.x, a.y, b.x, b.y];
  }

  fitScale() {
    const { stage, size } = this;
    return Math.max(0.01, Math.min((stage.width - 2 * MARGIN) / size.width, (stage.height - 2 * MARGIN) / size.height, 8));
  }

  setStage(width, height) {
    const before = this.stage;
    this.stage = { width: Math.max(1, width), height: Math.max(1, height) };
    if (this.fitted) return this.fit();
    this.x += (width - before.width) / 2;
    this.y += (height - before.height) / 2;
    return this.settle();
  }

  setPicture(size) {
    const same = size.width === this.size.width && size.height === this.size.height;
    this.size = size;
    if (!same || this.fitted) this.fit();
  }

  fit() {
    this.scale = this.fitScale();
    this.x = (this.stage.width - this.size.width * this.scale) / 2;
    this.y = (this.stage.height - this.size.height * this.scale) / 2;
    this.fitted = true;
    this.onChange();
  }

  /** Zooms by a factor; the picture point under `at` (stage pixels) stays where it is. */
  zoom(factor, at = { x: this.stage.width / 2, y: this.stage.height / 2 }) {
    const point = this.toImage(at);
    const least = Math.min(this.fitScale() * 0.5, 1);
    this.scale = Math.min(Math.max(this.scale * factor, least), MAX_SCALE);
    this.x = at.x - point.x * this.scale;
    this.y = at.y - point.y * this.scale;
    this.fitted = false;
    this.settle();
  }


  pan(dx, dy) {
    this.x += dx;
    this.y += dy;
    this.fitted = false;
    this.settle();
  }

  /** Brings a box into sight, without zooming out of what is already seen whole. */
  reveal(box) {
    const [x0, y0, x1, y1] = this.boxToStage(box);
    const edge = 24, { width, height } = this.stage;
    if (x0 >= edge && y0 >= edge && x1 <= width - edge && y1 <= height - edge) return;
    if (x1 - x0 > width - 2 * edge || y1 - y0 > height - 2 * edge) return;
    const dx = x0 < edge ? edge - x0 : x1 > width - edge ? width - edge - x1 : 0;
    const dy = y0 < edge ? edge - y0 : y1 > height - edge ? height - edge - y1 : 0;
    this.pan(dx, dy);
  }

  /** At least a corner of the picture stays in sight. */
  settle() {
    const keep = 60, w = this.size.width * this.scale, h = this.size.height * this.scale;
    this.x = Math.min(Math.max(this.x, keep - w), this.stage.width - keep);
    this.y = Math.min(Math.max(this.y, keep - h), this.stage.height - keep);
    this.onChange();
  }
}
