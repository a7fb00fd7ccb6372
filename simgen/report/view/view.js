"use strict";
const $ = (id) => document.getElementById(id);
const VIEW = {chunks: {}, waiting: {}, clouds: {}, on: new Set(["boxes", "masks"]), at: null, label: null};

VIEW.start = (_, data) => {
  Object.assign(VIEW, data);
  VIEW.place = new Map(data.frames.map((f, i) => [f, i]));
  VIEW.cats = new Set(data.categories.map((_, i) => i));
  VIEW.filters = {};
  VIEW.hits = data.frames.map((_, i) => i);
  sidebar(); toggles(); filter();
  const wanted = /^#(\d+)$/.exec(location.hash);
  if (wanted && VIEW.place.has(+wanted[1])) open_(VIEW.place.get(+wanted[1]));
};
VIEW.chunk = (number, frames) => { VIEW.chunks[number] = frames; (VIEW.waiting[number] || []).forEach((f) => f()); delete VIEW.waiting[number]; };
VIEW.cloud = (frame, data) => { VIEW.clouds[frame] = data; (VIEW.waiting["c" + frame] || []).forEach((f) => f()); delete VIEW.waiting["c" + frame]; };

// Scripts load from disk as well as from a server; pages from disk may not fetch.
function load(key, path, then) {
  if (VIEW.waiting[key]) { VIEW.waiting[key].push(then); return; }
  VIEW.waiting[key] = [then];
  const script = document.createElement("script");
  script.src = path; document.head.append(script);
}
const pad = (n, digits) => String(n).padStart(digits, "0");
const named = (frame, suffix) => `${pad(Math.floor(frame / 10000), 4)}/${pad(frame, 8)}${suffix}`;
function withFrame(place, then) {
  const number = Math.floor(place / VIEW.each), have = () => then(VIEW.chunks[number][place % VIEW.each]);
  if (VIEW.chunks[number]) have(); else load(number, `data/${pad(number, 5)}.js`, have);
}
const colour = (n, alpha = 1) => `hsl(${(n * 137.508 + 205) % 360} 72% 52% / ${alpha})`;
const show = (v) => typeof v === "number" ? (Number.isInteger(v) ? v : +v.toPrecision(4)) : v;

