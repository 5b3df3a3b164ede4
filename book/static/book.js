/* Every page: what belongs to a number in a sentence can be put away, and what a link leads to is opened. */
(() => {
  "use strict";

  // What a number shows on hover or focus covers the line above: Escape puts it away until the reader comes back.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    document.querySelectorAll(".lth-value:hover, .lth-value:focus").forEach((value) => {
      value.classList.add("lth-quiet");
      for (const left of ["mouseleave", "blur"]) {
        value.addEventListener(left, () => value.classList.remove("lth-quiet"), {once: true});
      }
    });
  });

  // A link to what is folded away opens it.
  const unfold = () => {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.closest("details")) return;
    for (let box = target.closest("details"); box; box = box.parentElement.closest("details")) box.open = true;
    target.scrollIntoView();
  };
  document.addEventListener("DOMContentLoaded", unfold);
  addEventListener("hashchange", unfold);
})();
