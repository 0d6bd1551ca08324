/** The page of a film that is still being fetched: how far it is, until it is all here. */
import { refresh } from "./refresh.js";

const EVERY = 3000;

async function look() {
  // Once the film is here the address leads to it; whoever watches goes on watching.
  const answer = await fetch(location.href, { method: "HEAD", redirect: "manual" }).catch(() => null);
  if (answer?.type === "opaqueredirect") return here();
  await refresh(["arriving"]);
  setTimeout(look, EVERY);
}

function here() {
  const note = document.getElementById("arriving");
  const link = document.createElement("a");
  link.href = location.href;
  link.textContent = note.dataset.here;
  note.replaceChildren(link);
}

setTimeout(look, EVERY);
