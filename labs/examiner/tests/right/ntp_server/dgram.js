// Node.
//: run node {file} {port} {skew}
const [port = 11123, skew = 2.5] = process.argv.slice(2).map(Number);
const server = require('dgram').createSocket('udp4');
function put(packet, at) {
  const clock = (performance.timeOrigin + performance.now()) / 1000 + skew + 2208988800;
  packet.writeUInt32BE(Math.floor(clock) % 2 ** 32, at);
  packet.writeUInt32BE(Math.floor((clock % 1) * 2 ** 32), at + 4);
}
server.on('message', (request, from) => {
  if (request.length < 48 || (request[0] & 7) !== 3) return;
  const answer = Buffer.alloc(48);
  put(answer, 32);
  answer[0] = (request[0] & 0x38) | 4;
  answer[1] = 2;
  answer[2] = request[2];
  answer.writeInt8(-18, 3);
  request.copy(answer, 24, 40, 48);
  put(answer, 40);
  server.send(answer, from.port, from.address, (e) => e && console.error(e.code));
});
server.on('error', (e) => { console.error(`port ${port}: ${e.code}`); process.exit(1); });
server.bind(port, '127.0.0.1');
