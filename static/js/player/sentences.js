/** A sentence of a template, with what stands in braces put in. Pure. */
export function fill(sentence, facts) {
  return sentence.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);
}
