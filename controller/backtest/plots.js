// Plots over time and of one number against another, as SVG: for every page that we write.
const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const when = t => new Date(t * 1000).toISOString().replace("T", " ").slice(0, 16);
const short = value => value >= 1000 ? (value / 1000).toPrecision(3) + "k" : String(+value.toPrecision(3));
const percent = (share, digits) => (100 * share).toFixed(digits) + " %";
const make = (name, attributes, parent) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (parent) parent.appendChild(element);
  return element;
};
const text = (parent, x, y, words, anchor) => {
  make("text", {x, y, "text-anchor": anchor || "start"}, parent).textContent = words;
};
// An element of HTML with this text.
const say = (name, words, parent) => {
  const element = document.createElement(name);
  element.textContent = words;
  if (parent) parent.append(element);
  return element;
};
// Round steps that give at most `count` lines.
const steps = (low, high, count) => {
  const raw = (high - low) / count || 1;
  const power = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = [1, 2, 5, 10].map(each => each * power).find(each => each >= raw * (1 - 1e-9));
  const marks = [];
  for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) marks.push(at);
  return marks;
};
const timeSteps = (low, high) => {
  const step = [300, 900, 3600, 3 * 3600, 6 * 3600, 86400, 2 * 86400, 7 * 86400, 28 * 86400]
    .find(each => (high - low) / each <= 9) || 90 * 86400;
  const marks = [];
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) marks.push(at);
  return marks;
};
const timeLabel = t => t % 86400 === 0 ? when(t).slice(5, 10) : when(t).slice(11);

// One plot over time in the element `id`, between the seconds of `options.span`.
// lines: {t, v, colour, width, step, dashes}, or {t, v, low, colour, band: true}; null is a gap.
// options: shades [[from, to, colour, opacity]], limit, least and most of the upper end, format,
//   dots [{t, v, r, colour, chosen}], onSpan(span) and onAll() where one may look closer.
function plot(id, height, lines, options) {
  const width = 1130, left = 52, right = 8, bottom = 20;
  const span = options.span;
  const box = document.getElementById(id);
  box.textContent = "";
  const svg = make("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": id}, box);
  const inside = line => line.t.map((t, i) => i)
    .filter(i => line.t[i] >= span[0] && line.t[i] <= span[1] && line.v[i] !== null);
  let top = options.least || 0;
  for (const line of lines) for (const i of inside(line)) top = Math.max(top, line.v[i]);
  top = Math.min(top * 1.08 || 1, options.most || Infinity);
  const x = t => left + (t - span[0]) / (span[1] - span[0] || 1) * (width - left - right);
  const y = v => height - bottom - Math.min(v, top) / top * (height - bottom - 8);
  for (const mark of steps(0, top, 5)) {
    make("line", {x1: left, x2: width - right, y1: y(mark), y2: y(mark), class: "axis"}, svg);
    text(svg, left - 6, y(mark) + 4, (options.format || short)(mark), "end");
  }
  for (const mark of timeSteps(span[0], span[1])) {
    make("line", {x1: x(mark), x2: x(mark), y1: 8, y2: height - bottom, class: "axis"}, svg);
    if (x(mark) < width - 20) text(svg, x(mark), height - 5, timeLabel(mark), "middle");
  }
  for (const [from, to, fill, opacity] of options.shades || []) {
    const a = Math.max(from, span[0]), b = Math.min(to, span[1]);
    if (b > a) make("rect", {x: x(a), y: 8, width: Math.max(1, x(b) - x(a)), height: height - bottom - 8,
                             fill, opacity}, svg);
  }
  for (const line of lines.filter(each => each.band)) {
    const points = [...inside(line).map(i => [x(line.t[i]), y(line.v[i])]),
                    ...inside(line).reverse().map(i => [x(line.t[i]), y(line.low[i])])];
    make("polygon", {points: points.map(each => each.map(n => n.toFixed(1)).join(",")).join(" "),
                     fill: line.colour, opacity: 0.3, class: "band"}, svg);
  }
  for (const line of lines.filter(each => !each.band)) {
    let d = "", last = null;
    for (const i of inside(line)) {
      const at = x(line.t[i]).toFixed(1);
      if (line.step && last !== null) d += `L${at} ${y(last).toFixed(1)}`;
      d += (d ? "L" : "M") + at + " " + y(line.v[i]).toFixed(1);
      last = line.v[i];
    }
    make("path", {d, fill: "none", stroke: line.colour, "stroke-width": line.width || 1.4,
                  "stroke-dasharray": line.dashes || "none"}, svg);
  }
  if (options.limit) make("line", {x1: left, x2: width - right, y1: y(options.limit), y2: y(options.limit),
                                   stroke: colour("bad"), "stroke-dasharray": "5 4"}, svg);
  for (const each of options.dots || []) {
    if (each.t < span[0] || each.t > span[1]) continue;
    const dot = make("circle", {cx: x(each.t), cy: y(each.v), r: each.r, class: "decision", fill: each.colour}, svg);
    dot.style.cursor = "pointer";
    dot.addEventListener("click", event => { event.stopPropagation(); each.chosen(); });
  }
  if (!options.onSpan) return;
  let from = null, shade = null;
  const at = event => {
    const point = svg.getBoundingClientRect();
    const px = (event.clientX - point.left) / point.width * width;
    return span[0] + (px - left) / (width - left - right) * (span[1] - span[0]);
  };
  svg.addEventListener("mousedown", event => {
    from = at(event);
    shade = make("rect", {y: 8, height: height - bottom - 8, fill: colour("load"), opacity: 0.12}, svg);
  });
  svg.addEventListener("mousemove", event => {
    if (from === null) return;
    const a = x(Math.min(from, at(event))), b = x(Math.max(from, at(event)));
    shade.setAttribute("x", a); shade.setAttribute("width", b - a);
  });
  svg.addEventListener("mouseup", event => {
    if (from === null) return;
    const to = at(event), wide = Math.abs(to - from) > (span[1] - span[0]) / 100;
    shade.remove();
    if (wide) options.onSpan([Math.min(from, to), Math.max(from, to)]);
    from = null;
  });
  svg.addEventListener("dblclick", options.onAll);
}

