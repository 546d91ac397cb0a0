import {h, CATEGORIES, HEAD, SEVERITIES, begin, call, count, failure, fill, link, percent, row, severity, stream, table, td, time, tr, visible} from './ui.js';
import {chart, counts} from './chart.js';

const FIELDS = ['text', 'service', 'severity', 'category', 'namespace', 'pod', 'kind', 'from', 'to', 'fingerprint'];
const MORE = ['namespace', 'pod', 'kind', 'from', 'to'];
const MAX_ROWS = 2000;
const worded = v => ({'ERROR,FATAL': 'ERROR and worse', 'WARN,ERROR,FATAL': 'WARN and worse'})[v] || v;
const FLAGS = {TRUNCATED: 'cut, it was too long', PARTIAL: 'a part of a line', GLUED: 'two lines glued together', INVALID_ENCODING: 'not all of it is UTF-8',
  READ_TIME: 'has no time, so it is that of reading'};

export async function logs(params, place) {
  const query = new URLSearchParams([...params].filter(([k, v]) => FIELDS.includes(k) && v));
  const set = changes => {
    const next = new URLSearchParams(query);
    for (const [k, v] of Object.entries(changes)) v ? next.set(k, v) : next.delete(k);
    location.hash = '#/logs' + (next.size ? '?' + next : '');
  };
  const select = (name, options, shown) => h('label', {}, shown, h('select', {name}, h('option', {value: ''}, 'any'),
    [...new Set([...options, ...query.getAll(name)])].map(o => h('option', {value: o, selected: query.get(name) === o}, worded(o)))));
  const text = (name, shown, hint) => h('label', {class: name === 'text' ? 'wide' : false}, shown,
    h('input', {name, value: query.get(name) || '', placeholder: hint || false, type: name === 'text' ? 'search' : 'text'}));
  const note = h('p', {class: 'soft small', role: 'status'}, 'Loading ...');
  const plot = h('div', {});
  const lines = table(HEAD, [], 'lines');
  const body = lines.querySelector('tbody');
  const more = h('button', {class: 'plain', type: 'button', hidden: true, 'aria-keyshortcuts': 'o'}, 'Older lines');
  const list = h('section', {}, lines, more);
  const live = h('button', {class: 'plain', type: 'button', 'aria-pressed': 'false', 'aria-keyshortcuts': 't'}, 'Live tail');
  const since = (label, minutes) => h('button', {class: 'plain small', type: 'button', onclick: () =>
    set({from: new Date(Date.now() - minutes * 60e3).toISOString().slice(0, 19) + 'Z', to: ''})}, label);
  fill(place, h('h1', {tabindex: -1}, 'Logs'),
    h('form', {class: 'row', role: 'search', onsubmit: e => {
      e.preventDefault();
      set(Object.fromEntries(new FormData(e.target)));
    }}, text('text', 'Text'), text('service', 'Service'), select('severity', ['ERROR,FATAL', 'WARN,ERROR,FATAL', ...SEVERITIES], 'Severity'),
    select('category', CATEGORIES, 'Category'), h('button', {}, 'Search'), live,
    h('details', {class: 'all', open: MORE.some(f => query.get(f))}, h('summary', {}, 'More filters'), h('div', {class: 'row'},
      text('namespace', 'Namespace'), text('pod', 'Pod'), select('kind', ['LOG', 'EVENT'], 'Kind'),
      text('from', 'From (UTC)', '2026-01-31T10:00:00Z'), text('to', 'To (UTC)', '2026-01-31T11:00:00Z'),
      since('Last 15 min', 15), since('Last hour', 60), since('Last day', 1440)))),
    query.size > 0 && h('p', {class: 'chips'}, [...query].map(([k, v]) => h('button', {class: 'plain small', type: 'button', 'aria-label': 'Remove filter ' + k,
      onclick: () => set({[k]: ''})}, k + ': ' + worded(v) + ' \u00d7'))),
    h('section', {class: 'slim'}, plot), note, list);
  let oldest = null, control = null;
  async function load() {
    const page = new URLSearchParams([...query, ...(oldest === null ? [] : [['before', oldest]]), ['limit', 200], ...(oldest === null ? [['total', 1]] : [])]);
    const found = await call('/records?' + page);
    body.append(...found.records.map(r => row(r, false, query.get('text'))));
    if (oldest === null && !control) { // a tail that began meanwhile has the note
      note.textContent = found.records.length ? count(found.total) + (query.size ? ' lines match' : ' lines') + ', newest first.' : query.size ? 'No line matches. Remove a filter above.' : '';
      list.hidden = plot.parentNode.hidden = !found.records.length;
      if (!found.records.length && !query.size) note.replaceWith(begin());
    }
    if (found.records.length) oldest = found.records[found.records.length - 1].id;
    more.hidden = found.records.length < 200;
  }
  async function follow() {
    control = new AbortController();
    live.setAttribute('aria-pressed', 'true');
    live.textContent = 'Stop tail';
    note.textContent = 'Waiting for new lines ...';
    list.hidden = false;
    let seen = 0;
    try {
      await stream('/tail?' + query, {signal: control.signal}, (name, records) => {
        if (name !== 'records') return;
        seen += records.length;
        note.textContent = count(seen) + ' new lines.';
        body.prepend(...records.map(r => row(r, 'new', query.get('text'))));
        while (body.rows.length > MAX_ROWS) body.lastChild.remove();
      });
    } catch (e) {
      if (e.name !== 'AbortError') fill(note, failure(e));
    }
    control = null;
    live.setAttribute('aria-pressed', 'false');
    live.textContent = 'Live tail';
  }
  more.addEventListener('click', () => load().catch(e => fill(note, failure(e))));
  live.addEventListener('click', () => control ? control.abort() : follow());
  const plotted = counts([...query]).then(found => fill(plot, chart(found, 'severity', [...query].filter(([k]) => k !== 'from' && k !== 'to'))));
  await Promise.all([load(), plotted]);
  return () => control && control.abort();
}

