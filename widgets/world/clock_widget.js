// The clock in a notebook. Python knows the date; here it is drawn, and clicks are sent.

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
  const today = element("strong", { className: "kit-clock-today" });
  const landed = element("ul", { className: "kit-clock-landed" });
  const news = element("p", { className: "kit-clock-news", role: "status" });
  const night = button("Next night", "night");
  const target = button("", "target");
  const root = element(
    "section",
    { className: "kit-clock", "aria-label": "The clock of the simulated world" },
    element("p", { className: "kit-clock-date" }, "In the world it is ", today),
    element("div", { className: "kit-clock-buttons" }, night, target),
    landed,
    news,
  );

  function button(text, verb) {
    const node = element("button", { type: "button", textContent: text });
    node.setAttribute("data-lm-suppress-shortcuts", "true");
    node.addEventListener("click", () => {
      if (node.getAttribute("aria-disabled") === "true") return;
      able(night, false);
      able(target, false);
      news.textContent = "Flights are landing …";
      model.send({ verb });
    });
    return node;
  }

  // A button that is really disabled would lose the focus, and the keyboard its place.
  function able(node, yes) {
    node.setAttribute("aria-disabled", String(!yes));
  }

  function draw() {
    const shown = model.get("shown");
    today.textContent = shown.today;
    landed.replaceChildren(
      ...shown.landed.map(({ month, flights }) =>
        element("li", {}, `${month}: ${flights.toLocaleString("en-US")} flights have landed`),
      ),
    );
    able(night, !shown.ended);
    target.hidden = !shown.target;
    able(target, !shown.reached);
    target.textContent = shown.reached
      ? `✓ ${shown.target} is reached`
      : `Advance to ${shown.target}`;
    news.textContent = shown.problem;
  }

  function announce() {
    draw();
    const shown = model.get("shown");
    news.textContent = shown.problem || `It is ${shown.today} now.`;
  }

  model.on("change:shown", announce);
  draw();
  el.append(root);
  model.send({ verb: "look" }); // the world may have moved since the widget was made
  return () => model.off("change:shown", announce);
}

export default { render };
