// A button that opens the MLflow UI in a new tab. Python knows what it opens; the address of
// JupyterLab, below which the UI answers, is known only here.

const TERMINAL = "Run `maturity ui` in a terminal: it prints the address of the MLflow UI.";

function element(name, properties = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in node) node[key] = value;
    else node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

// The address of this JupyterLab, or null in another program that shows notebooks.
function jupyterAddress() {
  try {
    return JSON.parse(document.getElementById("jupyter-config-data").textContent).baseUrl;
  } catch {
    return document.body.dataset.baseUrl ?? null;
  }
}

// Whether this JupyterLab has the entry: one that was not started by the kit may lack it.
async function hasEntry(base) {
  const answer = await fetch(`${base}server-proxy/servers-info`);
  if (!answer.ok) return false;
  const { server_processes } = await answer.json();
  return server_processes.some(({ name }) => name === "mlflow");
}

function render({ model, el }) {
  const base = jupyterAddress();
  let reachable = base !== null;
  const link = element("a", { className: "kit-mlflow-open", target: "_blank", rel: "noopener" });
  const news = element("p", { className: "kit-mlflow-news", role: "status" });
  const root = element("section", { className: "kit-mlflow", "aria-label": "MLflow" }, link, news);

  function draw() {
    const { address, missing, server } = model.get("shown");
    const open = address && (server || reachable);
    link.textContent = `${model.get("label")} ↗`;
    if (open) link.href = `${server || `${base}mlflow/`}${address}`;
    else link.removeAttribute("href"); // neither a click nor the Tab key reaches it
    link.setAttribute("aria-disabled", String(!open));
    news.textContent = missing || (open ? "" : `${TERMINAL} Behind it: ${address}`);
  }

  function look() {
    model.send({ verb: "look" }); // there may be more runs and models by now
  }

  function opened() {
    if (link.href) news.textContent = "MLflow opens in a new tab; the first time takes seconds.";
  }

  link.addEventListener("click", opened);
  root.addEventListener("pointerenter", look);
  root.addEventListener("focusin", look);
  window.addEventListener("focus", look);
  model.on("change:shown", draw);
  draw();
  el.append(root);
  look();
  if (reachable && !model.get("shown").server) {
    hasEntry(base).catch(() => true).then((has) => {
      reachable = has;
      draw();
    });
  }
  return () => {
    window.removeEventListener("focus", look);
    model.off("change:shown", draw);
  };
}

export default { render };
