// Node's own server, and the files.
//: run node {file} {port} {root} {idle}
const fs = require('fs');
const path = require('path');
const http = require('http');
const [port, folder, idle = '10'] = process.argv.slice(2);
const root = fs.realpathSync(folder);
const kinds = { '.html': 'text/html', '.txt': 'text/plain', '.css': 'text/css', '.png': 'image/png' };
const options = { headersTimeout: idle * 1000, requestTimeout: idle * 1000, connectionsCheckingInterval: 100 };

const server = http.createServer(options, (request, response) => {
  const say = (status, body = http.STATUS_CODES[status] + '\n', kind = 'text/plain') => {
    response.writeHead(status, { 'Content-Type': kind, 'Content-Length': Buffer.byteLength(body) });
    response.end(request.method === 'HEAD' ? undefined : body);
  };
  if (!['GET', 'HEAD'].includes(request.method)) return say(405);
  let file;
  try {
    const name = decodeURIComponent(request.url.split('?')[0]);
    file = fs.realpathSync(path.join(root, name));
    if (fs.statSync(file).isDirectory()) file = fs.realpathSync(path.join(file, 'index.html'));
  } catch {
    return say(404);
  }
  if (!file.startsWith(root + path.sep)) return say(404);
  fs.readFile(file, (error, body) => {
    if (error) return say(404);
    say(200, body, kinds[path.extname(file)] || 'application/octet-stream');
  });
});
server.on('error', (e) => { console.error(`port ${port}: ${e.code}`); process.exit(1); });
server.listen(Number(port), '127.0.0.1', 100, () => console.log(`http://127.0.0.1:${port}/`));
