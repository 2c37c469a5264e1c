/** Elements of the page. */

/** Find one. @param {string} id @returns {any} */
export function control(id) {
  return document.getElementById(id);
}

/** Make an element. @param {string} tag @param {Record<string, any>} [about] @param {(Node | string)[]} children */
export function element(tag, about = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(about)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "class") made.className = value;
    else made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}
