// Node's own client, which follows nothing by itself.
//: run node {file} {url}
const url = process.argv[2];
const fail = (why) => { console.error('error: ' + why); process.exit(1); };
if (!url.startsWith('http://')) fail('only http:// is spoken here');
const request = require('http').get(url, { agent: false, timeout: 4000 }, (response) => {
  const pieces = [];
  response.on('data', (piece) => pieces.push(piece));
  response.on('error', (e) => fail('the page is cut short: ' + e.message));
  response.on('end', () => process.stdout.write(Buffer.concat(pieces), () => process.exit(0)));
});
request.on('timeout', () => fail('the server says nothing'));
request.on('error', (e) => fail(e.message || e.code));
