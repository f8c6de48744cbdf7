// The exercise panel: draws what the Python model says and sends it the learner's verbs.
// What is particular to JupyterLab (save all, open, reload) runs through its command linker:
// a click on an element with data-commandlinker-command executes that command. In VS Code a file is
// a link, and elsewhere its path; nobody else's open files can be saved from here, and the panel says so.

const STATE_MARK = { "not started": "○", open: "○", "not yet": "◐" }; // the passed ones: ✓
const OUTCOME = {
  passed: ["✓", "met"],
  failed: ["✗", "not yet"],
  "not reached": ["–", "not reached"],
};
const BUSY = { check: "Checking", push: "Committing and pushing: the CI runs, this takes some seconds", use: "Using the solution", reset: "Putting the starter back" };
const ASK = {
  show: ["Look at the solution before you have passed? Your own attempt teaches more.", "Show it", "Not yet"],
  use: ["This replaces your files of this exercise by the solution. A copy of yours is kept.", "Use the solution", "Keep mine"],
  reset: ["This puts the starter's files back in place of yours. A copy of yours is kept.", "Reset", "Keep mine"],
};

// ---- small builders -------------------------------------------------------------------------

function h(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(props)) {
    if (key === "on") for (const [type, listener] of Object.entries(value)) node.addEventListener(type, listener);
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function button(label, onClick, props = {}) {
  return h("button", { type: "button", ...props, on: { click: onClick } }, label);
}

/** Text with `code` between backticks. */
function inline(text) {
  return text
    .split(/(`[^`\n]+`)/)
    .filter(Boolean)
    .map((part) => (/^`.+`$/.test(part) ? h("code", {}, part.slice(1, -1)) : part));
}

function codeBlock(lines) {
  const isDiff = lines.some((line) => line.startsWith("@@")) || (lines[0]?.startsWith("--- ") && lines[1]?.startsWith("+++ "));
  const kind = (line) => (/^(---|\+\+\+) /.test(line) ? "file" : { "+": "add", "-": "del", "@": "at" }[line[0]]);
  const rows = lines.map((line, at) =>
    h("span", { class: isDiff && kind(line) ? `kit-panel-${kind(line)}` : null }, at + 1 < lines.length ? `${line}\n` : line));
  return h("pre", { tabindex: "0" }, h("code", {}, rows));
}

/** A message for people: paragraphs as they are written; what is indented, fenced or a diff is code. */
function prose(text) {
  const blocks = [];
  let open = null; // the code block that is being gathered
  let fenced = false;
  const lines = text.replace(/\s+$/, "").split("\n");
  lines.forEach((line, at) => {
    if (line.trim().startsWith("```")) {
      fenced = !fenced;
      open = fenced ? { code: [] } : null;
      if (open) blocks.push(open);
    } else if (fenced) open.code.push(line);
    else if (line.startsWith("--- ") && lines[at + 1]?.startsWith("+++ ")) blocks.push((open = { code: [line], diff: true }));
    else if (open?.diff && line.trim()) open.code.push(line);
    else if (/^(\t| {2,})\S/.test(line) || (open && /^\s*$/.test(line) && /^(\t| {2,})\S/.test(lines[at + 1] ?? ""))) {
      if (!open) blocks.push((open = { code: [] }));
      open.code.push(line);
    } else {
      open = null;
      if (!line.trim()) blocks.push(null);
      else if (blocks.at(-1)?.words) blocks.at(-1).words.push(line);
      else blocks.push({ words: [line] });
    }
  });
  return blocks.filter(Boolean).map((block) => {
    if (block.words) return h("p", {}, inline(block.words.join("\n")));
    const indents = block.code.filter((line) => line.trim()).map((line) => line.match(/^\s*/)[0].length);
    const indent = block.diff ? 0 : Math.min(...indents);
    return codeBlock(block.code.map((line) => line.slice(indent)));
  });
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = h("textarea", { class: "kit-panel-hidden" }); // pages without https have no clipboard
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

function copyButton(text, label) {
  const node = button("Copy", async () => {
    await copyText(text);
    node.textContent = "Copied";
    setTimeout(() => (node.textContent = "Copy"), 1500);
  }, { class: "kit-panel-small", "aria-label": label });
  return node;
}

// ---- JupyterLab -----------------------------------------------------------------------------

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const inLab = () => document.querySelector(".jp-LabShell") !== null;
const inCode = () => "vscodeThemeKind" in document.body.dataset; // VS Code's notebooks, on any machine

