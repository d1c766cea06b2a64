// What a QR says: the 22 signed bytes of nuit/planning/ticketcode.py, checked on the phone.

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const SHAPE = /^(?:HTTPS?:\/\/[^/\s]+\/T\/)?([A-Z2-7]{138})$/;
const CODE = /^[ABCDEFGHJKMNPQRSTUVWXYZ23456789]{8}$/;
const DAY = 86_400_000;

export const TICKET = 1;
export const PARTY = 2;

// The bare token in a text, or null: foreign texts are never sent, opened or shown.
export function tokenIn(text) {
  return text.length > 512 ? null : (SHAPE.exec(text.trim().toUpperCase())?.[1] ?? null);
}

// A typed code as it is stored, or null.
export function codeIn(text) {
  const code = text.slice(0, 64).replace(/[\s.\-\u2010-\u2015]+/g, "").toUpperCase();
  return CODE.test(code) ? code : null;
}

export function decode(token) {
  const bytes = base32(token);
  const view = new DataView(bytes.buffer);
  return {
    version: bytes[0],
    kind: bytes[1],
    edition: view.getUint16(2),
    lastDay: view.getUint16(4) * DAY,
    id: bytes.slice(6, 22),
    body: bytes.slice(0, 22),
    signature: bytes.slice(22, 86),
  };
}

function base32(token) {
  const bytes = new Uint8Array(86);
  let bits = 0;
  let kept = 0;
  let place = 0;
  for (const character of token) {
    kept = (kept << 5) | ALPHABET.indexOf(character);
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[place++] = kept >> bits;
      kept &= (1 << bits) - 1;
    }
  }
  return bytes;
}

// Whether the house has signed it: WebCrypto where it knows Ed25519, else the vendored implementation.
export async function holds(ticket, publicKey) {
  if (ticket.version !== 1 || (ticket.kind !== TICKET && ticket.kind !== PARTY)) return false;
  try {
    const key = await crypto.subtle.importKey("raw", publicKey, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, key, ticket.signature, ticket.body);
  } catch {
    const { verifyAsync } = await import("/static/vendor/noble-ed25519@3.2.0/index.js");
    return verifyAsync(ticket.signature, ticket.body, publicKey).catch(() => false);
  }
}

export function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

// The name a ticket has in the roster: the first 9 bytes of SHA-256 of its identity, as base64url.
export const rosterName = (bytes) => hashed(bytes, 9);

async function hashed(bytes, length) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).slice(0, length);
  return btoa(String.fromCharCode(...digest)).replaceAll("+", "-").replaceAll("/", "_");
}

// The name a typed code has in the roster of one door: the first 3 bytes, salted.
export const rosterNameOfCode = (code, salt) => hashed(new TextEncoder().encode(`code:${salt}:${code}`), 3);
