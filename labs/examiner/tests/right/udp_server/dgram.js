// Node: letters are made large in a copy of the bytes.
//: run node {file} {port}
const server = require('dgram').createSocket('udp4');
server.on('message', (message, from) => {
  console.log(`Mensaje de ${from.address} puerto ${from.port}`);
  const large = Buffer.from(message.map((b) => (b > 96 && b < 123 ? b - 32 : b)));
  server.send(large, from.port, from.address, (e) => e && console.error(String(e)));
});
server.on('error', (e) => { console.error(`cannot serve: ${e.code}`); process.exit(1); });
server.bind(Number(process.argv[2] || 12000), '127.0.0.1');
