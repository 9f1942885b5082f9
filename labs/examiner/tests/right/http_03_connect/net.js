// Node.
//: run node {file} {host} {port}
const [host = 'www.google.com', port = '80'] = process.argv.slice(2);
const fail = (why) => { console.error(`cannot connect to ${host}: ${why}`); process.exit(1); };
const socket = require('net').connect({ host, port, family: 4 }, () => {
  console.log(`Socket connected to ${host} on ip ${socket.remoteAddress}`);
  socket.end();
  socket.destroy();
});
socket.setTimeout(3000, () => fail('no answer'));
socket.on('error', (e) => fail(e.code));
