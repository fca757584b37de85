// The widgets by name: the one door through which Gradio's components reach them.

import { itemGrid } from "./item_grid.js";
import { jobProgress, runningJobs } from "./job_status.js";
import { keymapTable } from "./keymap_table.js";
import { labelEditor } from "./label_editor.js";
import { mistakeGrid } from "./mistake_grid.js";
import { templateTable } from "./template_table.js";
import { uploadBox } from "./upload_box.js";

const WIDGETS = {
  uploader: uploadBox, items: itemGrid, labels: labelEditor, jobs: runningJobs, job: jobProgress,
  keys: keymapTable, mistakes: mistakeGrid, templates: templateTable,
};

/** Builds a widget in an element; `emit(event, data)` fires an event of its component. Answers {update(value)}. */
export function mountWidget(name, root, emit) { return WIDGETS[name](root, emit); }
