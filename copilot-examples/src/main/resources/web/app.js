'use strict';
// One page, no library: every text from the server goes through text nodes, never through HTML.
const SEVERITIES = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const CATEGORIES = ['oom', 'crash_loop', 'image_pull', 'network_dns', 'storage', 'scheduling', 'probe_failure',
  'auth_security', 'config_error', 'quota', 'node', 'performance', 'app_error', 'other', 'none', 'unknown'];
const main = document.getElementById('main');
const token = new URLSearchParams(location.hash.slice(1)).get('token');
if (token) {
  sessionStorage.setItem('token', token);
  location.hash = '#/overview';
}
let leave = () => {};

function h(tag, attributes, ...children) {
  const svg = ['svg', 'rect', 'title'].includes(tag);
  const node = svg ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...children.flat().filter(c => c != null && c !== false));
  return node;
}

// Control and direction characters become visible, so that a line shows what is in it.
function visible(text) {
  return String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g,
    c => '\u00b7x' + c.charCodeAt(0).toString(16).padStart(2, '0') + '\u00b7');
}

function headers(more) {
  const kept = sessionStorage.getItem('token');
  return {...(kept ? {Authorization: 'Bearer ' + kept} : {}), ...more};
}

async function call(path, body) {
  const response = await fetch(path, body === undefined ? {headers: headers()}
    : {method: 'POST', headers: headers({'Content-Type': 'application/json'}), body: JSON.stringify(body)});
  if (!response.ok) throw new Error(await reason(response));
  return response.json();
}

async function reason(response) {
  try {
    return (await response.json()).detail;
  } catch (e) {
    return response.status + ' ' + response.statusText;
  }
}

function time(text) {
  const date = new Date(text);
  return isNaN(date) ? text : date.toISOString().replace('T', ' ').replace(/\.\d+Z$/, 'Z').replace('Z', '');
}

const count = n => Number(n).toLocaleString('en');
const percent = p => Math.round(p * 100) + ' %';
const failure = e => h('p', {class: 'error', role: 'alert'}, 'This did not work: ' + e.message);
const severity = s => h('span', {class: 'sev ' + s}, s);
const empty = text => h('p', {class: 'empty'}, text);
const link = (path, params) => '#/' + path + '?' + new URLSearchParams(params);

function table(head, rows) {
  return h('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table: ' + head.join(', ')},
    h('table', {}, h('thead', {}, h('tr', {}, head.map(t => h('th', {scope: 'col'}, t)))), h('tbody', {}, rows)));
}

function row(record, hit, fresh) {
  return h('tr', {class: hit ? 'hit' : fresh ? 'new' : false},
    h('td', {class: 'time'}, h('a', {href: link('record', {id: record.id}), 'aria-label': 'Record of ' + time(record.timestamp)}, time(record.timestamp))),
    h('td', {}, severity(record.severity)),
    h('td', {}, record.category),
    h('td', {}, record.service || record.pod || ''),
    h('td', {class: 'message'}, visible(record.message)));
}
const HEAD = ['Time (UTC)', 'Severity', 'Category', 'Service', 'Message'];

// ---- overview
function chart(counts, seconds) {
  const buckets = new Map();
  for (const c of counts) {
    const at = Date.parse(c.start);
    if (!buckets.has(at)) buckets.set(at, {});
    const bucket = buckets.get(at);
    bucket[c.severity] = (bucket[c.severity] || 0) + c.count;
  }
  if (!buckets.size) return empty('No lines yet.');
  const first = Math.min(...buckets.keys()), last = Math.max(...buckets.keys());
  const slots = Math.round((last - first) / 1000 / seconds) + 1, width = 800, height = 120;
  const top = Math.max(...[...buckets.values()].map(b => Object.values(b).reduce((x, y) => x + y, 0)));
  const svg = h('svg', {class: 'chart', viewBox: '0 0 800 120', preserveAspectRatio: 'none', role: 'img',
    'aria-label': 'Lines by severity over time, at most ' + top + ' in ' + seconds + ' seconds'});
  for (const [at, bucket] of buckets) {
    const x = (at - first) / 1000 / seconds * width / slots;
    let y = height;
    for (const s of SEVERITIES) {
      if (!bucket[s]) continue;
      const size = Math.max(1, bucket[s] / top * (height - 10));
      y -= size;
      svg.append(h('rect', {class: 'bar ' + s, x, y, width: Math.max(1, width / slots - 1), height: size},
        h('title', {}, time(new Date(at).toISOString()) + ': ' + bucket[s] + ' ' + s)));
    }
  }
  const ends = h('div', {class: 'ends'}, h('span', {}, time(new Date(first).toISOString())), h('span', {}, time(new Date(last).toISOString())));
  return h('div', {}, svg, ends, h('div', {class: 'legend'}, SEVERITIES.map(s => h('span', {class: s}, '\u25a0 ' + s))));
}

