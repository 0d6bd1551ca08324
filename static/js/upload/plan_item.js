/** One file of the plan, filled in from what is known of it. */

import { filled, gettext } from "../gettext.js";
import { clock, size } from "../words.js";
import { isWanted, pieces } from "./plan.js";

export function fillItem(item, { pieceSize, copies }) {
  const { row, file } = item;
  const part = (name) => row.querySelector(`[data-${name}]`);
  part("file").textContent = [item.folder, file.name].filter(Boolean).join(" / ");
  part("size").textContent = size(file.size);
  part("length").textContent = lengthOf(item);
  part("pieces").textContent = pieces(file.size, pieceSize);
  part("copies").textContent = copies;
  if (part("cost")) part("cost").textContent = item.cost ? `${shown(item.cost)} USDFC` : "—";
  if (item.picture) Object.assign(part("picture"), { src: item.picture, hidden: false });
  fillNote(item, part);
  row.classList.toggle("left-out", !isWanted(item));
  part("remove").setAttribute("aria-label", filled(gettext("Leave “%(file)s” out"), { file: file.name }));
}

/** Unknown until this browser has looked, or for good where it cannot read it. */
function lengthOf({ duration }) {
  if (duration === undefined) return "…";
  return duration ? clock(duration) : "—";
}

/** Is it refused, or here already? Then it says so, and what may be done. */
function fillNote({ check, choice }, part) {
  const { problem, same } = check ?? {};
  part("note").hidden = !problem && !same;
  part("note").classList.toggle("bad", Boolean(problem));
  part("choice").hidden = Boolean(problem);
  if (problem) part("note-words").textContent = problem;
  else if (same) {
    if (!part("note-words").children.length) part("note-words").replaceChildren(...sameAs(same));
    if (!choice) part("keep").value = same.sure ? "skip" : "store";
  }
}

function sameAs({ url, title, sure }) {
  const link = Object.assign(document.createElement("a"), { href: url, target: "_blank", textContent: `“${title}”` });
  const words = sure ? gettext("Same as %(film)s.") : gettext("Has the name and the size of %(film)s: perhaps the same.");
  const [before, after] = words.split("%(film)s");
  return [before, link, after ?? ""];
}

export function titleOf({ name }) {
  return name.replace(/\.[^.]{1,5}$/, "").replace(/[_\s]+/g, " ").trim() || name;
}

/** With as many decimals as tell it from nothing. */
function shown(amount) {
  const value = Number(amount);
  return value === 0 || value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}
