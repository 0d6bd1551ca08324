/** A page of the administration: rows that tell what their cells are, parts that look again. */
import { labelCells } from "./labels.js";
import { keepFresh, refresh } from "./fresh.js";
import { watchStreams } from "./streams.js";

for (const list of document.querySelectorAll(".cards")) labelCells(list);
const label = (fresh) => {
  const lists = fresh.matches(".cards") ? [fresh] : fresh.querySelectorAll(".cards");
  for (const list of lists) labelCells(list);
};
for (const part of document.querySelectorAll("[data-refresh]")) {
  keepFresh(part.id, Number(part.dataset.refresh) * 1000, label);
}
for (const part of document.querySelectorAll("[data-watch]")) {
  watchStreams(part, () => refresh(part.id, label));
}

// On a phone the places lie in one line that is wider than the screen.
document.querySelector(".places [aria-current]")?.scrollIntoView({ inline: "center", block: "nearest" });

// A filter's menu closes like any other: by Escape, and by a click elsewhere.
const menus = () => document.querySelectorAll("#changelist-filter details[open]");
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
