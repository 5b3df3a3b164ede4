/* What the players of sliders and mathematics leave out. Loaded before both. */
(() => {
  "use strict";

  // The widget player asks for MathJax 2's queue (ipywidgets issue 3829); give it one that calls MathJax 3.
  // The player starts when the window has loaded, and a capturing listener comes before it.
  window.addEventListener("load", () => {
    const mathjax = window.MathJax;
    if (mathjax && !mathjax.Hub) {
      mathjax.Hub = {
        Queue: ([, , element]) => mathjax.startup.promise.then(() => mathjax.typesetPromise([element])),
      };
    }
  }, {capture: true});

  // A slider's handle says its position as a bare number and has no name: name it by its visible label,
  // and say the label of the position. The label's empty tooltip says "null", and the label of the position
  // claims to be editable, which without a kernel it is not.
  const describe = (slider) => {
    const handle = slider.querySelector(".noUi-handle");
    if (!handle) return;
    const label = slider.querySelector(".widget-label, .jupyter-widget-label");
    const readout = slider.querySelector(".widget-readout");
    const set = (name, value) => {
      if (value && handle.getAttribute(name) !== value) handle.setAttribute(name, value);
    };
    set("aria-label", label && label.textContent.trim());
    set("aria-valuetext", readout && readout.textContent.trim());
    if (label && label.title === "null") label.removeAttribute("title");
    if (readout && readout.isContentEditable) readout.contentEditable = "false";
  };

  const describeAll = () => document.querySelectorAll(".widget-slider").forEach(describe);

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

  document.addEventListener("DOMContentLoaded", () => {
    new MutationObserver(describeAll).observe(document.body, {
      subtree: true, childList: true, characterData: true,
      attributes: true, attributeFilter: ["aria-valuetext"],
    });
  });
})();
