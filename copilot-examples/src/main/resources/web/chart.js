import {h, SEVERITIES, call, count, empty, link, table, td, time, tr} from './ui.js';

const WIDTH = 800, HEIGHT = 120;

// Counts over time, as many buckets as fit; from the coarse to the fine, so that no answer is long.
export async function counts(query) {
  const ask = seconds => call('/counts?' + new URLSearchParams([...query, ['bucket', seconds]]));
  let found = (await ask(86400)).counts, seconds = 86400;
  for (const [finer, most] of [[3600, 10 * 86400e3], [600, 30 * 3600e3], [60, 5 * 3600e3]]) {
    if (!found.length || span(found) + seconds * 1000 > most + 86400e3) break;
    const next = (await ask(finer)).counts;
    if (span(next) > most) break;
    found = next;
    seconds = finer;
  }
  return {counts: found, seconds};
}

function span(list) {
  const times = list.map(c => Date.parse(c.start));
  return times.length ? Math.max(...times) - Math.min(...times) : 0;
}

export function sum(list, key) {
  const out = {};
  list.forEach(c => out[c[key]] = (out[c[key]] || 0) + c.count);
  return Object.entries(out).sort((a, b) => b[1] - a[1]);
}

// Stacked bars; a click on one leads to its lines, a drag to those of a range. The table below says the same to a screen reader.
export function chart({counts: list, seconds}, by, query) {
  if (!list.length) return empty('No lines here yet.');
  const buckets = new Map();
  for (const c of list) {
    const at = Date.parse(c.start);
    if (!buckets.has(at)) buckets.set(at, {});
    const bucket = buckets.get(at);
    bucket[c[by]] = (bucket[c[by]] || 0) + c.count;
  }
  const series = by === 'severity' ? SEVERITIES : sum(list, by).map(([name]) => name);
  const color = name => by === 'severity' ? name : name === 'none' ? 'c-none' : 'c' + series.filter(s => s !== 'none').indexOf(name) % 8;
  const first = Math.min(...buckets.keys()), last = Math.max(...buckets.keys());
  const slots = Math.round((last - first) / 1000 / seconds) + 1;
  const total = b => Object.values(b).reduce((x, y) => x + y, 0);
  const top = Math.max(...[...buckets.values()].map(total));
  const target = (at, n = 1) => link('logs', [...query, ['from', new Date(at).toISOString()], ['to', new Date(at + n * seconds * 1000).toISOString()]]);
  const svg = h('svg', {class: 'chart', viewBox: '0 0 ' + WIDTH + ' ' + HEIGHT, preserveAspectRatio: 'none', role: 'img',
    'aria-label': 'Lines over time by ' + by + ', at most ' + top + ' in ' + length(seconds)});
  for (const [at, bucket] of buckets) {
    const x = (at - first) / 1000 / seconds * WIDTH / slots, named = series.filter(s => bucket[s]);
    const group = h('g', {}, h('title', {}, time(new Date(at).toISOString()) + ': ' + named.map(s => count(bucket[s]) + ' ' + s).join(', ')),
      h('rect', {class: 'hit-area', x, y: 0, width: WIDTH / slots, height: HEIGHT}));
    let y = HEIGHT;
    for (const s of named) {
      const size = Math.max(1.5, bucket[s] / top * HEIGHT);
      y -= size;
      group.append(h('rect', {class: 'bar ' + color(s), x, y: Math.max(0, y), width: Math.max(0.6, WIDTH / slots - 1), height: size}));
    }
    svg.append(group);
  }
  choose(svg, slots, (from, to) => {
    if (from < to || buckets.has(first + from * seconds * 1000)) location.hash = target(first + from * seconds * 1000, to - from + 1);
  });
  const shown = series.filter(s => list.some(c => c[by] === s));
  const rows = [...buckets].sort((a, b) => b[0] - a[0]).slice(0, 200).map(([at, b]) =>
    tr(false, td('time', h('a', {href: target(at)}, time(new Date(at).toISOString()))), shown.map(s => td('number', count(b[s] || 0)))));
  const last24 = last - first < 86400e3, ticks = slots < 4 ? [0, slots] : [0, 1, 2, 3].map(n => Math.round(n * slots / 3));
  return h('div', {}, h('div', {class: 'plot'}, h('span', {class: 'top'}, count(top) + ' in ' + length(seconds)), svg),
    h('div', {class: 'ends'}, ticks.map((n, i) => h('span', {}, time(new Date(first + n * seconds * 1000).toISOString()).slice(i && last24 ? 11 : 0, 16)))),
    h('div', {class: 'legend'}, shown.map(s => h('span', {}, h('span', {class: 'key ' + color(s), 'aria-hidden': 'true'}), s))),
    h('details', {class: 'small'}, h('summary', {}, 'As a table'), table(['Time (UTC)', ...shown], rows)));
}

const length = seconds => seconds < 60 ? seconds + ' s' : seconds < 3600 ? seconds / 60 + ' min' : seconds / 3600 + ' h';

// A click chooses a slot, a drag a range of them.
function choose(svg, slots, chosen) {
  let start = null, range = null;
  const slot = e => Math.max(0, Math.min(slots - 1, Math.floor((e.clientX - svg.getBoundingClientRect().left) / svg.clientWidth * slots)));
  svg.addEventListener('pointerdown', e => {
    if (e.button) return;
    start = slot(e);
    svg.setPointerCapture(e.pointerId);
  });
  svg.addEventListener('pointermove', e => {
    if (start === null || slot(e) === start && !range) return;
    if (!range) svg.append(range = h('rect', {class: 'range', y: 0, height: HEIGHT}));
    const from = Math.min(start, slot(e)), to = Math.max(start, slot(e));
    range.setAttribute('x', from * WIDTH / slots);
    range.setAttribute('width', (to - from + 1) * WIDTH / slots);
  });
  svg.addEventListener('pointercancel', () => {
    start = null;
    if (range) range.remove();
    range = null;
  });
  svg.addEventListener('pointerup', e => {
    if (start !== null) chosen(Math.min(start, slot(e)), Math.max(start, slot(e)));
    start = null;
  });
}
