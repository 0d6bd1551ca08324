/** What the films in the queue cost, asked of the server before and while they are sent. */

import { request } from "../http.js";
import { soon } from "./refresh.js";

const box = document.getElementById("plan");

async function quote(sizes) {
  return (await request("POST", box.dataset.quotes, { json: { sizes } })).json();
}

let asked = "";
const ask = soon(async () => {
  const key = asked;
  const sizes = key ? key.split(",").map(Number) : [];
  if (!sizes.length) {
    box.hidden = true;
    return;
  }
  const found = await quote(sizes).catch(() => null);
  // Others were chosen meanwhile: theirs is on its way.
  if (!found || key !== asked) return;
  box.hidden = false;
  box.classList.toggle("warning", Boolean(found.problem));
  put("[data-action]", found.action);
  const films = sizes.length === 1 ? "This film" : `These ${sizes.length} films`;
  put("[data-sentence]", `${films}, ${found.copies} copies: ${found.sentence}`);
}, 250);

function put(selector, words) {
  const place = box.querySelector(selector);
  if (place.textContent !== words) place.textContent = words;
  place.parentElement.hidden = !words && selector === "[data-action]";
}

/** Tell it the sizes of the films that are on their way. */
export function showPlan(sizes) {
  const key = sizes.filter((size) => size > 0).join(",");
  if (!box || key === asked) return;
  asked = key;
  ask();
}
