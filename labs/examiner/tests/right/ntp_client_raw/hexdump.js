// Node: eight bytes a row.
//: run node {file} {host} {port} {timeout}
const [host, port, wait] = process.argv.slice(2);
const client = require('dgram').createSocket('udp4');
const fail = (why) => { console.error('error: ' + why); process.exit(1); };
const now = () => (performance.timeOrigin + performance.now()) / 1000;
const names = ['header, root delay', 'root dispersion, reference id', 'reference', 'origin', 'receive', 'transmit'];
function dump(title, packet) {
  console.log(title);
  names.forEach((name, i) => {
    const row = [...packet.subarray(8 * i, 8 * i + 8)].map((b) => b.toString(16).padStart(2, '0'));
    console.log(String(8 * i).padStart(2), row.join(' '), name);
  });
}
function time(packet, at) {
  const whole = packet.readUInt32BE(at);
  return whole + (whole >> 31 ? 0 : 2 ** 32) - 2208988800 + packet.readUInt32BE(at + 4) / 2 ** 32;
}

const request = Buffer.concat([Buffer.from([0x23]), Buffer.alloc(39), require('crypto').randomBytes(8)]);
let sent;
client.on('error', (e) => fail(e.code));
client.connect(Number(port), host, (error) => { if (error) fail(error.code); sent = now(); client.send(request); });
client.once('message', (answer) => {
  const came = now();
  dump('request', request);
  if (answer.length < 48) fail(`${answer.length} bytes are too few`);
  dump('response', answer);
  if ((answer[0] & 7) !== 4) fail('mode ' + (answer[0] & 7));
  if (!answer.subarray(24, 32).equals(request.subarray(40))) fail('origin');
  if (answer[1] === 0) fail('kiss: ' + answer.subarray(12, 16));
  if (answer[1] > 15) fail('stratum ' + answer[1]);
  if (answer[0] >> 6 === 3) fail('leap indicator 3');
  const [t2, t3] = [time(answer, 32), time(answer, 40)];
  console.log(`offset ${((t2 - sent + t3 - came) / 2).toFixed(6)} s`);
  console.log(`delay ${(came - sent - t3 + t2).toFixed(6)} s`);
  process.exit(0);
});
setTimeout(fail, wait * 1000, 'no answer');