function span(counts) {
  const times = counts.map(c => Date.parse(c.start));
  return times.length ? Math.max(...times) - Math.min(...times) : 0;
}

async function overview() {
  let counts = (await call('/counts?bucket=3600')).counts, seconds = 3600;
  if (span(counts) < 2 * 86400e3) {
    seconds = span(counts) < 6 * 3600e3 ? 60 : 600;
    counts = (await call('/counts?bucket=' + seconds)).counts;
  }
  const [groups, issues] = await Promise.all([
    call('/groups?severity=WARN,ERROR,FATAL&limit=10'), call('/issues?limit=50')]);
  const open = issues.issues.filter(i => i.state === 'OPEN');
  const sum = (key, filter) => {
    const out = {};
    counts.filter(filter || (() => true)).forEach(c => out[c[key]] = (out[c[key]] || 0) + c.count);
    return Object.entries(out).sort((a, b) => b[1] - a[1]);
  };
  const bySeverity = Object.fromEntries(sum('severity'));
  const bad = c => c.severity === 'ERROR' || c.severity === 'FATAL';
  main.replaceChildren(h('h1', {}, 'Overview'),
    h('section', {}, h('dl', {class: 'numbers'}, SEVERITIES.map(s =>
      h('div', {}, h('dt', {}, h('a', {class: s, href: link('logs', {severity: s})}, s)), h('dd', {}, count(bySeverity[s] || 0)))),
      h('div', {}, h('dt', {}, 'Open issues'), h('dd', {}, open.length)))),
    h('section', {}, h('h2', {}, 'Lines over time'), chart(counts, seconds)),
    h('div', {class: 'grid'},
      h('section', {}, h('h2', {}, 'What is wrong'), open.length ? h('ul', {class: 'plain'}, open.slice(0, 8).map(issueLine))
        : empty('No open issue.')),
      h('section', {}, h('h2', {}, 'Errors by service'), bars(sum('service', bad), name => link('logs', {service: name, severity: 'ERROR,FATAL'}))),
      h('section', {}, h('h2', {}, 'Categories'), bars(sum('category', c => c.category !== 'none'), name => link('logs', {category: name})))),
    h('section', {}, h('h2', {}, 'Most frequent warnings and errors'), groups.groups.length
      ? table(['Count', 'Severity', 'Category', 'Service', 'Newest'], groups.groups.map(g => h('tr', {},
        h('td', {class: 'number'}, h('a', {href: link('logs', {fingerprint: g.fingerprint})}, count(g.count))),
        h('td', {}, severity(g.sample.severity)), h('td', {}, g.sample.category), h('td', {}, g.sample.service),
        h('td', {class: 'message'}, visible(g.sample.message)))))
      : empty('None.')));
}

function bars(entries, href) {
  if (!entries.length) return empty('None.');
  return table(['Name', 'Lines'], entries.slice(0, 8).map(([name, n]) =>
    h('tr', {}, h('td', {}, h('a', {href: href(name)}, name || '(none)')), h('td', {class: 'number'}, count(n)))));
}

function issueLine(i) {
  const when = i.state === 'RESOLVED' ? 'resolved ' + time(i.resolved)
    : i.horizonSeconds > 0 ? 'expected in ' + duration(i.horizonSeconds) : 'since ' + time(i.opened);
  return h('li', {}, h('a', {href: link('issue', {id: i.id})}, visible(i.title)), ' ',
    h('span', {class: 'tag'}, i.category), ' ', h('span', {class: 'tag'}, percent(i.probability)), ' ',
    h('span', {class: 'soft small'}, [i.service, when].filter(Boolean).join(', ')));
}