async function until(holds, seconds) {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(50)) if (holds()) return true;
  return holds();
}

function labCommand(el, command, args = {}) {
  const link = h("button", { hidden: true, "data-commandlinker-command": command, "data-commandlinker-args": JSON.stringify(args) });
  el.append(link); // inside the notebook: JupyterLab runs commands only from trusted places
  link.click();
  link.remove();
}

/** The path as JupyterLab's commands want it, or null where the file is not below the server's root. */
function labPath(full, home) {
  const config = document.getElementById("jupyter-config-data");
  if (!inLab() || !config) return null;
  const root = (JSON.parse(config.textContent).serverRoot ?? "").replace(/^~(?=\/|$)/, home).replace(/\/$/, "");
  const same = /^[a-z]:/i.test(full) ? full.toLowerCase().startsWith(`${root.toLowerCase()}/`) : full.startsWith(`${root}/`);
  return same ? full.slice(root.length + 1) : null;
}

const tabs = () => [...document.querySelectorAll(".lm-DockPanel-tabBar .lm-TabBar-tab")];
const tabOf = (path) => tabs().find((tab) => tab.title.split("\n").some((line) => line.endsWith(` ${path}`)));
const isCurrent = (tab) => tab?.classList.contains("jp-mod-current") ?? false;

const openEditor = () => document.querySelector(".lm-DockPanel-widget:has(.jp-FileEditor)");

/** Where to open a file: as a tab beside an editor that is already there, else right of the notebook. */
function openOptions() {
  const editor = openEditor();
  return editor ? { mode: "tab-after", ref: editor.id } : { mode: "split-right" };
}

/** Save every open file; false if one is still unsaved after five seconds. */
async function saveAll(el) {
  if (!inLab()) return true;
  labCommand(el, "docmanager:save-all");
  await sleep(300);
  await until(() => !document.querySelector(".jp-Dialog"), 120); // a notebook that is not trusted: it asks first
  return until(() => !tabs().some((tab) => tab.classList.contains("jp-mod-dirty")), 5);
}

/** Show in every open editor of these files what now stands on disk, then come back. */
async function reloadOpen(el, paths) {
  const here = el.closest(".jp-NotebookPanel")?.id;
  const focused = document.activeElement;
  const open = paths.map(tabOf).filter((tab) => tab?.dataset.id);
  for (const { dataset } of open) {
    labCommand(el, "tabsmenu:activate-by-id", { id: dataset.id });
    const found = () => isCurrent(tabs().find((tab) => tab.dataset.id === dataset.id));
    if (await until(found, 3)) labCommand(el, "docmanager:reload"); // it acts on the current tab
    await sleep(200);
  }
  if (!open.length || !here) return;
  labCommand(el, "tabsmenu:activate-by-id", { id: here });
  await sleep(300);
  focused?.focus();
}

/** A terminal in this folder, beside the notebook if an editor is there, so that the commands stay in sight. */
function openTerminal(el, cwd) {
  const editor = openEditor();
  if (editor) labCommand(el, "tabsmenu:activate-by-id", { id: editor.id });
  labCommand(el, "terminal:create-new", { cwd });
}

/** What VS Code opens at a click: a path without a scheme, its letters as in an address. */
const codeAddress = (full) => (/^[a-z]:/i.test(full) ? full : encodeURI(full));

// ---- the parts of the panel -----------------------------------------------------------------

/** A file outside JupyterLab: a link where there is something that follows it. */
function elsewhere(file) {
  const path = h("code", {}, file.full);
  return inCode() && file.kind === "file" ? h("a", { href: codeAddress(file.full) }, path) : path;
}

function fileRow(el, file, facts) {
  const path = labPath(file.full, facts.home);
  const name = h("code", { title: file.full }, file.path);
  if (file.kind === "missing") return h("li", {}, name, h("span", { class: "kit-panel-quiet" }, "not there yet"));
  if (path === null) return h("li", {}, elsewhere(file), copyButton(file.full, `Copy the path of ${file.path}`));
  const open = () =>
    file.kind === "folder"
      ? labCommand(el, "filebrowser:open-path", { path })
      : labCommand(el, "docmanager:open", { path, options: openOptions() });
  return h("li", {}, name, button("Open", open, { class: "kit-panel-small", "aria-label": `Open ${file.path}` }));
}

