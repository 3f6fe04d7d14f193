"use strict";
// Live pages: told by the server that something happened, a page asks for itself anew and takes over the parts that
// are marked data-live and have changed. What the parts show is decided in one place, on the server.
const main = document.querySelector("main[data-stream]");

if (main) {
  const sign = document.getElementById("live-sign");
  const spoken = document.getElementById("spoken");
  let asked = null; // the request under way
  let again = false; // whether something happened since it was sent
  let opened = false;

  const source = new EventSource(main.dataset.stream);
  source.addEventListener("open", () => {
    opened = true;
    show("live");
  });
  source.addEventListener("change", refresh);
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

  function refresh() {
    if (asked) {
      again = true;
      return;
    }
    asked = new XMLHttpRequest();
    asked.open("GET", location.href);
    asked.responseType = "document";
    asked.addEventListener("load", () => {
      if (asked.status === 200 && asked.response) take(asked.response);
    });
    asked.addEventListener("loadend", () => {
      // Not more than three times a second, however much happens.
      setTimeout(() => {
        asked = null;
        if (again) {
          again = false;
          refresh();
        }
      }, 300);
    });
    asked.send();
  }

  function take(fresh) {
    if (!fresh.querySelector("main[data-stream]")) {
      location.reload(); // we were sent to sign in
      return;
    }
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
  }
}
