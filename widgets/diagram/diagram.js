// The diagram's view: puts the drawing on the page, makes its items reachable, opens the panel.
// All words and shapes come from Python (`pages`, `shown`); this file only arranges them.

const SVG = "http://www.w3.org/2000/svg";

function make(tag, { text, kids = [], ...attributes } = {}) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) node.setAttribute(name, value);
  }
  if (text !== undefined) node.textContent = text;
  node.append(...kids.filter(Boolean));
  return node;
}

// Text in which `names` stand between backticks.
function prose(words, tag = "p") {
  const kids = words.split("`").map((part, n) => (n % 2 ? make("code", { text: part }) : part));
  return make(tag, { kids });
}

function inlineGlyph(model, state) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "-7.5 -7.5 15 15");
  svg.setAttribute("class", "kd kd-inline");
  svg.setAttribute("aria-hidden", "true");
  svg.innerHTML = `<g data-state="${state}">${model.get("pages").glyphs[state]}</g>`;
  return svg;
}

// ---- The panel: one page for each kind of thing, built from data

function section(title, ...kids) {
  const full = kids.flat().filter(Boolean);
  return full.length ? [make("h4", { text: title }), ...full] : [];
}

function exerciseList(exercises) {
  return exercises.map(([id, title]) =>
    make("span", { class: "exercise", text: `Exercise ${id} · ${title}` }),
  );
}

function practiceCard(model, id) {
  const practice = model.get("pages").practices[id];
  const now = model.get("shown").practices[id];
  const proved = now.state === "proved";
  return make("div", {
    class: "practice",
    "data-state": now.state,
    "data-practice": id,
    kids: [
      make("div", {
        class: "head",
        kids: [
          inlineGlyph(model, now.state),
          make("b", { text: practice.title }),
          make("span", { class: "quiet", text: now.words }),
        ],
      }),
      now.reason && prose(now.reason),
      !proved && now.mend && prose(`Next: ${now.mend}`),
      make("div", { kids: exerciseList(practice.exercises) }),
      make("details", {
        kids: [
          make("summary", { text: "What it is, and what proves it" }),
          prose(practice.meaning),
          prose(practice.why),
          prose(`Proved by: ${practice.proved_by}.`),
        ],
      }),
    ],
  });
}

function partButton(model, id, open) {
  const { state, words } = model.get("shown").items[id];
  const page = model.get("pages").items[id];
  const title = page.kind === "level" ? `${page.kicker} · ${page.title}` : page.title;
  const button = make("button", {
    type: "button",
    class: "part",
    "data-open": id,
    "data-state": state,
    "aria-label": `${title}: ${words}`,
    kids: [inlineGlyph(model, state), make("span", { class: "words", text: title })],
  });
  button.addEventListener("click", () => open(id));
  return make("li", { kids: [button] });
}

function partList(model, ids, open) {
  return ids.length ? make("ul", { kids: ids.map((id) => partButton(model, id, open)) }) : null;
}

function pageOf(model, id, { open, add }) {
  const page = model.get("pages").items[id];
  const { state, words } = model.get("shown").items[id];
  const cards = (ids) => ids.map((name) => practiceCard(model, name));
  const kids = [
    make("p", { class: "kicker", text: page.kicker }),
    make("h3", { text: page.title, tabindex: "-1" }),
    make("p", { class: "quiet", kids: [inlineGlyph(model, state), ` ${words}`] }),
  ];
  if (page.kind === "step") {
    const actions = page.actions.map((action) =>
      make("li", {
        kids: [make("b", { text: action.text }), prose(action.meaning)],
      }),
    );
    const exercises = page.exercises.map(([number, title]) =>
      make("li", { text: `${number} · ${title}` }),
    );
    kids.push(
      ...section("What to do", prose(page.meaning), make("ol", { kids: actions })),
      ...section(
        "The exercises, in this order",
        exercises.length ? make("ul", { kids: exercises }) : null,
      ),
    );
  } else {
    kids.push(
      ...section("What it means", prose(page.meaning)),
      ...section("Why it matters", prose(page.why)),
    );
  }
  if (page.number) {
    const button = make("button", { type: "button", text: `What does Level ${page.number} add?` });
    button.addEventListener("click", () => add(page.number));
    kids.push(make("p", { kids: [button] }));
  }
  if (page.kind === "level") {
    kids.push(...section("Characteristics", partList(model, page.parts, open)));
  }
  const title = page.kind === "level" ? "What proves this level" : "The practices behind it";
  kids.push(...section(title, cards(page.practices)));
  kids.push(...section("What ends this limit", cards(page.lifted_by ?? [])));
  if (page.level) kids.push(...section("Part of", partList(model, [page.level], open)));
  return kids;
}

