// Checks the quizzes of a page. Nothing is sent or kept.
(() => {
  "use strict";
  const NATS = { nat: 1, bit: Math.LN2 }; // one of each, in nats
  const unitName = (unit) => unit.toLowerCase().replace(/s$/, "");

  // Copies of entries of the folded answers: the words that the author wrote are the verdict.
  function entries(form, indices, right) {
    const answers = form.querySelector(".quiz-answers").querySelector("ol, ul");
    const list = answers.cloneNode(false);
    for (const index of indices) {
      const entry = answers.children[index].cloneNode(true);
      for (const node of entry.querySelectorAll("[id]")) node.removeAttribute("id");
      entry.querySelector("strong").textContent = right ? "Right." : "Wrong.";
      if (list.tagName === "OL") entry.value = index + 1; // keeps the option's letter
      list.append(entry);
    }
    return list;
  }

  function sentence(text) {
    const paragraph = document.createElement("p");
    paragraph.textContent = text;
    return paragraph;
  }

  // Each check returns the state ("right", "wrong" or "unclear") and what the verdict holds.
  function checkChoice(form, { right }) {
    const ticked = [...form.elements.option].flatMap((input, index) => (input.checked ? [index] : []));
    if (!ticked.length) return ["unclear", sentence("Choose an option first.")];
    const wrong = ticked.filter((index) => !right.includes(index));
    const missing = right.some((index) => !ticked.includes(index));
    if (!wrong.length && !missing) return ["right", entries(form, ticked, true)];
    const verdict = wrong.length ? [entries(form, wrong, false)] : [];
    if (missing && right.length > 1) verdict.push(sentence("Some right options are not ticked yet."));
    return ["wrong", ...verdict];
  }

  // "0.53", "0,53", "53/100", each with or without a unit; null where it is none of these.
  function readNumber(text) {
    const number = "([+-]?(?:\\d+[.,]?\\d*|[.,]\\d+)(?:e[+-]?\\d+)?)";
    const match = text.trim().replace("−", "-").match(new RegExp(`^${number}(?:\\s*/\\s*${number})?\\s*(\\D.*)?$`, "i"));
    if (!match) return null;
    const [above, below] = [match[1], match[2] || "1"].map((part) => Number(part.replace(",", ".")));
    return below === 0 ? null : { value: above / below, unit: match[3] };
  }

  function checkNumber(form, { answer, tolerance, unit, wrong }) {
    const asked = unitName(unit);
    const read = readNumber(form.elements.value.value);
    const typed = read && unitName(read.unit || unit);
    if (!read || (typed !== asked && !(typed in NATS && asked in NATS))) {
      const where = unit === "1" ? "" : `, in ${unit}`;
      return ["unclear", sentence(`Write a number${where}, such as 0.53, 0,53 or 53/100.`)];
    }
    const near = (from, target) => {
      const value = from === asked ? read.value : (read.value * NATS[from]) / NATS[asked];
      return Math.abs(value - target) <= tolerance * (1 + 1e-9); // a value at the very edge counts
    };
    if (near(typed, answer)) return ["right", entries(form, [0], true)];
    const known = wrong.findIndex((value) => near(typed, value));
    if (known >= 0) return ["wrong", entries(form, [known + 1], false)];
    const other = { bit: "nat", nat: "bit" }[typed];
    if (other && near(other, answer)) {
      return ["wrong", sentence(`Check the unit: your number is right in ${other}s, not in ${typed}s.`)];
    }
    return ["wrong", entries(form, [wrong.length + 1], false)];
  }

  for (const form of document.querySelectorAll("form.quiz")) {
    const check = JSON.parse(form.dataset.check);
    const verdict = form.querySelector(".quiz-verdict");
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      const [state, ...content] = "right" in check ? checkChoice(form, check) : checkNumber(form, check);
      verdict.setAttribute("data-state", state); // written out: the site drops style rules for words that occur nowhere
      verdict.replaceChildren(...content);
    });
    form.addEventListener("input", () => verdict.replaceChildren());
  }

  // Print shows the answers; closed ones are folded again afterwards.
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll(".quiz-answers:not([open])")];
    for (const details of opened) details.open = true;
  });
  addEventListener("afterprint", () => {
    for (const details of opened) details.open = false;
  });
})();
