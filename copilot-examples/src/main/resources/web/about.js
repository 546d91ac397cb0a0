import {h, call, command, count, empty, failure, fill, link, percent, table, td, time, tr, visible} from './ui.js';

export async function knowledge(params, place) {
  const text = params.get('text') || '';
  const [found, hits] = await Promise.all([call('/documents'), text ? call('/passages?limit=5&text=' + encodeURIComponent(text)) : null]);
  const said = h('span', {class: 'soft small', role: 'status'}, '');
  fill(place, h('h1', {tabindex: -1}, 'Knowledge'), h('form', {class: 'row', role: 'search', onsubmit: e => {
    e.preventDefault();
    location.hash = link('knowledge', {text: new FormData(e.target).get('text')});
  }}, h('label', {class: 'wide'}, 'Find passages', h('input', {name: 'text', type: 'search', required: true, value: text})), h('button', {}, 'Search')),
  hits && h('section', {}, h('h2', {}, 'Passages'), hits.passages.length ? hits.passages.map(p => h('div', {class: 'citation'},
    h('p', {class: 'small'}, h('a', {href: link('passage', {id: p.id})}, visible(p.document + ' \u203a ' + p.heading)), ' ', h('span', {class: 'tag', title: 'How well it fits, 0 to 1'}, p.score.toFixed(2))),
    h('pre', {}, visible(p.text.slice(0, 600))))) : empty('No passage fits.')),
  h('section', {}, h('div', {class: 'head'}, h('h2', {}, 'Documents'), h('button', {class: 'plain', type: 'button', onclick: async () => {
    try {
      said.textContent = 'Reading: ' + (await call('/documents/sync', {})).state;
    } catch (e) {
      fill(said, failure(e));
    }
  }}, 'Read again')), h('p', {class: 'soft'}, count(found.documents.length) + ' documents, ' + visible(found.state)
    + (found.synced ? ', last read ' + time(found.synced) : '') + '. ', said),
  found.skipped.map(s => h('p', {class: 'small'}, 'Not read: ' + visible(s))),
  found.documents.length ? h('ul', {class: 'plain columns'}, found.documents.map(d => h('li', {}, h('a', {href: link('knowledge', {text: d.replace(/.*\/|\.\w+$/g, '').replace(/[-_]/g, ' ')})}, visible(d)))))
    : empty('No documents. Start with --docs DIR.')));
}

export async function models(params, place) {
  const found = await call('/models');
  fill(place, h('h1', {tabindex: -1}, 'Models'), found.models.map(m => h('section', {}, h('h2', {}, m.id),
    h('p', {class: 'soft small'}, 'SHA-256 ' + m.sha256), figures(m.details),
    h('details', {class: 'small'}, h('summary', {}, 'All that the model says of itself'), table(['What', 'Value'], Object.entries(m.details).filter(([k]) => !/\.(confusion|calibration)$/.test(k)).sort().map(([k, v]) =>
      tr(false, td(false, k), td('message', v))))))),
  corrections(found),
  found.reports.length ? found.reports.map(r => report(r, found.models[0])) : h('section', {}, h('h2', {}, 'Measured on your data'), empty('No report on data of your own yet. Write one:'), command('java -jar copilot.jar evaluate severity --data FILE --json ' + found.folder + '/severity.json')));
}

// A training takes a while: what it comes to is asked for until it is over.
function corrections(found) {
  const ready = found.corrections >= found.correctionsNeeded;
  const said = h('p', {class: 'small', role: 'status'});
  const button = h('button', {class: 'plain', type: 'button', disabled: !ready, onclick: async () => {
    try {
      await call('/models/retrain', {});
      await follow();
    } catch (e) {
      fill(said, failure(e));
    }
  }}, 'Train now');
  async function follow(state = '') {
    const training = state || (await call('/models')).training, busy = training.startsWith('training');
    said.textContent = training === 'not asked for' ? '' : busy ? 'Training ...' : 'Last training: ' + training + '.';
    button.disabled = busy || !ready;
    if (busy) setTimeout(() => said.isConnected && follow().catch(e => fill(said, failure(e))), 2000);
  }
  follow(found.training);
  return h('section', {}, h('div', {class: 'head'}, h('h2', {}, 'Corrections'), button),
    h('p', {}, count(found.corrections) + ' so far. ' + (found.corrections ? '' : 'Open a line and answer "Wrong?" to make one. ')
      + (ready ? 'A new model serves only if it is not worse.' : 'From ' + found.correctionsNeeded + ' on, a model can be trained with them here.')), said,
    h('p', {class: 'soft small'}, 'Or on the command line, with labels of your own:'), command(found.train));
}

