// Node: what comes is piped to standard output.
//: run node {file} {host} {port} {timeout}
const [host = 'www.google.com', port = '80', seconds = '5'] = process.argv.slice(2);
const fail = (why) => { console.error(`error: ${host}: ${why}`); process.exit(1); };
const socket = require('net').connect(Number(port), host, () => {
  socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
});
socket.setTimeout(seconds * 1000, () => fail('no answer'));
socket.on('error', (e) => fail(e.code));
socket.on('data', (piece) => console.error(`${piece.length} bytes`));
socket.pipe(process.stdout);
