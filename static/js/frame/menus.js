/** Menus (`details.menu`) that close by themselves: at a click elsewhere, at Escape, at another. */

export function menus() {
  document.addEventListener("click", ({ target }) => {
    for (const menu of open()) if (!menu.contains(target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  // All of a menu is to be seen: on a phone the bar at the bottom would lie on its end.
  document.addEventListener(
    "toggle",
    ({ target }) => {
      if (target.matches(".menu[open]")) {
        target.querySelector(".menu-body")?.scrollIntoView({ block: "nearest" });
      }
    },
    true,
  );
  // Leaving a menu with the keys closes it, so that it covers nothing.
  document.addEventListener("focusin", ({ target }) => {
    for (const menu of open()) if (!menu.contains(target)) menu.open = false;
  });
}

function open() {
  return document.querySelectorAll(".menu[open]");
}
