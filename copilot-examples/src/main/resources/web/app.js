import {failure, fill, h} from './ui.js';
import {keys} from './keys.js';
import {overview} from './overview.js';
import {logs, record} from './logs.js';
import {ask, passage} from './ask.js';
import {issues, issue} from './issues.js';
import {upload} from './upload.js';
import {knowledge, models} from './about.js';

const VIEWS = {overview, logs, record, ask, passage, issues, issue, upload, knowledge, models};
const PARENTS = {record: 'logs', passage: 'knowledge', issue: 'issues'};
const main = document.getElementById('main');
const token = new URLSearchParams(location.hash.slice(1)).get('token');
if (token) {
  sessionStorage.setItem('token', token);
  history.replaceState(null, '', '#/overview');
}
history.scrollRestoration = 'manual';
const left = new Map();
let leave = () => {}, turn = 0, shown = '';

// A view draws into a place of its own, so one that is left while it still loads draws where nobody looks.
async function show() {
  const mine = ++turn;
  leave();
  leave = () => {};
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const name = Object.hasOwn(VIEWS, path) ? path : 'overview';
  const title = name[0].toUpperCase() + name.slice(1);
  const again = history.state && history.state.seen && left.get(location.hash);
  const held = main.dataset.view === name && main.contains(document.activeElement) && document.activeElement.name;
  history.replaceState({seen: true}, '');
  for (const a of document.querySelectorAll('#nav a')) {
    if (a.getAttribute('href') === '#/' + (PARENTS[name] || name)) {
      a.setAttribute('aria-current', 'page');
      a.scrollIntoView({block: 'nearest', inline: 'nearest'});
    } else a.removeAttribute('aria-current');
  }
  const place = h('div', {});
  delete main.dataset.view;
  fill(place, h('h1', {tabindex: -1}, title), h('p', {class: 'empty late', role: 'status'}, 'Loading ...'));
  fill(main, place);
  scrollTo(0, 0);
  try {
    const end = await VIEWS[name](new URLSearchParams(query || ''), place);
    if (mine !== turn) {
      if (end) end();
      return;
    }
    if (end) leave = end;
  } catch (e) {
    if (mine !== turn) return;
    fill(place, h('h1', {tabindex: -1}, title), failure(e), h('p', {}, h('button', {type: 'button', onclick: show}, 'Try again')));
  }
  const heading = place.querySelector('h1');
  document.title = heading.textContent.slice(0, 80) + ' - DevOps Copilot';
  const focus = held ? place.querySelector('[name="' + CSS.escape(held) + '"]')
    : again && again.href && place.querySelector('a[href="' + CSS.escape(again.href) + '"]');
  if (focus) focus.focus({preventScroll: true});
  else if (shown && !place.contains(document.activeElement)) heading.focus({preventScroll: true});
  if (again) scrollTo(0, again.y);
  shown = name;
  main.dataset.view = name;
}

// Where one was in a view, for the way back to it.
function keep(address) {
  const at = document.activeElement;
  left.set(new URL(address).hash, {y: scrollY, href: main.contains(at) && at.getAttribute('href')});
}

async function state() {
  const node = document.getElementById('state');
  let text = 'the app does not answer', kind = 'down';
  try {
    const ready = await (await fetch('/ready')).json();
    const up = ready.status === 'UP';
    kind = up ? 'up' : ['UP', 'starting'].includes(ready.pipeline) ? '' : 'down';
    text = up ? ['ready', ready.shows].filter(Boolean).join(', ') : ready.pipeline === 'UP' ? 'documents: ' + ready.documents : 'pipeline: ' + ready.pipeline;
  } catch (e) {
    // said by the text
  }
  if (node.textContent !== text) node.textContent = text;
  node.className = 'state ' + kind;
  setTimeout(state, 5000);
}
window.addEventListener('hashchange', e => {
  keep(e.oldURL);
  show();
});
document.querySelector('.skip').addEventListener('click', e => {
  e.preventDefault();
  main.focus();
});
keys();
show();
state();