// Filters -----------------------------------------------------------------------------------
function sidebar() {
  const totals = VIEW.categories.map(() => 0);
  VIEW.counts.forEach((row) => row.forEach(([c, n]) => { totals[c] += n; }));
  $("cats").replaceChildren(...VIEW.categories.map((cat, i) => {
    const line = document.createElement("label");
    line.className = "cat";
    line.innerHTML = `<input type="checkbox" checked><i style="background:${colour(i)}"></i><span></span><em>${totals[i]}</em>`;
    line.querySelector("span").textContent = cat.name;
    line.querySelector("input").onchange = (e) => { e.target.checked ? VIEW.cats.add(i) : VIEW.cats.delete(i); filter(); };
    return line;
  }));
  $("allcats").onclick = () => {
    const all = VIEW.cats.size < VIEW.categories.length;
    VIEW.cats = new Set(all ? VIEW.categories.map((_, i) => i) : []);
    document.querySelectorAll("#cats input").forEach((box) => { box.checked = all; });
    filter();
  };
  $("every").onchange = filter;
  const rows = [];
  for (const [name, r] of Object.entries(VIEW.ranges)) rows.push(numeric(name, r.ends, r.histogram));
  for (const [name, column] of Object.entries(VIEW.numbers)) rows.push(numeric(name, column.map((v) => v === null ? null : [v, v]), binned(column)));
  for (const [name, word] of Object.entries(VIEW.words)) rows.push(words(name, word));
  $("params").replaceChildren(...rows);
  $("find").oninput = (e) => document.querySelectorAll("#params details").forEach((d) => { d.hidden = !d.dataset.name.includes(e.target.value.trim().toLowerCase()); });
}
function binned(column) {
  const known = column.filter((v) => v !== null);
  const low = known.reduce((a, b) => Math.min(a, b), Infinity), high = known.reduce((a, b) => Math.max(a, b), -Infinity);
  const heights = new Array(24).fill(0);
  known.forEach((v) => { heights[Math.min(23, Math.floor(24 * (v - low) / (high - low || 1)))] += 1; });
  return {low, high, heights};
}
function section(name) {
  const box = document.createElement("details");
  box.dataset.name = name.toLowerCase();
  box.innerHTML = "<summary></summary><div></div>";
  box.querySelector("summary").textContent = name;
  return box;
}
function numeric(name, ends, h) {
  const box = section(name), top = Math.max(...h.heights, 1), body = box.querySelector("div");
  body.innerHTML = `<svg class="hist" viewBox="0 0 240 54" preserveAspectRatio="none" role="img">${h.heights.map((v, i) =>
    `<rect x="${i * 10}" y="${54 - 52 * v / top}" width="9" height="${52 * v / top}"><title>${show(h.low + i * (h.high - h.low) / 24)}: ${v}</title></rect>`).join("")}</svg>
    <div class="ends"><input type="number" step="any" placeholder="${show(h.low)}" aria-label="${name}, least"><input type="number" step="any" placeholder="${show(h.high)}" aria-label="${name}, most"></div>`;
  const [low, high] = body.querySelectorAll("input");
  const used = () => {
    const a = low.value === "" ? -Infinity : +low.value, b = high.value === "" ? Infinity : +high.value;
    if (low.value === "" && high.value === "") delete VIEW.filters[name];
    else VIEW.filters[name] = (i) => ends[i] !== null && ends[i][1] >= a && ends[i][0] <= b;
    body.querySelectorAll("rect").forEach((r, i) => { const v = h.low + (i + .5) * (h.high - h.low) / 24; r.classList.toggle("in", name in VIEW.filters && v >= a && v <= b); });
    box.querySelector("summary").classList.toggle("used", name in VIEW.filters);
    filter();
  };
  low.oninput = high.oninput = used;
  let from = null;
  const value = (e) => { const box = body.querySelector("svg").getBoundingClientRect(); return h.low + Math.max(0, Math.min(1, (e.clientX - box.left) / box.width)) * (h.high - h.low); };
  const svg = body.querySelector("svg");
  svg.onpointerdown = (e) => { from = value(e); svg.setPointerCapture(e.pointerId); };
  svg.onpointermove = (e) => { if (from === null) return; const to = value(e); low.value = show(Math.min(from, to)); high.value = show(Math.max(from, to)); used(); };
  svg.onpointerup = (e) => { if (from !== null && Math.abs(value(e) - from) < (h.high - h.low) / 100) { low.value = high.value = ""; used(); } from = null; };
  return box;
}
function words(name, word) {
  const box = section(name), chosen = new Set(), number = word.names.map(() => 0);
  word.index.forEach((i) => { if (i >= 0) number[i] += 1; });
  word.names.forEach((text, i) => {
    const line = document.createElement("label");
    line.className = "word";
    line.innerHTML = `<input type="checkbox"><span></span><em>${number[i]}</em>`;
    line.querySelector("span").textContent = text;
    line.querySelector("input").onchange = (e) => {
      e.target.checked ? chosen.add(i) : chosen.delete(i);
      if (chosen.size) VIEW.filters[name] = (p) => chosen.has(word.index[p]); else delete VIEW.filters[name];
      box.querySelector("summary").classList.toggle("used", chosen.size > 0);
      filter();
    };
    box.querySelector("div").append(line);
  });
  return box;
}
function filter() {
  const tests = Object.values(VIEW.filters), all = VIEW.cats.size === VIEW.categories.length, every = $("every").checked;
  VIEW.hits = [];
  VIEW.frames.forEach((_, i) => {
    const has = new Set(VIEW.counts[i].map(([c]) => c));
    const fits = every ? [...VIEW.cats].every((c) => has.has(c)) : all || [...VIEW.cats].some((c) => has.has(c));
    if (fits && tests.every((t) => t(i))) VIEW.hits.push(i);
  });
  $("shown").textContent = `${VIEW.hits.length} of ${VIEW.frames.length} frames`;
  grid(true);
}