function additionsPage(model, number, { open }) {
  const { additions, levels } = model.get("pages");
  const added = additions[number];
  return [
    make("p", { class: "kicker", text: `Level ${number} · ${levels[number]}` }),
    make("h3", { text: `What Level ${number} adds to Level ${number - 1}`, tabindex: "-1" }),
    ...section("New boxes", partList(model, added.new_boxes, open)),
    ...section("Boxes that grow", partList(model, added.grown_boxes, open)),
    ...section("What can now be said of it", partList(model, added.sentences, open)),
    ...section("Limits that it ends", partList(model, added.lifted, open)),
    ...section("New practices", added.practices.map((name) => practiceCard(model, name))),
  ];
}

function overviewPage(model) {
  const { levels, practices } = model.get("pages");
  const { reached, practices: now } = model.get("shown");
  const open = Object.keys(practices).filter((id) => now[id].state !== "proved");
  const first = open.find((id) => practices[id].level === reached + 1);
  return [
    make("p", { class: "kicker", text: "You are here" }),
    make("h3", { text: `Level ${reached} · ${levels[reached]}`, tabindex: "-1" }),
    make("p", { text: model.get("pages").principle }),
    ...section("Next to prove", first ? practiceCard(model, first) : null),
    ...section(
      "How to look around",
      make("p", {
        text: "Click a level, a box, a sentence or an arrow between two levels. Or use the arrow keys, Enter to open, Escape to come back.",
      }),
    ),
  ];
}

// ---- The keyboard: rows from the top down, items of a row from left to right

function neighbour(items, item, key) {
  const at = items.indexOf(item);
  if (key === "Home") return items[0];
  if (key === "End") return items.at(-1);
  if (key === "ArrowRight") return items[at + 1];
  if (key === "ArrowLeft") return items[at - 1];
  const row = Number(item.dataset.row);
  const others = items.filter((one) =>
    key === "ArrowDown" ? Number(one.dataset.row) > row : Number(one.dataset.row) < row,
  );
  const next = (key === "ArrowDown" ? others[0] : others.at(-1))?.dataset.row;
  const left = (one) => one.getBoundingClientRect().left;
  const away = (one) => Math.abs(left(one) - left(item));
  return others.filter((one) => one.dataset.row === next).sort((a, b) => away(a) - away(b))[0];
}

