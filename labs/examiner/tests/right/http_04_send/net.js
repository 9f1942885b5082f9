// Node.
//: run node {file} {host} {port}
const [host = 'www.google.com', port = '80'] = process.argv.slice(2);
const request = ['GET / HTTP/1.1', `Host: ${host}`, 'User-Agent: lab', 'Connection: close', '', ''].join('\r\n');
const fail = (why) => { console.error(`error: ${host}: ${why}`); process.exit(1); };
const socket = require('net').connect(Number(port), host, () => {
  socket.write(request, () => {
    console.log('Message sent successfully');
    console.log(JSON.stringify(request));
    socket.end();
    socket.unref();
  });
});
socket.on('error', (e) => fail(e.code));
socket.on('data', () => {});
