"use strict";
/* Draws networks and their pruning. Networks look as in the pictures of the sweep: the same order, colors and curves. */

const COLORS = 8;
const OUTLINES = ["filled", "ring", "dashed"];

/** The letter of a module by its place in reading order: A to Z, then AA, AB, … */
function letterOf(place) {
  let letters = "";
  for (let rest = place; rest >= 0; rest = Math.floor(rest / 26) - 1) {
    letters = String.fromCharCode(65 + (rest % 26)) + letters;
  }
  return letters;
}

function lookOf(place) {
  if (place < 0) return "gone";
  return `m${place % COLORS} ${OUTLINES[Math.floor(place / COLORS) % OUTLINES.length]}`;
}

const short = (value) => String(Math.round(value * 10) / 10);

/** The distance between neighbors of a layer, at most a sixth of the height. */
function pitchOf(ys, height) {
  let pitch = height / 6;
  for (let unit = 1; unit < ys.length; unit++) pitch = Math.min(pitch, ys[unit] - ys[unit - 1]);
  return pitch;
}

/** Paths of all edges, by the module that they start in: inside of modules, and between them. */
function edgePaths(layers, edges, xs, ys) {
  const inside = new Map(), between = new Map();
  edges.forEach((steps, layer) => {
    const [left, right] = [layers[layer], layers[layer + 1]];
    const bend = (xs[layer + 1] - xs[layer]) * 0.45;
    const [from, leave, arrive, to] = [xs[layer], xs[layer] + bend, xs[layer + 1] - bend, xs[layer + 1]].map(short);
    let number = 0;
    for (const step of steps) {
      number += step;
      const source = Math.floor(number / right[2].length), target = number % right[2].length;
      const module = left[2][source];
      const paths = module === right[2][target] ? inside : between;
      const y = short(ys[layer][source]), end = short(ys[layer + 1][target]);
      paths.set(module, `${paths.get(module) || ""}M${from} ${y}C${leave} ${y} ${arrive} ${end} ${to} ${end}`);
    }
  });
  return [inside, between];
}

function layerName(layer, last) {
  if (layer === 0) return "inputs";
  if (layer === last) return "outputs";
  return last > 2 ? `hidden ${layer}` : "hidden";
}

/** The room beside a layer for the names of its units. */
function roomForNames(names, large) {
  const longest = Math.max(0, ...names.map((name) => name.length));
  return Math.max(large ? 52 : 36, (large ? 8.5 : 6.2) * longest + (large ? 24 : 14));
}

/** A network as SVG text: small in the gallery, with captions in the large view. */
function drawNetwork(network, large, label) {
  if (network === null) return "";
  if (typeof network === "string") return network;
  const [layers, edges] = network, last = layers.length - 1;
  const [width, height] = large ? [640, Math.max(420, 44 + 15 * Math.max(layers[0][2].length, layers[last][2].length))] : [300, 200];
  const top = 6, plot = height - top - (large ? 48 : 6);
  const [left, right] = [layers[0], layers[last]].map((layer) => roomForNames(layer[4], large));
  const xs = layers.map((_, layer) => left + ((width - left - right) * layer) / last);
  const ys = layers.map((of) => of[3].map((y) => top + (y * plot) / 1000));
  const pitches = ys.map((of) => pitchOf(of, plot));
  const [inside, between] = edgePaths(layers, edges, xs, ys);
  const count = edges.reduce((sum, of) => sum + of.length, 0);
  const crowd = (40 / Math.max(count, 40)) ** 0.4;
  const stroke = short(Math.max((large ? 2.2 : 1.5) * crowd, 0.4));
  const parts = [halos(layers, inside, xs, ys, Math.min(1.3 * Math.min(...pitches), large ? 36 : 20))];
  for (const [paths, strength] of [[between, 0.55], [inside, 0.9]]) {
    for (const [module, path] of paths) {
      parts.push(`<path class="edge ${lookOf(module)}" stroke-width="${stroke}" stroke-opacity="${strength * Math.sqrt(crowd)}" d="${path}"/>`);
    }
  }
  layers.forEach((layer, place) => {
    parts.push(units(layer, xs[place], ys[place], pitches[place], place, last, large));
    if (large) parts.push(caption(layer, xs[place], height, layerName(place, last)));
  });
  return `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${parts.join("")}</svg>`;
}