// The entries [name, colour] above the plot `id`.
function legend(id, entries) {
  const box = document.getElementById(id + "-legend");
  box.textContent = "";
  for (const [name, fill] of entries) {
    const item = say("span", "", box), key = say("i", "", item);
    key.style.background = fill;
    item.append(name);
  }
}

// One number against another in the element `id`: points {x, y, name, colour, r}, and a line through
// those of `line`, in order of x. scale: {x: {marks, format, log}, y: {format}, xName, yName}.
function scatter(id, label, points, line, scale) {
  const width = 420, height = 300, left = 50, right = 12, top = 16, bottom = 38;
  const svg = make("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": label},
                   document.getElementById(id));
  const of = scale.log ? Math.log : v => v;
  const xs = points.map(each => of(each.x));
  const spread = Math.max(...xs) - Math.min(...xs) || 1;
  const low = Math.min(...xs) - 0.06 * spread, high = Math.max(...xs) + 0.06 * spread;
  const least = scale.least || 0, most = Math.max(...points.map(each => each.y), scale.most || 0) || 0.01;
  const end = most + 0.15 * (most - least || most);
  const x = v => left + (of(v) - low) / (high - low) * (width - left - right);
  const y = v => height - bottom - (v - least) / (end - least) * (height - top - bottom);
  const inside = mark => of(mark) >= low && of(mark) <= high;
  for (const mark of (scale.marks || steps(low, high, 6)).filter(inside)) {
    make("line", {x1: x(mark), x2: x(mark), y1: top, y2: height - bottom, class: "axis"}, svg);
    text(svg, x(mark), height - bottom + 14, scale.formatX(mark), "middle");
  }
  for (const mark of steps(least, end, 5)) {
    make("line", {x1: left, x2: width - right, y1: y(mark), y2: y(mark), class: "axis"}, svg);
    text(svg, left - 5, y(mark) + 4, scale.formatY(mark), "end");
  }
  text(svg, (left + width - right) / 2, height - 6, scale.nameX, "middle");
  text(svg, left + 4, top - 4, scale.nameY);
  const path = [...line].sort((a, b) => a.x - b.x).map(each => `${x(each.x).toFixed(1)} ${y(each.y).toFixed(1)}`);
  if (path.length > 1) make("path", {d: "M" + path.join("L"), class: "front", fill: "none"}, svg);
  const written = [];  // places of labels: one that would lie on another moves up, or is left out
  for (const each of points) {
    const cx = x(each.x), cy = y(each.y);
    const dot = make("circle", {cx, cy, r: each.r || 4, fill: each.colour}, svg);
    make("title", {}, dot).textContent = each.title || each.name;
    const long = 6 * each.name.length, near = cx + 7 + long > width - right;
    const from = near ? cx - 7 - long : cx + 7, to = from + long;
    let at = cy - 6;
    while (written.some(([a, b, height]) => from < b && to > a && Math.abs(height - at) < 11)) at -= 11;
    if (at < top + 4 || cy - at > 60) continue;
    written.push([from, to, at]);
    text(svg, cx + (near ? -7 : 7), at, each.name, near ? "end" : "start");
  }
}

// Rows of cells under a head, in the table `id`.
function table(id, head, rows, dress) {
  const box = document.getElementById(id);
  box.innerHTML = "<thead><tr></tr></thead><tbody></tbody>";
  for (const each of head) say("th", each, box.querySelector("thead tr"));
  rows.forEach((row, i) => {
    const line = say("tr", "", box.querySelector("tbody"));
    for (const each of row) say("td", each, line);
    if (dress) dress(line, i);
  });
}
