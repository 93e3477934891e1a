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
  return records.sort((a, b) => a.time < b.time ? -1 : a.time > b.time ? 1 : 0);
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
