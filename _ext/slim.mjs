// Two jobs for the build, one an argument: the drawings of the theme's icons, and a style sheet without unused rules.
import fs from "node:fs";
import vm from "node:vm";
import { PurgeCSS } from "purgecss";

const jobs = {
  // The theme's icon script registers {style: {name: [width, height, aliases, code, path]}} on `window`.
  icons({ script }) {
    const window = {};
    vm.runInNewContext(fs.readFileSync(script, "utf8"), { window, self: window });
    const { "fa-brands": brands, "fa-regular": regular, "fa-solid": solid } = window.___FONT_AWESOME___.styles;
    return { ...brands, ...regular, ...solid };
  },

  async purge({ sheets, words }) {
    const results = await new PurgeCSS().purge({
      css: sheets.map((raw) => ({ raw })),
      content: [{ raw: words, extension: "html" }],
      // Classes that scripts put together from pieces.
      safelist: { greedy: [/^bs-/, /tooltip/, /^fade/, /^show/, /collaps/] },
    });
    return results.map((result) => result.css);
  },
};

const { job, ...request } = JSON.parse(fs.readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(await jobs[job](request)));
