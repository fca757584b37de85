// The context: what the editor gives its parts; each takes what it uses of it. Types only.

/**
 * @typedef {object} Services  what talks with the server
 * @property {import("../kit/api.js").Api} api
 * @property {import("../document/phrase_checks.js").PhraseChecks} checks
 * @property {import("../document/phrase_templates.js").PhraseTemplates} templates
 * @property {import("../saving/edit_sync.js").EditSync} sync
 *
 * @typedef {object} Commands  what keys and buttons do, by name
 * @property {Record<string, (event?: any) => any>} byName
 * @property {(name: string, event?: any) => any} run
 *
 * @typedef {object} Parts  parts of the page that reach each other
 * @property {import("./toolbar.js").Toolbar} toolbar
 * @property {import("./item_list.js").ItemList} itemList
 * @property {import("./item_loader.js").ItemLoader} loader
 * @property {import("./navigation.js").Navigation} navigation
 * @property {import("./keyboard.js").Keyboard} keyboard
 * @property {import("../panel/panel.js").Panel} panel
 * @property {import("../panel/describe_box.js").DescribeBox} describeBox
 * @property {import("../panel/label_picker.js").LabelPicker} labelPicker
 * @property {import("../panel/phrase_composer.js").PhraseComposer} composer
 * @property {import("../video/box_following.js").BoxFollowing} boxFollowing
 * @property {import("../video/caption_spans.js").CaptionSpans} captionSpans
 * @property {import("../video/timeline.js").Timeline} timeline
 * @property {import("../video/track_search.js").TrackSearch} trackSearch
 *
 * @typedef {object} Context
 * @property {import("../document/edit_session.js").EditSession} session
 * @property {import("../stage/stage_view.js").StageView} view
 * @property {import("../notices/notices.js").Notices} notices
 * @property {import("./actions.js").Actions} actions
 * @property {Services} services
 * @property {Commands} commands
 * @property {Parts} parts
 */
export {};
