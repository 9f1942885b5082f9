// Node: BigInt for the 64 bits, and a Date for the time.
//: run node {file} {host} {port} {timeout}
const dgram = require('dgram');
const crypto = require('crypto');
const [host, port, seconds] = process.argv.slice(2);
const fail = (why) => { console.error(`${host}: ${why}`); process.exit(1); };
const now = () => (performance.timeOrigin + performance.now()) / 1000;
const unix = (data, at) => {
  const whole = data.readUInt32BE(at);
  return whole + (whole < 2 ** 31 ? 2 ** 32 : 0) - 2208988800 + data.readUInt32BE(at + 4) / 2 ** 32;
};

const request = Buffer.alloc(48);
request[0] = 0x23;
crypto.randomFillSync(request, 40, 8);
const client = dgram.createSocket('udp4');
client.on('error', (e) => fail(e.code));
setTimeout(fail, seconds * 1000, 'no answer');
let t1;
client.connect(Number(port), host, (error) => {
  if (error) fail(error.code);
  t1 = now();
  client.send(request);
});
client.on('message', (answer, server) => {
  const t4 = now();
  if (answer.length < 48) fail('short answer');
  if ((answer[0] & 7) !== 4 || answer.compare(request, 40, 48, 24, 32) !== 0) fail('not my answer');
  if (answer[1] === 0) fail('kiss of death ' + answer.toString('latin1', 12, 16));
  if (answer[1] > 15 || answer[0] >> 6 === 3) fail('the server is not synchronized');
  const [t2, t3] = [unix(answer, 32), unix(answer, 40)];
  console.log(new Date(Math.floor(t3) * 1000).toISOString());
  console.log('offset', ((t2 - t1 + t3 - t4) / 2).toFixed(6), 's');
  console.log('delay', (t4 - t1 - (t3 - t2)).toFixed(6), 's');
  console.log('stratum', answer[1], 'server', server.address);
  process.exit(0);
});