function commandRows(el, facts) {
  if (!facts.commands.length) return [];
  const cwd = labPath(facts.folder, facts.home);
  const terminal = cwd !== null && button("Open a terminal there", () => openTerminal(el, cwd), { class: "kit-panel-small" });
  const folder = h("code", { title: facts.folder }, inLab() ? "project" : facts.folder);
  const rows = facts.commands.map((line) => h("li", {}, h("code", {}, line), copyButton(line, `Copy the command ${line}`)));
  return [
    h("div", { class: "kit-panel-label" }, "In a terminal, in the folder ", folder, " ", terminal),
    h("ol", { class: "kit-panel-commands" }, rows),
  ];
}

function resultItem(item, at, items) {
  const [mark, word] = OUTCOME[item.outcome];
  const said = items.slice(0, at).some((other) => other.message === item.message); // one syntax error fails everything
  return h(
    "li",
    { "data-outcome": item.outcome },
    h("span", { class: "kit-panel-mark", "aria-hidden": "true" }, mark),
    h("div", {}, h("div", {}, inline(item.requirement), " ", h("span", { class: "kit-panel-word" }, word)),
      item.message && h("div", { class: "kit-panel-message" }, said ? h("p", { class: "kit-panel-quiet" }, "The same as above.") : prose(item.message))),
  );
}

/** What the check will look at, as long as it has not. */
function asked(requirements) {
  return h("details", {}, h("summary", {}, `What the check asks for (${requirements.length})`),
    h("ul", {}, requirements.map((text) => h("li", {}, h("span", { class: "kit-panel-mark", "aria-hidden": "true" }, "○"), h("div", {}, inline(text))))));
}

function resultHead(result) {
  const met = result.items.filter((item) => item.outcome === "passed").length;
  const when = result.at ? new Date(result.at).toLocaleString([], { dateStyle: "medium", timeStyle: "short" }) : "";
  const count = result.items.length ? `${met} of ${result.items.length} requirements met` : "at the last check";
  const details = [count, result.seconds ? `${result.seconds.toFixed(1)} s` : null, when].filter(Boolean).join(" · ");
  return h("div", { class: "kit-panel-head", "data-passed": String(result.passed) },
    h("strong", {}, result.passed ? "✓ Passed" : "✗ Not yet"), " ", h("span", { class: "kit-panel-quiet" }, details));
}

function solutionFile(file, changes) {
  const body = changes
    ? file.difference ? codeBlock(file.difference.trimEnd().split("\n")) : h("p", { class: "kit-panel-quiet" }, "Your file already says this.")
    : codeBlock(file.text.trimEnd().split("\n"));
  return h("details", { open: true }, h("summary", {}, h("code", {}, file.path)), body);
}

// ---- the panel ------------------------------------------------------------------------------

