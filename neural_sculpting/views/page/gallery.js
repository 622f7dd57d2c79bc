"use strict";
/* The gallery: filters, order and the large view are part of the address, so that a link shows the same. */

/** The data of the page: compressed JSON, see rendering.py. */
function unpacked(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  return new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"))).json();
}

(async () => {
  if (!("DecompressionStream" in window)) {
    document.getElementById("gallery").textContent = "This browser is too old to show the trials; any of 2023 or later does.";
    return;
  }
  const data = await unpacked(document.getElementById("data").textContent);
  const { trials, pictures } = data, kinds = Object.keys(data.outcomes);
  const form = document.getElementById("filters"), gallery = document.getElementById("gallery");
  const more = document.getElementById("more"), dialog = document.getElementById("large");
  const AT_ONCE = 36;
  const failed = (trial) => !["success", "found"].includes(trial.outcome);
  let state = {}, found = [], drawn = 0;

  const counted = (count) => `${count.toLocaleString("en")} trial${count === 1 ? "" : "s"}`;

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
  const countOf = (kind) => trials.filter((trial) => trial.outcome === kind).length;
  const layers = [...new Set(trials.map((trial) => trial.layers))];
  const failures = trials.filter(failed).length;
  fill("outcome", [
    ["", `all (${trials.length})`], ["failure", `failures (${failures})`],
    ...kinds.filter(countOf).map((kind) => [kind, `${data.outcomes[kind]} (${countOf(kind)})`]),
  ]);
  fill("cell", [["", "all"], ...data.cells.map((label, index) => [String(index), label])]);
  fill("layers", [["", "all"], ...layers.map((label) => [label, label])]);

  /* The address. */
  function read() {
    const hash = location.hash.slice(1);
    return hash.includes("=") ? Object.fromEntries(new URLSearchParams(hash)) : null;
  }
  function write(changes) {
    state = Object.fromEntries(Object.entries({ ...state, ...changes }).filter(([, value]) => value));
    history.replaceState(null, "", Object.keys(state).length ? `#${new URLSearchParams(state)}` : location.pathname + location.search);
  }

  const numbers = (text) => (text.match(/\d+/g) || []).map(Number);
  const ORDERS = {
    failures: (trial) => kinds.indexOf(trial.outcome),
    density: (trial) => trial.density,
    seed: (trial) => trial.seed,
    job: (trial) => trial.job,
  };

  function matches(trial) {
    const { outcome, cell, layers, seed } = state;
    return (!outcome || outcome === trial.outcome || (outcome === "failure" && failed(trial)))
      && (!cell || Number(cell) === trial.cell)
      && (!layers || layers === trial.layers)
      && (!seed || numbers(seed).includes(trial.seed));
  }

  function apply() {
    for (const name of ["outcome", "cell", "layers", "seed", "order"]) form.elements[name].value = state[name] || "";
    const key = ORDERS[state.order] || ORDERS.failures;
    found = trials.filter(matches).sort((one, other) => key(one) - key(other) || one.job - other.job);
    document.getElementById("shown").textContent = found.length === trials.length
      ? counted(found.length) : `${found.length.toLocaleString("en")} of ${counted(trials.length)}`;
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

  const badge = (trial) => element("span", { className: failed(trial) ? "outcome bad" : "outcome good", textContent: data.outcomes[trial.outcome] });
  const named = (trial) => [`seed ${trial.seed}`, ...(layers.length > 1 ? [trial.layers] : [])].join(" · ");

  function card(trial) {
    const picture = element("span", { className: "picture" });
    picture.innerHTML = pictures[trial.network] ?? "";
    for (const svg of picture.children) svg.setAttribute("viewBox", svg.dataset.plot);
    const lines = [
      element("span", { className: "line" }, badge(trial), element("span", { className: "title", textContent: named(trial) })),
      element("span", { className: "why", textContent: trial.headline }),
      element("span", { className: "facts" }, trial.summary, ...(trial.accuracy ? [element("br"), trial.accuracy] : [])),
    ];
    if (data.cells.length > 1) lines.unshift(element("span", { className: "task", textContent: data.cells[trial.cell] }));
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

  const facts = (trial) => element("dl", {}, ...trial.facts.map(
    ([name, value]) => element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: value }))));

  function open(trial) {
    const body = document.getElementById("large-body");
    const why = [badge(trial)];
    if (failed(trial)) {
      why.push(element("strong", { textContent: `${trial.headline}.` }));
      if (trial.detail) why.push(element("p", { textContent: trial.detail }));
    }
    const networks = trial.network === null ? [] : [figure(pictures[trial.network], "The sculpted network")];
    const hierarchies = element("div", { className: "hierarchies" });
    if (trial.hierarchy !== null) hierarchies.append(figure(pictures[trial.hierarchy], "Its hierarchy"));
    const expected = document.querySelector(`[data-expected="${trial.cell}"] :is(.expected, .found.same) svg`);
    if (expected && failed(trial)) hierarchies.append(figure(expected.outerHTML, "Expected"));
    if (trial.path) hierarchies.append(figure(trial.path, "Density over the attempts: dots were accepted, circles rejected"));
    document.getElementById("large-title").textContent = [...(data.cells.length > 1 ? [data.cells[trial.cell]] : []), `seed ${trial.seed}`, trial.layers].join(" · ");
    body.replaceChildren(element("div", { className: "why" }, ...why), element("div", { className: "views" }, ...networks, hierarchies), facts(trial));
    body.scrollTop = 0;
    if (!dialog.open) dialog.showModal();
    write({ trial: String(trial.job) });
    const index = found.indexOf(trial);
    document.getElementById("previous").disabled = index <= 0;
    document.getElementById("next").disabled = index < 0 || index >= found.length - 1;
  }

  function step(by) {
    const next = found[found.findIndex((trial) => String(trial.job) === state.trial) + by];
    if (next) open(next);
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
