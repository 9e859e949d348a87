// What pages with plots over time have in common. A page sets `whole` and `span`, and has a `draw`.
const data = JSON.parse(document.getElementById("data").textContent);
let whole, span;  // seconds: all that is known, and what is shown
const colour = name => getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
const when = t => new Date(t * 1000).toISOString().replace("T", " ").slice(0, 16);
const short = value => value >= 1000 ? (value / 1000).toPrecision(3) + "k" : String(+value.toPrecision(3));
const make = (name, attributes, parent) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (parent) parent.appendChild(element);
  return element;
};
const text = (parent, x, y, words, anchor) => {
  make("text", {x, y, "text-anchor": anchor || "start"}, parent).textContent = words;
};
// Round steps that give at most `count` lines.
const steps = (low, high, count) => {
  const raw = (high - low) / count || 1;
  const power = Math.pow(10, Math.floor(Math.log10(raw)));
  const step = [1, 2, 5, 10].map(each => each * power).find(each => each >= raw);
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

const width = 1130, left = 52, right = 8, bottom = 20;
// One plot over time: `lines` of {t, v, colour, band?, low?, width?, dashes?, step?}, `dots` over it.
function plot(id, height, lines, options) {
  const box = document.getElementById(id);
  box.textContent = "";
  const svg = make("svg", {viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": id}, box);
  let top = options.least || 0;
  for (const line of lines) line.v.forEach((value, i) => {
    if (line.t[i] >= span[0] && line.t[i] <= span[1] && value > top) top = value;
  });
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
  const shades = (options.shaded || []).map(each => [...each, options.shade, 0.16]);
  shades.push([span[0], data.scoredFromSeconds, colour("needed"), 0.1]);
  for (const [from, to, fill, opacity] of shades) {
    const a = Math.max(from, span[0]), b = Math.min(to, span[1]);
    if (b > a) make("rect", {x: x(a), y: 8, width: Math.max(1, x(b) - x(a)), height: height - bottom - 8,
                             fill, opacity}, svg);
  }
  for (const line of lines.filter(each => each.band)) {
    const inside = line.t.map((t, i) => i).filter(i => line.t[i] >= span[0] && line.t[i] <= span[1] && line.v[i] !== null);
    const points = [...inside.map(i => [x(line.t[i]), y(line.v[i])]),
                    ...inside.reverse().map(i => [x(line.t[i]), y(line.low[i])])];
    make("polygon", {points: points.map(each => each.map(n => n.toFixed(1)).join(",")).join(" "),
                     fill: line.colour, opacity: 0.3, class: "band"}, svg);
  }
  for (const line of lines.filter(each => !each.band)) {
    let d = "", last = null;
    for (let i = 0; i < line.t.length; ++i) {
      const t = line.t[i];
      if (t < span[0] || t > span[1] || line.v[i] === null) continue;
      if (line.step && last !== null) d += `L${x(t).toFixed(1)} ${y(last).toFixed(1)}`;
      d += (d ? "L" : "M") + x(t).toFixed(1) + " " + y(line.v[i]).toFixed(1);
      last = line.v[i];
    }
    make("path", {d, fill: "none", stroke: line.colour, "stroke-width": line.width || 1.4,
                  "stroke-dasharray": line.dashes || "none"}, svg);
  }
  if (options.limit) make("line", {x1: left, x2: width - right, y1: y(options.limit), y2: y(options.limit),
                                   stroke: colour("bad"), "stroke-dasharray": "5 4"}, svg);
  for (const each of options.dots || []) {
    if (each.t < span[0] || each.t > span[1]) continue;
    const dot = make("circle", {cx: x(each.t), cy: y(each.v), r: each.large ? 5 : 2.6, class: each.name,
                                fill: each.colour}, svg);
    dot.style.cursor = "pointer";
    dot.addEventListener("click", event => { event.stopPropagation(); each.chosen(); });
  }
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
    if (shade) shade.remove();
    if (wide) { span = [Math.min(from, to), Math.max(from, to)]; draw(); }
    from = null;
  });
  svg.addEventListener("dblclick", () => { span = whole; draw(); });
}
function legend(id, entries) {
  document.getElementById(id + "-legend").innerHTML = "";
  for (const [name, fill] of entries) {
    const item = document.createElement("span"), key = document.createElement("i");
    key.style.background = fill;
    item.append(key, name);
    document.getElementById(id + "-legend").append(item);
  }
}
const percent = (share, digits) => (100 * share).toFixed(digits) + " %";
// Fills a table and returns its rows.
function tabulate(id, head, rows) {
  const box = document.getElementById(id);
  box.innerHTML = "<thead></thead><tbody></tbody>";
  const line = (part, cells, kind) => {
    const row = document.createElement("tr");
    for (const each of cells) {
      const cell = document.createElement(kind);
      cell.textContent = each;
      row.append(cell);
    }
    box.querySelector(part).append(row);
    return row;
  };
  line("thead", head, "th");
  return rows.map(each => line("tbody", each, "td"));
}
