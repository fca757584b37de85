// Scheduling: one call a frame, and delays.

/** At most one call a frame, with the last arguments. */
export function oncePerFrame(work) {
  let waiting = 0, latest = [];
  return (...args) => {
    latest = args;
    if (!waiting) waiting = requestAnimationFrame(() => { waiting = 0; work(...latest); });
  };
}

/** Resolves with `value` after so many milliseconds. */
export const after = (milliseconds, value = undefined) => new Promise((resolve) => setTimeout(() => resolve(value), milliseconds));
