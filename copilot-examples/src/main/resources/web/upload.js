import {h, HEAD, SEVERITIES, call, count, failure, fill, headers, link, row, table, visible} from './ui.js';

export function upload(params, place) {
  const out = h('div', {'aria-live': 'polite'});
  const input = h('input', {type: 'file', multiple: true, id: 'files', onchange: () => send([...input.files])});
  const area = h('textarea', {name: 'lines', placeholder: '2026-01-31T10:00:00Z ERROR Connection to db:5432 refused'});
  const drop = h('div', {class: 'drop', ondragover: e => {
    e.preventDefault();
    drop.classList.add('over');
  }, ondragleave: () => drop.classList.remove('over'), ondrop: e => {
    e.preventDefault();
    drop.classList.remove('over');
    send([...e.dataTransfer.files]);
  }}, h('label', {for: 'files'}, 'Drop log files here, plain or gzip, or choose them'), input);
  fill(place, h('h1', {tabindex: -1}, 'Upload'), h('section', {}, drop,
    h('form', {onsubmit: e => {
      e.preventDefault();
      if (area.value.trim()) send([new File([area.value], 'pasted.log')]);
    }}, h('label', {}, 'or paste lines', area), h('p', {}, h('button', {}, 'Classify')))), out);
  async function send(files) {
    for (const file of files) {
      const bar = h('progress', {max: 1, value: 0, 'aria-label': 'Sent of ' + file.name});
      const note = h('p', {class: 'soft small', role: 'status'}, 'Sending ...');
      const box = h('section', {}, h('h2', {}, visible(file.name)), bar, note);
      out.prepend(box);
      try {
        const done = await post(file, share => {
          bar.value = share;
          note.textContent = share < 1 ? Math.round(share * 100) + ' % sent' : 'All sent, classifying and storing ...';
        });
        const lines = await call('/records?' + new URLSearchParams({service: done.name, limit: 50}));
        fill(box, h('h2', {}, visible(file.name)), summary(done),
          h('p', {}, h('a', {href: link('logs', {service: done.name})}, 'All its lines'), ' \u00b7 ',
            h('a', {href: link('logs', {service: done.name, severity: 'WARN,ERROR,FATAL'})}, 'Its warnings and errors')),
          table(HEAD, lines.records.map(r => row(r)), 'lines'));
      } catch (e) {
        fill(box, h('h2', {}, visible(file.name)), failure(e));
      }
    }
  }
}

// XMLHttpRequest, since fetch tells nothing about what was sent.
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
      request.status === 200 ? resolve(body.uploads[0]) : reject(Object.assign(new Error(body.detail), {status: request.status}));
    };
    request.send(file);
  });
}

function summary(s) {
  const cell = (name, value, kind) => h('div', {}, h('dt', {class: kind || false}, name), h('dd', {}, value));
  const cut = Object.entries(s.counters).filter(([k, v]) => v > 0 && !k.endsWith('.read'));
  return h('div', {}, h('dl', {class: 'numbers'}, cell('Lines', count(s.lines)),
    SEVERITIES.filter(x => s.severities[x]).map(x => cell(x, count(s.severities[x]), x)),
    Object.entries(s.categories).filter(([k]) => k !== 'none').map(([k, v]) => cell(k, count(v))), cell('Seconds', s.seconds.toFixed(1))),
  cut.length > 0 && h('p', {class: 'soft small'}, cut.map(([k, v]) => k + ' ' + count(v)).join(', ')));
}
