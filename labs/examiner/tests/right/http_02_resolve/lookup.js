// Node.
//: run node {file} {host}
const host = process.argv[2] || 'www.google.com';
require('dns').promises.lookup(host, 4).then(
  ({ address }) => console.log(`IP address of ${host} is ${address}`),
  (error) => { console.error(`Hostname could not be resolved: ${error.code}`); process.exitCode = 1; });
