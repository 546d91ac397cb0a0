import {h, call, count, duration, empty, failure, fill, link, meter, percent, repeat, table, td, time, tr, visible} from './ui.js';
import {answer} from './ask.js';

// One issue as a card: what, how sure, since or until when.
export function card(i) {
  return h('li', {class: 'issue ' + (i.state === 'RESOLVED' ? 'done' : i.horizonSeconds > 0 ? 'soon' : 'now')},
    h('div', {class: 'head'}, h('a', {href: link('issue', {id: i.id})}, visible(i.title)), h('strong', {class: 'when'}, when(i))),
    h('div', {class: 'small'}, h('span', {class: 'tag'}, i.category), ' ', h('span', {class: 'tag'}, i.service || 'no service'), ' ',
      meter(i.probability, 'Probability'), ' ' + percent(i.probability), h('span', {class: 'soft'}, ' \u00b7 since ' + time(i.opened), lead(i))));
}

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
    fill(place, h('h1', {}, 'Issues'), h('p', {class: 'chips'}, ['OPEN', 'RESOLVED'].map(s => h('a', {class: 'button', href: link('issues', {state: s}),
      'aria-current': s === state ? 'true' : false}, (s === 'OPEN' ? 'Open ' : 'Resolved ') + count(of(s).length)))),
    h('section', {}, of(state).length ? h('ul', {class: 'plain'}, of(state).map(card))
      : empty(state === 'OPEN' ? 'No open issue. Issues appear when lines show that something breaks, or is about to.' : 'No issue was resolved yet.')));
  }
}

export async function issue(params, place) {
  const i = await call('/issues/' + encodeURIComponent(params.get('id')));
  const said = h('p', {role: 'status'});
  fill(place, h('h1', {}, visible(i.title)), h('section', {}, h('ul', {class: 'plain'}, card(i)),
    h('p', {class: 'small'}, h('a', {href: link('logs', {service: i.service, from: new Date(Date.parse(i.opened) - 6e5).toISOString()})}, 'Lines of ' + (i.service || 'this service') + ' from 10 min before'), ' \u00b7 ',
      h('a', {href: link('ask', {question: 'Why does ' + i.service + ' show ' + i.title + '?', service: i.service})}, 'Ask about it'))),
  h('section', {}, h('h2', {}, 'Evidence'), table(['Time (UTC)', 'Service', 'Message'], i.evidence.map(r => tr(false,
    td('time', time(r.timestamp)), td('svc', r.service), td('message', visible(r.message)))), 'lines')),
  i.history.length > 1 && h('section', {}, h('h2', {}, 'How it went'), table(['Time (UTC)', 'Sure', 'Expected in', 'What was known'], i.history.slice(-20).map(s => tr(false,
    td('time', time(s.at)), td('number', percent(s.probability)), td(false, s.state === 'RESOLVED' ? 'over' : s.horizonSeconds ? duration(s.horizonSeconds) : 'now'), td('message', visible(s.title)))))),
  i.answer.answered ? answer(i.answer) : h('p', {class: 'empty'}, 'No source says what to do about it.'),
  h('section', {}, h('h2', {}, 'What resolved it?'), h('form', {class: 'row', onsubmit: async e => {
    e.preventDefault();
    try {
      await call('/issues/' + encodeURIComponent(i.id) + '/resolution', {text: new FormData(e.target).get('text')});
      said.textContent = 'Kept. It comes back with the next issue like this.';
    } catch (error) {
      fill(said, failure(error));
    }
  }}, h('label', {class: 'wide'}, 'In your words', h('textarea', {name: 'text', required: true, maxlength: 20000})), h('button', {}, 'Keep')), said));
}
