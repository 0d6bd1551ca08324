/** Which captions are shown, and how they look. Pure. */

/** What can be chosen of each; the first is what nobody chose. */
export const LOOK = {
  size: ["medium", "small", "large", "huge"],
  colour: ["white", "yellow", "cyan", "green"],
  background: ["shade", "none", "solid"],
  place: ["bottom", "top"],
};

export const PLAIN = { on: false, language: "", size: "medium", colour: "white", background: "shade", place: "bottom" };

/** A look in which only values that we know are left. */
export function look(wished = {}) {
  const known = Object.entries(LOOK).map(([name, values]) => [
    name,
    values.includes(wished[name]) ? wished[name] : values[0],
  ]);
  return Object.fromEntries(known);
}

const shown = (captions) => captions.filter(({ kind }) => kind !== "descriptions");
const speaks = (caption, language) =>
  caption.language.toLowerCase().split("-")[0] === language.toLowerCase().split("-")[0];

/** The best of these for a language: the same, else its like, made by people before made by machines. */
export function best(captions, language) {
  const able = shown(captions);
  const exact = able.filter((one) => one.language.toLowerCase() === (language ?? "").toLowerCase());
  const near = exact.length ? exact : able.filter((one) => language && speaks(one, language));
  return near.find(({ automatic }) => !automatic) ?? near[0] ?? null;
}

/** What to show at the beginning: what the link asks for, else what this person last had. Null is none. */
export function first(captions, wished, cc, browser) {
  if (cc) return best(captions, cc);
  return wished.on ? preferred(captions, wished.language, browser) : null;
}

/** What switching captions on means: one's own language, that of the browser, or what there is. */
export function preferred(captions, language, browser) {
  return best(captions, language) ?? best(captions, browser) ?? shown(captions)[0] ?? null;
}

/** The one after `id`, round and round; after none comes the first. */
export function following(captions, id) {
  const able = shown(captions);
  const at = able.findIndex((one) => one.id === id);
  return able[(at + 1) % able.length] ?? null;
}
