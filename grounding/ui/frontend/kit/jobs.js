// Jobs: what long work on the server is called, when it has ended, and how it is watched.

import { after } from "./scheduling.js";

/**
 * @typedef {object} Job
 * @property {string} id
 * @property {string} kind
 * @property {string} state
 * @property {number} done
 * @property {number} total
 * @property {string} [note]
 * @property {string} [error]
 * @property {any} [result]
 * @property {string} [item]
 *
 * @typedef {object} WatchOptions
 * @property {(job: Job) => any} onUpdate
 * @property {(error: any, last: Job | null, misses: number) => Job | null} onFailure
 * @property {Job | null} [first]
 * @property {number} [firstPause]
 * @property {number} [startPause]
 * @property {number} [maxPause]
 */

/** Names by kind: `long` on the card of a job in the editor, `short` on the rest of the page ("Working" where there is none). */
export const JOB_NAMES = /** @type {Record<string, {long: string, short?: string}>} */ ({
  load: { long: "Adding", short: "Adding files" },
  upload: { long: "Adding" },
  propose: { long: "Proposing boxes and phrases", short: "Proposing" },
  follow: { long: "Following objects", short: "Following objects" },
  follow_box: { long: "Following" },
  export: { long: "Exporting", short: "Exporting" },
  publish: { long: "Exporting", short: "Exporting" },
  train: { long: "Learning", short: "Learning" },
  improve: { long: "Learning", short: "Learning" },
  bring: { long: "Trying a model", short: "Trying a model" },
  mistakes: { long: "Looking for mistakes", short: "Looking for mistakes" },
});

/** @param {string} kind */
export const longName = (kind) => (JOB_NAMES[kind] || {}).long || "";
/** @param {string} kind */
export const shortName = (kind) => (JOB_NAMES[kind] || {}).short || "Working";

const ENDED = new Set(["done", "failed", "cancelled", "interrupted"]);

/** @param {Job} job */
export const isEnded = (job) => ENDED.has(job.state);

/**
 * Asks for a job by `load()` until it has ended or `onUpdate(job)` answers false; answers its last state. `onUpdate` may
 * be asynchronous: the next look waits for it. `onFailure(error, last, misses)` answers the state to go on with after a
 * look that failed (null: none), or throws. `first` is a state that is known already. Pauses in milliseconds: `startPause`
 * before the first look (0: at once, then `firstPause`), each longer by 30 % up to `maxPause`.
 * @param {() => Promise<Job>} load
 * @param {WatchOptions} options
 */
export async function watchJob(load, { onUpdate, onFailure, first = null, firstPause = 250, startPause = firstPause, maxPause = 1500 }) {
  let job = first, misses = 0;
  if (job && ((await onUpdate(job)) === false || isEnded(job))) return job;
  for (let pause = startPause; ; pause = pause ? Math.min(pause * 1.3, maxPause) : firstPause) {
    await after(pause);
    try {
      job = await load();
      misses = 0;
    } catch (error) {
      job = onFailure(error, job, ++misses);
    }
    if (job && ((await onUpdate(job)) === false || isEnded(job))) return job;
  }
}
