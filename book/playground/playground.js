/* A winning ticket in the reader's own browser: train, prune, reset, repeat and race a small network.

   `render({model, el})` draws it in an element, as a widget's front end does; `model.get` gives `digits`, `recipe` and
   `stored`. A page that is opened from disk may load no module: for it the book's build makes a classic script of this
   file. The engine is apart from the page, and what trains the stored races runs it too. No other code is needed. */

/** What trains: plain arrays and functions, no page. It runs in a worker, made from its own text. */
export function engine() {
  "use strict";
  const ROWS = 100; // images that are read at once

  /* A layer of which only the survivors are stored: `column`, the outputs, and `w`, the weights, of each input in a
     row. Inputs that are 0 (dark pixels, silent units) cost nothing; to be dark is 0 since what normalises an image,
     `shift`, is added to all inputs at once. Whole arrays of weights and masks are [outputs, inputs], as the
     library's. Storage is float32, arithmetic double. */
  function makeLayer(inputs, outputs, weights, mask, shift) {
    const start = new Int32Array(inputs + 1);
    const index = [];
    for (let i = 0; i < inputs; i++) {
      for (let at = i; at < inputs * outputs; at += inputs) if (!mask || mask[at]) index.push(at);
      start[i + 1] = index.length;
    }
    const zeros = (size) => new Float32Array(size);
    const count = index.length;
    return {
      inputs, outputs, shift, start,
      index: Int32Array.from(index),
      column: Uint16Array.from(index, (at) => Math.floor(at / inputs)),
      w: Float32Array.from(index, (at) => weights[at]), g: zeros(count), m: zeros(count), v: zeros(count),
      b: zeros(outputs), gb: zeros(outputs), mb: zeros(outputs), vb: zeros(outputs),
      base: zeros(outputs),
    };
  }

  /* Writes to z [rows, outputs] what a layer makes of x [rows, inputs]. */
  function forward(layer, x, z, rows, rectify) {
    const { inputs, outputs, start, column, w, b, base, shift } = layer;
    base.set(b);
    if (shift) for (let k = 0; k < w.length; k++) base[column[k]] += shift * w[k];
    for (let n = 0; n < rows; n++) {
      const from = n * inputs, to = n * outputs;
      for (let j = 0; j < outputs; j++) z[to + j] = base[j];
      for (let i = 0; i < inputs; i++) {
        const value = x[from + i];
        if (value === 0) continue;
        for (let k = start[i], end = start[i + 1]; k < end; k++) z[to + column[k]] += value * w[k];
      }
      if (rectify) for (let j = to; j < to + outputs; j++) if (z[j] < 0) z[j] = 0;
    }
  }

  /* Adds the gradients of weights and biases, given d [rows, outputs], that of the outputs. Writes that of x to dx
     where it is asked for: x then comes from a rectifier, and where it is 0, so is its gradient. */
  function backward(layer, x, d, dx, rows) {
    const { inputs, outputs, start, column, w, g, gb } = layer;
    for (let n = 0; n < rows; n++) {
      const to = n * inputs, from = n * outputs;
      for (let j = 0; j < outputs; j++) gb[j] += d[from + j];
      for (let i = 0; i < inputs; i++) {
        const value = x[to + i];
        let sum = 0;
        if (value !== 0) {
          for (let k = start[i], end = start[i + 1]; k < end; k++) {
            const slope = d[from + column[k]];
            g[k] += value * slope;
            sum += w[k] * slope;
          }
        }
        if (dx) dx[to + i] = sum;
      }
    }
  }

  /* Takes a step of Adam (Kingma & Ba 2015) with its usual constants, and clears the gradients. */
  function adam(layer, step, rate) {
    const first = rate / (1 - 0.9 ** step), second = 1 / (1 - 0.999 ** step);
    const { column, shift, gb } = layer;
    const update = (w, g, m, v, shifted) => {
      for (let k = 0; k < w.length; k++) {
        const slope = shifted ? g[k] + shift * gb[column[k]] : g[k];
        g[k] = 0;
        m[k] += 0.1 * (slope - m[k]);
        v[k] += 0.001 * (slope * slope - v[k]);
        w[k] -= (first * m[k]) / (Math.sqrt(v[k] * second) + 1e-8);
      }
    };
    update(layer.w, layer.g, layer.m, layer.v, shift !== 0);
    update(layer.b, gb, layer.mb, layer.vb, false);
  }

  /* Turns logits [rows, classes] into the gradient of their mean loss, in `d`; returns that loss. */
  function crossEntropy(z, d, answers, classes) {
    let loss = 0;
    answers.forEach((answer, row) => {
      const from = row * classes, to = from + classes;
      let largest = -Infinity, sum = 0;
      for (let c = from; c < to; c++) largest = Math.max(largest, z[c]);
      for (let c = from; c < to; c++) sum += d[c] = Math.exp(z[c] - largest);
      loss += Math.log(sum) + largest - z[from + answer];
      for (let c = from; c < to; c++) d[c] = (d[c] / sum - (c === from + answer ? 1 : 0)) / answers.length;
    });
    return loss / answers.length;
  }

  /* A network in training; `milliseconds` is the time that its steps have taken. */
  class Network {
    constructor({ sizes, batch, rate, shift }, weights, masks) {
      Object.assign(this, { rate, step: 0, milliseconds: 0 });
      this.layers = weights.map((w, l) => makeLayer(sizes[l], sizes[l + 1], w, masks && masks[l], l ? 0 : shift));
      this.values = sizes.map((size) => new Float32Array(Math.max(batch, ROWS) * size));
      this.slopes = sizes.map((size) => new Float32Array(batch * size));
    }

    get logits() { return this.values[this.layers.length]; }

    get weights() {
      return this.layers.map(({ inputs, outputs, index, w }) => {
        const whole = new Float32Array(inputs * outputs);
        index.forEach((at, k) => { whole[at] = w[k]; });
        return whole;
      });
    }

    read({ x }, rows) {
      const { layers, values } = this, size = layers[0].inputs;
      rows.forEach((row, n) => values[0].set(x.subarray(row * size, (row + 1) * size), n * size));
      layers.forEach((layer, l) => forward(layer, values[l], values[l + 1], rows.length, l < layers.length - 1));
    }

    /* Takes one step on some images; returns their mean loss before it. */
    learn(images, rows) {
      const began = performance.now();
      const { layers, values, slopes } = this, top = layers.length;
      this.read(images, rows);
      const loss = crossEntropy(this.logits, slopes[top], rows.map((row) => images.y[row]), layers[top - 1].outputs);
      for (let l = top - 1; l >= 0; l--) backward(layers[l], values[l], slopes[l + 1], l ? slopes[l] : null, rows.length);
      this.step++;
      for (const layer of layers) adam(layer, this.step, this.rate);
      this.milliseconds += performance.now() - began;
      return loss;
    }

    /* The share of images that are read rightly. */
    accuracy(images) {
      const count = images.y.length, classes = this.layers[this.layers.length - 1].outputs;
      let right = 0;
      for (let from = 0; from < count; from += ROWS) {
        const rows = Array.from({ length: Math.min(ROWS, count - from) }, (_, n) => from + n);
        this.read(images, rows);
        rows.forEach((row, n) => {
          const logits = this.logits.subarray(n * classes, (n + 1) * classes);
          if (logits.indexOf(Math.max(...logits)) === images.y[row]) right++;
        });
      }
      return right / count;
    }
  }

  /* A random stream by its name: the same name, the same numbers (FNV-1a seeds mulberry32). */
  function stream(...name) {
    let state = 2166136261;
    for (const sign of name.join("/")) state = Math.imul(state ^ sign.charCodeAt(0), 16777619);
    const uniform = () => {
      state = (state + 0x6d2b79f5) | 0;
      let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
      mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
      return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
    };
    return { uniform, normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()) };
  }

  const total = (values) => values.reduce((sum, value) => sum + value, 0);

  function shuffle(values, uniform) {
    for (let i = values.length - 1; i > 0; i--) {
      const j = Math.floor(uniform() * (i + 1));
      [values[i], values[j]] = [values[j], values[i]];
    }
    return values;
  }

  /* Gaussian Glorot, as the library's. */
  function initial(sizes, seed, salt) {
    return sizes.slice(1).map((outputs, l) => {
      const { normal } = stream(seed, "init", salt, l), deviation = Math.sqrt(2 / (sizes[l] + outputs));
      return Float32Array.from({ length: sizes[l] * outputs }, () => normal() * deviation);
    });
  }

  /* The weights that survive, each layer's own values among its own places in another order. */
  function permuted(weights, masks, seed, salt) {
    return weights.map((w, l) => {
      const places = Array.from(w.keys()).filter((at) => masks[l][at]);
      const values = shuffle(places.map((at) => w[at]), stream(seed, "permute", salt, l).uniform);
      const whole = new Float32Array(w.length);
      places.forEach((at, k) => { whole[at] = values[k]; });
      return whole;
    });
  }

  /* Layer by layer the smallest `share` of the survivors go, of the last layer half that; of equals the lower stays. */
  function prune(weights, masks, share) {
    return weights.map((w, l) => {
      const alive = Array.from(w.keys()).filter((at) => !masks || masks[l][at]);
      const gone = Math.floor(alive.length * (l === weights.length - 1 ? share / 2 : share) + 0.5);
      alive.sort((a, b) => Math.abs(w[b]) - Math.abs(w[a]) || a - b);
      const mask = new Uint8Array(w.length);
      for (const at of alive.slice(0, alive.length - gone)) mask[at] = 1;
      return mask;
    });
  }

  const SERIES = { dense: "dense", ticket: "winning ticket", again: "re-initialised", permuted: "values permuted" };

  /* One seed's search for a ticket: `data` has the digits to `train` on and those to `test` on. */
  class Experiment {
    constructor(data, recipe, seed) {
      Object.assign(this, { data, recipe, seed, level: 0, masks: null, trained: null });
      this.start = initial(recipe.sizes, seed, "");
      this.order = { epoch: -1, rows: [] };
    }

    get kept() {
      const { masks, start } = this;
      return masks ? total(masks.map((mask) => total(mask))) : total(start.map((weights) => weights.length));
    }

    /* A network by its name: that of a series and, where there are several, a number. */
    network(name) {
      const { recipe, seed, start, masks } = this;
      if (name.startsWith(SERIES.dense)) return new Network(recipe, start, null);
      if (name.startsWith(SERIES.ticket)) return new Network(recipe, start, masks);
      if (name.startsWith(SERIES.again)) return new Network(recipe, initial(recipe.sizes, seed, name), masks);
      return new Network(recipe, permuted(start, masks, seed, name), masks);
    }

    /* The images of a step: all are shuffled anew in each epoch, and the last, short batch is left out. */
    rows(step) {
      const { batch } = this.recipe, count = this.data.train.y.length, each = Math.floor(count / batch);
      const epoch = Math.floor(step / each);
      if (this.order.epoch !== epoch) {
        const rows = shuffle(Array.from({ length: count }, (_, i) => i), stream(this.seed, "order", epoch).uniform);
        this.order = { epoch, rows };
      }
      return this.order.rows.slice((step % each) * batch, ((step % each) + 1) * batch);
    }

    /* Trains networks side by side on the same images. Yields a reading of each at the steps `at`, and null between,
       where whoever runs it may pause; returns the networks. */
    *training(names, at) {
      const networks = names.map((name) => [name, this.network(name)]);
      for (let step = 0; ; step++) {
        for (const [name, network] of step === 0 || at.includes(step) ? networks : []) {
          yield { name, step, accuracy: network.accuracy(this.data.test), milliseconds: network.milliseconds };
        }
        if (step === this.recipe.steps) break;
        const rows = this.rows(step);
        for (const [, network] of networks) {
          network.learn(this.data.train, rows);
          yield null;
        }
      }
      return networks.map(([, network]) => network);
    }

    /* Trains what there is, the dense network or the ticket, to be pruned afterwards; it is read at the steps `at`. */
    *train(name, at) {
      const [network] = yield* this.training([name], at);
      this.trained = network.weights;
    }

    prune() {
      this.masks = prune(this.trained, this.masks, this.recipe.share);
      this.trained = null;
      this.level++;
    }

    /* Trains the ticket beside networks with its mask and other values, some of each kind. */
    *race(alone, several) {
      const copies = Array.from({ length: this.recipe.copies }, (_, k) => k + 1);
      const names = [...alone, ...several.flatMap((name) => copies.map((copy) => `${name} ${copy}`))];
      yield* this.training(names, this.recipe.tests);
    }
  }

  const series = (name) => name.replace(/ \d+$/, "");

  /* What is read off a curve, as the library reads it: the end is the mean over the last fifth of the steps. */
  function readings(curve, recipe) {
    const late = curve.filter((point) => point.step >= 0.8 * recipe.steps);
    const at = (step) => curve.find((point) => point.step === step).accuracy;
    return { before: at(0), early: at(recipe.early), end: total(late.map((point) => point.accuracy)) / late.length };
  }

  /* Curves by name of what a training yields. */
  function collect(training) {
    const curves = {};
    for (const point of training) if (point) (curves[point.name] ||= []).push(point);
    return curves;
  }

  /* The races of a seed at some levels, the dense network's own at level 0: a row for each network. */
  function races(data, recipe, seed, levels) {
    const experiment = new Experiment(data, recipe, seed), rows = [];
    const note = (training) => Object.entries(collect(training)).forEach(([name, curve]) => {
      rows.push({ seed, level: experiment.level, kept: experiment.kept, name, ...readings(curve, recipe) });
    });
    note(experiment.train(SERIES.dense, recipe.tests));
    while (experiment.level < Math.max(0, ...levels)) {
      if (!experiment.trained) collect(experiment.train(SERIES.ticket, []));
      experiment.prune();
      if (levels.includes(experiment.level)) note(experiment.race([SERIES.ticket], [SERIES.again, SERIES.permuted]));
    }
    return rows;
  }

  /* The digits as the page is given them: two to the byte, deflated, in base64; in float32, a dark pixel 0. */
  async function unpack(digits) {
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

  return { Network, Experiment, SERIES, initial, prune, races, readings, series, total, unpack };
}

