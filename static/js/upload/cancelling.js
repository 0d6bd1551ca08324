import { filled, gettext } from "../gettext.js";

let answered = () => {};

/** Does the person really want to cancel? The safe answer has the focus. */
export function confirmCancel({ upload, row }, words) {
  const sheet = document.getElementById("cancel-sheet");
  sheet.querySelector("h2").textContent = filled(gettext("Cancel “%(title)s”?"), upload);
  sheet.querySelector("[data-cancel-words]").textContent = words;
  // The event of an earlier closing may be still to come: it is no answer to this question.
  answered(false);
  sheet.returnValue = "";
  sheet.showModal();
  return new Promise((resolve) => {
    answered = resolve;
    sheet.onclose = () => {
      if (sheet.open) return;
      row.focus({ preventScroll: true });
      resolve(sheet.returnValue === "yes");
    };
  });
}
