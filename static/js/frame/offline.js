/** A thin bar while the network is away, and one word when it is back. */

const BACK_FOR = 4_000;

export function offline() {
  const bar = document.getElementById("away");
  const show = (gone) => {
    bar.querySelector("[data-gone]").hidden = !gone;
    bar.querySelector("[data-back]").hidden = gone;
    bar.hidden = false;
  };
  addEventListener("offline", () => show(true));
  addEventListener("online", () => {
    show(false);
    setTimeout(() => (bar.hidden = navigator.onLine), BACK_FOR);
  });
  if (!navigator.onLine) show(true);
}
