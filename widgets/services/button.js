// A button that starts and stops the model server. Python knows how it is; here it is drawn.

function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

const WORDS = { off: "Start the model server", starting: "Starting …", stopping: "Ending …" };

// The server answers on the machine on which it runs, and to nobody else.
function onThatMachine() {
  return ["localhost", "127.0.0.1", "[::1]"].includes(window.location.hostname);
}

function render({ model, el }) {
  const button = element("button", { type: "button", className: "kit-server-button" });
  button.setAttribute("data-lm-suppress-shortcuts", "true");
  const line = element("p", { className: "kit-server-line", role: "status" });
  const page = element("a", { className: "kit-server-page", target: "_blank", rel: "noopener" });
  page.textContent = "What it can be asked ↗";
  const log = element("pre", { className: "kit-server-log", tabIndex: 0 });
  log.setAttribute("aria-label", "The last lines of its log");
  const root = element(
    "section",
    { className: "kit-server", "aria-label": "The model server" },
    button,
    page,
    line,
    log,
  );

  function draw() {
    const shown = model.get("shown");
    const busy = shown.state === "starting" || shown.state === "stopping";
    root.dataset.state = shown.state;
    button.textContent = WORDS[shown.state] ?? "Stop the model server";
    button.setAttribute("aria-disabled", String(busy)); // it keeps the focus meanwhile
    if (line.textContent !== shown.line) line.textContent = shown.line;
    page.hidden = !shown.page || !onThatMachine();
    if (shown.page) page.href = shown.page;
    log.hidden = !shown.log;
    log.textContent = shown.log;
  }

  button.addEventListener("click", () => {
    const { state } = model.get("shown");
    if (state === "off") model.send({ verb: "start" });
    else if (state === "ready" || state === "running") model.send({ verb: "stop" });
  });
  model.on("change:shown", draw);
  draw();
  el.append(root);
  model.send({ verb: "look" }); // it may have ended since the widget was made
  return () => model.off("change:shown", draw);
}

export default { render };
