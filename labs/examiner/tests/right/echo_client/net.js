// Node: 16 bytes a time with read(16), from a socket that holds no more than that.
//: run node {file} {host} {port} {timeout} {message}
const net = require('net');
const [host, port, seconds, message] = process.argv.slice(2);
const sent = Buffer.from(message);
const fail = (why) => { console.error('error: ' + why); process.exit(1); };
let left = sent.length;
const socket = net.connect({
  host, port: Number(port), onread: { buffer: Buffer.alloc(16), callback: receive },
}, () => socket.write(sent));
function receive(length, buffer) {
  left -= length;
  console.log('Received: ' + buffer.subarray(0, length));
  if (left <= 0) {
    console.log('Closing connection to the server');
    socket.end();
    socket.destroySoon();
  }
  return true;
}
socket.setTimeout(seconds * 1000, () => fail('the server says nothing'));
socket.on('error', (e) => fail(e.code || e.message));
socket.on('end', () => left > 0 && fail(`${left} bytes are missing`));
