// Node: the first piece that a client sends is its sentence.
//: run node {file} {port}
const net = require('net');
const server = net.createServer((client) => {
  console.log(`Client ${client.remoteAddress}:${client.remotePort}`);
  client.on('error', (e) => console.error(e.code));
  client.once('data', (sentence) => {
    for (let i = 0; i < sentence.length; i++) {
      if (sentence[i] >= 0x61 && sentence[i] <= 0x7a) sentence[i] &= 0xdf;
    }
    client.end(sentence);
  });
});
server.on('error', (e) => { console.error('error: ' + e.message); process.exit(1); });
server.listen(process.argv[2] || 12000, '127.0.0.1');
