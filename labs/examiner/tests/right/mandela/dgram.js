// Node: a timer and an event.
//: run node {file} {port} {interval} {quote} {peer}
const dgram = require('dgram');
const [port, interval, quote, ...peers] = process.argv.slice(2);
const text = Buffer.from(quote || '"It always seems impossible until it\'s done" - Nelson Mandela');
if (text.length > 65489) {
  console.error('the quote is too long');
  process.exit(1);
}

function adler32(bytes) {
  let [a, b] = [1, 0];
  for (const byte of bytes) {
    a = (a + byte) % 65521;
    b = (b + a) % 65521;
  }
  return b * 65536 + a;
}

const socket = dgram.createSocket('udp4');
const counts = new Map();
socket.on('error', (e) => { console.error(e.message); process.exit(1); });
socket.on('message', (data, { address }) => {
  if (data.length < 18 || data.readUInt32BE(0) !== adler32(data.subarray(4))) {
    console.error('a datagram is short or corrupt');
    return;
  }
  let shown;
  try {
    shown = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(data.subarray(18));
  } catch {
    console.error('a datagram is not UTF-8');
    return;
  }
  const count = (counts.get(address) || 0) + 1;
  counts.set(address, count);
  const elapsed = BigInt(Math.floor(Date.now() / 1000)) - data.readBigUInt64BE(4);
  const claimed = [...data.subarray(12, 16)].join('.');
  console.log(`${shown}\n  ${elapsed} s, ${address}${claimed === address ? '' : ` (says ${claimed})`}, ${count} so far`);
});

function send() {
  const rest = Buffer.alloc(14);
  rest.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000)));
  rest.set([127, 0, 0, 1], 8);
  rest.writeUInt16BE(Number(port), 12);
  const body = Buffer.concat([rest, text]);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(adler32(body));
  for (const peer of peers) {
    const [host, number] = peer.split(':');
    socket.send(Buffer.concat([sum, body]), Number(number), host, (e) => e && console.error(peer, e.code));
  }
}
socket.bind(Number(port), '127.0.0.1', () => setInterval(send, interval * 1000));
