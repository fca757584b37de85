// Item status: what the states of an item are called, and by which of them lists can be filtered.

/** @type {Record<string, string>} */
export const STATUS_NAMES = { new: "New", in_progress: "In progress", done: "Done" };

/** [filter, name]; "" shows all but the trash. */
export const STATUS_FILTERS = [["", "All"], ...Object.entries(STATUS_NAMES), ["trash", "Trash"]];

/** @param {string} status */
export const statusName = (status) => STATUS_NAMES[status] || "";
