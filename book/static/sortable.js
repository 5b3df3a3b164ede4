/* Tables that are sorted by their heads and filtered by choices and by words; without it they read whole, in their first order. */
(() => {
  "use strict";

  const words = (row, column) => row.cells[column].textContent;

  // Numbers by their values, those without one last whichever way; words by the alphabet.
  const order = (column, down) => (left, right) => {
    const [a, b] = [left, right].map((row) => row.cells[column].dataset.by);
    if (a === undefined) return (down ? -1 : 1) * words(left, column).localeCompare(words(right, column));
    if (a === "" || b === "") return (a === "") - (b === "");
    return (down ? -1 : 1) * (a - b);
  };

  const prepare = (box) => {
    const body = box.querySelector("tbody");
    const heads = [...box.querySelectorAll("thead th")];
    const choices = [...box.querySelectorAll("select")];
    const search = box.querySelector("input[type=search]");
    const told = box.querySelector("output");
    const rows = [...body.rows];
    const texts = new Map(rows.map((row) => [row, [...row.cells].map((cell) => cell.textContent).join(" ").toLowerCase()]));

    const filter = () => {
      const sought = search ? search.value.toLowerCase().split(/\s+/) : [];
      rows.forEach((row) => {
        const other = choices.some(({value, dataset}) => value && words(row, dataset.column) !== value);
        row.hidden = other || !sought.every((word) => texts.get(row).includes(word));
      });
      told.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
    };

    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      button.addEventListener("click", () => {
        // The first click shows the largest number, or the first word.
        const number = rows.some((row) => row.cells[column].dataset.by !== undefined);
        const was = head.getAttribute("aria-sort");
        const down = was ? was === "ascending" : number;
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        rows.sort(order(column, down));
        body.append(...rows);
      });
    });
    choices.forEach((choice) => choice.addEventListener("change", filter));
    search?.addEventListener("input", filter);
    box.querySelector(".lth-filters").hidden = false;
    filter();
  };

  document.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".lth-sortable").forEach(prepare));
})();
