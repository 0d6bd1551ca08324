/** Every way in which files come to a page: chosen, dropped anywhere, or pasted. */

import { filesOf } from "../files.js";

export function whenFilesCome(page, picker, take) {
  const chosen = () => {
    const files = [...picker.files];
    // Choosing the same file again should be a change again.
    picker.value = "";
    if (files.length) take(files);
  };
  picker.addEventListener("change", chosen);
  // Somebody may have been quicker than this script.
  chosen();
  for (const button of document.querySelectorAll("[data-pick]")) {
    button.addEventListener("click", () => picker.click());
  }
  document.addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    page.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) page.classList.remove("dropping");
  });
  document.addEventListener("drop", async (event) => {
    page.classList.remove("dropping");
    if (!carriesFiles(event)) return;
    event.preventDefault();
    take(await filesOf(event.dataTransfer));
  });
  document.addEventListener("paste", (event) => {
    if (event.clipboardData.files.length) take([...event.clipboardData.files]);
  });
}

function carriesFiles(event) {
  return event.dataTransfer?.types.includes("Files");
}
