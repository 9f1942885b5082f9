// Node: the first piece goes back, and all is closed.
//: run node {file} {port}
const net = require('net');
const server = net.createServer((client) => {
  server.close();
  console.log(`Connected with ${client.remoteAddress}:${client.remotePort}`);
  client.on('error', (e) => console.log('client: ' + e.code));
  client.once('data', (data) => client.end(data.subarray(0, 1024), () => client.destroySoon()));
  client.on('end', () => client.end());
});
server.on('error', (e) => { console.log('Bind failed: ' + e.message); process.exit(1); });
server.listen(process.argv[2] || 8888, '127.0.0.1');
