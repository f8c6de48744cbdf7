// The view of a quiz: one question at a time, then a summary. It knows no answers: it sends what
// was chosen to Python, and shows what comes back.

let quizzes = 0;

function h(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== false && value != null) node.setAttribute(name, value);
  }
  // JupyterLab takes arrow keys and letters for itself, except from an element that says not to.
  if (node.tabIndex >= 0 || "tabindex" in attributes) node.dataset.lmSuppressShortcuts = "true";
  node.append(...children.flat().filter((child) => child != null));
  return node;
}

// A text of a bank: what stands between backticks is code.
const prose = (text) =>
  text.split("`").map((part, at) => (at % 2 ? h("code", {}, part) : part)).filter((part) => part !== "");

const GLYPH = { right: "✓", wrong: "✗", open: "" };
const WORD = { right: "right", wrong: "not right yet", open: "not answered" };

function render({ model, el }) {
  const scope = `kit-quiz-${(quizzes += 1)}`;
  const state = {
    at: 0,
    feedback: {}, // question id → what Python said
    draft: {}, // question id → what is chosen, not yet checked
    score: { text: "" },
    lookAgain: [],
    problem: null,
    reshuffled: {}, // question id → the question in the order of a new try
    waiting: null, // the timer that waits for Python, while it does
    asking: false, // whether "start over" waits for its confirmation
  };
  const questions = () => model.get("questions").map((q) => state.reshuffled[q.id] ?? q);
  const status = (q) =>
    !state.feedback[q.id] ? "open" : state.feedback[q.id].correct ? "right" : "wrong";

  const steps = h("ol", { class: "kit-quiz-steps" });
  const score = h("p", { class: "kit-quiz-score" });
  const card = h("div", { class: "kit-quiz-card" });
  const live = h("p", { class: "kit-quiz-live", role: "status", "aria-live": "polite" });
  const root = h(
    "section",
    { class: "kit-quiz", "aria-labelledby": `${scope}-title` },
    h("header", {}, h("h3", { id: `${scope}-title` }, model.get("title")), score),
    h("p", { class: "kit-quiz-intro" }, model.get("intro")),
    h("nav", { "aria-label": "Questions" }, steps),
    card,
    live,
  );

  function say(text) {
    live.textContent = "";
    requestAnimationFrame(() => (live.textContent = text));
  }

  function go(at) {
    state.at = Math.max(0, Math.min(at, questions().length));
    state.asking = false;
    draw();
    card.querySelector("[data-start]")?.focus();
  }

  // --- the steps -------------------------------------------------------------------------------

  function drawSteps() {
    const step = (at, label, spoken, kind) =>
      h(
        "li",
        {},
        h(
          "button",
          {
            type: "button",
            class: `kit-quiz-step is-${kind}`,
            "aria-label": spoken,
            title: spoken,
            "aria-current": state.at === at ? "step" : null,
            onclick: () => go(at),
          },
          label,
          h("span", { class: "kit-quiz-glyph", "aria-hidden": "true" }, GLYPH[kind] ?? ""),
        ),
      );
    const all = questions();
    steps.replaceChildren(
      ...all.map((q, at) =>
        step(at, `${at + 1}`, `Question ${at + 1}, ${q.topic}: ${WORD[status(q)]}`, status(q)),
      ),
      step(all.length, "Summary", "Summary", "summary"),
    );
    score.textContent = state.score.text;
  }

  // --- one question ----------------------------------------------------------------------------

  const isChosen = (q) => {
    const draft = state.draft[q.id];
    if (q.type === "order") return true;
    return Array.isArray(draft) ? draft.length > 0 : Boolean(draft && draft.trim());
  };

  // The button keeps the focus while Python judges: one that is really disabled would lose it.
  function able(button, yes) {
    button?.setAttribute("aria-disabled", String(!yes));
  }

  function choose(q, draft) {
    state.draft[q.id] = draft;
    able(card.querySelector(".kit-quiz-check"), isChosen(q));
  }

  function drawChoices(q) {
    const many = q.type === "several";
    const draft = state.draft[q.id] ?? (many ? [] : "");
    return h(
      "ul",
      { class: "kit-quiz-options" },
      q.options.map(({ key, text }) => {
        const input = h("input", {
          type: many ? "checkbox" : "radio",
          name: `${scope}-${q.id}`,
          value: key,
          checked: many ? draft.includes(key) : draft === key,
          onchange: () => {
            if (!many) return choose(q, key);
            const boxes = [...card.querySelectorAll("input[type=checkbox]")];
            choose(q, boxes.filter((box) => box.checked).map((box) => box.value));
          },
        });
        return h("li", {}, h("label", { class: "kit-quiz-option" }, input, h("span", {}, prose(text))));
      }),
    );
  }

  function drawOrder(q) {
    state.draft[q.id] ??= q.options.map((option) => option.key);
    const keys = state.draft[q.id];
    const texts = Object.fromEntries(q.options.map(({ key, text }) => [key, text]));
    const list = h("ol", { class: "kit-quiz-options kit-quiz-order" });
    const move = (at, by) => {
      const [key] = keys.splice(at, 1);
      keys.splice(at + by, 0, key);
      fill();
      const row = list.children[at + by];
      const same = row.querySelector(by < 0 ? "[data-up]" : "[data-down]");
      (same.disabled ? row.querySelector("button:not([disabled])") : same).focus();
      say(`${texts[key]} is now ${at + by + 1} of ${keys.length}.`);
    };
    const button = (at, by, label, glyph, mark) =>
      h(
        "button",
        {
          type: "button",
          [mark]: true,
          "aria-label": `Move ${label}: ${texts[keys[at]]}`,
          title: `Move ${label}`,
          disabled: at + by < 0 || at + by >= keys.length,
          onclick: () => move(at, by),
        },
        glyph,
      );
    const fill = () =>
      list.replaceChildren(
        ...keys.map((key, at) =>
          h(
            "li",
            {
              class: "kit-quiz-option",
              onkeydown: (event) => {
                const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
                if (!by || at + by < 0 || at + by >= keys.length) return;
                event.preventDefault();
                move(at, by);
              },
            },
            h("span", { class: "kit-quiz-place" }, `${at + 1}.`),
            h("span", { class: "kit-quiz-grow" }, prose(texts[key])),
            button(at, -1, "up", "↑", "data-up"),
            button(at, 1, "down", "↓", "data-down"),
          ),
        ),
      );
    fill();
    return list;
  }

  function drawNumber(q) {
    const input = h("input", {
      type: "text",
      inputmode: "decimal",
      autocomplete: "off",
      value: state.draft[q.id] ?? "",
      "aria-label": `Your number, in ${q.unit}`,
      oninput: () => choose(q, input.value),
      onkeydown: (event) => {
        if (event.key === "Enter" && isChosen(q)) check(q);
      },
    });
    return h("p", { class: "kit-quiz-number" }, input, h("span", {}, q.unit));
  }

  function drawAnswered(q, feedback) {
    const ordered = q.type === "order";
    const words = { wrong: "wrong", missed: "this is right", right: "right", other: "not right" };
    const marks = { wrong: "✗", missed: "✓", right: "✓", other: "–" };
    return h(
      ordered ? "ol" : "ul",
      { class: "kit-quiz-options kit-quiz-answered" },
      feedback.options.map((option, at) => {
        const wrong = ordered ? !option.right : option.chosen && !option.right;
        const missed = !ordered && option.right && !option.chosen;
        const kind = wrong ? "wrong" : missed ? "missed" : option.right ? "right" : "other";
        const notes = ordered && wrong ? [] : [words[kind]];
        if (!ordered && option.chosen && q.type !== "number") notes.push("you chose this");
        if (option.note) notes.push(option.note);
        return h(
          "li",
          { class: `kit-quiz-option is-${kind}` },
          h("span", { class: "kit-quiz-mark", "aria-hidden": "true" }, marks[kind]),
          h(
            "div",
            { class: "kit-quiz-grow" },
            h("strong", {}, ordered ? `${at + 1}. ` : "", prose(option.text)),
            " ",
            h("span", { class: "kit-quiz-note" }, `(${notes.join(", ")})`),
            h("div", { class: "kit-quiz-because" }, prose(option.because)),
          ),
        );
      }),
    );
  }

  function drawVerdict(feedback) {
    const kind = feedback.correct ? "right" : "wrong";
    const tries = feedback.tries > 1 ? ` Try ${feedback.tries}.` : "";
    return h(
      "p",
      { class: `kit-quiz-verdict is-${kind}`, tabindex: "-1", "data-verdict": true },
      h("span", { class: "kit-quiz-mark", "aria-hidden": "true" }, GLYPH[kind]),
      `${feedback.message}${tries}`,
    );
  }

  function drawQuestion(q) {
    const feedback = state.feedback[q.id];
    const asked = { single: drawChoices, several: drawChoices, classify: drawChoices };
    const control = { ...asked, order: drawOrder, number: drawNumber }[q.type];
    const hints = {
      several: "Choose all that are right.",
      order: "Use the arrows, or the arrow keys on them.",
    };
    const total = questions().length;
    const tag = feedback && q.practice ? ` · ${q.practice}` : ""; // before, it would help
    const body = [
      h("p", { class: "kit-quiz-topic" }, `Question ${state.at + 1} of ${total} · ${q.topic}${tag}`),
      q.case && h("blockquote", {}, prose(q.case)),
      q.code && h("pre", {}, h("code", {}, q.code)),
      q.image && h("img", { class: "kit-quiz-image", ...q.image }),
    ];
    const prompt = h(
      "legend",
      { tabindex: "-1", "data-start": true },
      prose(q.prompt),
      !feedback && hints[q.type] ? h("small", {}, ` ${hints[q.type]}`) : null,
    );
    const answered = feedback && [
      drawVerdict(feedback),
      q.type === "order" ? h("p", {}, "The right order:") : null,
      drawAnswered(q, feedback),
    ];
    card.replaceChildren(
      ...body.filter(Boolean),
      h("fieldset", {}, prompt, ...(feedback ? answered : [control(q)])),
      drawProblem(),
      h(
        "div",
        { class: "kit-quiz-buttons" },
        feedback
          ? h("button", { type: "button", class: "kit-quiz-retry", onclick: () => retry(q) }, "Try again")
          : h(
              "button",
              {
                type: "button",
                class: "kit-quiz-check is-main",
                "aria-disabled": String(!isChosen(q) || state.waiting !== null),
                onclick: () => check(q),
              },
              "Check answer",
            ),
        h("span", { class: "kit-quiz-grow" }),
        h(
          "button",
          { type: "button", class: "kit-quiz-back", disabled: state.at === 0, onclick: () => go(state.at - 1) },
          "← Previous",
        ),
        h(
          "button",
          { type: "button", class: `kit-quiz-next${feedback ? " is-main" : ""}`, onclick: () => go(state.at + 1) },
          state.at + 1 === total ? "Summary →" : "Next →",
        ),
      ),
    );
  }

  const drawProblem = () =>
    h("p", { class: "kit-quiz-problem", role: "alert", hidden: !state.problem }, state.problem ?? "");

  // --- the summary -----------------------------------------------------------------------------

  function drawSummary() {
    const all = questions();
    const open = all.filter((q) => status(q) === "open");
    const again = all.filter((q) => state.lookAgain.includes(q.id));
    const link = (q) =>
      h(
        "li",
        {},
        h("button", { type: "button", class: "kit-quiz-link", onclick: () => go(all.indexOf(q)) }, q.topic),
        ` · ${[q.practice, WORD[status(q)] + (status(q) === "right" ? " now" : ""), q.see]
          .filter(Boolean)
          .join(" · ")}`,
      );
    const part = (title, list) =>
      list.length ? [h("h4", {}, title), h("ul", {}, list.map(link))] : [];
    const done = open.length === 0 && again.length === 0;
    card.replaceChildren(
      h("h4", { tabindex: "-1", "data-start": true, class: "kit-quiz-total" }, state.score.text),
      ...(done ? [h("p", {}, "All of them at first try. Nothing to look at again.")] : []),
      ...part("Look at again", again),
      ...part("Not answered", open),
      drawProblem(),
      h(
        "div",
        { class: "kit-quiz-buttons" },
        ...drawRestart(all.length - open.length),
        h("span", { class: "kit-quiz-grow" }),
        h("button", { type: "button", onclick: () => go(all.length - 1) }, "← Previous"),
      ),
    );
  }

  function drawRestart(answered) {
    const ask = (asking) => {
      state.asking = asking;
      draw();
      card.querySelector(asking ? ".kit-quiz-sure" : ".kit-quiz-restart")?.focus();
    };
    if (!state.asking) {
      return [
        h(
          "button",
          { type: "button", class: "kit-quiz-restart", disabled: !answered, onclick: () => ask(true) },
          "Start over",
        ),
      ];
    }
    const what = `Forget ${answered} ${answered === 1 ? "answer" : "answers"}`;
    return [
      h(
        "button",
        {
          type: "button",
          class: "kit-quiz-sure is-main",
          onclick: () => {
            model.send({ type: "restart" });
            say("All answers are forgotten.");
            go(0);
          },
        },
        what,
      ),
      h("button", { type: "button", onclick: () => ask(false) }, "Keep them"),
    ];
  }

  // --- talking to Python -----------------------------------------------------------------------

  function check(q) {
    if (state.waiting !== null || !isChosen(q)) return;
    state.problem = null;
    model.send({ type: "answer", question: q.id, answer: state.draft[q.id] });
    able(card.querySelector(".kit-quiz-check"), false);
    state.waiting = setTimeout(() => {
      state.waiting = null;
      state.problem =
        "The kernel has not answered yet. It may be busy: wait for the running cell. " +
        "If it was restarted, run this quiz's cell again.";
      draw();
    }, 6000);
  }

  function retry(q) {
    model.send({ type: "retry", question: q.id });
  }

  function onMessage(message) {
    if (message.type === "problem") stopWaiting();
    if (message.score) state.score = message.score;
    if (message.look_again) state.lookAgain = message.look_again;
    state.problem = message.type === "problem" ? message.text : message.problem;
    const here = questions()[state.at]?.id;
    if (message.type === "results") {
      state.feedback = Object.fromEntries(message.results.map((each) => [each.question, each]));
      draw();
    } else if (message.type === "feedback") {
      const asked = state.waiting !== null; // another view of this quiz keeps its focus
      stopWaiting();
      const { feedback } = message;
      state.feedback[feedback.question] = feedback;
      draw();
      if (asked && here === feedback.question) card.querySelector("[data-verdict]").focus();
      say(`${feedback.message} ${state.score.text}.`);
    } else if (message.type === "retry") {
      delete state.feedback[message.question.id];
      delete state.draft[message.question.id];
      state.reshuffled[message.question.id] = message.question;
      draw();
    } else draw();
  }

  function stopWaiting() {
    clearTimeout(state.waiting);
    state.waiting = null;
  }

  function draw() {
    const inside = card.contains(document.activeElement);
    const step = [...steps.children].findIndex((one) => one.contains(document.activeElement));
    drawSteps();
    if (step >= 0) steps.children[step]?.querySelector("button").focus({ preventScroll: true });
    const q = questions()[state.at];
    if (q) drawQuestion(q);
    else drawSummary();
    if (inside) card.querySelector("[data-start]")?.focus({ preventScroll: true });
  }

  function begin() {
    state.reshuffled = {};
    state.draft = {};
    draw();
  }

  model.on("msg:custom", onMessage);
  model.on("change:questions", begin);
  el.append(root);
  draw();
  model.send({ type: "ready" });
  return () => {
    stopWaiting();
    model.off("msg:custom", onMessage);
    model.off("change:questions", begin);
  };
}

export default { render };
