/** Does the person really want to cancel? The safe answer has the focus. */
export function confirmCancel({ upload, row }, words) {
  const sheet = document.getElementById("cancel-sheet");
  sheet.querySelector("h2").textContent = `Cancel “${upload.title}”?`;
  sheet.querySelector("[data-cancel-words]").textContent = words;
  sheet.returnValue = "";
  sheet.showModal();
  return new Promise((resolve) => {
    const closed = () => {
      row.focus({ preventScroll: true });
      resolve(sheet.returnValue === "yes");
    };
    sheet.addEventListener("close", closed, { once: true });
  });
}
