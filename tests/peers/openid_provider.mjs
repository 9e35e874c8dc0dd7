// A real OpenID Connect provider (npm oidc-provider) whose people sign in by naming themselves.
//
//   node openid_provider.mjs PORT REDIRECT_URI
//
// Its sign-in page takes `login`; the claims of a person are made from the name: `chan.operators` is
// called chan and has the role "operators". SIGUSR2 makes new keys in place of the old ones.

import { generateKeyPairSync, randomUUID } from "node:crypto";
import { Provider } from "oidc-provider";

const [port, redirect] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

function keys() {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  return { keys: [{ ...privateKey.export({ format: "jwk" }), kid: randomUUID(), use: "sig", alg: "RS256" }] };
}

function provider() {
  const made = new Provider(issuer, {
    clients: [{
      client_id: "lineproof", client_secret: "a secret of the test", redirect_uris: [redirect],
      post_logout_redirect_uris: [redirect.replace("/sign-in/returned", "/sign-in")],
    }],
    jwks: keys(),
    cookies: { keys: ["for the test"] },
    pkce: { required: () => true },
    conformIdTokenClaims: false,
    claims: { openid: ["sub"], profile: ["name", "preferred_username", "roles"], email: ["email"] },
    features: { devInteractions: { enabled: true } },
    async findAccount(_, id) {
      const [name, ...roles] = id.split(".");
      return {
        accountId: id,
        claims: async () => ({ sub: id, name: name.toUpperCase(), preferred_username: name, roles }),
      };
    },
  });
  return made.callback();
}

let answer = provider();
process.on("SIGUSR2", () => { answer = provider(); console.log("new keys"); });
const { createServer } = await import("node:http");
createServer((asked, told) => answer(asked, told)).listen(Number(port), "127.0.0.1", () => console.log("ready"));
