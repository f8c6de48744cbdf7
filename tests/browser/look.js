// What a test looks for in a widget. Each function of `kitLook` takes the widget's root element and
// returns one line for each finding.

(() => {
  const GRAPHIC = 3; // WCAG 1.4.11: what is no text has 3:1 against what lies beside it
  const LETTERS = 4.5; // WCAG 1.4.3; axe looks at the text of pages, not at that of drawings
  // Shapes that carry a meaning, and the property that draws them.
  const SHAPES = {
    fill: ".kd-disc, .kd-fill, .kd-rise, .kd-flag, .kb-dot",
    stroke: ".kd-ring, .kd-mark, .kd-box, .kd-arrow, .kd-climb, .kd-pill, .kb-curve, .kb-mark",
  };
  const ON_FLAG = ".kd-here, .kd-tick"; // they lie on the shape before them
  const FIELDS = "input:not([type=radio], [type=checkbox])";
  const FOCUSABLE = "a[href], button, input, summary, [tabindex]";

  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  function rgba(colour) {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  }

  const over = ([r, g, b, a], under) =>
    [r, g, b].map((part, at) => part * a + under[at] * (1 - a));

  function luminance(rgb) {
    const [r, g, b] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(one, other) {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  }

  function ancestors(node) {
    const found = [];
    for (let at = node; at; at = at.parentElement) found.push(at);
    return found;
  }

  /** The colour of the paper behind an element. */
  function paper(node) {
    const svg = node.ownerSVGElement;
    const drawn = svg?.querySelector(".kd-paper, .kb-paper");
    if (drawn) return over(rgba(getComputedStyle(drawn).fill), [255, 255, 255]);
    const papers = ancestors(node).map((one) => rgba(getComputedStyle(one).backgroundColor));
    return papers.reduceRight((under, colour) => over(colour, under), [255, 255, 255]);
  }

  const opacity = (node) =>
    ancestors(node).reduce((share, one) => share * Number(getComputedStyle(one).opacity), 1);

  function ratio(node, property, behind = paper(node)) {
    const style = getComputedStyle(node);
    const [r, g, b, a] = rgba(style[property]);
    const own = Number(style[`${property}-opacity`] || 1);
    return contrast(over([r, g, b, a * own * opacity(node)], behind), behind);
  }

  const name = (node) =>
    `${node.tagName.toLowerCase()}.${node.getAttribute("class") ?? ""} ` +
    (node.getAttribute("aria-label") ?? node.textContent).trim().slice(0, 40);

  const visible = (node) => node.checkVisibility() && node.getBoundingClientRect().width > 1;

  /** Shapes and the borders of fields that are hard to tell from their paper. */
  function faint(root) {
    const found = new Map();
    const look = (node, property, least = GRAPHIC) => {
      if (!visible(node) || getComputedStyle(node)[property] === "none") return;
      const lies = node.matches(ON_FLAG) ? rgba(getComputedStyle(node.previousElementSibling).fill) : paper(node);
      const seen = ratio(node, property, lies);
      const state = node.closest("[data-state]")?.dataset.state ?? "";
      if (seen < least) found.set(`${node.getAttribute("class") ?? name(node)} ${state} ${property}`, seen);
    };
    for (const [property, shapes] of Object.entries(SHAPES)) {
      for (const node of root.querySelectorAll(shapes)) look(node, property);
    }
    for (const node of root.querySelectorAll("svg text")) look(node, "fill", LETTERS);
    for (const node of root.querySelectorAll(FIELDS)) look(node, "border-top-color");
    return [...found].map(([what, seen]) => `faint: ${what} ${seen.toFixed(2)}:1`);
  }

  /** How the element that has the focus fails to show it, or an empty text. */
  function hidesFocus(node) {
    const hit = node.querySelector(":scope > .kd-hit");
    const style = getComputedStyle(hit ?? node);
    const [property, width] = hit ? ["stroke", "strokeWidth"] : ["outline-color", "outlineWidth"];
    const drawn = hit ? style.stroke !== "none" : style.outlineStyle !== "none";
    if (!drawn || parseFloat(style[width]) < 2) return "focus not shown";
    const seen = ratio(hit ?? node, property, paper(hit ?? node.parentElement));
    return seen < GRAPHIC ? `focus faint, ${seen.toFixed(2)}:1` : "";
  }

  /** What can have the focus and does not show it clearly. */
  function unmarked(root) {
    const before = document.activeElement;
    const found = new Set();
    for (const node of root.querySelectorAll(FOCUSABLE)) {
      if (node.disabled || !visible(node) || node.tabIndex < 0) continue;
      node.focus({ preventScroll: true });
      const wrong = document.activeElement === node ? hidesFocus(node) : "takes no focus";
      if (wrong) found.add(`${wrong}: ${name(node)}`);
    }
    before?.focus?.({ preventScroll: true });
    return [...found];
  }

  /** What does not fit: it stands out of the widget, or is cut off, and no box of its own scrolls. */
  function cut(root) {
    const frame = root.getBoundingClientRect();
    const output = root.closest(".jp-OutputArea-output, body");
    const found = new Set();
    if (frame.right > output.getBoundingClientRect().right + 1) found.add(`too wide: ${name(root)}`);
    const scrolls = (node) => /auto|scroll/.test(getComputedStyle(node).overflowX);
    const spoken = (node) => /inset|polygon/.test(getComputedStyle(node).clipPath);
    for (const node of root.querySelectorAll("*")) {
      const around = ancestors(node).slice(1, ancestors(node).indexOf(root));
      if (root === output) around.push(root); // a table: the notebook's output is its box
      if (!visible(node) || [node, ...around].some(spoken) || around.some(scrolls)) continue;
      const box = node.getBoundingClientRect();
      if (box.right > frame.right + 1 || box.left < frame.left - 1) found.add(`stands out: ${name(node)}`);
      const hides = getComputedStyle(node).overflowX === "hidden" && !node.ownerSVGElement;
      if (hides && node.scrollWidth > node.clientWidth + 1) found.add(`cut off: ${name(node)}`);
    }
    return [...found].map((what) => `when narrow, ${what}`);
  }

  /** The same in the width that a notebook leaves at 200 %. */
  function cutWhenNarrow(root) {
    const place = root.parentElement;
    place.style.width = "500px";
    const found = cut(root);
    place.style.width = "";
    return found;
  }

  /** What axe finds; only its rule about contrast, where another theme has shown the rest. */
  async function axe(root, contrastOnly) {
    const only = contrastOnly ? { runOnly: ["color-contrast"] } : {};
    const { violations } = await window.axe.run(root, { resultTypes: ["violations"], ...only });
    return violations.flatMap(({ id, impact, nodes }) =>
      nodes.map(({ target, any, all }) => {
        const why = [...any, ...all].map((each) => each.message)[0] ?? "";
        return { impact, line: `${impact} ${id}: ${target.join(" ")} ${why}` };
      }),
    );
  }

  window.kitLook = { axe, faint, hidesFocus, unmarked, cut, cutWhenNarrow };
})();
