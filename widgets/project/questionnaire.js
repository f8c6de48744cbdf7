// The questionnaire: every statement with its four answers on one page. What was answered, and who
// says otherwise, comes from Python, which keeps it.

let questionnaires = 0;

function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  // JupyterLab takes arrow keys and letters for itself, except from an element that says not to.
  if (node.tabIndex >= 0) node.dataset.lmSuppressShortcuts = "true";
  node.append(...children.flat().filter((child) => child != null));
  return node;
}

function render({ model, el }) {
  const scope = `kit-asked-${(questionnaires += 1)}`;
  let sure = false; // whether "forget" waits for its confirmation
  let waiting = null; // the timer that waits for Python, while it does
  let standing = { person: "", people: [], mine: {}, disagree: {}, text: "", back: false };

  const send = (message) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => {
      say("The kernel has not answered yet, and nothing is kept so far. It may be busy: wait for the running cell. If it was restarted, run this cell again.");
    }, 6000);
    model.send(message);
  };

  // --- who answers -------------------------------------------------------------------------------

  const name = h("input", {
    id: `${scope}-name`,
    list: `${scope}-people`,
    maxlength: "80",
    autocomplete: "off",
    onchange: () => send({ type: "person", person: name.value }),
  });
  const people = h("datalist", { id: `${scope}-people` });
  const count = h("p", { class: "kit-asked-count", role: "status", "aria-live": "polite" });
  const problem = h("p", { class: "kit-asked-problem", role: "alert", hidden: true });
  const buttons = h("div", { class: "kit-asked-buttons" });

  function say(text) {
    problem.textContent = text;
    problem.hidden = !text;
  }

  // --- the statements ----------------------------------------------------------------------------

  const notes = {}; // practice → the line that says who says otherwise
  const radios = {}; // practice → its inputs, by word

  function drawStatement(asked) {
    radios[asked.id] = {};
    const words = model.get("words").map((word) => {
      const input = h("input", {
        type: "radio",
        name: `${scope}-${asked.id}`,
        value: word,
        "aria-describedby": `${scope}-${asked.id}-examples`,
        onchange: () => send({ type: "answer", practice: asked.id, word }),
      });
      radios[asked.id][word] = input;
      return h("label", {}, input, h("span", {}, word));
    });
    notes[asked.id] = h("p", { class: "kit-asked-others", hidden: true });
    return h(
      "fieldset",
      {},
      h("legend", {}, asked.statement),
      h(
        "dl",
        { id: `${scope}-${asked.id}-examples` },
        h("div", {}, h("dt", {}, "A yes: "), h("dd", {}, asked.when_yes)),
        h("div", {}, h("dt", {}, "A no: "), h("dd", {}, asked.when_no)),
      ),
      h("div", { class: "kit-asked-words" }, words),
      notes[asked.id],
    );
  }

  const marks = []; // a level's count of answers
  const levels = model.get("levels").map((level) => {
    const mark = h("span", { class: "kit-asked-mark" });
    marks.push([mark, level.practices.map((asked) => asked.id)]);
    return h(
      "section",
      {},
      h("h4", {}, level.title, " ", mark),
      level.practices.map(drawStatement),
    );
  });

  // --- what Python says --------------------------------------------------------------------------

  function drawButtons() {
    const held = buttons.contains(document.activeElement);
    const number = Object.keys(standing.mine).length;
    const button = (label, act) => h("button", { type: "button", onclick: act }, label);
    const ask = (next) => {
      sure = next;
      drawButtons();
    };
    const parts = [];
    if (sure) {
      parts.push(
        button(`Forget ${number} ${number === 1 ? "answer" : "answers"} of ${standing.person}`, () => {
          sure = false;
          send({ type: "forget" });
        }),
        button("Keep them", () => ask(false)),
      );
    } else {
      if (number) parts.push(button("Start over", () => ask(true)));
      if (standing.back) parts.push(button("Bring my answers back", () => send({ type: "back" })));
    }
    buttons.replaceChildren(...parts);
    if (held) (buttons.querySelector("button") ?? name).focus();
  }

  function draw() {
    if (document.activeElement !== name) name.value = standing.person;
    people.replaceChildren(...standing.people.map((each) => h("option", { value: each })));
    count.textContent = `${standing.person}: ${standing.text}`;
    for (const [id, inputs] of Object.entries(radios)) {
      for (const [word, input] of Object.entries(inputs)) input.checked = standing.mine[id] === word;
      notes[id].textContent = standing.disagree[id] ? `You disagree. ${standing.disagree[id]}` : "";
      notes[id].hidden = !standing.disagree[id];
    }
    for (const [mark, ids] of marks) {
      mark.textContent = `${ids.filter((id) => id in standing.mine).length} of ${ids.length}`;
    }
    drawButtons();
  }

  function onMessage(message) {
    clearTimeout(waiting);
    if (message.type === "problem") return say(message.text);
    standing = message;
    say(message.problem);
    draw();
  }

  el.append(
    h(
      "section",
      { class: "kit-asked", "aria-labelledby": `${scope}-title` },
      h("h3", { id: `${scope}-title` }, "Where does your team stand?"),
      h(
        "p",
        {},
        "Answer for what is done today, not for what is planned. Several people can answer, each under a name or a role.",
      ),
      h("p", {}, h("label", { for: `${scope}-name` }, "Who answers? "), name, people),
      count,
      problem,
      levels,
      buttons,
    ),
  );
  model.on("msg:custom", onMessage);
  draw();
  send({ type: "ready" });
  return () => {
    clearTimeout(waiting);
    model.off("msg:custom", onMessage);
  };
}

export default { render };
