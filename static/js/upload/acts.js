/** What the buttons of a row do. Each is named as the button that offers it. */

import { filled, gettext } from "../gettext.js";
import { percent } from "../words.js";
import { fileOf, forget } from "./kept.js";

export function makeActs({ list, sending, choose, take, another, moveToTrash, order, confirm, copy }) {
  async function drop(film) {
    const id = film.upload?.id;
    const received = await sending.cancel(film);
    if (id) forget(id);
    if (received) {
      list.learn(received);
      throw new Error(filled(gettext("“%(title)s” was received in the meantime, and is a film now. It can be moved to the trash on its own page."), received));
    }
    list.forget(film);
  }
  const acts = {
    choose,
    again: choose,
    pause: (film) => sending.pause(film),
    resume: (film) => sending.resume(film),
    top: (film) => order.toTop(film),
    async goon(film) {
      const file = await fileOf(film.handle);
      if (file) await take([{ file, folder: "", handle: film.handle }]);
      else {
        // Moved, or not allowed: then it is chosen again.
        film.handle = null;
        list.show(film);
        choose(film);
      }
    },
    async cancel(film) {
      if (!film.upload?.offset || (await confirm(film, losing(film)))) await drop(film);
    },
    async over(film) {
      const { file, handle } = film.job;
      const { about } = film;
      film.job = null;
      await drop(film);
      await take([{ file, folder: "", handle, own: about }]);
    },
    another(film) {
      const { file, handle } = film.job;
      film.job = null;
      list.show(film);
      another({ file, folder: "", handle });
    },
    keep(film) {
      list.kept.add(film.upload.id);
      list.learn(film.upload);
    },
    async trash(film) {
      await moveToTrash(film);
      acts.dismiss(film);
      list.say(filled(gettext("%(title)s is in the trash."), film.upload));
    },
    dismiss(film) {
      list.dismissed.add(film.upload.id);
      list.forget(film);
    },
    link: copy,
  };
  return acts;
}

function losing({ upload: { offset, length } }) {
  const here = percent(offset, length);
  return filled(
    gettext("What is here of it (%(here)s %) and what you wrote about it are removed. The file on your device stays. To go on later instead, keep it and close the page."),
    { here },
  );
}
