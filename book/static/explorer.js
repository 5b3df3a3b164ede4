/* One figure to explore: SVG drawn here, since no small charting library gives its values by keyboard, and four
   curves need none. `render({model, el})` is all of it; at the end a page from disk calls it, and a notebook may. */
(() => {
  "use strict";

  const SVG = "http://www.w3.org/2000/svg";
  const SPACE = {left: 58, right: 22, top: 12, bottom: 46};
  const MARKS = {
    o: "M-4,0a4,4 0 1,0 8,0a4,4 0 1,0 -8,0z", s: "M-4,-4h8v8h-8z", "^": "M0,-5L5,4H-5z", v: "M0,5L5,-4H-5z",
    D: "M0,-5L5,0L0,5L-5,0z", p: "M0,-5L5,-1L3,5H-3L-5,-1z", X: "M-4,-2L-2,-4L0,-2L2,-4L4,-2L2,0L4,2L2,4L0,2L-2,4L-4,2L-2,0z",
    P: "M-1.8,-5H1.8V-1.8H5V1.8H1.8V5H-1.8V1.8H-5V-1.8H-1.8z",
  };
  let made = 0;

  /** Return an element with attributes and children; `svg` says of which kind. */
  const make = (tag, attributes = {}, children = [], svg = false) => {
    const node = svg ? document.createElementNS(SVG, tag) : document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
    node.append(...children);
    return node;
  };
  const draw = (tag, attributes, children) => make(tag, attributes, children, true);
  const text = (x, y, anchor, words) => draw("text", {x, y, "text-anchor": anchor}, [words]);

  /** Return round numbers between two ends: some five steps, or 1, 2 and 5 of each power of ten. */
  const ticks = (low, high, log) => {
    if (log) {
      const found = [];
      for (let k = Math.floor(Math.log10(low)); k <= Math.log10(high); k++) found.push(...[1, 2, 5].map((m) => m * 10 ** k));
      return found.filter((v) => v >= low && v <= high);
    }
    const rough = (high - low) / 7, ten = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((m) => m * ten).find((s) => s >= rough);
    const from = Math.ceil(low / step), count = Math.floor(high / step) - from + 1;
    return Array.from({length: count}, (_, k) => Number(((from + k) * step).toPrecision(10)));
  };

  /** Return a function from values between two ends to pixels. */
  const scale = (low, high, from, to, log) => {
    const f = log ? Math.log : (v) => v;
    return (v) => from + (to - from) * (f(v) - f(low)) / (f(high) - f(low));
  };

  const render = ({model, el}) => {
    const id = `lth-explorer-${made += 1}`;
    const get = (name) => (typeof model.get === "function" ? model.get(name) : model[name]);
    const [name, axis, metrics, series, sets] = ["name", "axis", "metrics", "series", "sets"].map(get);
    // Where there are many series, few are shown at a time: each then takes the first look that is free.
    const free = get("looks") || [], slots = free.map(() => null);
    const begun = series.map((own) => own.begun !== false);
    const state = {set: 0, metric: 0, shown: begun, logX: true, logY: false, above: false, at: null, pins: []};
    const wears = (k) => (series[k].colour ? series[k] : {...series[k], ...free[slots.indexOf(k)]});
    series.forEach((own, k) => { if (!own.colour && begun[k]) slots[slots.indexOf(null)] = k; });
    const place = (x) => axis.said.replace("{}", axis.falling ? Number(x.toPrecision(3)) : x.toLocaleString("en-GB"));

    const chart = make("div", {class: "lth-chart", tabindex: 0, role: "application", "aria-roledescription": "chart",
      "aria-label": name, "aria-describedby": `${id}-help`});
    const said = make("p", {class: "lth-said", role: "status"});
    const each = make("p", {class: "lth-each"});
    const pinned = make("div", {class: "lth-pinned"});
    const help = make("p", {class: "lth-help", id: `${id}-help`}, [
      "Point at a mark, or focus the figure: left and right move along the " + axis.words[1] + ", up and down between the series, "
      + `Enter pins ${/^[aeiou]/.test(axis.words[0]) ? "an" : "a"} ${axis.words[0]}, two of them side by side, Escape leaves.`]);
    const arrows = make("p", {class: "lth-help"});

    /** Return the points that are shown, of one metric or of all in the same unit, which share an axis. */
    const visible = (key) => sets[state.set].points[key].filter((p) => state.shown[p.series]);
    const current = () => visible(metrics[state.metric].key);
    const together = () => metrics.filter((m) => m.unit === metrics[state.metric].unit).flatMap((m) => visible(m.key));

    /** Return the ends of the horizontal axis: densities fall, iterations rise from the first that is not 0. */
    const across = () => {
      const xs = sets[state.set].points[metrics[state.metric].key].map((p) => p.x).filter((x) => x > 0);
      if (axis.falling) return state.logX ? [108, Math.min(...xs, 90) / 1.28] : [104, 0];
      return state.logX ? [Math.min(...xs) / 1.15, Math.max(...xs) * 1.03] : [0, Math.max(...xs) * 1.01];
    };

    const axes = () => {
      const width = Math.max(280, chart.clientWidth), height = Math.max(260, Math.min(400, width * 0.6));
      const log = state.logY && metrics[state.metric].log;
      const values = together().flatMap((p) => p.y).filter((v) => v !== null && (!log || v > 0));
      let [low, high] = values.length ? [Math.min(...values), Math.max(...values)] : [1, 2];
      if (state.above) low = metrics[state.metric].above;
      const room = (high - low || Math.abs(high) || 1) * 0.06;
      [low, high] = log ? [low / 1.1, high * 1.1] : [state.above ? low : low - room, high + room];
      const ends = across();
      return {width, height, low, high, log, ends,
        x: scale(...ends, SPACE.left, width - SPACE.right, state.logX),
        y: scale(low, high, height - SPACE.bottom, SPACE.top, log)};
    };

    /** Return the axes' lines, ticks and labels. */
    const frame = (a) => {
      const parts = [], foot = a.height - SPACE.bottom;
      for (const v of ticks(a.low, a.high, a.log)) {
        parts.push(draw("line", {class: "lth-grid", x1: SPACE.left, x2: a.width - SPACE.right, y1: a.y(v), y2: a.y(v)}),
          text(SPACE.left - 6, a.y(v) + 4, "end", v.toLocaleString("en-GB")));
      }
      for (const v of ticks(Math.min(...a.ends), Math.max(...a.ends), state.logX)) {
        parts.push(draw("line", {class: "lth-grid", x1: a.x(v), x2: a.x(v), y1: SPACE.top, y2: foot}),
          text(a.x(v), foot + 17, "middle", v.toLocaleString("en-GB")));
      }
      const told = [axis.unit, ...(state.logX ? ["log scale"] : [])].filter((word) => word).join(", ");
      parts.push(text(SPACE.left, a.height - 8, "start", `${axis.label}${told && ` (${told})`}`));
      return parts;
    };

    /** Return where a point lies off the axes: to the left, below, or nowhere. */
    const off = (a, p) => (state.logX && p.x <= 0 ? "left" : p.y[0] < a.low ? "below" : "");

    /** Draw a curve in its band, cut where the axes end, and an arrow to the last of what is off them. */
    const line = (a, group, own, points) => {
      const inside = points.filter((p) => off(a, p) !== "left"), cut = `url(#${id}-cut)`;
      const along = (end) => inside.map((p) => `${a.x(p.x)},${a.y(p.y[end] === null ? p.y[0] : p.y[end])}`);
      group.append(draw("polygon", {class: "lth-band", "clip-path": cut, points: [...along(1), ...along(2).reverse()].join(" ")}),
        draw("polyline", {"clip-path": cut, points: along(0).join(" "), "stroke-dasharray": own.dash}));
      for (const way of ["left", "below"]) {
        const last = points.filter((p) => off(a, p) === way).pop();
        if (!last) continue;
        const [x, y] = spot(a, last);
        group.append(draw("path", {class: "lth-off", d: "M16,0H0M6,-5L0,0L6,5", transform: `translate(${x},${y})${way === "below" ? " rotate(-90)" : ""}`}));
      }
      return group;
    };

    /** Return one series: a band across the figure, or its line, intervals and marks. */
    const curve = (a, k) => {
      const own = wears(k), points = current().filter((p) => p.series === k);
      const group = draw("g", {class: "lth-series", style: `--own: ${own.colour}`});
      if (!points.length) return group;
      if (own.flat) {
        const [{y: [mean, low, high]}] = points, ends = {x1: SPACE.left, x2: a.width - SPACE.right};
        if (low !== null) group.append(draw("rect", {class: "lth-band", x: ends.x1, width: ends.x2 - ends.x1,
          y: a.y(high), height: a.y(low) - a.y(high)}));
        group.append(draw("line", {...ends, y1: a.y(mean), y2: a.y(mean), "stroke-dasharray": own.dash}));
        return group;
      }
      if (axis.curve) return line(a, group, own, points);
      const path = points.map((p) => `${a.x(p.x)},${a.y(p.y[0])}`).join(" ");
      group.append(draw("polyline", {points: path, "stroke-dasharray": own.dash}));
      for (const {x, y: [mean, low, high], least} of points) {
        if (low !== null) group.append(draw("line", {class: "lth-bar", x1: a.x(x), x2: a.x(x), y1: a.y(low), y2: a.y(high)}));
        group.append(draw("path", {d: MARKS[own.marker], transform: `translate(${a.x(x)},${a.y(mean)})`}));
        if (least) group.append(draw("path", {class: "lth-least", d: "M0,-4V-16M-4,-11L0,-16L4,-11",
          transform: `translate(${a.x(x)},${a.y(high === null ? mean : high)})`}));
      }
      return group;
    };

    /** Return where a point is drawn: a band's, at the left edge; one off the axes, at the nearest edge. */
    const spot = (a, p) => [series[p.series].flat ? SPACE.left + 6 : off(a, p) === "left" ? SPACE.left + 1 : a.x(p.x),
      Math.min(a.y(p.y[0]), a.height - SPACE.bottom)];

    const picture = () => {
      const a = axes(), svg = draw("svg", {width: a.width, height: a.height, "aria-hidden": "true"}, frame(a));
      svg.append(draw("clipPath", {id: `${id}-cut`}, [draw("rect", {x: SPACE.left, y: SPACE.top,
        width: a.width - SPACE.left - SPACE.right, height: a.height - SPACE.bottom - SPACE.top})]));
      arrows.textContent = axis.curve && current().some((p) => off(a, p)) ? "An arrow points to what is off the axes; choose it to read its value." : "";
      for (const x of state.pins) svg.append(draw("line", {class: "lth-pin", x1: a.x(x), x2: a.x(x), y1: SPACE.top, y2: a.height - SPACE.bottom}));
      series.forEach((_, k) => svg.append(curve(a, k)));
      if (state.at) {
        const [x, y] = spot(a, state.at);
        svg.append(draw("circle", {class: "lth-ring", cx: x, cy: y, r: 9}));
        for (const v of state.at.each) svg.append(draw("circle", {class: "lth-dot", cx: x + 12, cy: Math.min(a.y(Number(v.replaceAll(",", ""))), a.height - SPACE.bottom), r: 2}));
      }
      chart.replaceChildren(svg);
      return a;
    };

    const sentence = (p) => {
      const way = axis.curve ? off(axes(), p) : "";
      return `${series[p.series].name}, ${place(p.x)}: ${p.said}${way && `; off the axes, ${way === "left" ? "to the left" : way}`}`;
    };

    /** Show what is known of one point, or of none. */
    const choose = (p) => {
      state.at = p;
      picture();
      const words = p ? sentence(p) : "";
      if (said.textContent !== words) said.textContent = words;
      each.textContent = p ? `Replicates: ${p.each.join("; ")}` : "";
    };

    /** Show the pinned densities side by side, a row for each series. */
    const compare = () => {
      picture();
      if (!state.pins.length) return pinned.replaceChildren();
      const cell = (k, x) => (current().find((p) => p.series === k && place(p.x) === place(x)) || {said: "–"}).said;
      const head = make("tr", {}, ["Series", ...state.pins.map(place)].map((w) => make("th", {scope: "col"}, [w])));
      const rows = series.map((own, k) => [own, k]).filter(([own, k]) => state.shown[k]).map(([own, k]) => make("tr", {}, [
        make("th", {scope: "row"}, [own.name]),
        ...state.pins.map((x) => make("td", {}, [own.flat ? (current().find((p) => p.series === k) || {said: "–"}).said : cell(k, x)]))]));
      const free = make("button", {type: "button"}, ["Unpin"]);
      free.addEventListener("click", () => { state.pins = []; compare(); chart.focus(); });
      pinned.replaceChildren(make("table", {}, [make("caption", {}, [metrics[state.metric].label]), make("thead", {}, [head]), make("tbody", {}, rows)]), free);
    };

    const pin = (p) => {
      if (!p || series[p.series].flat) return;
      state.pins = state.pins.includes(p.x) ? state.pins.filter((x) => x !== p.x) : [...state.pins.slice(-1), p.x];
      said.textContent = `${place(p.x)} ${state.pins.includes(p.x) ? "pinned" : "unpinned"}. ${sentence(p)}`;
      compare();
    };

    /** Go on from the chosen point: along its series, or to the nearest density of the next one. */
    const step = (along, across) => {
      const points = current();
      if (!points.length) return;
      if (!state.at) return choose(points.find((p) => !series[p.series].flat) || points[0]);
      const own = points.filter((p) => p.series === state.at.series);
      if (along) return choose(own[Math.max(0, Math.min(own.length - 1, own.indexOf(state.at) + along))]);
      const order = [...new Set(points.map((p) => p.series))].sort((a, b) => a - b);
      const next = order[(order.indexOf(state.at.series) + across + order.length) % order.length];
      const far = (p) => (axis.falling ? Math.abs(Math.log(p.x / state.at.x)) : Math.abs(p.x - state.at.x));
      choose(points.filter((p) => p.series === next).sort((a, b) => far(a) - far(b))[0]);
    };

    chart.addEventListener("keydown", (event) => {
      const moves = {ArrowRight: () => step(1, 0), ArrowLeft: () => step(-1, 0), ArrowUp: () => step(0, -1),
        ArrowDown: () => step(0, 1), Enter: () => pin(state.at), Escape: () => { choose(null); chart.blur(); }};
      if (!moves[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      moves[event.key]();
    });
    chart.addEventListener("focus", () => { if (!state.at && chart.matches(":focus-visible")) step(0, 0); });
    const near = (event) => {
      const a = axes(), box = chart.getBoundingClientRect();
      const far = (p) => Math.hypot(spot(a, p)[0] - event.clientX + box.left, spot(a, p)[1] - event.clientY + box.top);
      const best = current().reduce((kept, p) => (!kept || far(p) < far(kept) ? p : kept), null);
      return best && far(best) < 32 ? best : null;
    };
    chart.addEventListener("pointermove", (event) => { const p = near(event); if (p && p !== state.at) choose(p); });
    chart.addEventListener("click", (event) => { const p = near(event); if (p) { choose(p); pin(p); } });

    /** Draw again after a choice; the same series and density stays chosen where there is one. */
    const changed = () => {
      const was = state.at;
      state.at = was && (current().find((p) => p.series === was.series && p.x === was.x) || null);
      choose(state.at);
      compare();
      if (!state.at) said.textContent = `${metrics[state.metric].label} is shown.`;
    };
    const select = (label, names, set) => {
      const box = make("select", {}, names.map((word, k) => make("option", {value: k}, [word])));
      box.addEventListener("change", () => { set(Number(box.value)); changed(); });
      return make("label", {class: "lth-choice"}, [`${label} `, box]);
    };
    const check = (words, on, set) => {
      const box = make("input", {type: "checkbox"});
      box.checked = on;
      box.addEventListener("change", () => { set(box.checked); changed(); });
      return make("label", {class: "lth-check"}, [box, ...words]);
    };
    const swatch = (own) => draw("svg", {class: "lth-series", width: 30, height: 12, "aria-hidden": "true", style: `--own: ${own.colour}`}, [
      draw("line", {x1: 0, x2: 30, y1: 6, y2: 6, "stroke-dasharray": own.dash}),
      ...(own.flat || axis.curve ? [] : [draw("path", {d: MARKS[own.marker], transform: "translate(15,6)"})])]);
    const vertical = check(["Vertical axis logarithmic"], false, (on) => { state.logY = on; });
    const tools = make("div", {class: "lth-tools"}, [
      ...(sets.length > 1 ? [select(axis.sets, sets.map((s) => s.name), (k) => { state.set = k; state.pins = []; })] : []),
      select("Show", metrics.map((m) => `${m.label} (${m.unit})`), (k) => { state.metric = k; vertical.hidden = !metrics[k].log; }),
      check(["Horizontal axis logarithmic"], true, (on) => { state.logX = on; }), vertical,
      ...(axis.curve && metrics[0].above !== null ? [check([`Only above ${metrics[0].above} ${metrics[0].unit}`], false, (on) => { state.above = on; })] : [])]);
    vertical.hidden = !metrics[0].log;
    const arms = make("fieldset", {class: "lth-arms"});
    const label = (k) => check([swatch(wears(k)), series[k].name], state.shown[k], (on) => (series[k].colour ? state.shown[k] = on : leave(k)));
    const offer = make("select", {});
    const adding = free.length ? [make("label", {class: "lth-choice"}, [`Add a series (${free.length} at most) `, offer])] : [];

    /** Show the series with a look, and offer the others by their groups. */
    const arrange = () => {
      const on = series.map((_, k) => k).filter((k) => series[k].colour || state.shown[k]);
      arms.replaceChildren(make("legend", {}, ["Series"]), ...on.map(label), ...adding);
      const left = series.map((_, k) => k).filter((k) => !on.includes(k));
      const groups = [...new Set(left.map((k) => series[k].group))].map((title) => make("optgroup", {label: title},
        left.filter((k) => series[k].group === title).map((k) => make("option", {value: k}, [series[k].name]))));
      offer.replaceChildren(make("option", {value: ""}, ["choose"]), ...groups);
    };
    const leave = (k) => {
      state.shown[k] = false;
      slots[slots.indexOf(k)] = null;
      arrange();
      offer.focus();
    };
    const enter = (k) => {
      if (state.shown[k]) return;
      if (!slots.includes(null)) { said.textContent = `${free.length} series are shown; take one away first.`; return; }
      slots[slots.indexOf(null)] = k;
      state.shown[k] = true;
      arrange();
      changed();
      said.textContent = `${series[k].name} is added.`;
    };
    offer.addEventListener("change", () => { const k = offer.value; if (k !== "") enter(Number(k)); offer.value = ""; });
    arrange();
    el.replaceChildren(tools, arms, chart, arrows, said, each, help, pinned);
    el.parentElement.classList.add("lth-runs");
    picture();
    let drawn = chart.clientWidth;
    new ResizeObserver(() => { if (chart.clientWidth !== drawn) { drawn = chart.clientWidth; picture(); } }).observe(chart);
  };

  document.querySelectorAll(".lth-explorer").forEach((box) => {
    render({model: JSON.parse(box.querySelector("script").textContent), el: box.querySelector(".lth-live")});
  });
})();
