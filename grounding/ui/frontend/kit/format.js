// Format: numbers and amounts as words.

/**
 * "1 file", "1,200 files".
 * @param {number} count
 * @param {string} one
 * @param {string} many
 */
export const plural = (count, one, many = one + "s") => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

/**
 * Two spellings: "54%" in the editor, "54 %" on the rest of the page.
 * @param {number} share
 */
export const percent = (share) => `${Math.round(share * 100)}%`;
/** @param {number} share */
export const spacedPercent = (share) => `${Math.round(share * 100)} %`;

/** @param {number} bytes */
export const megabytes = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`);
