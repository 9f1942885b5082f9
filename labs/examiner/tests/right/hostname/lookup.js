// Node.
const os = require('os');
require('dns').lookup(os.hostname(), { family: 4 }, (error, address) => {
  if (error) {
    console.error(`${os.hostname()} has no address: ${error.code}`);
    process.exit(1);
  }
  console.log(`Host name [${os.hostname()}] and ip [${address}]`);
  if (address.startsWith('127.')) console.log('(this machine alone reaches that)');
});