// The grid: only cells in sight exist ---------------------------------------------------------
const cells = new Map();
function grid(afresh) {
  const box = $("scroll"), want = +$("zoom").value, gap = 8;
  const columns = Math.max(1, Math.floor((box.clientWidth - gap) / (want + gap)));
  const width = (box.clientWidth - gap) / columns - gap, height = Math.round(width * .75);
  const rows = Math.ceil(VIEW.hits.length / columns);
  $("grid").style.height = `${rows * (height + gap) + gap}px`;
  VIEW.columns = columns;
  if (afresh) { cells.forEach((c) => c.remove()); cells.clear(); }
  const first = Math.max(0, Math.floor(box.scrollTop / (height + gap)) - 2) * columns;
  const last = Math.min(VIEW.hits.length, (Math.ceil((box.scrollTop + box.clientHeight) / (height + gap)) + 2) * columns);
  cells.forEach((cell, n) => { if (n < first || n >= last) { cell.remove(); cells.delete(n); } });
  for (let n = first; n < last; n += 1) {
    let cell = cells.get(n);
    if (!cell) { cell = thumb(VIEW.hits[n]); cells.set(n, cell); $("grid").append(cell); }
    Object.assign(cell.style, {left: `${gap + (n % columns) * (width + gap)}px`, top: `${gap + Math.floor(n / columns) * (height + gap)}px`, width: `${width}px`, height: `${height}px`});
  }
}
function thumb(place) {
  const frame = VIEW.frames[place], cell = document.createElement("button");
  cell.className = "cell"; cell.dataset.frame = frame; cell.setAttribute("aria-label", `Frame ${frame}`);
  cell.innerHTML = `<img loading="lazy" decoding="async" alt="" src="thumbs/${named(frame, ".jpg")}"><small>${frame}</small>`;
  cell.onclick = () => open_(place);
  if ($("gridboxes").checked) withFrame(place, (f) => {
    if (!cell.isConnected) return;
    const lines = f.l.filter((l) => VIEW.cats.has(l.c)).map((l) => `<rect x="${l.b[0]}" y="${l.b[1]}" width="${l.b[2]}" height="${l.b[3]}" fill="none" stroke="${colour(l.c)}" stroke-width="${f.s[0] / 110}"/>`);
    cell.insertAdjacentHTML("beforeend", `<svg viewBox="0 0 ${f.s[0]} ${f.s[1]}">${lines.join("")}</svg>`);
  });
  return cell;
}

