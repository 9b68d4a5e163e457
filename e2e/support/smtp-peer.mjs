// A mail server on loopback that prints its port and then each mail it takes as a line of JSON.
// node smtp-peer.mjs [--refuse] [--auth USER:PASSWORD] [--tls KEY CERTIFICATE | --own-tls]
import { readFileSync } from 'node:fs';
import { SMTPServer } from 'smtp-server';

const args = process.argv.slice(2);
const after = name => args.includes(name) ? args[args.indexOf(name) + 1] : undefined;
const credentials = after('--auth')?.split(':');
const key = after('--tls');
const hasTls = key || args.includes('--own-tls');
const server = new SMTPServer({
  ...(key ? { key: readFileSync(key), cert: readFileSync(args[args.indexOf('--tls') + 2]) } : {}),
  disabledCommands: hasTls ? [] : ['STARTTLS'],
  authOptional: !credentials,
  allowInsecureAuth: false,
  onAuth: (auth, session, done) => auth.username === credentials?.[0] && auth.password === credentials?.[1] && session.secure
    ? done(null, { user: auth.username }) : done(new Error('Wrong user or password')),
  onRcptTo: (address, session, done) => args.includes('--refuse') ? done(Object.assign(new Error('No such mailbox here'), { responseCode: 550 })) : done(),
  onData: (stream, session, done) => {
    const pieces = [];
    stream.on('data', piece => pieces.push(piece));
    stream.on('end', () => {
      const [head, ...body] = Buffer.concat(pieces).toString('utf8').split('\r\n\r\n');
      console.log(JSON.stringify({ from: session.envelope.mailFrom.address, to: session.envelope.rcptTo.map(to => to.address), secure: session.secure, user: session.user, head, body: body.join('\r\n\r\n') }));
      done();
    });
  },
});
server.on('error', () => { }); // a client that leaves in the middle
server.listen(0, '127.0.0.1', () => console.log(`listening on ${server.server.address().port}`));
process.stdin.on('end', () => process.exit()).resume(); // no peer is left behind
