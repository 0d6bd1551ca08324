/** What the buttons of a row do. Each is named as the button that offers it. */

export function makeActs({ list, sending, choose, take, another, moveToTrash }) {
  async function drop(film) {
    await sending.cancel(film);
    list.forget(film);
  }
  const acts = {
    choose,
    pause: (film) => sending.pause(film),
    resume: (film) => sending.resume(film),
    async cancel(film) {
      const words = `Cancel “${film.title}”? What has been received of it will be removed.`;
      if (!film.upload?.offset || confirm(words)) await drop(film);
    },
    async over(film) {
      const { file } = film.job;
      film.job = null;
      await drop(film);
      take([file]);
    },
    another(film) {
      const { file } = film.job;
      film.job = null;
      list.show(film);
      another(file);
    },
    keep(film) {
      list.kept.add(film.upload.id);
      list.learn(film.upload);
    },
    async trash(film) {
      await moveToTrash(film);
      acts.dismiss(film);
      list.say(`${film.title} is in the trash.`);
    },
    dismiss(film) {
      list.dismissed.add(film.upload.id);
      list.forget(film);
    },
  };
  return acts;
}