function duration(seconds) {
  return seconds < 120 ? Math.round(seconds) + ' s' : seconds < 7200 ? Math.round(seconds / 60) + ' min'
    : seconds < 172800 ? Math.round(seconds / 3600) + ' h' : Math.round(seconds / 86400) + ' days';
}

// ---- logs
async function logs(params) {
  const fields = ['text', 'service', 'namespace', 'pod', 'severity', 'category', 'from', 'to', 'fingerprint', 'kind'];
  const query = new URLSearchParams([...params].filter(([k, v]) => fields.includes(k) && v));
  const select = (name, options, shown) => h('label', {}, shown, h('select', {name}, h('option', {value: ''}, 'any'),
    options.map(o => h('option', {value: o, selected: query.get(name) === o}, o))));
  const text = (name, shown, hint) => h('label', {class: name === 'text' ? 'wide' : false}, shown,
    h('input', {name, value: query.get(name) || '', placeholder: hint || ''}));
  const body = h('tbody', {});
  const note = h('p', {class: 'soft small', role: 'status'}, '');
  const more = h('button', {class: 'plain', type: 'button'}, 'Older lines');
  const live = h('button', {class: 'plain', type: 'button', 'aria-pressed': 'false'}, 'Live tail');
  const severities = ['ERROR,FATAL', 'WARN,ERROR,FATAL', ...SEVERITIES];
  if (query.get('severity') && !severities.includes(query.get('severity'))) severities.push(query.get('severity'));
  main.replaceChildren(h('h1', {}, 'Logs'),
    h('form', {class: 'row', role: 'search', onsubmit: e => {
      e.preventDefault();
      const next = new URLSearchParams([...new FormData(e.target)].filter(([, v]) => v));
      if (query.get('fingerprint')) next.set('fingerprint', query.get('fingerprint'));
      location.hash = '#/logs?' + next;
    }}, text('text', 'Text'), text('service', 'Service'), text('pod', 'Pod'), select('severity', severities, 'Severity'),
      select('category', CATEGORIES, 'Category'), text('from', 'From', '2026-01-31T10:00:00Z'), text('to', 'To', '2026-01-31T11:00:00Z'),
      h('button', {}, 'Search'), live),
    query.get('fingerprint') && h('p', {class: 'small'}, 'Only lines like fingerprint ' + query.get('fingerprint') + '. ',
      h('a', {href: '#/logs'}, 'All lines')),
    note, h('section', {}, h('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Lines'},
      h('table', {}, h('thead', {}, h('tr', {}, HEAD.map(t => h('th', {scope: 'col'}, t)))), body)), more));
  let oldest = null;
  async function load() {
    const page = new URLSearchParams(query);
    if (oldest !== null) page.set('before', oldest);
    page.set('limit', 200);
    page.set('total', 1);
    const found = await call('/records?' + page);
    body.append(...found.records.map(r => row(r)));
    if (oldest === null) note.textContent = found.records.length ? count(found.total) + ' lines match.' : 'No line matches.';
    if (found.records.length) oldest = Math.min(...found.records.map(r => r.id));
    more.hidden = found.records.length < 200;
  }
  more.addEventListener('click', () => load().catch(e => note.replaceChildren(failure(e))));
  let source = null;
  live.addEventListener('click', () => {
    if (source) {
      source.close();
      source = null;
      live.setAttribute('aria-pressed', 'false');
      live.textContent = 'Live tail';
      return;
    }
    source = new EventSource('/tail?' + query);
    live.setAttribute('aria-pressed', 'true');
    live.textContent = 'Stop tail';
    source.addEventListener('records', e => {
      body.prepend(...JSON.parse(e.data).map(r => row(r, false, true)));
      while (body.rows.length > 1000) body.lastChild.remove();
    });
  });
  leave = () => source && source.close();
  await load();
}