// One frame -----------------------------------------------------------------------------------
const KEYS = {boxes: "b", masks: "m", amodal: "a", instances: "i", keypoints: "k", names: "t", depth: "d", sensor_depth: "s", normals: "n", albedo: "l", points: "p"};
function toggles() {
  const marks = VIEW.categories.some((c) => c.keypoints);
  const names = ["boxes", "masks", "amodal", "instances", ...(marks ? ["keypoints"] : []), "names", ...VIEW.maps, "points"];
  $("toggles").replaceChildren(...names.map((name) => {
    const button = document.createElement("button");
    button.textContent = name.replace("_", " "); button.dataset.toggle = name; button.title = `key ${KEYS[name]}`;
    button.onclick = () => toggle(name);
    return button;
  }));
}
function toggle(name) {
  const button = document.querySelector(`[data-toggle="${name}"]`);
  if (!button || button.disabled) return;
  const pictures = [...VIEW.maps, "points"];
  if (VIEW.on.has(name)) VIEW.on.delete(name);
  else { if (pictures.includes(name)) pictures.forEach((p) => VIEW.on.delete(p)); VIEW.on.add(name); }
  draw();
}
function open_(place) {
  VIEW.at = place; VIEW.label = null;
  $("detail").hidden = false;
  history.replaceState(null, "", `#${VIEW.frames[place]}`);
  withFrame(place, (frame) => { if (VIEW.at !== place) return; VIEW.frame = frame; facts(); draw(); });
}
function close_() {
  $("detail").hidden = true; VIEW.at = null;
  history.replaceState(null, "", location.pathname + location.search);
  $("scroll").focus();
}
function step(by) {
  const here = VIEW.hits.indexOf(VIEW.at), next = VIEW.hits[here + by];
  if (next !== undefined) open_(next);
}
function facts() {
  const f = VIEW.frame, here = VIEW.hits.indexOf(VIEW.at);
  $("title").textContent = `frame ${f.f}`;
  $("prev").disabled = here <= 0; $("next").disabled = here < 0 || here >= VIEW.hits.length - 1;
  document.querySelector('[data-toggle="points"]').disabled = !f.o;
  const box = $("facts");
  box.replaceChildren();
  const add = (tag, text) => { const e = document.createElement(tag); e.textContent = text; box.append(e); return e; };
  const table = (rows) => { const t = document.createElement("table"); rows.forEach(([a, b]) => { const r = t.insertRow(); r.insertCell().textContent = a; r.insertCell().textContent = b; }); return t; };
  f.q.forEach((text) => add("p", text));
  add("h2", `${f.l.length} labels`);
  f.l.forEach((l, i) => {
    const e = add("div", ""); e.className = "lab"; e.style.borderColor = colour(VIEW.on.has("instances") ? i : l.c); e.dataset.label = i;
    const parts = [VIEW.categories[l.c].name + (l.g ? " (ignored)" : "")];
    if (l.v !== undefined) parts.push(`${Math.round(100 * l.v)} % seen`);
    if (l.t) parts.push(`${Math.round(100 * l.t)} % cut off`);
    if (l.d !== undefined) parts.push(`${show(l.d)} m`);
    e.textContent = parts.join(", ");
    e.onclick = () => { VIEW.label = VIEW.label === i ? null : i; facts(); draw(); };
    if (VIEW.label === i) { e.classList.add("at"); e.append(table([["box", l.b.map(show).join(", ")], ["instance", l.i], ...Object.entries(l.f || {}).map(([n, v]) => [n, show(v)])])); }
  });
  add("h2", "frame");
  box.append(table([["size", f.s.join(" x ")], ...Object.entries(f.x).map(([n, v]) => [n, show(v)])]));
  const link = add("a", "record"); link.href = f.r; link.target = "_blank"; link.rel = "noopener";
}
// COCO's compressed runs: five bits a character, differences to the run before the last.
function runs(text) {
  const out = [];
  for (let p = 0; p < text.length;) {
    let value = 0, shift = 0, more = true;
    while (more) {
      const c = text.charCodeAt(p) - 48;
      value |= (c & 31) << shift; more = (c & 32) !== 0; p += 1; shift += 5;
      if (!more && (c & 16)) value |= -1 << shift;
    }
    if (out.length > 2) value += out[out.length - 2];
    out.push(value);
  }
  return out;
}
function paint(pixels, size, text, rgb, alpha) {
  const [width, height] = size;
  let at = 0, inside = false;
  for (const length of runs(text)) {
    if (inside) for (let n = at; n < at + length; n += 1) {
      const i = 4 * ((n % height) * width + Math.floor(n / height));
      pixels[i] = rgb[0]; pixels[i + 1] = rgb[1]; pixels[i + 2] = rgb[2]; pixels[i + 3] = alpha;
    }
    at += length; inside = !inside;
  }
}
const swatch = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
function rgbOf(text) { swatch.fillStyle = text; swatch.fillRect(0, 0, 1, 1); return swatch.getImageData(0, 0, 1, 1).data; }
function draw() {
  document.querySelectorAll("[data-toggle]").forEach((b) => { b.classList.toggle("on", VIEW.on.has(b.dataset.toggle)); });
  const f = VIEW.frame, wanted = VIEW.at;
  if (!f) return;
  const cloudy = VIEW.on.has("points") && f.o;
  $("canvas").hidden = cloudy; $("cloud").hidden = !cloudy;
  if (cloudy) { cloud(f.f); return; }
  const map = VIEW.maps.find((m) => VIEW.on.has(m)), image = new Image();
  image.onload = () => { if (VIEW.at === wanted) overlay(f, image); };
  image.src = map ? `${map}/${named(f.f, ".jpg")}` : f.p;
}
function overlay(f, image) {
  const canvas = $("canvas"), size = f.s, context = canvas.getContext("2d");
  const zoom = Math.max(1, Math.min(4, Math.round(1200 / size[0])));
  canvas.width = size[0] * zoom; canvas.height = size[1] * zoom;
  context.imageSmoothingEnabled = zoom < 2;
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  const tone = (l, i) => colour(VIEW.on.has("instances") ? i : l.c);
  const seen = (l, i) => VIEW.cats.has(l.c) && (VIEW.label === null || VIEW.label === i);
  const layers = [];
  if (VIEW.on.has("amodal")) layers.push(["a", 70]);
  if (VIEW.on.has("masks") || VIEW.on.has("instances")) layers.push(["m", VIEW.on.has("instances") ? 215 : 105]);
  if (layers.length) {
    const sheet = document.createElement("canvas"); sheet.width = size[0]; sheet.height = size[1];
    const data = new ImageData(size[0], size[1]);
    layers.forEach(([key, alpha]) => f.l.forEach((l, i) => { if (l[key] && seen(l, i)) paint(data.data, size, l[key], rgbOf(tone(l, i)), alpha); }));
    sheet.getContext("2d").putImageData(data, 0, 0);
    context.drawImage(sheet, 0, 0, canvas.width, canvas.height);
  }
  context.lineWidth = Math.max(2, canvas.width / 500);
  context.font = `${Math.max(12, canvas.width / 70)}px system-ui, sans-serif`;
  f.l.forEach((l, i) => {
    if (!seen(l, i)) return;
    context.strokeStyle = context.fillStyle = tone(l, i);
    const rect = (b) => context.strokeRect(b[0] * zoom, b[1] * zoom, b[2] * zoom, b[3] * zoom);
    if (VIEW.on.has("amodal") && l.ab) { context.setLineDash([8, 6]); rect(l.ab); context.setLineDash([]); }
    if (VIEW.on.has("boxes")) rect(l.b);
    if (VIEW.on.has("keypoints") && l.k) points(context, l, zoom);
    if (VIEW.on.has("names")) {
      const text = VIEW.categories[l.c].name, x = l.b[0] * zoom, y = Math.max(16, l.b[1] * zoom - 4);
      const width = context.measureText(text).width + 8, high = parseInt(context.font, 10) + 4;
      context.fillRect(x, y - high + 3, width, high); context.fillStyle = "#fff"; context.fillText(text, x + 4, y - 1);
    }
  });
}
function points(context, label, zoom) {
  const at = Object.fromEntries(label.k.map((p) => [p[0], p])), cat = VIEW.categories[label.c];
  (cat.skeleton || []).forEach(([a, b]) => {
    const p = at[cat.keypoints[a - 1]], q = at[cat.keypoints[b - 1]];
    if (!p || !q || !p[3] || !q[3]) return;
    context.beginPath(); context.moveTo(p[1] * zoom, p[2] * zoom); context.lineTo(q[1] * zoom, q[2] * zoom); context.stroke();
  });
  label.k.forEach((p) => {
    if (!p[3]) return;
    context.beginPath(); context.arc(p[1] * zoom, p[2] * zoom, 2 * context.lineWidth, 0, 7);
    if (p[3] === 2) context.fill(); else context.stroke();
  });
}

