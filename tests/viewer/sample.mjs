// A trace made by hand, as stdiogate-trace(5) has it, with every outcome and every key.

const tick = (us) => new Date(Math.floor(us / 1000)).toISOString().slice(0, 20) + String(us % 1e6).padStart(6, '0') + 'Z';
const begin = 1764159314000000;

export function request(startUs, durationUs, method, more = {}) {
  return {
    time: tick(begin + startUs + durationUs), duration_s: durationUs / 1e6, 'mcp.method.name': method,
    ...('tool' in more ? {'gen_ai.tool.name': more.tool} : {}),
    ...('prompt' in more ? {'gen_ai.prompt.name': more.prompt} : {}),
    'jsonrpc.request.id': more.id ?? '7',
    ...('code' in more ? {'rpc.response.status_code': more.code} : {}),
    ...('error' in more ? {'error.type': more.error} : {}),
    'mcp.protocol.version': '2025-11-25', 'network.transport': 'pipe',
    ...('trace' in more ? {trace_id: more.trace, parent_span_id: more.parent} : {}),
    'stdiogate.from': more.from ?? 'client', 'stdiogate.outcome': more.outcome ?? 'answered',
    ...(more.wire === null ? {} : {'stdiogate.wire_id': more.wire ?? 133}),
    'stdiogate.in_flight': more.inFlight ?? 0,
    ...('queued' in more ? {'stdiogate.queued_s': more.queued / 1e6} : {}),
    'stdiogate.request_bytes': more.asked ?? 90,
    ...(more.answer === null ? {} : {'stdiogate.answer_bytes': more.answer ?? 120}),
    'stdiogate.server': more.server ?? 1,
  };
}

export const serverEvent = (us, name, server, more = {}) =>
  ({time: tick(begin + us), 'stdiogate.event': name, 'stdiogate.server': server, 'process.pid': 4000 + server, ...more});

/** How many requests of the same side are in flight just after this one has ended. */
function openAtEndOf(record, records) {
  const end = endOf(record);
  return records.filter((other) => 'stdiogate.wire_id' in other && endOf(other) > end &&
    other['stdiogate.from'] === record['stdiogate.from'] &&
    startOf(other) + Math.round((other['stdiogate.queued_s'] ?? 0) * 1e6) < end).length;
}

/** All records, in the order of their ends. */
export function sample() {
  const records = [
    serverEvent(0, 'server-start', 1),
    request(1000, 41000, 'initialize', {id: '0'}),
    request(43000, 700, 'tools/list'),
    ...Array.from({length: 40}, (_, i) => request(50000 + 3000 * i, 20000 + 997 * ((i * 7) % 40), 'tools/call',
      {tool: i % 3 ? 'search' : 'read_file', id: String(10 + i), wire: 200 + i, inFlight: i % 8})),
    request(60000, 90000, 'tools/call', {tool: 'search', error: 'tool_error', id: '"a\\"b"'}),
    request(70000, 500, 'tools/call', {tool: 'absent', code: '-32602', error: '-32602'}),
    request(80000, 300000, 'tools/call', {tool: 'slow', outcome: 'timeout', code: '-31002', error: 'timeout'}),
    request(81000, 12, 'tools/call', {tool: 'slow', outcome: 'refused', code: '-31001', error: 'limit', wire: null}),
    request(82000, 60000, 'tools/call', {tool: 'slow', outcome: 'cancelled', error: 'cancelled', answer: null}),
    request(83000, 50000, 'tools/call', {tool: 'read_file', queued: 30000}),
    request(84000, 30000, 'tools/call', {tool: 'slow', outcome: 'refused', code: '-31006', error: 'queue-timeout', wire: null, queued: 30000}),
    request(90000, 15000, 'sampling/createMessage', {from: 'server', id: '3'}),
    request(91000, 40000, 'prompts/get', {prompt: 'greet', trace: '4bf92f3577b34da6a3ce929d0e0e4736', parent: '00f067aa0ba902b7'}),
    serverEvent(390000, 'server-start', 2),
    serverEvent(400000, 'server-replaced', 2, {'stdiogate.replaces': 1}),
    serverEvent(410000, 'server-end', 1, {'process.exit.code': 0, duration_s: 0.41}),
    request(420000, 30001, 'resources/read', {outcome: 'server-gone', code: '-31003', error: 'server-gone', server: 2}),
    serverEvent(450500, 'server-end', 2, {'stdiogate.signal': 'SIGKILL', duration_s: 0.0605}),
    request(430000, 25000, 'ping', {outcome: 'shutting-down', code: '-31004', error: 'shutting-down', server: 2}),
    {time: tick(begin + 456000), 'stdiogate.event': 'lost', 'stdiogate.lost': 3},
  ];
  records.sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : 0);
  return records.map((record) => 'stdiogate.in_flight' in record ?
    {...record, 'stdiogate.in_flight': openAtEndOf(record, records)} : record);
}

export const lines = (records) => records.map((record) => JSON.stringify(record) + '\n').join('');

