/* Shares, points and tables in words, as the page says them. */

/** A share in per cent. */
export const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;

/** A difference of shares in points, with its sign. */
export const points = (share) => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)}`;

/** A whole number, its thousands apart. */
export const whole = (number) => Math.round(number).toLocaleString("en");

/** A table of rows of cells, the first of which names its row. */
export function tableOf(caption, heads, rows) {
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join("");
  const body = rows.map(([first, ...cells]) => (
    `<tr><th scope="row">${first}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`)).join("");
  return `<table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}