// Points: turned with the mouse, moved nearer with the wheel -------------------------------------
const eye = {yaw: .35, pitch: .2, near: 1};
function bytes(text, type) { const raw = atob(text), out = new Uint8Array(raw.length); for (let i = 0; i < raw.length; i += 1) out[i] = raw.charCodeAt(i); return new type(out.buffer); }
function cloud(frame) {
  if (!VIEW.clouds[frame]) { load("c" + frame, `points/${named(frame, ".js")}`, () => draw()); return; }
  const data = VIEW.clouds[frame];
  if (!data.p) {
    data.p = bytes(data.xyz, Float32Array); data.c = bytes(data.rgb, Uint8Array);
    const n = data.p.length / 3, mid = [0, 0, 0];
    for (let i = 0; i < data.p.length; i += 1) mid[i % 3] += data.p[i] / n;
    let far = 0;
    for (let i = 0; i < n; i += 1) far += Math.hypot(data.p[3 * i] - mid[0], data.p[3 * i + 1] - mid[1], data.p[3 * i + 2] - mid[2]) / n;
    data.mid = mid; data.far = far;
  }
  const canvas = $("cloud"), box = $("stage").getBoundingClientRect();
  canvas.width = box.width; canvas.height = box.height;
  const context = canvas.getContext("2d"), image = context.createImageData(canvas.width, canvas.height);
  const depth = new Float32Array(canvas.width * canvas.height).fill(Infinity);
  const [cy, sy, cp, sp] = [Math.cos(eye.yaw), Math.sin(eye.yaw), Math.cos(eye.pitch), Math.sin(eye.pitch)];
  const away = 2.2 * data.far / eye.near, focal = Math.min(canvas.height, canvas.width) * .9;
  const grain = data.grain;
  for (let i = 0; i < data.p.length / 3; i += 1) {
    const x = data.p[3 * i] - data.mid[0], y = data.p[3 * i + 1] - data.mid[1], z = data.p[3 * i + 2] - data.mid[2];
    const u = cy * x + sy * z, w = -sy * x + cy * z, v = cp * y - sp * w, d = sp * y + cp * w + away;
    if (d <= .01) continue;
    const px = Math.round(canvas.width / 2 + focal * u / d), py = Math.round(canvas.height / 2 + focal * v / d);
    // As large as its pixel was seen, so that near surfaces have no holes.
    const size = Math.max(1, Math.min(6, Math.round(.55 * focal * grain * data.p[3 * i + 2] / d)));
    for (let dy = -size; dy <= size; dy += 1) for (let dx = -size; dx <= size; dx += 1) {
      const a = px + dx, b = py + dy, k = b * canvas.width + a;
      if (a < 0 || b < 0 || a >= canvas.width || b >= canvas.height || depth[k] <= d) continue;
      depth[k] = d; image.data.set([data.c[3 * i], data.c[3 * i + 1], data.c[3 * i + 2], 255], 4 * k);
    }
  }
  context.putImageData(image, 0, 0);
}

