const by = id => document.getElementById(id);
function make(tag, parts = {}, ...inside) {
  const one = document.createElement(tag);
  for (const [key, value] of Object.entries(parts)) key === "class" ? one.className = value : one[key] = value;
  one.append(...inside);
  return one;
}
function table(head, rows, numbers) {
  const cell = (tag, value, i) => make(tag, {class: numbers.includes(i) ? "n" : ""}, value);
  return make("table", {}, make("thead", {}, make("tr", {}, ...head.map((one, i) => cell("th", one, i)))),
    make("tbody", {}, ...rows.map(row => make("tr", {}, ...row.map((one, i) => cell("td", one, i))))));
}
function changes(before, after) {
  const parts = text => text.match(/\s*\S+|\s+$/g) || [], a = parts(before), b = parts(after), size = [], out = [];
  for (let i = a.length; i >= 0; i--) { size[i] = [];
    for (let j = b.length; j >= 0; j--) size[i][j] = i === a.length || j === b.length ? 0
      : a[i] === b[j] ? size[i + 1][j + 1] + 1 : Math.max(size[i + 1][j], size[i][j + 1]); }
  const add = (tag, word) => out.length && out[out.length - 1][0] === tag ? out[out.length - 1][1] += word : out.push([tag, word]);
  let i = 0, j = 0;
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) { add("", a[i]); i++; j++; }
    else if (j >= b.length || i < a.length && size[i + 1][j] >= size[i][j + 1]) add("del", a[i++]);
    else add("ins", b[j++]);
  }
  return grouped(out);
}
function grouped(some) {
  const kept = ([tag, words], i) => !tag && (i === 0 || i === some.length - 1 || words.trim().split(/\s+/).length > 2), out = [];
  let gone = "", come = "";
  const flush = () => { if (gone) out.push(["del", gone]); if (come) out.push(["ins", come]); gone = come = ""; };
  some.forEach((one, i) => {
    if (kept(one, i)) { flush(); out.push(one); }
    else { if (one[0] !== "ins") gone += one[1]; if (one[0] !== "del") come += one[1]; }
  });
  flush();
  return out;
}
const marked = (some, without) => make("pre", {}, ...some.filter(([tag]) => tag !== without).map(([tag, words]) => tag ? make(tag, {}, words) : words));
function drawing(wide, tall, label) {
  const ns = "http://www.w3.org/2000/svg", svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", `0 0 ${wide} ${tall}`); svg.setAttribute("role", "img"); svg.setAttribute("aria-label", label);
  return [svg, (tag, parts, words) => { const one = document.createElementNS(ns, tag);
    for (const [key, value] of Object.entries(parts)) one.setAttribute(key, value); if (words) one.textContent = words; svg.append(one); }];
}
const options = (id, values) => by(id).append(make("option", {value: ""}, "all"), ...values.map(value => make("option", {value}, value)));
