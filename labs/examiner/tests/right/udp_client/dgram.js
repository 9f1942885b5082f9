// Node: asks with readline, waits five seconds, and takes only what comes from the server.
//: run node {file} --host {host} --port {port}
const dgram = require('dgram');
const readline = require('readline');
const { parseArgs } = require('util');
const { values } = parseArgs({ options: { host: { type: 'string', default: '127.0.0.1' }, port: { type: 'string', default: '12000' } } });
const fail = (why) => { console.error('error: ' + why); process.exit(1); };

const asks = readline.createInterface({ input: process.stdin, output: process.stdout });
asks.question('Sentence in lower case: ', (sentence) => {
  asks.close();
  const client = dgram.createSocket('udp4');
  const timer = setTimeout(() => fail('no answer in 5 seconds; does anybody listen?'), 5000);
  client.on('error', (e) => fail(e.code));
  client.connect(Number(values.port), values.host, () => {
    client.send(Buffer.from(sentence));
  });
  client.on('message', (answer, from) => {
    clearTimeout(timer);
    console.log(`Received message from ${from.address} port ${from.port}`);
    process.stdout.write(answer);
    process.stdout.write('\n');
    client.close();
  });
});
