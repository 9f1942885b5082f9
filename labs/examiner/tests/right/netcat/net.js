// Node: streams for TCP, events for UDP.
//: run node {file} {options} {host} {port}
const dgram = require('dgram');
const net = require('net');
const { parseArgs } = require('util');
const options = { l: { type: 'boolean', short: 'l' }, u: { type: 'boolean', short: 'u' }, C: { type: 'boolean', short: 'C' } };
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const port = Number(positionals.pop());
const host = positionals.pop() || '127.0.0.1';
const fail = (why) => { console.error(`netcat: ${why}`); process.exit(1); };
const ends = (data) => (values.C ? Buffer.from(data.toString('latin1').replaceAll('\n', '\r\n'), 'latin1') : data);

function talk(socket) {
  socket.on('error', (e) => fail(e.code || e.message));
  socket.on('data', (data) => {
    if (!process.stdout.write(data)) {
      socket.pause();
      process.stdout.once('drain', () => socket.resume());
    }
  });
  socket.on('end', () => process.stdout.write('', () => process.exit(0)));
  process.stdin.on('data', (data) => {
    if (!socket.write(ends(data))) {
      process.stdin.pause();
      socket.once('drain', () => process.stdin.resume());
    }
  });
  process.stdin.on('end', () => socket.end());
}

function udp() {
  const socket = dgram.createSocket(net.isIPv6(host) ? 'udp6' : 'udp4');
  let peer = values.l ? null : { port, address: host };
  const waiting = [];
  const flush = () => { while (peer && waiting.length) socket.send(waiting.shift(), peer.port, peer.address); };
  socket.on('error', (e) => fail(e.code));
  socket.on('message', (data, from) => {
    peer = peer || from;
    process.stdout.write(data);
    flush();
  });
  process.stdin.on('data', (data) => {
    for (const line of data.toString('latin1').match(/[^\n]*\n|[^\n]+$/g) || []) waiting.push(ends(Buffer.from(line, 'latin1')));
    flush();
  });
  if (values.l) socket.bind(port, host);
}

if (values.u) {
  udp();
} else if (values.l) {
  const server = net.createServer({ allowHalfOpen: true }, (client) => { server.close(); talk(client); });
  server.on('error', (e) => fail(e.code));
  server.listen(port, host);
} else {
  const socket = net.connect({ host, port, allowHalfOpen: true }, () => { clearTimeout(timer); talk(socket); });
  const early = (e) => fail(e.errors ? e.errors[0].code : e.code || e.message);
  const timer = setTimeout(() => fail('no answer from ' + host), 4000);
  socket.on('error', early);
}
