// Node, in few lines.
//: run node {file} {port}
const echo = require('dgram').createSocket('udp4');
echo.on('message', (data, { port, address }) => echo.send(data, port, address, () => {}));
echo.on('error', ({ message }) => { console.error(message); process.exit(1); });
echo.bind({ port: Number(process.argv[2]), address: '127.0.0.1' });
