/** What the page has beside its modules, for the type checker alone. */

declare const Plotly: Record<string, (...given: any[]) => any>;

interface Window {
  /** What tests and benchmarks look at. */
  slownet: Record<string, any>;
}
