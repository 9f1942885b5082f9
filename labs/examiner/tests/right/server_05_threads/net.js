// Node: an event loop, and backpressure by pause().
//: run node {file} {port}
const net = require('net');
const server = net.createServer((client) => {
  client.on('error', (e) => console.log('client: ' + e.code));
  client.write('Welcome to the server. Type something and hit enter\n');
  client.on('data', (data) => {
    if (!client.write(Buffer.concat([Buffer.from('OK...'), data]))) {
      client.pause();
      client.once('drain', () => client.resume());
    }
  });
});
server.on('error', (e) => { console.error('Bind failed: ' + e.message); process.exit(1); });
server.listen(process.argv[2] || 8888, '127.0.0.1', 10, () => console.log('Socket now listening'));