function render({ model, el }) {
  const view = crypto.getRandomValues(new Uint32Array(1))[0].toString(36);
  const facts = model.get("facts");
  const local = { waiting: null, asked: null, asking: null, collapsed: false, changes: true, note: null };
  const section = (name, props = {}) => h("div", { class: `kit-panel-${name}`, ...props });
  const parts = {
    state: section("state"), files: section("files"), verbs: section("verbs", { role: "group", "aria-label": "What you can do" }),
    ask: section("ask"), notice: section("notice"), run: section("run"), result: section("result"), hints: section("hints"), solution: section("solution"),
    live: section("hidden", { role: "status", "aria-live": "polite" }),
  };
  const title = `kit-panel-title-${view}`;
  const root = h("section", { class: "kit-panel", "aria-labelledby": title, "data-lm-suppress-shortcuts": "true" }, // the keys are the panel's, not the notebook's
    h("header", {},
      h("div", {}, h("div", { class: "kit-panel-label" }, `Exercise ${facts.id} · about ${facts.minutes} minutes`), h("div", { class: "kit-panel-title", id: title, role: "heading", "aria-level": "3" }, facts.title)),
      parts.state),
    h("div", { class: "kit-panel-goal" }, prose(facts.goal)),
    facts.why && h("p", { class: "kit-panel-why" }, h("span", { class: "kit-panel-label" }, "Why "), inline(facts.why)),
    parts.files, section("commands"), parts.verbs, parts.ask, parts.notice, parts.run, parts.result, parts.hints, parts.solution, parts.live);
  root.querySelector(".kit-panel-commands").append(...commandRows(el, facts));
  el.append(root);

  // -- to the model
  async function ask(verb) {
    if (local.waiting || (model.get("busy") && verb !== "cancel")) return;
    local.waiting = local.asked = verb;
    local.note = null;
    drawVerbs();
    if (["check", "push", "use", "reset"].includes(verb) && !(await saveAll(el))) local.note = "One of your open files could not be saved. What stands on disk was used.";
    model.send({ verb, from: view });
    await until(() => local.waiting === null, 8);
    if (local.waiting) {
      local.waiting = null;
      local.note = "The notebook's kernel does not answer. If a cell is running, wait for it; else run this cell again.";
    }
    draw();
  }

  function confirm(verb) {
    local.asking = local.asking === verb ? null : verb;
    drawVerbs();
    drawAsk();
    (parts.ask.querySelector("button:last-of-type") ?? parts.verbs.querySelector(`[data-verb=${verb}]`)).focus();
  }

  function toggleSolution() {
    if (!model.get("solution")) return model.get("solution_seen") ? ask("show") : confirm("show");
    local.collapsed = !local.collapsed;
    draw();
  }

  // -- drawing: each part by itself, so that the focus stays where it is
  /** Draw a part anew; what had the focus has it again, or the button Check if it is gone. */
  function keepingFocus(part, drawIt) {
    const places = () => [...part.querySelectorAll("button, pre, summary")];
    const focused = part.contains(document.activeElement); // also on what the browser lets scroll by keys
    const at = places().indexOf(document.activeElement);
    drawIt();
    if (focused) (places()[at] ?? verbButtons.check).focus({ preventScroll: true });
  }

  function drawState() {
    const state = model.get("state");
    parts.state.dataset.state = state;
    parts.state.replaceChildren(h("span", { "aria-hidden": "true" }, STATE_MARK[state] ?? "✓"), ` ${state}`);
  }

  function drawFiles() {
    parts.files.replaceChildren(h("span", { class: "kit-panel-label" }, model.get("files").length > 1 ? "Your files" : "Your file"),
      h("ul", {}, model.get("files").map((file) => fileRow(el, file, facts))),
      ...(inLab() ? [] : [h("p", { class: "kit-panel-quiet" }, "Save your files before you check: that cannot be done from here.")]));
  }

  const verbButtons = {
    check: button("Check", () => ask("check"), { class: "kit-panel-primary" }),
    push: button("Commit and push", () => ask("push"), { hidden: !facts.pushes, title: "Does the git commands above" }),
    hint: button("", () => model.get("hints").length < facts.hints && ask("hint")),
    show: button("", toggleSolution),
    use: button("Use solution", () => confirm("use"), { class: "kit-panel-plain" }),
    reset: button("Reset", () => confirm("reset"), { class: "kit-panel-plain" }),
  };
  Object.entries(verbButtons).forEach(([verb, node]) => (node.dataset.verb = verb));
  const { check, push, hint, show, use, reset } = verbButtons;
  const slow = h("p", { class: "kit-panel-quiet" }, facts.slow ?? "");
  parts.verbs.append(check, push, hint, show, h("span", { class: "kit-panel-replace" }, use, reset), slow);

  const ignoreWhenDisabled = (event) => event.target.closest("[aria-disabled=true]") && event.stopPropagation();
  parts.verbs.addEventListener("click", ignoreWhenDisabled, { capture: true });

  function drawVerbs() {
    const busy = Boolean(local.waiting || model.get("busy"));
    const shown = model.get("hints").length;
    const open = Boolean(model.get("solution")) && !local.collapsed;
    verbButtons.hint.textContent = shown === 0 ? "Hint" : shown < facts.hints ? "Next hint" : "No more hints";
    verbButtons.hint.hidden = facts.hints === 0;
    verbButtons.show.textContent = open ? "Hide solution" : "Show solution";
    verbButtons.show.setAttribute("aria-expanded", String(open));
    for (const [verb, node] of Object.entries(verbButtons)) {
      node.setAttribute("aria-disabled", String(busy || (verb === "hint" && shown >= facts.hints)));
    }
  }

  function drawAsk() {
    parts.ask.replaceChildren();
    if (!local.asking) return;
    const verb = local.asking;
    const [question, yes, no] = ASK[verb];
    const close = () => confirm(verb);
    parts.ask.append(h("div", { role: "alertdialog", "aria-label": question, on: { keydown: (event) => event.key === "Escape" && (event.stopPropagation(), close()) } },
      h("p", {}, question), button(yes, () => (close(), ask(verb)), { class: "kit-panel-primary" }), button(no, close)));
  }

  function drawNotice() {
    const notice = model.get("notice");
    parts.notice.replaceChildren();
    if (local.note) parts.notice.append(h("div", { class: "kit-panel-problem" }, local.note));
    if (notice) parts.notice.append(h("div", { class: `kit-panel-${notice.kind}` }, prose(notice.text)));
  }

  let ticking = null;
  function drawRun() {
    clearInterval(ticking);
    const busy = model.get("busy");
    parts.run.replaceChildren();
    if (!busy) return;
    const run = model.get("run") ?? {};
    const since = Date.now() - (run.elapsed ?? 0) * 1000;
    const clock = h("span", { class: "kit-panel-quiet" });
    const tick = () => (clock.textContent = ` ${Math.floor((Date.now() - since) / 1000)} s`);
    tick();
    ticking = setInterval(tick, 500);
    parts.run.append(
      h("div", { class: "kit-panel-head" }, h("span", { class: "kit-panel-spinner", "aria-hidden": "true" }), h("strong", {}, `${BUSY[busy]} …`), clock,
        busy === "check" && button("Cancel", () => ask("cancel"), { class: "kit-panel-small" })),
      ...(run.requirement ? [h("p", {}, h("span", { class: "kit-panel-label" }, `Requirement ${run.number} of ${run.total} `), ...inline(run.requirement))] : []),
      h("ul", {}, (run.said ?? []).map((line) => h("li", {}, line))));
  }

  function drawResult() {
    const result = model.get("result");
    parts.result.replaceChildren();
    if (model.get("busy")) return;
    if (!result) return parts.result.append(asked(facts.asks));
    parts.result.append(resultHead(result), h("ul", {}, result.items.map(resultItem)));
    if (result.output) parts.result.append(h("details", {}, h("summary", {}, "What your code printed"), codeBlock(result.output.split("\n"))));
  }

  function drawHints() {
    const hints = model.get("hints").map((hint, at) => h("li", {}, h("span", { class: "kit-panel-label" }, `Hint ${at + 1} of ${facts.hints}`), prose(hint)));
    parts.hints.replaceChildren(...(hints.length ? [h("ol", {}, hints)] : []));
  }

  function drawSolution() {
    const files = model.get("solution");
    const focused = parts.solution.contains(document.activeElement);
    parts.solution.replaceChildren();
    if (!files || local.collapsed) return;
    const choose = (changes) => button(changes ? "Changes from yours" : "Whole files", () => {
      local.changes = changes;
      drawSolution();
      parts.solution.querySelector("[aria-pressed=true]").focus();
    }, { class: "kit-panel-small", "aria-pressed": String(local.changes === changes) });
    parts.solution.append(h("div", { class: "kit-panel-head" }, h("strong", {}, "The kit's solution"), choose(true), choose(false)), ...files.map((file) => solutionFile(file, local.changes)));
    if (focused) parts.solution.querySelector("[aria-pressed=true]").focus(); // drawn again by a late message too
  }

  const anew = (part, drawIt) => () => keepingFocus(part, drawIt);
  const [files, asking, notice, run, result, hints] = [
    anew(parts.files, drawFiles), anew(parts.ask, drawAsk), anew(parts.notice, drawNotice), anew(parts.run, drawRun), anew(parts.result, drawResult), anew(parts.hints, drawHints),
  ];

  function draw() {
    [drawState, files, drawVerbs, asking, notice, run, result, hints, drawSolution].forEach((part) => part());
  }

  // -- from the model
  const listeners = {
    "change:state": drawState, "change:files": files, "change:notice": notice, "change:result": result, "change:run": run,
    "change:hints": () => (hints(), drawVerbs()),
    "change:solution": () => ((local.collapsed = false), drawSolution(), drawVerbs()),
    "change:busy": () => {
      drawVerbs();
      run();
      result();
      if (local.asked === "check" && !model.get("busy")) parts.result.querySelector("[data-outcome=failed]")?.scrollIntoView({ block: "nearest" });
    },
    "change:announcement": () => (parts.live.textContent = model.get("announcement")),
    "msg:custom": (message) => {
      if (message.from !== view) return;
      if (message.kind === "heard") (local.waiting = null), drawVerbs();
      if (message.kind === "written") reloadOpen(el, message.files.map((full) => labPath(full, facts.home)).filter(Boolean));
    },
  };
  for (const [event, listener] of Object.entries(listeners)) model.on(event, listener);
  draw();
  return () => {
    clearInterval(ticking);
    for (const [event, listener] of Object.entries(listeners)) model.off(event, listener);
  };
}

export default { render };
