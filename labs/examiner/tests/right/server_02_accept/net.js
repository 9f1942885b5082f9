// Node: one client, and the server closes.
//: run node {file} {port}
const server = require('net').createServer((client) => {
  console.log(`Connected with ${client.remoteAddress}:${client.remotePort}`);
  client.on('error', () => {});
  client.destroy();
  server.close();
});
server.on('error', (e) => { console.log('Bind failed: ' + e.message); process.exit(1); });
server.listen(process.argv[2] || 8888, '127.0.0.1', 10, () => console.log('Socket now listening'));
