import {failure, fill, h, main} from './ui.js';
import {overview} from './overview.js';
import {logs, record} from './logs.js';
import {ask, passage} from './ask.js';
import {issues, issue} from './issues.js';
import {upload} from './upload.js';
import {knowledge, models} from './about.js';

const VIEWS = {overview, logs, record, ask, passage, issues, issue, upload, knowledge, models};
const PARENTS = {record: 'logs', passage: 'knowledge', issue: 'issues'};
const token = new URLSearchParams(location.hash.slice(1)).get('token');
if (token) {
  sessionStorage.setItem('token', token);
  history.replaceState(null, '', '#/overview');
}
let leave = () => {}, turn = 0;

async function show() {
  const mine = ++turn;
  leave();
  leave = () => {};
  const [path, query] = location.hash.replace(/^#\/?/, '').split('?');
  const name = Object.hasOwn(VIEWS, path) ? path : 'overview';
  for (const a of document.querySelectorAll('#nav a')) {
    if (a.getAttribute('href') === '#/' + (PARENTS[name] || name)) {
      a.setAttribute('aria-current', 'page');
      a.scrollIntoView({block: 'nearest', inline: 'nearest'});
    } else a.removeAttribute('aria-current');
  }
  fill(main, h('h1', {}, name[0].toUpperCase() + name.slice(1)), h('p', {class: 'empty', role: 'status'}, 'Loading ...'));
  try {
    const end = await VIEWS[name](new URLSearchParams(query || ''));
    if (mine !== turn) {
      if (end) end();
      return;
    }
    if (end) leave = end;
    document.title = main.querySelector('h1').textContent.slice(0, 80) + ' - DevOps Copilot';
    main.dataset.view = name;
  } catch (e) {
    if (mine === turn) fill(main, h('h1', {}, name[0].toUpperCase() + name.slice(1)), failure(e), h('p', {}, h('button', {type: 'button', onclick: show}, 'Try again')));
  }
}

async function state() {
  const node = document.getElementById('state');
  try {
    const ready = await (await fetch('/ready')).json();
    node.textContent = ready.status === 'UP' ? 'ready' : ready.pipeline === 'UP' ? 'documents: ' + ready.documents : 'pipeline: ' + ready.pipeline;
    node.className = 'state ' + (ready.status === 'UP' ? 'up' : 'down');
  } catch (e) {
    node.textContent = 'the app does not answer';
    node.className = 'state down';
  }
}
window.addEventListener('hashchange', () => location.hash.startsWith('#/') && show());
show();
state();
setInterval(state, 5000);
