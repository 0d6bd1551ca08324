/** Moments of a film: read from addresses, said in words. Pure. */

const UNITS = /^(?:(\d{1,4})h)?(?:(\d{1,6})m)?(?:(\d{1,9})s)?$/;
const CLOCK = /^(?:(\d{1,4}):)?(\d{1,4}):(\d{1,2}(?:\.\d+)?)$/;
const SECONDS = /^\d{1,9}(?:\.\d+)?$/;

/** `754`, `754s`, `12m34s` and `00:12:34` are all 754; what cannot be read is null. */
export function seconds(text) {
  const said = (text ?? "").trim().toLowerCase();
  if (SECONDS.test(said)) return Number(said);
  const found = said && (CLOCK.exec(said) ?? UNITS.exec(said));
  if (!found) return null;
  const [hours, minutes, rest] = found.slice(1).map((part) => Number(part ?? 0));
  return hours * 3600 + minutes * 60 + rest;
}

/** What a link asks for: `?t=` or `#t=start,end`, and `?cc=`. The part behind # is more exact and wins. */
export function asked({ search = "", hash = "" }) {
  const query = new URLSearchParams(search);
  const part = new URLSearchParams(hash.replace(/^#/, "")).get("t");
  const [first, last] = (part ?? "").replace(/^npt:/, "").split(",");
  const start = part === null ? seconds(query.get("t")) : (seconds(first) ?? (last ? 0 : null));
  const end = last ? seconds(last) : null;
  return { start, end: end !== null && end > (start ?? 0) ? end : null, cc: query.get("cc") };
}

/** A link to a part of what `page` shows: whole seconds, and no more said than is needed. */
export function partLink(page, start, end) {
  const link = new URL(page);
  const from = start === null ? 0 : Math.floor(start);
  if (end !== null) link.hash = `t=${from},${Math.ceil(end)}`;
  else if (from) link.searchParams.set("t", from);
  return link.href;
}

/** "3 minutes 20", as it is read aloud; `lang` is that of the page. */
export function spoken(time, lang = "en") {
  const whole = Math.max(0, Math.trunc(time));
  const parts = [
    [Math.trunc(whole / 3600), "hour"],
    [Math.trunc(whole / 60) % 60, "minute"],
    [whole % 60, "second"],
  ].filter(([count]) => count);
  if (!parts.length) parts.push([0, "second"]);
  const said = parts.map(([count, unit], index) => {
    // After minutes a bare number is understood, and sooner said.
    if (index && unit === "second") return String(count);
    return new Intl.NumberFormat(lang, { style: "unit", unit, unitDisplay: "long" }).format(count);
  });
  return said.join(" ");
}
