/* Pictures that were drawn before: a slider shows one of them, and its description is said once the slider rests.
   One that is wider than the screen is scrolled, by keyboard too. */
(() => {
  "use strict";

  const REST = 600;  // milliseconds

  document.querySelectorAll(".lth-frames").forEach((box) => {
    const labels = JSON.parse(box.dataset.labels);
    const pictures = box.querySelectorAll(".lth-frame");
    const slider = box.querySelector("input");
    let waiting;

    const show = () => {
      const at = slider.valueAsNumber;
      pictures.forEach((picture, index) => { picture.hidden = index !== at; });
      box.querySelector("strong").textContent = labels[at];
      slider.setAttribute("aria-valuetext", labels[at]);
    };

    slider.addEventListener("input", () => {
      show();
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        box.querySelector(".lth-aloud").textContent = pictures[slider.valueAsNumber].alt;
      }, REST);
    });
    box.querySelector(".lth-turn").hidden = false;
    show();  // a browser that comes back to the page restores the slider, not the picture
  });

  const reach = new ResizeObserver((changed) => changed.forEach(({target}) => {
    const scrolls = target.scrollWidth > target.clientWidth;
    target.setAttribute("role", scrolls ? "region" : "group");
    if (scrolls) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }));
  document.querySelectorAll(".lth-wide").forEach((place) => reach.observe(place));
})();
