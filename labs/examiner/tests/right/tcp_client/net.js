// Node: the pieces are collected, and shown when the server has closed.
//: run node {file} {host} {port}
const net = require('net');
const [host = '127.0.0.1', port = '12000'] = process.argv.slice(2);
const fail = (why) => { console.error('error: ' + why); process.exit(1); };

const client = net.connect({ host, port: Number(port) }, () => {
  client.setTimeout(0);
  console.log(`My address is ${client.localAddress}:${client.localPort}`);
  process.stdout.write('Input lowercase sentence: ');
  process.stdin.once('data', (line) => {
    process.stdin.pause();
    const end = line.indexOf('\n');
    client.write(end < 0 ? line : line.subarray(0, end));
    client.setTimeout(4000);
  });
});
client.setTimeout(4000);
const pieces = [];
client.on('data', (piece) => pieces.push(piece));
client.on('timeout', () => fail('the server says nothing'));
client.on('error', (e) => fail(e.code || e.message));
client.on('end', () => console.log('From server: ' + Buffer.concat(pieces).toString()));