/** What the table must show, computed in another way than the page does it. */
export function expected(records) {
  const groups = new Map();
  for (const record of records.filter((r) => 'stdiogate.outcome' in r)) {
    const key = JSON.stringify([record['mcp.method.name'], record['gen_ai.tool.name'] ?? '', record['stdiogate.from']]);
    groups.set(key, [...(groups.get(key) ?? []), record]);
  }
  return [...groups].map(([key, group]) => {
    const all = group.map((record) => record.duration_s).sort((a, b) => a - b);
    const rank = (p) => all.find((_, i) => 100 * (i + 1) >= p * all.length);
    const errors = group.filter((r) => 'error.type' in r && r['error.type'] !== 'cancelled').length;
    const [method, tool, from] = JSON.parse(key);
    return {method, tool, from, count: group.length, errors, p50: rank(50), p90: rank(90), p99: rank(99), max: all.at(-1)};
  }).sort(byName);
}

/** Microseconds since 1970: when a record was written, and when its request was read. */
const endOf = (record) => {
  const [, second, micro] = /^(.*)\.(\d{6})Z$/.exec(record.time);
  return Date.parse(`${second}Z`) * 1000 + Number(micro);
};
const startOf = (record) => endOf(record) - Math.round((record.duration_s ?? 0) * 1e6);
const asTime = (us) => `${new Date(Math.floor(us / 1000)).toISOString().replace('T', ' ')}`;
const isError = (record) => !['cancelled', undefined].includes(record['error.type']);
const sumOf = (records, key) => records.reduce((sum, record) => sum + (record[key] ?? 0), 0);

/** What the totals must show: numbers, and text where the page has text only. */
export function expectedTotals(records) {
  const requests = records.filter((record) => 'stdiogate.outcome' in record);
  const events = records.filter((record) => 'process.pid' in record);
  const inFlight = requests.filter((record) => record['stdiogate.from'] === 'client')
    .map((record) => record['stdiogate.in_flight'] + ('stdiogate.wire_id' in record ? 1 : 0));
  const begun = Math.min(...requests.map(startOf), ...events.map(endOf));
  return {
    'requests': requests.length,
    'errors': requests.filter(isError).length,
    'cancelled': requests.filter((record) => record['stdiogate.outcome'] === 'cancelled').length,
    "the server's own": requests.filter((record) => record['stdiogate.from'] === 'server').length,
    'in flight at most': Math.max(0, ...inFlight),
    'servers started': events.filter((event) => event['stdiogate.event'] === 'server-start').length,
    'requests, bytes': sumOf(requests, 'stdiogate.request_bytes'),
    'answers, bytes': sumOf(requests, 'stdiogate.answer_bytes'),
    'begun': asTime(begun),
    'time shown in all': (Math.max(...[...requests, ...events].map(endOf)) - begun) / 1e6,
    'records lost': sumOf(records, 'stdiogate.lost'),
  };
}

/** The cells of the lists: text, or a number where the page rounds. */
export function expectedRows(records) {
  const requests = records.filter((record) => 'stdiogate.outcome' in record);
  const cells = (record) => {
    const type = record['error.type'];
    const outcome = record['stdiogate.outcome'];
    const kind = outcome === 'answered' && type ? 'error' : outcome;
    return [asTime(startOf(record)), record['mcp.method.name'], record['gen_ai.tool.name'] ?? '',
      record['stdiogate.from'], record['jsonrpc.request.id'], record.duration_s,
      type && type !== outcome ? `${kind}: ${type}` : kind];
  };
  const events = records.filter((record) => 'process.pid' in record);
  return {
    slowest: [...requests].sort((a, b) => b.duration_s - a.duration_s).slice(0, 20).map(cells),
    failed: requests.filter(isError).sort((a, b) => startOf(a) - startOf(b)).reverse().slice(0, 20)
      .map(cells),
    servers: [...events].sort((a, b) => endOf(a) - endOf(b)).map((record) => [
      asTime(endOf(record)), record['stdiogate.event'].replace('server-', ''),
      String(record['stdiogate.server']), String(record['process.pid']),
      String(record['stdiogate.signal'] ?? record['process.exit.code'] ?? ''),
      record.duration_s ?? '', String(record['stdiogate.replaces'] ?? '')]),
  };
}

const UNITS = {'': 1, '\u00b5s': 1e-6, ms: 1e-3, s: 1, min: 60, h: 3600,
  B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3};

/** Is this text a fair picture of the number: three digits of it, none of them a power of ten? */
export function isShownAs(value, text) {
  const parts = /^([\d,]+(?:\.\d+)?) ?(\D*)$/.exec(text);
  if (!parts || !(parts[2] in UNITS)) return false;
  const read = Number(parts[1].replaceAll(',', '')) * UNITS[parts[2]];
  return Math.abs(read - value) <= Math.max(value * 0.005, 5.1e-7);
}

export const byName = (a, b) => JSON.stringify([a.method, a.tool, a.from]) < JSON.stringify([b.method, b.tool, b.from]) ? -1 : 1;
