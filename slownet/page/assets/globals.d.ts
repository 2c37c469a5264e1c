/** What the page has beside its modules, for the type checker alone. */

interface Window {
  /** What tests and benchmarks look at. */
  slownet: ReturnType<typeof import("./hooks.js").hooks>;
}
