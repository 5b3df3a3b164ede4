/* Every page: what belongs to a number in a sentence can be put away. */
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
})();
