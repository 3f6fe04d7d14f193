"use strict";
// Search and filter: an entry is what has data-of, the names of the stacks that it is about. It is found by its own
// words, by those names, and by the line that it is folded under.
const entries = [...document.querySelectorAll("[data-of]")].map((node) => {
  const fold = node.parentElement.closest("details");
  const line = fold ? fold.querySelector("summary").textContent : "";
  const text = `${node.textContent} ${node.dataset.of} ${line}`.toLowerCase();
  return { node, text, of: node.dataset.of.split(" ") };
});
const cells = [...document.querySelectorAll("[data-pair]")].map((node) => ({ node, pair: node.dataset.pair.split(" ") }));
const folds = [...document.querySelectorAll("details")];
const folded = new Map(folds.map((fold) => [fold, fold.open]));
const search = document.getElementById("search");
const filter = document.getElementById("filter");
const count = document.getElementById("count");

function apply() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const name = filter.value;
  let shown = 0;
  for (const entry of entries) {
    const found = (!name || entry.of.includes(name)) && words.every((word) => entry.text.includes(word));
    entry.node.hidden = !found;
    shown += found;
  }
  for (const cell of cells) cell.node.classList.toggle("faded", Boolean(name) && !cell.pair.includes(name));
  for (const group of document.querySelectorAll("[data-group]")) {
    const inside = [...group.querySelectorAll("[data-of]")];
    group.hidden = inside.length > 0 && inside.every((node) => node.hidden);
  }
  for (const fold of folds) {
    const match = words.length > 0 && [...fold.querySelectorAll("[data-of]")].some((node) => !node.hidden);
    fold.open = match || folded.get(fold);
  }
  const active = words.length > 0 || Boolean(name);
  count.value = active ? `${shown} of ${entries.length} entries` : `${entries.length} entries`;
  document.getElementById("nothing").hidden = shown > 0 || entries.length === 0;
}

for (const fold of folds) {
  fold.querySelector("summary").addEventListener("click", () => folded.set(fold, !fold.open));
}
search.addEventListener("input", apply);
filter.addEventListener("change", apply);
document.getElementById("controls").addEventListener("submit", (event) => event.preventDefault());
document.getElementById("controls").addEventListener("reset", () => setTimeout(apply));
document.getElementById("controls").hidden = false;
apply();
