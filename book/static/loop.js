/* The picture of train, prune, reset, repeat: its slider sets every weight's line, and says what was done. */
(() => {
  "use strict";

  const draw = (box, at) => {
    const [phase, head, text, described] = JSON.parse(box.dataset.steps)[at];
    box.querySelectorAll("line").forEach((line) => {
      const value = JSON.parse(line.dataset.course)[at];
      line.setAttribute("class", value === null ? "lth-gone" : value < 0 ? "lth-minus" : "lth-plus");
      line.style.strokeWidth = value === null ? "" : Math.abs(value);
    });
    box.querySelectorAll("li").forEach((pill) => pill.classList.toggle("lth-here", pill.dataset.phase === phase));
    box.querySelector("svg").setAttribute("aria-label", described);
    box.querySelector("strong").textContent = `${head}.`;
    box.querySelector("p span").textContent = text;
    box.querySelector("input").setAttribute("aria-valuetext", `${head}. ${text}`);
  };

  document.querySelectorAll(".lth-loop").forEach((box) => {
    const slider = box.querySelector("input");
    slider.parentElement.hidden = false;
    slider.addEventListener("input", () => draw(box, slider.valueAsNumber));
    draw(box, slider.valueAsNumber);  // a browser that comes back to the page restores the slider, not the picture
  });
})();