/* What a worker does: one experiment, driven by messages. A new one takes the place of what it is doing. */
function work(makeEngine) {
  "use strict";
  const { Experiment, SERIES, unpack } = makeEngine();
  const TURN = 12; // milliseconds after which it listens again
  let data, recipe, experiment;
  let current = 0;

  const listen = () => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = resolve;
    port2.postMessage(0);
  });

  /* Runs a training to its end, unless something else is asked for, and passes on what it yields. */
  async function finish(training, task) {
    let since = performance.now();
    for (const point of training) {
      if (point) postMessage({ task, point });
      if (performance.now() - since < TURN) continue;
      await listen();
      if (task !== current) return;
      since = performance.now();
    }
  }

  const commands = {
    async load(given) {
      recipe = given.recipe;
      data = await unpack(given.digits);
    },
    seed: ({ seed }) => { experiment = new Experiment(data, recipe, seed); },
    train: (_, task) => finish(experiment.train(SERIES.ticket, recipe.glimpses), task),
    prune: () => experiment.prune(),
    race: ({ more }, task) => {
      const several = [SERIES.again, ...(more ? [SERIES.permuted] : [])];
      return finish(experiment.race([SERIES.dense, SERIES.ticket], several), task);
    },
    stop() {},
  };

  const state = ({ level, kept, masks, start, trained }) => (
    { level, kept, trained: trained !== null, mask: masks && masks[0], weights: start[0] });

  onmessage = async ({ data: { task, command, ...given } }) => {
    current = task;
    try {
      await commands[command](given, task);
      if (task === current) postMessage({ task, state: experiment && state(experiment) });
    } catch (error) {
      postMessage({ task, failure: String(error) });
    }
  };
}

