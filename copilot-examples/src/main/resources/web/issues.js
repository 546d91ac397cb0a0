import {h, ago, call, called, count, duration, empty, failure, fill, link, meter, percent, repeat, table, td, time, tr, visible} from './ui.js';
import {answer} from './ask.js';

// A title that quotes a line says its category first: the words come before the line then.
const quoted = i => i.title.startsWith(i.category.replaceAll('_', ' ') + ': ') && i.title.slice(i.category.length + 2);
export const headline = i => quoted(i) ? called(i.category) + (i.service ? ' in ' + i.service : '') : i.title[0].toUpperCase() + i.title.slice(1);

// One issue as a card: what, how sure, since or until when.
export function card(i, alone) {
  return h('li', {class: 'issue ' + (i.state === 'RESOLVED' ? 'done' : i.horizonSeconds > 0 ? 'soon' : 'now')},
    h('div', {class: 'head'}, alone === true ? h('span', {}, called(i.category)) : h('a', {href: link('issue', {id: i.id})}, visible(headline(i))), h('strong', {class: 'when'}, when(i))),
    quoted(i) && h('pre', {}, visible(quoted(i))),
    h('div', {class: 'small'}, h('span', {class: 'tag'}, i.category), ' ', h('span', {class: 'tag'}, i.service || 'no service'), ' ',
      meter(i.probability, 'Probability'), ' ' + percent(i.probability) + ' sure', h('span', {class: 'soft'}, ' \u00b7 since ' + (old(i.opened, 864e5) ? time(i.opened) : time(i.opened).slice(11)),
        !old(i.updated, 6e5) && [', ', ago(i.opened)], lead(i))));
}

const old = (text, most) => Date.now() - Date.parse(text) > most;

function when(i) {
  return i.state === 'RESOLVED' ? 'resolved ' + time(i.resolved).slice(11) : i.horizonSeconds > 0
    ? 'expected in ' + duration(i.horizonSeconds) + ', about ' + time(Date.parse(i.updated) + i.horizonSeconds * 1000).slice(11, 16) : 'happening now';
}

const lead = i => i.predictedSecondsBefore > 0 ? ' \u00b7 predicted ' + duration(i.predictedSecondsBefore) + ' before it happened' : '';

export function issues(params, place) {
  const state = ['OPEN', 'RESOLVED'].includes(params.get('state')) ? params.get('state') : 'OPEN';
  return repeat(4, place, async () => {
    const all = (await call('/issues?limit=500')).issues;
    return [JSON.stringify(all), () => draw(all)];
  });
  function draw(all) {
    const of = s => all.filter(i => i.state === s);
    fill(place, h('h1', {tabindex: -1}, 'Issues'), h('p', {class: 'chips'}, ['OPEN', 'RESOLVED'].map(s => h('a', {class: 'button', href: link('issues', {state: s}),
      'aria-current': s === state ? 'true' : false}, (s === 'OPEN' ? 'Open ' : 'Resolved ') + count(of(s).length)))),
    h('section', {}, of(state).length ? h('ul', {class: 'plain'}, of(state).map(i => card(i)))
      : empty(state === 'OPEN' ? 'No open issue. Issues appear when lines show that something breaks, or is about to.' : 'No issue was resolved yet.')));
  }
}

export function issue(params, place) {
  const path = '/issues/' + encodeURIComponent(params.get('id')), said = h('p', {role: 'status'});
  const form = h('form', {class: 'row', onsubmit: async e => {
    e.preventDefault();
    try {
      await call(path + '/resolution', {text: new FormData(form).get('text')});
      said.textContent = 'Kept. It comes back with the next issue like this.';
    } catch (error) {
      fill(said, failure(error));
    }
  }}, h('label', {class: 'wide'}, 'In your words', h('textarea', {name: 'text', required: true, maxlength: 20000})), h('button', {}, 'Keep'));
  return repeat(4, place, async () => {
    const i = await call(path);
    return [JSON.stringify(i), () => draw(i)];
  });
  function draw(i) {
    fill(place, h('h1', {tabindex: -1}, visible(headline(i))), h('section', {}, h('ul', {class: 'plain'}, card(i, true)),
      h('p', {class: 'small'}, h('a', {href: link('logs', {...(i.service ? {service: i.service} : {}), from: new Date(Date.parse(i.opened) - 6e5).toISOString()})}, 'Lines of ' + (i.service || 'all services') + ' from 10 min before'), ' \u00b7 ',
        h('a', {href: link('ask', {question: 'Why does ' + i.service + ' show ' + i.title + '?', service: i.service})}, 'Ask about it'))),
    i.answer.answered ? answer(i.answer, 'Why') : h('section', {}, h('h2', {}, 'What to do'), empty('No source says what to do about it.')),
    h('section', {}, h('h2', {}, 'Evidence'), table(['Time (UTC)', 'Service', 'Message'], i.evidence.map(r => tr(false,
      td('time', time(r.timestamp)), td('svc', r.service), td('message', visible(r.message)))), 'lines')),
    i.history.length > 1 && h('section', {}, h('h2', {}, 'How it went'), table(['Time (UTC)', 'Sure', 'Expected in', 'What was known'], i.history.slice(-20).map(s => tr(false,
      td('time', time(s.at)), td('number', percent(s.probability)), td(false, s.state === 'RESOLVED' ? 'over' : s.horizonSeconds ? duration(s.horizonSeconds) : 'now'), td('message', visible(s.title)))), 'lines')),
    h('section', {}, h('h2', {}, 'What resolved it?'), form, said));
  }
}
