/* The digits, from what a page is given to what networks read. */

/** The digits as the page is given them: two to the byte, deflated, in base64; in float32, a dark pixel 0. */
export async function unpack(digits) {
  const bytes = Uint8Array.from(atob(digits.pixels), (sign) => sign.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const pairs = new Uint8Array(await new Response(plain).arrayBuffer());
  const x = new Float32Array(2 * pairs.length);
  pairs.forEach((pair, i) => {
    x[2 * i] = (pair >> 4) * digits.scale;
    x[2 * i + 1] = (pair & 15) * digits.scale;
  });
  const y = Uint8Array.from(digits.labels, Number), size = digits.side ** 2;
  const part = (from, to) => ({ x: x.slice(from * size, to * size), y: y.slice(from, to) });
  return { train: part(0, digits.train), test: part(digits.train, y.length) };
}
