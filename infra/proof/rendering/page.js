"use strict";
// Shows the findings that fit the search, the tenant, the claim and the cell of the matrix that was chosen.
const byId = (id) => document.getElementById(id);
const findings = [...document.querySelectorAll("details.finding")];
const words = findings.map((one) => one.textContent.toLowerCase());
const search = byId("search"), owner = byId("owner"), claim = byId("claim"), clear = byId("clear"), count = byId("count");
let pair = null;

function show() {
  const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  findings.forEach((one, place) => {
    const { from, to, claim: about } = one.dataset;
    const fits = wanted.every((word) => words[place].includes(word))
      && (!owner.value || from === owner.value || to === owner.value)
      && (!claim.value || about === claim.value)
      && (!pair || ((from || to) === pair.from && to === pair.to));
    one.hidden = !fits;
    shown += fits;
  });
  count.textContent = `${shown} of ${findings.length} shown` + (pair ? `, ${pair.from} → ${pair.to}` : "");
}

if (search) {
  [search, owner, claim].forEach((input) => input.addEventListener("input", show));
  clear.addEventListener("click", () => {
    search.value = owner.value = claim.value = "";
    pair = null;
    show();
  });
  document.querySelectorAll("svg a").forEach((link) => link.addEventListener("click", () => {
    pair = { from: link.dataset.from, to: link.dataset.to };
    show();
  }));
  show();
}
