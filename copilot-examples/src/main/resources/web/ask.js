import {h, call, command, empty, failure, fill, link, stream, visible} from './ui.js';

const EXAMPLES = ['Why does the checkout pod keep restarting?', 'What should I do when an image cannot be pulled?', 'Which errors did the gateway log?'];

// The last answer, for the way back from a source that one opened.
let last = {};

export function ask(params, place) {
  const out = h('div', {'aria-live': 'polite'});
  const box = h('input', {name: 'question', required: true, maxlength: 4000, value: params.get('question') || '',
    placeholder: EXAMPLES[0], autocomplete: 'off'});
  const field = (name, shown) => h('label', {}, shown, h('input', {name, value: params.get(name) || ''}));
  let control = null;
  const form = h('form', {class: 'row', onsubmit: e => {
    e.preventDefault();
    put(new FormData(e.target));
  }}, h('label', {class: 'wide'}, 'Question', box), field('service', 'Service'), field('namespace', 'Namespace'), h('button', {}, 'Ask'));
  async function put(fields) {
    if (control) control.abort();
    control = new AbortController();
    const asked = Object.fromEntries([...fields].filter(([, v]) => v)), address = link('ask', asked);
    history.replaceState(history.state, '', address);
    const text = h('p', {class: 'answer'}, '');
    const wait = h('p', {class: 'soft small'}, 'Looking for evidence ...');
    fill(out, h('section', {}, text, wait));
    try {
      await stream('/ask', {method: 'POST', signal: control.signal, headers: {'Content-Type': 'application/json'},
        body: JSON.stringify(asked)}, (name, data) => {
        if (name === 'text') text.append(visible(data));
        else if (name === 'answer') {
          last = {address, data};
          fill(out, answer(data));
        }
      });
    } catch (e) {
      if (e.name !== 'AbortError') fill(out, failure(e));
    }
  }
  fill(place, h('h1', {tabindex: -1}, 'Ask'), form, h('p', {class: 'chips'}, EXAMPLES.map(q => h('button', {class: 'plain small', type: 'button', onclick: () => {
    box.value = q;
    form.requestSubmit();
  }}, q))), out);
  box.focus();
  if (params.get('question') && last.address === link('ask', params)) fill(out, answer(last.data));
  else if (params.get('question')) put(new FormData(form));
  return () => control && control.abort();
}

// Each sentence stands on a line of its own and ends with the marks of its sources.
export function answer(a, title) {
  const marks = [];
  const list = h('div', {}, a.citations.map((c, i) => {
    const node = h('div', {class: 'citation', id: 'citation-' + (i + 1), tabindex: '-1'}, h('p', {class: 'small'}, '[' + (i + 1) + '] ',
      h('a', {href: target(c)}, visible(c.source))), h('pre', {}, visible(c.text)));
    marks.push(node);
    return node;
  }));
  const point = n => h('a', {href: '#citation-' + n, 'aria-label': 'Source ' + n, onclick: e => {
    e.preventDefault();
    marks.forEach(m => m.classList.remove('on'));
    marks[n - 1].classList.add('on');
    marks[n - 1].scrollIntoView({block: 'nearest'});
    marks[n - 1].focus({preventScroll: true});
  }}, '[' + n + ']');
  const part = p => {
    const n = /^\[(\d+)\]$/.exec(p), code = /^`(.+)`$/.exec(p);
    return n && marks[n[1] - 1] ? point(Number(n[1])) : code ? h('code', {}, code[1]) : p;
  };
  const text = h('ul', {class: 'answer'}, visible(a.answer).split('\n').filter(l => l.trim()).map(l => h('li', {}, l.split(/(\[\d+\]|`[^`]+`)/).map(part))));
  return h('div', {}, h('section', {}, title && h('h2', {}, title), a.answered ? text : empty('Not enough evidence to answer.'),
    a.notes.map(n => h('p', {class: 'soft small'}, visible(n))),
    a.answered && h('p', {class: 'soft small'}, a.model === 'none' ? 'Made from the sources below, without a model.' : 'Worded by ' + a.model + '.')),
    a.suggestions.length > 0 && h('section', {}, h('h2', {}, 'What to do'), h('ul', {class: 'plain'}, a.suggestions.map(s =>
      h('li', {}, /^(kubectl|helm|crictl|systemctl|journalctl|docker|oc) /.test(s.action) ? command(s.action) : h('div', {}, visible(s.action)),
        h('div', {class: 'soft small'}, visible(s.why), ' ', s.citations.map(c => h('a', {href: target(c)}, visible(c.source)))))))),
    a.citations.length > 0 && h('section', {}, h('h2', {}, 'Sources'), list));
}

const target = c => c.kind === 'log' ? link('record', {id: c.id}) : link('passage', {id: c.id});

export async function passage(params, place) {
  const p = await call('/passages/' + encodeURIComponent(params.get('id')));
  fill(place, h('h1', {tabindex: -1}, visible(p.document)), h('section', {}, h('h2', {}, visible(p.heading)), h('pre', {tabindex: '0'}, visible(p.text)),
    p.firstLine > 0 && h('p', {class: 'soft small'}, 'Lines ' + p.firstLine + ' to ' + p.lastLine),
    h('p', {}, h('a', {href: link('knowledge', {text: p.heading})}, 'Passages like this'))));
}
