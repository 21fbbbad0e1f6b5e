(() => {
  "use strict";

  // A wide formula scrolls in its own box: that box must be reachable by keyboard, and only then.
  // Measuring forces layout, so it is done in idle time.
  const whenIdle = window.requestIdleCallback || ((task) => setTimeout(() => task({ timeRemaining: () => 20 }), 50));
  const WIDE = { tabindex: "0", role: "group", "aria-label": "Wide formula, scrolls sideways" };
  function markWideFormulas() {
    const boxes = [...document.querySelectorAll(".math-scroll")];
    whenIdle(function some(deadline) {
      while (boxes.length && deadline.timeRemaining() > 8) {
        const box = boxes.shift();
        const wide = box.scrollWidth > box.clientWidth + 1;
        for (const name in WIDE) wide ? box.setAttribute(name, WIDE[name]) : box.removeAttribute(name);
      }
      if (boxes.length) whenIdle(some);
    });
  }
  let width = innerWidth;
  addEventListener("load", markWideFormulas);
  document.addEventListener("toggle", markWideFormulas, true); // what was folded has no width
  addEventListener("resize", () => {
    if (innerWidth !== width) markWideFormulas();
    width = innerWidth;
  });

  // Sections out of sight have estimated heights, so a jump to an anchor lands askew: jump again until it holds still.
  function settle(tries = 20, last = NaN) {
    const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !tries) return;
    target.scrollIntoView();
    const top = target.getBoundingClientRect().top;
    if (top !== last) requestAnimationFrame(() => settle(tries - 1, top));
  }
  addEventListener("load", () => settle());
  addEventListener("hashchange", () => settle());

  // A formula holds its text twice, for the eye and for screen readers: what is copied is its TeX.
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    const box = document.createElement("div");
    for (let i = 0; i < selection.rangeCount; i++) box.append(selection.getRangeAt(i).cloneContents());
    const formulas = box.querySelectorAll(".katex");
    if (!formulas.length) return;
    for (const formula of formulas) {
      const tex = formula.querySelector("annotation");
      const mark = formula.closest(".katex-display") ? "$$" : "$";
      if (tex) formula.replaceWith(mark + tex.textContent.trim() + mark);
    }
    event.clipboardData.setData("text/plain", box.textContent);
    event.preventDefault();
  });

  // The theme binds its phone drawers to the buttons of the header that ib.css hides: pass on clicks on the others.
  document.addEventListener("DOMContentLoaded", () => {
    for (const side of ["primary", "secondary"]) {
      const drawer = document.querySelector(`#pst-${side}-sidebar`);
      const bound = document.querySelector(`#pst-header .${side}-toggle`);
      if (!drawer || !bound) continue;
      for (const button of document.querySelectorAll(`.bd-header-article .${side}-toggle`)) {
        button.addEventListener("click", () => {
          const { left, right, width } = drawer.getBoundingClientRect();
          if (!width || right <= 0 || left >= innerWidth) bound.click();
        });
      }
    }
  });
})();
