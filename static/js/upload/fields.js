/** Fields that say what a film is: read, filled in, and kept one by one, at once. */

import { filled, gettext } from "../gettext.js";

const inputs = (root) => root.querySelectorAll("[data-field]");
const KEPT_FOR = 2_500;

/** What the fields below `root` say: `{collection, tags, …}`; tags as a list. */
export function said(root) {
  const found = {};
  for (const input of inputs(root)) {
    if (input.type === "radio" && !input.checked) continue;
    found[input.dataset.field] = valueOf(input);
  }
  return found;
}

function valueOf({ dataset, value }) {
  const text = value.trim();
  if (dataset.field !== "tags") return text;
  return text.split(",").map((tag) => tag.trim()).filter(Boolean);
}

/** Show `about`; what is being typed is not taken out of a person's hands. */
export function fill(root, about) {
  for (const input of inputs(root)) {
    const value = about[input.dataset.field];
    if (value === undefined || input === document.activeElement || "unkept" in input.dataset) continue;
    const text = Array.isArray(value) ? value.join(", ") : value;
    if (input.type === "radio") input.checked = input.value === text;
    else if (input.value !== text) input.value = text;
  }
}

/**
 * Call `save({name: value})` with each field that was changed; the row says that it is kept,
 * or why not. What could not be kept stays in its field. `save` gives false where there was
 * nothing to keep.
 */
export function keepFields(root, save) {
  let last = Promise.resolve();
  root.addEventListener("change", ({ target }) => {
    const name = target.dataset?.field;
    if (!name) return;
    target.dataset.unkept = "";
    last = last.then(() => keepOne(root, target, name, save));
  });
}

async function keepOne(root, input, name, save) {
  const line = root.querySelector("[data-saved]");
  try {
    const kept = await save({ [name]: valueOf(input) });
    delete input.dataset.unkept;
    input.removeAttribute("aria-invalid");
    if (kept === false) line.hidden = true;
    else tell(line, gettext("Saved."), false);
  } catch (error) {
    input.setAttribute("aria-invalid", "true");
    tell(line, filled(gettext("Not saved. %(why)s"), { why: sentence(error, name) }), true);
  }
}

function sentence({ facts, message }, name) {
  const ofField = facts?.errors?.[name] ?? facts?.errors?.find?.(({ field }) => field === name);
  return (Array.isArray(ofField) ? ofField[0] : ofField?.message) ?? message;
}

function tell(line, words, bad) {
  clearTimeout(line.timer);
  line.textContent = words;
  line.classList.toggle("bad", bad);
  line.hidden = false;
  if (!bad) line.timer = setTimeout(() => (line.hidden = true), KEPT_FOR);
}

/** What the server says of an upload, as fields have it. */
export function aboutOf({ title, description, collection, tags, language, visibility }) {
  return { title, description, collection: collection?.name ?? "", tags, language, visibility };
}
