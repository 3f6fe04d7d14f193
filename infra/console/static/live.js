"use strict";
// Live pages: the address of a page, asked for as a stream of events, sends the page anew whenever something happens.
// The parts that are marked data-live and have changed are taken over. What they show is decided on the server alone.
const main = document.querySelector("main[data-seen]");

if (main) {
  const sign = document.getElementById("live-sign");
  const spoken = document.getElementById("spoken");
  // The one way in which text becomes a document here; nothing in such a document runs.
  const policy = window.trustedTypes?.createPolicy("live", { createHTML: (text) => text });
  const address = new URL(location.href);
  address.hash = "";
  address.searchParams.set("seen", main.dataset.seen);
  const source = new EventSource(address);
  let opened = false;

  source.addEventListener("open", () => {
    opened = true;
    show("live");
  });
  source.addEventListener("message", (event) => {
    const text = policy ? policy.createHTML(event.data) : event.data;
    take(new DOMParser().parseFromString(text, "text/html"));
  });
  source.addEventListener("error", () => {
    show("reconnecting");
    // A refused stream is not tried again by the browser: the session is over, or the page is no longer ours.
    if (source.readyState === EventSource.CLOSED && opened) location.reload();
  });

  function show(state) {
    sign.hidden = false;
    sign.dataset.state = state;
    sign.lastElementChild.textContent = state;
  }

  function take(fresh) {
    for (const part of document.querySelectorAll("[data-live]")) {
      const other = fresh.getElementById(part.id);
      if (!other || part.isEqualNode(other)) continue;
      const focused = part.contains(document.activeElement) ? document.activeElement.id : null;
      part.replaceWith(document.adoptNode(other));
      if (focused !== null) (document.getElementById(focused) || main).focus();
    }
    const words = fresh.getElementById("spoken").textContent;
    if (words !== spoken.textContent) spoken.textContent = words;
    document.title = fresh.title;
    if (!fresh.querySelector("main[data-seen]")) {
      source.close(); // what the page is about is over
      sign.hidden = true;
    }
  }
}