function render({ model, el }) {
  const listeners = new AbortController();
  const on = { signal: listeners.signal };
  const panelId = `kit-diagram-${Math.random().toString(36).slice(2)}`;
  const view = { open: null, adding: null, current: null, from: null };

  const buttons = Object.keys(model.get("pages").additions).map((number) =>
    make("button", {
      type: "button",
      text: `Level ${number}`,
      "data-adds": number,
      "aria-pressed": "false",
      "aria-label": `What does Level ${number} add?`,
    }),
  );
  const news = make("div", { class: "kit-diagram-news", role: "status", "aria-live": "polite" });
  const stage = make("div", { class: "kit-diagram-stage" });
  const panel = make("section", { class: "kit-diagram-panel", id: panelId });
  const root = make("div", {
    class: "kit-diagram",
    "data-lm-suppress-shortcuts": "true", // JupyterLab leaves the keys to the widget
    kids: [
      make("div", {
        class: "kit-diagram-tools",
        kids: [make("span", { text: "What does it add?" }), ...buttons, news],
      }),
      make("div", { class: "kit-diagram-body", kids: [stage, panel] }),
    ],
  });
  const items = () => [...stage.querySelectorAll(".kd-item")];
  const item = (id) => stage.querySelector(`[data-id="${id}"]`);

  function draw(changed = []) {
    const focused = stage.contains(document.activeElement);
    stage.innerHTML = model.get("shown").drawing;
    view.current ??= items()[0].dataset.id;
    const moved = changed.flatMap((name) => {
      const behind = `.kd-item[data-practices~="${name}"] > .kd-glyph:not([data-practice])`;
      return [...stage.querySelectorAll(`[data-practice="${name}"], ${behind}`)];
    });
    for (const one of new Set(moved)) {
      one.innerHTML = `<g class="just-changed">${one.innerHTML}</g>`;
    }
    mark();
    if (focused) item(view.current)?.focus({ preventScroll: true });
  }

  function mark() {
    const added = view.adding ? model.get("pages").additions[view.adding] : null;
    const is = (list, one) => Boolean(added && added[list].includes(one.dataset.id));
    stage.firstElementChild.classList.toggle("is-adding", Boolean(added));
    for (const one of items()) {
      one.setAttribute("tabindex", one.dataset.id === view.current ? "0" : "-1");
      one.setAttribute("aria-expanded", String(one.dataset.id === view.open));
      one.setAttribute("aria-controls", panelId);
      one.classList.toggle("is-new", is("new_boxes", one));
      one.classList.toggle("is-grown", is("grown_boxes", one));
      one.classList.toggle("is-ended", is("lifted", one));
      const lists = ["new_boxes", "grown_boxes", "sentences", "lifted"];
      one.classList.toggle("is-added", lists.some((list) => is(list, one)));
    }
    for (const one of buttons) {
      one.setAttribute("aria-pressed", String(one.dataset.adds === String(view.adding)));
    }
  }

  function fill({ focus = false } = {}) {
    const verbs = { open: (id) => open(id, { focus: true }), add: (number) => add(number, { focus: true }) };
    let kids = overviewPage(model);
    if (view.open) kids = pageOf(model, view.open, verbs);
    else if (view.adding) kids = additionsPage(model, view.adding, verbs);
    if (view.open || view.adding) {
      const close = make("button", { type: "button", class: "close", text: "×" });
      close.setAttribute("aria-label", "Close");
      close.addEventListener("click", shut);
      kids.unshift(close);
    }
    const unfolded = [...panel.querySelectorAll("details[open]")].map(
      (one) => one.closest(".practice").dataset.practice,
    );
    panel.replaceChildren(...kids);
    for (const one of panel.querySelectorAll(".practice")) {
      if (unfolded.includes(one.dataset.practice)) one.querySelector("details").open = true;
    }
    const heading = panel.querySelector("h3");
    panel.setAttribute("aria-label", heading.textContent);
    place();
    if (!focus) return;
    heading.focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  }

  // Beside the drawing, the panel stands at the height of what it speaks about.
  function place() {
    const target = view.open && item(view.from ?? view.open);
    panel.style.marginTop = "0";
    panel.style.maxHeight = `${Math.min(stage.offsetHeight, target ? 620 : Infinity)}px`;
    const [frame, box] = [stage.getBoundingClientRect(), panel.getBoundingClientRect()];
    const beside = box.left >= frame.right;
    if (!beside) panel.style.maxHeight = "none";
    if (!beside || !target) return;
    const wanted = target.getBoundingClientRect().top - frame.top - 70;
    panel.style.marginTop = `${Math.max(0, Math.min(wanted, frame.height - box.height))}px`;
  }

  function open(id, { focus = false } = {}) {
    view.open = id;
    if (item(id)) view.current = view.from = id;
    mark();
    fill({ focus });
  }

  function add(number, { focus = false } = {}) {
    view.adding = view.adding === number && !view.open ? null : number;
    view.open = null;
    view.from = null;
    mark();
    fill({ focus });
  }

  function shut() {
    const pressed = buttons.find((one) => one.dataset.adds === String(view.adding));
    const back = (view.open && view.from && item(view.from)) || pressed;
    if (!view.open) view.adding = null;
    view.open = null;
    mark();
    fill();
    (back ?? item(view.current)).focus();
  }

  stage.addEventListener("click", (event) => {
    const one = event.target.closest(".kd-item");
    if (!one) return;
    open(one.dataset.id);
    item(one.dataset.id).focus({ preventScroll: true });
    panel.scrollIntoView({ block: "nearest" });
  }, on);
  stage.addEventListener("keydown", (event) => {
    const one = event.target.closest(".kd-item");
    if (!one || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === " ") open(one.dataset.id, { focus: true });
    else if (/^(Arrow|Home|End)/.test(event.key)) {
      const next = neighbour(items(), one, event.key);
      if (next) {
        view.current = next.dataset.id;
        mark();
        next.focus();
      }
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }, on);
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !(view.open || view.adding)) return;
    event.preventDefault();
    event.stopPropagation();
    shut();
  }, on);
  for (const one of buttons) {
    one.addEventListener("click", () => add(Number(one.dataset.adds)), on);
  }

  const follow = () => {
    const { changed, news: said } = model.get("shown");
    const inPanel = panel.contains(document.activeElement);
    draw(changed);
    fill({ focus: inPanel });
    news.textContent = said;
  };
  model.on("change:shown", follow);
  const resized = new ResizeObserver(place);
  resized.observe(root);
  draw();
  fill();
  el.append(root);
  return () => {
    listeners.abort();
    resized.disconnect();
    model.off("change:shown", follow);
  };
}

export default { render };