async function record(params) {
  const id = params.get('id');
  const [found, around] = await Promise.all([call('/records/' + encodeURIComponent(id)),
    call('/records/' + encodeURIComponent(id) + '/context?before=15&after=15')]);
  const verdict = (await call('/classify', {message: found.message.slice(0, 100000), timestamp: found.timestamp,
    service: found.service, ...(found.attributes.reason ? {reason: found.attributes.reason} : {})})).results[0];
  const said = h('p', {role: 'status'});
  const choose = (name, options, now) => h('label', {}, 'Right ' + name, h('select', {name}, options.map(o => h('option', {value: o, selected: o === now}, o))));
  main.replaceChildren(h('h1', {}, 'Line of ' + (found.service || 'unknown service')),
    h('section', {}, h('pre', {}, visible(found.message)),
      h('p', {}, severity(found.severity), ' ' + percent(found.severityProbability) + ', ' + found.category + ' ' + percent(found.categoryProbability)),
      h('p', {class: 'soft small'}, [time(found.timestamp), found.namespace, found.pod, found.container, found.node, ...found.flags].filter(Boolean).join(' \u00b7 ')),
      verdict.reasons.length > 0 && table(['Verdict', 'Decided by', 'Weight'], verdict.reasons.map(r => h('tr', {}, h('td', {}, r.head),
        h('td', {class: 'message'}, visible(r.feature)), h('td', {class: 'number'}, r.weight.toFixed(2))))),
      h('p', {}, h('a', {href: link('logs', {fingerprint: found.fingerprint})}, 'All lines like this'))),
    h('section', {}, h('h2', {}, 'Wrong?'), h('form', {class: 'row', onsubmit: async e => {
      e.preventDefault();
      const form = new FormData(e.target);
      try {
        const done = await call('/feedback', {record: found.id, severity: form.get('severity'), category: form.get('category')});
        said.textContent = 'Kept, ' + done.corrections + ' corrections so far.';
      } catch (error) {
        said.replaceChildren(failure(error));
      }
    }}, choose('severity', SEVERITIES, found.severity), choose('category', CATEGORIES.slice(0, -1), found.category), h('button', {}, 'Correct')), said),
    h('section', {}, h('h2', {}, 'Around it'), table(HEAD, around.records.map(r => row(r, r.id === found.id)))));
}

// ---- ask
function ask(params) {
  const out = h('div', {'aria-live': 'polite'});
  const box = h('input', {name: 'question', required: true, maxlength: 4000, value: params.get('question') || '',
    placeholder: 'Why does the checkout pod keep restarting?'});
  const form = h('form', {class: 'row', onsubmit: e => {
    e.preventDefault();
    put(new FormData(e.target));
  }}, h('label', {class: 'wide'}, 'Question', box), h('label', {}, 'Service', h('input', {name: 'service', value: params.get('service') || ''})), h('button', {}, 'Ask'));
  async function put(fields) {
    const text = h('p', {class: 'answer'}, '');
    out.replaceChildren(h('section', {}, text, h('p', {class: 'soft small'}, 'Looking for evidence ...')));
    try {
      const response = await fetch('/ask', {method: 'POST', headers: headers({'Content-Type': 'application/json', Accept: 'text/event-stream'}),
        body: JSON.stringify({question: fields.get('question'), service: fields.get('service') || ''})});
      if (!response.ok) throw new Error(await reason(response));
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let buffer = '';
      for (let part = await reader.read(); !part.done; part = await reader.read()) {
        buffer += part.value;
        for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
          const [, name, data] = buffer.slice(0, end).match(/^event: (\w+)\ndata: ([^]*)$/);
          buffer = buffer.slice(end + 2);
          if (name === 'text') text.append(visible(JSON.parse(data)));
          else out.replaceChildren(answer(JSON.parse(data)));
        }
      }
    } catch (e) {
      out.replaceChildren(failure(e));
    }
  }
  main.replaceChildren(h('h1', {}, 'Ask'), form, out);
  box.focus();
  if (params.get('question')) put(new FormData(form));
}

