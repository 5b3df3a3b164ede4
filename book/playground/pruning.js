/* Which weights go: the smallest of each layer. */

/** Layer by layer the smallest `share` of the survivors go, of the last layer half that; of equals the lower stays. */
export function prune(weights, masks, share) {
  return weights.map((w, l) => {
    const alive = Array.from(w.keys()).filter((at) => !masks || masks[l][at]);
    const gone = Math.floor(alive.length * (l === weights.length - 1 ? share / 2 : share) + 0.5);
    alive.sort((a, b) => Math.abs(w[b]) - Math.abs(w[a]) || a - b);
    const mask = new Uint8Array(w.length);
    for (const at of alive.slice(0, alive.length - gone)) mask[at] = 1;
    return mask;
  });
}
