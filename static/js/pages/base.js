/** What every page has: the theme switch, menus that close, `/` for the search, copy buttons. */

const root = document.documentElement;

function themeSwitch() {
  const fieldset = document.getElementById("theme");
  if (!fieldset) return;
  fieldset.hidden = false;
  const chosen = root.dataset.theme ?? "system";
  fieldset.querySelector(`[value=${chosen}]`).checked = true;
  fieldset.addEventListener("change", ({ target }) => {
    if (target.value === "system") delete root.dataset.theme;
    else root.dataset.theme = target.value;
    try {
      localStorage.setItem("theme", target.value);
    } catch {
      // Storage can be forbidden; then the choice lasts as long as the page.
    }
  });
}

function menus() {
  const close = (menu, focus) => {
    menu.open = false;
    if (focus) menu.querySelector("summary").focus();
  };
  document.addEventListener("click", ({ target }) => {
    for (const menu of document.querySelectorAll(".menu[open]")) {
      if (!menu.contains(target)) close(menu, false);
    }
  });
  document.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape") return;
    for (const menu of document.querySelectorAll(".menu[open]")) close(menu, true);
  });
}

function searchKey() {
  const search = document.getElementById("q");
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest("input, textarea, select, [contenteditable]");
    if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!search) return;
    event.preventDefault();
    search.focus();
    search.select();
  });
}

function copyButtons() {
  // Only secure pages may write to the clipboard; elsewhere the text can be selected.
  if (!navigator.clipboard) return;
  root.classList.add("can-copy");
  document.addEventListener("click", async ({ target }) => {
    const button = target.closest("[data-copy]");
    if (!button) return;
    await navigator.clipboard.writeText(button.dataset.copy);
    button.classList.add("copied");
    document.getElementById("live").textContent = "Copied.";
    setTimeout(() => button.classList.remove("copied"), 1500);
  });
}

themeSwitch();
menus();
searchKey();
copyButtons();
