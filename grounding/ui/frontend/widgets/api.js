// The REST calls as the widgets make them: without a time limit, by the cookie alone, and with their own sentences.

import { Api } from "../kit/api.js";
import { watchJob } from "../kit/jobs.js";

export const api = new Api("", {
  timeout: 0, person: null, sentences: {
    byStatus: {}, other: (status) => `The server answered ${status}. Try again, or reload the page.`,
    unreachable: "The server does not answer. Check that Deixis is still running, then try again.",
    cutOff: "The files did not reach the server. Check that Deixis is still running, then drop them again.",
    stopped: "Sending was cancelled.",
  },
});

const MAX_MISSES = 5;

/** Calls `onUpdate(job)` until the job has ended or it answers false; answers the last state. Failed after six misses in a row. */
export function followJob(id, onUpdate) {
  const onFailure = (error, last, misses) => (misses > MAX_MISSES ? { id, kind: "", state: "failed", error: error.message, done: 0, total: 0 } : null);
  return watchJob(() => api.job(id), { onUpdate, onFailure, startPause: 0 });
}