// A feature of the model in words: one that stands for a group of words, or counts something.
const named = f => f.includes('"') ? f : f.replace(/^words_(?!in_)/, 'words of ').replaceAll('_', ' ');

export async function record(params, place) {
  const id = encodeURIComponent(params.get('id'));
  const [found, around, {results: [verdict]}] = await Promise.all([call('/records/' + id), call('/records/' + id + '/context?before=15&after=15'),
    call('/records/' + id + '/verdict')]);
  const said = h('p', {role: 'status'});
  const choose = (name, options, now) => h('label', {}, 'Right ' + name, h('select', {name}, options.map(o => h('option', {value: o, selected: o === now}, o))));
  const best = probabilities => Object.entries(probabilities).filter(([, p]) => p >= 0.01).sort((a, b) => b[1] - a[1]).slice(0, 3).map(([k, p]) => k + ' ' + percent(p)).join(', ');
  fill(place, h('h1', {tabindex: -1}, 'Line of ' + (found.service || 'unknown service')),
    h('section', {}, h('pre', {class: 'line', tabindex: '0'}, visible(found.message)),
      h('p', {}, severity(found.severity), ' ' + percent(found.severityProbability) + ', ', h('span', {class: 'tag'}, found.category), ' ' + percent(found.categoryProbability)),
      h('p', {class: 'soft small'}, [time(found.timestamp), found.namespace, found.pod, found.container, found.node,
        found.restartCount ? 'restart ' + found.restartCount : '', ...Object.entries(found.attributes).map(a => a.join(' ')), ...found.flags.map(f => FLAGS[f] || f)].filter(Boolean).join(' \u00b7 ')),
      h('p', {}, h('a', {href: link('logs', {fingerprint: found.fingerprint})}, 'All lines like this'), ' \u00b7 ',
        found.service && [h('a', {href: link('logs', {service: found.service})}, 'All of ' + found.service), ' \u00b7 '],
        h('a', {href: link('ask', {question: 'What does "' + found.message.slice(0, 200) + '" mean, and what should be done?', service: found.service})}, 'Ask about it'))),
    h('section', {}, h('h2', {}, 'Why this verdict'),
      (verdict.severity !== found.severity || verdict.category !== found.category)
        && h('p', {}, 'The model has changed since: now it says ', severity(verdict.severity), ', ', h('span', {class: 'tag'}, verdict.category), '.'),
      h('p', {class: 'small'}, 'Severity: ' + best(verdict.severityProbabilities) + '. Category: ' + best(verdict.categoryProbabilities) + '. Model ' + verdict.model + '.'),
      verdict.reasons.length ? table(['Verdict', 'Decided by', 'Weight'], verdict.reasons.map(r => tr(false, td(false, r.head),
        td('message', visible(named(r.feature))), td('number', (r.weight > 0 ? '+' : '') + r.weight.toFixed(2)))))
        : h('p', {class: 'empty'}, 'No feature of the model stands in this line.'),
      verdict.severityProbabilities[verdict.severity] > 0.99 && !verdict.reasons.some(r => r.head === 'severity') && h('p', {class: 'soft small'}, 'The severity needs no reason: the line names it.')),
    h('section', {}, h('h2', {}, 'Wrong?'), h('form', {class: 'row', onsubmit: async e => {
      e.preventDefault();
      const form = new FormData(e.target);
      try {
        const done = await call('/feedback', {record: found.id, severity: form.get('severity'), category: form.get('category')});
        said.textContent = 'Saved, ' + done.corrections + ' corrections so far. Train with them under Models.';
      } catch (error) {
        fill(said, failure(error));
      }
    }}, choose('severity', SEVERITIES, found.severity), choose('category', CATEGORIES.slice(0, -1), found.category), h('button', {}, 'Save correction')), said),
    h('section', {}, h('h2', {}, 'Around it'), table(HEAD, around.records.map(r => row(r, r.id === found.id && 'hit')), 'lines')));
}