function answer(a) {
  const marks = [];
  const list = h('div', {}, a.citations.map((c, i) => {
    const node = h('div', {class: 'citation', id: 'citation-' + (i + 1)}, h('p', {class: 'small'}, '[' + (i + 1) + '] ',
      h('a', {href: c.kind === 'log' ? link('record', {id: c.id}) : link('passage', {id: c.id})}, c.source)), h('pre', {}, visible(c.text)));
    marks.push(node);
    return node;
  }));
  const text = h('p', {class: 'answer'});
  for (const part of visible(a.answer).split(/(\[\d+\])/)) {
    const n = /^\[(\d+)\]$/.exec(part);
    text.append(n && marks[n[1] - 1] ? h('a', {href: '#', onclick: e => {
      e.preventDefault();
      marks.forEach(m => m.classList.remove('on'));
      marks[n[1] - 1].classList.add('on');
      marks[n[1] - 1].scrollIntoView({block: 'nearest'});
    }}, part) : part);
  }
  return h('div', {}, h('section', {}, a.answered ? text : empty('Not enough evidence to answer.'),
    a.notes.map(n => h('p', {class: 'soft small'}, visible(n))), h('p', {class: 'soft small'}, a.model === 'none' ? 'Made from the sources below, without a model.' : 'Worded by ' + a.model + '.')),
    a.suggestions.length > 0 && h('section', {}, h('h2', {}, 'What to do'), h('ul', {class: 'plain'}, a.suggestions.map(s =>
      h('li', {}, h('div', {}, visible(s.action)), h('div', {class: 'soft small'}, visible(s.why)))))),
    a.citations.length > 0 && h('section', {}, h('h2', {}, 'Sources'), list));
}

async function passage(params) {
  const p = await call('/passages/' + encodeURIComponent(params.get('id')));
  main.replaceChildren(h('h1', {}, p.document), h('section', {}, h('h2', {}, p.heading), h('pre', {}, visible(p.text)),
    p.firstLine > 0 && h('p', {class: 'soft small'}, 'Lines ' + p.firstLine + ' to ' + p.lastLine)));
}

// ---- issues
async function issues() {
  const all = (await call('/issues?limit=500')).issues;
  main.replaceChildren(h('h1', {}, 'Issues'), h('section', {}, all.length ? h('ul', {class: 'plain'}, all.map(issueLine))
    : empty('No issue so far. Issues appear when lines show that something breaks, or is about to.')));
}

async function issue(params) {
  const i = await call('/issues/' + encodeURIComponent(params.get('id')));
  const said = h('p', {role: 'status'});
  main.replaceChildren(h('h1', {}, visible(i.title)), h('ul', {class: 'plain'}, issueLine(i)),
    h('section', {}, h('h2', {}, 'Evidence'), table(['Time (UTC)', 'Service', 'Message'], i.evidence.map(r => h('tr', {},
      h('td', {class: 'time'}, time(r.timestamp)), h('td', {}, r.service), h('td', {class: 'message'}, visible(r.message)))))),
    i.answer.answered ? answer(i.answer) : h('p', {}, h('a', {href: link('ask', {question: 'Why does ' + i.service + ' show ' + i.title + '?'})}, 'Ask about this issue')),
    h('section', {}, h('h2', {}, 'What resolved it?'), h('form', {class: 'row', onsubmit: async e => {
      e.preventDefault();
      try {
        await call('/issues/' + encodeURIComponent(i.id) + '/resolution', {text: new FormData(e.target).get('text')});
        said.textContent = 'Kept. It comes back with the next issue like this.';
      } catch (error) {
        said.replaceChildren(failure(error));
      }
    }}, h('label', {class: 'wide'}, 'In your words', h('textarea', {name: 'text', required: true})), h('button', {}, 'Keep')), said));
}

// ---- upload
function upload() {
  const out = h('div', {'aria-live': 'polite'});
  const input = h('input', {type: 'file', multiple: true, id: 'files', onchange: () => send([...input.files])});
  const area = h('textarea', {name: 'lines', 'aria-label': 'Log lines', placeholder: '2026-01-31T10:00:00Z ERROR Connection to db:5432 refused'});
  const drop = h('div', {class: 'drop', ondragover: e => {
    e.preventDefault();
    drop.classList.add('over');
  }, ondragleave: () => drop.classList.remove('over'), ondrop: e => {
    e.preventDefault();
    drop.classList.remove('over');
    send([...e.dataTransfer.files]);
  }}, h('label', {for: 'files'}, 'Drop log files here, plain or gzip, or choose them:'), input);
  main.replaceChildren(h('h1', {}, 'Upload'), h('section', {}, drop,
    h('form', {onsubmit: e => {
      e.preventDefault();
      if (area.value.trim()) send([new File([area.value], 'pasted.log')]);
    }}, h('label', {}, 'or paste lines', area), h('p', {}, h('button', {}, 'Classify')))), out);
  async function send(files) {
    for (const file of files) {
      const bar = h('progress', {max: 1, value: 0, 'aria-label': 'Sent of ' + file.name});
      const box = h('section', {}, h('h2', {}, visible(file.name)), bar);
      out.prepend(box);
      try {
        const done = await post(file, share => bar.value = share);
        box.replaceChildren(h('h2', {}, visible(file.name)), summary(done));
        const lines = await call('/records?' + new URLSearchParams({service: done.name, limit: 50}));
        box.append(h('p', {}, h('a', {href: link('logs', {service: done.name})}, 'All its lines')), table(HEAD, lines.records.map(r => row(r))));
      } catch (e) {
        box.replaceChildren(h('h2', {}, visible(file.name)), failure(e));
      }
    }
  }
}

