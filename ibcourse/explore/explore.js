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
    h("div", { class: "scroll" },
      h("table", {},
        h("caption", {}, caption),
        h("thead", {}, h("tr", {}, ...header.map((text) => h("th", { scope: "col" }, text)))),
        h("tbody", {}, ...rows.map(([head, ...values]) =>
          h("tr", {}, h("th", { scope: "row" }, head), ...values.map((text) => h("td", {}, text)))))));

  /** Stripes, so that "below zero" does not rest on colour alone. */
  const hatch = () =>
    svg("defs", {},
      svg("pattern", {
        id: "hatch", width: 7, height: 7, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)",
      },
      svg("rect", { width: 7, height: 7, class: "hatch-ground" }),
      svg("rect", { width: 2.5, height: 7, class: "hatch-line" })));

  const swatch = (kind) =>
    svg("svg", { class: "swatch", viewBox: "0 0 18 12", "aria-hidden": "true" },
      hatch(), svg("rect", { width: 18, height: 12, rx: 2, class: kind }));

  const stroke = (kind) =>
    svg("svg", { class: "swatch", viewBox: "0 0 18 12", "aria-hidden": "true" },
      svg("line", { x1: 0, x2: 18, y1: 6, y2: 6, class: kind }));

  const CSS = `
    :host {
      --ink: var(--pst-color-text-base, var(--jp-content-font-color1, #222832));
      --quiet: var(--pst-color-text-muted, var(--jp-content-font-color2, #48566b));
      --paper: var(--pst-color-background, var(--jp-layout-color1, #fff));
      --line: var(--pst-color-border, var(--jp-border-color1, #d1d5da));
      --track: #7d8590; --blue: #3761f1; --brick: #a25234; --green: #0aa481;
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

    @media (max-width: 480px) { :host { --label: 13.5px; --tick: 12.5px; --atom: 15px; } }
    @media (prefers-reduced-motion: reduce) { * { transition: none !important; } }
    @media print {
      .controls, .chips, summary, .actions { display: none !important; }
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
      const button = (text, action) =>
        h("button", { type: "button", onclick: () => { action(); this.update(); } }, text);
      return h("div", { class: "controls actions" },
        button("q = p", () => { this.q = [...this.p]; }),
        button("q uniform", () => { this.q = this.p.map(() => 1 / this.p.length); }),
        button("swap p and q", () => { [this.p, this.q] = [this.q, this.p]; }),
        button("start again", () => this.reset()));
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

  customElements.define("ib-info-diagram", InfoDiagram);
  customElements.define("ib-gibbs-bars", GibbsBars);
  // For tests: the model, as Python has it.
  window.ibcourse = { atoms, mixture, gibbs, move };
})();
