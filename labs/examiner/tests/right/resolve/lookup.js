// Node: lookup() with all addresses.
//: run node {file} {name}
const dns = require('dns');
const name = process.argv[2] || 'www.google.com';
dns.lookup(name, { all: true }, (error, addresses) => {
  if (error) {
    console.error(`error: ${name}: ${error.code}`);
    process.exit(1);
  }
  const texts = new Set(addresses.map((found) => found.address));
  for (const text of texts) console.log(`IP address [${text}] of [${name}]`);
});
