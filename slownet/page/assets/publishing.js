/** Where the page stands, for those who are to open it elsewhere. */

import { addressOf } from "./address.js";

const OWN = /^(localhost|127\..*|\[::1\]|0\.0\.0\.0)$/; // names of the reader's own device

/** @implements {Actions} @typedef {import("./views/qr.js").Actions} Actions */
export class Publishing {
  /** @param {import("./player.js").Player} player */
  constructor(player) {
    this.player = player;
  }

  /** The address of the page without what is shown: the published one, where the reader has named it. */
  get #place() {
    return this.player.state.published || location.href.split("#")[0];
  }

  /** The address of what is shown; in a frame that has none of its own, the part behind it. */
  link() {
    const place = this.#place;
    return `${place.startsWith("about:") ? "" : place}#${addressOf(this.player, this.player.saved)}`;
  }

  /** Whether the link leads to the page from other devices, too. */
  isPublic() {
    return publicOf(this.#place) !== "";
  }

  /** @param {string} address at which the page is published; what is no address of the web is none */
  publish(address) {
    this.player.state.published = publicOf(address.trim());
  }
}

/** An address of the web without what stands behind a #; "" if it is none. @param {string} text */
function publicOf(text) {
  if (!URL.canParse(text)) return "";
  const { protocol, hostname, href } = new URL(text);
  return /^https?:$/.test(protocol) && !OWN.test(hostname) ? href.split("#")[0] : "";
}
