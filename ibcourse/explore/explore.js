/*
 * The explorables of the course: custom elements that draw what Python put into their data-config attribute.
 * A classic script without dependencies: it also works from the file system and in a notebook's output.
 */
(() => {
  "use strict";

  // A notebook carries this script once an output; elements can be defined only once.
  if (window.ibcourse) return;

  /* ------------------------------------------------------------------ model (nats; tested against Python) */

  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const zip = (a, b, f) => a.map((x, i) => f(x, b[i]));

  /** Every cell of a nested table, as [index, value]. */
  const cells = (table, index = []) =>
    Array.isArray(table) ? table.flatMap((part, i) => cells(part, [...index, i])) : [[index, table]];

  /** (1 − s) a + s b, cell by cell. */
  const mixture = (a, b, s) =>
    Array.isArray(a) ? zip(a, b, (x, y) => mixture(x, y, s)) : (1 - s) * a + s * b;

  const entropy = (p) => -sum(p.map((v) => (v > 0 ? v * Math.log(v) : 0)));

  const bitCount = (set) => (set ? (set & 1) + bitCount(set >> 1) : 0);

  /** The atoms of the information diagram by name. Sets of variables are bit masks. */
  function atoms(table, names) {
    const everything = (1 << names.length) - 1;
    const joint = cells(table);
    const h = Array.from({ length: everything + 1 }, (_, set) => {
      const marginal = new Map();
      for (const [index, p] of joint) {
        const key = index.filter((_, i) => (set >> i) & 1).join();
        marginal.set(key, (marginal.get(key) ?? 0) + p);
      }
      return entropy([...marginal.values()]);
    });
    const members = (set) => names.filter((_, i) => (set >> i) & 1);
    const result = {};
    for (let inside = 1; inside <= everything; inside++) {
      const outside = everything & ~inside;
      let value = 0;
      for (let part = 0; part <= inside; part++) {
        // Inclusion and exclusion over the subsets of `inside`.
        if ((part & ~inside) === 0) value += (bitCount(part) % 2 ? 1 : -1) * h[part | outside];
      }
      const given = outside ? "|" + members(outside).join(",") : "";
      result[(bitCount(inside) === 1 ? "H(" : "I(") + members(inside).join(";") + given + ")"] = value;
    }
    return result;
  }

  /** Cross-entropy taken apart; a gap is p times the height of −ln u above 1 − u at u = q/p. */
  function gibbs(p, q) {
    const terms = zip(p, q, (a, b) => a * Math.log(a / b));
    const gaps = zip(terms, zip(p, q, (a, b) => b - a), (term, correction) => term + correction);
    const kl = sum(terms);
    const h = entropy(p);
    return { terms, gaps, kl, entropy: h, crossEntropy: h + kl };
  }

  /** q with q[k] set to `value`; the others keep their proportions and all stay at or above `floor`. */
  function move(q, k, value, floor) {
    const free = 1 - q.length * floor;
    const weights = q.map((v) => Math.max(0, (v - floor) / free));
    const target = Math.min(1, Math.max(0, (value - floor) / free));
    const rest = sum(weights) - weights[k];
    return weights.map((w, i) => {
      if (i === k) return floor + free * target;
      return floor + free * (1 - target) * (rest > 1e-12 ? w / rest : 1 / (q.length - 1));
    });
  }

  const count = (n) => Array.from({ length: n }, (_, i) => i);
  const dot = (a, b) => sum(zip(a, b, (x, y) => x * y));
  const transpose = (rows) => rows[0].map((_, j) => rows.map((row) => row[j]));
  const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
  const normalised = (weights) => {
    const total = sum(weights);
    return weights.map((weight) => weight / total);
  };

  /** `n` values from `low` to `high` with equal ratios. */
  const geometric = (low, high, n) => count(n).map((i) => low * (high / low) ** (i / (n - 1)));

  /** KL(p‖q). */
  const divergence = (p, q) => sum(zip(p, q, (a, b) => (a > 0 ? a * Math.log(a / b) : 0)));

  /** The mutual information of a joint table. */
  function information(joint) {
    const [rows, columns] = [joint.map(sum), transpose(joint).map(sum)];
    return divergence(joint.flat(), rows.flatMap((row) => columns.map((column) => row * column)));
  }

  /** p(t, y) of an encoder q(t|x). */
  const clustered = (joint, encoder) =>
    transpose(encoder).map((column) => transpose(joint).map((pXy) => dot(column, pXy)));

  /** What an encoder makes: p(t), I(X;T) and I(T;Y). */
  function encoded(joint, encoder) {
    const pTY = clustered(joint, encoder);
    const pXT = zip(encoder, joint.map(sum), (row, p) => row.map((q) => p * q));
    return { pT: pTY.map(sum), iXT: information(pXT), iTY: information(pTY) };
  }

  /** One update of the bottleneck: q(t|x) ∝ p(t) exp(−β KL(p(y|x)‖p(y|t))). */
  function ibStep(joint, encoder, beta) {
    const clusters = clustered(joint, encoder);
    const used = clusters.filter((row) => sum(row) > 0);
    const [weights, posteriors] = [used.map((row) => Math.log(sum(row))), used.map(normalised)];
    return joint.map((row) => {
      const given = normalised(row);
      const scores = zip(weights, posteriors, (weight, centre) => weight - beta * divergence(given, centre));
      const top = Math.max(...scores); // finite: a cluster that x uses has all labels of x
      const next = normalised(scores.map((score) => Math.exp(score - top)));
      return clusters.map((cluster) => (sum(cluster) > 0 ? next.shift() : 0));
    });
  }

  /** The encoders from a start, update by update, until none moves by more than `tolerance`. */
  function ibPath(joint, start, beta, { most = 1000, tolerance = 1e-10 } = {}) {
    const path = [start];
    let change = Infinity;
    while (change > tolerance && path.length <= most) {
      const next = ibStep(joint, path.at(-1), beta);
      change = Math.max(...zip(next.flat(), path.at(-1).flat(), (a, b) => Math.abs(a - b)));
      path.push(next);
    }
    return { path, settled: change <= tolerance };
  }

  /** Numbers between 0 and 1 that look random, the same for the same seed (Park and Miller). */
  function generator(seed) {
    let state = seed;
    return () => {
      state = (48271 * state) % 2147483647;
      return state / 2147483647;
    };
  }

  const randomEncoder = (inputs, clusters, random) =>
    count(inputs).map(() => normalised(count(clusters).map(() => 0.05 + random())));

  /** The corners of the upper concave hull of points {x, y}, by growing x. */
  function upperHull(points) {
    const hull = [];
    for (const point of [...points].sort((a, b) => a.x - b.x || b.y - a.y)) {
      while (hull.length > 1) {
        const [a, b] = hull.slice(-2);
        if ((b.y - a.y) * (point.x - a.x) > (point.y - a.y) * (b.x - a.x)) break;
        hull.pop();
      }
      hull.push(point);
    }
    return hull;
  }

  const lowerHull = (points) =>
    upperHull(points.map(({ x, y }) => ({ x, y: -y }))).map(({ x, y }) => ({ x, y: -y }));

  /** The curve by a few starts: at each β from the encoder of the β above, and from random ones. */
  function ibSweep(joint, betas, starts = 3) {
    const n = joint.length;
    const random = generator(1);
    let above = count(n).map((x) => count(n).map((t) => (x === t ? 0.98 : 0.02 / (n - 1))));
    const points = [{ x: 0, y: 0 }, { x: entropy(joint.map(sum)), y: information(joint) }];
    for (const beta of [...betas].sort((a, b) => b - a)) {
      const ends = [above, ...count(starts).map(() => randomEncoder(n, n, random))].map((start) => {
        const encoder = ibPath(joint, start, beta, { most: 150, tolerance: 1e-7 }).path.at(-1);
        const { iXT, iTY } = encoded(joint, encoder);
        return { encoder, x: iXT, y: iTY, lagrangian: iXT - beta * iTY };
      });
      const best = ends.reduce((a, b) => (b.lagrangian < a.lagrangian ? b : a));
      above = best.encoder;
      points.push({ x: best.x, y: best.y });
    }
    return upperHull(points); // between two codes lies their mixture
  }

  /** Which rows share a posterior p(y|x): a partition, in the order of first members. */
  function samePosterior(joint) {
    const posteriors = joint.map(normalised);
    const same = (a, b) => Math.max(...zip(posteriors[a], posteriors[b], (u, v) => Math.abs(u - v))) < 1e-9;
    const parts = [];
    for (const x of count(joint.length)) {
      const home = parts.find(([first]) => same(first, x));
      if (home) home.push(x);
      else parts.push([x]);
    }
    return parts;
  }

  /** The rows of a joint table added up over the members of each part. */
  const merged = (joint, parts) => parts.map((part) => transpose(part.map((x) => joint[x])).map(sum));

  /** F_β(r) = KL(r‖p_X) − β KL(rW‖p_Y) for two inputs, r the probability of the first. */
  function envelopeFunction(channel, pX, beta) {
    const output = ([a, b]) => zip(channel[0], channel[1], (u, v) => a * u + b * v);
    const pY = output(pX);
    return (r) => divergence([r, 1 - r], pX) - beta * divergence(output([r, 1 - r]), pY);
  }

  /** The lower convex envelope of f on [0, 1]: its corners on a grid; at `x` its value, slope and atoms. */
  function envelopeAt(f, x) {
    const at = (r) => ({ x: r, y: f(r) });
    const hull = lowerHull([...count(2001).map((i) => i / 2000), x].map(at));
    const around = (corners) => {
      const i = corners.findIndex((corner) => corner.x >= x);
      return corners[i].x === x ? [corners[i]] : [corners[i - 1], corners[i]];
    };
    let ends = around(hull);
    // A grid a hundred times finer around each end, again and again.
    for (let reach = 1 / 2000; ends.length === 2 && reach > 1e-9; reach /= 100) {
      const near = ({ x: end }) => count(201).map((i) => clamp(end + (reach * (i - 100)) / 100, 0, 1));
      ends = around(lowerHull([x, ...ends.flatMap(near)].map(at)));
    }
    const [a, b] = ends;
    if (!b) return { hull, value: a.y, slope: 0, atoms: [{ r: x, weight: 1 }] }; // F is flat at p_X
    const weight = (x - a.x) / (b.x - a.x);
    return {
      hull, value: (1 - weight) * a.y + weight * b.y, slope: (b.y - a.y) / (b.x - a.x),
      atoms: [{ r: a.x, weight: 1 - weight }, { r: b.x, weight }],
    };
  }

  /** The best channel at a slope s for letters used as q says: p(x̂|x) ∝ q(x̂) exp(−s d(x, x̂)). */
  const gibbsChannel = (distortion, q, s) => distortion.map((row) => {
    const least = Math.min(...row.filter((_, j) => q[j] > 0));
    return normalised(zip(row, q, (d, mass) => (mass > 0 ? mass * Math.exp(-s * (d - least)) : 0)));
  });

  /**
   * H(Y|Z), HΘ(Y|Z) and HΘ(Y|X) as [value, slope in e], where Y = X is a fair bit, Z equals X with
   * probability e, and a decoder gives ŷ = 1 the probability d0 at z = 0 and d1 at z = 1.
   */
  function uncertainties([d0, d1], e) {
    const [same, other] = [[1 - d0, d1], [1 - d1, d0]]; // p(ŷ = y|z) where z = x, and where not
    const mean = (f) => sum(zip(same, other, f)) / 2;
    const mixed = (a, b) => e * a + (1 - e) * b;
    return [
      [entropy([e, 1 - e]), Math.log((1 - e) / e)],
      [mean((a, b) => -mixed(Math.log(a), Math.log(b))), mean((a, b) => Math.log(b / a))],
      [mean((a, b) => -Math.log(mixed(a, b))), mean((a, b) => (b - a) / mixed(a, b))],
    ];
  }

  /** I(X;B) for n equally likely inputs, where B is the bin of the value z(x): the entropy of the bins. */
  function binnedInformation(z, width) {
    const bins = new Map();
    for (const value of z) {
      const bin = Math.floor(value / width);
      bins.set(bin, (bins.get(bin) ?? 0) + 1);
    }
    return entropy([...bins.values()].map((members) => members / z.length));
  }

  /**
   * The parts of the variational loss. The decoder is d(y|t) ∝ p(y|t)^sharpness, the marginal is
   * r(t) ∝ p(t) exp(tilt v) with v evenly from −1 to 1.
   */
  function variational(joint, encoder, sharpness, tilt) {
    const pTY = clustered(joint, encoder);
    const pT = pTY.map(sum);
    const posteriors = pTY.map(normalised);
    const decoder = posteriors.map((row) => normalised(row.map((p) => (p > 0 ? p ** sharpness : 0))));
    const marginal = normalised(pT.map((p, t) => p * Math.exp(tilt * ((2 * t) / (pT.length - 1) - 1))));
    const surprise = (p, d) => (p > 0 ? -p * Math.log(d) : 0);
    return {
      decoder, marginal,
      hYT: dot(pT, posteriors.map(entropy)), iXT: encoded(joint, encoder).iXT,
      decoderGap: dot(pT, zip(posteriors, decoder, divergence)), marginalGap: divergence(pT, marginal),
      crossEntropy: sum(zip(pTY.flat(), decoder.flat(), surprise)),
      rate: dot(joint.map(sum), encoder.map((row) => divergence(row, marginal))),
    };
  }

  /* ------------------------------------------------------------------ helpers */

  const create = (element, attributes, children) => {
    for (const [name, value] of Object.entries(attributes)) {
      if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
      else element.setAttribute(name, value);
    }
    element.append(...children);
    return element;
  };
  const h = (tag, attributes = {}, ...children) =>
    create(document.createElement(tag), attributes, children);
  const svg = (tag, attributes = {}, ...children) =>
    create(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

  const NEGLIGIBLE = 1e-9;

  /** A number as the course prints it: a true minus sign, and no minus before zero. */
  const number = (value, digits = 3) => {
    const text = value.toFixed(digits);
    return (Number(text) === 0 ? (0).toFixed(digits) : text).replace("-", "−");
  };

  const table = (caption, header, rows) =>
    h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": caption },
      h("table", {},
        h("caption", {}, caption),
        h("thead", {}, h("tr", {}, ...header.map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, ...rows.map(([head, ...values]) =>
          h("tr", {}, h("th", { scope: "row" }, head), ...values.map((text) => h("td", {}, text)))))));

  const superscript = (power) =>
    [...String(power)].map((c) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(c)]).join("");

  /** A number as the course prints it; a small one in its own power of ten. */
  const short = (value, digits = 3) => {
    const power = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
    if (Math.abs(value) >= 0.5 * 10 ** -digits || power < -12 || power >= 0) return number(value, digits);
    return `${number(value / 10 ** power, 1)}·10${superscript(power)}`;
  };

  const button = (text, onclick) => h("button", { type: "button", onclick }, text);

  /** A slider, its name before it and its value, or a field, behind; places go from 0 to 1. */
  function slider(name, steps, onplace, field) {
    const input = h("input", {
      type: "range", min: 0, max: steps, step: 1, "aria-label": name,
      oninput: () => onplace(input.value / steps),
    });
    const text = h("span", { class: "number" });
    return {
      row: h("div", { class: "slider wide" }, h("span", {}, name), input, field ?? text),
      show(place, words) {
        input.value = Math.round(place * steps);
        input.setAttribute("aria-valuetext", words);
        text.textContent = words;
      },
    };
  }

  /** A price β by slider and, exactly, by number. */
  function betaControl({ low, high, logarithmic, onchange }) {
    const digits = high - low < 0.5 ? 4 : 3;
    const [from, to] = logarithmic ? [Math.exp, Math.log] : [(x) => x, (x) => x];
    const set = (value) => onchange(clamp(Number(value.toFixed(digits)), low, high));
    const field = h("input", {
      type: "number", min: low, max: high, step: "any", "aria-label": "price β as a number",
      onchange: () => set(Number.isFinite(field.valueAsNumber) ? field.valueAsNumber : current),
    });
    const along = slider("price β", 1000, (place) => set(from(to(low) + place * (to(high) - to(low)))), field);
    let current = low;
    return {
      row: along.row,
      show(beta) {
        current = beta;
        field.value = Number(beta.toFixed(digits));
        along.show((to(beta) - to(low)) / (to(high) - to(low)), `β = ${number(beta, digits)}`);
      },
    };
  }

  /** About four round values between two ends, and the words for them. */
  function ticks(low, high) {
    const rough = (high - low) / 4;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find((factor) => factor * power >= 0.999 * rough);
    const first = Math.ceil(low / step - 1e-9);
    const values = count(Math.floor(high / step + 1e-9) - first + 1).map((k) => (first + k) * step);
    const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
    return { values, labels: values.map((value) => number(value, digits)) };
  }

  /** The frame of a plot in a picture: places of values, grid, words; `cut` hides what lies outside. */
  function axes({ x: [x0, x1], y: [y0, y1], xName, yName, height = 260, xTicks, yTicks }) {
    const [left, right, top, bottom] = [44, 312, 18, height - 38];
    const x = (value) => left + ((right - left) * (value - x0)) / (x1 - x0);
    const y = (value) => bottom - ((bottom - top) * (value - y0)) / (y1 - y0);
    const [across, up] = [xTicks ?? ticks(x0, x1), yTicks ?? ticks(y0, y1)];
    const side = (place) => (place > right - 8 ? "end" : place < left + 8 ? "" : "middle");
    const id = `inside-${height}`;
    return {
      x, y, left, right, top, bottom,
      at: (u, v) => [x(u), y(v)],
      holds: ([a, b]) => a > left - 1 && a < right + 1 && b > top - 1 && b < bottom + 1,
      frame: [
        svg("clipPath", { id },
          svg("rect", { x: left, y: top - 1, width: right - left, height: bottom - top + 2 })),
        ...across.values.map((v) => svg("line", { x1: x(v), x2: x(v), y1: top, y2: bottom, class: "grid" })),
        ...up.values.map((v) => svg("line", { x1: left, x2: right, y1: y(v), y2: y(v), class: "grid" })),
        ...zip(across.values, across.labels, (v, text) =>
          svg("text", { x: x(v), y: bottom + 14, class: `tick ${side(x(v))}` }, text)),
        ...zip(up.values, up.labels, (v, text) =>
          svg("text", { x: left - 5, y: y(v) + 4, class: "tick end" }, text)),
        svg("text", { x: 0, y: 9, class: "unit" }, yName),
        svg("text", { x: right, y: height - 3, class: "unit end" }, xName),
      ],
      cut: (...marks) => svg("g", { "clip-path": `url(#${id})` }, ...marks),
    };
  }

  const polyline = (places, kind) => svg("polyline", {
    points: places.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(" "), class: kind,
  });

  const circle = ([cx, cy], r, kind) => svg("circle", { cx, cy, r, class: kind });

  /** An arrow from a place, as long as the step [dx, dy]. */
  const arrow = ([x, y], [dx, dy]) => {
    const side = (turn) => [-0.28 * dx + turn * dy, -0.28 * dy - turn * dx].map((v) => v.toFixed(2));
    const head = `m${side(0.2)}L${x + dx},${y + dy}l${side(-0.2)}`;
    return svg("path", { class: "arrow", d: `M${x},${y}l${dx},${dy}${head}` });
  };

  const diamond = ([x, y], r = 6, kind = "code") =>
    svg("path", { d: `M${x - r},${y}l${r},${-r}l${r},${r}l${-r},${r}Z`, class: kind });

  const boxOf = ({ x, y, r }) => ({ left: x - r, right: x + r, top: y - r, bottom: y + r });

  /** Names beside marks {x, y, r, text}, each at the first side of its mark where no other box lies. */
  function spreadNames(marks, { above = false, others = [] } = {}) {
    const taken = [...marks.map(boxOf), ...others];
    return marks.map(({ x, y, r, text }) => {
      const width = 7.2 * text.length;
      const upright = [[x - width / 2, y - r - 5], [x - width / 2, y + r + 14]];
      const beside = [[x + r + 3, y + 4], [x - r - 3 - width, y + 4]];
      const box = ([left, base]) => ({ left, right: left + width, top: base - 11, bottom: base + 3 });
      const free = ({ left, right, top, bottom }) => left > 0 && right < 320 && taken.every((other) =>
        right < other.left || left > other.right || bottom < other.top || top > other.bottom);
      const sides = above ? [...upright, ...beside] : [...beside, ...upright];
      const [left, base] = sides.find((side) => free(box(side))) ?? sides[0];
      taken.push(box([left, base]));
      return svg("text", { x: left, y: base, class: "halo through" }, text);
    });
  }

  /** Draw a matrix of probabilities as shaded cells; `foot` is one more row, as [name, values]. */
  function drawHeatMap(drawing, { matrix, rows, columns, rowName, columnName, foot }) {
    const [left, top, gap] = [58, 32, 8];
    const [width, deep] = [254 / columns.length, Math.min(44, 216 / (matrix.length + 1))];
    const valuesFit = width > 29 && deep > 13;
    const [everyRow, everyColumn] = [
      Math.ceil(13 / deep), Math.ceil((6.4 * Math.max(...columns.map((name) => name.length)) + 3) / width),
    ];
    const middle = (j) => left + (j + 0.5) * width;
    const line = (name, values, y) => [
      svg("text", { x: left - 6, y: y + deep / 2 + 4, class: "end" }, name),
      ...values.flatMap((value, j) => [
        svg("rect", {
          x: left + j * width + 0.75, y: y + 0.75, width: width - 1.5, height: deep - 1.5, rx: 2,
          class: "cell", "fill-opacity": (0.04 + 0.61 * value).toFixed(3),
        }),
        ...(valuesFit ?
          [svg("text", { x: middle(j), y: y + deep / 2 + 4, class: "middle" }, number(value, 2))] : []),
      ]),
    ];
    drawing.setAttribute("viewBox", `0 0 320 ${Math.ceil(top + gap + (matrix.length + 1) * deep + 4)}`);
    drawing.replaceChildren(
      svg("text", { x: 0, y: 9, class: "unit" }, rowName),
      svg("text", { x: 312, y: 9, class: "unit end" }, columnName),
      ...columns.map((name, j) =>
        svg("text", { x: middle(j), y: top - 7, class: "middle" }, j % everyColumn ? "" : name)),
      ...matrix.flatMap((values, i) => line(i % everyRow ? "" : rows[i], values, top + i * deep)),
      ...line(...foot, top + gap + matrix.length * deep));
  }

  const picture = (height = 260) => svg("svg", { viewBox: `0 0 320 ${height}`, role: "img" });

  const panel = (title, note, ...content) =>
    h("figure", {}, h("figcaption", {}, title, h("small", {}, note)), ...content);

  const key = (...entries) => h("div", { class: "key" }, ...entries.map((entry) => h("span", {}, ...entry)));

  /** Stripes, so that "below zero" does not rest on colour alone. */
  const hatch = () =>
    svg("defs", {},
      svg("pattern", {
        id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
      },
      svg("rect", { width: 7, height: 7, class: "hatch-ground" }),
      svg("rect", { width: 2.5, height: 7, class: "hatch-line" })));

  const sample = (...marks) =>
    svg("svg", { class: "swatch", viewBox: "0 0 18 12", "aria-hidden": "true" }, ...marks);

  const swatch = (kind) => sample(hatch(), svg("rect", { width: 18, height: 12, rx: 2, class: kind }));

  const stroke = (kind) => sample(svg("line", { x1: 0, x2: 18, y1: 6, y2: 6, class: kind }));

  const spot = (kind) => sample(circle([9, 6], 4.5, kind));

  const CSS = `
    :host {
      --ink: var(--pst-color-text-base, var(--jp-content-font-color1, #222832));
      --quiet: var(--pst-color-text-muted, var(--jp-content-font-color2, #48566b));
      --paper: var(--pst-color-background, var(--jp-layout-color1, #fff));
      --line: var(--pst-color-border, var(--jp-border-color1, #d1d5da));
      --track: #7d8590; --blue: #3761f1; --brick: #a25234; --green: #0aa481;
      --magenta: #d717af; --ochre: #aa8e14;
      --label: 12px; --tick: 11px; --atom: 12.5px;
      display: block; margin: 1rem 0; color: var(--ink);
      font: 15px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
    }
    * { box-sizing: border-box; }
    [hidden] { display: none !important; }
    .card { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; }
    .title { margin: 0 0 .75rem; font-weight: 650; font-size: 1.05rem; }
    .controls { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; margin: 0 0 .75rem; }
    .controls label, .slider { display: flex; flex-wrap: wrap; gap: .25rem .6rem; align-items: center; }
    .controls label { max-width: 100%; }
    button, select {
      font: inherit; color: inherit; background: var(--paper);
      border: 1px solid var(--quiet); border-radius: 7px;
      min-height: 36px; padding: .2rem .8rem; cursor: pointer; max-width: 100%;
    }
    button:hover { border-color: var(--blue); box-shadow: inset 0 0 0 1px var(--blue); }
    input[type="range"] {
      appearance: none; background: none; height: 28px; margin: 0; min-width: 0; cursor: pointer;
    }
    ::-webkit-slider-runnable-track { height: 6px; border-radius: 3px; background: var(--track); }
    ::-moz-range-track { height: 6px; border-radius: 3px; background: var(--track); }
    ::-webkit-slider-thumb {
      appearance: none; width: 18px; height: 18px; margin-top: -6px; border-radius: 50%;
      background: var(--blue); border: 2px solid var(--paper);
    }
    ::-moz-range-thumb {
      width: 18px; height: 18px; box-sizing: border-box; border-radius: 50%;
      background: var(--blue); border: 2px solid var(--paper);
    }
    :focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; border-radius: 4px; }
    .number, td, .value { font-variant-numeric: tabular-nums; }
    fieldset { border: 0; margin: 0; padding: 0; min-width: 0; }
    legend, figcaption { padding: 0; margin: 0 0 .35rem; font-weight: 600; }
    figure { margin: 0; min-width: 0; }
    figcaption small { display: block; font-weight: 400; color: var(--quiet); font-size: .85rem; }
    svg { display: block; width: 100%; height: auto; overflow: visible; }
    text { fill: var(--ink); font-size: var(--label); font-variant-numeric: tabular-nums; }
    .key { display: flex; flex-wrap: wrap; gap: .2rem 1rem; margin: .4rem 0 0; }
    .key, .group { font-size: .85rem; color: var(--quiet); }
    .key span { display: inline-flex; align-items: center; gap: .4rem; }
    .swatch { width: 18px; height: 12px; flex: none; }
    .positive { fill: var(--blue); } .negative { fill: url(#hatch); } .total { fill: var(--green); }
    .hatch-ground { fill: var(--brick); fill-opacity: .22; } .hatch-line { fill: var(--brick); }
    .grid { stroke: var(--line); } .axis { stroke: var(--ink); }
    .unit, .tick { fill: var(--quiet); font-size: var(--tick); }
    .end { text-anchor: end; } .middle { text-anchor: middle; }
    .note { margin: .4rem 0 0; font-size: .9rem; color: var(--quiet); }
    details { margin-top: .75rem; } summary { cursor: pointer; width: fit-content; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; margin-top: .5rem; }
    caption { text-align: left; padding-bottom: .25rem; color: var(--quiet); font-size: .9rem; }
    th, td { border-bottom: 1px solid var(--line); padding: .15rem .75rem .15rem 0; text-align: right; }
    th:first-child { text-align: left; font-weight: 600; }
    .unseen {
      position: absolute; width: 1px; height: 1px; overflow: hidden; white-space: nowrap;
      clip-path: inset(50%);
    }

    .halves { display: flex; flex-wrap: wrap; gap: 1rem 1.75rem; align-items: center; }
    .halves figure { flex: 1 1 300px; max-width: 440px; }
    .halves .side { flex: 1 1 230px; min-width: 0; }
    .region { stroke: none; cursor: pointer; transition: fill-opacity .15s; }
    .circle { fill: none; stroke: var(--quiet); stroke-width: 1.5; pointer-events: none; }
    .region.chosen { stroke: var(--ink); stroke-width: 3; stroke-linejoin: round; }
    .halves svg text { text-anchor: middle; pointer-events: none; }
    .halves svg .value { font-size: 17px; font-weight: 650; }
    .halves svg .name { font-size: 19px; font-weight: 700; }
    .halves svg .atom { font-size: var(--atom); }
    .halo { paint-order: stroke; stroke: var(--paper); stroke-width: 5px; stroke-linejoin: round; }
    .group { margin: .6rem 0 .25rem; }
    .chips { display: flex; flex-wrap: wrap; gap: .35rem; }
    .chips label { position: relative; cursor: pointer; }
    .chips input { position: absolute; inset: 0; opacity: 0; margin: 0; cursor: pointer; }
    .chips span { display: block; border: 1px solid var(--quiet); border-radius: 1em; padding: .1rem .65rem; }
    .chips label:hover span { border-color: var(--blue); }
    .chips input:checked + span { background: #2b50d8; border-color: #2b50d8; color: #fff; }
    .chips input:focus-visible + span { outline: 3px solid var(--blue); outline-offset: 2px; }
    .reading { margin: 1rem 0 0; font-size: 1.25rem; font-weight: 650; font-variant-numeric: tabular-nums; }
    .sum { margin: .1rem 0 0; min-height: 2.9em; font-variant-numeric: tabular-nums; }
    .mix { flex: 1 1 260px; max-width: 440px; }
    .mix .slider { flex-wrap: nowrap; }
    .mix input { flex: 1; }
    .mix .note { margin: 0; }

    .panels {
      display: grid; grid-template-columns: repeat(auto-fit, minmax(min(270px, 100%), 1fr));
      gap: 1.25rem 1.75rem;
    }
    .sliders {
      display: grid; grid-template-columns: auto 1fr auto auto; gap: .5rem .75rem; align-items: center;
    }
    .sliders .head { color: var(--quiet); font-size: .85rem; text-align: right; }
    .sliders .number { text-align: right; }
    .track { position: relative; display: flex; }
    .track input { width: 100%; }
    .truth { position: absolute; bottom: -1px; width: 2px; height: 9px; background: var(--ink); }
    .curve { fill: none; stroke: var(--ink); stroke-width: 2; }
    .tangent { stroke: var(--quiet); stroke-width: 1.5; stroke-dasharray: 6 4; }
    .gap { stroke: var(--green); stroke-width: 4; }
    .dot { fill: var(--green); stroke: var(--paper); stroke-width: 1.5; }
    .divider { stroke: var(--quiet); stroke-dasharray: 3 3; }
    .bold { font-weight: 650; }

    .controls.small { margin: .4rem 0 0; gap: .5rem; font-size: .9rem; }
    .controls.small button { min-height: 32px; }
    button:disabled { opacity: .55; cursor: default; box-shadow: none; }
    .slider.wide { flex-wrap: nowrap; margin: 0 0 .6rem; max-width: 560px; }
    .slider.wide input[type="range"] { flex: 1; }
    .slider.wide span { white-space: nowrap; }
    input[type="number"] {
      font: inherit; font-variant-numeric: tabular-nums; color: inherit; background: var(--paper);
      width: 6.2em; border: 1px solid var(--quiet); border-radius: 7px; min-height: 34px; padding: .1rem .4rem;
    }
    input[aria-invalid="true"] { border: 3px solid var(--brick); }
    .trouble { margin: .4rem 0 0; font-weight: 600; }
    .fields th, .fields td { border: 0; padding: .15rem .4rem .15rem 0; }
    .fields input { width: 5.4em; }
    .line { margin: .6rem 0 .2rem; font-weight: 600; font-variant-numeric: tabular-nums; }
    .two-lines { min-height: 2.9em; }
    .panels.two { grid-template-columns: repeat(auto-fit, minmax(min(290px, 100%), 1fr)); margin-top: .75rem; }
    .panels.two > * { max-width: 480px; }
    polyline { fill: none; }
    .through { pointer-events: none; }
    .support { stroke: var(--brick); stroke-width: 2; stroke-dasharray: 7 4; }
    .now { fill: var(--green); stroke: var(--paper); stroke-width: 1.5; }
    .ring { fill: none; stroke: var(--brick); stroke-width: 2; }
    .point { fill: var(--blue); }
    .cell { fill: var(--blue); }
    .path { stroke: var(--blue); stroke-width: 2; }
    .hull { stroke: var(--green); stroke-width: 5; stroke-opacity: .5; stroke-linejoin: round; }
    .code { fill: var(--magenta); stroke: var(--paper); stroke-width: 1.5; }
    .intercept { fill: var(--brick); }
    .handle { fill: transparent; cursor: grab; touch-action: none; }
    .drag { cursor: pointer; }
    .choice { cursor: pointer; stroke: var(--paper); stroke-width: 1.5; }
    .hollow { fill: none; stroke: var(--quiet); stroke-width: 1.5; }
    .ghost { fill: var(--green); fill-opacity: .35; stroke: var(--green); stroke-dasharray: 4 3; }
    .thread { stroke: var(--quiet); stroke-width: 1.2; stroke-dasharray: 2 3; }
    .outline { stroke: var(--quiet); stroke-width: 1.5; }
    .groove { fill: var(--track); fill-opacity: .35; }
    .atom-dot { fill: var(--blue); fill-opacity: .6; }
    .first { stroke: var(--blue); } .second { stroke: var(--brick); stroke-dasharray: 7 4; }
    .third { stroke: var(--green); stroke-dasharray: 9 3 2 3; }
    .first, .second, .third { stroke-width: 2.2; }
    .first > * { fill: var(--blue); } .second > * { fill: var(--brick); } .third > * { fill: var(--green); }
    g > .arrow { fill: none; stroke-width: 3; stroke-dasharray: none; stroke-linecap: round; }
    g > circle { stroke: none; }
    g > polyline { fill: none !important; }
    .bin { fill-opacity: .16; } .outline.bin { fill: none; } .input { stroke: var(--ink); stroke-opacity: .55; }
    .class0 { fill: var(--blue); } .class1 { fill: var(--brick); } .class2 { fill: var(--green); }
    .class3 { fill: var(--magenta); } .class4 { fill: var(--ochre); }
    .classed { stroke: var(--paper); stroke-width: .6; } .spread { fill-opacity: .1; }
    .prior { fill: none; stroke: var(--quiet); stroke-dasharray: 3 3; }
    .level { stroke: var(--ink); stroke-width: 2; stroke-dasharray: 2 3; }
    .torn { stroke: var(--paper); stroke-width: 4; }
    .stack {
      display: grid; grid-template-columns: auto 1fr auto; gap: .25rem .75rem; align-items: center;
      max-width: 560px; margin-bottom: .6rem;
    }
    .stack .slider { display: contents; } .stack .number { text-align: right; }
    .marks { margin: .6rem 0 0; padding-left: 1.4em; }

    @media (max-width: 480px) { :host { --label: 13.5px; --tick: 12.5px; --atom: 15px; } }
    @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
    @media print {
      .controls, .chips, .wide, summary, .actions { display: none !important; }
      .card { break-inside: avoid; }
    }
  `;

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(CSS);

  /* ------------------------------------------------------------------ what all explorables share */

  class Explorable extends HTMLElement {
    connectedCallback() {
      if (this.shadowRoot) return;
      this.data = JSON.parse(this.dataset.config);
      this.scale = this.data.unit === "bits" ? 1 / Math.LN2 : 1;
      this.status = h("p", { class: "unseen", role: "status" });
      this.numbers = h("div");
      const card = h("div", { class: "card", role: "group", "aria-label": this.data.title },
        h("p", { class: "title" }, this.data.title),
        ...this.build(),
        this.status,
        h("details", {}, h("summary", {}, "The numbers as a table"), this.numbers));
      this.update();
      // Last: were anything above to fail, the reader would still see the words and the table.
      const root = this.attachShadow({ mode: "open" });
      root.adoptedStyleSheets = [sheet];
      root.append(card);
    }

    /** A screen reader hears where the reader stopped, not every value on the way. */
    say(sentence) {
      if (!this.shadowRoot) return; // not before the reader has moved anything
      clearTimeout(this.pending);
      this.pending = setTimeout(() => { this.status.textContent = sentence; }, 600);
    }

    value(nats, digits) { return number(nats * this.scale, digits); }

    short(nats, digits) { return short(nats * this.scale, digits); }
  }

  /* ------------------------------------------------------------------ information diagram */

  /** The quantities that overlap or join circles, as [name, test of the set of circles a region lies in]. */
  function quantities(names) {
    const all = names.map((_, i) => i);
    const pairs = all.flatMap((i) => all.filter((j) => j > i).map((j) => [i, j]));
    const list = (indices, mark) => indices.map((i) => names[i]).join(mark);
    const some = (indices) => (inside) => indices.some((i) => inside.includes(i));
    const every = (indices) => (inside) => indices.every((i) => inside.includes(i));
    const entropies = all.map((i) => [`H(${names[i]})`, some([i])]);
    const groups = { Entropies: [...entropies, [`H(${list(all, ",")})`, some(all)]] };
    if (names.length === 2) return groups; // their mutual information is a region
    const informations = pairs.map((pair) => [`I(${list(pair, ";")})`, every(pair)]);
    const togetherWith = pairs.map((pair) => {
      const [third] = all.filter((i) => !pair.includes(i));
      const test = (inside) => some(pair)(inside) && every([third])(inside);
      return [`I(${list(pair, ",")};${names[third]})`, test];
    });
    return { ...groups, "Mutual informations": [...informations, ...togetherWith] };
  }

  class InfoDiagram extends Explorable {
    build() {
      const { cases, names, layout } = this.data;
      const regions = layout.regions;
      const everyAtom = regions.map(({ atom }) => atom);
      this.parts = new Map(everyAtom.map((atom) => [atom, [atom]]));
      this.groups = {};
      for (const [group, members] of Object.entries(quantities(names))) {
        this.groups[group] = members.map(([name]) => name);
        for (const [name, test] of members) {
          this.parts.set(name, regions.filter(({ inside }) => test(inside)).map(({ atom }) => atom));
        }
      }
      this.groups.Regions = everyAtom;
      this.chosen = regions.at(-1).atom;
      this.case = cases[0];
      this.share = 0;
      return [
        this.buildControls(cases),
        h("div", { class: "halves" },
          h("figure", {}, this.buildDiagram(layout, names), this.buildKey()),
          h("div", { class: "side" }, this.buildChips(), ...this.buildReading())),
      ];
    }

    buildControls(cases) {
      const menu = h("select", { onchange: (event) => this.open(cases[event.target.selectedIndex]) },
        ...cases.map(({ name }) => h("option", {}, name)));
      const single = h("span", {}, cases[0].name);
      this.slider = h("input", {
        type: "range", min: 0, max: 1, step: 0.01, value: 0, "aria-label": "Mixture s of start and end",
        oninput: (event) => { this.share = Number(event.target.value); this.update(); },
      });
      // Not <output>: it is a live region, and would speak with every step.
      this.shareText = h("span", { class: "number" });
      this.mixer = h("div", { class: "mix" },
        h("div", { class: "slider" }, "start", this.slider, "end", this.shareText),
        h("p", { class: "note" }, "The mixture p = (1 − s) start + s end"));
      return h("div", { class: "controls" },
        cases.length > 1 ? h("label", {}, "Distribution", menu) : single, this.mixer);
    }

    buildDiagram({ width, height, radius, centres, namePlaces, regions }, names) {
      this.regions = regions.map(({ atom, path, centre: [x, y] }) => ({
        atom,
        shape: svg("path", { d: path, class: "region", onclick: () => this.choose(atom) }),
        label: svg("text", { x, y: y + 1, class: "value" }),
        name: svg("text", { x, y: y + 18, class: "atom" }, atom),
      }));
      this.shapes = svg("g");
      this.picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img" },
        hatch(),
        ...centres.map(([cx, cy]) => svg("circle", { cx, cy, r: radius, class: "circle" })),
        this.shapes,
        ...names.map((name, i) =>
          svg("text", { x: namePlaces[i][0], y: namePlaces[i][1] + 6, class: "name" }, name)),
        ...this.regions.flatMap(({ label, name }) => [label, name]));
      return this.picture;
    }

    buildKey() {
      return h("div", { class: "key" },
        h("span", {}, swatch("positive"), "positive"),
        h("span", {}, swatch("negative"), "negative"),
        h("span", {}, `values in ${this.data.unit}`));
    }

    buildChips() {
      this.chips = new Map([...this.parts.keys()].map((name) => [name, h("input", {
        type: "radio", name: "quantity", value: name, onchange: () => this.choose(name),
      })]));
      const chip = (name) => h("label", {}, this.chips.get(name), h("span", {}, name));
      return h("fieldset", {},
        h("legend", { class: "unseen" }, "Quantity to show"),
        ...Object.entries(this.groups).flatMap(([group, members]) => [
          h("p", { class: "group" }, group),
          h("div", { class: "chips" }, ...members.map(chip)),
        ]));
    }

    buildReading() {
      this.reading = h("p", { class: "reading" });
      this.sum = h("p", { class: "sum" });
      return [this.reading, this.sum];
    }

    open(chosenCase) {
      this.case = chosenCase;
      this.share = 0;
      this.slider.value = 0;
      this.update();
    }

    choose(name) {
      this.chosen = name;
      this.update();
    }

    update() {
      const { start, end, name } = this.case;
      const { names, unit, layout } = this.data;
      const ends = end ? [start, end] : [start];
      const values = atoms(end ? mixture(start, end, this.share) : start, names);
      const largest = Math.max(...ends.flatMap((p) => Object.values(atoms(p, names)).map(Math.abs)));
      const parts = this.parts.get(this.chosen);
      const total = sum(parts.map((atom) => values[atom]));

      this.mixer.hidden = !end;
      this.shareText.textContent = `s = ${this.share.toFixed(2)}`;
      this.slider.setAttribute("aria-valuetext", `s = ${this.share.toFixed(2)}: ` +
        `${Math.round(100 * (1 - this.share))} % start, ${Math.round(100 * this.share)} % end`);
      this.chips.get(this.chosen).checked = true;
      for (const { atom, shape, label, name: caption } of this.regions) {
        const value = values[atom];
        const negative = value < -NEGLIGIBLE;
        const chosen = parts.includes(atom);
        const strength = largest > NEGLIGIBLE ? Math.min(1, Math.abs(value) / largest) : 0;
        shape.setAttribute("class", `region ${negative ? "negative" : "positive"} ${chosen ? "chosen" : ""}`);
        shape.setAttribute("fill-opacity", negative ? 0.5 + 0.5 * strength : 0.5 * strength);
        label.textContent = this.value(value, 2);
        label.classList.toggle("halo", negative);
        caption.classList.toggle("halo", negative);
      }
      // Chosen regions are drawn last, so that their outline lies on top.
      const [others, chosen] = [false, true].map((is) =>
        this.regions.filter(({ atom }) => parts.includes(atom) === is).map(({ shape }) => shape));
      this.shapes.replaceChildren(...others, ...chosen);

      const value = `${this.chosen} = ${this.value(total)} ${unit}`;
      this.reading.textContent = value;
      this.sum.textContent = parts.length === 1 ? "one region of the diagram" :
        "= " + parts.map((atom) => this.value(values[atom], 2)).join(" + ").replaceAll("+ −", "− ") +
        `, the sum of ${parts.length} regions`;
      const where = end ? ` at s = ${this.share.toFixed(2)}` : "";
      this.picture.setAttribute("aria-label",
        `Information diagram of ${names.join(", ")} for “${name}”${where}: ` +
        layout.regions.map(({ atom }) => `${atom} = ${this.value(values[atom])}`).join(", ") + ` ${unit}.`);
      this.numbers.replaceChildren(table(`Atoms${where || ` for “${name}”`}`, ["Atom", `Value [${unit}]`],
        layout.regions.map(({ atom }) => [atom, this.value(values[atom])])));
      this.say(`${value}${where}.`);
    }
  }

  /* ------------------------------------------------------------------ Gibbs' inequality */

  /** The first step that holds the value: an axis that does not jump with every move. */
  const roomFor = (value, steps) => steps.find((step) => value <= step) ?? steps.at(-1);

  class GibbsBars extends Explorable {
    build() {
      this.reset();
      this.panels = Object.fromEntries(["terms", "code", "why"].map((name) =>
        [name, svg("svg", { viewBox: "0 0 320 210", role: "img" })]));
      const { unit } = this.data;
      const panel = (name, title, note) =>
        h("figure", {}, h("figcaption", {}, title, h("small", {}, note)), this.panels[name]);
      const [terms, code, why] = [
        panel("terms", "Single terms and their sum",
          `p log(p/q) in ${unit}; hatched: below zero`),
        panel("code", "Code length",
          `${unit} a symbol, for symbols drawn from p`),
        panel("why", "Why the sum is never negative",
          "one dot a symbol, at u = q/p; its area tells p"),
      ];
      why.append(
        h("div", { class: "key" },
          h("span", {}, stroke("curve"), "−ln u"),
          h("span", {}, stroke("tangent"), "1 − u"),
          h("span", {}, stroke("gap"), "gap")),
        h("p", { class: "note" },
          "No gap is negative. Weighted by p, the heights on the dashed line sum to Σ (p − q) = 0, " +
          "so D(p‖q) is the weighted sum of the gaps alone."));
      return [
        this.buildActions(),
        h("div", { class: "panels" }, this.buildSliders(), terms, code, why),
      ];
    }

    buildActions() {
      const set = (text, action) => button(text, () => { action(); this.update(); });
      return h("div", { class: "controls actions" },
        set("q = p", () => { this.q = [...this.p]; }),
        set("q uniform", () => { this.q = this.p.map(() => 1 / this.p.length); }),
        set("swap p and q", () => { [this.p, this.q] = [this.q, this.p]; }),
        set("start again", () => this.reset()));
    }

    buildSliders() {
      const { labels, floor } = this.data;
      const highest = 1 - (labels.length - 1) * floor;
      this.rows = labels.map((label, k) => {
        const slider = h("input", {
          type: "range", min: floor, max: highest, step: 0.01, "aria-label": `q(${label})`,
          oninput: (event) => {
            this.q = move(this.q, k, Number(event.target.value), floor);
            this.update();
          },
        });
        const [p, q] = [h("span", { class: "number" }), h("span", { class: "number" })];
        return { slider, truth: h("span", { class: "truth" }), p, q };
      });
      return h("fieldset", {},
        h("legend", {}, "Move q"),
        h("div", { class: "sliders" },
          ...["", "", "p", "q"].map((text) => h("span", { class: "head" }, text)),
          ...this.rows.flatMap(({ slider, truth, p, q }, i) =>
            [h("span", {}, labels[i]), h("span", { class: "track" }, slider, truth), p, q])),
        h("p", { class: "note" }, "The mark below a slider is p. Moving one symbol rescales the others."));
    }

    reset() {
      this.p = this.data.p;
      this.q = this.data.q;
    }

    update() {
      const { labels, unit, floor } = this.data;
      const model = gibbs(this.p, this.q);
      const highest = 1 - (labels.length - 1) * floor;
      this.rows.forEach(({ slider, truth, p, q }, i) => {
        slider.value = this.q[i];
        slider.setAttribute("aria-valuetext", number(this.q[i]));
        // The thumb, 18 px wide, stops with its edge at the end of the track.
        const along = (this.p[i] - floor) / (highest - floor);
        truth.style.left = `calc(${along} * (100% - 18px) + 8px)`;
        p.textContent = number(this.p[i]);
        q.textContent = number(this.q[i]);
      });
      this.drawTerms(model);
      this.drawCode(model);
      this.drawWhy();
      const show = (values) => values.map((value) => this.value(value));
      const [terms, gaps] = [show(model.terms), show(model.gaps)];
      this.numbers.replaceChildren(table(
        `H(p) = ${this.value(model.entropy)}, D(p‖q) = ${this.value(model.kl)}, ` +
        `H(p‖q) = ${this.value(model.crossEntropy)} ${unit} a symbol`,
        ["symbol", "p", "q", `p log(p/q) [${unit}]`, `p × gap [${unit}]`],
        [
          ...labels.map((label, i) => [label, number(this.p[i]), number(this.q[i]), terms[i], gaps[i]]),
          ["sum", number(sum(this.p)), number(sum(this.q)), ...show([model.kl, sum(model.gaps)])],
        ]));
      const below = model.terms.filter((term) => term < -NEGLIGIBLE).length;
      this.say(`${below} of ${labels.length} terms below zero. D(p‖q) = ${this.value(model.kl)} ${unit}.`);
    }

    drawTerms({ terms, kl }) {
      const { labels, unit } = this.data;
      const values = [...terms, kl].map((value) => value * this.scale);
      const top = roomFor(Math.max(...values), [1, 2, 4, 8]);
      const bottom = -Math.max(0.4 * top, 0.6);
      const y = (value) => 20 + (160 * (top - value)) / (top - bottom);
      const slot = 280 / values.length;
      const size = `font-size: min(var(--label), ${(0.26 * slot).toFixed(1)}px)`; // six bars have little room
      const x = (i) => 36 + slot * i;
      const bars = values.flatMap((value, i) => {
        const isSum = i === labels.length;
        const kind = isSum ? "total" : value < -NEGLIGIBLE ? "negative" : "positive";
        const tip = value < -NEGLIGIBLE ? y(value) + 14 : y(Math.max(0, value)) - 5;
        const middle = x(i) + slot / 2;
        return [
          svg("rect", {
            x: x(i) + slot * 0.16, width: slot * 0.68, class: kind,
            y: Math.min(y(0), y(value)), height: Math.abs(y(value) - y(0)),
          }),
          svg("text", { x: middle, y: tip, class: `middle ${isSum ? "bold" : ""}`, style: size },
            number(value)),
          svg("text", { x: middle, y: 200, class: `middle ${isSum ? "bold" : ""}`, style: size },
            isSum ? "D(p‖q)" : labels[i]),
        ];
      });
      this.panels.terms.replaceChildren(
        hatch(),
        svg("text", { x: 0, y: 9, class: "unit" }, `[${unit}]`),
        ...[top, top / 2, -top / 2].filter((tick) => tick > bottom).flatMap((tick) => [
          svg("line", { x1: 36, x2: 316, y1: y(tick), y2: y(tick), class: "grid" }),
          svg("text", { x: 30, y: y(tick) + 4, class: "tick end" }, number(tick, 1)),
        ]),
        svg("text", { x: 30, y: y(0) + 4, class: "tick end" }, "0"),
        ...bars,
        svg("line", { x1: x(labels.length), x2: x(labels.length), y1: 14, y2: 186, class: "divider" }),
        svg("line", { x1: 36, x2: 316, y1: y(0), y2: y(0), class: "axis" }));
      this.panels.terms.setAttribute("aria-label",
        "Bars of p log(p/q): " + labels.map((label, i) => `${label} ${number(values[i])}`).join(", ") +
        `; their sum, the divergence, is ${number(values.at(-1))} ${unit}.`);
    }

    drawCode({ entropy: h0, kl, crossEntropy }) {
      const { unit } = this.data;
      const [a, b, total] = [h0, kl, crossEntropy].map((value) => value * this.scale);
      const end = roomFor(total, [2, 3, 4, 6, 8]);
      const x = (value) => 4 + (308 * value) / end;
      const bar = (from, to, y, kind) =>
        svg("rect", { x: x(from), width: Math.max(0, x(to) - x(from)), y, height: 34, class: kind });
      const ticks = [0, end / 2, end];
      this.panels.code.replaceChildren(
        ...ticks.map((tick) => svg("line", { x1: x(tick), x2: x(tick), y1: 10, y2: 176, class: "grid" })),
        // In two pieces, with room for the words between them.
        ...[[29, 80], [103, 143]].map(([y1, y2]) =>
          svg("line", { x1: x(a), x2: x(a), y1, y2, class: "divider" })),
        svg("text", { x: 8, y: 22, class: "halo" }, `code made for p: H(p) = ${number(a)}`),
        bar(0, a, 29, "positive"),
        svg("text", { x: 8, y: 96, class: "halo" }, `code made for q: H(p) + D(p‖q) = ${number(total)}`),
        bar(0, a, 103, "positive"),
        bar(a, total, 103, "total"),
        svg("text", x(a) < 190 ? { x: x(a), y: 160, class: "bold" } : { x: 312, y: 160, class: "bold end" },
          `D(p‖q) = ${number(b)}`),
        ...ticks.map((tick, i) => svg("text", {
          x: x(tick), y: 192, class: `tick ${["", "middle", "end"][i]}`,
        }, number(tick, 1))),
        svg("text", { x: 312, y: 207, class: "unit end" }, `[${unit} a symbol]`));
      this.panels.code.setAttribute("aria-label",
        `Stacked bars of the code length: entropy ${number(a)} plus divergence ${number(b)} ` +
        `is cross-entropy ${number(total)} ${unit} a symbol.`);
    }

    drawWhy() {
      const { labels } = this.data;
      const points = zip(this.q, this.p, (q, p) => ({ u: q / p, p }))
        .map((point, i) => ({ ...point, label: labels[i], height: -Math.log(point.u) }));
      const right = roomFor(Math.max(...points.map(({ u }) => u)) * 1.08, [2.5, 3, 4, 6, 9, 15, 30, 60, 100]);
      const top = roomFor(Math.max(...points.map(({ height }) => height)) + 0.5, [2, 3, 4, 6]);
      const bottom = 1 - right;
      const x = (u) => 34 + (278 * u) / right;
      const y = (value) => 20 + (158 * (top - value)) / (top - bottom);
      const curve = Array.from({ length: 121 }, (_, i) => {
        const u = Math.exp(-top) * (right / Math.exp(-top)) ** (i / 120);
        return `${x(u).toFixed(1)},${y(-Math.log(u)).toFixed(1)}`;
      });
      // From right to left, up the curve: a label that would cover the last one moves above or beside it.
      let last = { x: Infinity, y: Infinity, width: 0 };
      const marks = [...points].sort((a, b) => b.u - a.u).map((point) => {
        const [cx, cy] = [x(point.u), y(point.height)];
        const radius = 9 * Math.sqrt(point.p);
        const width = 7 * point.label.length + 3;
        let place = { x: Math.min(cx + radius + 2, 318 - width), y: cy - 5, width };
        if (place.x + width > last.x && last.y - place.y < 13) {
          place.y = last.y - 13;
          if (place.y < 22) place = { x: last.x + last.width, y: last.y, width };
        }
        last = place;
        return {
          gap: svg("line", { x1: cx, x2: cx, y1: cy, y2: y(1 - point.u), class: "gap" }),
          dot: svg("circle", { cx, cy, r: radius, class: "dot" }),
          text: svg("text", { x: place.x, y: place.y, class: "halo" }, point.label),
        };
      });
      this.panels.why.replaceChildren(
        svg("line", { x1: 34, x2: 312, y1: y(0), y2: y(0), class: "grid" }),
        svg("line", { x1: x(1), x2: x(1), y1: 20, y2: 178, class: "grid" }),
        svg("text", { x: 0, y: 9, class: "unit" }, "height [nats]"),
        svg("text", { x: 31, y: y(0) + 4, class: "tick end" }, "0"),
        svg("text", { x: 31, y: 24, class: "tick end" }, number(top, 0)),
        svg("text", { x: 31, y: 181, class: "tick end" }, number(bottom, right < 3 ? 1 : 0)),
        svg("text", { x: x(1), y: 193, class: "tick middle" }, "1"),
        svg("text", { x: 312, y: 193, class: "tick end" }, String(right)),
        svg("text", { x: 312, y: 207, class: "unit end" }, "u = q/p [no unit]"),
        svg("line", { x1: x(0), x2: x(right), y1: y(1), y2: y(bottom), class: "tangent" }),
        svg("polyline", { points: curve.join(" "), class: "curve" }),
        ...marks.map(({ gap }) => gap),
        ...marks.map(({ dot }) => dot),
        ...marks.map(({ text }) => text));
      this.panels.why.setAttribute("aria-label",
        "The curve −ln u above its tangent 1 − u. Gaps: " +
        points.map(({ label, u, height }) =>
          `${label} ${number(height - 1 + u)} at u = ${number(u, 2)}`).join(", ") +
        ". No gap is negative.");
    }
  }

  /* ------------------------------------------------------------------ the bottleneck, step by step */

  const FRAME = 300; // milliseconds from one update to the next at full speed
  const SHOWN = [0, 1, 2, 3, 5, 10, 20, 50, 100, 200, 500]; // steps in the table
  const SWEEP = 40; // values of β for the curve of the reader's own table

  class Stepper extends Explorable {
    build() {
      const { joint, encoder, rows, columns, beta, betas: [low, high], curve, source } = this.data;
      this.given = {
        joint, rows, columns, source,
        start: encoder.map(normalised), curve: zip(curve.x, curve.y, (x, y) => ({ x, y })),
      };
      Object.assign(this, { beta, speed: 1, seed: 1 });
      this.control = betaControl({
        low, high, logarithmic: true,
        onchange: (value) => { this.beta = value; this.run(); },
      });
      this.plane = picture();
      this.map = picture();
      [this.reading, this.verdict, this.source] =
        ["line", "note two-lines", "note"].map((kind) => h("p", { class: kind }));
      const film = this.buildFilm();
      this.open(this.given);
      return [
        this.control.row, film, this.reading, this.verdict,
        h("div", { class: "panels two" },
          panel("The plane", "what T keeps of Y against what it keeps of X", this.plane,
            key([stroke("curve"), "best possible"], [stroke("path"), "this run"], [spot("now"), "now"],
              [spot("ring"), "its end"], [stroke("support"), "slope 1/β there"],
              [stroke("divider"), "bounds on any code"]),
            this.buildZoom(), this.source),
          panel("The encoder", "q(t|x) at this step, and the weight p(t) of each cluster", this.map)),
        this.buildEditor(),
      ];
    }

    buildFilm() {
      this.playing = button("play", () => (this.timer ? this.pause() : this.play()));
      const jump = (text, to) => button(text, () => { this.pause(); this.show(to()); });
      const speed = h("select", {
        onchange: () => { this.speed = Number(speed.value); if (this.timer) this.play(); },
      }, ...[0.25, 0.5, 1].map((value) => h("option", { value }, `${value}×`)));
      speed.value = 1;
      return h("div", { class: "controls actions" },
        this.playing,
        jump("back", () => this.step - 1),
        jump("step", () => this.step + 1),
        jump("restart", () => 0),
        jump("to the end", () => this.last),
        button("another start", () => {
          const [inputs, clusters] = [this.start.length, this.start[0].length];
          this.begin(randomEncoder(inputs, clusters, generator(++this.seed)));
        }),
        h("label", {}, "speed", speed));
    }

    buildZoom() {
      const zoom = (text, to) => button(text, () => { this.zoom = clamp(to(), 1, 1024); this.update(); });
      return h("div", { class: "controls actions small" },
        zoom("zoom in", () => 2 * this.zoom),
        zoom("zoom out", () => this.zoom / 2),
        zoom("whole plane", () => 1));
    }

    /** Fields for a table of the reader: as large as the given one, and at least four by three. */
    buildEditor() {
      const { joint, rows, columns } = this.given;
      if (rows.length > 6 || columns.length > 4) return "";
      const names = (given, least, letter) =>
        count(Math.max(least, given.length)).map((i) => given[i] ?? `${letter}${i + 1}`);
      const [xs, ys] = [names(rows, 4, "x"), names(columns, 3, "y")];
      this.fields = xs.map((x) => ys.map((y) => h("input", {
        type: "number", min: 0, step: "any", "aria-label": `weight of ${x}, ${y}`,
      })));
      const fill = () => this.fields.forEach((row, i) => row.forEach((field, j) => {
        field.value = Number((joint[i]?.[j] ?? 0).toFixed(6));
        field.removeAttribute("aria-invalid");
      }));
      fill();
      this.trouble = h("p", { class: "trouble", role: "alert" });
      const use = () => {
        const problem = this.readTable(xs, ys);
        if (problem) this.open(problem);
      };
      const back = () => {
        fill();
        this.trouble.textContent = "";
        this.open(this.given);
      };
      return h("details", {},
        h("summary", {}, "Your own distribution"),
        h("p", { class: "note" },
          "Weights that are not negative. They are divided by their sum; lines of zeros are left out."),
        h("div", { class: "scroll" }, h("table", { class: "fields" },
          h("thead", {}, h("tr", {}, h("td"), ...ys.map((y) => h("th", { scope: "col" }, y)))),
          h("tbody", {}, ...zip(xs, this.fields, (x, fields) =>
            h("tr", {}, h("th", { scope: "row" }, x), ...fields.map((field) => h("td", {}, field))))))),
        h("div", { class: "controls actions small" },
          button("use this table", use), button("back to the given one", back)),
        this.trouble);
    }

    /** The problem in the fields; null, and the reason on the page, if there is none. */
    readTable(xs, ys) {
      const wrong = [];
      const weights = zip(this.fields, xs, (fields, x) => zip(fields, ys, (field, y) => {
        const bad = field.validity.badInput || field.valueAsNumber < 0;
        field.setAttribute("aria-invalid", bad);
        if (bad) wrong.push(`${x}, ${y}`);
        return Number(field.value); // an empty field is 0
      }));
      const kept = (lines) => count(lines.length).filter((i) => sum(lines[i]) > 0);
      const [keptRows, keptColumns] = [kept(weights), kept(transpose(weights))];
      const small = keptRows.length < 2 || keptColumns.length < 2;
      this.trouble.textContent =
        wrong.length ? `Not used: expected a number that is not negative at ${wrong.join("; ")}.` :
        small ? "Not used: expected positive weights in at least two rows and two columns." : "";
      if (wrong.length || small) return null;
      const total = sum(weights.flat());
      const joint = keptRows.map((i) => keptColumns.map((j) => weights[i][j] / total));
      const [low, high] = this.data.betas;
      return {
        joint,
        rows: keptRows.map((i) => xs[i]),
        columns: keptColumns.map((j) => ys[j]),
        start: randomEncoder(joint.length, this.given.start[0].length, generator(7)),
        curve: ibSweep(joint, geometric(Math.max(low, 1), Math.max(high, 2), SWEEP)),
        source: `The curve of your table was searched in the browser, from four starts at each of ${SWEEP} ` +
          "values of β. It may miss a better code: nothing bounds its error.",
      };
    }

    open(problem) {
      this.problem = problem;
      this.zoom = 1;
      this.source.textContent = problem.source;
      this.all = information(problem.joint);
      this.whole = { x: 1.04 * entropy(problem.joint.map(sum)), y: 1.12 * Math.max(this.all, 1e-3) };
      this.begin(problem.start);
    }

    begin(start) {
      this.pause();
      this.start = start;
      this.step = 0;
      this.run();
    }

    run() {
      const { path, settled } = ibPath(this.problem.joint, this.start, this.beta);
      const last = path.length - 1;
      Object.assign(this, { path, settled, last, points: [], step: Math.min(this.step, last) });
      this.update();
    }

    /** What the encoder of a step makes, computed when it is first looked at. */
    point(step) {
      this.points[step] ??= encoded(this.problem.joint, this.path[step]);
      return this.points[step];
    }

    play() {
      this.pause();
      if (this.step === this.last) this.step = 0;
      this.playing.textContent = "pause";
      this.timer = setInterval(() => (this.isConnected ? this.show(this.step + 1) : this.pause()),
        FRAME / this.speed);
    }

    pause() {
      clearInterval(this.timer);
      this.timer = null;
      this.playing.textContent = "play";
    }

    show(step) {
      this.step = clamp(step, 0, this.last);
      if (this.step === this.last) this.pause();
      this.update();
    }

    lagrangian({ iXT, iTY }) { return iXT - this.beta * iTY; }

    update() {
      const { unit } = this.data;
      const [now, end] = [this.point(this.step), this.point(this.last)];
      const lowest = Math.min(...this.problem.curve.map(({ x, y }) => x - this.beta * y));
      const above = this.lagrangian(end) - lowest;
      const reading = `Step ${this.step} of ${this.last}: I(X;T) = ${this.value(now.iXT)}, ` +
        `I(T;Y) = ${this.value(now.iTY)}, L = ${this.short(this.lagrangian(now))} ${unit}`;
      this.control.show(this.beta);
      this.reading.textContent = reading;
      this.verdict.textContent = `The run ${this.settled ? "settles" : "has not settled; it stops"} at ` +
        `L = ${this.short(this.lagrangian(end))} ${unit}` +
        (above < 1e-6 ? "; no point of the curve is lower." :
          `. A code on the curve is lower by ${this.short(above)}` +
          (this.settled ? ": to have converged is not to be optimal." : "."));
      this.drawPlane(now, end);
      this.drawEncoder(now.pT);
      this.drawNumbers();
      if (!this.timer) this.say(`${reading}.`);
    }

    drawPlane(now, end) {
      const { unit } = this.data;
      const window = (full, centre) => {
        const width = full / this.zoom;
        const from = clamp(centre - width / 2, 0, full - width);
        return [from * this.scale, (from + width) * this.scale];
      };
      const plot = axes({
        x: window(this.whole.x, now.iXT), y: window(this.whole.y, now.iTY),
        xName: `I(X;T) [${unit}]`, yName: `I(T;Y) [${unit}]`,
      });
      const at = (x, y) => plot.at(x * this.scale, y * this.scale);
      const { all, whole: { x: far } } = this;
      const tangent = (x) => (x - this.lagrangian(end)) / this.beta;
      const run = count(this.step + 1).map((i) => at(this.point(i).iXT, this.point(i).iTY));
      const ceiling = at(0, all)[1];
      this.plane.replaceChildren(
        ...plot.frame,
        plot.cut(
          polyline([at(0, 0), at(all, all), at(far, all)], "divider"),
          polyline([at(0, tangent(0)), at(far, tangent(far))], "support"),
          polyline([...this.problem.curve.map(({ x, y }) => at(x, y)), at(far, all)], "curve"),
          polyline(run, "path"),
          ...apart(run, 4).map((place) => circle(place, 2.5, "point"))),
        ...[at(end.iXT, end.iTY)].filter(plot.holds).map((place) => circle(place, 6.5, "ring")),
        circle(run.at(-1), 5, "now"),
        svg("text", { x: 308, y: Math.max(27, ceiling - 4), class: "tick end halo" },
          ceiling > plot.top - 1 ? `I(X;Y) = ${this.value(all)}` : ""));
      this.plane.setAttribute("aria-label",
        `The plane of I(X;T) and I(T;Y) in ${unit}. At step ${this.step} the run is at ` +
        `(${this.value(now.iXT)}, ${this.value(now.iTY)}). It ends at (${this.value(end.iXT)}, ` +
        `${this.value(end.iTY)}), where the line has the slope 1/β = ${number(1 / this.beta)}. ` +
        `The best possible curve rises to ${this.value(all)} ${unit}.`);
    }

    drawEncoder(pT) {
      const [matrix, { rows }] = [this.path[this.step], this.problem];
      drawHeatMap(this.map, {
        matrix, rows, columns: pT.map((_, t) => `t${t + 1}`), foot: ["p(t)", pT],
        rowName: "input x", columnName: "cluster t [probability, no unit]",
      });
      this.map.setAttribute("aria-label", "The encoder as shaded cells: " +
        zip(rows, matrix, (x, row) => `${x}: ${row.map((q) => number(q, 2)).join(", ")}`).join("; ") + ".");
    }

    drawNumbers() {
      const matrix = this.path[this.step];
      const steps = [...new Set([...SHOWN, this.step, this.last])].filter((i) => i <= this.last);
      this.numbers.replaceChildren(
        table(`The run at β = ${number(this.beta)} in ${this.data.unit}`, ["step", "I(X;T)", "I(T;Y)", "L"],
          steps.sort((a, b) => a - b).map((i) => {
            const { iXT, iTY } = this.point(i);
            return [String(i), ...[iXT, iTY, iXT - this.beta * iTY].map((nats) => this.value(nats, 4))];
          })),
        table(`q(t|x) at step ${this.step}`, ["x", ...matrix[0].map((_, t) => `t${t + 1}`)],
          zip(this.problem.rows, matrix, (x, row) => [x, ...row.map((q) => number(q, 4))])));
    }
  }

  /** The places that are further than `gap` from the one kept before. */
  function apart(places, gap) {
    const kept = [];
    for (const [x, y] of places) {
      const [a, b] = kept.at(-1) ?? [Infinity, Infinity];
      if (Math.hypot(x - a, y - b) > gap) kept.push([x, y]);
    }
    return kept;
  }

  /* ------------------------------------------------------------------ the convex envelope */

  class Envelope extends Explorable {
    build() {
      const { pX, channel, names, beta, betas: [low, high], marks, unit } = this.data;
      const set = (value) => { this.beta = value; this.update(); };
      this.beta = beta;
      this.control = betaControl({ low, high, logarithmic: false, onchange: set });
      [this.reading, this.verdict] = ["line", "note two-lines"].map((kind) => h("p", { class: kind }));
      [this.wide, this.near] = [picture(), picture()];
      this.magnified = h("small");
      // The frame on the left holds F for every β of the slider.
      const heights = [low, high].flatMap((value) => {
        const f = envelopeFunction(channel, pX, value);
        return count(201).map((i) => f(i / 200) * this.scale);
      });
      const [bottom, top] = [Math.min(...heights), Math.max(...heights)];
      this.range = [bottom - 0.06 * (top - bottom), top + 0.06 * (top - bottom)];
      return [
        this.control.row,
        h("div", { class: "controls actions small" }, ...marks.map((mark) =>
          button(`β = ${number(mark.beta, 4)}: ${mark.name}`, () => set(mark.beta)))),
        this.reading, this.verdict,
        h("div", { class: "panels two" },
          panel("The whole curve", `F against the posterior r = p(${names[0]}|t), in ${unit}`, this.wide),
          h("figure", {}, h("figcaption", {}, "The same near zero", this.magnified), this.near)),
        key([stroke("curve"), "F"], [stroke("hull"), "lower convex envelope"],
          [stroke("support"), "supporting line"], [spot("now"), "atoms"], [spot("ring"), "L* at p(x)"]),
      ];
    }

    update() {
      const { pX, channel, names, unit } = this.data;
      const f = envelopeFunction(channel, pX, this.beta);
      const envelope = envelopeAt(f, pX[0]);
      const { atoms: parts, value } = envelope;
      const one = parts.length === 1;
      const curve = count(1001).map((i) => [i / 1000, f(i / 1000) * this.scale]);
      const reading = `β = ${number(this.beta, 4)}: L*(β) = ${this.short(value)} ${unit}`;
      this.control.show(this.beta);
      this.reading.textContent = reading;
      this.verdict.textContent = one ?
        "F is nowhere below zero: the flat line supports it at p(x), and the constant encoder is optimal." :
        `Two atoms: ${parts.map(({ r, weight }) =>
          `r = ${number(r, 4)} with weight ${number(weight, 4)}`).join(" and ")}. ` +
        "F is nowhere below the line, so no encoder does better.";
      this.draw(this.wide, envelope, curve, [0, 1], this.range);
      this.draw(this.near, envelope, curve, ...this.nearZero(curve));
      const show = (r) => [number(r, 4), this.short(f(r), 4)];
      const places = [...new Set([...count(11).map((i) => i / 10), pX[0]])].sort((a, b) => a - b);
      this.numbers.replaceChildren(
        table(`F at some r, in ${unit}; β = ${number(this.beta, 4)}`, [`r = p(${names[0]}|t)`, "F(r)"],
          places.map(show)),
        table("The atoms", ["t", `p(${names[0]}|t)`, `F [${unit}]`, "p(t)"],
          parts.map(({ r, weight }, t) => [`t${t + 1}`, ...show(r), number(weight, 4)])));
      this.say(`${reading}, ${one ? "one atom" : "two atoms"}.`);
    }

    /** Where the dips are: a window as high as the deepest of them, in round numbers. */
    nearZero(curve) {
      const [bottom, top] = this.range;
      const depth = Math.max(1e-4 * top, -Math.min(...curve.map(([, height]) => height)));
      const power = 10 ** Math.floor(Math.log10(depth));
      const reach = 1.25 * power * [1, 2, 5, 10].find((factor) => factor * power >= 0.999 * depth);
      const low = curve.filter(([, height]) => height < reach).map(([r]) => r);
      const across = [Math.floor(20 * low[0] - 0.5), Math.ceil(20 * low.at(-1) + 0.5)]
        .map((twentieths) => clamp(twentieths / 20, 0, 1));
      this.magnified.textContent = `magnified: heights ${number((top - bottom) / (2 * reach), 0)} times, ` +
        `widths ${number(1 / (across[1] - across[0]), 1)} times`;
      return [across, [-reach, reach]];
    }

    draw(drawing, { hull, value, slope, atoms: parts }, curve, across, range) {
      const { pX, names, unit } = this.data;
      const largest = Math.max(...range.map(Math.abs));
      const power = largest < 0.01 ? Math.floor(Math.log10(largest)) : 0;
      const { values, labels } = ticks(...range);
      const plot = axes({
        x: across, y: range, xName: `r = p(${names[0]}|t) [no unit]`,
        yName: power ? `F [10${superscript(power)} ${unit}]` : `F [${unit}]`,
        yTicks: { values, labels: power ? values.map((v) => number(v / 10 ** power, 1)) : labels },
      });
      const line = (r) => plot.at(r, (value + slope * (r - pX[0])) * this.scale);
      drawing.replaceChildren(
        ...plot.frame,
        plot.cut(
          polyline([plot.at(0, 0), plot.at(1, 0)], "axis"),
          polyline([plot.at(pX[0], range[0]), plot.at(pX[0], range[1])], "divider"),
          polyline(hull.map(({ x, y }) => plot.at(x, y * this.scale)), "hull"),
          polyline(curve.map(([r, height]) => plot.at(r, height)), "curve"),
          polyline([line(0), line(1)], "support")),
        ...parts.map(({ r }) => line(r)).filter(plot.holds).map((place) => circle(place, 5, "now")),
        circle(line(pX[0]), 6.5, "ring"),
        svg("text", { x: plot.x(pX[0]) + 4, y: plot.top + 9, class: "tick halo" }, "p(x)"));
      drawing.setAttribute("aria-label",
        `F between ${short(range[0], 2)} and ${short(range[1], 2)} ${unit}: ` + (parts.length === 1 ?
          "never below zero." :
          `a line below it touches it at r = ${parts.map(({ r }) => number(r)).join(" and ")}.`));
    }

  }

  /* ------------------------------------------------------------------ rate and distortion */

  class RDPlane extends Explorable {
    build() {
      const { curve, codes, start, distortion } = this.data;
      const last = curve.d.length - 1;
      this.index = start;
      this.slider = slider("along the curve", last, (place) => this.move(Math.round(place * last)));
      this.plane = picture(280);
      this.plane.classList.add("drag");
      this.follow(this.plane);
      this.map = distortion ? picture() : null;
      [this.reading, this.total] = ["line", "note"].map((kind) => h("p", { class: kind }));
      return [
        this.slider.row, this.reading,
        h("div", { class: "panels two" },
          panel("The plane", "drag the point along the curve, or use the slider", this.plane,
            key([stroke("curve"), "R(D)"], [stroke("support"), "tangent of slope −s"],
              ...(codes.length ? [[sample(diamond([9, 6])), "other codes"]] : [])),
            this.total),
          ...(this.map ? [panel("The channel", "p(x̂|x), and how often each letter is used", this.map)] : [])),
      ];
    }

    /** A pointer moves the point: a mouse from anywhere in the plane, a finger from the point itself. */
    follow(drawing) {
      const toNearest = (event) => {
        const box = drawing.getBoundingClientRect();
        const [x, y] = [event.clientX - box.left, event.clientY - box.top].map((v) => (320 * v) / box.width);
        const away = this.places.map(([a, b]) => Math.hypot(a - x, b - y));
        this.move(away.indexOf(Math.min(...away)));
      };
      const onPoint = (event) => event.target.classList.contains("handle");
      let held = null;
      drawing.addEventListener("pointerdown", (event) => {
        if (event.pointerType !== "mouse" && !onPoint(event)) return;
        held = event.pointerId;
        drawing.setPointerCapture(held);
        if (!onPoint(event)) toNearest(event);
      });
      drawing.addEventListener("pointermove", (event) => { if (event.pointerId === held) toNearest(event); });
      drawing.addEventListener("lostpointercapture", () => { held = null; });
      // Else the page would scroll under the finger.
      drawing.addEventListener("touchstart", (event) => { if (onPoint(event)) event.preventDefault(); });
    }

    move(index) {
      this.index = index;
      this.update();
    }

    place(d) { return number(d, this.data.digits); }

    update() {
      const { curve, unit, distortionUnit } = this.data;
      const [d, rate, s] = [curve.d, curve.r, curve.s].map((values) => values[this.index]);
      const total = rate + s * d;
      const of = distortionUnit === "no unit" ? "" : ` ${distortionUnit}`;
      const reading = `D = ${this.place(d)}${of}, R = ${this.value(rate)} ${unit}, ` +
        `s = ${this.value(s)} ${unit} a unit of D`;
      this.slider.show(this.index / (curve.d.length - 1), `D = ${this.place(d)}`);
      this.reading.textContent = reading;
      this.total.textContent = `The tangent meets the axes at R + sD = ${this.value(total)} ${unit} and ` +
        `D + R/s = ${this.place(total / s)}${of}: the least total cost, in either unit, where a unit of ` +
        "distortion costs s. No code lies below the line.";
      this.drawPlane(d, rate, s);
      this.drawNumbers(d, this.map ? this.drawChannel(s) : null);
      this.say(`${reading}.`);
    }

    drawChannel(s) {
      const { p, distortion, curve, names, letters } = this.data;
      const channel = gibbsChannel(distortion, curve.q[this.index], s);
      drawHeatMap(this.map, {
        matrix: channel, rows: names, columns: letters,
        foot: ["p(x̂)", transpose(channel).map((column) => dot(column, p))],
        rowName: "symbol x", columnName: "letter x̂ [probability, no unit]",
      });
      this.map.setAttribute("aria-label", "The channel as shaded cells: " + zip(names, channel, (name, row) =>
        `${name} becomes mostly ${letters[row.indexOf(Math.max(...row))]}`).join(", ") + ".");
      return channel;
    }

    drawNumbers(d, channel) {
      const { curve, codes, rows, names, letters, unit, distortionUnit } = this.data;
      const [inD, inR] = [`D [${distortionUnit}]`, `R [${unit}]`];
      const shown = [...new Set([...rows, this.index])].sort((a, b) => a - b);
      const tables = [
        table("Points of the curve, the chosen one among them", [inD, inR, `s [${unit} a unit of D]`],
          shown.map((i) => [this.place(curve.d[i]), this.value(curve.r[i], 4), this.value(curve.s[i])])),
      ];
      if (codes.length) {
        tables.push(table("The other codes", ["code", inD, inR, `least R at this D [${unit}]`],
          codes.map((code) =>
            [code.name, this.place(code.d), this.value(code.r, 4), this.value(code.lower, 4)])));
      }
      if (channel) {
        tables.push(table(`p(x̂|x) at D = ${this.place(d)}`, ["x", ...letters],
          zip(names, channel, (name, row) => [name, ...row.map((v) => number(v))])));
      }
      this.numbers.replaceChildren(...tables);
    }

    drawPlane(d, rate, s) {
      const { curve, codes, unit, distortionUnit } = this.data;
      const ds = [...curve.d, ...codes.map((code) => code.d)];
      const rs = [...curve.r, ...codes.map((code) => code.r)];
      const [least, most] = [Math.min(0, ...ds), Math.max(...ds)];
      const far = most + 0.08 * (most - least);
      const plot = axes({
        x: [least, far], y: [0, 1.08 * Math.max(...rs) * this.scale], height: 280,
        xName: `distortion D [${distortionUnit}]`, yName: `rate R [${unit}]`,
      });
      const at = (x, y) => plot.at(x, y * this.scale);
      const tangent = (x) => rate + s * (d - x);
      const intercepts = [[0, tangent(0)], [d + rate / s, 0]].map(([x, y]) => at(x, y));
      const marks = codes.map((code) => ({ place: at(code.d, code.r), text: code.name }));
      this.places = zip(curve.d, curve.r, at);
      this.plane.replaceChildren(
        ...plot.frame,
        plot.cut(
          polyline([...(curve.r[0] < 1e-4 ? [at(far, 0)] : []), ...this.places], "curve"),
          polyline([at(least, tangent(least)), at(far, tangent(far))], "support")),
        ...intercepts.filter(plot.holds).map((place) => circle(place, 4, "intercept")),
        ...marks.map(({ place }) => diamond(place)),
        ...spreadNames(marks.map(({ place: [x, y], text }) => ({ x, y, r: 6, text }))),
        circle(at(d, rate), 18, "handle"),
        circle(at(d, rate), 6, "now through"));
      this.plane.setAttribute("aria-label",
        `The curve R(D) and its tangent at D = ${this.place(d)}, R = ${this.value(rate)} ${unit}` +
        codes.map((code) =>
          `; ${code.name} lies at D = ${this.place(code.d)}, R = ${this.value(code.r)}`).join("") + ".");
    }
  }

  /* ------------------------------------------------------------------ the simplex of posteriors */

  /** Where the words at the lower corners of the triangle stand. */
  const CORNERS = [0, 210].map((left) => ({ left, right: left + 110, top: 253, bottom: 272 }));

  class Simplex extends Explorable {
    build() {
      const { joint, labels, parts } = this.data;
      this.all = information(joint);
      this.parts = parts;
      this.selected = new Set(); // first members of clusters
      this.flat = labels.length === 2;
      this.drawing = picture(this.flat ? 110 : 280);
      this.bars = picture(92);
      [this.reading, this.price] = ["line", "note two-lines"].map((kind) => h("p", { class: kind }));
      this.chips = h("div", { class: "chips" });
      this.merge = button("merge", () => this.become([
        ...this.parts.filter((part) => !this.isSelected(part)),
        this.parts.filter((part) => this.isSelected(part)).flat(),
      ]));
      this.split = button("split", () => this.become(this.parts.flatMap((part) =>
        (this.isSelected(part) ? part.map((x) => [x]) : [part]))));
      const free = button("merge what is free", () => this.become(
        samePosterior(merged(joint, this.parts)).map((group) => group.flatMap((t) => this.parts[t]))));
      const again = button("start again", () => this.become(joint.map((_, x) => [x])));
      return [
        h("div", { class: "panels two" },
          panel("The posteriors", "one dot an input or a cluster; its area is its probability", this.drawing,
            key([spot("point"), "input or cluster"], [spot("ring"), "selected"],
              [spot("hollow"), "member of a cluster"], [spot("ghost"), "where a merger would lie"])),
          h("div", {},
            h("fieldset", {}, h("legend", {}, "Select two or more, by click or here"), this.chips),
            h("div", { class: "controls actions small" }, this.merge, this.split, free, again),
            this.price, this.reading, this.bars)),
      ];
    }

    isSelected([first]) { return this.selected.has(first); }

    name(part) { return part.map((x) => this.data.names[x]).join("+"); }

    become(parts) {
      this.parts = parts.map((part) => [...part].sort((a, b) => a - b)).sort(([a], [b]) => a - b);
      this.selected.clear();
      this.update();
    }

    toggle([first]) {
      if (!this.selected.delete(first)) this.selected.add(first);
      this.update();
    }

    loss(parts) { return Math.max(0, this.all - information(merged(this.data.joint, parts))); }

    /** An amount with its unit, and as a share of I(X;Y). */
    amount(nats) {
      const share = this.all > NEGLIGIBLE ? (100 * nats) / this.all : 0;
      return `${this.short(nats)} ${this.data.unit}, ${number(share, 1)}\u00a0% of I(X;Y)`;
    }

    update() {
      const { joint, labels, unit } = this.data;
      const pTY = merged(joint, this.parts);
      const masses = pTY.map(sum);
      const lost = this.loss(this.parts);
      const chosen = this.parts.filter((part) => this.isSelected(part));
      const n = this.parts.length;
      const reading = `${n} ${n === 1 ? "cluster" : "clusters"}: I(T;Y) = ` +
        `${this.value(information(pTY))} ${unit}; lost ${this.amount(lost)}`;
      this.reading.textContent = reading;
      this.price.textContent = chosen.length < 2 ?
        "Dots at one place merge free. Others cost their weighted Jensen–Shannon divergence." :
        this.priceOf(chosen, lost);
      this.merge.disabled = chosen.length < 2;
      this.split.disabled = !chosen.some((part) => part.length > 1);
      this.showChips();
      this.drawDots(pTY, chosen.length > 1 ? chosen.flat() : []);
      this.drawBars(information(pTY), entropy(masses));
      const lostIn = (part, row) => sum(part.map((x) =>
        sum(joint[x]) * divergence(normalised(joint[x]), normalised(row))));
      this.numbers.replaceChildren(table(`The clusters; I(T;Y) = ${this.value(information(pTY))} ${unit}`,
        ["cluster", "p(t)", ...labels.map((y) => `p(${y}|t)`), `lost in it [${unit}]`],
        zip(this.parts, pTY, (part, row) => [
          this.name(part), ...[sum(row), ...normalised(row)].map((v) => number(v)), this.short(lostIn(part, row)),
        ])));
      this.say(`${chosen.length < 2 ? "" : `${this.price.textContent} `}${reading}.`);
    }

    priceOf(chosen, lost) {
      const rest = this.parts.filter((part) => !this.isSelected(part));
      const price = this.loss([...rest, chosen.flat()]) - lost;
      return `Merging ${chosen.map((part) => this.name(part)).join(", ")} ` + (price < 1e-12 ?
        "is free: they say the same about Y." : `would cost ${this.amount(price)}.`);
    }

    /** A box for each cluster; while the clusters stay, so do the boxes, and the focus on them. */
    showChips() {
      const names = this.parts.map((part) => this.name(part));
      if (names.join() !== this.shown) {
        this.shown = names.join();
        this.boxes = this.parts.map((part) =>
          h("input", { type: "checkbox", onchange: () => this.toggle(part) }));
        this.chips.replaceChildren(...zip(this.boxes, names, (box, name) =>
          h("label", {}, box, h("span", {}, name))));
      }
      this.boxes.forEach((box, t) => { box.checked = this.isSelected(this.parts[t]); });
    }

    /** The dot of weights over the labels: its place is their distribution, its area their sum. */
    spot(weights) {
      const [a, b, c] = normalised(weights);
      const [x, y] = this.flat ? [30 + 260 * b, 52] : [35 * a + 285 * b + 160 * c, 246 * (a + b) + 29.5 * c];
      return { x, y, r: Math.max(4, 26 * Math.sqrt(sum(weights))) };
    }

    drawDots(pTY, union) {
      const { joint } = this.data;
      const draw = ({ x, y, r }, kind, more = 0) => circle([x, y], r + more, kind);
      const thread = (a, b) => polyline([[a.x, a.y], [b.x, b.y]], "thread through");
      const dots = zip(this.parts, pTY, (part, row) => ({ part, ...this.spot(row) }));
      const members = dots.filter(({ part }) => part.length > 1).flatMap((mark) =>
        mark.part.map((x) => this.spot(joint[x])).flatMap((own) => [thread(own, mark), draw(own, "hollow")]));
      const shapes = [...dots].sort((a, b) => b.r - a.r).map((mark) => { // small ones on top
        const shape = draw(mark, "point choice");
        shape.addEventListener("click", () => this.toggle(mark.part));
        return shape;
      });
      const chosen = dots.filter(({ part }) => this.isSelected(part));
      const ghosts = union.length ? [this.spot(merged(joint, [union])[0])] : [];
      this.drawing.replaceChildren(
        ...this.drawFrame(),
        ...members,
        ...shapes,
        ...chosen.map((mark) => draw(mark, "ring through", 3)),
        ...ghosts.flatMap((ghost) =>
          [...chosen.map((mark) => thread(mark, ghost)), draw(ghost, "ghost through")]),
        ...spreadNames(this.named(dots), { above: this.flat, others: [...ghosts.map(boxOf), ...CORNERS] }));
      this.drawing.setAttribute("aria-label", "The posteriors: " + zip(this.parts, pTY, (part, row) =>
        `${this.name(part)} at ${normalised(row).map((v) => number(v, 2)).join(", ")}`).join("; ") + ".");
    }

    /** Dots that lie on each other share a name. */
    named(dots) {
      const places = [];
      for (const { part, x, y, r } of dots) {
        const same = places.find((place) => Math.hypot(place.x - x, place.y - y) < 1);
        if (same) Object.assign(same, { text: `${same.text}, ${this.name(part)}`, r: Math.max(same.r, r) });
        else places.push({ x, y, r, text: this.name(part) });
      }
      return places;
    }

    drawFrame() {
      const { labels } = this.data;
      const corners = labels.map((_, y) => labels.map((__, other) => Number(y === other)));
      const place = (p) => {
        const { x, y } = this.spot(p);
        return [x, y];
      };
      // In a triangle, lines along which one posterior is 1/4, 1/2 or 3/4.
      const grid = this.flat ? [] : [0.25, 0.5, 0.75].flatMap((share) => labels.map((_, y) =>
        polyline([1, 2].map((step) => {
          const p = [0, 0, 0];
          p[y] = share;
          p[(y + step) % 3] = 1 - share;
          return place(p);
        }), "grid")));
      const words = [[12, 266, "bold"], [308, 266, "bold end"], [160, 20, "bold middle"]];
      return [
        ...grid,
        polyline([...corners, corners[0]].map(place), "outline"),
        ...zip(labels, words, (name, [x, y, kind]) =>
          svg("text", { x, y: this.flat ? 96 : y, class: kind }, `Y = ${name}`)),
      ];
    }

    drawBars(kept, size) {
      const { joint, unit } = this.data;
      const most = entropy(joint.map(sum));
      const bar = (y, value, full, words) => [
        svg("text", { x: 4, y: y - 6 }, words),
        ...[[1, "groove"], [full > NEGLIGIBLE ? value / full : 0, "positive"]].map(([share, kind]) =>
          svg("rect", { x: 4, y, width: 308 * share, height: 14, class: kind })),
      ];
      const words = [
        `I(T;Y) = ${this.value(kept)} of I(X;Y) = ${this.value(this.all)} ${unit}`,
        `H(T) = ${this.value(size)} of H(X) = ${this.value(most)} ${unit}`,
      ];
      this.bars.replaceChildren(...bar(20, kept, this.all, words[0]), ...bar(66, size, most, words[1]));
      this.bars.setAttribute("aria-label", `${words.join("; ")}.`);
    }
  }

  /* ------------------------------------------------------------------ the bifurcation diagram */

  const ROUND = [0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]; // ticks of a logarithmic axis

  class Bifurcation extends Explorable {
    build() {
      const { beta, labels, marks, start } = this.data;
      const last = beta.length - 1;
      this.index = start;
      this.label = 0;
      this.slider = slider("price β", last, (place) => {
        this.index = Math.round(place * last);
        this.update();
      });
      const menu = h("select", { onchange: () => { this.label = menu.selectedIndex; this.update(); } },
        ...labels.map((name) => h("option", {}, name)));
      [this.posteriors, this.counts] = [picture(), picture()];
      this.reading = h("p", { class: "line" });
      return [
        this.slider.row,
        ...(labels.length > 1 ? [h("div", { class: "controls actions" }, h("label", {}, "label y", menu))] : []),
        this.reading,
        h("div", { class: "panels two" },
          panel("The atoms", "p(y|t) of each cluster t; the area of a dot is p(t)", this.posteriors),
          panel("How many clusters", "that differ in p(y|t)", this.counts)),
        ...(marks.length ? [h("ol", { class: "marks" }, ...marks.map((mark) =>
          h("li", {}, `β = ${number(mark.beta, 4)}: ${mark.name}`)))] : []),
      ];
    }

    update() {
      const { beta, atoms: all, labels } = this.data;
      const [i, y] = [this.index, this.label];
      const here = all[i];
      const reading = `β = ${number(beta[i])}: ${here.length} ${here.length === 1 ? "cluster" : "clusters"}, ` +
        `p(${labels[y]}|t) = ${here.map((atom) => number(atom[1 + y])).join(", ")}`;
      this.slider.show(i / (beta.length - 1), `β = ${number(beta[i])}`);
      this.reading.textContent = reading;
      this.draw(this.posteriors, { y: [0, 1], yName: `p(${labels[y]}|t) [no unit]` }, (at) =>
        zip(beta, all, (b, members) => members.map((atom) =>
          circle(at(b, atom[1 + y]), 1.2 + 5 * Math.sqrt(atom[0]), b === beta[i] ? "now" : "atom-dot"))).flat());
      const counts = all.map((members) => members.length);
      const most = Math.max(...counts);
      const step = Math.ceil(most / 8);
      const values = count(Math.floor(most / step) + 1).map((k) => k * step);
      this.draw(this.counts, {
        y: [0, most + 0.5], yName: "clusters [count]", yTicks: { values, labels: values.map(String) },
      }, (at) => [
        polyline(counts.flatMap((n, k) => [...(k ? [at(beta[k], counts[k - 1])] : []), at(beta[k], n)]), "path"),
        circle(at(beta[i], here.length), 5, "now"),
      ]);
      const changes = count(beta.length).filter((k) => counts[k] !== counts[k - 1]);
      this.posteriors.setAttribute("aria-label",
        `The atoms from β = ${number(beta[0])} to ${number(beta.at(-1))}. At ${reading}.`);
      this.counts.setAttribute("aria-label", "The number of clusters: " +
        changes.map((k) => `${counts[k]} from β = ${number(beta[k])}`).join(", ") + ".");
      this.numbers.replaceChildren(
        table("The number of clusters", ["β", "clusters"],
          changes.map((k) => [number(beta[k]), String(counts[k])])),
        table(`The atoms at β = ${number(beta[i])}`, ["t", "p(t)", ...labels.map((name) => `p(${name}|t)`)],
          here.map((atom, t) => [`t${t + 1}`, ...atom.map((v) => number(v, 4))])));
      this.say(`${reading}.`);
    }

    /** A panel over β, with the critical values and the cursor. */
    draw(drawing, scales, marksOf) {
      const { beta, marks } = this.data;
      const [low, high] = [beta[0], beta.at(-1)];
      const logarithmic = high > 3 * low;
      const to = logarithmic ? Math.log : (b) => b;
      const round = ROUND.filter((b) => b >= low && b <= high);
      const plot = axes({
        ...scales, x: [to(low), to(high)], xName: "price β [no unit]",
        xTicks: logarithmic ? { values: round.map(Math.log), labels: round.map(String) } : undefined,
      });
      const upright = (b, kind) => polyline(scales.y.map((v) => plot.at(to(b), v)), kind);
      const seen = marks.map((mark, k) => ({ x: plot.x(to(mark.beta)), beta: mark.beta, name: String(k + 1) }))
        .filter((mark) => mark.beta >= low && mark.beta <= high);
      drawing.replaceChildren(
        ...plot.frame,
        ...seen.map((mark) => upright(mark.beta, "support")),
        upright(beta[this.index], "axis"),
        ...marksOf((b, value) => plot.at(to(b), value)),
        // The names of two marks that are close stand outside.
        ...seen.map(({ x, name }) => {
          const left = seen.some((other) => other.x > x && other.x - x < 14) || x > 300;
          return svg("text", {
            x: left ? x - 3 : x + 3, y: plot.top + 9, class: `bold halo ${left ? "end" : ""}`,
          }, name);
        }));
    }
  }

  /* ------------------------------------------------------------------ the surrogate */

  const UNCERTAINTIES = ["H(Y|Z)", "HΘ(Y|Z)", "HΘ(Y|X)"];
  const THREE = ["first", "second", "third"]; // how the three are drawn

  class Surrogate extends Explorable {
    build() {
      const { least } = this.data;
      this.reset();
      this.encoderSlider = slider("encoder p(z = x)", 100, (place) => this.set({ encoder: place }));
      this.decoderSliders = [0, 1].map((z) =>
        slider(`decoder p(ŷ = 1|z = ${z})`, Math.round(100 - 200 * least), (place) =>
          this.set({ decoder: this.decoder.with(z, least + (1 - 2 * least) * place) })));
      this.drawing = picture(300);
      [this.reading, this.verdict] = ["line", "note two-lines"].map((kind) => h("p", { class: kind }));
      this.pushes = h("div");
      const step = (name, k) => button(`a step down ${name}`, () => {
        const [, slope] = uncertainties(this.decoder, this.encoder)[k];
        this.set({ encoder: this.encoder - 0.05 * Math.sign(slope) });
      });
      return [
        h("div", { class: "stack" }, this.encoderSlider.row, ...this.decoderSliders.map(({ row }) => row)),
        h("div", { class: "controls actions small" },
          button("decoder = p(y|z)", () => this.set({ decoder: [1 - this.encoder, this.encoder] })),
          button("start again", () => { this.reset(); this.update(); })),
        this.reading, this.verdict,
        h("div", { class: "panels two" },
          panel("The uncertainties", "against the encoder; an arrow points down its curve", this.drawing,
            key(...zip(UNCERTAINTIES, THREE, (name, kind) => [stroke(kind), name]))),
          h("div", {}, this.pushes,
            h("div", { class: "controls actions small" }, ...UNCERTAINTIES.map(step)))),
      ];
    }

    reset() {
      const { decoder, encoder } = this.data;
      Object.assign(this, { decoder, encoder });
    }

    set({ encoder = this.encoder, decoder = this.decoder }) {
      const { least } = this.data;
      const round = (p, low) => Number(clamp(p, low, 1 - low).toFixed(2));
      Object.assign(this, { encoder: round(encoder, 0), decoder: decoder.map((p) => round(p, least)) });
      this.update();
    }

    /** Where a loss of this slope pushes the encoder: −1, 0 or 1. */
    push(slope) {
      const way = Math.abs(slope) < NEGLIGIBLE ? 0 : -Math.sign(slope);
      return clamp(this.encoder + way, 0, 1) === this.encoder ? 0 : way;
    }

    way(slope) { return ["down", "nowhere", "up"][1 + this.push(slope)]; }

    update() {
      const { least, unit } = this.data;
      const here = uncertainties(this.decoder, this.encoder);
      const [own, surrogate] = here.map(([, slope]) => this.push(slope));
      const values = zip(UNCERTAINTIES, here, (name, [nats]) => `${name} = ${this.value(nats)}`).join(", ");
      const reading = `p(z = x) = ${number(this.encoder, 2)}: ${values} ${unit}`;
      this.encoderSlider.show(this.encoder, number(this.encoder, 2));
      this.decoderSliders.forEach((one, z) =>
        one.show((this.decoder[z] - least) / (1 - 2 * least), number(this.decoder[z], 2)));
      this.reading.textContent = reading;
      this.verdict.textContent = surrogate === 0 ? "HΘ(Y|Z) pushes the encoder nowhere." :
        `A small step down HΘ(Y|Z) ${surrogate < 0 ? "lowers" : "raises"} p(z = x), and H(Y|Z) ` +
        (this.encoder === 0.5 || own === surrogate ? "falls: the code learns." : "rises: the code unlearns.");
      this.pushes.replaceChildren(table("Where each loss pushes", ["loss", unit, "p(z = x)"],
        zip(UNCERTAINTIES, here, (name, [nats, slope]) =>
          [name, this.value(nats), this.way(slope)])));
      this.draw(here);
      const places = [...new Set([...count(11).map((i) => i / 10), this.encoder])].sort((a, b) => a - b);
      this.numbers.replaceChildren(table(`The three in ${unit}`, ["p(z = x)", ...UNCERTAINTIES],
        places.map((e) =>
          [number(e, 2), ...uncertainties(this.decoder, e).map(([nats]) => this.value(nats))])));
      this.say(`${reading}. ${this.verdict.textContent}`);
    }

    draw(here) {
      const { unit } = this.data;
      const places = count(101).map((i) => i / 100);
      const curves = transpose(places.map((e) =>
        uncertainties(this.decoder, e).map(([nats]) => nats * this.scale)));
      const plot = axes({
        x: [0, 1], y: [0, roomFor(1.02 * Math.max(...curves.flat()), [1, 1.5, 2, 3, 4, 6])], height: 300,
        xName: "encoder p(z = x) [no unit]", yName: `uncertainty [${unit}]`,
      });
      this.drawing.replaceChildren(
        ...plot.frame,
        polyline([[plot.x(this.encoder), plot.top], [plot.x(this.encoder), plot.bottom]], "divider"),
        plot.cut(...zip(curves, THREE, (values, kind) => polyline(zip(places, values, plot.at), kind))),
        ...zip(here, THREE, ([nats, slope], kind) => {
          const from = plot.at(this.encoder, nats * this.scale);
          const along = clamp(slope, -50, 50) * this.scale;
          const [dx, dy] = zip(plot.at(1, along), plot.at(0, 0), (a, b) => this.push(slope) * (a - b));
          const stretch = 30 / (Math.hypot(dx, dy) || 1);
          return svg("g", { class: kind },
            ...(this.push(slope) ? [arrow(from, [dx * stretch, dy * stretch])] : []), circle(from, 4.5, ""));
        }));
      this.drawing.setAttribute("aria-label", `Three curves against p(z = x). At ${number(this.encoder, 2)} ` +
        zip(UNCERTAINTIES, here, (name, [nats, slope]) =>
          `${name} is ${this.value(nats)} ${unit} and pushes ${this.way(slope)}`).join(", ") + ".");
    }
  }

  /* ------------------------------------------------------------------ what the rate counts */

  /** The mark of a class: five colours, first round and then square. */
  const classMark = (place, k, r) =>
    (k < 5 ? circle(place, r, `class${k} classed`) : diamond(place, 1.2 * r, `class${k - 5} classed`));

  class Rate extends Explorable {
    build() {
      const { beta, start, names, codes, unit } = this.data;
      this.most = unit === "bits" ? "log₂ N" : "ln N";
      const last = beta.length - 1;
      this.index = start;
      this.slider = slider("price β", last, (place) => {
        this.index = Math.round(place * last);
        this.update();
      });
      [this.latents, this.bars] = [picture(324), picture(324)];
      [this.reading, this.verdict] = ["line", "note two-lines"].map((kind) => h("p", { class: kind }));
      return [
        this.slider.row, this.reading, this.verdict,
        h("div", { class: "panels two" },
          panel("The codes", codes[0].s ? "a mark is the mean of an input's code, an ellipse its spread" :
            "a mark is the mean of an input's code", this.latents,
          key(...names.map((name, k) => [sample(classMark([9, 6], k, 4)), name]),
            [sample(circle([9, 6], 5, "prior")), "r(z): one and two deviations"])),
          panel("The amounts", "what the rate counts, what there is, what is needed", this.bars,
            key([swatch("positive"), "I(X;Z)"], [swatch("negative"), "slack of the rate"],
              [swatch("total"), "decoder's bound on I(Z;Y)"],
              [stroke("level"), "most that N inputs carry, and what Y needs"]))),
      ];
    }

    update() {
      const { beta, bars, n, needed, unit } = this.data;
      const [rate, information, bound] = bars.map((values) => values[this.index]);
      const ceiling = Math.log(n);
      const reading = `β = ${short(beta[this.index])}: R = ${this.value(rate)}, I(X;Z) = ` +
        `${this.value(information)}, I(Z;Y) at least ${this.value(bound)} ${unit}`;
      this.slider.show(this.index / (beta.length - 1), `β = ${short(beta[this.index])}`);
      this.reading.textContent = reading;
      const slack = Math.max(0, rate - information);
      this.verdict.textContent = `Of the rate ${this.value(slack)} ${unit} are slack. ` + (information > needed ?
        `Z carries ${this.value(information - needed)} more than the label needs.` :
        "Z carries less than the label needs.");
      this.drawLatents();
      this.drawBars({ rate, information, bound, ceiling, needed });
      this.numbers.replaceChildren(table(
        `The codes in ${unit}; ${this.most} = ${this.value(ceiling)}, H(Y) = ${this.value(needed)}`,
        ["β", "rate R", "I(X;Z)", "I(Z;Y) at least"],
        zip(beta, transpose(bars), (b, values) => [short(b), ...values.map((nats) => this.value(nats))])));
      this.say(`${reading}.`);
    }

    drawLatents() {
      const { beta, codes, labels, names } = this.data;
      const { limit, z: [xs, ys], s } = codes[this.index];
      const plot = axes({
        x: [-limit, limit], y: [-limit, limit], height: 324, xName: "z1 [no unit]", yName: "z2 [no unit]",
      });
      const at = (x, y) => plot.at((limit * x) / 1000, (limit * y) / 1000);
      const size = plot.x(1) - plot.x(0);
      const means = names.map((_, k) => [xs, ys].map((values) => {
        const own = values.filter((__, i) => labels[i] === k);
        return sum(own) / own.length;
      }));
      const places = means.map(([x, y]) => at(x, y));
      const clear = ([x, y], [a, b], width) => Math.abs(a - x) > width || Math.abs(b - y) > 13;
      const words = names.filter((name, k) => places.every((other, j) =>
        j === k || clear(places[k], other, 4 * (name.length + names[j].length) + 2)));
      this.latents.replaceChildren(
        ...plot.frame,
        plot.cut(
          ...[1, 2].map((k) => circle(at(0, 0), k * size, "prior")),
          ...(s ? labels.map((k, i) => {
            const [cx, cy] = at(xs[i], ys[i]);
            const [rx, ry] = s.map((values) => (size * limit * values[i]) / 1000);
            return svg("ellipse", { cx, cy, rx, ry, class: `class${k % 5} spread` });
          }) : []),
          ...labels.map((k, i) => classMark(at(xs[i], ys[i]), k, 3))),
        // Names stand where the classes are apart.
        ...words.map((name) => {
          const [x, y] = places[names.indexOf(name)];
          return svg("text", { x, y: y + 4, class: "middle bold halo" }, name);
        }));
      this.latents.setAttribute("aria-label", `The codes at β = ${short(beta[this.index])}, one mark an ` +
        `input, within ${limit} of the origin. Means of the classes: ` + zip(names, means, (name, mean) =>
        `${name} at ${mean.map((v) => number((limit * v) / 1000, 1)).join(", ")}`).join("; ") + ".");
    }

    drawBars({ rate, information, bound, ceiling, needed }) {
      const { bars, unit } = this.data;
      const top = 1.25 * Math.max(ceiling, ...bars[1], ...bars[2]);
      const plot = axes({
        x: [0, 3], y: [0, top * this.scale], height: 324, xName: "", yName: `[${unit}]`,
        xTicks: { values: [], labels: [] },
      });
      const at = (slot, nats) => plot.at(slot, nats * this.scale);
      const bar = (slot, from, to, kind) => {
        const [x, low] = at(slot + 0.18, Math.max(0, from));
        const [right, high] = at(slot + 0.82, Math.min(to, top));
        return svg("rect", { x, y: high, width: right - x, height: Math.max(0, low - high), class: kind });
      };
      const level = (nats, name) => [
        polyline([at(0, nats), at(3, nats)], "level"),
        svg("text", { x: plot.right, y: at(3, nats)[1] - 6, class: "end halo" },
          `${name} = ${this.value(nats)}`),
      ];
      const torn = rate > top ? [polyline(
        count(9).map((i) => [at(0.1 + 0.1 * i, 0)[0], plot.top + 14 + (i % 2 ? -4 : 4)]), "torn")] : [];
      const words = [["rate R", rate], ["I(X;Z)", information], ["I(Z;Y) ≥", bound]];
      this.bars.replaceChildren(
        hatch(),
        ...plot.frame,
        bar(0, 0, Math.min(information, rate), "positive"), bar(0, information, rate, "negative"),
        bar(1, 0, information, "positive"), bar(2, 0, bound, "total"),
        ...torn,
        polyline([at(0, 0), at(3, 0)], "axis"),
        ...level(ceiling, this.most), ...level(needed, "H(Y)"),
        ...words.flatMap(([name, nats], slot) => [[name, 15, ""], [this.value(nats), 31, "bold"]].map(
          ([text, below, kind]) =>
            svg("text", { x: at(slot + 0.5, 0)[0], y: plot.bottom + below, class: `middle ${kind}` }, text))));
      this.bars.setAttribute("aria-label", `Bars in ${unit}: ` +
        words.map(([name, nats]) => `${name} ${this.value(nats)}`).join(", ") +
        `; lines at ${this.most} = ${this.value(ceiling)} and H(Y) = ${this.value(needed)}.`);
    }
  }

  /* ------------------------------------------------------------------ bins and noise */

  /** Ticks at the powers of ten between two logarithms. */
  const decades = (low, high) => {
    const first = Math.ceil(low - 1e-9);
    const values = count(Math.floor(high + 1e-9) - first + 1).map((k) => first + k);
    const word = (k) => (k < -2 ? `10${superscript(k)}` : number(10 ** k, Math.max(0, -k)));
    return { values, labels: values.map(word) };
  };

  class Binning extends Explorable {
    build() {
      const { widths, scales, width, noise } = this.data;
      [this.w, this.c] = [width, scales.length - 1];
      const choose = (name, values, key) => slider(name, values.length - 1, (place) => {
        this[key] = Math.round(place * (values.length - 1));
        this.update();
      });
      [this.widthSlider, this.scaleSlider] = [choose("bin width", widths, "w"), choose("scale c", scales, "c")];
      [this.strip, this.byWidth, this.byScale] = [picture(74), picture(), picture(334)];
      [this.reading, this.verdict] = ["line", "note two-lines"].map((kind) => h("p", { class: kind }));
      return [
        h("div", { class: "stack" }, this.widthSlider.row, this.scaleSlider.row),
        this.reading, this.verdict,
        h("div", { class: "panels two" },
          panel("Narrower bins", "one line an input, at its code cz(x), in the bins; what the bins tell of X",
            this.strip, this.byWidth),
          panel("A smaller layer", "the layer times c, the next one divided by c: the same net",
            this.byScale)),
        key([stroke("first"), "I(X; bin of cZ)"],
          [stroke("second"), `I(X; cZ + ε), noise of deviation ${short(noise)}`],
          [stroke("level"), "I(X; cZ)"],
          [stroke("third"), "change of the entropy, h(cZ) − h(Z) = ln c"]),
      ];
    }

    binned(c, w) {
      const { z, widths, scales } = this.data;
      return binnedInformation(z.map((value) => scales[c] * value), widths[w]);
    }

    update() {
      const { widths, scales, noisy, whole, unit } = this.data;
      const { c, w } = this;
      const [width, scale] = [short(widths[w], 4), number(scales[c])];
      const here = { binned: this.binned(c, w), noisy: noisy[c], entropy: Math.log(scales[c]) };
      const found = `${this.value(here.binned)}, with noise ${this.value(here.noisy)}, ` +
        `without noise ${this.value(whole)} ${unit}`;
      const reading = `Bin width ${width}, c = ${scale}: binned I = ${found}`;
      this.widthSlider.show(w / (widths.length - 1), width);
      this.scaleSlider.show(c / (scales.length - 1), scale);
      this.reading.textContent = reading;
      const moved = here.binned - this.binned(scales.length - 1, w);
      this.verdict.textContent = c === scales.length - 1 ?
        "Narrow bins find almost all that Z without noise tells, wide bins little: the width is a choice." :
        "Scaled by c, the code without noise loses nothing. Yet the entropy h(cZ) is lower by " +
        `${this.value(-here.entropy)}, and what the bins find is ${moved > 0 ? "higher" : "lower"} by ` +
        `${this.value(Math.abs(moved))}. With noise ${this.value(noisy.at(-1) - here.noisy)} ${unit} are lost.`;
      this.drawStrip(widths[w], scales[c]);
      this.draw(this.byWidth, {
        values: widths, at: w, lowest: 0, height: 260, xName: "bin width [unit of Z]",
        curves: [widths.map((_, i) => this.binned(c, i)), widths.map(() => here.noisy)],
      });
      this.draw(this.byScale, {
        values: scales, at: c, lowest: Math.log(scales[0]), height: 334, xName: "scale c [no unit]",
        curves: [scales.map((_, i) => this.binned(i, w)), noisy, scales.map(Math.log)],
      });
      this.byWidth.setAttribute("aria-label", `What the bins find against their width, at c = ${scale}: ` +
        `${this.value(this.binned(c, 0))} to ${this.value(this.binned(c, widths.length - 1))}, and ${found}.`);
      this.byScale.setAttribute("aria-label", `Against the scale, at bin width ${width}. At c = ${scale}: ` +
        `the bins find ${found}; the entropy changes by ${this.value(here.entropy)}.`);
      const every = (values, index) => [...new Set([...count(11).map((k) =>
        Math.round((k * (values.length - 1)) / 10)), index])].sort((a, b) => a - b);
      const inBins = "I(X; bin of cZ)";
      this.numbers.replaceChildren(
        table(`Bins at c = ${scale}, in ${unit}`, ["bin width", inBins],
          every(widths, w).map((i) => [short(widths[i], 4), this.value(this.binned(c, i))])),
        table(`Scales at bin width ${width}, in ${unit}`, ["c", inBins, "I(X; cZ + ε)", "h(cZ) − h(Z)"],
          every(scales, c).map((i) => [number(scales[i]), ...[this.binned(i, w), noisy[i], Math.log(scales[i])]
            .map((nats) => this.value(nats))])));
      this.say(`${reading}.`);
    }

    /** The codes on a line of fixed width, with the bins in two shades and the noise as a bell. */
    drawStrip(width, scale) {
      const { z, noise } = this.data;
      const reach = 1.06 * Math.max(...z.map(Math.abs));
      const x = (value) => 178 + (134 * value) / reach;
      const step = x(width) - x(0);
      const half = Math.ceil(reach / width / 2);
      const bins = step < 2 ? [] : count(2 * half + 1) // every other bin
        .map((k) => [0, 1].map((end) => clamp(x((2 * (k - half) + end) * width), 44, 312)))
        .filter(([a, b]) => b > a);
      const bell = count(41).map((i) => (i - 20) / 6);
      this.strip.replaceChildren(
        svg("rect", { x: 44, y: 6, width: 268, height: 30, class: step < 2 ? "cell bin" : "outline bin" }),
        ...bins.map(([a, b]) => svg("rect", { x: a, y: 6, width: b - a, height: 30, class: "cell bin" })),
        ...z.map((value) => svg("line", {
          x1: x(scale * value).toFixed(2), x2: x(scale * value).toFixed(2), y1: 10, y2: 32, class: "input",
        })),
        polyline(bell.map((t) => [x(t * noise), 62 - 20 * Math.exp((-t * t) / 2)])
          .filter(([place]) => place > 44 && place < 312), "second"),
        svg("text", { x: Math.min(x(3 * noise) + 6, 262), y: 56, class: "tick halo" }, "noise ε"),
        svg("text", { x: 38, y: 25, class: "tick end" }, "cz(x)"));
      this.strip.setAttribute("aria-label",
        `The ${z.length} codes lie between ${number(scale * Math.min(...z), 2)} and ` +
        `${number(scale * Math.max(...z), 2)}, in bins of width ${short(width, 4)}.`);
    }

    draw(drawing, { values, at: index, lowest, height, xName, curves }) {
      const { whole, unit } = this.data;
      const places = values.map(Math.log10);
      const [low, high] = [places[0], places.at(-1)];
      const plot = axes({
        x: [low, high], y: [lowest * this.scale, 1.08 * whole * this.scale], height,
        xName, yName: `[${unit}]`, xTicks: decades(low, high),
      });
      const at = (place, nats) => plot.at(place, nats * this.scale);
      drawing.replaceChildren(
        ...plot.frame,
        polyline([at(low, 0), at(high, 0)], "axis"),
        polyline([[plot.x(places[index]), plot.top], [plot.x(places[index]), plot.bottom]], "divider"),
        polyline([at(low, whole), at(high, whole)], "level"),
        ...zip(curves, THREE, (curve, kind) => svg("g", { class: kind },
          polyline(zip(places, curve, at), ""), circle(at(places[index], curve[index]), 4.5, ""))));
    }
  }

  /* ------------------------------------------------------------------ bounds and their gaps */

  class Bounds extends Explorable {
    build() {
      const { joint, encoder, sharpest, steepest } = this.data;
      [this.hX, this.hY] = [joint, transpose(joint)].map((rows) => entropy(rows.map(sum)));
      this.clusters = encoder[0].map((_, t) => `t${t + 1}`);
      this.reset();
      this.sliders = [
        ["decoder: sharpness τ", 96, (place) => ({ sharpness: sharpest ** (2 * place - 1) })],
        ["marginal: tilt s", 120, (place) => ({ tilt: steepest * (2 * place - 1) })],
        ["price β", 100, (place) => ({ beta: place })],
      ].map(([name, steps, to]) => slider(name, steps, (place) => this.set(to(place))));
      [this.bars, this.map] = [picture(220), picture()];
      [this.reading, this.verdict] = ["line", "note two-lines"].map((kind) => h("p", { class: kind }));
      return [
        h("div", { class: "stack" }, ...this.sliders.map(({ row }) => row)),
        h("div", { class: "controls actions small" },
          button("optimal decoder", () => this.set({ sharpness: 1 })),
          button("optimal marginal", () => this.set({ tilt: 0 })),
          button("start again", () => { this.reset(); this.update(); })),
        this.reading, this.verdict,
        h("div", { class: "panels two" },
          panel("What is there, and the gaps", "a bound is its truth and its gap; the loss is both bounds",
            this.bars,
            key([swatch("positive"), "H(Y|T)"], [swatch("total"), "I(X;T), in the loss times β"],
              [swatch("negative"), "gap of a guess"],
              [stroke("axis"), "a bound beyond H(Y), H(X) says nothing"])),
          panel("The guesses", "the decoder d(y|t), and below it the marginal r(t)", this.map)),
      ];
    }

    reset() {
      const { sharpness, tilt, beta } = this.data;
      Object.assign(this, { sharpness, tilt, beta });
    }

    set(change) {
      Object.assign(this, change);
      this.update();
    }

    update() {
      const { joint, encoder, names, sharpest, steepest, unit } = this.data;
      const { sharpness, tilt, beta } = this;
      const model = variational(joint, encoder, sharpness, tilt);
      const { hYT, decoderGap, crossEntropy, iXT, marginalGap, rate } = model;
      const loss = crossEntropy + beta * rate;
      const words = [sharpness, tilt, beta].map((value) => number(value, 2));
      const places = [(1 + Math.log(sharpness) / Math.log(sharpest)) / 2, (1 + tilt / steepest) / 2, beta];
      this.sliders.forEach((one, k) => one.show(places[k], words[k]));
      const reading = `Cross-entropy ${this.value(crossEntropy)}, rate ${this.value(rate)}, ` +
        `loss ${this.value(loss)} ${unit}`;
      this.reading.textContent = reading;
      this.verdict.textContent = `So I(T;Y) is at least H(Y) − ${this.value(crossEntropy)} = ` +
        `${this.value(this.hY - crossEntropy)}, and is ${this.value(this.hY - hYT)}; I(X;T) is at most ` +
        `${this.value(rate)}, and is ${this.value(iXT)}.`;
      this.drawBars(model, loss);
      drawHeatMap(this.map, {
        matrix: transpose(model.decoder), rows: names, columns: this.clusters, foot: ["r(t)", model.marginal],
        rowName: "label y", columnName: "cluster t [probability, no unit]",
      });
      this.map.setAttribute("aria-label", "The guesses as shaded cells: " + zip(this.clusters, model.decoder,
        (t, row) => `${t}: d = ${row.map((p) => number(p, 2)).join(", ")}`).join("; ") +
        `; r = ${model.marginal.map((p) => number(p, 2)).join(", ")}.`);
      const row = (name, truth, gap) => [name, ...[truth, gap, truth + gap].map((nats) => this.value(nats))];
      this.numbers.replaceChildren(table(`The loss in ${unit}`, ["bound", "what is there", "gap", "sum"], [
        row("cross-entropy", hYT, decoderGap), row("rate", iXT, marginalGap),
        row("loss", hYT + beta * iXT, decoderGap + beta * marginalGap),
      ]));
      this.say(`${reading}. ${this.verdict.textContent}`);
    }

    drawBars({ hYT, decoderGap, crossEntropy, iXT, marginalGap, rate }, loss) {
      const { unit } = this.data;
      const longest = Math.max(this.hX, this.hY, crossEntropy, rate, loss) * this.scale;
      const end = roomFor(longest, [1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32]);
      const x = (nats) => 4 + (308 * nats * this.scale) / end;
      const value = (nats) => this.value(nats);
      const [blue, hatched, green] = ["positive", "negative", "total"];
      const rows = [
        [`cross-entropy = ${value(hYT)} + ${value(decoderGap)}`, [[hYT, blue], [decoderGap, hatched]],
          ["H(Y)", this.hY]],
        [`rate R = ${value(iXT)} + ${value(marginalGap)}`, [[iXT, green], [marginalGap, hatched]],
          ["H(X)", this.hX]],
        [`loss = cross-entropy + ${number(this.beta, 2)} R = ${value(loss)}`,
          [[hYT, blue], [decoderGap, hatched], [this.beta * iXT, green], [this.beta * marginalGap, hatched]]],
      ];
      const { values, labels } = ticks(0, end);
      this.bars.replaceChildren(
        hatch(),
        ...values.map((v) => polyline([[x(v / this.scale), 22], [x(v / this.scale), 186]], "grid")),
        ...rows.flatMap(([words, parts, mark], k) => {
          const y = 22 + 66 * k;
          let from = 0; // where the next part begins
          const bar = parts.map(([nats, kind]) => {
            from += nats;
            return svg("rect", { x: x(from - nats), width: x(nats) - x(0), y, height: 26, class: kind });
          });
          const at = mark && x(mark[1]);
          return [svg("text", { x: 4, y: y - 6, class: "halo" }, words), ...bar, ...(mark ? [
            polyline([[at, y], [at, y + 31]], "axis"),
            svg("text", { x: at, y: y + 43, class: `tick halo ${at > 280 ? "end" : at < 40 ? "" : "middle"}` },
              mark[0]),
          ] : [])];
        }),
        ...zip(values, labels, (v, text) => svg("text", {
          x: x(v / this.scale), y: 200, class: `tick ${v === 0 ? "" : v > 0.95 * end ? "end" : "middle"}`,
        }, text)),
        svg("text", { x: 312, y: 216, class: "unit end" }, `[${unit}]`));
      this.bars.setAttribute("aria-label", `Stacked bars in ${unit}: ` +
        rows.map(([words]) => words).join("; ") +
        `; H(Y) = ${value(this.hY)}, H(X) = ${value(this.hX)}.`);
    }
  }

  customElements.define("ib-info-diagram", InfoDiagram);
  customElements.define("ib-gibbs-bars", GibbsBars);
  customElements.define("ib-stepper", Stepper);
  customElements.define("ib-envelope", Envelope);
  customElements.define("ib-rd-plane", RDPlane);
  customElements.define("ib-posterior-simplex", Simplex);
  customElements.define("ib-bifurcation", Bifurcation);
  customElements.define("ib-surrogate", Surrogate);
  customElements.define("ib-rate", Rate);
  customElements.define("ib-binning", Binning);
  customElements.define("ib-bounds", Bounds);
  // For tests: the model, as Python has it.
  window.ibcourse = {
    atoms, mixture, gibbs, move, information, encoded, ibStep, ibPath, ibSweep,
    envelopeFunction, envelopeAt, gibbsChannel, samePosterior, merged, short, uncertainties, binnedInformation,
    variational,
  };
})();
