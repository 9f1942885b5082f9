// Node: it may serve several at once, which is more than is asked.
//: run node {file} {port}
const net = require('net');
const server = net.createServer((client) => {
  console.log(`Connected with ${client.remoteAddress}:${client.remotePort}`);
  client.on('error', (e) => console.log('client: ' + e.code));
  client.once('data', (data) => client.end(Buffer.concat([Buffer.from('OK...'), data])));
});
server.on('error', (e) => { console.log('Bind failed: ' + e.message); process.exit(1); });
server.listen(Number(process.argv[2] || 8888), '127.0.0.1', 10);
