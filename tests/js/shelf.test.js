import assert from "node:assert/strict";
import test from "node:test";
import { columnsOf, neighbour } from "../../static/js/shelf/moving.js";
import { Selection } from "../../static/js/shelf/selection.js";

const SHOWN = ["a", "b", "c", "d", "e"];
const chosen = (selection) => SHOWN.filter((id) => selection.has(id)).join("");

test("films are selected and taken out one at a time", () => {
  const selection = new Selection();
  selection.toggle("b", SHOWN);
  selection.toggle("d", SHOWN);
  assert.equal(chosen(selection), "bd");
  selection.toggle("b", SHOWN);
  assert.equal(chosen(selection), "d");
  assert.equal(selection.size, 1);
});

test("a stretch goes from the last one, either way, and does what was done to its end", () => {
  const selection = new Selection();
  selection.toggle("d", SHOWN);
  selection.toggle("b", SHOWN, { stretch: true });
  assert.equal(chosen(selection), "bcd");
  selection.toggle("c", SHOWN);
  selection.toggle("d", SHOWN, { stretch: true });
  assert.equal(chosen(selection), "b");
});

test("a stretch without a beginning is one film", () => {
  const selection = new Selection();
  selection.toggle("c", SHOWN, { stretch: true });
  assert.equal(chosen(selection), "c");
});

test("all that match are also those which are not shown, until one is taken out", () => {
  const selection = new Selection();
  selection.all(SHOWN);
  assert.equal(selection.has("on another page"), true);
  selection.toggle("c", SHOWN);
  assert.equal(selection.everything, false);
  assert.equal(chosen(selection), "abde");
  assert.equal(selection.has("on another page"), false);
  selection.none();
  assert.equal(selection.size, 0);
});

test("arrows lead to the neighbour and not over the edge", () => {
  assert.equal(neighbour("ArrowRight", 0, 5, 3), 1);
  assert.equal(neighbour("ArrowRight", 4, 5, 3), null);
  assert.equal(neighbour("ArrowLeft", 0, 5, 3), null);
  assert.equal(neighbour("ArrowUp", 4, 5, 3), 1);
  assert.equal(neighbour("ArrowUp", 1, 5, 3), null);
  assert.equal(neighbour("ArrowDown", 1, 5, 3), 4);
  assert.equal(neighbour("Home", 3, 5, 3), 0);
  assert.equal(neighbour("End", 3, 5, 3), 4);
  assert.equal(neighbour("q", 3, 5, 3), null);
});

test("down above a gap in the last row leads to the last film", () => {
  assert.equal(neighbour("ArrowDown", 2, 5, 3), 4);
  assert.equal(neighbour("ArrowDown", 3, 5, 3), null);
});

test("the first row is counted by where the cards stand", () => {
  assert.equal(columnsOf([10, 10, 10, 250, 250]), 3);
  assert.equal(columnsOf([10, 10]), 2);
  assert.equal(columnsOf([]), 1);
});