const SLUGS = { dense: "dense", "winning ticket": "ticket", "re-initialised": "again", "values permuted": "permuted" };
const DASHES = { dense: "2 3", ticket: "", again: "8 4", permuted: "8 3 2 3" };

const percent = (share, digits = 1) => `${(100 * share).toFixed(digits)} %`;
const points = (share) => `${share < 0 ? "−" : "+"}${Math.abs(100 * share).toFixed(1)}`;
const whole = (number) => Math.round(number).toLocaleString("en");

/* How many weights are left after each of so many rounds, as the engine counts them. */
function countdown(recipe, rounds) {
  const layers = recipe.sizes.slice(1).map((outputs, l) => outputs * recipe.sizes[l]);
  const shares = layers.map((_, l) => (l === layers.length - 1 ? recipe.share / 2 : recipe.share));
  const counts = [layers];
  for (let round = 0; round < rounds; round++) {
    counts.push(counts[round].map((count, l) => count - Math.floor(count * shares[l] + 0.5)));
  }
  return counts.map((each) => each.reduce((a, b) => a + b));
}

const CONTROLS = `
<div class="lth-play-row" role="group" aria-label="The experiment">
  <button type="button" name="train">Train</button>
  <button type="button" name="prune">Prune a fifth and reset</button>
  <span><button type="button" name="repeat">Repeat</button>
    <label>until <select name="goal"></select> are left</label></span>
  <button type="button" name="race">Race</button>
  <button type="button" name="stop">Stop</button>
  <button type="button" name="anew">New network</button>
  <label><input type="checkbox" name="more"> Race its values permuted, too</label>
</div>
<p class="lth-play-said" role="status"></p>
<progress max="1" value="0" aria-label="Progress"></progress>
<div class="lth-play-pictures">
  <figure class="lth-play-curves">
    <svg role="img" aria-label="Learning curves, not drawn yet."></svg>
    <figcaption>
      <span class="lth-play-legend"></span>
      <span class="lth-play-row" role="group" aria-label="Axes">
        <label><input type="checkbox" name="time"> Against computing time</label>
        <label><input type="checkbox" name="close"> Only above 80 %</label>
      </span>
    </figcaption>
  </figure>
  <figure>
    <canvas class="lth-play-units" role="img" aria-label="The weights of each hidden unit, not drawn yet."></canvas>
    <figcaption>Input weights left, a square for each hidden unit; blue: above zero.</figcaption>
  </figure>
  <figure>
    <canvas class="lth-play-pixels" role="img" aria-label="The weights at each pixel, not drawn yet."></canvas>
    <figcaption>How many are left at each pixel; strongest: three times chance.</figcaption>
  </figure>
</div>
<div class="lth-play-table" role="region" tabindex="0" aria-label="This race in numbers" hidden></div>
<div class="lth-play-table" role="region" tabindex="0" aria-label="All your races, and stored ones" hidden></div>`;

