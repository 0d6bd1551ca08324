/** A list of playlists that gets shorter while one types, and offers to make what is not there. */

export function finding(root) {
  const words = root.querySelector("[data-words]");
  const rows = [...root.querySelectorAll("[data-lists] > li")];
  const create = root.querySelector("[data-new]");
  const said = root.querySelector("[data-new-words]");
  const plain = said.textContent;

  function narrow() {
    const wanted = key(words.value);
    for (const row of rows) row.hidden = !key(row.dataset.title).includes(wanted);
    const title = words.value.trim();
    said.textContent = title ? said.dataset.named.replace("{title}", title) : plain;
    create.hidden = !title || rows.some((row) => key(row.dataset.title) === wanted);
  }

  words.addEventListener("input", narrow);
  words.addEventListener("keydown", (event) => {
    const shown = choices(root);
    if (event.key === "ArrowDown" && shown.length) {
      event.preventDefault();
      shown[0].focus();
    } else if (event.key === "Enter" && create.hidden && shown.length) {
      // What is typed names one that is there: Enter takes the first.
      event.preventDefault();
      shown[0].click();
    }
  });
  root.querySelector("[data-lists]").addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const shown = choices(root);
    (shown[shown.indexOf(document.activeElement) + step] ?? words).focus();
  });
  narrow();
}

function choices(root) {
  return [...root.querySelectorAll("[data-lists] > li:not([hidden]) > button:not(:disabled)")];
}

/** As `library.catalogue.naming.key` compares names: case and accents do not count. */
function key(text) {
  return text.normalize("NFD").replace(/[\u0300-\u036f]/g, "").toLowerCase().trim();
}