function figures(d) {
  const value = (name, text) => text && h('div', {}, h('dt', {}, name), h('dd', {}, text));
  return ['severity', 'category'].map(head => {
    const said = name => d[head + '.validation.' + name], number = name => said(name) && Number(said(name)).toFixed(3);
    const list = (name, row = r => r.split(',').map(Number)) => (said(name) || '').split(';').filter(Boolean).map(row);
    const labels = (d[head + '.labels'] || '').split(',');
    const matrix = list('confusion').map((row, i) => [labels[i], Object.fromEntries(row.map((n, j) => [labels[j], n]))]);
    return h('div', {}, h('h3', {}, head[0].toUpperCase() + head.slice(1)), h('dl', {class: 'numbers'}, value('Macro-F1', number('macroF1')), value('Accuracy', number('accuracy')),
      value('Calibration error', number('calibrationError')), value('Rows', d[head + '.rows'] && count(d[head + '.rows'])), value('Trees', d[head + '.trees'])),
    h('p', {class: 'soft small'}, 'Measured while it was trained, each system by a model that had not seen it.'),
    matrix.length > 0 && h('details', {class: 'small', open: head === 'severity'}, h('summary', {}, 'Confusion and calibration'), confusion(Object.fromEntries(matrix)), calibration(list('calibration'))));
  });
}

function report(r, model) {
  const parts = r.report.events || r.report.incidents ? ['events', 'incidents'].filter(k => r.report[k]).map(k => [k, r.report[k]]) : [['', r.report]];
  const same = r.report.model && r.report.model.sha256 === model.sha256;
  return h('section', {}, h('h2', {}, 'Measured: ' + visible(r.name)),
    h('p', {class: same ? 'soft small' : 'error small'}, same ? 'Of the model in use.' : 'Of another model than the one in use.',
      r.report.leaveOut && r.report.leaveOut !== 'none' ? ' Trained anew for each ' + r.report.leaveOut + ' without it.' : '', ' ' + count(r.report.rows || 0) + ' rows.'),
    parts.map(([name, p]) => h('div', {}, name && h('h3', {}, name), numbers(p), confusion(p.confusion), calibration(p.calibration))));
}

function numbers(p) {
  return h('dl', {class: 'numbers'}, [['Accuracy', p.accuracy], ['Right first', p.top1], ['Macro-F1', p.macroF1], ['Median system F1', p.medianSystemMacroF1], ['Calibration error', p.ece]]
    .filter(([, v]) => typeof v === 'number').map(([k, v]) => h('div', {}, h('dt', {}, k), h('dd', {}, v.toFixed(3)))));
}

// Rows the truth, columns the answer; the stronger a cell, the larger its share of the row.
function confusion(c) {
  if (!c) return null;
  const used = Object.keys(c).filter(a => Object.keys(c).some(b => c[a][b] || (c[b] || {})[a]));
  return table(['Truth \u2193 Answer \u2192', ...used], used.map(a => {
    const total = used.reduce((n, b) => n + (c[a][b] || 0), 0);
    return tr(false, h('th', {scope: 'row', role: 'rowheader'}, a), used.map(b => td('number heat h' + (total ? Math.round((c[a][b] || 0) / total * 5) : 0), count(c[a][b] || 0))));
  }), 'matrix');
}

// How often verdicts of one probability are right; on the diagonal they say what they know.
function calibration(points) {
  if (!points || !points.length) return null;
  const x = p => 10 + p * 180, y = p => 190 - p * 180;
  return h('div', {}, h('svg', {class: 'square', viewBox: '0 0 200 200', role: 'img', 'aria-label': 'Calibration: ' + points.map(p => percent(p[0]) + ' sure, ' + percent(p[1]) + ' right').join('; ')},
    h('rect', {class: 'frame', x: 10, y: 10, width: 180, height: 180}), h('line', {class: 'ideal', x1: 10, y1: 190, x2: 190, y2: 10}),
    h('polyline', {class: 'curve', points: points.map(p => x(p[0]) + ',' + y(p[1])).join(' ')}),
    points.map(p => h('circle', {class: 'dot', cx: x(p[0]), cy: y(p[1]), r: 3}, h('title', {}, percent(p[0]) + ' sure, ' + percent(p[1]) + ' right')))),
  h('p', {class: 'soft small'}, 'Calibration: across how sure, up how often right.'));
}
