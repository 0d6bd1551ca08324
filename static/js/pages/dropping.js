/** Every way in which files come to a page: chosen, dropped anywhere, or pasted. */

import { chosenOf, filesOf } from "../files.js";

/** `take` hears of `{file, folder, handle}`; `pickers` are the inputs, the first is for films. */
export function whenFilesCome(page, pickers, take) {
  for (const picker of pickers) {
    const chosen = () => {
      const found = chosenOf(picker.files);
      // Choosing the same file again should be a change again.
      picker.value = "";
      if (found.length) take(found);
    };
    picker.addEventListener("change", chosen);
    // Somebody may have been quicker than this script.
    chosen();
  }
  pickers[0].addEventListener("click", (event) => pickWithHandles(event, take));
  for (const button of document.querySelectorAll("[data-pick]")) {
    button.addEventListener("click", () => pickers[0].click());
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
  document.addEventListener("paste", async (event) => {
    if (event.clipboardData.files.length) take(await filesOf(event.clipboardData));
  });
}

/** Where the browser has a dialog that gives handles, a reload does not need the person again. */
async function pickWithHandles(event, take) {
  if (!globalThis.showOpenFilePicker) return;
  event.preventDefault();
  let handles;
  try {
    handles = await globalThis.showOpenFilePicker({ multiple: true, id: "films" });
  } catch (error) {
    if (error.name === "AbortError") return;
    throw error;
  }
  take(await Promise.all(handles.map(async (handle) => ({ file: await handle.getFile(), folder: "", handle }))));
}

function carriesFiles(event) {
  return event.dataTransfer?.types.includes("Files");
}
