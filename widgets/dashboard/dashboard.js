// The dashboard's view: shows the drawing and the table that Python has made for the chosen axis.
// The axis and a pause are the view's own, so that they answer at once while the kernel is busy.

// JupyterLab looks for this at the element that has the focus, and then leaves its keys alone.
const OWN_KEYS = { "data-lm-suppress-shortcuts": "true" };

let views = 0;

function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

function render({ model, el }) {
  const group = `kit-dashboard-${(views += 1)}`;
  let axis = model.get("axis");
  let held = !model.get("following");

  const stage = element("div", { className: "kit-dashboard-stage" });
  const problems = element("p", { className: "kit-dashboard-problems" });
  const news = element("span", { className: "kit-dashboard-news", role: "status" });
  const pause = element("button", { type: "button", ...OWN_KEYS });
  const numbers = element("table");
  const fold = element("details", {}, element("summary", OWN_KEYS, "The same as a table"), numbers);
  const axes = element(
    "fieldset",
    {},
    element("legend", {}, "Time"),
    choice("now", "now: the last 120 seconds"),
    choice("days", "the days of the flights"),
  );
  const root = element(
    "section",
    { className: "kit-dashboard", "aria-label": "Dashboard of the model server" },
    element("div", { className: "kit-dashboard-tools" }, axes, pause, news),
    stage,
    problems,
    fold,
  );

  // Arrow keys move between the two, as between all radio buttons.
  function choice(value, words) {
    const checked = value === axis;
    const input = element("input", { type: "radio", name: group, value, checked, ...OWN_KEYS });
    input.addEventListener("change", () => {
      axis = value;
      draw();
      news.textContent = `Shown: ${words}.`;
    });
    return element("label", {}, input, ` ${words}`);
  }

  function draw() {
    const shown = model.get("shown");
    stage.innerHTML = shown.drawings[axis];
    problems.textContent = shown.problems.join(" ");
    if (fold.open) fill(shown.tables[axis]);
  }

  function fill({ columns, rows }) {
    const head = columns.map((name) => element("th", { scope: "col" }, name));
    const body = rows.map(([first, ...cells]) =>
      element(
        "tr",
        {},
        element("th", { scope: "row" }, first),
        ...cells.map((cell) => element("td", {}, cell)),
      ),
    );
    const caption = element("caption", {}, "Newest first");
    numbers.replaceChildren(
      caption,
      element("thead", {}, element("tr", {}, ...head)),
      element("tbody", {}, ...body),
    );
  }

  function label() {
    pause.textContent = held ? "Resume" : "Pause";
  }

  const follow = () => {
    if (!held) draw();
  };
  const turn = () => {
    held = !model.get("following");
    news.textContent = model.get("news");
    label();
    follow();
  };
  pause.addEventListener("click", () => {
    held = !held;
    news.textContent = held ? "Paused." : "";
    label();
    follow();
    model.send({ verb: held ? "pause" : "resume" });
  });
  fold.addEventListener("toggle", () => fold.open && fill(model.get("shown").tables[axis]));
  model.on("change:shown", follow);
  model.on("change:following", turn);
  label();
  news.textContent = model.get("news");
  draw();
  el.append(root);
  return () => {
    model.off("change:shown", follow);
    model.off("change:following", turn);
  };
}

export default { render };
