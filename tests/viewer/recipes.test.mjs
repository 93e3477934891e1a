// otlp.jq and chrome.jq against the shapes that OTLP/JSON and the Trace Event Format document.

import assert from 'node:assert/strict';
import {spawnSync} from 'node:child_process';
import {mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {test} from 'node:test';
import {lines, sample} from './sample.mjs';

const viewer = new URL('../../tools/viewer/', import.meta.url).pathname;
const file = join(mkdtempSync(join(tmpdir(), 'recipes-')), 'trace.jsonl');
const records = sample();
const requests = records.filter((record) => 'stdiogate.outcome' in record);
writeFileSync(file, lines(records));

function jq(...words) {
  const run = spawnSync('jq', words, {encoding: 'utf8', maxBuffer: 1 << 28});
  assert.equal(run.stderr, '');
  assert.equal(run.status, 0);
  return run.stdout;
}

/** Nanoseconds since 1970, in whole numbers throughout. */
function nanoseconds(record) {
  const [, seconds, micro] = /^(.*)\.(\d{6})Z$/.exec(record.time);
  const end = BigInt(Date.parse(seconds + 'Z')) * 1000000n + BigInt(micro) * 1000n;
  return {start: end - BigInt(Math.round(record.duration_s * 1e6)) * 1000n, end};
}

test('otlp.jq: one TracesData a line, one span a request', () => {
  const spans = jq('-c', '-f', viewer + 'otlp.jq', file).trimEnd().split('\n').map((line) => {
    const {resourceSpans: [resource, ...others], ...more} = JSON.parse(line);
    assert.deepEqual([others, more, Object.keys(resource)], [[], {}, ['resource', 'scopeSpans']]);
    assert.deepEqual(resource.resource.attributes, [{key: 'service.name', value: {stringValue: 'stdiogate'}}]);
    assert.equal(resource.scopeSpans[0].spans.length, 1);
    return resource.scopeSpans[0].spans[0];
  });
  assert.equal(spans.length, requests.length);
  assert.equal(new Set(spans.map((span) => span.spanId)).size, spans.length);
  spans.forEach((span, i) => {
    const record = requests[i];
    const {start, end} = nanoseconds(record);
    assert.equal(span.startTimeUnixNano, String(start));
    assert.equal(span.endTimeUnixNano, String(end));
    assert.match(span.spanId, /^(?!0{16})[0-9a-f]{16}$/);
    assert.match(span.traceId, /^(?!0{32})[0-9a-f]{32}$/);
    if (record.trace_id) assert.equal(span.traceId, record.trace_id);
    assert.equal(span.parentSpanId, record.parent_span_id);
    assert.deepEqual(span.status, 'error.type' in record ? {code: 2} : {});
    const target = record['gen_ai.tool.name'] ?? record['gen_ai.prompt.name'];
    assert.equal(span.name, record['mcp.method.name'] + (target ? ' ' + target : ''));
    const given = Object.fromEntries(span.attributes.map(({key, value}) => [key, value]));
    for (const [key, value] of Object.entries(record)) {
      if (['time', 'duration_s', 'trace_id', 'parent_span_id'].includes(key)) continue;
      assert.deepEqual(given[key], typeof value === 'string' ? {stringValue: value} :
        key.endsWith('_s') ? {doubleValue: value} : {intValue: String(value)}, key);
    }
  });
});

test('chrome.jq: a pair of events for each request, an instant for each event of a server', () => {
  const {traceEvents, displayTimeUnit} = JSON.parse(jq('-n', '-f', viewer + 'chrome.jq', file));
  assert.equal(displayTimeUnit, 'ms');
  const begins = traceEvents.filter((event) => event.ph === 'b');
  const ends = traceEvents.filter((event) => event.ph === 'e');
  assert.equal(begins.length, requests.length);
  assert.equal(new Set(begins.map(({cat, id}) => cat + id)).size, begins.length);
  begins.forEach((event, i) => {
    const {start, end} = nanoseconds(requests[i]);
    const {cat, id, name, pid, tid} = event;
    assert.equal(cat, requests[i]['stdiogate.from']);
    assert.equal(typeof id, 'string');
    assert.deepEqual(ends[i], {name, cat, id, pid, tid, ph: 'e', ts: Number(end / 1000n), args: {}});
    assert.equal(event.ts, Number(start / 1000n));
    assert.deepEqual(event.args, requests[i]);
  });
  const instants = traceEvents.filter((event) => event.ph === 'i');
  assert.deepEqual(instants.map((event) => event.args), records.filter((record) => 'stdiogate.event' in record));
  assert.ok(instants.every((event) => event.s === 'g' && Number.isInteger(event.ts)));
});
