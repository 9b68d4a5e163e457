import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const people = {
  ada: { name: 'Ada Lovelace', email: 'ada@example.com', groups: ['prompt-authors'] },
  ben: { name: 'Ben Ortega', email: 'ben@example.com', groups: ['prompt-approvers'] },
  vic: { name: 'Vic Sato', email: 'vic@example.com', groups: ['lookers-on'] },
  nil: { name: 'Nil Nemo', email: 'nil@example.com', groups: [] },
  sam: { name: 'Sam Both', email: 'sam@example.com', groups: ['prompt-authors', 'prompt-approvers'] },
  root: { name: 'Ruth Root', email: 'ruth@example.com', groups: ['platform'] },
};

function newKey() {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' };
}

/** A certified OpenID provider (the npm package oidc-provider) with six people and one client, the portal. Any password will do. */
export class IdentityProvider {
  clientSecret = randomUUID();

  /** @param {string} portal where the portal is, without a slash at the end */
  async start(portal) {
    this.portal = portal;
    this.server = createServer((request, response) => this.answer(request, response));
    await new Promise(done => this.server.listen(0, '127.0.0.1', done));
    this.issuer = `http://127.0.0.1:${this.server.address().port}`;
    this.rollKeys();
  }

  /** Forgets sessions and keys: the next tokens are signed with a key nobody has seen. */
  rollKeys() {
    const provider = new Provider(this.issuer, {
      clients: [{
        client_id: 'portal',
        client_secret: this.clientSecret,
        redirect_uris: [`${this.portal}/auth/callback/corp`],
        post_logout_redirect_uris: [`${this.portal}/signed-out`],
        backchannel_logout_uri: `${this.portal}/auth/backchannel-logout/corp`,
        backchannel_logout_session_required: true,
      }],
      jwks: { keys: [newKey()] },
      cookies: { keys: [randomUUID()] },
      claims: { openid: ['sub'], profile: ['name'], email: ['email'], groups: ['groups'] },
      features: { devInteractions: { enabled: true }, backchannelLogout: { enabled: true } },
      findAccount: (_, id) => people[id] && { accountId: id, claims: async () => ({ sub: id, ...people[id] }) },
      // It would not tell a portal on loopback of a sign-out.
      fetch: (url, { dispatcher, ...options }) => fetch(url, options),
      // Nobody is asked whether the portal may know them.
      async loadExistingGrant(ctx) {
        const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
        grant.addOIDCScope('openid profile email groups');
        await grant.save();
        return grant;
      },
    });
    this.answer = provider.callback();
  }

  /** Options of a portal that signs people in here. */
  options() {
    const binding = (index, group, role, namespaces) => ({
      [`Portal__Auth__Roles__${index}__Group`]: group,
      [`Portal__Auth__Roles__${index}__Role`]: role,
      [`Portal__Auth__Roles__${index}__Namespaces`]: namespaces,
    });
    return {
      Portal__Auth__Oidc__corp__Authority: this.issuer,
      Portal__Auth__Oidc__corp__DisplayName: 'Example Corp',
      Portal__Auth__Oidc__corp__ClientId: 'portal',
      Portal__Auth__Oidc__corp__ClientSecret: this.clientSecret,
      Portal__Auth__Oidc__corp__Scopes: 'openid profile email groups',
      ...binding(0, 'prompt-authors', 'Author', 'demo'),
      ...binding(1, 'prompt-approvers', 'Approver', 'demo'),
      ...binding(2, 'lookers-on', 'Viewer', 'demo'),
      ...binding(3, 'platform', 'Admin', '*'),
    };
  }

  async stop() {
    this.server.closeAllConnections();
    await new Promise(done => this.server.close(done));
  }
}

/** Signs in on the provider's page, which the browser must be on. */
export async function signInAs(page, person) {
  await page.locator('input[name=login]').fill(person);
  await page.locator('input[name=password]').fill('any');
  await page.locator('button[type=submit]').click();
}
