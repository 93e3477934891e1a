// Conversations of a client and a server, all kinds of messages, in an order a seed decides.
//
// A script has two lists of lines, the client's and the server's. A line is sent when its side has
// received `after` messages; so both sides talk at once, and yet what each receives is always the
// same. A line's text has holes, {of: n}: the id of the n-th message received, as it came.
// For each message of a line `messages` says whether its id becomes a wire id (`opens`), or that of
// which message of the same side it names (`names`).
import { Random } from './random.mjs';
import { revisions } from './revisions.mjs';
import { blank, id, object, payload, respelled, text } from './values.mjs';

const kMaxServerRequests = 200; // the gate has 256 places for them
const kOpened = 1; // `after` of what comes when both have said something
const other = { client: 'server', server: 'client' };

export class Script {
  constructor(revision, seed, length) {
    this.random = new Random(seed);
    this.features = revisions[revision];
    this.lines = { client: [], server: [] };
    this.sent = { client: 0, server: 0 };
    this.open = { client: [], server: [] };
    this.ids = 0;
    this.serverRequests = 0;
    this.begin(revision);
    while (this.lines.client.length + this.lines.server.length < length) this.step();
    for (const side of ['client', 'server']) while (this.open[side].length > 0) this.answer(side);
  }

  /// The request that opens everything and its answer: all else comes after.
  begin(revision) {
    const params = `{"protocolVersion":"${revision}","capabilities":{},"clientInfo":{"name":"c","version":"1"}}`;
    this.request('client', this.features.opening, params);
    this.answer('client');
    if (this.features.opening === 'initialize') this.notify('client', 'notifications/initialized');
  }

  step() {
    const { random, features } = this;
    const side = random.pick(['client', 'client', 'server']);
    const choice = random.below(100);
    if (choice < 40) this.request(side);
    else if (choice < 70) this.answer(random.pick(['client', 'server']));
    else if (choice < 80) this.notify(side);
    else if (choice < 86) this.progress();
    else if (choice < 91) this.cancel(side);
    else if (choice < 94 && features.otherCancel) this.otherCancel(side);
    else if (choice < 97 && features.listen) this.listening();
    else if (features.batches) this.batch(side);
  }

  // --- lines --------------------------------------------------------------------------------

  /// Sends one line of messages; each is {parts, opens or names}.
  send(side, after, messages, isArray = false) {
    const { random } = this;
    const first = this.sent[side];
    const parts = isArray ? [`[${blank(random)}`] : [blank(random)];
    messages.forEach((message, i) => {
      if (i > 0) parts.push(`${blank(random)},${blank(random)}`);
      parts.push(...message.parts);
    });
    parts.push(isArray ? `${blank(random)}]` : blank(random));
    parts.push(random.chance(90) ? '\n' : random.pick(['\r\n', '\n\n', '\n \t\r\n']));
    this.lines[side].push({
      parts,
      after,
      messages: messages.map(({ opens, names }) => ({ opens, names })),
      gathered: isArray && messages.some(({ gathered }) => gathered),
    });
    this.sent[side] += messages.length;
    return first;
  }

  /// A message as parts of a line: its members in any order, among them some nobody knows.
  message(members) {
    const { random } = this;
    const all = [['"jsonrpc"', ['"2.0"']], ...members];
    if (random.chance(5)) all.push([random.pick(['"x"', '"\\u0069D"', '"ID"', '"trace"']), [payload(random)]]);
    if (random.chance(50)) all.sort(() => random.below(3) - 1);
    const parts = ['{'];
    all.forEach(([name, its], i) => {
      const key = name === '"id"' && random.chance(5) ? '"\\u0069d"' : name;
      parts.push(`${i > 0 ? ',' : ''}${blank(random)}${key}${blank(random)}:${blank(random)}`, ...its);
      parts.push(blank(random));
    });
    parts.push('}');
    return parts;
  }

  // --- requests and answers -----------------------------------------------------------------

  newRequest(side, method, params) {
    const { random, features } = this;
    const name = method ?? random.pick(features.requests[side]);
    // Hosts are known that use one id for everything; such a request is not cancelled here.
    const doubled = random.chance(5);
    const number = this.ids++;
    const request = { method: name, id: doubled ? '1' : id(random, number + 2), doubled };
    if (!params && random.chance(40)) request.token = random.pick([`${number}`, `"token ${number}"`]);
    const members = [['"id"', [request.id]], ['"method"', [JSON.stringify(name)]]];
    if (params || request.token || random.chance(90))
      members.push(['"params"', [params ?? this.params(name, request.token)]]);
    return { request, message: { parts: this.message(members), opens: true } };
  }

  params(method, token) {
    const { random, features } = this;
    const meta = [...features.meta];
    if (token !== undefined) meta.push(['"progressToken"', token]);
    const members = [['"name"', text(random)], ['"arguments"', payload(random)]];
    if (method === 'subscriptions/listen') members.push(['"notifications"', '{"toolsListChanged":true}']);
    if (features.extras && random.chance(20)) members.push(...features.extras(random));
    if (meta.length > 0) members.push(['"_meta"', object(random, meta)]);
    return object(random, members);
  }

  request(side, method, params) {
    if (this.features.requests[side].length === 0) return;
    if (side === 'server' && ++this.serverRequests > kMaxServerRequests) return;
    const { request, message } = this.newRequest(side, method, params);
    request.index = this.send(side, params ? 0 : kOpened, [message]);
    request.seen = request.index + 1;
    this.open[side].push(request);
  }

