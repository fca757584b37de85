// Scheduling: one call a frame, and delays.

/**
 * At most one call a frame, with the last arguments.
 * @param {(...args: any[]) => void} work
 */
export function oncePerFrame(work) {
  let waiting = 0;
  /** @type {any[]} */
  let latest = [];
  return (/** @type {any[]} */ ...args) => {
    latest = args;
    if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; work(...latest); });
  };
}

/**
 * Resolves with `value` after so many milliseconds.
 * @param {number} milliseconds
 * @param {any} value
 */
export const after = (milliseconds, value = undefined) => new Promise((resolve) => setTimeout(() => resolve(value), milliseconds));