/* Draws learning curves into an svg as wide as it is shown, so that its words keep their size. `lines` are drawn in
   their order: each has the `points`, its `look`, and whether it is `faint`. */
function drawCurves(svg, lines, { time, close, steps }) {
  const width = Math.max(svg.clientWidth, 260), height = Math.min(380, Math.max(230, Math.round(0.75 * width)));
  const box = { left: 34, top: 24, width: width - 34 - 12, height: height - 24 - 40 };
  const value = (point) => (time ? point.milliseconds / 1000 : point.step);
  const last = time ? Math.max(0.1, ...lines.flatMap((line) => line.points.map(value))) : steps, low = close ? 0.8 : 0;
  const x = (v) => ((box.width * v) / last).toFixed(1);
  const y = (v) => ((box.height * (1 - v)) / (1 - low)).toFixed(1);
  const grid = (close ? [0.8, 0.85, 0.9, 0.95, 1] : [0, 0.2, 0.4, 0.6, 0.8, 1]).map((v) => `
    <path class="lth-play-grid" d="M0 ${y(v)}h${box.width}"/>
    <text x="-6" y="${+y(v) + 4}" text-anchor="end">${Math.round(100 * v)}</text>`);
  const marks = [0, 0.25, 0.5, 0.75, 1].map((share) => `
    <text x="${x(share * last)}" y="${box.height + 17}" text-anchor="${share === 1 ? "end" : "middle"}">${
      time ? (share * last).toFixed(1) : share * last}</text>`);
  const drawn = lines.map(({ points: line, look, faint }) => `
    <polyline class="lth-play-line lth-play-${look}" opacity="${faint ? 0.3 : 1}" stroke-dasharray="${DASHES[look]}"
      points="${line.map((point) => `${x(value(point))},${y(point.accuracy)}`).join(" ")}"/>`);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.style.height = `${height}px`;
  svg.innerHTML = `
    <text x="0" y="12">digits read rightly, %</text>
    <g transform="translate(${box.left} ${box.top})">${grid.join("")}${marks.join("")}
      <text x="${box.width}" y="${box.height + 34}" text-anchor="end">${
        time ? "seconds of computing, each network alone" : "iterations"}</text>
      <svg width="${box.width}" height="${box.height}" overflow="hidden">${drawn.join("")}</svg>
    </g>`;
}

