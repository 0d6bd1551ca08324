/** Numbers as people read them. `library/pages/words.py` says the same things. */

import { filled, gettext, ngettext } from "./gettext.js";

const UNITS = ["kB", "MB", "GB", "TB", "PB"];

/** Bytes in decimal units: "61.4 MB". */
export function size(count) {
  if (count < 1000) return filled(ngettext("%(count)s byte", "%(count)s bytes", Math.trunc(count)), { count: Math.trunc(count) });
  let value = count;
  for (let unit = 0; ; unit += 1) {
    value /= 1000;
    const text = value < 100 ? value.toFixed(1) : value.toFixed(0);
    if (Number(text) < 1000 || unit === UNITS.length - 1) {
      return `${text.replace(/\.0$/, "")} ${UNITS[unit]}`;
    }
  }
}

export function clock(seconds) {
  const whole = Math.trunc(seconds);
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes, rest] = [Math.trunc(whole / 3600), Math.trunc(whole / 60) % 60, whole % 60];
  return hours ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}

/** Whole per cent, never 100 before it is so. */
export function percent(part, whole) {
  return whole ? Math.floor((part * 100) / whole) : 0;
}

/** "about 4 min"; under ten seconds nobody is helped by a number. */
export function timeLeft(seconds) {
  if (seconds == null || !Number.isFinite(seconds) || seconds < 0) return "";
  if (seconds < 10) return gettext("a few seconds left");
  if (seconds < 55) return filled(gettext("about %(seconds)s s left"), { seconds: Math.ceil(seconds / 10) * 10 });
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 60) return filled(gettext("about %(minutes)s min left"), { minutes });
  const [hours, rest] = [Math.trunc(minutes / 60), minutes % 60];
  return rest ? filled(gettext("about %(hours)s h %(minutes)s min left"), { hours, minutes: rest }) : filled(gettext("about %(hours)s h left"), { hours });
}
