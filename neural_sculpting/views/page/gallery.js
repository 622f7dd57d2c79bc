"use strict";
/* The gallery: filters, order and the large view stand in the address, so that a link shows the same. */

(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const trials = data.trials.map((values) => Object.fromEntries(values.map((value, at) => [data.fields[at], value])));
  const form = document.getElementById("filters"), gallery = document.getElementById("gallery");
  const more = document.getElementById("more"), dialog = document.getElementById("large");
  const AT_ONCE = 36;
  const failed = (trial) => !["success", "found"].includes(data.outcomes[trial.outcome][0]);
  let state = {}, found = [], drawn = 0;

  const percent = (share) => `${+(100 * share).toPrecision(share >= 0.1 ? 3 : 2)} %`;
  const counted = (count, what) => `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;

  function element(tag, attributes = {}, ...children) {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  }

  /* What can be chosen. */
  function fill(name, options) {
    const select = form.elements[name];
    select.replaceChildren(...options.map(([value, text]) => element("option", { value, textContent: text })));
    select.closest("label").hidden = options.length <= 2;
  }
  const numberOf = (name, value) => trials.filter((trial) => trial[name] === value).length;
  const failures = trials.filter(failed).length;
  fill("outcome", [
    ["", `all (${trials.length})`], ["failure", `failures (${failures})`],
    ...data.outcomes.map(([kind, label], at) => [kind, label, numberOf("outcome", at)]).filter(([, , count]) => count)
      .map(([kind, label, count]) => [kind, `${label} (${count})`]),
  ]);
  fill("question", [["", "all"], ...data.questions.map((label, at) => [String(at), label])]);
  fill("layers", [["", "all"], ...data.layers.map((label) => [label, label])]);

  /* The address. */
  function read() {
    const hash = decodeURIComponent(location.hash.slice(1));
    return hash.includes("=") ? Object.fromEntries(new URLSearchParams(location.hash.slice(1))) : null;
  }
  function write(changes) {
    state = Object.fromEntries(Object.entries({ ...state, ...changes }).filter(([, value]) => value));
    history.replaceState(null, "", Object.keys(state).length ? `#${new URLSearchParams(state)}` : location.pathname + location.search);
  }

  const kindOf = (trial) => data.outcomes[trial.outcome][0];
  const numbers = (text) => (text.match(/\d+/g) || []).map(Number);
  const ORDERS = {
    failures: (trial) => trial.outcome,
    density: (trial) => trial.density,
    seed: (trial) => trial.seed,
    job: (trial) => trial.job,
  };

  function matches(trial) {
    const { outcome, question, layers, seed } = state;
    return (!outcome || outcome === kindOf(trial) || (outcome === "failure" && failed(trial)))
      && (!question || Number(question) === trial.question)
      && (!layers || layers === data.layers[trial.layers])
      && (!seed || numbers(seed).includes(trial.seed));
  }

  function apply() {
    for (const name of ["outcome", "question", "layers", "seed", "order"]) form.elements[name].value = state[name] || "";
    const key = ORDERS[state.order] || ORDERS.failures;
    found = trials.filter(matches).sort((one, other) => key(one) - key(other) || one.job - other.job);
    document.getElementById("shown").textContent = found.length === trials.length
      ? counted(found.length, "trial") : `${found.length.toLocaleString("en")} of ${counted(trials.length, "trial")}`;
    gallery.replaceChildren();
    drawn = 0;
    drawMore();
  }

  function drawMore() {
    const next = found.slice(drawn, drawn + AT_ONCE);
    gallery.append(...next.map(card));
    drawn += next.length;
    more.hidden = drawn >= found.length;
    more.textContent = `Show more (${(found.length - drawn).toLocaleString("en")} left)`;
  }

  const badge = (trial) => element("span", { className: failed(trial) ? "outcome bad" : "outcome good", textContent: data.outcomes[trial.outcome][1] });
  const named = (trial) => [`seed ${trial.seed}`, ...(data.layers.length > 1 ? [data.layers[trial.layers]] : [])].join(" · ");
  const wordsOf = (trial) => `Network of seed ${trial.seed}: ${counted(trial.edges, "edge")}`;

  function card(trial) {
    const picture = element("span", { className: "picture" });
    picture.innerHTML = drawNetwork(trial.network, false, wordsOf(trial));
    const lines = [
      element("span", { className: "line" }, badge(trial), element("span", { className: "title", textContent: named(trial) })),
      element("span", { className: "why", textContent: data.texts[trial.headline] }),
      element("span", { className: "facts", textContent: `${counted(trial.edges, "edge")} · density ${percent(trial.density)}` }),
    ];
    if (data.questions.length > 1) lines.unshift(element("span", { className: "task", textContent: data.questions[trial.question] }));
    const button = element("button", { type: "button" }, picture, ...lines);
    button.dataset.job = trial.job;
    button.addEventListener("click", () => open(trial));
    return element("li", {}, button);
  }

  /* The large view. */
  function figure(content, words) {
    const scroll = element("div", { className: "scroll" });
    scroll.innerHTML = content;
    return element("figure", {}, scroll, element("figcaption", { textContent: words }));
  }

  function facts(trial) {
    const lines = [
      ["job", trial.job], ["layers", data.layers[trial.layers]], ["edges", trial.edges], ["density", percent(trial.density)],
    ];
    if (trial.accuracy !== null) lines.push(["accuracy", percent(trial.accuracy)]);
    if (trial.test !== null) lines.push(["test accuracy (bits)", percent(trial.test)]);
    if (trial.steps.length) lines.push(["steps", trial.steps.map((step, at) => `${step} % ${["units", "edges"][at]}`).join(", ")]);
    if (trial.solved) lines.push(["networks as expected", `${trial.solved[0]} of ${trial.solved[1]}`]);
    return element("dl", {}, ...lines.flatMap(([name, value]) => [element("dt", { textContent: name }), element("dd", { textContent: value })]));
  }

  function open(trial) {
    const body = document.getElementById("large-body");
    const why = [badge(trial)];
    if (failed(trial)) {
      why.push(element("strong", { textContent: `${data.texts[trial.headline]}.` }));
      if (data.texts[trial.detail]) why.push(element("p", { textContent: data.texts[trial.detail] }));
    }
    const pictures = trial.network === null ? [] : [figure(drawNetwork(trial.network, true, wordsOf(trial)), "The sculpted network")];
    const hierarchies = element("div", { className: "hierarchies" });
    if (trial.hierarchy !== null) hierarchies.append(figure(data.hierarchies[trial.hierarchy], "Its hierarchy"));
    const expected = document.querySelector(`[data-expected="${trial.question}"] :is(.expected, .found.same) svg`);
    if (expected && failed(trial)) hierarchies.append(figure(expected.outerHTML, "Expected"));
    const path = drawPath(trial.path);
    if (path) hierarchies.append(figure(path, "Density over the attempts: dots were accepted, circles rejected"));
    document.getElementById("large-title").textContent = [data.questions.length > 1 ? data.questions[trial.question] : "", `seed ${trial.seed}`, data.layers[trial.layers]].filter(Boolean).join(" · ");
    body.replaceChildren(element("div", { className: "why" }, ...why), element("div", { className: "views" }, ...pictures, hierarchies), facts(trial));
    body.scrollTop = 0;
    if (!dialog.open) dialog.showModal();
    write({ trial: String(trial.job) });
    const place = found.indexOf(trial);
    document.getElementById("previous").disabled = place <= 0;
    document.getElementById("next").disabled = place < 0 || place >= found.length - 1;
  }

  function step(by) {
    const place = found.findIndex((trial) => String(trial.job) === state.trial) + by;
    if (found[place]) open(found[place]);
  }

  document.getElementById("previous").addEventListener("click", () => step(-1));
  document.getElementById("next").addEventListener("click", () => step(1));
  document.getElementById("close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => { if (event.target === dialog) dialog.close(); });
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by) step(by);
  });
  dialog.addEventListener("close", () => {
    const card = gallery.querySelector(`[data-job="${state.trial}"]`);
    write({ trial: "" });
    if (card) card.focus();
  });

  function choose({ target }) {
    if ((state[target.name] || "") === target.value) return;
    write({ [target.name]: target.value });
    apply();
  }
  for (const kind of ["input", "change"]) form.addEventListener(kind, choose);
  form.addEventListener("reset", (event) => { event.preventDefault(); state = {}; write({}); apply(); });
  form.addEventListener("submit", (event) => event.preventDefault());
  more.addEventListener("click", drawMore);
  new IntersectionObserver((entries) => { if (entries.some((entry) => entry.isIntersecting) && !more.hidden) drawMore(); }, { rootMargin: "600px" }).observe(more);

  /* A link with filters shows the gallery; one to a section is left to the browser. */
  function follow() {
    const asked = read();
    state = asked || {};
    apply();
    const trial = asked && asked.trial && trials.find((one) => String(one.job) === asked.trial);
    if (trial) open(trial);
    else if (dialog.open) dialog.close();
    if (asked) document.getElementById("trials").scrollIntoView();
  }
  addEventListener("hashchange", follow);
  follow();
})();