function post(file, progress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', '/upload?name=' + encodeURIComponent(file.name));
    for (const [k, v] of Object.entries(headers({'Content-Type': 'application/octet-stream'}))) request.setRequestHeader(k, v);
    request.upload.onprogress = e => e.lengthComputable && progress(e.loaded / e.total);
    request.onerror = () => reject(new Error('the connection broke'));
    request.onload = () => {
      let body = {};
      try {
        body = JSON.parse(request.responseText);
      } catch (e) {
        body = {detail: 'status ' + request.status};
      }
      request.status === 200 ? resolve(body.uploads[0]) : reject(new Error(body.detail));
    };
    request.send(file);
  });
}

function summary(s) {
  return h('dl', {class: 'numbers'}, h('div', {}, h('dt', {}, 'Lines'), h('dd', {}, count(s.lines))),
    SEVERITIES.filter(x => s.severities[x]).map(x => h('div', {}, h('dt', {class: x}, x), h('dd', {}, count(s.severities[x])))),
    Object.entries(s.categories).filter(([k]) => k !== 'none').map(([k, v]) => h('div', {}, h('dt', {}, k), h('dd', {}, count(v)))),
    h('div', {}, h('dt', {}, 'Seconds'), h('dd', {}, s.seconds.toFixed(1))));
}

// ---- knowledge, models
async function knowledge() {
  const found = await call('/documents');
  main.replaceChildren(h('h1', {}, 'Knowledge'), h('section', {}, h('p', {class: 'soft'}, count(found.documents.length) + ' documents, ' + found.state),
    found.documents.length ? h('ul', {class: 'plain'}, found.documents.map(d => h('li', {}, d))) : empty('No documents. Start with --docs DIR.')));
}

async function models() {
  const found = await call('/models');
  main.replaceChildren(h('h1', {}, 'Models'), ...found.models.map(m => h('section', {}, h('h2', {}, m.id),
    h('p', {class: 'soft small'}, 'SHA-256 ' + m.sha256), table(['What', 'Value'], Object.entries(m.details).sort().map(([k, v]) =>
      h('tr', {}, h('td', {}, k), h('td', {class: 'message'}, v)))))));
}

const VIEWS = {overview, logs, record, ask, passage, issues, issue, upload, knowledge, models};
const TITLES = {record: 'logs', passage: 'knowledge', issue: 'issues'};

async function show() {
  leave();
  leave = () => {};
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const name = VIEWS[path] ? path : 'overview';
  for (const a of document.querySelectorAll('#nav a')) {
    if (a.getAttribute('href') === '#/' + (TITLES[name] || name)) a.setAttribute('aria-current', 'page');
    else a.removeAttribute('aria-current');
  }
  main.replaceChildren(h('p', {class: 'empty'}, 'Loading ...'));
  try {
    await VIEWS[name](new URLSearchParams(query || ''));
    document.title = main.querySelector('h1').textContent + ' - DevOps Copilot';
  } catch (e) {
    main.replaceChildren(h('h1', {}, 'DevOps Copilot'), failure(e));
  }
}

async function state() {
  const node = document.getElementById('state');
  try {
    const ready = await (await fetch('/ready')).json();
    node.textContent = ready.status === 'UP' ? 'ready' : 'documents: ' + ready.documents + (ready.pipeline === 'UP' ? '' : ', pipeline: ' + ready.pipeline);
  } catch (e) {
    node.textContent = 'the app does not answer';
  }
}
window.addEventListener('hashchange', show);
show();
state();
setInterval(state, 5000);
