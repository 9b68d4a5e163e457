// A bucket in memory. Signatures are computed anew by aws4, an independent implementation, and must be the same.
// usage: s3-server.mjs PACKAGES BUCKET KEY; prints its port, ends when standard input closes
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const [packages, bucket, key] = process.argv.slice(2);
const aws4 = createRequire(packages)('aws4');
const objects = new Map();

function problemOf(request, body) {
  const [, accessKey, region, service, names] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=[0-9a-f]{64}$/.exec(request.headers.authorization ?? '') ?? [];
  if (accessKey !== key) return [403, 'InvalidAccessKeyId'];
  if (request.headers['x-amz-content-sha256'] !== createHash('sha256').update(body).digest('hex')) return [400, 'XAmzContentSHA256Mismatch'];
  const required = Object.keys(request.headers).filter(name => name === 'host' || name === 'content-type' || name.startsWith('x-amz-')).sort();
  if (names !== required.join(';')) return [403, 'AccessDenied'];
  const headers = Object.fromEntries(required.map(name => [name, request.headers[name]]));
  const signer = new aws4.RequestSigner(
    { service, region, method: request.method, path: request.url, headers, body: body.toString(), doNotModifyHeaders: true },
    { accessKeyId: key, secretAccessKey: key });
  signer.datetime = request.headers['x-amz-date'];
  if (signer.sign().headers.Authorization !== request.headers.authorization) return [403, 'SignatureDoesNotMatch'];
  return request.url.startsWith(`/${bucket}/`) ? null : [404, 'NoSuchBucket'];
}

const server = createServer(async (request, response) => {
  const chunks = [];
  for await (const chunk of request) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const [status, code] = problemOf(request, body) ?? (request.method === 'GET' && !objects.has(request.url) ? [404, 'NoSuchKey'] : [200]);
  if (status !== 200) {
    response.writeHead(status, { 'content-type': 'application/xml' });
    response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${key}</Message></Error>`);
    return;
  }

  if (request.method === 'PUT') objects.set(request.url, body);
  response.end(request.method === 'PUT' ? '' : objects.get(request.url));
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
process.stdin.on('end', () => process.exit()).resume();
