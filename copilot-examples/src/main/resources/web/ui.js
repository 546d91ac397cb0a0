// What all views share. Every text from the server goes through text nodes, never through HTML.
export const SEVERITIES = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
export const CATEGORIES = ['oom', 'crash_loop', 'image_pull', 'network_dns', 'storage', 'scheduling', 'probe_failure',
  'auth_security', 'config_error', 'quota', 'node', 'performance', 'app_error', 'other', 'none', 'unknown'];
const SVG = ['svg', 'rect', 'title', 'line', 'polyline', 'circle', 'text', 'g'];

export function h(tag, attributes, ...children) {
  const node = SVG.includes(tag) ? document.createElementNS('http://www.w3.org/2000/svg', tag) : document.createElement(tag);
  for (const [key, value] of Object.entries(attributes || {})) {
    if (key.startsWith('on')) node.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(key, value === true ? '' : value);
  }
  node.append(...kept(children));
  return node;
}

const kept = children => children.flat(Infinity).filter(c => c != null && c !== false && c !== '');

export function fill(node, ...children) {
  node.replaceChildren(...kept(children));
}

// Control and direction characters become visible, so that a line shows what is in it.
export function visible(text) {
  return String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\udb40[\udc00-\udc7f]/g,
    c => '\u00b7x' + c.codePointAt(0).toString(16).padStart(2, '0') + '\u00b7');
}

// The text with a searched part marked.
export function marked(text, part) {
  const shown = visible(text);
  if (!part) return shown;
  const out = [], low = shown.toLowerCase(), want = part.toLowerCase();
  let from = 0;
  for (let at = low.indexOf(want); at >= 0 && out.length < 100; at = low.indexOf(want, from)) {
    out.push(shown.slice(from, at), h('mark', {}, shown.slice(at, at + want.length)));
    from = at + want.length;
  }
  return [...out, shown.slice(from)];
}

export function headers(more) {
  const token = sessionStorage.getItem('token');
  return {...(token ? {Authorization: 'Bearer ' + token} : {}), ...more};
}

async function checked(response) {
  if (response.ok) return response;
  let detail = response.status + ' ' + response.statusText;
  try {
    detail = (await response.json()).detail || detail;
  } catch (e) {
    // not a problem document: the status says enough
  }
  throw Object.assign(new Error(detail), {status: response.status});
}

export async function call(path, body) {
  const response = await fetch(path, body === undefined ? {headers: headers()}
    : {method: 'POST', headers: headers({'Content-Type': 'application/json'}), body: JSON.stringify(body)});
  return (await checked(response)).json();
}

// Server-sent events by fetch, since EventSource can't send a token.
export async function stream(path, options, on) {
  const response = await checked(await fetch(path, {...options, headers: headers({Accept: 'text/event-stream', ...options.headers})}));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    buffer += part.value;
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const lines = buffer.slice(0, end).split('\n');
      buffer = buffer.slice(end + 2);
      const name = lines.filter(l => l.startsWith('event:')).map(l => l.slice(6).trim())[0];
      const data = lines.filter(l => l.startsWith('data:')).map(l => l.slice(5).trim()).join('\n');
      if (name && data) on(name, JSON.parse(data));
    }
  }
}

export function time(text) {
  const date = new Date(text);
  return isNaN(date) ? text : date.toISOString().replace('T', ' ').replace(/(\.\d+)?Z$/, '');
}

export function duration(seconds) {
  return seconds < 120 ? Math.round(seconds) + ' s' : seconds < 7200 ? Math.round(seconds / 60) + ' min'
    : seconds < 172800 ? Math.round(seconds / 3600) + ' h' : Math.round(seconds / 86400) + ' days';
}

export const count = n => Number(n).toLocaleString('en');
export const percent = p => Math.round(p * 100) + ' %';
export const failure = e => h('p', {class: 'error', role: 'alert'}, e.status === 401
  ? 'A token is needed: open the page with #token=... at its end.' : 'This did not work: ' + visible(e.message));
