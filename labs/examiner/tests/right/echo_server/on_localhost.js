// Node.js, on the name localhost: on many machines that is ::1.
const net = require('net');
const server = net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', (e) => console.error('client error:', e.code));
  socket.pipe(socket);
});
server.on('error', (e) => { console.error('cannot listen: ' + e.code); process.exit(1); });
server.listen(65432, 'localhost', () => console.log('listening'));