// Wiring --------------------------------------------------------------------------------------
if (innerWidth < 760) $("zoom").value = 110;
$("scroll").onscroll = () => grid(false);
new ResizeObserver(() => { if (VIEW.hits) grid(false); if (VIEW.at !== null) draw(); }).observe($("scroll"));
$("zoom").oninput = () => grid(false);
$("gridboxes").onchange = () => grid(true);
$("prev").onclick = () => step(-1); $("next").onclick = () => step(1); $("close").onclick = close_;
$("goto").onchange = (e) => { const place = VIEW.place.get(+e.target.value); if (place !== undefined) open_(place); };
$("menu").onclick = () => { const open = $("side").classList.toggle("open"); $("menu").setAttribute("aria-expanded", open); };
$("theme").onclick = () => {
  const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  try { localStorage.setItem("simgen-theme", root.dataset.theme); } catch (_) { /* from disk it may be forbidden */ }
};
try { const kept = localStorage.getItem("simgen-theme"); if (kept) document.documentElement.dataset.theme = kept; } catch (_) { /* as above */ }
let held = null;
$("cloud").onpointerdown = (e) => { held = [e.clientX, e.clientY]; $("cloud").setPointerCapture(e.pointerId); };
$("cloud").onpointermove = (e) => { if (!held) return; eye.yaw += (e.clientX - held[0]) / 200; eye.pitch -= (e.clientY - held[1]) / 200; held = [e.clientX, e.clientY]; draw(); };
$("cloud").onpointerup = () => { held = null; };
$("cloud").onwheel = (e) => { e.preventDefault(); eye.near *= e.deltaY < 0 ? 1.1 : 1 / 1.1; draw(); };
document.onkeydown = (e) => {
  if (e.target.matches("input:not([type=checkbox]):not([type=range])")) return;
  if (VIEW.at === null) { if (e.key === "Enter" && VIEW.hits.length && !e.target.matches("button, summary")) open_(VIEW.hits[0]); return; }
  if (e.key === "Escape") close_();
  else if (e.key === "ArrowLeft") step(-1);
  else if (e.key === "ArrowRight") step(1);
  else if (e.key === "Home" || e.key === "End") open_(VIEW.hits[e.key === "Home" ? 0 : VIEW.hits.length - 1]);
  else { const name = Object.keys(KEYS).find((k) => KEYS[k] === e.key); if (name) toggle(name); else return; }
  e.preventDefault();
};
