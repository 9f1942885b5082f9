// Node: the message is an argument.
//: run node {file} {host} {port} {timeout} {message}
const [host, port, seconds, message] = process.argv.slice(2);
const client = require('dgram').createSocket('udp4');
const quit = (why) => { console.error(why); process.exit(1); };
client.on('error', (e) => quit(`error: ${e.message}`));
client.on('message', (echo) => {
  process.stdout.write(Buffer.concat([Buffer.from('Received: '), echo, Buffer.from('\n')]), () => process.exit(0));
});
client.connect(Number(port), host, () => client.send(message || Buffer.alloc(0)));
setTimeout(quit, seconds * 1000, 'no echo in time');