/** A soft band along the units and edges of each module. */
function halos(layers, inside, xs, ys, width) {
  const bands = new Map(inside);
  layers.forEach((layer, place) => layer[2].forEach((module, unit) => {
    if (module >= 0) bands.set(module, `${bands.get(module) || ""}M${short(xs[place])} ${short(ys[place][unit])}h0`);
  }));
  const paths = [...bands].map(([module, path]) => `<path class="${lookOf(module)}" d="${path}"/>`);
  return `<g class="halo" stroke-width="${short(width)}">${paths.join("")}</g>`;
}

/** Text of a user as it can stand in SVG. */
function escaped(text) {
  const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "\"": "&quot;" };
  return text.replace(/[&<>"]/g, (letter) => entities[letter]);
}

function units(layer, x, ys, pitch, place, last, large) {
  const radius = Math.min(0.36 * pitch, large ? 11 : 7.5);
  const size = Math.min(large ? 14 : 10.5, pitch * 0.85);
  const names = place === 0 || place === last ? layer[4] : null;
  const away = (place === 0 ? -1 : 1) * (radius + (large ? 9 : 5));
  return layer[2].map((module, unit) => {
    const y = ys[unit];
    const drawn = [`<circle class="unit ${lookOf(module)}" cx="${short(x)}" cy="${short(y)}" r="${short(radius)}"/>`];
    if (radius >= 5 && module >= 0) {
      drawn.push(`<text class="letter ${lookOf(module)}" x="${short(x)}" y="${short(y + 0.36 * radius)}" font-size="${short(radius)}">${letterOf(module)}</text>`);
    }
    if (names && size >= 6) {
      drawn.push(`<text class="name ${module < 0 ? "gone" : ""}" x="${short(x + away)}" y="${short(y + 0.35 * size)}" font-size="${short(size)}" text-anchor="${place === 0 ? "end" : "start"}">${escaped(names[unit])}</text>`);
    }
    return drawn.join("");
  }).join("");
}

function caption(layer, x, height, name) {
  const [size, kept] = layer;
  return `<text class="caption" x="${short(x)}" y="${height - 22}">${name}</text><text class="caption kept" x="${short(x)}" y="${height - 5}">${kept} of ${size}</text>`;
}

/** The density over the attempts of one trial: dots are accepted, circles rejected. */
function drawPath([unitPhase, edgePhase]) {
  const values = [...unitPhase, ...edgePhase], [width, height, left, top, bottom] = [480, 150, 46, 8, 22];
  if (values.length < 2) return "";
  const lowest = Math.min(...values.map(Math.abs).filter((value) => value > 0), 0.1) * 0.8;
  const x = (at) => left + 6 + ((width - left - 14) * at) / (values.length - 1);
  const y = (value) => top + (height - top - bottom) * Math.min(Math.log10(Math.max(Math.abs(value), lowest)) / Math.log10(lowest), 1);
  const parts = [];
  for (const tick of [1, 0.1, 0.01, 0.001].filter((value) => value >= lowest)) {
    parts.push(`<path class="grid" d="M${left} ${short(y(tick))}H${width}"/><text class="tick" x="${left - 6}" y="${short(y(tick) + 4)}" text-anchor="end">${+(100 * tick).toPrecision(2)} %</text>`);
  }
  const border = short(x(unitPhase.length - 0.5));
  if (edgePhase.length) parts.push(`<path class="grid" d="M${border} ${top}V${height - bottom}"/>`);
  parts.push(`<text class="tick" x="${left + 6}" y="${height - 5}">units</text>`);
  if (edgePhase.length) parts.push(`<text class="tick" x="${+border + 4}" y="${height - 5}">edges</text>`);
  const accepted = values.map((value, at) => [at, value]).filter(([, value]) => value > 0);
  parts.push(`<path class="median" d="M${accepted.map(([at, value]) => `${short(x(at))} ${short(y(value))}`).join("L")}"/>`);
  values.forEach((value, at) => {
    parts.push(`<circle class="${value > 0 ? "accepted" : "rejected"}" cx="${short(x(at))}" cy="${short(y(value))}" r="3"/>`);
  });
  return `<svg class="chart path" viewBox="0 0 ${width} ${height}" role="img" aria-label="Density over ${values.length} attempts">${parts.join("")}</svg>`;
}
