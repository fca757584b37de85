// Frame times: frame numbers to seconds and back, by the table of presentation times (`pts`).

/**
 * Index of the frame shown at a time in seconds, by the table of presentation times.
 * @param {number[]} pts
 * @param {number} seconds
 */
export function frameAtTime(pts, seconds) {
  let low = 0, high = pts.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (pts[middle] <= seconds + 1e-4) low = middle + 1; else high = middle;
  }
  return Math.max(0, low - 1);
}

/**
 * The frame that begins at this time, as a player tells it (to the microsecond); -1 where none does.
 * @param {number[]} pts
 * @param {number} seconds
 */
export function frameOfTime(pts, seconds) {
  const frame = frameAtTime(pts, seconds);
  return Math.abs(pts[frame] - seconds) < 2e-4 ? frame : -1;
}

/**
 * A time inside the frame, so that rounding in the browser cannot tip it into its neighbour.
 * @param {number[]} pts
 * @param {number} frame
 */
export function timeOfFrame(pts, frame) {
  const last = pts.length - 1, n = Math.min(Math.max(frame, 0), last);
  const step = last > 0 ? (pts[last] - pts[0]) / last : 0.04;
  return (pts[n] + (n < last ? pts[n + 1] : pts[n] + step)) / 2;
}