function legendOf(looks) {
  return looks.map(([look, name]) => `<span><svg viewBox="0 0 30 8" width="30" height="8" aria-hidden="true"><path
    class="lth-play-line lth-play-${look}" stroke-dasharray="${DASHES[look]}" d="M0 4h30"/></svg> ${name}</span>`).join("");
}

/* The colours of the sheet, as [red, green, blue] each, wherever the theme has them from. */
function coloursOf(el, names) {
  const probe = el.appendChild(document.createElement("i"));
  const found = names.map((name) => {
    probe.style.color = `var(--lth-play-${name})`;
    return getComputedStyle(probe).color.match(/[\d.]+/g).slice(0, 3).map(Number);
  });
  probe.remove();
  return found;
}

/* Paints one pixel of a canvas for each of a function's colours. */
function paint(canvas, width, height, colour) {
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d"), image = context.createImageData(width, height);
  for (let row = 0, at = 0; row < height; row++) {
    for (let column = 0; column < width; column++, at += 4) {
      image.data.set(colour(row, column), at);
      image.data[at + 3] = 255;
    }
  }
  context.putImageData(image, 0, 0);
}

const between = (from, to, share) => from.map((value, k) => value + (to[k] - value) * share);

/* Paints the weights [units, pixels] that a mask leaves, a small picture for each unit, side by side. */
function paintUnits(canvas, { weights, mask }, side, [sheet, frame, plus, minus]) {
  const count = weights.length / side ** 2, columns = Math.ceil(Math.sqrt(count)), tile = side + 1;
  const largest = 2.5 * Math.sqrt(2 / (side ** 2 + count));
  paint(canvas, columns * tile + 1, Math.ceil(count / columns) * tile + 1, (row, column) => {
    const unit = Math.floor(row / tile) * columns + Math.floor(column / tile);
    const [down, across] = [(row % tile) - 1, (column % tile) - 1];
    if (down < 0 || across < 0 || unit >= count) return frame;
    const at = unit * side ** 2 + down * side + across;
    if (mask && !mask[at]) return sheet;
    return between(sheet, weights[at] > 0 ? plus : minus, Math.min(1, 0.25 + Math.abs(weights[at]) / largest));
  });
}

