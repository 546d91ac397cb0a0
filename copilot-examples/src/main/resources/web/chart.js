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

// Stacked bars; a click on one leads to its lines. The table below says the same to a screen reader.
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
  const target = at => link('logs', [...query, ['from', new Date(at).toISOString()], ['to', new Date(at + seconds * 1000).toISOString()]]);
  const svg = h('svg', {class: 'chart', viewBox: '0 0 ' + WIDTH + ' ' + HEIGHT, preserveAspectRatio: 'none', role: 'img',
    'aria-label': 'Lines over time by ' + by + ', at most ' + top + ' in ' + seconds + ' seconds'});
  for (const [at, bucket] of buckets) {
    const x = (at - first) / 1000 / seconds * WIDTH / slots;
    let y = HEIGHT;
    for (const s of series) {
      if (!bucket[s]) continue;
      const size = Math.max(1.5, bucket[s] / top * (HEIGHT - 4));
      y -= size;
      svg.append(h('rect', {class: 'bar ' + color(s), x, y, width: Math.max(0.6, WIDTH / slots - 1), height: size, onclick: () => location.hash = target(at)},
        h('title', {}, time(new Date(at).toISOString()) + ': ' + count(bucket[s]) + ' ' + s)));
    }
  }
  const shown = series.filter(s => list.some(c => c[by] === s));
  const rows = [...buckets].sort((a, b) => b[0] - a[0]).slice(0, 200).map(([at, b]) =>
    tr(false, td('time', h('a', {href: target(at)}, time(new Date(at).toISOString()))), shown.map(s => td('number', count(b[s] || 0)))));
  return h('div', {}, h('div', {class: 'soft small'}, 'at most ' + count(top) + ' in ' + (seconds < 60 ? seconds + ' s' : seconds < 3600 ? seconds / 60 + ' min' : seconds / 3600 + ' h')), svg,
    h('div', {class: 'ends'}, h('span', {}, time(new Date(first).toISOString())), h('span', {}, time(new Date(last).toISOString()))),
    h('div', {class: 'legend'}, shown.map(s => h('span', {}, h('span', {class: 'key ' + color(s), 'aria-hidden': 'true'}), s))),
    h('details', {class: 'small'}, h('summary', {}, 'As a table'), table(['Time (UTC)', ...shown], rows)));
}