export const severity = s => h('span', {class: 'sev ' + s}, s);
export const category = c => c === 'none' ? h('span', {class: 'soft'}, c) : c;
export const empty = text => h('p', {class: 'empty'}, text);
export const link = (path, params) => '#/' + path + '?' + new URLSearchParams(params);
export const meter = (share, label) => h('meter', {min: 0, low: 0.5, high: 0.8, optimum: 0, max: 1, value: share, 'aria-label': label}, percent(share));
const CALLED = {oom: 'Out of memory', crash_loop: 'Crash loop', image_pull: 'Image can\u2019t be pulled', network_dns: 'Network or DNS', storage: 'Storage',
  scheduling: 'Scheduling', probe_failure: 'Failing probe', auth_security: 'Login or certificate', config_error: 'Configuration', quota: 'Quota', node: 'Node',
  performance: 'Slow', app_error: 'Application error', other: 'Trouble'};
export const called = category => CALLED[category] || category;

// How long ago, with the whole time at hand.
export function ago(text) {
  const seconds = (Date.now() - Date.parse(text)) / 1000;
  return h('time', {datetime: text, title: time(text) + ' UTC'}, seconds < 0 ? time(text) : seconds < 10 ? 'just now' : duration(seconds) + ' ago');
}

// A command with a button that copies it.
export function command(text) {
  const button = h('button', {class: 'plain small', type: 'button', 'aria-label': 'Copy ' + text, onclick: async () => {
    try {
      await navigator.clipboard.writeText(text);
      button.textContent = 'Copied';
    } catch (e) {
      getSelection().selectAllChildren(button.previousSibling);
      button.textContent = 'Selected';
    }
  }}, 'Copy');
  return h('div', {class: 'command'}, h('code', {}, visible(text)), button);
}

// What there is to do where nothing was read yet.
export const begin = () => h('section', {}, h('h2', {}, 'Nothing was read yet'), h('dl', {class: 'ways'},
  h('dt', {}, h('a', {href: '#/upload'}, 'Upload a log file, or paste lines')), h('dd', {class: 'soft'}, 'Classified at once, nothing leaves this machine.'),
  h('dt', {}, 'Follow files'), h('dd', {}, command("java -jar copilot.jar serve '/var/log/app/*.log'")),
  h('dt', {}, 'Follow a cluster'), h('dd', {}, command('java -jar copilot.jar serve --context CONTEXT --namespace NAMESPACE'))));

export function table(head, rows, kind) {
  return h('div', {class: 'scroll', tabindex: '0', role: 'region', 'aria-label': 'Table: ' + head.join(', ')},
    h('table', {class: kind || false, role: 'table'}, h('thead', {role: 'rowgroup'}, h('tr', {role: 'row'},
      head.map(t => h('th', {scope: 'col', role: 'columnheader'}, t)))), h('tbody', {role: 'rowgroup'}, rows)));
}

export const tr = (kind, ...cells) => h('tr', {class: kind, role: 'row'}, cells);
export const td = (kind, ...content) => h('td', {class: kind, role: 'cell'}, content);

export const HEAD = ['Time (UTC)', 'Severity', 'Category', 'Service', 'Message'];
export function row(r, kind, part) {
  return tr(kind || false,
    td('time', h('a', {href: link('record', {id: r.id}), 'aria-label': 'Line of ' + time(r.timestamp)}, time(r.timestamp))),
    td(false, severity(r.severity)), td('cat', category(r.category)), td('svc', r.service || r.pod || ''),
    td('message', r.kind === 'EVENT' && [h('span', {class: 'tag'}, r.attributes.reason || 'event'), ' '], marked(r.message, part)));
}

// Draws now, and again every few seconds while the view is shown; what one holds or opened stays so. Answers how to end it.
export async function repeat(seconds, place, draw) {
  const label = n => n.tagName + n.getAttribute('href') + n.textContent;
  let before = '', timer = 0, ended = false;
  async function turn() {
    const [key, show] = await draw();
    if (key === before) return;
    before = key;
    const held = place.contains(document.activeElement) && label(document.activeElement);
    const open = [...place.querySelectorAll('details')].map(d => d.open);
    show();
    place.querySelectorAll('details').forEach((d, i) => d.open = open[i] ?? d.open);
    const again = held && [...place.querySelectorAll('h1, a, button, summary, textarea')].find(n => label(n) === held);
    if (again) again.focus({preventScroll: true});
  }
  async function later() {
    if (!document.hidden) await turn().catch(() => {}); // the header says that the app does not answer
    if (!ended) timer = setTimeout(later, seconds * 1000);
  }
  await turn();
  timer = setTimeout(later, seconds * 1000);
  return () => {
    ended = true;
    clearTimeout(timer);
  };
}
