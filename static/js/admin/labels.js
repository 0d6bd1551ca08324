/**
 * On a phone a row is a card, and its column's heading is out of sight: so each cell gets
 * the heading as its label. What needs no label, or holds nothing, is marked as such.
 */
export function labelCells(list) {
  const heads = [...list.querySelectorAll("thead th")].map((head) =>
    (head.querySelector(".text") ?? head).textContent.trim(),
  );
  for (const row of list.querySelectorAll("tbody tr")) {
    [...row.cells].forEach((cell, place) => {
      const words = cell.textContent.trim();
      const empty = !cell.querySelector("img, svg, button, input") && (words === "" || words === "-" || words === "–");
      cell.classList.toggle("is-empty", empty);
      const bare = cell.matches("th, :has(.film-cell, .row-buttons, .small-poster, .action-select)");
      cell.classList.toggle("bare", bare);
      if (heads[place]) cell.dataset.label = heads[place];
    });
  }
}
