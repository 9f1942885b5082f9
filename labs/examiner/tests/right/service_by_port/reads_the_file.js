// Node has no getservbyport(): the file is read.
//: run node {file} {port} {protocol}
const fs = require('fs');
const fail = (why) => { console.error(why); process.exit(1); };

function services() {
  if (!fs.existsSync('/etc/services')) fail('/etc/services does not exist; install the package netbase');
  const lines = fs.readFileSync('/etc/services', 'latin1').split('\n');
  return lines.map((line) => line.replace(/#.*/, '').trim().split(/[\s/]+/)).filter((words) => words.length > 2);
}

function show(asked, protocol) {
  if (/^\d+$/.test(asked) && Number(asked) > 65535) fail(asked + ' is no port');
  const found = services().find(([name, port, over]) => over === protocol && (name === asked || port === asked));
  if (!found) fail(`no service is registered for ${asked}/${protocol}`);
  console.log(`Protocol ${protocol}, port ${found[1]} => name [${found[0]}]`);
}

const [asked, protocol = 'tcp'] = process.argv.slice(2);
if (asked) {
  show(asked, protocol);
} else {
  show('25', 'tcp');
  show('53', 'udp');
}
