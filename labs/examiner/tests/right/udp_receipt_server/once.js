// Node: one datagram, one receipt.
//: run node {file} {port}
const server = require('dgram').createSocket('udp4');
server.on('error', (e) => { console.error('udp_receipt_server: ' + e.message); process.exitCode = 1; });
server.once('message', (message, from) => {
  console.log('Server received: ' + message);
  console.log(`Message from ('${from.address}', ${from.port})`);
  server.send('Message received.', from.port, from.address, () => server.close());
});
server.bind(process.argv[2] ? +process.argv[2] : 12000, '127.0.0.1');
