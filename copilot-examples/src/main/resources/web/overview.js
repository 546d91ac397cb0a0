import {h, SEVERITIES, ago, begin, call, category, count, empty, fill, link, repeat, severity, table, td, tr, visible} from './ui.js';
import {chart, counts, sum} from './chart.js';
import {card} from './issues.js';

let by = 'severity', calm = true;

export function overview(params, place) {
  return repeat(4, place, async () => {
    const [lines, groups, issues] = await Promise.all([counts([]),
      call('/groups?severity=WARN,ERROR,FATAL&limit=10'), call('/issues?limit=50')]);
    return [JSON.stringify([lines, groups, issues.issues.map(i => [i.id, i.state, i.updated])]), () => draw(place, lines, groups.groups, issues.issues)];
  });
}

function draw(place, lines, groups, issues) {
  const open = issues.filter(i => i.state === 'OPEN');
  const severities = Object.fromEntries(sum(lines.counts, 'severity'));
  const bad = lines.counts.filter(c => c.severity === 'ERROR' || c.severity === 'FATAL');
  const plot = h('div', {});
  const plots = () => fill(plot, chart({...lines, counts: lines.counts.filter(c => calm || by === 'severity' && !['INFO', 'DEBUG'].includes(c.severity)
    || by === 'category' && c.category !== 'none')}, by, []));
  const choice = (text, set, on) => h('button', {class: 'plain', type: 'button', 'aria-pressed': String(on()), onclick: e => {
    set();
    plots();
    [...e.target.parentNode.children].forEach(b => b.dispatchEvent(new Event('state')));
  }, onstate: e => e.target.setAttribute('aria-pressed', String(on()))}, text);
  plots();
  if (!lines.counts.length && !issues.length) {
    fill(place, h('h1', {tabindex: -1}, 'Overview'), begin());
    return;
  }
  fill(place, h('h1', {tabindex: -1}, 'Overview'),
    h('section', {}, h('h2', {}, 'What is wrong now'), open.length ? h('ul', {class: 'plain'}, open.slice(0, 6).map(i => card(i)))
      : empty('No open issue in what was read so far.'),
    open.length > 6 && h('p', {}, h('a', {href: '#/issues'}, 'All ' + open.length + ' open issues'))),
    h('section', {}, h('dl', {class: 'numbers'}, SEVERITIES.map(s =>
      h('div', {}, h('dt', {}, h('a', {class: s, href: link('logs', {severity: s})}, s)), h('dd', {}, count(severities[s] || 0)))),
      h('div', {}, h('dt', {}, h('a', {href: '#/issues'}, 'Open issues')), h('dd', {}, open.length)))),
    h('section', {}, h('div', {class: 'head'}, h('h2', {}, 'Lines over time'), h('div', {class: 'choice', role: 'group', 'aria-label': 'What the bars show'},
      choice('Severity', () => by = 'severity', () => by === 'severity'), choice('Category', () => by = 'category', () => by === 'category'),
      choice('Only trouble', () => calm = !calm, () => !calm))), plot),
    h('div', {class: 'grid'},
      h('section', {}, h('h2', {}, 'Errors by service'), bars(sum(bad, 'service'), name => link('logs', {service: name, severity: 'ERROR,FATAL'}))),
      h('section', {}, h('h2', {}, 'Categories'), bars(sum(lines.counts.filter(c => c.category !== 'none'), 'category'), name => link('logs', {category: name})))),
    h('section', {}, h('h2', {}, 'Most frequent warnings and errors'), groups.length
      ? table(['Count', 'Severity', 'Category', 'Service', 'Last seen', 'Newest line'], groups.map(g => tr(false,
        td('number', h('a', {href: link('logs', {fingerprint: g.fingerprint}), 'aria-label': g.count + ' lines like this'}, count(g.count))),
        td(false, severity(g.sample.severity)), td(false, category(g.sample.category)), td(false, g.sample.service), td('time soft', ago(g.last)),
        td('message', visible(g.sample.message)))), 'lines')
      : empty('None.')));
}

function bars(entries, href) {
  if (!entries.length) return empty('None.');
  const top = entries[0][1];
  return table(['Name', 'Lines'], entries.slice(0, 8).map(([name, n]) => tr(false,
    td(false, h('a', {href: href(name)}, name || '(none)')),
    td('number', h('span', {class: 'share', 'aria-hidden': 'true'}, h('svg', {viewBox: '0 0 100 8', preserveAspectRatio: 'none'},
      h('rect', {class: 'bar c0', x: 0, y: 0, height: 8, width: Math.max(1, n / top * 100)}))), count(n)))));
}
