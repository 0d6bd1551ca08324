/**
 * "Add to a playlist" as a sheet over the page, wherever a link leads to that page
 * (`data-add-to-playlist`). What is in the sheet is what the server renders.
 */

import { finding } from "../playlist/finding.js";

export function adding() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("[data-add-to-playlist]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const menu = link.closest(".menu[open]");
    if (menu) menu.open = false;
    open(link, menu?.querySelector("summary") ?? link);
  });
}

async function open(link, opener) {
  const content = await fetched(link.href);
  // Whatever is in the way, the page itself says it.
  if (!content) {
    location.assign(link.href);
    return;
  }
  const sheet = document.createElement("dialog");
  sheet.className = "sheet adding-sheet";
  sheet.setAttribute("aria-labelledby", "adding-title");
  for (const next of content.querySelectorAll("[name=next]")) next.value = location.pathname + location.search;
  sheet.append(content);
  document.body.append(sheet);
  sheet.addEventListener("close", () => {
    sheet.remove();
    opener.focus();
  });
  sheet.addEventListener("click", (event) => {
    if (event.target === sheet || event.target.closest("[data-close]")) {
      event.preventDefault();
      sheet.close();
    }
  });
  finding(content);
  sheet.showModal();
  content.querySelector("[data-words]").focus();
}

async function fetched(url) {
  try {
    const answer = await fetch(url, { credentials: "same-origin" });
    if (!answer.ok || answer.redirected) return null;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const content = page.getElementById("adding");
    return content && document.adoptNode(content);
  } catch {
    return null;
  }
}
