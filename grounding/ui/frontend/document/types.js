// Types of what stands on an item. Types only; the fields are those of the REST answers.

/**
 * @typedef {import("../kit/geometry.js").Box} Box
 * @typedef {"accepted" | "proposed" | "rejected"} State
 * @typedef {{frame: number, box: Box, outside: boolean, occluded?: boolean, by?: string}} Keyframe
 * @typedef {{start: number, end: number, text: string}} CaptionSpan
 * @typedef {{box: Box, label: string, score: number, state: State, occluded?: boolean, locked?: boolean}} BoxValue
 * @typedef {{keyframes: Keyframe[], label: string, caption: string, captions?: CaptionSpan[], score: number, state: State, locked?: boolean}} TrackValue
 * @typedef {{text: string, targets: string[], state: State, origin: "person" | "model" | "template", rule: string, unique: boolean, score: number}} PhraseValue
 *
 * @typedef {object} Annotation  one version of a box, a track or a phrase; `value` null: deleted
 * @property {string} id
 * @property {string} object  the id of its first version
 * @property {Kind} kind
 * @property {any} value  BoxValue, TrackValue or PhraseValue, by `kind`
 * @property {string} [author]
 * @property {string} [at]
 * @property {string[]} replaces
 *
 * @typedef {"box" | "track" | "phrase"} Kind
 * @typedef {{id: string, object: string, kind: Kind, value: any, replaces: string[]}} Version  as it is sent
 *
 * @typedef {object} Edit  one gesture on its way to the server
 * @property {string} edit
 * @property {string} item
 * @property {string} name  of the item
 * @property {number} revision
 * @property {Version[]} annotations
 * @property {number} [order]
 * @property {string | null} [refused]  why the server did not take it
 *
 * @typedef {object} Change  `before` or `after` is null where the object is not there
 * @property {string} object
 * @property {Kind} kind
 * @property {any} before
 * @property {any} after
 * @property {string[]} [also]  other objects whose versions it replaces too: those that a merge takes up
 *
 * @typedef {{text?: string, targets?: string[]}} Fix
 * @typedef {{kind: string, message: string, fits: string[], cures: Fix[]}} PhraseCheck
 * @typedef {{id?: string, name: string, color?: string}} Label
 *
 * @typedef {object} DrawnObject
 * @property {string} object
 * @property {Annotation} annotation
 * @property {Box} box
 * @property {string} color
 * @property {string} text
 * @property {boolean} proposed
 * @property {boolean} [rejected]
 * @property {boolean} [dim]
 * @property {boolean} [occluded]
 * @property {boolean} [ghost]  a track that is not visible at this frame
 *
 * @typedef {{box: Box, score: number, label: string, project_label?: string, color: string, text: string, of?: number, kept?: boolean}} Region
 */
export {};