/* Paints how many weights are left at each pixel, over how many there would be by chance; returns the counts. */
function paintPixels(canvas, { weights, mask }, side, [sheet, , , , ink]) {
  const left = new Array(side ** 2).fill(0);
  weights.forEach((_, at) => { if (!mask || mask[at]) left[at % left.length]++; });
  const chance = left.reduce((a, b) => a + b) / left.length;
  paint(canvas, side, side, (row, column) => between(sheet, ink, Math.min(1, left[row * side + column] / chance / 3)));
  return left;
}

function tableOf(caption, heads, rows) {
  const head = heads.map((name) => `<th scope="col">${name}</th>`).join("");
  const body = rows.map(([first, ...cells]) => (
    `<tr><th scope="row">${first}</th>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`)).join("");
  return `<table><caption>${caption}</caption><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table>`;
}

/** Draws the playground in an element; returns what takes it away again. */
export async function render({ model, el }) {
  const { SERIES, readings, series, total } = engine();
  const [recipe, digits, stored] = ["recipe", "digits", "stored"].map((name) => model.get(name));
  const counts = countdown(recipe, Math.max(...recipe.levels)), everyone = counts[0];
  const still = matchMedia("(prefers-reduced-motion: reduce)");

  el.innerHTML = CONTROLS;
  const one = (selector) => el.querySelector(selector);
  const control = (name) => one(`[name=${name}]`);
  const [said, bar, svg] = [one("[role=status]"), one("progress"), one(".lth-play-curves > svg")];
  const [units, pixels] = [one(".lth-play-units"), one(".lth-play-pixels")];
  const [numbers, tally] = el.querySelectorAll(".lth-play-table");
  control("goal").innerHTML = recipe.levels.map((level, k) => (
    `<option value="${level}"${k === 1 ? " selected" : ""}>${percent(counts[level] / everyone, 0)}</option>`)).join("");

  let seed = 1, state = null, busy = "", racing = false, curves = {}, along = [0, 1];
  const raced = new Map();
  const say = (text) => { said.textContent = text; };
  const left = () => percent(state.kept / everyone);
  const goal = () => Number(control("goal").value);

  /* --- the worker --- */
  const source = URL.createObjectURL(new Blob([`(${work})(${engine})`], { type: "text/javascript" }));
  const worker = new Worker(source);
  const STOPPED = Symbol("stopped");
  let task = 0, waiting = null;

  function settle(how, value) {
    const { [how]: end } = waiting;
    waiting = null;
    end(value);
  }

  /* Asks the worker for something, in place of what it is doing: who waits for that learns that it was stopped. */
  function ask(command, given = {}) {
    if (waiting) settle("reject", STOPPED);
    return new Promise((resolve, reject) => {
      waiting = { resolve, reject };
      worker.postMessage({ task: ++task, command, ...given });
    });
  }

  worker.onmessage = ({ data: message }) => {
    if (message.task !== task || !waiting) return;
    if (message.point) note(message.point);
    else if (message.failure) settle("reject", message.failure);
    else {
      state = message.state || state;
      settle("resolve");
    }
  };
  worker.onerror = (event) => { if (waiting) settle("reject", event.message || "no worker could be started"); };

  function note(point) {
    (curves[racing ? point.name : state.level] ||= []).push(point);
    bar.value = along[0] + (along[1] - along[0]) * (point.step / recipe.steps);
    if (!still.matches) redraw();
  }

  /* --- what is shown --- */
  const shownSeries = () => Object.keys(SLUGS).filter((name) => Object.keys(curves).some((key) => series(key) === name));
  const copiesOf = (name) => Object.keys(curves).filter((key) => series(key) === name).map((key) => curves[key]);

  function draw() {
    const lines = Object.entries(curves).map(([name, line]) => ({
      points: line,
      look: racing ? SLUGS[series(name)] : Number(name) ? "ticket" : "dense",
      faint: !racing && Number(name) !== Math.max(...Object.keys(curves)),
    }));
    drawCurves(svg, lines, { time: control("time").checked, close: control("close").checked, steps: recipe.steps });
    const rounds = [["dense", "dense"], ["ticket", "tickets, the last one in full colour"]];
    const looks = racing ? shownSeries().map((name) => [SLUGS[name], name]) : rounds.filter(([look]) => (
      lines.some((line) => line.look === look)));
    one(".lth-play-legend").innerHTML = legendOf(looks);
  }

  let asked = 0;
  function redraw() { asked ||= requestAnimationFrame(() => { asked = 0; draw(); }); }

  function picture() {
    const colours = coloursOf(el, ["sheet", "frame", "plus", "minus", "ink"]), { side } = digits;
    paintUnits(units, state, side, colours);
    const found = paintPixels(pixels, state, side, colours), rim = found.filter((_, at) => (
      Math.min(at % side, Math.floor(at / side)) === 0 || Math.max(at % side, Math.floor(at / side)) === side - 1));
    units.setAttribute("aria-label", `${whole(total(found))} of ${whole(state.weights.length)} input weights are left, `
      + `${whole(Math.max(...found))} at most at one pixel.`);
    pixels.setAttribute("aria-label", `Weights left at each pixel: ${(total(found) / found.length).toFixed(1)} on average, `
      + `${(total(rim) / rim.length).toFixed(1)} at the rim.`);
  }

  function refresh() {
    const can = {
      train: state && !state.trained, prune: state && state.trained, race: state && state.level,
      repeat: state && state.level < goal(), anew: state, stop: busy,
    };
    for (const button of el.querySelectorAll("button")) {
      const idle = button.name === "stop" || !busy;
      button.setAttribute("aria-disabled", String(!(idle && can[button.name])));
    }
  }

  /* --- the race, and all races so far --- */
  function outcome() {
    const mean = Object.fromEntries(shownSeries().map((name) => {
      const read = copiesOf(name).map((curve) => readings(curve, recipe));
      return [name, Object.fromEntries(["before", "early", "end"].map((at) => [at, total(read.map((r) => r[at])) / read.length]))];
    }));
    const others = Object.keys(mean).filter((name) => name !== SERIES.ticket);
    const ahead = Object.fromEntries(others.map((name) => (
      [name, { early: mean[SERIES.ticket].early - mean[name].early, end: mean[SERIES.ticket].end - mean[name].end }])));
    return { mean, ahead };
  }

  function showRace({ mean }) {
    const spent = (name) => total(copiesOf(name).map((run) => run[run.length - 1].milliseconds)) / copiesOf(name).length;
    const rows = Object.entries(mean).map(([name, { before, early, end }]) => {
      const dense = name === SERIES.dense, many = copiesOf(name).length;
      const times = dense ? "" : ` (${(spent(SERIES.dense) / spent(name)).toFixed(1)} times dense)`;
      return [many > 1 ? `${name}, mean of ${many}` : name, whole(dense ? everyone : state.kept), percent(before),
        percent(early), percent(end), whole((1000 * recipe.steps) / spent(name)) + times];
    });
    numbers.innerHTML = tableOf(`Network ${seed}, ${left()} of the weights: digits read rightly`, ["network", "weights",
      "before training", `after ${recipe.early} iterations`, "at the end", "iterations a second"], rows);
    numbers.hidden = false;
  }

  /* One line of the tally: at one density, the reader's races or the stored ones. */
  function line(who, ahead, permutedToo) {
    const cell = (name, at) => {
      const found = ahead.map((race) => race[name] && race[name][at]).filter((value) => value !== undefined);
      if (!found.length) return "–";
      return `${points(total(found) / found.length)}; ahead in ${found.filter((value) => value > 0).length} of ${found.length}`;
    };
    const cells = [cell(SERIES.again, "early"), cell(SERIES.again, "end")];
    if (permutedToo) cells.push(cell(SERIES.permuted, "end"));
    return [who, ...cells, cell(SERIES.dense, "end")];
  }

  function showTally() {
    const races = [...raced.values()], permutedToo = races.some((race) => SERIES.permuted in race.ahead);
    const levels = [...new Set(races.map((race) => race.level))].sort((a, b) => a - b);
    const rows = levels.flatMap((level) => {
      const share = percent(races.find((race) => race.level === level).kept / everyone);
      const yours = races.filter((race) => race.level === level).map((race) => race.ahead);
      const theirs = (stored || []).filter((race) => race.level === level).map((race) => race.ahead);
      const beside = theirs.length ? [line(`${share}: stored`, theirs, permutedToo)] : [];
      return [line(`${share}: yours`, yours, permutedToo), ...beside];
    });
    tally.innerHTML = tableOf("Ticket minus the others, in points; stored races are of other seeds", ["weights left",
      `re-initialised, after ${recipe.early}`, "re-initialised, at the end",
      ...(permutedToo ? ["values permuted, at the end"] : []), "dense, at the end"], rows);
    tally.hidden = false;
  }

  /* --- what the reader does --- */
  function begin(race) {
    if (race || racing) curves = {};
    racing = race;
    along = [0, 1];
    if (!race) delete curves[state.level];
  }

  async function train() {
    begin(false);
    await ask("train");
    draw();
  }

  async function prune() {
    await ask("prune");
    picture();
  }

  const actions = {
    async train() {
      say(state.level ? `Training the ticket with ${left()} of the weights …` : "Training the dense network …");
      await train();
      const reads = percent(curves[state.level].at(-1).accuracy);
      say(`Trained for ${recipe.steps} iterations, it reads ${reads} of the test digits. Next: prune a fifth and reset.`);
      svg.setAttribute("aria-label", `Learning curves of rounds of training; the last ends at ${reads}.`);
    },
    async prune() {
      await prune();
      say(`${left()} of the weights are left, back at the values they began with. Next: train this ticket, or race it.`);
    },
    async repeat() {
      const from = state.level, rounds = goal() - from;
      say(`Training and pruning until ${percent(counts[goal()] / everyone)} of the weights are left …`);
      while (state.level < from + rounds) {
        if (!state.trained) {
          begin(false);
          along = [0, 1].map((done) => (state.level - from + done) / rounds);
          await train();
        }
        await prune();
        refresh();
      }
      say(`After ${state.level} rounds ${left()} of the weights are left, back at the values they began with. Next: race.`);
    },
    async race() {
      begin(true);
      say(`Racing the ticket with ${left()} of the weights …`);
      await ask("race", { more: control("more").checked });
      draw();
      const { mean, ahead } = outcome(), [ticket, again] = [mean[SERIES.ticket], mean[SERIES.again]];
      raced.set(`${seed}/${state.level}`, { level: state.level, kept: state.kept, ahead });
      showRace({ mean });
      showTally();
      const text = `After ${recipe.early} iterations the ticket reads ${percent(ticket.early)} of the test digits, the `
        + `re-initialised networks ${percent(again.early)}; at the end ${percent(ticket.end)} and ${percent(again.end)}.`;
      say(`The race is over. ${text} Before any training the ticket read ${percent(ticket.before)}: its mask has learned.`);
      svg.setAttribute("aria-label", `Learning curves of a race with ${left()} of the weights. ${text}`);
    },
    async anew() {
      seed++;
      await start();
    },
  };

  async function start() {
    await ask("seed", { seed });
    [curves, racing, bar.value, numbers.hidden] = [{}, false, 0, true];
    draw();
    picture();
    svg.setAttribute("aria-label", "Learning curves; none yet.");
    say(`Network ${seed}: ${whole(everyone)} weights, newly drawn at random. Next: train.`);
  }

  async function perform(name) {
    busy = name;
    refresh();
    try {
      await actions[name]();
    } catch (error) {
      if (error !== STOPPED) say(`It could not go on: ${error}.`);
    }
    if (busy === name) busy = "";
    refresh();
  }

  async function stop() {
    busy = "";
    await ask("stop").catch(() => {});
    if (busy) return; // something else was asked for meanwhile
    draw();
    say("Stopped. What was trained before is kept.");
    refresh();
  }

  el.addEventListener("click", ({ target }) => {
    const button = target.closest("button");
    if (!button || button.getAttribute("aria-disabled") === "true") return;
    if (button.name === "stop") stop();
    else perform(button.name);
  });
  el.addEventListener("change", ({ target }) => {
    if (target.name === "time" || target.name === "close") draw();
    refresh();
  });

  const themed = new MutationObserver(() => state && picture());
  themed.observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
  const sized = new ResizeObserver(redraw);
  sized.observe(svg.parentElement);

  try {
    await ask("load", { recipe, digits });
    await start();
    el.dataset.ready = "true";
  } catch (error) {
    say(`It cannot start here: ${error}.`);
  }
  refresh();
  return () => {
    worker.terminate();
    URL.revokeObjectURL(source);
    themed.disconnect();
    sized.disconnect();
  };
}

export default { render };
