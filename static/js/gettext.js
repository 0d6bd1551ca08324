/**
 * Sentences in the reader's language. Where the page has a catalogue (`words.js`, which Django
 * makes of the translations there are), its words; else the English ones, as they stand.
 */

export const gettext = (words) => globalThis.django?.gettext?.(words) ?? words;

/** `one` or `many`, as the language counts. */
export const ngettext = (one, many, count) => globalThis.django?.ngettext?.(one, many, count) ?? (count === 1 ? one : many);

/** `filled("Stop “%(title)s”?", { title })`: named places, so that a translation may order them. */
export const filled = (words, values) => words.replace(/%\((\w+)\)s/g, (place, name) => (name in values ? String(values[name]) : place));