  /// Answers one open request of `asker`, or a whole array of its.
  answer(asker) {
    const { random } = this;
    const open = this.open[asker];
    if (open.length === 0) return;
    const asked = random.take(open);
    const side = other[asker];
    if (asked.elements) {
      const answers = asked.elements.map((request) => ({ parts: this.answerTo(request), gathered: true }));
      this.send(side, asked.seen, answers, true);
    } else if (this.features.batches && random.chance(10)) {
      const more = open.filter((request) => !request.elements).slice(0, 3);
      this.open[asker] = open.filter((request) => !more.includes(request));
      const all = [asked, ...more];
      const seen = Math.max(...all.map((request) => request.seen));
      this.send(side, seen, all.map((request) => ({ parts: this.answerTo(request) })), true);
    } else {
      this.send(side, asked.seen, [{ parts: this.answerTo(asked) }]);
    }
  }

  answerTo(request) {
    const { random } = this;
    const members = [['"id"', [{ of: request.index }]]];
    if (request.method === 'subscriptions/listen') {
      members.push(['"result"', ['{"resultType":"complete","_meta":', this.subscription(request), '}']]);
    } else if (random.chance(20)) {
      const code = random.pick(['-32601', '-32602', '-32603', '-32000', '-31001', '1']);
      members.push(['"error"', [`{"code":${code},"message":${text(random)},"data":${payload(random)}}`]]);
    } else {
      members.push(['"result"', [this.result()]]);
    }
    return this.message(members.map(([name, parts]) => [name, parts.flat()]));
  }

  result() {
    const { random, features } = this;
    const members = [['"content"', payload(random)], ['"structuredContent"', payload(random)]];
    if (features.results && random.chance(30)) members.push(...features.results(random));
    return object(random, members);
  }

  // --- notifications ------------------------------------------------------------------------

  notification(method, params) {
    const members = [['"method"', [JSON.stringify(method)]]];
    if (params) members.push(['"params"', params]);
    return { parts: this.message(members) };
  }

  notify(side, method) {
    const { random, features } = this;
    const name = method ?? random.pick(features.notifications[side]);
    const params = random.chance(80) ? [object(random, [['"data"', payload(random)]])] : undefined;
    this.send(side, kOpened, [this.notification(name, params)]);
  }

  progress() {
    const asker = this.random.pick(['client', 'server']);
    const asked = this.open[asker].find(({ token }) => token);
    if (!asked) return;
    const progress = `"progress":${this.random.below(100)},"message":${text(this.random)}`;
    const params = [`{"progressToken":${asked.token},${progress}}`];
    this.send(other[asker], asked.seen, [this.notification('notifications/progress', params)]);
  }

  /// One's own open request that no other has the id of.
  cancellable(side, isListen) {
    return this.open[side].filter(
      ({ doubled, elements, method }) =>
        !doubled && !elements && method !== 'initialize' && (method === 'subscriptions/listen') === isListen,
    );
  }

  /// A cancel comes when all that was sent of the request has arrived: else it were a race.
  cancel(side) {
    const { random } = this;
    const candidates = this.cancellable(side, random.chance(30));
    if (candidates.length === 0) return;
    const request = random.pick(candidates);
    this.open[side].splice(this.open[side].indexOf(request), 1);
    const params = object(random, [['"requestId"', respelled(random, request.id)], ['"reason"', text(random)]]);
    const message = this.notification('notifications/cancelled', [params]);
    this.send(side, this.sent[other[side]], [{ ...message, names: request.index }]);
  }

  /// The cancels of ACP and LSP, after which the request is still answered.
  otherCancel(side) {
    const { random } = this;
    const candidates = this.cancellable(side, false);
    if (candidates.length === 0) return;
    const request = random.pick(candidates);
    const [method, name] = random.pick([['$/cancel_request', 'requestId'], ['$/cancelRequest', 'id']]);
    const message = this.notification(method, [object(random, [[`"${name}"`, respelled(random, request.id)]])]);
    request.seen = this.send(side, kOpened, [{ ...message, names: request.index }]) + 1;
  }

  // --- 2026-07-28 ---------------------------------------------------------------------------

  subscription(request) {
    return ['{"io.modelcontextprotocol/subscriptionId":', { of: request.index }, '}'];
  }

  /// What a server says to one who listens; now and then, that it listens no more.
  listening() {
    const { random } = this;
    const listens = this.cancellable('client', true);
    if (listens.length === 0) return;
    const listen = random.pick(listens);
    if (random.chance(20)) {
      this.open.client.splice(this.open.client.indexOf(listen), 1);
      const params = ['{"reason":"no more","requestId":', { of: listen.index }, '}'];
      this.send('server', listen.seen, [this.notification('notifications/cancelled', params)]);
      return;
    }
    const method = random.pick(this.features.heard);
    const params = [`{"x":${payload(random)},"_meta":`, ...this.subscription(listen), '}'];
    this.send('server', listen.seen, [this.notification(method, params)]);
  }

  // --- 2025-03-26 ---------------------------------------------------------------------------

  batch(side) {
    const { random } = this;
    const elements = [];
    const messages = [];
    for (let left = 1 + random.below(6); left > 0; --left) {
      if (random.chance(60) && (side === 'client' || ++this.serverRequests <= kMaxServerRequests)) {
        const { request, message } = this.newRequest(side);
        request.index = this.sent[side] + messages.length;
        elements.push(request);
        messages.push(message);
      } else {
        messages.push(this.notification(random.pick(this.features.notifications[side])));
      }
    }
    this.send(side, kOpened, messages, true);
    for (const request of elements) request.seen = this.sent[side];
    // The server's are answered one by one or not: the gate takes them apart.
    if (side === 'server') this.open.server.push(...elements);
    else if (elements.length > 0) this.open.client.push({ elements, seen: this.sent.client });
  }
}
