/** Pictures of a film, one after the other, while the pointer or the focus rests on its card. */

const AFTER = 350;
const EACH = 650;

export function previews() {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  let playing = null;
  const enter = ({ target }) => {
    const card = target.closest?.("[data-storyboard]");
    if (card === playing?.card) return;
    playing?.stop();
    playing = card ? new Preview(card) : null;
  };
  document.addEventListener("pointerover", enter);
  document.addEventListener("focusin", enter);
  document.addEventListener("touchstart", enter, { passive: true });
}

/** Drawn from the sheet that the player's seek bar shows too: nothing of the film is read. */
class Preview {
  #timer = null;
  #canvas = null;

  constructor(card) {
    this.card = card;
    this.#timer = setTimeout(() => this.#begin(), AFTER);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#canvas?.remove();
  }

  async #begin() {
    const { storyboard, columns, count } = this.card.dataset;
    const sheet = new Image();
    sheet.src = storyboard;
    try {
      await sheet.decode();
    } catch {
      // There is the poster.
      return;
    }
    if (this.#timer === null) return;
    this.#show(sheet, Number(columns), Number(count));
  }

  #show(sheet, columns, count) {
    const width = sheet.naturalWidth / Math.min(columns, count);
    const height = sheet.naturalHeight / Math.ceil(count / columns);
    this.#canvas = Object.assign(document.createElement("canvas"), { width, height });
    this.#canvas.setAttribute("aria-hidden", "true");
    this.card.querySelector(".frame").append(this.#canvas);
    const paint = this.#canvas.getContext("2d");
    const draw = (number) => {
      const x = (number % columns) * width;
      const y = Math.floor(number / columns) * height;
      paint.drawImage(sheet, x, y, width, height, 0, 0, width, height);
      this.#timer = setTimeout(draw, EACH, (number + 1) % count);
    };
    draw(0);
  }
}
