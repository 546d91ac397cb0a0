import {fill, h} from './ui.js';

const KEYS = [['1 to 7', 'the views in the order of the menu'], ['j, k', 'next and previous row'], ['Enter', 'open it'],
  ['/', 'search or ask'], ['t', 'live tail on and off'], ['o', 'older lines'], ['Esc', 'out of a field'], ['?', 'these keys']];
const TYPING = 'input, select, textarea, [contenteditable]';

// Single keys, as in a terminal; none while one types, nor where they were switched off.
export function keys() {
  const dialog = help();
  document.body.append(dialog);
  document.getElementById('keys').addEventListener('click', () => dialog.showModal());
  document.addEventListener('keydown', e => {
    if (e.ctrlKey || e.metaKey || e.altKey || dialog.open) return;
    if (e.target.matches(TYPING)) {
      if (e.key === 'Escape') e.target.blur();
    } else if (localStorage.getItem('keys') !== 'off' && act(e.key, dialog)) e.preventDefault();
  });
}

function act(key, dialog) {
  const views = [...document.querySelectorAll('#nav a')];
  if (key === '?') dialog.showModal();
  else if (key === 'j' || key === 'k') move(key === 'j' ? 1 : -1);
  else if (key === '/') visible('main input[type=search], main input[name=question]').slice(0, 1).forEach(i => i.select());
  else if (key >= '1' && key <= String(views.length) && key.length === 1) views[key - 1].click();
  else {
    const button = /^[a-z]$/.test(key) && visible('main [aria-keyshortcuts="' + key + '"]')[0];
    if (button) button.click();
    return !!button;
  }
  return true;
}

// A folded table is still part of the document: only what is seen can have the focus.
const visible = selector => [...document.querySelectorAll(selector)].filter(n => n.checkVisibility());

function move(step) {
  const rows = visible('main :is(tr, li, .citation)').map(n => n.querySelector('a[href]')).filter(a => a && a.checkVisibility());
  const now = document.activeElement, at = rows.findIndex(a => a === now || a.closest('tr, li, .citation').contains(now));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : at + step];
  if (next) {
    next.focus({preventScroll: true});
    next.scrollIntoView({block: 'nearest'});
  }
}

function help() {
  const on = h('input', {type: 'checkbox', onchange: () => localStorage.setItem('keys', on.checked ? 'on' : 'off')});
  on.checked = localStorage.getItem('keys') !== 'off';
  const dialog = h('dialog', {'aria-labelledby': 'keys-title'});
  fill(dialog, h('h2', {id: 'keys-title'}, 'Keys'), h('dl', {class: 'keys'}, KEYS.map(([k, text]) =>
    [h('dt', {}, h('kbd', {}, k)), h('dd', {}, text)])), h('label', {class: 'check'}, on, 'Single keys are on'),
  h('form', {method: 'dialog'}, h('button', {}, 'Close')));
  return dialog;
}
