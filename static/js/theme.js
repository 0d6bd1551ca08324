/* Runs before the first paint: the theme that was chosen on this device, and "scripts work". */
(() => {
  const root = document.documentElement;
  root.classList.add("scripts");
  try {
    const theme = localStorage.getItem("theme");
    // What the account says is in the page already.
    if (!root.dataset.theme && (theme === "light" || theme === "dark")) root.dataset.theme = theme;
  } catch {
    // Storage can be forbidden; then the page follows the system.
  }
})();
